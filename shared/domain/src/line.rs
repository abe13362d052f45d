//! Short and long texts that people write about things.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::invalid::Invalid;
use crate::name::is_visible;
use crate::reserved::fold;

/// One line of 1 to `MAX` characters, in Unicode's form C, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line<const MAX: usize>(String);

/// A text of 1 to `MAX` characters, of any number of lines, in Unicode's form C, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose<const MAX: usize>(String);

fn read(text: &str, max: usize, allowed: fn(char) -> bool) -> Result<String, Invalid> {
    let too_long = Invalid::TooLong { max: u32::try_from(max).unwrap_or(u32::MAX) };
    // What is far too long is not even composed.
    if text.chars().take(4 * max + 1).count() > 4 * max {
        return Err(too_long);
    }
    let text: String = text.trim().nfc().collect();
    match text.chars().count() {
        0 => Err(Invalid::TooShort { min: 1 }),
        count if count > max => Err(too_long),
        _ if !text.chars().all(allowed) => Err(Invalid::CharacterNotAllowed),
        _ => Ok(text),
    }
}

macro_rules! bounded {
    ($name:ident, $allowed:expr, $says:literal) => {
        impl<const MAX: usize> $name<MAX> {
            /// Reads a text.
            ///
            /// # Errors
            ///
            /// [`Invalid::TooShort`], [`Invalid::TooLong`], [`Invalid::CharacterNotAllowed`].
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                read(text, MAX, $allowed).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> Serialize for $name<MAX> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de, const MAX: usize> Deserialize<'de> for $name<MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl<'de, const MAX: usize> eserde::EDeserialize<'de> for $name<MAX> {
            fn deserialize_for_errors<D: Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
                Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
            }
        }

        impl<const MAX: usize> utoipa::PartialSchema for $name<MAX> {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($says))
                    .min_length(Some(1))
                    .max_length(Some(MAX))
                    .into()
            }
        }

        impl<const MAX: usize> utoipa::ToSchema for $name<MAX> {
            fn name() -> Cow<'static, str> {
                format!("{}{MAX}", stringify!($name)).into()
            }
        }
    };
}

bounded!(Line, is_visible, "One line.");
bounded!(Prose, |c| is_visible(c) || matches!(c, '\n' | '\t' | '\r'), "A text of any number of lines.");

impl<const MAX: usize> Line<MAX> {
    /// The line with compatibility forms, case and the length of white space taken away, for searching, sorting and
    /// telling names apart.
    #[must_use]
    pub fn folded(&self) -> String {
        let folded = fold(&self.0);
        folded.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_bounded_trimmed_and_composed() {
        assert_eq!(Line::<3>::parse("  \u{1112}\u{1161}\u{11ab}글 ").expect("it is a line").as_str(), "한글");
        assert_eq!(Line::<3>::parse(" "), Err(Invalid::TooShort { min: 1 }));
        assert_eq!(Line::<3>::parse("abcd"), Err(Invalid::TooLong { max: 3 }));
        for hidden in ["a\nb", "a\u{200b}", "\u{202e}ba"] {
            assert_eq!(Line::<3>::parse(hidden), Err(Invalid::CharacterNotAllowed), "{hidden:?}");
        }
    }

    #[test]
    fn lines_that_look_alike_are_folded_into_one() {
        for alike in ["Campus University", "campus  university", "Ｃａｍｐｕｓ\u{3000}University"] {
            assert_eq!(Line::<30>::parse(alike).expect("it is a line").folded(), "campus university", "{alike}");
        }
    }

    #[test]
    fn a_prose_may_have_lines_and_no_other_control_characters() {
        assert_eq!(Prose::<9>::parse("a\n\nb").expect("it is a text").as_str(), "a\n\nb");
        assert_eq!(Prose::<9>::parse("a\u{0}b"), Err(Invalid::CharacterNotAllowed));
    }
}
