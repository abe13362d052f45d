//! Rate limits: so many in a window that begins with the first.
//!
//! Table `requests`, `pk = LIMIT#<limit>#<subject>`. Nothing that guards a limit lives in memory, and
//! each is one conditional update: what two requests at once may do together is settled by DynamoDB.
//! A window stays stored after its end until TTL takes it, so it is compared with the time on each use.

use campus_aws::{REQUESTS, Table};
use campus_domain::Timestamp;
use campus_store::{
    Attributes, Condition, Item, Key, Store, StoreError, Transaction, Update, Written, absent, attr, exists,
};
use serde::{Deserialize, Serialize};

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its name, part of the stored key.
    pub name: &'static str,
    /// How many within a window.
    pub max: u32,
    /// How long a window is.
    pub window_seconds: i64,
}

/// A window of a limit for one subject, such as an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// How many were counted.
    #[serde(deserialize_with = "none_at_least")]
    pub count: u32,
    /// When it ends.
    #[serde(with = "campus_domain::time::epoch")]
    pub ends_at: Timestamp,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
    name: String,
}

impl Item for Window {
    const TABLE: Table = REQUESTS;
    const KIND: &'static str = "limit";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// Reads a count of which more was given back than is left: [`Limit::give_back_in`] came after the window was deleted.
fn none_at_least<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let count = i64::deserialize(deserializer)?.max(0);
    u32::try_from(count).map_err(serde::de::Error::custom)
}

/// What came of spending from a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spend {
    /// It is used up for so many seconds.
    Exhausted {
        /// Seconds until the window ends.
        retry_after: i64,
    },
    /// Another request changed the window in between: read it and try again.
    Raced,
}

impl Limit {
    /// Where the window of a subject is stored.
    #[must_use]
    pub fn window_of(self, subject: &str) -> Key {
        Key::alone(self.stored_name(subject))
    }

    fn stored_name(self, subject: &str) -> String {
        format!("LIMIT#{}#{subject}", self.name)
    }

    /// How long until one more is allowed, judged by a window that was read.
    #[must_use]
    pub fn wait(self, seen: Option<&Window>, now: Timestamp) -> Option<i64> {
        seen.filter(|window| window.ends_at > now && window.count >= self.max)
            .map(|window| now.seconds_until(window.ends_at))
    }

    /// Counts one in the caller's transaction, so that only what takes effect counts.
    ///
    /// `seen` is the window as it was read before; it decides how to count, and the condition holds only
    /// while that is right.
    pub fn spend_in<E: From<StoreError>>(
        self,
        transaction: &mut Transaction<'_, E>,
        subject: &str,
        seen: Option<&Window>,
        now: Timestamp,
        refusal: impl FnOnce(Spend) -> E + Send + 'static,
    ) {
        self.change_in(1, transaction, subject, seen, now, refusal);
    }

    /// Does as [`Self::spend_in`], and is refused where that would be, but counts nothing: for what costs nothing and
    /// must not be told from what does.
    pub fn touch_in<E: From<StoreError>>(
        self,
        transaction: &mut Transaction<'_, E>,
        subject: &str,
        seen: Option<&Window>,
        now: Timestamp,
        refusal: impl FnOnce(Spend) -> E + Send + 'static,
    ) {
        self.change_in(0, transaction, subject, seen, now, refusal);
    }

    /// Takes back one that [`Self::spend`] counted just now, in the transaction of what shows that it should not count.
    pub fn give_back_in<E: From<StoreError>>(
        self,
        transaction: &mut Transaction<'_, E>,
        subject: &str,
        now: Timestamp,
    ) {
        // Whatever the window is by now: at most the next one allows one more.
        let (update, _) = self.count(-1, subject, now);
        transaction.update(REQUESTS, &self.window_of(subject), update, absent().or(exists()));
    }

    fn change_in<E: From<StoreError>>(
        self,
        amount: i64,
        transaction: &mut Transaction<'_, E>,
        subject: &str,
        seen: Option<&Window>,
        now: Timestamp,
        refusal: impl FnOnce(Spend) -> E + Send + 'static,
    ) {
        let (update, condition) = match seen.filter(|window| window.ends_at <= now) {
            Some(over) => self.restart(amount, subject, over, now),
            None => self.count(amount, subject, now),
        };
        transaction
            .update(REQUESTS, &self.window_of(subject), update, condition)
            .or_else(move |stored| refusal(self.judge(stored, now)));
    }

    /// Counts one at once. `Some` says how long to wait, if there are none left.
    ///
    /// A call that the SDK sends twice may count twice; for a limit that errs on the right side.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn spend(self, store: &Store, subject: &str, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let key = self.window_of(subject);
        let (mut update, mut condition) = self.count(1, subject, now);
        loop {
            let stored = match store.update(REQUESTS, &key, update, condition).await? {
                Written::Done(_) => return Ok(None),
                Written::Refused(stored) => stored,
            };
            let window = stored.map(campus_store::decode::<Window>).transpose()?;
            (update, condition) = match window {
                Some(window) if window.ends_at > now && window.count >= self.max => {
                    return Ok(Some(now.seconds_until(window.ends_at)));
                }
                Some(over) if over.ends_at <= now => self.restart(1, subject, &over, now),
                _ => self.count(1, subject, now),
            };
        }
    }

    /// Counts in a window that is not there yet or not over.
    fn count(self, amount: i64, subject: &str, now: Timestamp) -> (Update, Condition) {
        let ends_at = now.plus_seconds(self.window_seconds);
        let update = Update::new()
            .set_if_absent("ends_at", ends_at)
            .set_if_absent("expires_at", ends_at)
            .set_if_absent("name", self.stored_name(subject))
            .set_if_absent("kind", Window::KIND)
            .add("count", amount);
        (update, absent().or(attr("ends_at").gt(now).and(attr("count").lt(self.max))))
    }

    /// Begins a new window in the place of one that is over.
    fn restart(self, amount: i64, subject: &str, over: &Window, now: Timestamp) -> (Update, Condition) {
        let ends_at = now.plus_seconds(self.window_seconds);
        let update = Update::new()
            .set("ends_at", ends_at)
            .set("expires_at", ends_at)
            .set("name", self.stored_name(subject))
            .set("count", amount);
        // TTL may take the old window at any moment.
        (update, absent().or(attr("ends_at").eq(over.ends_at)))
    }

    fn judge(self, stored: Option<Attributes>, now: Timestamp) -> Spend {
        let window = stored.and_then(|stored| campus_store::decode::<Window>(stored).ok());
        self.wait(window.as_ref(), now).map_or(Spend::Raced, |retry_after| Spend::Exhausted { retry_after })
    }
}
