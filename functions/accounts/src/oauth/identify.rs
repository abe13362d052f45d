//! Asking a provider who someone is.
//!
//! What a client sends is evidence and never an answer: a code is exchanged for the provider's own word, an id token is
//! verified, an access token is only looked at once the provider says that it was issued to this stage (B0.35). The
//! provider's tokens are forgotten as soon as they are read (B0.44).

use std::time::Duration;

use campus_aws::{CODE_SECRET, PROVIDER_KEYS};
use campus_domain::{EmailAddress, PersonName};
use campus_endpoint::Cx;
use campus_secrets::{ProviderKeys, hex_mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::id_token::{self, Claims, Expected, Flag, IdTokenError};
use super::places::Places;
use super::{Authorization, Evidence, Known, Provider, is_subject, nonce, verifier};
use crate::Error;
use crate::outbound::{self, OutboundError};

/// All that is asked of a provider for one request, together.
const PROVIDER_TIME: Duration = Duration::from_secs(5);
/// Seconds after which a provider that is down may be tried again.
const RETRY_AFTER: i64 = 10;

/// What this stage shows providers, to be read beside what else is read.
pub(crate) async fn keys(cx: &Cx) -> Result<ProviderKeys, Error> {
    let keys = cx.secrets().read(PROVIDER_KEYS).await?;
    Ok(ProviderKeys::parse(&keys).map_err(anyhow::Error::from)?)
}

/// Who the evidence is of.
///
/// # Errors
///
/// [`Error::AuthorizationCodeInvalid`] when the provider does not take the code, or what it gives for it is of another
/// visit; [`Error::ProviderTokenInvalid`] for a token that is not its own, not for this stage, or over;
/// [`Error::ProviderUnavailable`] when it has no answer that makes sense, in time.
pub(crate) async fn identify(
    cx: &Cx,
    provider: Provider,
    keys: &ProviderKeys,
    evidence: &Evidence,
) -> Result<Known, Error> {
    let asked = tokio::time::timeout(PROVIDER_TIME, ask(cx, provider, keys, evidence)).await;
    let asked = asked.unwrap_or_else(|_| Err(AskError::unavailable("it took too long")));
    asked.map_err(|error| match error {
        AskError::Told(error) => error,
        AskError::Unavailable(cause) => {
            tracing::warn!(provider = provider.as_str(), %cause, "a provider of accounts has no answer");
            Error::ProviderUnavailable { retry_after: RETRY_AFTER }
        }
    })
}

/// Why there is nobody.
enum AskError {
    /// The client is told.
    Told(Error),
    /// The provider is to blame, or what operators told it of this stage.
    Unavailable(String),
}

impl AskError {
    fn unavailable(cause: &str) -> Self {
        Self::Unavailable(cause.to_owned())
    }

    /// A refusal of what the client showed is the client's, and so is what nobody could be shown.
    fn refused_as(told: Error) -> impl Fn(OutboundError) -> Self {
        move |error| match (error, &told) {
            // Not the code is refused but who asks: the key is wrong.
            (OutboundError::Refused(status), Error::AuthorizationCodeInvalid) if status.as_u16() == 401 => {
                Self::Unavailable(format!("it answered {status}"))
            }
            (OutboundError::Refused(_) | OutboundError::Unfit, Error::AuthorizationCodeInvalid) => {
                Self::Told(Error::AuthorizationCodeInvalid)
            }
            (OutboundError::Refused(_) | OutboundError::Unfit, _) => Self::Told(Error::ProviderTokenInvalid),
            (OutboundError::Unavailable(cause), _) => Self::Unavailable(cause),
        }
    }
}

impl<E: Into<Error>> From<E> for AskError {
    fn from(error: E) -> Self {
        Self::Told(error.into())
    }
}

/// What a code is exchanged for.
#[derive(Deserialize)]
struct Tokens {
    access_token: Option<SecretString>,
    id_token: Option<SecretString>,
}

async fn ask(cx: &Cx, provider: Provider, keys: &ProviderKeys, evidence: &Evidence) -> Result<Known, AskError> {
    let settings = cx.settings();
    let (places, clients) =
        (Places::of(provider, settings.providers_url.as_deref()), provider.clients(&settings.social));
    let asking = Asking { cx, provider, places, clients, key: provider.key(keys) };
    match evidence {
        Evidence::Code { code, authorization } => asking.by_code(code, authorization).await,
        Evidence::AccessToken(token) => asking.by_access_token(&SecretString::from(token.clone())).await,
        Evidence::IdToken(token) => {
            let claims = asking.verify(token, None).await?;
            Ok(asking.known_by(claims))
        }
    }
}

/// One provider, asked in one request.
struct Asking<'a> {
    cx: &'a Cx,
    provider: Provider,
    places: Places,
    clients: &'a [String],
    key: Option<&'a SecretString>,
}

impl Asking<'_> {
    /// B0.31. The id token ties the answer to the visit, where there is one; Facebook gives none.
    async fn by_code(&self, code: &str, authorization: &Authorization) -> Result<Known, AskError> {
        let secret = self.cx.secrets().read(CODE_SECRET).await?;
        let verifier = verifier(&secret, authorization.id);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", authorization.redirect_uri.as_str()),
            ("client_id", self.client()?),
            ("code_verifier", &verifier),
        ];
        if let Some(key) = self.key {
            form.push(("client_secret", key.expose_secret()));
        }
        let request = outbound::client().post(&self.places.token).form(&form);
        let tokens: Tokens =
            outbound::send(request).await.map_err(AskError::refused_as(Error::AuthorizationCodeInvalid))?;
        let claims = match &tokens.id_token {
            Some(token) => {
                let nonce = nonce(&secret, authorization.id);
                // Whoever brings another's code brings another's nonce.
                let verified = self.verify(token.expose_secret(), Some(&nonce)).await;
                Some(verified.map_err(|error| match error {
                    AskError::Told(_) => AskError::Told(Error::AuthorizationCodeInvalid),
                    unavailable @ AskError::Unavailable(_) => unavailable,
                })?)
            }
            None => None,
        };
        let (known, claims) = match (self.provider, claims, tokens.access_token) {
            (Provider::Google, Some(claims), _) => return Ok(self.known_by(claims)),
            // Its id token does not say whether the address is verified.
            (Provider::Kakao, Some(claims), Some(token)) => (self.profile(&token).await?, Some(claims)),
            (Provider::Facebook, claims, Some(token)) => (self.by_access_token(&token).await?, claims),
            _ => return Err(AskError::unavailable("it gives no tokens")),
        };
        let is_one = claims.is_none_or(|claims| claims.sub == known.subject);
        if is_one { Ok(known) } else { Err(AskError::unavailable("it tells of two people")) }
    }

    /// B0.32. The provider says for whom the token is before anything that it tells is believed.
    async fn by_access_token(&self, token: &SecretString) -> Result<Known, AskError> {
        let subject = match self.provider {
            Provider::Google => self.inspect_at_google(token).await,
            Provider::Kakao => self.inspect_at_kakao(token).await,
            Provider::Facebook => self.inspect_at_facebook(token).await,
        }?;
        let known = self.profile(token).await?;
        if known.subject == subject { Ok(known) } else { Err(AskError::unavailable("it tells of two people")) }
    }

    async fn inspect_at_google(&self, token: &SecretString) -> Result<String, AskError> {
        #[derive(Deserialize)]
        struct Inspected {
            aud: String,
            sub: String,
        }
        let request = outbound::client().get(&self.places.inspection).query(&[("access_token", token.expose_secret())]);
        let Inspected { aud, sub } = self.inspect(request).await?;
        if_ours(self.clients.contains(&aud)).map(|()| sub)
    }

    async fn inspect_at_kakao(&self, token: &SecretString) -> Result<String, AskError> {
        #[derive(Deserialize)]
        struct Inspected {
            id: i64,
            app_id: i64,
        }
        let request = outbound::client().get(&self.places.inspection).bearer_auth(token.expose_secret());
        let Inspected { id, app_id } = self.inspect(request).await?;
        let is_ours = self.cx.settings().social.kakao_app == Some(app_id.to_string());
        if_ours(is_ours).map(|()| id.to_string())
    }

    async fn inspect_at_facebook(&self, token: &SecretString) -> Result<String, AskError> {
        #[derive(Deserialize)]
        struct Answer {
            data: Inspected,
        }
        #[derive(Deserialize)]
        struct Inspected {
            #[serde(default)]
            app_id: String,
            #[serde(default)]
            is_valid: bool,
            #[serde(default)]
            user_id: String,
        }
        let app_token = format!("{}|{}", self.client()?, self.key()?.expose_secret());
        let query = [("input_token", token.expose_secret()), ("access_token", app_token.as_str())];
        let Answer { data } = self.inspect(outbound::client().get(&self.places.inspection).query(&query)).await?;
        let is_ours = data.is_valid && self.clients.contains(&data.app_id) && !data.user_id.is_empty();
        if_ours(is_ours).map(|()| data.user_id)
    }

    async fn inspect<T: serde::de::DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, AskError> {
        outbound::send(request).await.map_err(AskError::refused_as(Error::ProviderTokenInvalid))
    }

    /// What an access token tells of its person, if they have a name that can be kept.
    async fn profile(&self, token: &SecretString) -> Result<Known, AskError> {
        let known = self.told_by(token).await?;
        if is_subject(&known.subject) { Ok(known) } else { Err(AskError::unavailable("its subject makes no sense")) }
    }

    async fn told_by(&self, token: &SecretString) -> Result<Known, AskError> {
        let request = outbound::client().get(&self.places.profile).bearer_auth(token.expose_secret());
        match self.provider {
            Provider::Google => {
                #[derive(Deserialize)]
                struct Profile {
                    sub: String,
                    email: Option<String>,
                    #[serde(default)]
                    email_verified: Flag,
                    name: Option<String>,
                }
                let Profile { sub, email, email_verified, name } = self.inspect(request).await?;
                Ok(self.known(sub, email, email_verified.is_true(), name))
            }
            Provider::Kakao => {
                #[derive(Deserialize)]
                struct Profile {
                    id: i64,
                    #[serde(default)]
                    kakao_account: Account,
                }
                #[derive(Default, Deserialize)]
                struct Account {
                    email: Option<String>,
                    #[serde(default)]
                    is_email_valid: bool,
                    #[serde(default)]
                    is_email_verified: bool,
                    profile: Option<Named>,
                }
                #[derive(Deserialize)]
                struct Named {
                    nickname: Option<String>,
                }
                let Profile { id, kakao_account: account } = self.inspect(request).await?;
                // Valid: nobody else has it at Kakao since.
                let vouched = account.is_email_valid && account.is_email_verified;
                let name = account.profile.and_then(|profile| profile.nickname);
                Ok(self.known(id.to_string(), account.email, vouched, name))
            }
            Provider::Facebook => {
                #[derive(Deserialize)]
                struct Profile {
                    id: String,
                    email: Option<String>,
                    name: Option<String>,
                }
                // That it is the app itself that asks: developers.facebook.com/docs/graph-api/guides/secure-requests.
                let proof = hex_mac(self.key()?, token.expose_secret());
                let request = request.query(&[("fields", "id,name,email"), ("appsecret_proof", &proof)]);
                let Profile { id, email, name } = self.inspect(request).await?;
                Ok(self.known(id, email, false, name))
            }
        }
    }

    /// The claims of an id token for this stage.
    async fn verify(&self, token: &str, nonce: Option<&str>) -> Result<Claims, AskError> {
        let expected = Expected {
            keys: &self.places.keys,
            issuers: &self.places.issuers,
            clients: self.clients,
            nonce,
            now: self.cx.now(),
        };
        id_token::verify(token, &expected).await.map_err(|error| match error {
            IdTokenError::Invalid => AskError::Told(Error::ProviderTokenInvalid),
            IdTokenError::NoKeys(error) => AskError::Unavailable(format!("its keys: {error}")),
        })
    }

    fn known_by(&self, claims: Claims) -> Known {
        // Only Google's word for an address is one: Kakao's token does not tell, and Facebook's never counts.
        let vouched = self.provider == Provider::Google && claims.email_verified.is_true();
        self.known(claims.sub, claims.email, vouched, claims.name.or(claims.nickname))
    }

    fn known(&self, subject: String, email: Option<String>, vouched: bool, name: Option<String>) -> Known {
        Known {
            provider: self.provider,
            subject,
            // What Campus would not take is as good as nothing.
            email: email.and_then(|email| EmailAddress::parse(&email).ok()),
            vouched,
            name: name.and_then(|name| PersonName::parse(&name).ok()),
        }
    }

    fn client(&self) -> Result<&str, AskError> {
        self.clients.first().map(String::as_str).ok_or(AskError::Told(Error::ProviderNotOffered))
    }

    fn key(&self) -> Result<&SecretString, AskError> {
        self.key.ok_or_else(|| AskError::unavailable("this stage has no key for it"))
    }
}

/// A token for someone else's app is worth nothing here, however good it is there.
fn if_ours(is_ours: bool) -> Result<(), AskError> {
    if is_ours { Ok(()) } else { Err(AskError::Told(Error::ProviderTokenInvalid)) }
}
