//! Phone numbers.

use phonenumber::Mode;
use phonenumber::country::Id as Region;
use phonenumber::metadata::DATABASE;
use unicode_normalization::UnicodeNormalization;

use crate::invalid::Invalid;
use crate::text::{described, personal, text_schema, text_value};

/// Korea and China, where messages go to mobile phones only.
const MOBILE_ONLY: [u16; 2] = [82, 86];
/// Characters of a number as it is typed.
const TYPED_MIN: usize = 7;
const TYPED_MAX: usize = 20;
/// Digits of a Korean 010 number after the 010, country code aside.
const KOREAN_010_DIGITS: usize = 8;

/// A phone number, kept in the E.164 form of ITU-T: `+821012345678`.
///
/// Numbers of Korea and China are mobile ones. Which countries messages go to is the stage's matter.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as people write it, in Korea unless it says otherwise: `010-1234-5678`,
    /// `+86 138 0013 8000`, full-width digits.
    ///
    /// # Errors
    ///
    /// [`Invalid::PhoneInvalid`], [`Invalid::PhoneNotMobile`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Far longer than any number in any writing, so that nothing huge is normalised.
        if text.len() > 200 {
            return Err(Invalid::PhoneInvalid);
        }
        let plain: String = text.trim().nfkc().collect();
        // The parser has panicked on odd input before; only what can be a number reaches it.
        let plausible = (TYPED_MIN..=TYPED_MAX).contains(&plain.len())
            && plain.bytes().all(|byte| byte.is_ascii_digit() || b"+() -".contains(&byte))
            && plain.rfind('+').unwrap_or_default() == 0;
        if !plausible {
            return Err(Invalid::PhoneInvalid);
        }
        if let Some(e164) = korean_010(&plain) {
            return Ok(Self(e164));
        }
        let number = phonenumber::parse(Some(Region::KR), &plain).map_err(|_| Invalid::PhoneInvalid)?;
        if number.extension().is_some() {
            return Err(Invalid::PhoneInvalid);
        }
        let e164 = number.format().mode(Mode::E164).to_string();
        // The metadata is wrong about 010 at both ends: it lets numbers of seven digits pass, which went
        // out of use in 2004, and misses blocks of those of eight.
        if let Some(rest) = e164.strip_prefix("+8210") {
            return if rest.len() == KOREAN_010_DIGITS { Ok(Self(e164)) } else { Err(Invalid::PhoneInvalid) };
        }
        if !number.is_valid() {
            return Err(Invalid::PhoneInvalid);
        }
        if MOBILE_ONLY.contains(&number.code().value()) {
            use phonenumber::Type::{FixedLineOrMobile, Mobile};
            if !matches!(number.number_type(&DATABASE), Mobile | FixedLineOrMobile) {
                return Err(Invalid::PhoneNotMobile);
            }
        }
        Ok(Self(e164))
    }

    /// The E.164 form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of South Korea.
    #[must_use]
    pub fn is_korean(&self) -> bool {
        self.0.starts_with("+82")
    }

    /// The country calling code, such as 82.
    #[must_use]
    pub fn country_code(&self) -> u16 {
        if self.is_korean() {
            return 82;
        }
        phonenumber::parse(None, &self.0).map_or(0, |number| number.code().value())
    }

    /// The digits as people of the number's own country write them, for looking for them in a password.
    #[must_use]
    pub fn national_digits(&self) -> String {
        if let Some(rest) = self.0.strip_prefix("+8210") {
            return format!("10{rest}");
        }
        phonenumber::parse(None, &self.0)
            .map_or_else(|_| self.0.clone(), |number| number.national().value().to_string())
    }

    /// The number without its last four digits: the block of ten thousand that it is of. In Korea and China blocks
    /// of this size are what operators are allotted, and there they are also what people's numbers have in common
    /// who earn by being called: fewer digits would take neighbours in, more would let the next block begin anew.
    #[must_use]
    pub fn block(&self) -> &str {
        &self.0[..self.0.len().saturating_sub(4)]
    }

    /// The number with all but its country and its last four digits hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        let (hidden, last) = self.0.split_at(self.0.len().saturating_sub(4));
        let country = format!("+{}", self.country_code());
        let stars = "*".repeat(hidden.len().saturating_sub(country.len()));
        format!("{country}{stars}{last}")
    }

    /// Reads the metadata, which costs 100 ms once: for functions that take numbers to call at their start. Without,
    /// the first number that is not of the Korean 010 pays.
    pub fn warm_up() {
        drop(Self::parse("+86 138 0013 8000"));
    }
}

/// The E.164 form of a Korean 010 number, as it is stored or usually typed. Such a number is judged by its length
/// alone, so the metadata is not asked, and what only reads accounts does not load it.
fn korean_010(plain: &str) -> Option<String> {
    let grouped = plain.strip_prefix("+8210").or_else(|| plain.strip_prefix("010"))?;
    if !grouped.ends_with(|last: char| last.is_ascii_digit()) || grouped.contains(['+', '(', ')']) {
        return None;
    }
    let digits: String = grouped.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == KOREAN_010_DIGITS).then(|| format!("+8210{digits}"))
}

/// Which numbers a stage sends text messages to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhonePolicy {
    /// The country calling codes, such as 82.
    pub countries: Vec<u16>,
    /// If there are any, the only numbers, E.164: so that a stage for trying things out texts no stranger.
    pub test_numbers: Vec<String>,
}

impl PhonePolicy {
    /// Whether a number may be sent to.
    ///
    /// # Errors
    ///
    /// [`Invalid::PhoneCountryNotAllowed`], [`Invalid::PhoneNotForTests`].
    pub fn check(&self, phone: &PhoneNumber) -> Result<(), Invalid> {
        if !self.countries.contains(&phone.country_code()) {
            return Err(Invalid::PhoneCountryNotAllowed);
        }
        if !self.test_numbers.is_empty() && !self.test_numbers.iter().any(|number| number == phone.as_str()) {
            return Err(Invalid::PhoneNotForTests);
        }
        Ok(())
    }
}

text_value!(PhoneNumber);
personal!(PhoneNumber);
described!(
    PhoneNumber,
    text_schema("A phone number, of Korea unless it begins with a country code.", "010-1234-5678")
        .min_length(Some(TYPED_MIN))
        .max_length(Some(TYPED_MAX))
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            drop(PhoneNumber::parse(&text));
        }

        #[test]
        fn nothing_like_a_number_panics(text in "[0-9+() -]{0,24}") {
            drop(PhoneNumber::parse(&text));
        }

        #[test]
        fn a_number_is_the_same_however_it_is_written(rest in 10_000_000_u32..100_000_000) {
            let digits = rest.to_string();
            let (first, last) = digits.split_at(4);
            let wide: String = format!("010{digits}").chars().map(|c| char::from_u32(c as u32 - 0x30 + 0xFF10).unwrap_or(c)).collect();
            let expected = format!("+8210{digits}");
            for written in [format!("010{digits}"), format!("010-{first}-{last}"), format!("+82 10 {first} {last}"),
                format!("+82-010-{first}-{last}"), wide, expected.clone()] {
                let number = PhoneNumber::parse(&written);
                prop_assert_eq!(number.as_ref().map(PhoneNumber::as_str), Ok(expected.as_str()), "{}", written);
            }
        }
    }

    #[test]
    fn numbers_of_several_countries_are_read() {
        for (written, expected, country) in [
            ("13800138000", None, 0),
            ("+86 138 0013 8000", Some("+8613800138000"), 86),
            ("+1 650-253-0000", Some("+16502530000"), 1),
        ] {
            let number = PhoneNumber::parse(written).ok();
            assert_eq!(number.as_ref().map(PhoneNumber::as_str), expected, "{written}");
            assert_eq!(number.map_or(0, |number| number.country_code()), country);
        }
    }

    #[test]
    fn what_is_no_mobile_number_is_refused() {
        for (written, expected) in [
            ("010-123-4567", Invalid::PhoneInvalid),
            ("010-1234-56789", Invalid::PhoneInvalid),
            ("12345", Invalid::PhoneInvalid),
            ("", Invalid::PhoneInvalid),
            ("not a number", Invalid::PhoneInvalid),
            ("010-1234-5678 ext. 9", Invalid::PhoneInvalid),
            ("+82+1012345678", Invalid::PhoneInvalid),
            ("02-312-3456", Invalid::PhoneNotMobile),
            ("+86 10 6552 9988", Invalid::PhoneNotMobile),
        ] {
            assert_eq!(PhoneNumber::parse(written).err(), Some(expected), "{written}");
        }
    }

    #[test]
    fn a_masked_number_shows_its_country_and_last_digits() {
        let number = PhoneNumber::parse("010-1234-5678").expect("it is a number");
        assert_eq!(number.masked(), "+82******5678");
        assert_eq!(number.national_digits(), "1012345678");
        assert_eq!(format!("{number:?}"), "PhoneNumber(…)");
    }
}
