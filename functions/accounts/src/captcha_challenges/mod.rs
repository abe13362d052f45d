//! Captcha challenges: a person shows to be one, and may then have one message sent.
//!
//! Who makes them is a deploy parameter, and `provider` the port to each of them. Whatever keeps one from judging an
//! answer, nothing is solved. Only Geetest's version 3 can go on while it is down: see `geetest_v3`.

pub mod create_captcha_challenge;
mod geetest_v3;
mod geetest_v4;
mod provider;
pub mod solve_captcha_challenge;
pub(crate) mod store;
mod turnstile;

use campus_domain::{CaptchaId, Timestamp};
use campus_endpoint::CaptchaProvider;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A challenge can be solved for ten minutes.
const SOLVABLE_SECONDS: i64 = 600;
/// Challenges are begun without their maker for ten minutes at most, and nothing of them is good for longer …
const FALLBACK_SECONDS: i64 = 600;
/// … and not again before an hour has passed since they first were.
const FALLBACK_EVERY_SECONDS: i64 = 3600;
/// What a solution is good for, it is for five.
const SOLVED_SECONDS: i64 = 300;
/// Messages that one solution allows.
const SENDS: u32 = 1;
/// Looks at whether a number or an address is registered that one solution allows.
const CHECKS: u32 = 5;
/// Answers to a challenge that its maker is asked about: a person slips, a program guesses.
const TRIES: u32 = 5;

/// A challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captcha {
    /// Its id.
    pub id: CaptchaId,
    /// Who made it.
    pub provider: CaptchaProvider,
    /// What its maker calls it, where they said so before it was solved.
    #[serde(default)]
    pub challenge: Option<String>,
    /// Whether its maker was down when it began, so that we judge the answer ourselves. Nothing that a client says
    /// makes it so.
    #[serde(default)]
    pub is_fallback: bool,
    /// Whether it was solved.
    pub solved: bool,
    /// Answers that its maker may still be asked about.
    #[serde(default)]
    pub tries_left: u32,
    /// The mark of the request that made the latest, so that its repetition is seen to be one.
    #[serde(default)]
    pub tried_by: Option<String>,
    /// Messages that it still allows.
    pub sends_left: u32,
    /// Checks that it still allows.
    pub checks_left: u32,
    /// The mark of the request that made the latest.
    #[serde(default)]
    pub checked_by: Option<String>,
    /// Until when it can be solved, or its solution used.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Captcha {
    /// A new challenge, as its maker began it.
    #[must_use]
    pub(crate) fn new(id: CaptchaId, begun: provider::Begun, now: Timestamp) -> Self {
        Self {
            id,
            provider: begun.provider,
            challenge: begun.challenge,
            is_fallback: begun.fallback_until.is_some(),
            solved: false,
            tries_left: TRIES,
            tried_by: None,
            sends_left: SENDS,
            checks_left: CHECKS,
            checked_by: None,
            expires_at: begun.fallback_until.unwrap_or_else(|| now.plus_seconds(SOLVABLE_SECONDS)),
        }
    }

    /// Whether the try of this mark was made, and the challenge is open still.
    pub(crate) fn was_tried_by(&self, mark: &str, provider: CaptchaProvider, now: Timestamp) -> bool {
        let is_open = !self.solved && self.provider == provider && self.expires_at > now;
        is_open && self.tried_by.as_deref() == Some(mark)
    }

    /// Until when its solution can be used, if it is solved now. What only we have judged ends with its challenge,
    /// which ends with the ten minutes for which a maker may be done without.
    pub(crate) fn usable_until(&self, now: Timestamp) -> Timestamp {
        let usable_until = now.plus_seconds(SOLVED_SECONDS);
        if self.is_fallback { usable_until.min(self.expires_at) } else { usable_until }
    }

    /// Whether the check of this mark was made, and counts still.
    pub(crate) fn was_checked_by(&self, mark: &str, now: Timestamp) -> bool {
        self.checked_by.as_deref() == Some(mark) && self.expires_at > now
    }

    /// Whether its solution is good, and nobody but us has judged it: for a sign-in and nothing else.
    pub(crate) fn is_unjudged(&self, now: Timestamp) -> bool {
        self.solved && self.is_fallback && self.expires_at > now
    }

    /// Whether its solution allows a message. One in fallback mode allows none: a message costs money, and reaches
    /// people who have not asked for it.
    pub(crate) fn check_send(&self, now: Timestamp) -> Result<(), Error> {
        if !self.solved || self.expires_at <= now || self.sends_left == 0 {
            return Err(Error::CaptchaRequired);
        }
        if self.is_fallback { Err(Error::CaptchaUnavailable) } else { Ok(()) }
    }
}
