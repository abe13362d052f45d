//! Verification codes.

use unicode_normalization::UnicodeNormalization;

use crate::invalid::Invalid;
use crate::text::{described, personal, text_schema, text_value};

const DIGITS: usize = 6;

/// A code of exactly six digits.
#[derive(Clone)]
pub struct VerificationCode(String);

impl VerificationCode {
    /// Reads a code; white space around it is dropped and full-width digits are digits.
    ///
    /// # Errors
    ///
    /// [`Invalid::CodeFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let plain: String = text.trim().chars().take(2 * DIGITS).nfkc().collect();
        let well_formed = plain.len() == DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit());
        if well_formed { Ok(Self(plain)) } else { Err(Invalid::CodeFormat) }
    }

    /// The code of a number below a million, with leading zeros.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(format!("{:06}", number % 1_000_000))
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(read VerificationCode);
personal!(VerificationCode);
described!(
    VerificationCode,
    text_schema("The digits that were sent.", "042137").pattern(Some(format!("^[0-9]{{{DIGITS}}}$")))
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b3_41_a_code_has_exactly_six_digits() {
        assert_eq!(VerificationCode::parse(" 042137 ").expect("it is a code").as_str(), "042137");
        assert_eq!(VerificationCode::parse("０４２１３７").expect("it is a code").as_str(), "042137");
        for other in ["", "12345", "1234567", "12345a", "１２３４５", "+12345", "12 345", "-12345"] {
            assert_eq!(VerificationCode::parse(other).err(), Some(Invalid::CodeFormat), "{other}");
        }
    }

    #[test]
    fn b3_13_a_code_keeps_its_leading_zeros_and_is_not_shown() {
        let code = VerificationCode::from_number(42);
        assert_eq!(code.as_str(), "000042");
        assert_eq!(format!("{code:?}"), "VerificationCode(…)");
    }
}
