//! What a person tells of themselves.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::invalid::Invalid;
use crate::name::is_visible;
use crate::text::{described, personal, text_schema, text_value};

const NAME_MIN: usize = 1;
const NAME_MAX: usize = 100;
const TOO_SHORT: Invalid = Invalid::TooShort { min: NAME_MIN as u32 };
const TOO_LONG: Invalid = Invalid::TooLong { max: NAME_MAX as u32 };
const YEAR_MIN: i64 = 1950;
const YEAR_MAX: i64 = 2100;

/// A person's own name: 1 to 100 characters, in Unicode's form C.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name; white space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid::TooShort`], [`Invalid::TooLong`], [`Invalid::CharacterNotAllowed`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().take(4 * NAME_MAX + 1).count() > 4 * NAME_MAX {
            return Err(TOO_LONG);
        }
        let name: String = text.trim().nfc().collect();
        match name.chars().count() {
            count if count < NAME_MIN => Err(TOO_SHORT),
            count if count > NAME_MAX => Err(TOO_LONG),
            _ if !name.chars().all(is_visible) => Err(Invalid::CharacterNotAllowed),
            _ => Ok(Self(name)),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(PersonName);
personal!(PersonName);
described!(
    PersonName,
    text_schema("A person's own name.", "김민지").min_length(Some(NAME_MIN)).max_length(Some(NAME_MAX))
);

/// The year in which a person was admitted to their school.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AdmissionYear(i64);

impl AdmissionYear {
    /// A year between 1950 and 2100.
    ///
    /// # Errors
    ///
    /// [`Invalid::OutOfRange`].
    pub fn new(year: i64) -> Result<Self, Invalid> {
        if (YEAR_MIN..=YEAR_MAX).contains(&year) {
            Ok(Self(year))
        } else {
            Err(Invalid::OutOfRange { min: YEAR_MIN, max: YEAR_MAX })
        }
    }

    /// The year.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether someone can know of it by this year: those admitted for the next one can.
    ///
    /// # Errors
    ///
    /// [`Invalid::OutOfRange`].
    pub fn check_by(self, current_year: i64) -> Result<(), Invalid> {
        let max = current_year + 1;
        if self.0 <= max { Ok(()) } else { Err(Invalid::OutOfRange { min: YEAR_MIN, max }) }
    }
}

described!(
    AdmissionYear,
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The year in which a person was admitted to their school; next year's at most."))
        .minimum(Some(YEAR_MIN))
        .maximum(Some(YEAR_MAX))
        .examples([2026])
);

impl<'de> Deserialize<'de> for AdmissionYear {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> eserde::EDeserialize<'de> for AdmissionYear {
    fn deserialize_for_errors<D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
    }
}

/// What a machine's copy of the IANA database names besides zones: its own zone, how POSIX strings are read, and none.
const NO_ZONES: [&str; 3] = ["localtime", "posixrules", "Factory"];

/// A time zone of the IANA database, by name; `Asia/Seoul` by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    /// Reads a zone's name, in any case.
    ///
    /// # Errors
    ///
    /// [`Invalid::TimeZoneUnknown`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let zone = jiff::tz::TimeZone::get(text).map_err(|_| Invalid::TimeZoneUnknown)?;
        let name = zone.iana_name().filter(|name| !NO_ZONES.contains(name));
        name.map(|name| Self(name.to_owned())).ok_or(Invalid::TimeZoneUnknown)
    }

    /// The zone's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TimeZoneName {
    fn default() -> Self {
        Self("Asia/Seoul".to_owned())
    }
}

text_value!(TimeZoneName);
described!(TimeZoneName, text_schema("A time zone of the IANA database.", "Asia/Seoul"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_100_characters() {
        assert_eq!(PersonName::parse(" 김민지 ").expect("it is a name").as_str(), "김민지");
        assert_eq!(PersonName::parse("  "), Err(Invalid::TooShort { min: 1 }));
        assert_eq!(PersonName::parse(&"a".repeat(101)), Err(Invalid::TooLong { max: 100 }));
        assert_eq!(PersonName::parse("a\u{0}b"), Err(Invalid::CharacterNotAllowed));
    }

    #[test]
    fn an_admission_year_is_not_later_than_next_year() {
        let year = AdmissionYear::new(2027).expect("it is a year");
        assert_eq!(year.check_by(2026), Ok(()));
        assert_eq!(year.check_by(2025), Err(Invalid::OutOfRange { min: 1950, max: 2026 }));
        assert!(AdmissionYear::new(1949).is_err());
    }

    #[test]
    fn a_time_zone_is_one_of_the_iana_database() {
        assert_eq!(TimeZoneName::parse("america/new_york").expect("it is a zone").as_str(), "America/New_York");
        for other in
            ["", "Seoul", "+09:00", "../../etc/passwd", "Asia/Seoul\u{0}", "localtime", "POSIXRULES", "factory"]
        {
            assert_eq!(TimeZoneName::parse(other), Err(Invalid::TimeZoneUnknown), "{other:?}");
        }
    }
}
