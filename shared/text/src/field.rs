//! The sentences for single fields of a refused request.

use campus_domain::{Invalid, Locale};

use crate::bundle;
use crate::value::{self, Value};

/// What is wrong with one field.
#[must_use]
pub fn invalid(locale: Locale, invalid: &Invalid) -> String {
    let bounds: Vec<_> = invalid.bounds().into_iter().map(|(name, bound)| (name, Value::Number(bound))).collect();
    field(locale, invalid.code(), &bounds)
}

/// What is wrong with one field, for its stable `code`; `args` are the bounds, such as `min`.
///
/// A code without a text, or without one of its bounds, gets a sentence that asks to check the
/// field.
#[must_use]
pub fn field(locale: Locale, code: &str, args: &[(&str, Value)]) -> String {
    find_field(locale, code, args).or_else(|| find_field(locale, "unknown", &[])).unwrap_or_else(|| code.to_owned())
}

/// The sentence for a field's `code`, or none where the language has none or lacks an argument.
#[must_use]
pub fn find_field(locale: Locale, code: &str, args: &[(&str, Value)]) -> Option<String> {
    let args = value::written(locale, args);
    bundle::find(locale, &bundle::id("field", code), &args)
}
