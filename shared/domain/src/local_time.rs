//! Times of day as people read them off a clock, and what they mean in a time zone.

use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::invalid::Invalid;
use crate::person::TimeZoneName;
use crate::text::{described, text_schema, text_value};
use crate::time::Timestamp;

/// A time of day, `HH:MM`, 00:00 to 23:59, in whatever zone the person is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    time: Time,
    text: String,
}

impl LocalTime {
    /// Reads `HH:MM`.
    ///
    /// # Errors
    ///
    /// [`Invalid::TimeFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let two = |part: &str| {
            let is_two_digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            is_two_digits.then(|| part.parse::<i8>().ok()).flatten()
        };
        let (hour, minute) = text.split_once(':').ok_or(Invalid::TimeFormat)?;
        let (hour, minute) = two(hour).zip(two(minute)).ok_or(Invalid::TimeFormat)?;
        let time = Time::new(hour, minute, 0, 0).map_err(|_| Invalid::TimeFormat)?;
        Ok(Self { time, text: text.to_owned() })
    }

    /// As it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

text_value!(LocalTime);
described!(
    LocalTime,
    text_schema("A time of day in the person's own time zone.", "22:00")
        .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
);

/// Hours in which a person is left in peace: from one time of day to another, over midnight if the second is earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, eserde::Deserialize, utoipa::ToSchema)]
pub struct QuietHours {
    /// From here on.
    pub from: LocalTime,
    /// Up to here.
    pub to: LocalTime,
}

impl QuietHours {
    fn contain(&self, time: Time) -> bool {
        let (from, to) = (self.from.time, self.to.time);
        if from <= to { from <= time && time < to } else { from <= time || time < to }
    }

    /// When the hours end that `now` lies in, in a zone; nothing if it lies in none.
    ///
    /// Where clocks are put forward over the end, they end with the jump. Where they are put back behind it, what is
    /// then quiet for a second time is quiet.
    #[must_use]
    pub fn end_after(&self, now: Timestamp, zone: &TimeZoneName) -> Option<Timestamp> {
        let zone = zone.rules();
        let instant = jiff::Timestamp::from(now);
        let local = zone.to_datetime(instant);
        if !self.contain(local.time()) {
            return None;
        }
        let day = if local.time() < self.to.time { local.date() } else { local.date().tomorrow().ok()? };
        let end = zone.to_ambiguous_timestamp(day.to_datetime(self.to.time));
        let first = end.earlier().ok()?;
        let end = if first > instant { end.compatible().ok()? } else { end.later().ok()? };
        let jump = zone.following(instant).next().map(|transition| transition.timestamp());
        let end = jump.filter(|jump| *jump < end && !self.contain(zone.to_datetime(*jump).time())).unwrap_or(end);
        Some(end.into())
    }
}

impl TimeZoneName {
    /// The zone's rules.
    pub(crate) fn rules(&self) -> TimeZone {
        // It was read from the same database.
        TimeZone::get(self.as_str()).unwrap_or(TimeZone::UTC)
    }

    /// An instant as the zone's clocks show it.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> jiff::civil::DateTime {
        self.rules().to_datetime(jiff::Timestamp::from(instant))
    }

    /// Whether an instant is on an earlier day than another, by the zone's clocks.
    #[must_use]
    pub fn is_day_before(&self, instant: Timestamp, other: Timestamp) -> bool {
        self.at(instant).date() < self.at(other).date()
    }

    /// The same time of day, the day before, by the zone's clocks. A time that clocks were put forward over is that
    /// much later; one that they showed twice is the first.
    #[must_use]
    pub fn day_before(&self, instant: Timestamp) -> Timestamp {
        let zone = self.rules();
        let local = zone.to_datetime(jiff::Timestamp::from(instant)).saturating_sub(1.day());
        // Only a time beyond the calendar has no instant.
        zone.to_timestamp(local).map_or(instant, Timestamp::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().expect("it is an instant").into()
    }

    fn zone(name: &str) -> TimeZoneName {
        TimeZoneName::parse(name).expect("it is a zone")
    }

    fn quiet(from: &str, to: &str) -> QuietHours {
        QuietHours {
            from: LocalTime::parse(from).expect("it is a time"),
            to: LocalTime::parse(to).expect("it is a time"),
        }
    }

    #[test]
    fn a_time_of_day_has_two_digits_twice() {
        for good in ["00:00", "09:30", "23:59"] {
            assert_eq!(LocalTime::parse(good).expect("it is a time").as_str(), good);
        }
        for bad in ["", "9:30", "24:00", "12:60", "12:5", "12-30", "+1:30", "12:30:00", " 12:30"] {
            assert_eq!(LocalTime::parse(bad), Err(Invalid::TimeFormat), "{bad}");
        }
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_end_in_the_zone_of_the_person() {
        let hours = quiet("22:00", "07:30");
        let seoul = zone("Asia/Seoul");
        // 21:59, 22:00, 07:29 and 07:30 in Seoul.
        assert_eq!(hours.end_after(at("2026-11-20T12:59:59Z"), &seoul), None);
        assert_eq!(hours.end_after(at("2026-11-20T13:00:00Z"), &seoul), Some(at("2026-11-20T22:30:00Z")));
        assert_eq!(hours.end_after(at("2026-11-20T22:29:59Z"), &seoul), Some(at("2026-11-20T22:30:00Z")));
        assert_eq!(hours.end_after(at("2026-11-20T22:30:00Z"), &seoul), None);
        let at_noon = quiet("12:00", "13:00");
        assert_eq!(at_noon.end_after(at("2026-11-20T03:10:00Z"), &seoul), Some(at("2026-11-20T04:00:00Z")));
        assert_eq!(at_noon.end_after(at("2026-11-20T04:00:00Z"), &seoul), None);
    }

    #[test]
    fn b1_17_quiet_hours_follow_the_clocks_through_both_changes_of_new_york() {
        let new_york = zone("America/New_York");
        // 8 March 2026: 02:00 EST becomes 03:00 EDT, at 07:00Z.
        let nights = quiet("22:00", "07:00");
        assert_eq!(nights.end_after(at("2026-03-08T05:00:00Z"), &new_york), Some(at("2026-03-08T11:00:00Z")));
        assert_eq!(nights.end_after(at("2026-03-07T05:00:00Z"), &new_york), Some(at("2026-03-07T12:00:00Z")));
        // An end that clocks jump over is the jump.
        assert_eq!(
            quiet("22:00", "02:30").end_after(at("2026-03-08T06:59:00Z"), &new_york),
            Some(at("2026-03-08T07:00:00Z"))
        );
        // 1 November 2026: 02:00 EDT becomes 01:00 EST, at 06:00Z.
        assert_eq!(nights.end_after(at("2026-11-01T04:00:00Z"), &new_york), Some(at("2026-11-01T12:00:00Z")));
        // 01:10 comes twice, and each time it is quiet until 01:30.
        let late = quiet("00:00", "01:30");
        assert_eq!(late.end_after(at("2026-11-01T05:10:00Z"), &new_york), Some(at("2026-11-01T05:30:00Z")));
        assert_eq!(late.end_after(at("2026-11-01T05:40:00Z"), &new_york), None);
        assert_eq!(late.end_after(at("2026-11-01T06:10:00Z"), &new_york), Some(at("2026-11-01T06:30:00Z")));
    }

    #[test]
    fn the_day_before_is_the_same_time_by_the_clocks_through_both_changes_of_new_york() {
        let new_york = zone("America/New_York");
        // 19:00 EDT on the day of the change, and 19:00 EST the day before: 23 hours.
        assert_eq!(new_york.day_before(at("2026-03-08T23:00:00Z")), at("2026-03-08T00:00:00Z"));
        // 19:00 EST on the day of the change, and 19:00 EDT the day before: 25 hours.
        assert_eq!(new_york.day_before(at("2026-11-02T00:00:00Z")), at("2026-10-31T23:00:00Z"));
        // 02:30 on the 9th; on the 8th that time was jumped over.
        assert_eq!(new_york.day_before(at("2026-03-09T06:30:00Z")), at("2026-03-08T07:30:00Z"));
        // 01:30 on the 2nd; on the 1st that time came twice.
        assert_eq!(new_york.day_before(at("2026-11-02T06:30:00Z")), at("2026-11-01T05:30:00Z"));
    }

    #[test]
    fn a_year_of_seoul_has_no_change() {
        let (seoul, nights) = (zone("Asia/Seoul"), quiet("22:00", "07:00"));
        for day in 0..366 {
            // 23:00 in Seoul.
            let evening = at("2026-01-01T14:00:00Z").plus_seconds(day * 24 * 60 * 60);
            assert_eq!(seoul.day_before(evening), evening.plus_seconds(-24 * 60 * 60));
            assert_eq!(nights.end_after(evening, &seoul), Some(evening.plus_seconds(8 * 60 * 60)));
        }
    }
}
