//! Id tokens, verified as OpenID Connect Core 1.0 section 3.1.3.7 and RFC 8725 say: one algorithm, the provider's own
//! keys, and every claim that ties the token to its provider, to this stage and to now.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use campus_domain::Timestamp;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::is_subject;
use crate::outbound::{self, OutboundError};

/// Keys are believed for so long.
const KEYS_SECONDS: i64 = 60 * 60;
/// A key that is not among them makes them be read again, this often at most: tokens with made-up ones cost nothing.
const REFRESH_SECONDS: i64 = 60;
/// The clocks of the provider and of Campus may differ by so much.
const LEEWAY_SECONDS: i64 = 30;

/// What an id token says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) email_verified: Flag,
    pub(super) name: Option<String>,
    /// Kakao's word for it.
    pub(super) nickname: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Some(Vec<String>),
}

/// A truth value, which some write as a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Flag {
    Truth(bool),
    Text(String),
    #[default]
    Missing,
}

impl Flag {
    pub(super) fn is_true(&self) -> bool {
        *self == Self::Truth(true) || *self == Self::Text("true".to_owned())
    }
}

/// Why there are no claims.
#[derive(Debug)]
pub(super) enum IdTokenError {
    /// It is not one that the provider issued to this stage for now.
    Invalid,
    /// The provider's keys cannot be had.
    NoKeys(OutboundError),
}

/// What a token is held to.
pub(super) struct Expected<'a> {
    /// Where its keys are.
    pub(super) keys: &'a str,
    pub(super) issuers: &'a [String],
    pub(super) clients: &'a [String],
    /// Of the visit, where there was one.
    pub(super) nonce: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// The claims of a token that is all that is expected.
pub(super) async fn verify(token: &str, expected: &Expected<'_>) -> Result<Claims, IdTokenError> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| IdTokenError::Invalid)?;
    // Before anything is asked of anyone. Never by `jku`, `jwk` or `x5u`, which whoever made the token chose.
    let kid = header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or(IdTokenError::Invalid)?;
    let key = find_key(expected.keys, &kid, expected.now).await?;
    let key = key.and_then(|key| DecodingKey::from_jwk(&key).ok()).ok_or(IdTokenError::Invalid)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(expected.clients);
    validation.set_issuer(expected.issuers);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // By the request's own clock, below.
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).map_err(|_| IdTokenError::Invalid)?.claims;
    if claims.holds(expected) { Ok(claims) } else { Err(IdTokenError::Invalid) }
}

impl Claims {
    /// Whether it is of now, of the visit, and was issued to this stage and not merely shown to it.
    fn holds(&self, expected: &Expected<'_>) -> bool {
        let now = expected.now.epoch_seconds();
        let timely = now < self.exp.saturating_add(LEEWAY_SECONDS) && self.iat <= now.saturating_add(LEEWAY_SECONDS);
        let nonce = self.nonce.as_deref().unwrap_or_default();
        let of_visit = expected.nonce.is_none_or(|expected| bool::from(nonce.as_bytes().ct_eq(expected.as_bytes())));
        let is_ours = |party: &String| expected.clients.contains(party);
        let audience_ours = match &self.aud {
            Audience::One(one) => is_ours(one),
            // Others among them must be no strangers, and who may use it must be named.
            Audience::Some(some) => some.iter().all(is_ours) && (some.len() == 1 || self.azp.is_some()),
        };
        let party_ours = self.azp.as_ref().is_none_or(is_ours);
        timely && of_visit && audience_ours && party_ours && is_subject(&self.sub)
    }
}

/// The keys of each provider that this process has read, and when.
static KEYS: LazyLock<Mutex<HashMap<String, (JwkSet, Timestamp)>>> = LazyLock::new(Mutex::default);

async fn find_key(url: &str, kid: &str, now: Timestamp) -> Result<Option<Jwk>, IdTokenError> {
    let cached = KEYS.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
    if let Some((keys, read_at)) = &cached {
        let age = read_at.seconds_until(now);
        let key = keys.find(kid).cloned();
        // A clock that was set back says nothing of their age.
        let is_fresh = (0..KEYS_SECONDS).contains(&age);
        if is_fresh && (key.is_some() || age < REFRESH_SECONDS) {
            return Ok(key);
        }
    }
    let read: JwkSet = outbound::send(outbound::client().get(url)).await.map_err(IdTokenError::NoKeys)?;
    let key = read.find(kid).cloned();
    KEYS.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned(), (read, now));
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: serde_json::Value) -> Claims {
        serde_json::from_value(json).expect("they are claims")
    }

    fn holds(change: &[(&str, serde_json::Value)]) -> bool {
        let mut json = serde_json::json!({
            "sub": "7", "aud": "web", "exp": 1_000, "iat": 900, "nonce": "n", "email_verified": "true"
        });
        for (name, value) in change {
            json[*name] = value.clone();
        }
        let clients = ["web", "app"].map(str::to_owned);
        let now = Timestamp::from_epoch_seconds(950);
        claims(json).holds(&Expected { keys: "", issuers: &[], clients: &clients, nonce: Some("n"), now })
    }

    #[test]
    fn a_token_holds_within_its_time_for_its_visit_and_for_this_stage_alone() {
        use serde_json::json;
        assert!(holds(&[]));
        assert!(holds(&[("aud", json!(["web"]))]));
        assert!(holds(&[("aud", json!(["web", "app"])), ("azp", json!("app"))]));
        assert!(holds(&[("exp", json!(921))]), "clocks differ");
        assert!(holds(&[("iat", json!(980))]), "clocks differ");
        for wrong in [
            [("exp", json!(920))],
            [("iat", json!(981))],
            [("nonce", json!("m"))],
            [("nonce", json!(null))],
            [("aud", json!("other"))],
            [("aud", json!(["web", "other"]))],
            [("aud", json!(["web", "app"]))],
            [("aud", json!([]))],
            [("azp", json!("other"))],
            [("sub", json!(""))],
            [("sub", json!("민지"))],
            [("sub", json!("7".repeat(256)))],
        ] {
            assert!(!holds(&wrong), "{wrong:?}");
        }
    }

    #[test]
    fn only_what_is_true_is_true() {
        for (flag, is_true) in [
            (serde_json::json!(true), true),
            (serde_json::json!("true"), true),
            (serde_json::json!(false), false),
            (serde_json::json!("false"), false),
            (serde_json::json!("yes"), false),
        ] {
            assert_eq!(
                serde_json::from_value::<Flag>(flag.clone()).expect("it is a flag").is_true(),
                is_true,
                "{flag}"
            );
        }
        assert!(!Flag::default().is_true());
    }
}
