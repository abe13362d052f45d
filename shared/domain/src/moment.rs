//! When something may be at the earliest or the latest, as filters have it.

use jiff::civil::Date;

use crate::invalid::Invalid;
use crate::person::TimeZoneName;
use crate::text::{described, text_schema, text_value};
use crate::time::Timestamp;

/// An instant, or a whole day of some time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// An instant.
    Instant(Timestamp),
    /// A day.
    Day(Date),
}

impl Moment {
    /// Reads an instant of RFC 3339 or a date, `YYYY-MM-DD`.
    ///
    /// # Errors
    ///
    /// [`Invalid::MomentFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_date = text.len() == "0000-00-00".len() && text.split('-').map(str::len).eq([4, 2, 2]);
        let moment =
            if is_date { text.parse().map(Self::Day).ok() } else { Timestamp::parse(text).map(Self::Instant).ok() };
        moment.ok_or(Invalid::MomentFormat)
    }

    /// The instant, or the first one of the day.
    #[must_use]
    pub fn first(self, zone: &TimeZoneName) -> Timestamp {
        match self {
            Self::Instant(instant) => instant,
            Self::Day(date) => first_of(date, zone),
        }
    }

    /// The instant, or the last second of the day.
    #[must_use]
    pub fn last(self, zone: &TimeZoneName) -> Timestamp {
        match self {
            Self::Instant(instant) => instant,
            Self::Day(date) => date
                .tomorrow()
                .map_or_else(|_| jiff::Timestamp::MAX.into(), |tomorrow| first_of(tomorrow, zone).plus_seconds(-1)),
        }
    }
}

fn first_of(date: Date, zone: &TimeZoneName) -> Timestamp {
    // Only a day at an end of the calendar may have no first instant.
    let beyond = if date.year() > 0 { jiff::Timestamp::MAX } else { jiff::Timestamp::MIN };
    zone.rules().to_timestamp(date.to_datetime(jiff::civil::Time::midnight())).unwrap_or(beyond).into()
}

text_value!(read Moment);
described!(Moment, text_schema("An instant, or a date: the whole day in Asia/Seoul.", "2026-11-20"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_from_midnight_to_midnight_in_its_zone() {
        let bounds = |text: &str, zone: &str| {
            let zone = TimeZoneName::parse(zone).expect("it is a zone");
            let moment = Moment::parse(text).expect("it is a moment");
            (moment.first(&zone).to_string(), moment.last(&zone).to_string())
        };
        let expected = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(bounds("2026-11-20", "Asia/Seoul"), expected("2026-11-19T15:00:00Z", "2026-11-20T14:59:59Z"));
        // Clocks are put forward at 02:00: a day of 23 hours.
        assert_eq!(bounds("2026-03-08", "America/New_York"), expected("2026-03-08T05:00:00Z", "2026-03-09T03:59:59Z"));
        let instant = "2026-11-20T18:00:00+09:00";
        assert_eq!(bounds(instant, "Asia/Seoul"), expected("2026-11-20T09:00:00Z", "2026-11-20T09:00:00Z"));
    }

    #[test]
    fn what_is_neither_date_nor_instant_is_refused_and_nothing_panics() {
        for bad in
            ["", "2026", "2026-11", "2026-02-29", "20261120", "2026-W47", "11-20-2026", "2026-11-20T09:00Z", "내일"]
        {
            assert_eq!(Moment::parse(bad), Err(Invalid::MomentFormat), "{bad}");
        }
        for end in ["0000-01-01", "9999-12-31", "9999-12-30"] {
            let moment = Moment::parse(end).expect("it is a date");
            let zone = TimeZoneName::default();
            assert!(moment.first(&zone) <= moment.last(&zone), "{end}");
        }
    }
}
