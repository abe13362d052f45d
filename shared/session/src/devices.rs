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
use crate::tokens::hash_of;

/// Sessions that a person may have at a time; a new one ends the oldest.
pub const SESSIONS_MAX: usize = 10;

/// Devices that are known by what they call themselves; beyond them the one that was not seen for longest is new again.
const KNOWN_MAX: usize = 20;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// Whose.
    pub user_id: UserId,
    /// Raised with every change; 0 is what was never stored.
    pub version: u32,
    /// The sessions, oldest first: their ids are ordered by time.
    pub sessions: Vec<SessionId>,
    /// Hashes of what the devices called themselves that signed in, latest last, twenty at most.
    #[serde(default)]
    pub known: Vec<String>,
}

impl Devices {
    /// The list of a person who never signed in.
    #[must_use]
    pub fn none_of(user_id: UserId) -> Self {
        Self { user_id, version: 0, sessions: Vec::new(), known: Vec::new() }
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
    pub fn with(&self, session: &Session, seen: &[Session], now: Timestamp) -> (Self, Vec<SessionId>) {
        let live = seen.iter().filter(|seen| seen.is_live(now)).map(|seen| seen.id);
        let unseen = self.sessions.iter().copied().filter(|id| seen.iter().all(|seen| seen.id != *id));
        let mut sessions: Vec<SessionId> = live.chain(unseen).collect();
        sessions.sort_unstable();
        sessions.dedup();
        let surplus = (sessions.len() + 1).saturating_sub(SESSIONS_MAX);
        let ended = sessions.drain(..surplus).collect();
        sessions.push(session.id);
        let agent = agent_hash(session);
        let mut known: Vec<String> = self.known.iter().filter(|known| **known != agent).cloned().collect();
        known.push(agent);
        known.drain(..known.len().saturating_sub(KNOWN_MAX));
        (Self { user_id: self.user_id, version: self.version.saturating_add(1), sessions, known }, ended)
    }

    /// Whether a session begins on a device that was not seen before: where another was.
    #[must_use]
    pub fn is_news(&self, session: &Session) -> bool {
        !self.known.is_empty() && !self.known.contains(&agent_hash(session))
    }
}

/// Enough of a hash to tell devices apart.
fn agent_hash(session: &Session) -> String {
    let mut hash = hash_of(session.agent.as_deref().unwrap_or_default());
    hash.truncate(16);
    hash
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
        let sessions = numbers.into_iter().map(id).collect();
        Devices { sessions, version: 1, ..Devices::none_of(user()) }
    }

    #[test]
    fn the_eleventh_session_ends_the_oldest() {
        let now = Timestamp::from_epoch_seconds(1);
        let seen: Vec<Session> = (1..=10).map(|number| session(number, SessionState::Active)).collect();
        let (devices, ended) = listed(1..=10).with(&session(11, SessionState::Active), &seen, now);
        assert_eq!(ended, [id(1)]);
        assert_eq!((devices.version, devices.sessions), (2, listed(2..=11).sessions));
    }

    #[test]
    fn sessions_that_have_ended_make_room() {
        let now = Timestamp::from_epoch_seconds(1);
        let state = |number| if number == 4 { SessionState::Ended } else { SessionState::Active };
        let seen: Vec<Session> = (1..=10).map(|number| session(number, state(number))).collect();
        let (devices, ended) = listed(1..=10).with(&session(11, SessionState::Active), &seen, now);
        assert!(ended.is_empty());
        assert_eq!(devices.sessions.len(), SESSIONS_MAX);
        assert!(!devices.sessions.contains(&id(4)));
    }

    #[test]
    fn sessions_that_began_after_the_look_count_and_unlisted_ones_do_too() {
        let now = Timestamp::from_epoch_seconds(1);
        let (devices, ended) =
            listed(5..=14).with(&session(15, SessionState::Active), &[session(1, SessionState::Active)], now);
        assert_eq!(ended, [id(1), id(5)]);
        assert_eq!(devices.sessions.len(), SESSIONS_MAX);
    }

    #[test]
    fn a_device_is_news_unless_it_is_the_first_or_was_seen_before() {
        let now = Timestamp::from_epoch_seconds(1);
        let on = |number: u8, agent: &str| Session {
            agent: Some(agent.to_owned()),
            ..session(number, SessionState::Active)
        };
        let first = Devices::none_of(user());
        assert!(!first.is_news(&on(1, "phone")));
        let (devices, _) = first.with(&on(1, "phone"), &[], now);
        assert!(devices.is_news(&on(2, "laptop")) && !devices.is_news(&on(2, "phone")));
        let (mut devices, _) = devices.with(&on(2, "laptop"), &[], now);
        for number in 0..19 {
            assert!(!devices.is_news(&on(3, "laptop")), "{number}");
            devices = devices.with(&on(3, &format!("tablet {number}")), &[], now).0;
        }
        assert_eq!(devices.known.len(), KNOWN_MAX);
        assert!(devices.is_news(&on(4, "phone")) && !devices.is_news(&on(4, "laptop")));
    }
}
