//! The languages that Campus speaks.

use crate::invalid::Invalid;
use crate::text::{described, text_schema, text_value};

/// A language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Korean, the default.
    #[default]
    Ko,
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ko, Self::En, Self::Zh];

    /// Reads a BCP 47 tag by its language: `ko`, `en-US`, `zh-Hans-CN`.
    ///
    /// # Errors
    ///
    /// [`Invalid::LocaleUnknown`].
    pub fn parse(tag: &str) -> Result<Self, Invalid> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|locale| locale.as_str().eq_ignore_ascii_case(language))
            .ok_or(Invalid::LocaleUnknown)
    }

    /// The language's own tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The best of ours for an `Accept-Language` header (RFC 9110, 12.5.4): the one with the greatest
    /// weight, the first of equals; Korean when none is asked for.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for part in header.split(',') {
            let mut fields = part.split(';').map(str::trim);
            let Ok(locale) = Self::parse(fields.next().unwrap_or_default()) else { continue };
            let weight = fields
                .find_map(|field| field.strip_prefix("q="))
                .map_or(1.0, |weight| weight.parse::<f64>().unwrap_or_default());
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

text_value!(Locale);
described!(
    Locale,
    text_schema("A language: Korean, English or Simplified Chinese.", Locale::default().as_str())
        .enum_values(Some(Locale::ALL.map(Locale::as_str)))
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_header_panics(header in "\\PC{0,60}") {
            let _ = Locale::from_accept_language(&header);
        }
    }

    #[test]
    fn the_greatest_weight_wins_and_korean_is_the_default() {
        for (header, expected) in [
            ("", Locale::Ko),
            ("fr, de;q=0.9", Locale::Ko),
            ("en-US,en;q=0.9,ko;q=0.8", Locale::En),
            ("en;q=0.1, zh-CN;q=0.9", Locale::Zh),
            ("en;q=0, ko;q=0.5", Locale::Ko),
            ("*", Locale::Ko),
            ("zh-Hans-CN", Locale::Zh),
            ("en;q=x", Locale::Ko),
        ] {
            assert_eq!(Locale::from_accept_language(header), expected, "{header}");
        }
    }
}
