//! Sessions: signing in, one's devices, and ending them.

pub mod create_session;
pub mod delete_current_session;
pub mod delete_other_sessions;
pub mod delete_session;
pub mod list_sessions;
pub(crate) mod login;
pub(crate) mod store;
pub(crate) mod throttle;

use campus_domain::{SessionId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_session::{Session, SessionSchool};
use serde::Serialize;
use utoipa::ToSchema;

use crate::users::Account;

/// Stands in for the account of a login that nobody has, so that looking for it costs the same.
pub(crate) fn nobody() -> UserId {
    UserId::from_parts(0, [0; 10])
}

/// A session that has begun, with what it knows of its account and device.
pub(crate) fn of_account(cx: &Cx, account: &Account, begun: Session) -> Session {
    Session {
        roles: account.roles.clone(),
        school: account.school_id.map(|id| SessionSchool { id, verified: account.school_verified }),
        agent: cx.user_agent().map(|agent| agent.chars().take(Session::AGENT_MAX).collect()),
        ..begun
    }
}

/// One of a person's devices.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    id: SessionId,
    /// What the device called itself at sign-in, cut to 200 characters.
    #[schema(required, example = "Campus/1.0 (Android 16)")]
    agent: Option<String>,
    /// Where the sign-in came from. Null while Campus knows of no place: an address alone tells of none.
    #[schema(required, example = json!(null))]
    place: Option<String>,
    created_at: Timestamp,
    /// When it was given tokens last, at most 15 minutes before its last use.
    last_used_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionView {
    /// The session as the session `current` of the same person is shown it.
    fn seen_by(current: SessionId, session: Session) -> Self {
        Self {
            id: session.id,
            agent: session.agent,
            place: None,
            created_at: session.created_at,
            last_used_at: session.last_used_at.unwrap_or(session.created_at),
            current: session.id == current,
        }
    }
}
