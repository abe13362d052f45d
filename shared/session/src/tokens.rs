//! What a client is given at sign-in and at each refresh.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::session::Session;

/// How a client wants its tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// In the body, to be sent as `Authorization: Bearer`.
    #[default]
    Bearer,
    /// As cookies that scripts cannot read.
    Cookie,
}

/// What the tokens of a session are derived from, each time that they are to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The session's id.
    pub session_id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// How often it was refreshed, this time included.
    pub refresh_count: u32,
    /// When its refresh token expires.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
    /// When its access token begins to be good, for [`crate::ACCESS_TOKEN_SECONDS`].
    #[serde(with = "campus_domain::time::epoch")]
    pub issued_at: Timestamp,
    /// Names the access token.
    pub token_id: Uuid,
}

impl Issue {
    /// New tokens for a session as it is.
    #[must_use]
    pub fn new(session: &Session, now: Timestamp) -> Self {
        Self {
            session_id: session.id,
            user_id: session.user_id,
            refresh_count: session.refresh_count,
            expires_at: session.expires_at,
            issued_at: now,
            token_id: Uuid::new_v4(),
        }
    }

    /// Seconds for which its refresh token is good.
    #[must_use]
    pub fn refresh_seconds(&self) -> i64 {
        self.issued_at.seconds_until(self.expires_at)
    }
}

/// The form in which a token is stored: SHA-256 in base64url. A token has 256 random bits, so that nothing
/// slower is needed.
#[must_use]
pub fn hash_of(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// Whether a token is the one that writes of this session must bring along. Compared in constant time.
#[must_use]
pub fn is_csrf_token_of(session: &Session, token: &str) -> bool {
    // A session from before there were such tokens has none, and matches none.
    bool::from(hash_of(token).as_bytes().ct_eq(session.csrf_hash.as_bytes()))
}
