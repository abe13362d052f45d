//! The sentences of problem details: why a request was refused, and what to do next.

use campus_domain::Locale;

use crate::bundle;
use crate::value::{self, Value};

/// How long to wait. Every 429 knows it; sentences manage without.
const WAIT: &str = "wait";

/// The two sentences of a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemText {
    /// What happened, in a few words; the same each time.
    pub title: String,
    /// What happened and what to do next.
    pub detail: String,
}

/// The text for a problem's stable `code`.
///
/// The only argument that today's sentences use is `wait`, a [`Value::Seconds`], in those of 429;
/// without it they say "a little while". Arguments that a sentence does not use are ignored. A
/// code without a text, which [`has_problem`] finds in a test, gets a sentence that admits it.
#[must_use]
pub fn problem(locale: Locale, code: &str, args: &[(&str, Value)]) -> ProblemText {
    find_problem(locale, code, args)
        .or_else(|| find_problem(locale, "unknown", &[]))
        .unwrap_or_else(|| ProblemText { title: code.to_owned(), detail: String::new() })
}

/// The text for a problem's `code`, or none where the language has none or lacks an argument.
#[must_use]
pub fn find_problem(locale: Locale, code: &str, args: &[(&str, Value)]) -> Option<ProblemText> {
    let mut args = value::written(locale, args);
    args.entry(WAIT).or_insert_with(|| value::unknown_duration(locale));

    let id = bundle::id("problem", code);
    Some(ProblemText {
        title: bundle::find(locale, &id, &args)?,
        detail: bundle::find(locale, &format!("{id}.detail"), &args)?,
    })
}

/// Whether a problem's `code` has its text in every language.
///
/// For the tests that walk all codes of a domain; a new code without a text should fail there.
#[must_use]
pub fn has_problem(code: &str) -> bool {
    Locale::ALL.into_iter().all(|locale| find_problem(locale, code, &[]).is_some())
}
