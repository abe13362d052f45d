//! The session: the only account data that every signed-in endpoint may read.
//!
//! Table `sessions`, `pk = USER#<user id>`, `sk = SESSION#<session id>`. Reading one session is a get
//! by key (the token names both ids), and a person's devices are one query.
//! An ended session stays as such until its owner signs in again, or TTL takes it: none is as good as ended.

use campus_aws::{SESSIONS, Table};
use campus_domain::{SchoolId, SessionId, Timestamp, UserId};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session that is not remembered lives one day.
const SHORT_SECONDS: i64 = 24 * 60 * 60;
/// A remembered one lives thirty.
const REMEMBERED_SECONDS: i64 = 30 * SHORT_SECONDS;
/// However often it is refreshed, a session ends after ninety.
const LONGEST_SECONDS: i64 = 90 * SHORT_SECONDS;

/// What an account may do beyond its own things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everyone with an account.
    Member,
    /// Looks after content, schools and libraries.
    Staff,
    /// Looks after accounts, too.
    Admin,
}

/// The roles of an account, each once, least first.
pub type Roles = Vec<Role>;

/// Whether a session is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// It is.
    Active,
    /// Signed out, ended by another device, or revoked.
    Ended,
    /// The account is suspended.
    Suspended,
}

impl SessionState {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Suspended => "suspended",
        }
    }
}

/// The school of an account, as far as a session knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSchool {
    /// Which school.
    pub id: SchoolId,
    /// Whether the person has proven to belong to it.
    pub verified: bool,
}

/// One signed-in device of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id, `sid` in tokens.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The account's roles.
    pub roles: Roles,
    /// The account's school.
    pub school: Option<SessionSchool>,
    /// Whether it is good.
    pub state: SessionState,
    /// Until when it is suspended, if it is and not for good.
    #[serde(default)]
    pub suspended_until: Option<Timestamp>,
    /// How often its refresh token was rotated; the current token is derived from it.
    pub refresh_count: u32,
    /// SHA-256 of the current refresh token, in base64url.
    pub refresh_hash: String,
    /// When the refresh token was rotated last, from where its predecessor's grace is counted.
    #[serde(default)]
    pub rotated_at: Option<Timestamp>,
    /// SHA-256 of the token that writes with cookies must bring along, in base64url. The token itself is
    /// derived, so that functions without secrets can check it and nobody can read it here.
    #[serde(default)]
    pub csrf_hash: String,
    /// Whether the person asked to be remembered.
    pub remember: bool,
    /// What the device called itself at sign-in, cut to [`Session::AGENT_MAX`] characters.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When tokens were issued for it last: at sign-in, then at each refresh. Using an access token writes
    /// nothing, so it is up to 15 minutes old while a device is in use.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
    /// When it ends unless it is refreshed.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Session {
    /// Characters kept of a device's own name.
    pub const AGENT_MAX: usize = 200;

    /// A session that begins now. Its refresh token is hashed into it by [`crate::Signer::start`].
    pub(crate) fn begin(id: SessionId, user_id: UserId, remember: bool, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            roles: vec![Role::Member],
            school: None,
            state: SessionState::Active,
            suspended_until: None,
            refresh_count: 0,
            refresh_hash: String::new(),
            rotated_at: None,
            csrf_hash: String::new(),
            remember,
            agent: None,
            created_at: now,
            last_used_at: Some(now),
            expires_at: expiry(remember, now, now),
        }
    }

    /// When the session ends if it is refreshed now: after its idle time, and never more than 90 days after it began.
    #[must_use]
    pub fn expiry_from(&self, now: Timestamp) -> Timestamp {
        expiry(self.remember, self.created_at, now)
    }

    /// Whether it is good at this time: a suspension may be over.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> SessionState {
        match self.state {
            SessionState::Suspended if self.suspended_until.is_some_and(|until| until <= now) => SessionState::Active,
            state => state,
        }
    }

    /// Whether it takes one of its owner's places: neither ended nor over.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state != SessionState::Ended && self.expires_at > now
    }

    /// Whether the account has the role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Where a person's session is stored.
    #[must_use]
    pub fn key_of(user_id: UserId, id: SessionId) -> Key {
        Key::new(Self::partition_of(user_id), format!("{}{id}", Self::PREFIX))
    }

    /// The partition of a person's sessions.
    #[must_use]
    pub fn partition_of(user_id: UserId) -> String {
        format!("USER#{user_id}")
    }

    /// What the sort keys of sessions begin with.
    pub const PREFIX: &'static str = "SESSION#";
}

fn expiry(remember: bool, created_at: Timestamp, now: Timestamp) -> Timestamp {
    let idle = if remember { REMEMBERED_SECONDS } else { SHORT_SECONDS };
    now.plus_seconds(idle).min(created_at.plus_seconds(LONGEST_SECONDS))
}

impl Item for Session {
    const TABLE: Table = SESSIONS;
    const KIND: &'static str = "session";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn begun(remember: bool) -> Session {
        let start = Timestamp::from_epoch_seconds(0);
        Session::begin(SessionId::from_parts(1, [1; 10]), UserId::from_parts(2, [2; 10]), remember, start)
    }

    #[test]
    fn b3_29_b4_19_a_session_lives_for_30_days_or_one_and_never_beyond_90() {
        let after = Timestamp::from_epoch_seconds;
        assert_eq!(begun(true).expires_at, after(30 * DAY));
        assert_eq!(begun(false).expires_at, after(DAY));
        assert_eq!(begun(true).expiry_from(after(29 * DAY)), after(59 * DAY));
        assert_eq!(begun(true).expiry_from(after(61 * DAY)), after(90 * DAY));
        assert_eq!(begun(false).expiry_from(after(89 * DAY + 1)), after(90 * DAY));
    }

    #[test]
    fn a_suspension_ends_when_it_was_said_to() {
        let until = Some(Timestamp::from_epoch_seconds(10));
        let suspended = Session { state: SessionState::Suspended, suspended_until: until, ..begun(false) };
        assert_eq!(suspended.state_at(Timestamp::from_epoch_seconds(9)), SessionState::Suspended);
        assert_eq!(suspended.state_at(Timestamp::from_epoch_seconds(10)), SessionState::Active);
        let for_good = Session { suspended_until: None, ..suspended };
        assert_eq!(for_good.state_at(Timestamp::from_epoch_seconds(i64::from(u32::MAX))), SessionState::Suspended);
    }

    #[test]
    fn a_session_that_is_suspended_keeps_its_place_and_one_that_has_ended_does_not() {
        let now = Timestamp::from_epoch_seconds(1);
        let of = |state| Session { state, ..begun(false) };
        assert!(of(SessionState::Active).is_live(now) && of(SessionState::Suspended).is_live(now));
        assert!(!of(SessionState::Ended).is_live(now));
        assert!(!of(SessionState::Active).is_live(Timestamp::from_epoch_seconds(DAY)));
    }
}
