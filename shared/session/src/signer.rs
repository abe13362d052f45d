//! Issuing tokens. Only functions that may read the signing seed can.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::SIGNING_SEED;
use campus_domain::{Clock, SessionId, Timestamp, UserId};
use campus_secrets::{SecretError, Secrets, derive_key, mac};
use campus_store::{Store, StoreError, Written, absent};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::authenticate::CACHED_FOR_SECONDS;
use crate::claims::{ACCESS_TOKEN_SECONDS, AUDIENCE, Claims, TOKEN_TYPE};
use crate::refresh::{self, NamedRefresh};
use crate::ring::{CursorSecret, PublicKey, Ring};
use crate::session::Session;
use crate::tokens::{Issue, hash_of};

/// The ring is read again after this long, so that a new signing key is taken up in time. No longer than by those who
/// verify, or a revoked key would be used for longer than it is taken.
const RING_CACHED_FOR_SECONDS: i64 = CACHED_FOR_SECONDS;
/// Publishers that meet try again this often.
const PUBLISH_ROUNDS_MAX: u32 = 8;

/// Tokens cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The key ring cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The seed cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The key cannot be made or used.
    #[error("signing failed: {0}")]
    Key(String),
}

/// What signs right now.
struct SigningKey {
    kid: String,
    encoding: EncodingKey,
    seed: SecretString,
}

/// Issues tokens; one per process.
pub struct Signer {
    issuer: String,
    clock: Arc<dyn Clock>,
    current: Mutex<Option<(Arc<SigningKey>, Timestamp)>>,
}

/// A key that is ready to sign: read before the session is written, so that a session never
/// exists without its tokens.
pub struct Prepared {
    issuer: String,
    key: Arc<SigningKey>,
}

impl Signer {
    /// A signer whose tokens name this issuer.
    #[must_use]
    pub fn new(issuer: String, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, clock, current: Mutex::default() }
    }

    /// Makes the key ready. Free in a warm instance.
    ///
    /// # Errors
    ///
    /// Any [`SigningError`].
    pub async fn prepare(&self, store: &Store, secrets: &Secrets) -> Result<Prepared, SigningError> {
        let now = Timestamp::from(self.clock.now());
        let cached = self.current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let key = match cached {
            Some((key, read_at)) if read_at.seconds_until(now) < RING_CACHED_FOR_SECONDS => key,
            _ => {
                // The SDK's futures are large.
                let key = Arc::new(Box::pin(ready_key(store, secrets, now)).await?);
                *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some((Arc::clone(&key), now));
                key
            }
        };
        Ok(Prepared { issuer: self.issuer.clone(), key })
    }
}

impl Prepared {
    /// Begins a session. The caller completes it (roles, school, agent) and stores it.
    #[must_use]
    pub fn start(&self, id: SessionId, user_id: UserId, remember: bool, now: Timestamp) -> Session {
        let mut session = Session::begin(id, user_id, remember, now);
        session.refresh_hash = self.refresh_hash(&session, now);
        session.csrf_hash = hash_of(&self.csrf_token(&Issue::new(&session, now)));
        session
    }

    /// The session as it is after one more refresh, made now.
    #[must_use]
    pub fn rotate(&self, session: &Session, now: Timestamp) -> Session {
        let mut next = Session {
            refresh_count: session.refresh_count.saturating_add(1),
            rotated_at: Some(now),
            last_used_at: Some(now),
            expires_at: session.expiry_from(now),
            ..session.clone()
        };
        next.refresh_hash = self.refresh_hash(&next, now);
        next
    }

    /// What a refresh token names, if Campus issued it.
    #[must_use]
    pub fn open_refresh_token(&self, token: &str) -> Option<NamedRefresh> {
        refresh::open(&self.key.seed, token)
    }

    /// The access token of an issue: the same each time, as long as the same key signs.
    ///
    /// # Errors
    ///
    /// [`SigningError::Key`] when the key cannot sign.
    pub fn access_token(&self, issue: &Issue) -> Result<String, SigningError> {
        let issued_at = issue.issued_at.epoch_seconds();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: issue.user_id,
            aud: AUDIENCE.to_owned(),
            exp: issue.issued_at.plus_seconds(ACCESS_TOKEN_SECONDS).epoch_seconds(),
            nbf: issued_at,
            iat: issued_at,
            jti: issue.token_id,
            sid: issue.session_id,
        };
        let header = Header {
            typ: Some(TOKEN_TYPE.to_owned()),
            kid: Some(self.key.kid.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &self.key.encoding).map_err(|error| SigningError::Key(error.to_string()))
    }

    /// The refresh token of an issue.
    #[must_use]
    pub fn refresh_token(&self, issue: &Issue) -> String {
        refresh::token(&self.key.seed, issue)
    }

    /// The token that a session's writes with cookies must bring along: the same for as long as it lives.
    #[must_use]
    pub fn csrf_token(&self, issue: &Issue) -> String {
        let tag = mac(&self.key.seed, &[b"csrf token", issue.user_id.as_bytes(), issue.session_id.as_bytes()]);
        BASE64_URL_SAFE_NO_PAD.encode(tag)
    }

    fn refresh_hash(&self, session: &Session, now: Timestamp) -> String {
        hash_of(&self.refresh_token(&Issue::new(session, now)))
    }
}

/// The key of the ring's current epoch. What is not stored yet is: the ring, and the key of cursors.
async fn ready_key(store: &Store, secrets: &Secrets, now: Timestamp) -> Result<SigningKey, SigningError> {
    let (ring, cursors) = (Ring::location(), CursorSecret::location());
    let (seed, ring, cursors) =
        tokio::join!(secrets.read(SIGNING_SEED), store.find::<Ring>(&ring), store.find::<CursorSecret>(&cursors));
    let (seed, ring, cursors) = (seed?, ring?.unwrap_or_default(), cursors?);
    let kept = keep_cursors(store, &seed, cursors);
    let (key, ()) = tokio::try_join!(published(store, secrets, seed.clone(), ring, now), kept)?;
    Ok(key)
}

/// Stores the key of cursors where there is none.
async fn keep_cursors(store: &Store, seed: &SecretString, stored: Option<CursorSecret>) -> Result<(), SigningError> {
    if stored.is_none() {
        let secret = BASE64_URL_SAFE_NO_PAD.encode(derive_key(seed, "cursors"));
        // Whoever else stores it stores the same.
        store.put(&CursorSecret { secret }, absent()).await?;
    }
    Ok(())
}

/// The key that signs now, published if it is not there.
async fn published(
    store: &Store,
    secrets: &Secrets,
    mut seed: SecretString,
    mut ring: Ring,
    now: Timestamp,
) -> Result<SigningKey, SigningError> {
    let mut is_fresh = false;
    for _ in 0..PUBLISH_ROUNDS_MAX {
        let epoch = ring.signing_at(now).map_or(1, |(_, key)| key.epoch);
        let key = derived(&seed, epoch)?;
        if ring.keys.contains_key(&key.public.kid) {
            return Ok(SigningKey { kid: key.public.kid, encoding: key.encoding, seed });
        }
        if !ring.keys.is_empty() && !is_fresh {
            // The seed was replaced: either the ring is still that of the old one, or the instance has that cached. It
            // must not publish a key of a seed that was replaced, perhaps because it leaked.
            (seed, is_fresh) = (secrets.read_anew(SIGNING_SEED).await?, true);
            continue;
        }
        // Nothing was published yet, or the ring's keys are of an old seed.
        let key = public_key(&seed, ring.next_epoch())?;
        ring = replace(store, &ring, ring.taken_over(key, now)).await?;
    }
    Err(SigningError::Key("the key ring kept changing".to_owned()))
}

/// Stores the ring's next state. Returns the ring as it then is, whoever wrote it.
async fn replace(store: &Store, seen: &Ring, next: Ring) -> Result<Ring, SigningError> {
    let next = next.in_place_of(seen);
    match store.put(&next, seen.unchanged()).await? {
        Written::Done(_) => Ok(next),
        // A twin was first, or our own answer was lost: in both cases the stored ring tells.
        Written::Refused(Some(stored)) => Ok(campus_store::decode(stored)?),
        Written::Refused(None) => Ok(Ring::default()),
    }
}

/// The public key of an epoch.
///
/// # Errors
///
/// [`SigningError::Key`] when it cannot be made.
pub fn public_key(seed: &SecretString, epoch: u32) -> Result<PublicKey, SigningError> {
    Ok(derived(seed, epoch)?.public)
}

struct Derived {
    encoding: EncodingKey,
    public: PublicKey,
}

fn derived(seed: &SecretString, epoch: u32) -> Result<Derived, SigningError> {
    let unusable = |_| SigningError::Key("the derived key is unusable".to_owned());
    let pair = Ed25519KeyPair::from_seed_unchecked(&derive_key(seed, &format!("access token key {epoch}")))
        .map_err(|rejected| SigningError::Key(rejected.to_string()))?;
    let der = pair.to_pkcs8v1().map_err(unusable)?;
    let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
    Ok(Derived { encoding: EncodingKey::from_ed_der(der.as_ref()), public: PublicKey { kid: thumbprint(&x), x } })
}

/// The JWK thumbprint (RFC 7638) of an Ed25519 key: the hash of its required members in order.
fn thumbprint(x: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8037, appendix A.3.
    #[test]
    fn a_thumbprint_is_that_of_the_standard() {
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
