//! What happened to an account that concerns its safety, for its owner to read.

pub mod list_security_events;
pub(crate) mod store;

use campus_domain::{SecurityEventId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::SecurityEventKind;
use campus_session::Session;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Events are kept for a year.
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityEvent {
    /// Its id.
    pub id: SecurityEventId,
    /// Whose account.
    pub user_id: UserId,
    /// What happened; not `kind`, which every item has.
    pub event: SecurityEventKind,
    /// What the device called itself that did it, cut to 200 characters; none for what Campus did.
    pub agent: Option<String>,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl SecurityEvent {
    /// Something that this request does to an account.
    #[must_use]
    pub(crate) fn new(cx: &Cx, user_id: UserId, event: SecurityEventKind) -> Self {
        Self {
            id: cx.new_id(),
            user_id,
            event,
            agent: cx.user_agent().map(|agent| agent.chars().take(Session::AGENT_MAX).collect()),
            expires_at: cx.now().plus_seconds(KEPT_SECONDS),
        }
    }
}

/// An event as the account's owner sees it.
#[derive(Serialize, ToSchema)]
pub struct SecurityEventView {
    id: SecurityEventId,
    #[schema(example = "password_changed")]
    kind: SecurityEventKind,
    /// What the device called itself that did it; null for what Campus did.
    #[schema(required, example = "Campus/1.0 (Android 16)")]
    agent: Option<String>,
    created_at: Timestamp,
}

impl From<SecurityEvent> for SecurityEventView {
    fn from(event: SecurityEvent) -> Self {
        Self { created_at: event.id.made_at(), id: event.id, kind: event.event, agent: event.agent }
    }
}
