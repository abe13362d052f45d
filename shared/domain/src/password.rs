//! Passwords.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::SchemaFormat;

use crate::invalid::Invalid;
use crate::reserved::fold;
use crate::text::{described, personal, text_schema, text_value};

const CODE_POINTS_MAX: usize = 128;
const TOO_LONG: Invalid = Invalid::TooLong { max: CODE_POINTS_MAX as u32 };
/// zxcvbn's work grows with the square of the length; beyond this nothing is common anyway.
const JUDGED_CHARACTERS: usize = 100;
/// What zxcvbn needs for six characters without any pattern, the shortest that a policy may allow.
const COMMON_BELOW_GUESSES: u64 = 1_000_000;
/// A word of the person's own that is shorter than this may be part of a password by chance.
const OWN_WORD_MIN: usize = 4;

/// A password as it was typed, in Unicode's form C (Hangul arrives decomposed from some keyboards) and
/// unchanged otherwise. It is at most 128 code points long; how short it may be is the policy's matter.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Reads a password.
    ///
    /// # Errors
    ///
    /// [`Invalid::TooLong`]; [`Invalid::CharacterNotAllowed`] for control characters, which keyboards
    /// cannot type.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().take(4 * CODE_POINTS_MAX + 1).count() > 4 * CODE_POINTS_MAX {
            return Err(TOO_LONG);
        }
        let composed: String = text.nfc().collect();
        if composed.chars().count() > CODE_POINTS_MAX {
            return Err(TOO_LONG);
        }
        if composed.chars().any(char::is_control) {
            return Err(Invalid::CharacterNotAllowed);
        }
        Ok(Self(composed.into()))
    }

    /// Whether two texts are the same password, however the keyboard has composed their letters.
    #[must_use]
    pub fn is_same(one: &str, other: &str) -> bool {
        one.nfc().eq(other.nfc())
    }

    /// The password, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it is free of a person's own words (username, number, address).
    ///
    /// # Errors
    ///
    /// [`Invalid::PasswordContainsName`].
    pub fn check_own_words(&self, own_words: &[&str]) -> Result<(), Invalid> {
        let folded = fold(self.expose());
        let contained = own_words
            .iter()
            .map(|word| fold(word))
            .any(|word| word.chars().count() >= OWN_WORD_MIN && folded.contains(&word));
        if contained { Err(Invalid::PasswordContainsName) } else { Ok(()) }
    }
}

text_value!(read Password);
personal!(Password);
described!(
    Password,
    text_schema("A password as it was typed. A stage may ask for more characters.", "drie-kleine-eendjes")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(PasswordPolicy::LEAST_MINIMUM as usize))
        .max_length(Some(CODE_POINTS_MAX))
);

/// What a new password must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Code points that it has at least; [`Self::LEAST_MINIMUM`] or more.
    pub minimum: u32,
}

impl PasswordPolicy {
    /// The lowest minimum that a stage may set.
    pub const LEAST_MINIMUM: u32 = 6;

    /// Whether a new password will do, for a person whose own words (username, number, address) are these.
    ///
    /// It is too common when zxcvbn finds it with fewer than a million guesses: that is the lists of common
    /// passwords and their usual variants (`password1!`), but not every password that could be better.
    ///
    /// # Errors
    ///
    /// [`Invalid::TooShort`], [`Invalid::PasswordContainsName`], [`Invalid::PasswordTooCommon`].
    pub fn check(self, password: &Password, own_words: &[&str]) -> Result<(), Invalid> {
        let text = password.expose();
        if text.chars().count() < usize::try_from(self.minimum).unwrap_or(usize::MAX) {
            return Err(Invalid::TooShort { min: self.minimum });
        }
        password.check_own_words(own_words)?;
        let judged: String = text.chars().take(JUDGED_CHARACTERS).collect();
        if zxcvbn::zxcvbn(&judged, &[]).guesses() < COMMON_BELOW_GUESSES {
            return Err(Invalid::PasswordTooCommon);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: PasswordPolicy = PasswordPolicy { minimum: 8 };

    fn check(text: &str, own_words: &[&str]) -> Result<(), Invalid> {
        POLICY.check(&Password::parse(text)?, own_words)
    }

    #[test]
    fn b3_5_a_password_has_8_to_128_code_points() {
        assert_eq!(check("q7-Lw0x", &[]), Err(Invalid::TooShort { min: 8 }));
        assert_eq!(check("q7-Lw0x!", &[]), Ok(()));
        assert_eq!(check(&"q7-Lw0x!".repeat(16), &[]), Ok(()));
        assert_eq!(check(&"q7-Lw0x!".repeat(17), &[]), Err(Invalid::TooLong { max: 128 }));
        assert_eq!(check("가나다라마바사아", &[]), Ok(()));
        assert_eq!(check("drie kleine eendjes 🦆", &[]), Ok(()));
    }

    #[test]
    fn a_password_is_the_same_composed_or_not() {
        assert!(Password::is_same("\u{ac00}나다라마바사아", "\u{1100}\u{1161}나다라마바사아"));
        assert!(!Password::is_same("가나다라마바사아", "가나다라마바사어"));
        assert!(!Password::is_same("Password", "password"));
    }

    #[test]
    fn common_passwords_are_refused() {
        for common in
            ["password", "12345678", "qwertyuiop", "iloveyou1", "password123", "aaaaaaaa", "P@ssw0rd", "11111111"]
        {
            assert_eq!(check(common, &[]), Err(Invalid::PasswordTooCommon), "{common}");
        }
    }

    #[test]
    fn a_password_with_a_word_of_ones_own_is_refused() {
        assert_eq!(check("xxMINJI_26xx", &["minji_26"]), Err(Invalid::PasswordContainsName));
        assert_eq!(check("z-1012345678-z", &["1012345678"]), Err(Invalid::PasswordContainsName));
        assert_eq!(check("a-kim-garden-wall", &["kim"]), Ok(()), "three letters are there by chance");
    }

    #[test]
    fn decomposed_hangul_is_the_same_password() {
        let decomposed: String = "비밀번호열두자".nfd().collect();
        let read = |text: &str| Password::parse(text).expect("it is a password").expose().to_owned();
        assert_eq!(read(&decomposed), read("비밀번호열두자"));
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Password::parse("drie kleine").expect("it is a password")), "Password(…)");
    }
}
