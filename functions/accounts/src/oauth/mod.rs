//! Signing in by an account elsewhere: OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), and OpenID Connect Core 1.0.
//!
//! A person is who the provider says they are, by its own subject and nothing that a client sends: see `identify`.

pub mod create_oauth_authorization;
pub mod create_oauth_registration;
pub mod create_oauth_session;
mod id_token;
mod identify;
mod places;
pub(crate) mod store;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{AuthorizationId, EmailAddress, Invalid, PersonName, RedirectUri, TicketId, Timestamp, UserId};
use campus_endpoint::{Body, Cx, Refusals, Settings, SocialClients};
use campus_secrets::{Label, ProviderKeys, mac, open_token, peek_token};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub(crate) use self::identify::{identify, keys};
use crate::Error;

/// How long a visit to a provider may take.
const AUTHORIZATION_SECONDS: i64 = 600;
/// How long someone new may take to fill in what is missing.
const TICKET_SECONDS: i64 = 600;
/// Characters of a subject at most, OpenID Connect Core section 2. It is part of a key, which has an end, too.
const SUBJECT_MAX: usize = 255;
/// Characters of a provider's code or token at most, as the schemas say; real ones have up to 2,000.
const SHOWN_MAX: u32 = 8_000;

/// Who vouches for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OauthProvider)]
pub enum Provider {
    /// Google.
    Google,
    /// Kakao.
    Kakao,
    /// Facebook.
    Facebook,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Google, Self::Kakao, Self::Facebook];

    /// Its name, as in paths.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Kakao => "kakao",
            Self::Facebook => "facebook",
        }
    }

    /// What names it beside a subject, wherever its stand-in is: an identity is issuer and subject, OpenID Connect Core
    /// section 2.
    #[must_use]
    pub const fn issuer(self) -> &'static str {
        match self {
            Self::Google => "https://accounts.google.com",
            Self::Kakao => "https://kauth.kakao.com",
            Self::Facebook => "https://www.facebook.com",
        }
    }

    /// What it knows this stage by.
    fn clients(self, social: &SocialClients) -> &[String] {
        match self {
            Self::Google => &social.google,
            Self::Kakao => &social.kakao,
            Self::Facebook => &social.facebook,
        }
    }

    fn key(self, keys: &ProviderKeys) -> Option<&SecretString> {
        match self {
            Self::Google => keys.google.as_ref(),
            Self::Kakao => keys.kakao.as_ref(),
            Self::Facebook => keys.facebook.as_ref(),
        }
    }
}

/// Which provider.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = ProviderPath)]
pub struct ProviderPath {
    #[schema(value_type = Provider)]
    provider: String,
}

impl ProviderPath {
    /// The provider, if it is offered here.
    ///
    /// # Errors
    ///
    /// [`Error::ProviderNotOffered`].
    pub(crate) fn offered(&self, cx: &Cx) -> Result<Provider, Error> {
        self.named()
            .filter(|provider| !provider.clients(&cx.settings().social).is_empty())
            .ok_or(Error::ProviderNotOffered)
    }

    /// The provider, whether it is offered or not.
    pub(crate) fn named(&self) -> Option<Provider> {
        Provider::ALL.into_iter().find(|provider| provider.as_str() == self.provider)
    }
}

/// A visit to a provider. What it proves by, verifier and nonce, is derived from its id and stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Authorization {
    pub(crate) id: AuthorizationId,
    pub(crate) provider: Provider,
    /// Where the provider sends the person back to, and the code is good for.
    pub(crate) redirect_uri: RedirectUri,
    /// Who was signed in when it began, and so may link what comes of it.
    pub(crate) user_id: Option<UserId>,
    /// Whether something came of it.
    #[serde(default)]
    pub(crate) spent: bool,
    #[serde(with = "campus_domain::time::epoch")]
    pub(crate) expires_at: Timestamp,
}

/// The proof key of a visit, RFC 7636 section 4.1: 43 characters of base64url.
fn verifier(secret: &SecretString, id: AuthorizationId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(mac(secret, &[b"oauth verifier", id.as_bytes()]))
}

/// What the provider is shown of it, RFC 7636 section 4.2.
fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// What ties an id token to a visit, OpenID Connect Core section 3.1.2.1.
fn nonce(secret: &SecretString, id: AuthorizationId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(mac(secret, &[b"oauth nonce", id.as_bytes()]))
}

/// Someone who the provider vouches for and nobody here knows yet. It holds what the provider tells of them until they
/// have filled in the rest, or ten minutes are over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) id: TicketId,
    pub(crate) known: Known,
    #[serde(with = "campus_domain::time::epoch")]
    pub(crate) expires_at: Timestamp,
}

/// What a provider tells of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) provider: Provider,
    /// The provider's own and lasting name of them: 1 to 255 ASCII characters.
    pub(crate) subject: String,
    /// B0.37: may be missing.
    pub(crate) email: Option<EmailAddress>,
    /// Whether the provider vouches that the address is theirs.
    pub(crate) vouched: bool,
    /// One that a person may have here.
    pub(crate) name: Option<PersonName>,
}

impl Known {
    /// The address, if it is as good as proven.
    pub(crate) fn vouched_email(&self) -> Option<&EmailAddress> {
        self.email.as_ref().filter(|_| self.vouched)
    }
}

/// What a front end shows of a person's visit to a provider, in the words of RFC 6749: `code` and `state`, or a token.
#[derive(Clone, eserde::Deserialize, ToSchema)]
#[schema(as = OauthShown)]
pub struct Shown {
    /// What the provider sent the person back with.
    #[schema(max_length = 8000, example = "the code that came back")]
    pub(crate) code: Option<String>,
    /// Likewise, and what the visit was begun with.
    #[schema(max_length = 8000, example = "the state of this visit")]
    pub(crate) state: Option<String>,
    /// The provider's, for one of this stage's own apps, where the front end did the exchange.
    #[schema(max_length = 8000)]
    pub(crate) access_token: Option<String>,
    /// Likewise; it tells less of a person than an access token.
    #[schema(max_length = 8000)]
    pub(crate) id_token: Option<String>,
}

impl Body for Shown {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        check_shown(sent, refusals);
    }
}

/// The rules of [`Shown`], over the body that has its members.
pub(crate) fn check_shown(sent: &Map<String, Value>, refusals: &mut Refusals) {
    let is_absent = |name: &str| sent.get(name).is_none_or(Value::is_null);
    if is_absent("access_token") && is_absent("id_token") {
        for field in ["code", "state"].into_iter().filter(|field| is_absent(field)) {
            refusals.add(&format!("/{field}"), Invalid::Required);
        }
    }
    for field in ["code", "state", "access_token", "id_token"] {
        if sent.get(field).and_then(Value::as_str).is_some_and(|text| text.chars().count() > SHOWN_MAX as usize) {
            refusals.add(&format!("/{field}"), Invalid::TooLong { max: SHOWN_MAX });
        }
    }
}

/// Whether it can be a provider's name of a person.
fn is_subject(text: &str) -> bool {
    !text.is_empty() && text.len() <= SUBJECT_MAX && text.is_ascii()
}

/// What was shown, as the provider is to be asked about it.
pub(crate) enum Evidence {
    /// A code, of the visit that its state names.
    Code {
        code: String,
        authorization: Authorization,
    },
    AccessToken(String),
    IdToken(String),
}

impl Evidence {
    /// Reads the visit, if there is one, and judges whether it may be used.
    ///
    /// # Errors
    ///
    /// [`Error::StateInvalid`] for a state that is not ours, or of another provider; [`Error::StateExpired`] when it is
    /// too old or was used.
    pub(crate) async fn find(cx: &Cx, provider: Provider, shown: Shown) -> Result<Self, Error> {
        match shown {
            Shown { code: Some(code), state: Some(state), .. } => {
                let id: AuthorizationId = peek_token(&state).ok_or(Error::StateInvalid)?;
                let (secret, found) =
                    tokio::join!(cx.secrets().read(campus_aws::CODE_SECRET), store::find_authorization(cx, id));
                if open_token(&secret?, Label::Authorization, &state) != Some(id) {
                    return Err(Error::StateInvalid);
                }
                let authorization = found?.ok_or(Error::StateExpired)?;
                if authorization.provider != provider {
                    return Err(Error::StateInvalid);
                }
                if authorization.spent || authorization.expires_at <= cx.now() {
                    return Err(Error::StateExpired);
                }
                Ok(Self::Code { code, authorization })
            }
            Shown { access_token: Some(token), .. } => Ok(Self::AccessToken(token)),
            Shown { id_token: Some(token), .. } => Ok(Self::IdToken(token)),
            _ => Err(Error::Fields(vec![("/code", Invalid::Required), ("/state", Invalid::Required)])),
        }
    }

    /// The visit, to be used up by what comes of it.
    pub(crate) fn authorization(&self) -> Option<&Authorization> {
        match self {
            Self::Code { authorization, .. } => Some(authorization),
            Self::AccessToken(_) | Self::IdToken(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let challenged = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenged, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_subject_has_up_to_255_ascii_characters() {
        for fine in ["7", "110169484474386276334", &"x".repeat(255)] {
            assert!(is_subject(fine), "{fine}");
        }
        for wrong in ["", "민지", &"x".repeat(256), &"x".repeat(3_000)] {
            assert!(!is_subject(wrong), "{wrong}");
        }
    }

    #[test]
    fn verifier_and_nonce_are_of_one_visit_and_of_one_use() {
        let secret = SecretString::from("a secret for tests".to_owned());
        let [one, other] = [1, 2].map(|seed| AuthorizationId::from_parts(7, [seed; 10]));
        assert_eq!(verifier(&secret, one), verifier(&secret, one));
        assert_ne!(verifier(&secret, one), verifier(&secret, other));
        assert_ne!(verifier(&secret, one), nonce(&secret, one));
        assert_eq!(verifier(&secret, one).len(), 43);
    }
}
