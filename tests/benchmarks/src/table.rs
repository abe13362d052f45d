//! The table at the end.

use std::fmt;
use std::time::Duration;

/// What was measured, with what it is to be compared with.
pub(crate) struct Row {
    /// What was measured, and in which unit.
    pub(crate) what: String,
    /// What Campus needs.
    pub(crate) measured: String,
    /// What it is compared with.
    pub(crate) against: String,
    /// The goal, and whether it is met.
    pub(crate) goal: Option<(String, bool)>,
}

impl Row {
    /// A row without a goal.
    pub(crate) fn plain(what: impl Into<String>, measured: impl fmt::Display, against: impl fmt::Display) -> Self {
        Self { what: what.into(), measured: measured.to_string(), against: against.to_string(), goal: None }
    }

    /// A row of two figures, with the most that the first may be of the second.
    pub(crate) fn ratio(what: impl Into<String>, measured: f64, against: f64, most: f64) -> Self {
        let ratio = measured / against;
        Self {
            what: what.into(),
            measured: figure(measured),
            against: figure(against),
            goal: Some((format!("{ratio:.2} times, at most {most}"), ratio <= most)),
        }
    }

    /// A row of one figure, with the most that it may be.
    pub(crate) fn bounded(what: impl Into<String>, measured: f64, most: f64) -> Self {
        let goal = Some((format!("at most {most}"), measured <= most));
        Self { what: what.into(), measured: figure(measured), against: String::new(), goal }
    }
}

/// Rows as a table in Markdown.
pub(crate) fn render(rows: &[Row]) -> String {
    let mut text = "| what | Campus | compared with | goal | |\n|---|---|---|---|---|\n".to_owned();
    for Row { what, measured, against, goal } in rows {
        let (goal, met) = match goal {
            Some((goal, met)) => (goal.as_str(), if *met { "met" } else { "**missed**" }),
            None => ("", ""),
        };
        text.push_str(&format!("| {what} | {measured} | {against} | {goal} | {met} |\n"));
    }
    text
}

/// A figure with three digits that count.
pub(crate) fn figure(value: f64) -> String {
    let decimals = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.decimals$}")
}

/// A time in milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The value below which a share of the values lies; 0 of none.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}
