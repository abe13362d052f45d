//! What a client is given at sign-in and at each refresh, in the form that it asked for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::SessionId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::claims::ACCESS_TOKEN_SECONDS;
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

/// The tokens of a session, just issued. No `Debug`: they have no place in a log.
pub struct Tokens {
    /// The session's id.
    pub session_id: SessionId,
    /// A JWT, good for [`ACCESS_TOKEN_SECONDS`].
    pub access_token: String,
    /// An opaque token, good once.
    pub refresh_token: String,
    /// What writes with cookies must bring along.
    pub csrf_token: String,
    /// Seconds until the refresh token expires.
    pub refresh_seconds: i64,
}

impl Tokens {
    /// The session as its owner is given it: with the tokens, unless they go as cookies.
    #[must_use]
    pub fn view(&self, transport: Transport) -> TokenView {
        let bearer = transport == Transport::Bearer;
        TokenView {
            id: self.session_id,
            access_token: bearer.then(|| self.access_token.clone()),
            refresh_token: bearer.then(|| self.refresh_token.clone()),
            token_type: bearer.then_some("Bearer"),
            csrf_token: (!bearer).then(|| self.csrf_token.clone()),
            expires_in: ACCESS_TOKEN_SECONDS,
        }
    }
}

/// A session as its owner is given it.
#[derive(Serialize, ToSchema)]
pub struct TokenView {
    /// The session's id.
    id: SessionId,
    /// A JWT, for `Authorization: Bearer`. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// An opaque token, good once, for a new access token. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Always `Bearer`. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
    /// For the header `x-csrf-token` of every write with cookies. Only with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b4_17_cookies_take_the_tokens_out_of_the_body() {
        let tokens = Tokens {
            session_id: SessionId::from_parts(1, [1; 10]),
            access_token: "access".to_owned(),
            refresh_token: "refresh".to_owned(),
            csrf_token: "csrf".to_owned(),
            refresh_seconds: 60,
        };
        let members = |transport| {
            let view = serde_json::to_value(tokens.view(transport)).expect("it can be written");
            view.as_object().expect("it is an object").keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(members(Transport::Bearer), ["access_token", "expires_in", "id", "refresh_token", "token_type"]);
        assert_eq!(members(Transport::Cookie), ["csrf_token", "expires_in", "id"]);
    }
}
