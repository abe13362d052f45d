//! The texts of all languages, compiled into the binary and parsed at their first use.

use std::collections::HashMap;

use campus_domain::Locale;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, langid};

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "locales",
        fallback_language: "ko",
        // The marks that isolate a value from right-to-left text would turn an SMS into one that
        // a Korean carrier refuses, and be counted against its length.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// What stands in for the variables of a message.
pub(crate) type Args<'a> = HashMap<&'a str, FluentValue<'a>>;

/// Finds a message (`id`) or an attribute of it (`id.attribute`) in one language.
///
/// None where it is absent, or names a variable that `args` lack: half a sentence helps nobody.
pub(crate) fn find(locale: Locale, id: &str, args: &Args<'_>) -> Option<String> {
    TEXTS.lookup_single_language(language(locale), id, Some(args)).ok()
}

/// Turns a `snake_case` code into a message id, which by convention has dashes.
pub(crate) fn id(prefix: &str, code: &str) -> String {
    format!("{prefix}-{}", code.replace('_', "-"))
}

fn language(locale: Locale) -> &'static LanguageIdentifier {
    static KOREAN: LanguageIdentifier = langid!("ko");
    static ENGLISH: LanguageIdentifier = langid!("en");
    static CHINESE: LanguageIdentifier = langid!("zh");

    match locale {
        Locale::Ko => &KOREAN,
        Locale::En => &ENGLISH,
        Locale::Zh => &CHINESE,
    }
}
