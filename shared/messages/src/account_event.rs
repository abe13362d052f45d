//! What happens to accounts and concerns every domain that keeps something of people: told by the outbox, to a queue
//! per domain.
//!
//! Whoever hears of a purge deletes what its domain has of the person. Whatever was running then may write once more:
//! a request whose session was cached, a worker that had read who is told. So a hearer goes over it again when nothing
//! of the kind can run any more ([`PURGED_AGAIN_SECONDS`]), by a delayed message in its own queue; and no writer needs
//! to look whether its person is still there.

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, Clients, DELAY_SECONDS_MAX, NOTIFICATIONS_EVENTS_QUEUE, Queue, SCREENINGS_EVENTS_QUEUE,
};
use campus_domain::{DeliveryId, ExportId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::message::UnknownVersion;

const VERSION: u8 = 1;

/// After a purge was owed, everything is gone over again for so long. A session counts for 25 s in a cache, no function
/// runs for a minute, and a message that its worker failed at comes for the last time after five.
pub const PURGED_AGAIN_SECONDS: i64 = 15 * 60;

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum AccountEvent {
    /// There is no such person any more: nothing of theirs may stay anywhere.
    Purged {
        /// Whose account it was.
        user_id: UserId,
    },
    /// A person wants all that is kept of them.
    ExportRequested {
        /// Who.
        user_id: UserId,
        /// Into which export it goes.
        export_id: ExportId,
        /// When that may be deleted.
        #[serde(with = "campus_domain::time::epoch")]
        expires_at: Timestamp,
    },
}

/// A domain that hears of everything that happens to accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearer {
    /// The domain, and its part of an export.
    pub domain: &'static str,
    /// Where in an export it is noted that the part is there.
    pub(crate) part: &'static str,
    /// Where it is told.
    pub queue: Queue,
}

macro_rules! hearer {
    ($domain:literal, $queue:expr) => {
        Hearer { domain: $domain, part: concat!("parts.", $domain), queue: $queue }
    };
}

impl Hearer {
    /// Accounts themselves: exports are theirs.
    pub const ACCOUNTS: Self = hearer!("accounts", ACCOUNTS_EVENTS_QUEUE);
    /// Inboxes, preferences and deliveries.
    pub const NOTIFICATIONS: Self = hearer!("notifications", NOTIFICATIONS_EVENTS_QUEUE);
    /// Wishes.
    pub const SCREENINGS: Self = hearer!("screenings", SCREENINGS_EVENTS_QUEUE);
}

/// Every domain that keeps something of people: a new one is a line here.
pub const HEARERS: [Hearer; 3] = [Hearer::ACCOUNTS, Hearer::NOTIFICATIONS, Hearer::SCREENINGS];

/// An event as it is queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct AccountNews {
    /// That of the outbox item: tells when the event was owed.
    pub id: DeliveryId,
    /// What happened.
    pub event: AccountEvent,
}

#[derive(Clone, Serialize, Deserialize)]
struct Versioned {
    version: u8,
    id: DeliveryId,
    event: AccountEvent,
}

impl From<AccountNews> for Versioned {
    fn from(AccountNews { id, event }: AccountNews) -> Self {
        Self { version: VERSION, id, event }
    }
}

impl TryFrom<Versioned> for AccountNews {
    type Error = UnknownVersion;

    fn try_from(Versioned { version, id, event }: Versioned) -> Result<Self, UnknownVersion> {
        UnknownVersion::check(version, VERSION)?;
        Ok(Self { id, event })
    }
}

/// How far one hearing of a purge came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    /// There is more than one call deletes.
    Unfinished,
    /// Nothing is left, for now.
    Finished,
}

/// The rest of a purge could not be queued; its message must come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the rest of a purge was not queued")]
pub struct NotQueued;

impl AccountNews {
    /// Whether nothing can run any more that knew the person: what others need for their own part may go, too.
    #[must_use]
    pub fn is_last(&self, now: Timestamp) -> bool {
        self.id.made_at().plus_seconds(PURGED_AGAIN_SECONDS) <= now
    }

    /// In how many seconds a purge that came so far is to be heard again, if it is.
    fn heard_again_after(&self, purge: Purge, now: Timestamp) -> Option<u16> {
        match purge {
            Purge::Unfinished => Some(0),
            Purge::Finished => {
                let left = now.seconds_until(self.id.made_at().plus_seconds(PURGED_AGAIN_SECONDS));
                (left > 0).then(|| u16::try_from(left).unwrap_or(u16::MAX).min(DELAY_SECONDS_MAX))
            }
        }
    }

    /// Leaves what is still to be done to a later hearing. Of a message that came twice both do, which is harmless and
    /// ends when the time is over.
    ///
    /// # Errors
    ///
    /// [`NotQueued`].
    pub async fn go_on(
        &self,
        clients: &Clients,
        hearer: Hearer,
        purge: Purge,
        now: Timestamp,
    ) -> Result<(), NotQueued> {
        let Some(seconds) = self.heard_again_after(purge, now) else { return Ok(()) };
        let body = serde_json::to_string(self).map_err(|_| NotQueued)?;
        let taken = clients.enqueue_after(hearer.queue, seconds, &[((), body)]).await;
        if taken.is_empty() { Err(NotQueued) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn news() -> AccountNews {
        let user_id = UserId::from_parts(1, [1; 10]);
        AccountNews { id: DeliveryId::from_parts(1_000_000, [2; 10]), event: AccountEvent::Purged { user_id } }
    }

    #[test]
    fn an_event_of_an_unknown_version_is_refused_and_one_of_ours_is_read_back() {
        let mut queued = serde_json::to_value(news()).expect("it can be written");
        assert_eq!(serde_json::from_value::<AccountNews>(queued.clone()).expect("it can be read"), news());
        queued["version"] = json!(2);
        assert!(serde_json::from_value::<AccountNews>(queued).is_err());
    }

    #[test]
    fn a_purge_is_heard_again_until_nothing_can_run_that_knew_the_person() {
        let at = |seconds: i64| Timestamp::from_epoch_seconds(1000 + seconds);
        assert_eq!(news().heard_again_after(Purge::Finished, at(0)), Some(900));
        assert_eq!(news().heard_again_after(Purge::Finished, at(899)), Some(1));
        assert_eq!(news().heard_again_after(Purge::Finished, at(900)), None);
        assert!(!news().is_last(at(899)) && news().is_last(at(900)));
        // By a clock that is behind.
        assert_eq!(news().heard_again_after(Purge::Finished, at(-100)), Some(900));
        assert_eq!(news().heard_again_after(Purge::Unfinished, at(5000)), Some(0));
    }

    #[test]
    fn each_domain_has_a_name_and_a_queue_of_its_own() {
        for (place, one) in HEARERS.iter().enumerate() {
            assert_eq!(one.part, format!("parts.{}", one.domain));
            assert!(HEARERS[..place].iter().all(|other| other.domain != one.domain && other.queue != one.queue));
        }
    }
}
