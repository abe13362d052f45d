//! The session: the only account data that every signed-in endpoint may read.
//!
//! Table `sessions`, `pk = USER#<user id>`, `sk = SESSION#<session id>`. Reading one session is a get
//! by key (the token names both ids), and a person's devices are one query.

use campus_aws::{SESSIONS, Table};
use campus_domain::{SchoolId, SessionId, Timestamp, UserId};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A session that is not remembered lives one day.
const SHORT_SECONDS: i64 = 24 * 60 * 60;
/// A remembered one lives thirty.
const REMEMBERED_SECONDS: i64 = 30 * SHORT_SECONDS;

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
    /// How often its refresh token was rotated; the current token is derived from it.
    pub refresh_count: u32,
    /// SHA-256 of the current refresh token, in base64url.
    pub refresh_hash: String,
    /// Whether the person asked to be remembered.
    pub remember: bool,
    /// What the device called itself at sign-in, cut to [`Session::AGENT_MAX`] characters.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
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
            refresh_count: 0,
            refresh_hash: String::new(),
            remember,
            agent: None,
            created_at: now,
            expires_at: now.plus_seconds(if remember { REMEMBERED_SECONDS } else { SHORT_SECONDS }),
        }
    }

    /// Whether the account has the role.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub(crate) fn key_of(user_id: UserId, id: SessionId) -> Key {
        Key::new(format!("USER#{user_id}"), format!("SESSION#{id}"))
    }
}

impl Item for Session {
    const TABLE: Table = SESSIONS;
    const KIND: &'static str = "session";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }
}
