//! What a handler wants to be seen in graphs and alarms beyond what is told of every invocation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A figure. Each is a metric, which costs by the hours in which it is seen, so there are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Codes that are owed by text message.
    SmsSends,
    /// Codes by text message that were told back.
    SmsCompletions,
    /// Codes by text message that were refused for a blocked prefix or want of budget, whether that was told or not.
    SmsRefusals,
    /// How much of the hour's budget of text messages is used, in percent.
    SmsHourUsed,
    /// How much of the day's budget of text messages is used, in percent.
    SmsDayUsed,
    /// Captcha challenges that were asked for and that Geetest's version 3 did not register.
    CaptchaFallbacks,
}

impl Measure {
    /// The metric's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SmsSends => "SmsSends",
            Self::SmsCompletions => "SmsCompletions",
            Self::SmsRefusals => "SmsRefusals",
            Self::SmsHourUsed => "SmsHourUsed",
            Self::SmsDayUsed => "SmsDayUsed",
            Self::CaptchaFallbacks => "CaptchaFallbacks",
        }
    }
}

/// What was measured in one invocation. A figure that is measured again, because the handler began anew, counts once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Measures(Arc<Mutex<BTreeMap<Measure, u32>>>);

impl Measures {
    pub(crate) fn set(&self, measure: Measure, value: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(measure, value);
    }

    pub(crate) fn take(&self) -> BTreeMap<Measure, u32> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
