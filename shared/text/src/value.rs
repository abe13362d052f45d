//! What a sentence about a request may contain: numbers and times, nothing else.

use campus_domain::Locale;
use fluent_templates::fluent_bundle::FluentValue;
use jiff::civil::DateTime;

use crate::bundle::{self, Args};

/// A value in the sentence of a problem or of a field.
///
/// There is no variant for text on purpose: a phone number or a name cannot slip into a sentence
/// that ends up in logs and error reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, such as a limit. It also chooses between singular and plural.
    Number(i64),
    /// A length of time in seconds, written as seconds, minutes or hours.
    Seconds(u64),
    /// A time in the reader's own zone, which the sentence does not name.
    Time(DateTime),
}

impl Value {
    fn written(self, locale: Locale) -> FluentValue<'static> {
        match self {
            Self::Number(number) => FluentValue::from(number),
            Self::Seconds(seconds) => duration(locale, seconds),
            Self::Time(time) => clock_time(locale, time),
        }
    }
}

/// The values as the sentences of one language take them.
pub(crate) fn written<'a>(locale: Locale, values: &[(&'a str, Value)]) -> Args<'a> {
    values.iter().map(|&(name, value)| (name, value.written(locale))).collect()
}

/// The words for a length of time that is not known.
pub(crate) fn unknown_duration(locale: Locale) -> FluentValue<'static> {
    text(locale, "duration-unknown", &Args::new())
}

/// Rounds up, since whoever comes back too early is refused again.
fn duration(locale: Locale, seconds: u64) -> FluentValue<'static> {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;

    // Hours begin at two: someone asked to wait 61 minutes should not be sent away for two hours.
    let (id, number) = if seconds <= MINUTE {
        ("duration-seconds", seconds.max(1))
    } else if seconds <= 2 * HOUR {
        ("duration-minutes", seconds.div_ceil(MINUTE))
    } else {
        ("duration-hours", seconds.div_ceil(HOUR))
    };
    text(locale, id, &Args::from([("number", number.into())]))
}

/// A day and a time without the year: of what is soon.
pub(crate) fn short_time(locale: Locale, time: DateTime) -> FluentValue<'static> {
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    let args = Args::from([
        ("month", time.month().into()),
        ("day", time.day().into()),
        ("weekday", time.weekday().to_monday_one_offset().into()),
        ("clock", clock.into()),
    ]);
    text(locale, "time-short", &args)
}

fn clock_time(locale: Locale, time: DateTime) -> FluentValue<'static> {
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    let args = Args::from([
        ("year", time.year().into()),
        ("month", time.month().into()),
        ("day", time.day().into()),
        ("clock", clock.into()),
    ]);
    text(locale, "time", &args)
}

/// `values.ftl` is complete in every language (tested), so the empty text is never seen.
fn text(locale: Locale, id: &str, args: &Args<'_>) -> FluentValue<'static> {
    bundle::find(locale, id, args).unwrap_or_default().into()
}
