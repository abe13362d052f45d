//! Usernames and nicknames.

use unicode_normalization::UnicodeNormalization;
use unicode_security::GeneralSecurityProfile;

use crate::invalid::Invalid;
use crate::reserved::{fold, is_reserved, key, skeleton};
use crate::text::{described, text_schema, text_value};

const USERNAME_MIN: usize = 4;
const USERNAME_MAX: usize = 17;
const NICKNAME_MIN: usize = 2;
const NICKNAME_MAX: usize = 20;

/// The name that a person signs in with and is found by: 4 to 17 of `a-z0-9_.`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Username(String);

impl Username {
    /// Reads a username in any width and case.
    ///
    /// # Errors
    ///
    /// [`Invalid::TooShort`], [`Invalid::TooLong`], [`Invalid::CharacterNotAllowed`], [`Invalid::Reserved`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let username = Self::parse_even_reserved(text)?;
        if is_reserved(&username.0) { Err(Invalid::Reserved) } else { Ok(username) }
    }

    /// Reads a username though it may be reserved: for the demo's `admin` and `staff`, nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`] but the last.
    pub fn parse_even_reserved(text: &str) -> Result<Self, Invalid> {
        let folded = fold_bounded(text, USERNAME_MAX)?;
        let count = folded.chars().count();
        if folded.chars().any(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_' | '.')) {
            // A reserved name of another script is told as what it is.
            return Err(if is_reserved(&folded) { Invalid::Reserved } else { Invalid::CharacterNotAllowed });
        }
        check_length(count, USERNAME_MIN, USERNAME_MAX)?;
        Ok(Self(folded))
    }

    /// The username.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique about it: usernames that look alike (`minji1`, `minjil`) have one key.
    #[must_use]
    pub fn key(&self) -> String {
        skeleton(&self.0)
    }
}

text_value!(Username);
described!(
    Username,
    text_schema("The name that a person signs in with. It is read in any case and kept in lower case.", "minji_26")
        .min_length(Some(USERNAME_MIN))
        .max_length(Some(USERNAME_MAX))
        .pattern(Some("^[a-z0-9_.]+$"))
);

/// For `#[serde(deserialize_with = …)]` of what is stored: a name that was given stays good, though it be
/// reserved, as those of the demo's people are and others may come to be.
pub mod stored {
    use std::borrow::Cow;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    use super::{Nickname, Username};

    /// Reads a username.
    ///
    /// # Errors
    ///
    /// The deserializer's, and those of [`Username::parse_even_reserved`].
    pub fn username<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Username, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Username::parse_even_reserved(&text).map_err(Error::custom)
    }

    /// Reads a nickname.
    ///
    /// # Errors
    ///
    /// The deserializer's, and those of [`Nickname::parse_even_reserved`].
    pub fn nickname<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nickname, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Nickname::parse_even_reserved(&text).map_err(Error::custom)
    }
}

/// The name that others see: 2 to 20 characters of any script, in Unicode's form C.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Nickname(String);

impl Nickname {
    /// Reads a nickname; white space around it is dropped, and runs of it within become one space.
    ///
    /// # Errors
    ///
    /// [`Invalid::TooShort`], [`Invalid::TooLong`], [`Invalid::CharacterNotAllowed`], [`Invalid::Reserved`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let nickname = Self::parse_even_reserved(text)?;
        if is_reserved(&nickname.0) { Err(Invalid::Reserved) } else { Ok(nickname) }
    }

    /// Reads a nickname though it may be reserved: for the demo's people, nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`Self::parse`] but the last.
    pub fn parse_even_reserved(text: &str) -> Result<Self, Invalid> {
        if text.chars().take(4 * NICKNAME_MAX + 1).count() > 4 * NICKNAME_MAX {
            return Err(too_long(NICKNAME_MAX));
        }
        let composed: String = text.nfc().collect();
        let nickname = composed.split_whitespace().collect::<Vec<_>>().join(" ");
        let count = nickname.chars().count();
        check_length(count, NICKNAME_MIN, NICKNAME_MAX)?;
        if nickname.chars().any(|c| !is_visible(c)) {
            return Err(Invalid::CharacterNotAllowed);
        }
        Ok(Self(nickname))
    }

    /// The nickname.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique about it: nicknames that differ only in width or case, or look alike, have one key.
    #[must_use]
    pub fn key(&self) -> String {
        key(&self.0)
    }
}

text_value!(Nickname);
described!(
    Nickname,
    text_schema("The name that others see, in any script.", "민지")
        .min_length(Some(NICKNAME_MIN))
        .max_length(Some(NICKNAME_MAX))
);

/// Whether a character of a name or a text shows, or belongs to one that does: emoji are joined by U+200D and
/// varied by U+FE0F. Everything else without a shape could hide in it or turn it around.
pub(crate) fn is_visible(c: char) -> bool {
    const JOINER: char = '\u{200D}';
    const EMOJI_VARIANT: char = '\u{FE0F}';
    let invisible = c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0E}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFD}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}' | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    c == JOINER || c == EMOJI_VARIANT || c == ' ' || c.identifier_allowed() || !invisible
}

fn fold_bounded(text: &str, max: usize) -> Result<String, Invalid> {
    // Folding can shorten a text, but not by this much.
    if text.chars().take(4 * max + 1).count() > 4 * max { Err(too_long(max)) } else { Ok(fold(text.trim())) }
}

fn check_length(count: usize, min: usize, max: usize) -> Result<(), Invalid> {
    if count < min {
        Err(Invalid::TooShort { min: u32::try_from(min).unwrap_or_default() })
    } else if count > max {
        Err(too_long(max))
    } else {
        Ok(())
    }
}

fn too_long(max: usize) -> Invalid {
    Invalid::TooLong { max: u32::try_from(max).unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics_and_what_is_read_stays_the_same(text in "\\PC{0,24}") {
            if let Ok(username) = Username::parse(&text) {
                prop_assert_eq!(Username::parse(username.as_str()), Ok(username));
            }
            if let Ok(nickname) = Nickname::parse(&text) {
                prop_assert_eq!(Nickname::parse(nickname.as_str()), Ok(nickname));
            }
        }

        #[test]
        fn a_username_is_the_same_in_any_case_and_width(text in "[a-z0-9_.]{4,17}") {
            let wide: String = text.to_uppercase().chars().map(|c| char::from_u32(c as u32 - 0x21 + 0xFF01).unwrap_or(c)).collect();
            prop_assert_eq!(Username::parse(&wide), Username::parse(&text));
        }
    }

    #[test]
    fn b4_10_a_username_has_4_to_17_characters() {
        assert_eq!(Username::parse("abc"), Err(Invalid::TooShort { min: 4 }));
        assert!(Username::parse("abcd").is_ok());
        assert!(Username::parse(&"a".repeat(17)).is_ok());
        assert_eq!(Username::parse(&"a".repeat(18)), Err(Invalid::TooLong { max: 17 }));
        for other in ["min ji", "minji!", "민지민지", "minji-26", "min\u{0}ji", "min\u{200B}ji"] {
            assert_eq!(Username::parse(other), Err(Invalid::CharacterNotAllowed), "{other:?}");
        }
    }

    #[test]
    fn b3_37_reserved_names_are_refused_in_any_case_width_and_script() {
        for name in [
            "admin",
            "ADMIN",
            "ａｄｍｉｎ",
            "Admin1",
            "root",
            "a.d.m.i.n",
            "admin_",
            "Аdmin",
            "운영자",
            "관리자",
            "管理员",
            "超级管理员",
        ] {
            assert_eq!(Username::parse(name), Err(Invalid::Reserved), "{name}");
            assert_eq!(Nickname::parse(name), Err(Invalid::Reserved), "{name}");
        }
        for name in [
            "관 리 자",
            "운영자 1",
            "Ａ Ｄ Ｍ Ｉ Ｎ",
            "글쓴이",
            "익명3",
            "АDМІN",
            "ΑDΜΙΝ",
            "SТАFF",
            "ADMlN",
            "管理員",
            "超級管理員",
            "관리자님",
            "adm1n",
            "r00t",
        ] {
            assert_eq!(Nickname::parse(name), Err(Invalid::Reserved), "{name}");
        }
        for name in ["administer", "minji", "rooted", "관리학과", "user_26", "guest 7"] {
            assert!(Nickname::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn b4_23_a_nickname_may_be_of_any_script_and_have_emoji() {
        for name in ["민지", "小明", "José", "👩‍🎓 민지", "❤️❤️", "Ω alpha", "やまだ"] {
            assert_eq!(Nickname::parse(name).map(|name| name.as_str().to_owned()), Ok(name.to_owned()));
        }
        assert_eq!(Nickname::parse("  민지   26 ").expect("it is a name").as_str(), "민지 26");
    }

    #[test]
    fn a_decomposed_nickname_is_composed() {
        let decomposed: String = "민지".nfd().collect();
        assert_eq!(Nickname::parse(&decomposed), Nickname::parse("민지"));
    }

    #[test]
    fn invisible_characters_are_refused_in_a_nickname() {
        for name in
            ["min\u{200B}ji", "min\u{202E}ji", "min\u{0}ji", "\u{3164}\u{3164}", "mi\u{FEFF}nji", "min\u{E0041}ji"]
        {
            assert_eq!(Nickname::parse(name), Err(Invalid::CharacterNotAllowed), "{name:?}");
        }
        assert_eq!(Nickname::parse("민"), Err(Invalid::TooShort { min: 2 }));
        assert_eq!(Nickname::parse(&"가".repeat(21)), Err(Invalid::TooLong { max: 20 }));
        assert_eq!(Nickname::parse(&"가".repeat(1000)), Err(Invalid::TooLong { max: 20 }));
    }

    #[test]
    fn names_that_look_alike_have_one_key() {
        let key = |name: &str| Nickname::parse(name).expect("it is a name").key();
        assert_eq!(key("MINJI"), key("minji"));
        assert_eq!(key("Paypal"), key("Раураl"));
        assert_eq!(key("MinJi"), key("ｍｉｎｊｉ"));
        assert_ne!(key("민지"), key("민수"));
        let key = |name: &str| Username::parse(name).expect("it is a name").key();
        assert_eq!(key("minjil"), key("minji1"));
    }
}
