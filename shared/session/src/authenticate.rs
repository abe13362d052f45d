//! From an access token to a session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{Clock, SessionId, Timestamp, UserId};
use campus_store::{Store, StoreError};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::claims::{AUDIENCE, Claims, TOKEN_CHARACTERS_MAX, TOKEN_TYPE};
use crate::ring::Ring;
use crate::session::{Session, SessionState};

/// An instance trusts what it read for this long, so that an ended session is refused everywhere
/// within 30 s.
pub(crate) const CACHED_FOR_SECONDS: i64 = 25;
/// Sessions that an instance remembers; when full it forgets them all, which costs a read each.
const CACHED_SESSIONS_MAX: usize = 10_000;
/// How far the clocks of two instances may be apart.
pub(crate) const CLOCK_SKEW_SECONDS: i64 = 30;

/// Why a caller is not known.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The header or the token is not one of ours.
    #[error("the access token is invalid")]
    Invalid,
    /// The token is ours, but its time is over.
    #[error("the access token has expired")]
    Expired,
    /// The session has ended.
    #[error("the session has ended")]
    Revoked,
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The session cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies access tokens; one per process.
pub struct Authenticator {
    issuer: String,
    clock: Arc<dyn Clock>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    ring: Option<(Ring, Timestamp)>,
    sessions: HashMap<SessionId, (Session, Timestamp)>,
}

/// What a token says of itself before anything is verified: where to look.
#[derive(Debug)]
struct Named {
    kid: String,
    user_id: UserId,
    session_id: SessionId,
}

/// What a session must be to be good for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demands {
    /// Whether it must be read anew, however lately the instance read it.
    pub fresh: bool,
    /// Whether the account may be suspended.
    pub may_be_suspended: bool,
}

impl Authenticator {
    /// An authenticator of this issuer's tokens.
    #[must_use]
    pub fn new(issuer: String, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, clock, cache: Mutex::default() }
    }

    /// The session that an access token proves.
    ///
    /// Ring and session are read together, in one consistent batch, unless the instance read both
    /// within the last 25 s and it is not demanded that they are fresh.
    ///
    /// # Errors
    ///
    /// Any [`AuthError`].
    pub async fn authenticate(&self, store: &Store, token: &str, demands: Demands) -> Result<Session, AuthError> {
        if token.len() > TOKEN_CHARACTERS_MAX {
            return Err(AuthError::Invalid);
        }
        let named = named(token).ok_or(AuthError::Invalid)?;
        let now = Timestamp::from(self.clock.now());
        let (ring, session) = match self.cached(&named, now).filter(|_| !demands.fresh) {
            Some(cached) => cached,
            None => self.read(store, &named, now).await?,
        };

        let key = ring.keys.get(&named.kid).ok_or(AuthError::Invalid)?;
        let claims = verified(token, &key.x, &self.issuer)?;
        if claims.exp <= now.epoch_seconds() {
            return Err(AuthError::Expired);
        }
        let latest_start = now.plus_seconds(CLOCK_SKEW_SECONDS).epoch_seconds();
        if claims.nbf > latest_start || claims.iat > latest_start {
            return Err(AuthError::Invalid);
        }
        let session = session.ok_or(AuthError::Revoked)?;
        match session.state_at(now) {
            SessionState::Suspended if !demands.may_be_suspended => Err(AuthError::Suspended),
            SessionState::Active | SessionState::Suspended if session.expires_at > now => Ok(session),
            SessionState::Active | SessionState::Suspended | SessionState::Ended => Err(AuthError::Revoked),
        }
    }

    fn cached(&self, named: &Named, now: Timestamp) -> Option<(Ring, Option<Session>)> {
        let fresh = |read_at: &Timestamp| read_at.seconds_until(now) < CACHED_FOR_SECONDS;
        let cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let (ring, ring_read_at) = cache.ring.as_ref()?;
        let (session, session_read_at) = cache.sessions.get(&named.session_id)?;
        // A key that the cached ring lacks may be new.
        let known = ring.keys.contains_key(&named.kid) && session.user_id == named.user_id;
        (known && fresh(ring_read_at) && fresh(session_read_at)).then(|| (ring.clone(), Some(session.clone())))
    }

    async fn read(&self, store: &Store, named: &Named, now: Timestamp) -> Result<(Ring, Option<Session>), StoreError> {
        let mut batch = store.batch();
        let ring = batch.find::<Ring>(&Ring::location());
        let session = batch.find::<Session>(&Session::key_of(named.user_id, named.session_id));
        let mut found = batch.send().await?;
        let ring = found.take(ring)?.unwrap_or_default();
        let session = found.take(session)?;

        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.ring = Some((ring.clone(), now));
        if let Some(session) = &session {
            if cache.sessions.len() >= CACHED_SESSIONS_MAX {
                cache.sessions.clear();
            }
            cache.sessions.insert(session.id, (session.clone(), now));
        }
        Ok((ring, session))
    }
}

/// The token of an `Authorization` header, RFC 6750, if it is one of bounded length.
#[must_use]
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN_CHARACTERS_MAX).then_some(token)
}

/// What an unverified token names. Strict: the header has the three members that ours have and no other, so
/// none can point to a key or demand (`crit`, RFC 7515) what is not done.
fn named(token: &str) -> Option<Named> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Header {
        typ: String,
        alg: String,
        kid: String,
    }
    #[derive(serde::Deserialize)]
    struct Ids {
        sub: UserId,
        sid: SessionId,
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
    if header.alg != "EdDSA" || header.typ != TOKEN_TYPE {
        return None;
    }
    let ids: Ids = serde_json::from_slice(&decode(payload)?).ok()?;
    Some(Named { kid: header.kid, user_id: ids.sub, session_id: ids.sid })
}

/// The claims of a token that this key has signed. Times are compared by the caller, with its own clock.
fn verified(token: &str, x: &str, issuer: &str) -> Result<Claims, AuthError> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_ed_components(x).map_err(|_| AuthError::Invalid)?;
    jsonwebtoken::decode::<Claims>(token, &key, &validation).map(|data| data.claims).map_err(|_| AuthError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_of_bounded_length_is_looked_at() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer abc"), Some("abc"));
        for other in ["", "abc", "Basic abc", "Bearer"] {
            assert_eq!(bearer(other), None, "{other}");
        }
        assert_eq!(bearer(&format!("Bearer {}", "a".repeat(TOKEN_CHARACTERS_MAX + 1))), None);
    }

    #[test]
    fn nonsense_names_nothing() {
        for token in ["", ".", "..", "a.b.c", "a.b.c.d", "한.글.은", "e30.e30.e30"] {
            assert!(named(token).is_none(), "{token}");
        }
    }
}
