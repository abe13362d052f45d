//! The claims of an access token, RFC 7519 and RFC 9068.

use campus_domain::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An access token lives 15 minutes.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// Who access tokens are for.
pub const AUDIENCE: &str = "campus";
/// RFC 9068's header `typ`, so that no other kind of token passes for an access token.
pub(crate) const TOKEN_TYPE: &str = "at+jwt";
/// Longer than any token that Campus issues (about 520 characters); one of more is not looked at.
pub(crate) const TOKEN_CHARACTERS_MAX: usize = 1024;

/// The claims. All are required; times are epoch seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: UserId,
    pub(crate) aud: String,
    pub(crate) exp: i64,
    pub(crate) nbf: i64,
    pub(crate) iat: i64,
    pub(crate) jti: Uuid,
    pub(crate) sid: SessionId,
}
