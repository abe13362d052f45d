//! Instants, and where the present one comes from.

use serde::Serialize;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::SchemaFormat;

use crate::invalid::Invalid;
use crate::text::{described, text_schema, text_value};

/// The first instant that four digits can write the year of. What is earlier would not sort as text.
const FIRST: i64 = -62_167_219_200;

/// An instant in whole seconds, in UTC. In JSON it is RFC 3339: `2026-11-20T09:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last instant that RFC 3339 can write.
    pub const MAX: Self = Self(253_402_207_200);
    /// Reads an instant of RFC 3339, in any offset; what is below a second is dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid::InstantFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // The crate also takes other forms, of Temporal and ISO 8601.
        let instant = text.parse::<jiff::Timestamp>().ok().filter(|_| is_of_rfc_3339(text));
        let instant = instant.map(Self::from).filter(|instant| instant.0 >= FIRST);
        instant.ok_or(Invalid::InstantFormat)
    }

    /// The instant of so many seconds since the epoch, kept within what RFC 3339 can write.
    #[must_use]
    pub fn from_epoch_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second()))
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn epoch_seconds(self) -> i64 {
        self.0
    }

    /// The year in which it lies, in UTC.
    #[must_use]
    pub fn year(self) -> i64 {
        jiff::Timestamp::from_second(self.0)
            .map_or(1970, |instant| i64::from(instant.to_zoned(jiff::tz::TimeZone::UTC).year()))
    }

    /// The instant so many seconds later; earlier, if negative.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_epoch_seconds(self.0.saturating_add(seconds))
    }

    /// Seconds from this to a later instant; negative, if it is earlier.
    #[must_use]
    pub const fn seconds_until(self, later: Self) -> i64 {
        later.0.saturating_sub(self.0)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        // Downward, also before the epoch, so that time never seems to stand still for two seconds.
        Self(instant.as_second() - i64::from(instant.subsec_nanosecond() < 0))
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        // Kept within the bounds of RFC 3339 by construction.
        Self::from_second(timestamp.0).unwrap_or(Self::MAX)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        jiff::Timestamp::from_second(self.0).map_err(|_| std::fmt::Error)?.fmt(formatter)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_value!(read Timestamp);

/// Whether a text has the form `YYYY-MM-DDTHH:MM:SS`, with a fraction or none, and `Z` or an offset in hours and
/// minutes.
fn is_of_rfc_3339(text: &str) -> bool {
    let has_form = |text: &[u8], form: &[u8]| {
        text.len() == form.len()
            && text.iter().zip(form).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte.eq_ignore_ascii_case(other),
            })
    };
    let Some((instant, rest)) = text.as_bytes().split_at_checked("0000-00-00T00:00:00".len()) else { return false };
    let offset = match rest.strip_prefix(b".") {
        Some(fraction) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &fraction[digits..]
        }
        None => rest,
    };
    has_form(instant, b"0000-00-00T00:00:00")
        && [b"Z".as_slice(), b"+00:00", b"-00:00"].iter().any(|form| has_form(offset, form))
        // The crate knows two hours more than a day has.
        && offset.get(1..3).is_none_or(|hours| hours <= b"23")
}

described!(
    Timestamp,
    text_schema("An instant in UTC, in whole seconds.", "2026-11-20T09:00:00Z")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
);

/// For `#[serde(with = …)]`: a [`Timestamp`] as a number of epoch seconds, as DynamoDB's TTL and
/// comparisons in conditions need it.
pub mod epoch {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Timestamp;

    /// Writes the number.
    ///
    /// # Errors
    ///
    /// The serializer's.
    pub fn serialize<S: Serializer>(timestamp: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(timestamp.epoch_seconds())
    }

    /// Reads the number.
    ///
    /// # Errors
    ///
    /// The deserializer's.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_epoch_seconds)
    }
}

/// Where the present comes from. It is injected, so that tests and the local system can move it.
pub trait Clock: Send + Sync + 'static {
    /// The present.
    fn now(&self) -> jiff::Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the present comes from")]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_whole_seconds_of_utc() {
        let instant: jiff::Timestamp = "2026-11-20T18:00:00.987+09:00".parse().expect("it is an instant");
        let timestamp = Timestamp::from(instant);
        assert_eq!(timestamp.to_string(), "2026-11-20T09:00:00Z");
        let json = serde_json::to_string(&timestamp).expect("it can be written");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("it can be read"), timestamp);
    }

    #[test]
    fn an_instant_is_read_in_the_forms_of_rfc_3339_only() {
        for good in [
            "2026-11-20T09:00:00Z",
            "2026-11-20t09:00:00.123456z",
            "2026-11-20T18:00:00+09:00",
            "2026-11-19T23:00:00.9-10:00",
        ] {
            assert_eq!(Timestamp::parse(good).expect(good).to_string(), "2026-11-20T09:00:00Z", "{good}");
        }
        for bad in [
            "",
            "2026-11-20",
            "2026-11-20T09:00:00",
            "2026-11-20T09:00Z",
            "2026-11-20 09:00:00Z",
            "20261120T090000Z",
            "2026-11-20T09:00:00.Z",
            "2026-11-20T09:00:00+09",
            "2026-11-20T09:00:00+09:00[Asia/Seoul]",
            "2026-11-20T09:00:00+24:00",
            "2026-11-20T09:00:00-25:59",
            "2026-02-29T09:00:00Z",
            "2026-11-20T25:00:00Z",
            "+002026-11-20T09:00:00Z",
            "0000-01-01T00:00:00+09:00",
            "9999-12-31T23:59:59Z",
            " 2026-11-20T09:00:00Z",
            "2026-11-20T09:00:0\u{665}Z",
        ] {
            assert_eq!(Timestamp::parse(bad), Err(Invalid::InstantFormat), "{bad}");
        }
    }

    #[test]
    fn seconds_are_counted_both_ways() {
        let start = Timestamp::from_epoch_seconds(100);
        assert_eq!(start.seconds_until(start.plus_seconds(60)), 60);
        assert_eq!(start.plus_seconds(60).seconds_until(start), -60);
        assert_eq!(Timestamp::from_epoch_seconds(i64::MAX).plus_seconds(1).to_string().len(), 20);
    }
}
