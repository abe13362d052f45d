//! How many sessions a person has: one item that every sign-in changes, so that they take turns.
//!
//! Table `sessions`, `pk = USER#<user id>`, `sk = DEVICES`. It is written in the transaction of each new
//! session, with the condition that it is as it was read: whatever the number of sign-ins at once, each
//! sees those before it. Sessions that end are left in the list; who signs in next sees that they have.

use campus_aws::{SESSIONS, Table};
use campus_domain::{SessionId, Timestamp, UserId};
use campus_store::{Condition, Item, Key, absent, attr};
use serde::{Deserialize, Serialize};

use crate::session::Session;

/// Sessions that a person may have at a time; a new one ends the oldest.
pub const SESSIONS_MAX: usize = 10;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Whose.
    pub user_id: UserId,
    /// Raised with every change; 0 is what was never stored.
    pub version: u32,
    /// The sessions, oldest first: their ids are ordered by time.
    pub sessions: Vec<SessionId>,
}

impl Devices {
    /// The list of a person who never signed in.
    #[must_use]
    pub fn none_of(user_id: UserId) -> Self {
        Self { user_id, version: 0, sessions: Vec::new() }
    }

    /// Where a person's list is stored.
    #[must_use]
    pub fn key_of(user_id: UserId) -> Key {
        Key::new(Session::partition_of(user_id), "DEVICES")
    }

    /// Holds while the stored list is still this one.
    #[must_use]
    pub fn unchanged(&self) -> Condition {
        if self.version == 0 { absent() } else { attr("version").eq(self.version) }
    }

    /// The list with one more session, and those that have to go for it, oldest first.
    ///
    /// `seen` are the stored sessions, read at any time since the list: a session that is listed and not
    /// among them began later, so it counts; one that was not listed, but is live, counts too.
    #[must_use]
    pub fn with(&self, session: SessionId, seen: &[Session], now: Timestamp) -> (Self, Vec<SessionId>) {
        let live = seen.iter().filter(|seen| seen.is_live(now)).map(|seen| seen.id);
        let unseen = self.sessions.iter().copied().filter(|id| seen.iter().all(|seen| seen.id != *id));
        let mut sessions: Vec<SessionId> = live.chain(unseen).collect();
        sessions.sort_unstable();
        sessions.dedup();
        let surplus = (sessions.len() + 1).saturating_sub(SESSIONS_MAX);
        let ended = sessions.drain(..surplus).collect();
        sessions.push(session);
        (Self { user_id: self.user_id, version: self.version.saturating_add(1), sessions }, ended)
    }
}

impl Item for Devices {
    const TABLE: Table = SESSIONS;
    const KIND: &'static str = "devices";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::SessionState;

    fn id(number: u8) -> SessionId {
        SessionId::from_parts(u64::from(number), [number; 10])
    }

    fn user() -> UserId {
        UserId::from_parts(1, [0; 10])
    }

    fn session(number: u8, state: SessionState) -> Session {
        Session { state, ..Session::begin(id(number), user(), false, Timestamp::from_epoch_seconds(0)) }
    }

    fn listed(numbers: impl IntoIterator<Item = u8>) -> Devices {
        Devices { user_id: user(), version: 1, sessions: numbers.into_iter().map(id).collect() }
    }

    #[test]
    fn the_eleventh_session_ends_the_oldest() {
        let now = Timestamp::from_epoch_seconds(1);
        let seen: Vec<Session> = (1..=10).map(|number| session(number, SessionState::Active)).collect();
        let (devices, ended) = listed(1..=10).with(id(11), &seen, now);
        assert_eq!(ended, [id(1)]);
        assert_eq!(devices, Devices { version: 2, ..listed(2..=11) });
    }

    #[test]
    fn sessions_that_have_ended_make_room() {
        let now = Timestamp::from_epoch_seconds(1);
        let state = |number| if number == 4 { SessionState::Ended } else { SessionState::Active };
        let seen: Vec<Session> = (1..=10).map(|number| session(number, state(number))).collect();
        let (devices, ended) = listed(1..=10).with(id(11), &seen, now);
        assert!(ended.is_empty());
        assert_eq!(devices.sessions.len(), SESSIONS_MAX);
        assert!(!devices.sessions.contains(&id(4)));
    }

    #[test]
    fn sessions_that_began_after_the_look_count_and_unlisted_ones_do_too() {
        let now = Timestamp::from_epoch_seconds(1);
        let (devices, ended) = listed(5..=14).with(id(15), &[session(1, SessionState::Active)], now);
        assert_eq!(ended, [id(1), id(5)]);
        assert_eq!(devices.sessions.len(), SESSIONS_MAX);
    }
}
