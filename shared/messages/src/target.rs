//! The state of verification codes of one target: how often may be sent, how often guessed.
//!
//! Table `requests`, `pk = CODES#<channel>#<target>`, one item, so that each rule is a condition of one
//! update: a send is part of the transaction that writes the code, a guess is counted before the code
//! is compared. The item outlives its windows until TTL takes it, so each is compared with the time.

use campus_aws::{REQUESTS, Table};
use campus_domain::{CodeId, EmailAddress, Invalid, PhoneNumber, PhonePolicy, Timestamp};
use campus_store::{
    Condition, Item, Key, Store, StoreError, Transaction, Update, Value, Written, absent, attr, decode,
};
use serde::{Deserialize, Serialize};

use crate::message::{Channel, Recipient};

/// A code lives 5 minutes. Message texts say so from this constant.
pub const CODE_SECONDS: i64 = 300;
/// Seconds between two sends to a target.
pub const RESEND_SECONDS: i64 = 60;
/// Sends to a target within [`SEND_WINDOW_SECONDS`].
pub const SENDS_PER_DAY_MAX: u32 = 10;
/// The window of [`SENDS_PER_DAY_MAX`], which begins with its first send.
pub const SEND_WINDOW_SECONDS: i64 = 24 * 60 * 60;
/// Guesses at the codes of a target within [`GUESS_WINDOW_SECONDS`], over all its codes.
pub const GUESSES_MAX: u32 = 5;
/// The window of [`GUESSES_MAX`]. It begins with a send, or with the first guess after its end.
pub const GUESS_WINDOW_SECONDS: i64 = CODE_SECONDS;

/// A phone number or mail address that a code is sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Target(Recipient);

impl Target {
    /// Reads what a client gave as the target of a channel.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or what the policy has against it.
    pub fn parse(channel: Channel, text: &str, phones: &PhonePolicy) -> Result<Self, Invalid> {
        match channel {
            Channel::Sms => {
                let phone = PhoneNumber::parse(text)?;
                phones.check(&phone)?;
                Ok(Self(Recipient::Sms(phone)))
            }
            Channel::Email => EmailAddress::parse(text).map(Recipient::Email).map(Self),
        }
    }

    /// The target as a recipient.
    #[must_use]
    pub fn recipient(&self) -> &Recipient {
        &self.0
    }

    /// The number or address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Where the target's state is stored.
    #[must_use]
    pub fn state_key(&self) -> Key {
        Key::alone(self.stored_name())
    }

    fn stored_name(&self) -> String {
        format!("CODES#{}#{}", self.0.channel().as_str(), self.as_str())
    }
}

impl From<Recipient> for Target {
    fn from(recipient: Recipient) -> Self {
        Self(recipient)
    }
}

/// The state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetState {
    name: String,
    /// The latest code. Earlier ones are worth nothing.
    pub code_id: CodeId,
    /// When the next send is allowed.
    #[serde(with = "campus_domain::time::epoch")]
    pub next_send_at: Timestamp,
    /// Sends in their window.
    pub sends: u32,
    /// When that window ends.
    #[serde(with = "campus_domain::time::epoch")]
    pub sends_end_at: Timestamp,
    /// Guesses in their window.
    pub guesses: u32,
    /// When that window ends.
    #[serde(with = "campus_domain::time::epoch")]
    pub guesses_end_at: Timestamp,
    /// The mark of the request that guessed last.
    #[serde(default)]
    pub guessed_by: Option<String>,
    /// When the item may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Item for TargetState {
    const TABLE: Table = REQUESTS;
    const KIND: &'static str = "code_target";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// Why a send is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendRefused {
    /// One was sent less than a minute ago.
    TooSoon {
        /// Seconds until the next is allowed.
        retry_after: i64,
    },
    /// Ten were sent today.
    DailyLimit {
        /// Seconds until the next is allowed.
        retry_after: i64,
    },
}

/// Why a guess is refused without being compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuessRefused {
    /// The guesses of the window are used up.
    Exhausted {
        /// Seconds until the next is allowed.
        retry_after: i64,
    },
    /// A newer code was sent to the target, or none for a day.
    Superseded,
}

impl TargetState {
    /// Why nothing may be sent to the target now, if so.
    ///
    /// # Errors
    ///
    /// [`SendRefused`].
    pub fn check_send(&self, now: Timestamp) -> Result<(), SendRefused> {
        if self.sends_end_at > now && self.sends >= SENDS_PER_DAY_MAX {
            return Err(SendRefused::DailyLimit { retry_after: now.seconds_until(self.sends_end_at) });
        }
        if self.next_send_at > now {
            return Err(SendRefused::TooSoon { retry_after: now.seconds_until(self.next_send_at) });
        }
        Ok(())
    }

    /// Counts a send of a new code in the caller's transaction, which takes effect only if the state
    /// is still what `seen` was.
    pub fn send_in<E: From<StoreError>>(
        transaction: &mut Transaction<'_, E>,
        target: &Target,
        seen: Option<&Self>,
        code_id: CodeId,
        now: Timestamp,
        raced: impl FnOnce() -> E + Send + 'static,
    ) {
        let mut update = Update::new()
            .set("name", target.stored_name())
            .set("kind", Self::KIND)
            .set("code_id", code_id.to_string())
            .set("next_send_at", now.plus_seconds(RESEND_SECONDS))
            .set("expires_at", now.plus_seconds(SEND_WINDOW_SECONDS));
        update = match seen.filter(|seen| seen.sends_end_at > now) {
            Some(_) => update.add("sends", 1),
            None => update.set("sends", 1_i64).set("sends_end_at", now.plus_seconds(SEND_WINDOW_SECONDS)),
        };
        // A guess window that runs goes on: a new code brings no new guesses.
        if seen.is_none_or(|seen| seen.guesses_end_at <= now) {
            update = update.set("guesses", 0_i64).set("guesses_end_at", now.plus_seconds(GUESS_WINDOW_SECONDS));
        }
        transaction.update(REQUESTS, &target.state_key(), update, Self::unchanged(seen)).or(raced);
    }

    fn unchanged(seen: Option<&Self>) -> Condition {
        match seen {
            None => absent(),
            Some(seen) => {
                let same = |name, at: Timestamp| attr(name).eq(Value::from(at));
                attr("code_id")
                    .eq(seen.code_id.to_string())
                    .and(same("next_send_at", seen.next_send_at))
                    .and(same("guesses_end_at", seen.guesses_end_at))
            }
        }
    }

    /// Counts a guess at a code of the target, before it is compared. Of requests with the same mark, one after
    /// another, one counts.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; within, [`GuessRefused`].
    pub async fn count_guess(
        store: &Store,
        target: &Target,
        now: Timestamp,
        code_id: CodeId,
        mark: &str,
    ) -> Result<Result<(), GuessRefused>, StoreError> {
        let key = target.state_key();
        let latest = || attr("code_id").eq(code_id.to_string());
        let first = || attr("guessed_by").differs(mark);
        let count = || {
            let left = attr("guesses_end_at").gt(now).and(attr("guesses").lt(GUESSES_MAX));
            (Update::new().add("guesses", 1).set("guessed_by", mark), latest().and(left).and(first()))
        };
        let (mut update, mut condition) = count();
        loop {
            let stored = match store.update(REQUESTS, &key, update, condition).await? {
                Written::Done(_) => return Ok(Ok(())),
                Written::Refused(stored) => stored.map(decode::<Self>).transpose()?,
            };
            let Some(stored) = stored.filter(|stored| stored.code_id == code_id) else {
                return Ok(Err(GuessRefused::Superseded));
            };
            if stored.guesses_end_at > now && stored.guessed_by.as_deref() == Some(mark) {
                return Ok(Ok(()));
            }
            if stored.guesses_end_at > now && stored.guesses >= GUESSES_MAX {
                return Ok(Err(GuessRefused::Exhausted { retry_after: now.seconds_until(stored.guesses_end_at) }));
            }
            (update, condition) = if stored.guesses_end_at > now {
                // A twin began a new window in between.
                count()
            } else {
                let begin = Update::new()
                    .set("guesses", 1_i64)
                    .set("guessed_by", mark)
                    .set("guesses_end_at", now.plus_seconds(GUESS_WINDOW_SECONDS));
                (begin, latest().and(attr("guesses_end_at").eq(stored.guesses_end_at)))
            };
        }
    }

    /// Lets the person ask again at once, because the provider did not take the message of this code.
    /// Nothing happens when another code was asked for since.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn release_interval(
        store: &Store,
        target: &Target,
        code_id: CodeId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::new().set("next_send_at", now);
        let latest = attr("code_id").eq(code_id.to_string());
        store.update(REQUESTS, &target.state_key(), update, latest).await.map(|_| ())
    }
}
