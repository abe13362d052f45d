//! Captcha challenges: a person shows to be one, and may then have one message sent.

pub mod create_captcha_challenge;
pub mod solve_captcha_challenge;
pub(crate) mod store;

use campus_domain::{CaptchaId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A challenge can be solved for ten minutes.
const SOLVABLE_SECONDS: i64 = 600;
/// What a solution is good for, it is for five.
const SOLVED_SECONDS: i64 = 300;
/// Messages that one solution allows.
const SENDS: u32 = 1;
/// Looks at whether a number or an address is registered that one solution allows.
const CHECKS: u32 = 5;

/// Who makes the challenges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaptchaProvider)]
pub enum Provider {
    /// Nobody: every answer solves it. For laptops and tests only.
    None,
}

/// A challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captcha {
    /// Its id.
    pub id: CaptchaId,
    /// Who made it.
    pub provider: Provider,
    /// Whether it was solved.
    pub solved: bool,
    /// Messages that it still allows.
    pub sends_left: u32,
    /// Checks that it still allows.
    pub checks_left: u32,
    /// The mark of the request that made the latest, so that its repetition is seen to be one.
    #[serde(default)]
    pub checked_by: Option<String>,
    /// Until when it can be solved, or its solution used.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Captcha {
    /// A new challenge.
    #[must_use]
    pub(crate) fn new(id: CaptchaId, provider: Provider, now: Timestamp) -> Self {
        Self {
            id,
            provider,
            solved: false,
            sends_left: SENDS,
            checks_left: CHECKS,
            checked_by: None,
            expires_at: now.plus_seconds(SOLVABLE_SECONDS),
        }
    }

    /// Whether the check of this mark was made, and counts still.
    pub(crate) fn was_checked_by(&self, mark: &str, now: Timestamp) -> bool {
        self.checked_by.as_deref() == Some(mark) && self.expires_at > now
    }

    /// Whether its solution allows a message.
    pub(crate) fn allows_send(&self, now: Timestamp) -> bool {
        self.solved && self.expires_at > now && self.sends_left > 0
    }
}
