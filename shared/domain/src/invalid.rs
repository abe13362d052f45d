//! Why a value was refused.

use serde::{Deserialize, Serialize};

/// Why a value was refused. The names in `snake_case` are stable; the sentences for them are in
/// `shared/text`.
///
/// serde's errors are text, so this is written as JSON into them and read back by the runner. It never
/// holds what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Invalid {
    /// It is missing.
    Required,
    /// It is null, which this field cannot be.
    NullNotAllowed,
    /// It is of another JSON type.
    WrongType,
    /// It is there more than once.
    Repeated,
    /// It is none of the values that the field knows.
    UnknownValue,
    /// It is shorter than it may be.
    TooShort {
        /// Characters that it has at least.
        min: u32,
    },
    /// It is longer than it may be.
    TooLong {
        /// Characters that it has at most.
        max: u32,
    },
    /// It is a list of more than there may be.
    TooMany {
        /// How many there are at most.
        max: u32,
    },
    /// It is a number outside its bounds.
    OutOfRange {
        /// The least that it may be.
        min: i64,
        /// The most that it may be.
        max: i64,
    },
    /// It has a character that it may not have.
    CharacterNotAllowed,
    /// It could be taken for the name of someone who runs the place.
    Reserved,
    /// It is no phone number.
    PhoneInvalid,
    /// It is a number of a country that no messages are sent to.
    PhoneCountryNotAllowed,
    /// It is not among the numbers that a stage for trying things out sends to.
    PhoneNotForTests,
    /// It is the number of something else than a mobile phone.
    PhoneNotMobile,
    /// It is no mail address.
    EmailInvalid,
    /// It is neither a username nor a phone number nor a mail address.
    LoginInvalid,
    /// It is no domain of mail addresses.
    DomainFormat,
    /// It is no code of six digits.
    CodeFormat,
    /// It is among the first that someone would guess.
    PasswordTooCommon,
    /// It contains the person's own username, number or address.
    PasswordContainsName,
    /// The password and its confirmation differ.
    PasswordMismatch,
    /// The terms were not accepted.
    TermsNotAccepted,
    /// It is no time zone of the IANA database.
    TimeZoneUnknown,
    /// It is no time of day, `HH:MM`.
    TimeFormat,
    /// It is no instant of RFC 3339.
    InstantFormat,
    /// It is neither an instant nor a date.
    MomentFormat,
    /// Its end is not behind its beginning.
    EndsBeforeStart,
    /// Its beginning is its end.
    NothingBetween,
    /// It is no language that Campus speaks.
    LocaleUnknown,
    /// It is no id.
    IdFormat,
    /// It is no address on the web.
    UrlFormat,
    /// There is no such school.
    SchoolUnknown,
    /// There is no such library.
    LibraryUnknown,
    /// There is no such film.
    FilmUnknown,
    /// Exactly one of these is needed.
    OneNeeded,
    /// It is over by now.
    Past,
    /// The purpose of the code has no use for what this channel reaches.
    ChannelNotForPurpose,
    /// It is neither the proven number nor the proven address of the account.
    TargetNotOwn,
    /// Neither a phone number nor a mail address was proven.
    ProofRequired,
}

impl Invalid {
    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Reads back what [`std::fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The bounds that its sentence names.
    #[must_use]
    pub fn bounds(&self) -> Vec<(&'static str, i64)> {
        match *self {
            Self::TooShort { min } => vec![("min", min.into())],
            Self::TooLong { max } | Self::TooMany { max } => vec![("max", max.into())],
            Self::OutOfRange { min, max } => vec![("min", min), ("max", max)],
            _ => Vec::new(),
        }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_as_text() {
        for invalid in [Invalid::Required, Invalid::TooLong { max: 17 }, Invalid::OutOfRange { min: -1, max: 9 }] {
            assert_eq!(Invalid::parse(&invalid.to_string()), Some(invalid));
        }
        assert_eq!(Invalid::parse("missing field `phone`"), None);
        assert_eq!(Invalid::TooLong { max: 17 }.code(), "too_long");
    }
}
