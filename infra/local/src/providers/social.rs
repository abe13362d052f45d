//! Google, Kakao and Facebook, as far as people are signed in by them.
//!
//! | | |
//! |---|---|
//! | `GET /{company}/authorize` | asks who one is; `POST` with the same query, and that as a form, sends the person back with a code |
//! | `POST /{company}/token` | a code, with secret and proof key, for tokens: once |
//! | `GET /{company}/keys` | what id tokens are verified with |
//! | `GET /{company}/inspection`, `…/profile` | for whom an access token is, and what it tells, each in its company's own form |
//! | `POST /{company}/tokens` | a [`Person`] as JSON, with `client`, `nonce` and `flaw` if wished: tokens, as a front end has that did the exchange itself |

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_secrets::{mac, verify_mac};
use minijinja::value::Serde;
use minijinja::{Environment, context};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{KEYS, Providers};

/// Seconds for which a code is good, as long as RFC 6749 section 4.1.2 recommends at most; and an access token and an
/// id token.
const CODE_SECONDS: i64 = 600;
const TOKEN_SECONDS: i64 = 3600;
/// The name of the key that id tokens are signed with.
const KID: &str = "stand-in-1";

/// Someone, as a company knows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Person {
    /// Digits, since Kakao's are numbers.
    subject: String,
    #[serde(default)]
    email: Option<String>,
    /// Whether the company vouches for the address.
    #[serde(default)]
    email_verified: bool,
    #[serde(default)]
    name: Option<String>,
}

/// What is wrong with the tokens that are given out, for whoever must refuse them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flaw {
    /// `alg` is `none`, and there is no signature.
    Unsigned,
    /// `alg` is `HS256`, with the public key as its secret.
    KeyConfusion,
    /// The signature is by another key than `kid` says.
    OtherKey,
    /// `kid` is no key of the company's.
    UnknownKey,
    OtherAudience,
    /// Also for others, none of whom is named as the one that it was issued to.
    ManyAudiences,
    OtherIssuer,
    OtherNonce,
    NoNonce,
    /// It was issued to another party: `azp`.
    OtherParty,
    Expired,
    /// It was issued in the future.
    Early,
    /// The access token is someone else's.
    OtherSubject,
    /// There is no id token.
    NoIdToken,
}

/// What a code stands for.
#[derive(Serialize, Deserialize)]
struct Code {
    company: String,
    client: String,
    redirect_uri: String,
    nonce: Option<String>,
    challenge: String,
    person: Person,
    flaw: Option<Flaw>,
    /// Tells codes apart, of which each is good once.
    id: Uuid,
    expires_at: i64,
}

/// What an access token stands for.
#[derive(Serialize, Deserialize)]
struct Access {
    company: String,
    client: String,
    person: Person,
    expires_at: i64,
}

/// The routes of the providers of accounts.
pub(super) fn router() -> Router<Providers> {
    Router::new()
        .route("/{company}/authorize", get(ask).post(send_back))
        .route("/{company}/token", post(exchange))
        .route("/{company}/tokens", post(give))
        .route("/{company}/keys", get(keys))
        .route("/{company}/inspection", get(inspect))
        .route("/{company}/profile", get(profile))
}

/// What the company knows Campus by: its clients, of which the first has the secret; and the number of its app.
fn clients(company: &str) -> Option<(&'static [&'static str], &'static str)> {
    match company {
        "google" | "kakao" => Some((&["campus-web", "campus-app"], "310")),
        "facebook" => Some((&["310"], "310")),
        _ => None,
    }
}

fn secret_of(company: &str) -> String {
    let keys: Value = serde_json::from_str(KEYS).unwrap_or_default();
    keys[company].as_str().unwrap_or_default().to_owned()
}

/// What seals codes and access tokens. The same in each process, and worth nothing.
static SEAL: LazyLock<SecretString> = LazyLock::new(|| SecretString::from("the seal of the stand-ins".to_owned()));

fn sealed(what: &str, content: &impl Serialize) -> String {
    let content = serde_json::to_vec(content).unwrap_or_default();
    let tag = mac(&SEAL, &[what.as_bytes(), &content]);
    format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&content), BASE64_URL_SAFE_NO_PAD.encode(tag))
}

fn opened<T: DeserializeOwned>(what: &str, sealed: &str) -> Option<T> {
    let (content, tag) = sealed.split_once('.')?;
    let content = BASE64_URL_SAFE_NO_PAD.decode(content).ok()?;
    let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
    verify_mac(&SEAL, &[what.as_bytes(), &content], &tag).then_some(())?;
    serde_json::from_slice(&content).ok()
}

/// What Campus asks for in the URL that it gives a person.
#[derive(Debug, Clone, Deserialize)]
struct Asked {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: Option<String>,
    code_challenge: String,
    code_challenge_method: String,
}

impl Asked {
    /// Why the company would not ask the person at all.
    fn fault(&self, company: &str) -> Option<&'static str> {
        let Some((clients, _)) = clients(company) else { return Some("There is no such company.") };
        if clients.first() != Some(&self.client_id.as_str()) {
            return Some("There is no such client.");
        }
        let is_complete = self.response_type == "code" && self.scope.split(' ').any(|scope| scope == "openid");
        let has_proof_key = self.code_challenge_method == "S256" && self.code_challenge.len() == 43;
        (!is_complete || !has_proof_key || self.redirect_uri.is_empty())
            .then_some("Something is missing in the request.")
    }
}

/// What a browser may do on the page. Where the form leads is the front end's, which may be anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn ask(Path(company): Path<String>, asked: Query<Asked>) -> Response {
    if let Some(fault) = asked.fault(&company) {
        return (StatusCode::BAD_REQUEST, fault).into_response();
    }
    let people = json!([
        { "subject": "310001", "name": "김민지", "email": format!("minji.kim@{company}.example"), "email_verified": true },
        { "subject": "310002", "name": "박하준", "email": format!("hajun.park@{company}.example"), "email_verified": false },
        { "subject": "310003", "name": "이서연", "email": null, "email_verified": false },
    ]);
    let mut templates = Environment::new();
    let page = templates
        .add_template("provider.html", include_str!("provider.html"))
        .and_then(|()| templates.get_template("provider.html")?.render(context! { company, people => Serde(people) }));
    match page {
        Ok(page) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response(),
        Err(error) => {
            tracing::error!(cause = format!("{error:#}"), "a provider's page cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Who the person says that they are, in the form.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    email_verified: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    flaw: Option<Flaw>,
    /// Anything: they do not want to.
    #[serde(default)]
    deny: Option<String>,
}

async fn send_back(
    State(providers): State<Providers>,
    Path(company): Path<String>,
    asked: Query<Asked>,
    Form(said): Form<Said>,
) -> Response {
    if let Some(fault) = asked.fault(&company) {
        return (StatusCode::BAD_REQUEST, fault).into_response();
    }
    let Query(asked) = asked;
    let answer = if said.deny.is_some() {
        ("error", "access_denied".to_owned())
    } else {
        // On a busy machine, keys take longer to make than Campus waits for a provider. Here nobody counts.
        let _made = tokio::task::spawn_blocking(|| LazyLock::force(&SIGNING).is_some()).await;
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        let code = Code {
            company,
            client: asked.client_id,
            redirect_uri: asked.redirect_uri.clone(),
            nonce: asked.nonce,
            challenge: asked.code_challenge,
            person: Person {
                subject: said.subject,
                email: filled(said.email),
                email_verified: said.email_verified == "true",
                name: filled(said.name),
            },
            flaw: said.flaw,
            id: Uuid::new_v4(),
            expires_at: providers.epoch_seconds() + CODE_SECONDS,
        };
        ("code", sealed("code", &code))
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(answer.0, &answer.1)
        .append_pair("state", &asked.state)
        .finish();
    let joint = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{}{joint}{query}", asked.redirect_uri)).into_response()
}

/// What Campus sends with a code.
#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    client_id: String,
    client_secret: String,
    code_verifier: String,
}

async fn exchange(
    State(providers): State<Providers>,
    Path(company): Path<String>,
    Form(sent): Form<Exchange>,
) -> Response {
    let refuse = |status, error: &str| (status, Json(json!({ "error": error }))).into_response();
    let is_client = clients(&company).is_some_and(|(clients, _)| clients.first() == Some(&sent.client_id.as_str()));
    if !is_client || sent.client_secret != secret_of(&company) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let Some(code) = opened::<Code>("code", &sent.code) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let is_right = sent.grant_type == "authorization_code"
        && code.company == company
        && code.client == sent.client_id
        && code.redirect_uri == sent.redirect_uri
        && code.challenge == BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&sent.code_verifier))
        && code.expires_at > providers.epoch_seconds();
    if !is_right || !providers.use_up(&format!("code {}", code.id)) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let tokens = tokens(&providers, &company, &code.client, &code.person, code.nonce.as_deref(), code.flaw);
    tokens.map_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |tokens| Json(tokens).into_response())
}

/// Whose tokens a test wants.
#[derive(Deserialize)]
struct Wanted {
    #[serde(flatten)]
    person: Person,
    client: Option<String>,
    nonce: Option<String>,
    flaw: Option<Flaw>,
}

async fn give(State(providers): State<Providers>, Path(company): Path<String>, Json(wanted): Json<Wanted>) -> Response {
    let Some((clients, _)) = clients(&company) else { return StatusCode::NOT_FOUND.into_response() };
    let Wanted { person, client, nonce, flaw } = wanted;
    let client = client.as_deref().or(clients.first().copied()).unwrap_or_default();
    let tokens = tokens(&providers, &company, client, &person, nonce.as_deref(), flaw);
    tokens.map_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |tokens| Json(tokens).into_response())
}

fn tokens(
    providers: &Providers,
    company: &str,
    client: &str,
    person: &Person,
    nonce: Option<&str>,
    flaw: Option<Flaw>,
) -> Option<Value> {
    let now = providers.epoch_seconds();
    let other = Person { subject: format!("9{}", person.subject), ..person.clone() };
    let access = Access {
        company: company.to_owned(),
        client: client.to_owned(),
        person: if flaw == Some(Flaw::OtherSubject) { other } else { person.clone() },
        expires_at: now + TOKEN_SECONDS,
    };
    let mut tokens = json!({
        "access_token": sealed("access", &access), "token_type": "bearer", "expires_in": TOKEN_SECONDS,
    });
    if flaw != Some(Flaw::NoIdToken) {
        let claims = claims(&format!("{}/{company}", providers.url()), client, person, nonce, now, flaw);
        tokens["id_token"] = signed(&claims, flaw)?.into();
    }
    Some(tokens)
}

fn claims(issuer: &str, client: &str, person: &Person, nonce: Option<&str>, now: i64, flaw: Option<Flaw>) -> Value {
    let mut claims = json!({
        "iss": issuer, "aud": client, "azp": client, "sub": person.subject, "iat": now, "exp": now + TOKEN_SECONDS,
        "name": person.name, "email": person.email, "email_verified": person.email_verified,
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    match flaw {
        Some(Flaw::OtherAudience) => claims["aud"] = "someone-else".into(),
        Some(Flaw::ManyAudiences) => {
            claims["aud"] = json!([client, "someone-else"]);
            claims["azp"] = Value::Null;
        }
        Some(Flaw::OtherIssuer) => claims["iss"] = "https://accounts.evil.example".into(),
        Some(Flaw::OtherNonce) => claims["nonce"] = "another visit's".into(),
        Some(Flaw::NoNonce) => claims["nonce"] = Value::Null,
        Some(Flaw::OtherParty) => claims["azp"] = "someone-else".into(),
        Some(Flaw::Expired) => {
            claims["iat"] = (now - 2 * TOKEN_SECONDS).into();
            claims["exp"] = (now - TOKEN_SECONDS).into();
        }
        Some(Flaw::Early) => claims["iat"] = (now + TOKEN_SECONDS).into(),
        _ => {}
    }
    claims
}

/// The keys of the process: what id tokens are signed with, and another one, which is nobody's.
static SIGNING: LazyLock<Option<[KeyPair; 2]>> = LazyLock::new(|| {
    let pair = || KeyPair::generate(KeySize::Rsa2048).ok();
    Some([pair()?, pair()?])
});

fn signed(claims: &Value, flaw: Option<Flaw>) -> Option<String> {
    let [own, other] = SIGNING.as_ref()?;
    let algorithm = match flaw {
        Some(Flaw::Unsigned) => "none",
        Some(Flaw::KeyConfusion) => "HS256",
        _ => "RS256",
    };
    let kid = if flaw == Some(Flaw::UnknownKey) { "stand-in-2" } else { KID };
    let header = json!({ "alg": algorithm, "typ": "JWT", "kid": kid });
    let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let message = format!("{}.{}", encode(&header), encode(claims));
    let signature = match flaw {
        Some(Flaw::Unsigned) => Vec::new(),
        Some(Flaw::KeyConfusion) => {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, own.public_key().as_ref());
            aws_lc_rs::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
        }
        _ => {
            let key = if flaw == Some(Flaw::OtherKey) { other } else { own };
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).ok()?;
            signature
        }
    };
    Some(format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

async fn keys(Path(_): Path<String>) -> Response {
    let Some([own, _]) = SIGNING.as_ref() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let encode = |number: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(number);
    let public = own.public_key();
    let (n, e) =
        (public.modulus().big_endian_without_leading_zero(), public.exponent().big_endian_without_leading_zero());
    let key = json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID, "n": encode(n), "e": encode(e) });
    Json(json!({ "keys": [key] })).into_response()
}

/// Google and Facebook take the token that is asked about in the query.
#[derive(Default, Deserialize)]
struct AskedAbout {
    access_token: Option<String>,
    input_token: Option<String>,
    appsecret_proof: Option<String>,
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn access(providers: &Providers, company: &str, token: &str) -> Option<Access> {
    opened::<Access>("access", token)
        .filter(|access| access.company == company && access.expires_at > providers.epoch_seconds())
}

/// An app's number: of a client of ours ours, of a stranger's another one.
fn app_of(access: &Access) -> &'static str {
    clients(&access.company)
        .filter(|(clients, _)| clients.contains(&access.client.as_str()))
        .map_or("999", |known| known.1)
}

async fn inspect(
    State(providers): State<Providers>,
    Path(company): Path<String>,
    Query(about): Query<AskedAbout>,
    headers: HeaderMap,
) -> Response {
    match company.as_str() {
        "google" => match access(&providers, &company, about.access_token.as_deref().unwrap_or_default()) {
            Some(access) => {
                let Person { subject, email, .. } = &access.person;
                Json(json!({ "aud": access.client, "azp": access.client, "sub": subject, "email": email }))
                    .into_response()
            }
            None => (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_token" }))).into_response(),
        },
        "kakao" => match bearer(&headers).and_then(|token| access(&providers, &company, token)) {
            Some(access) => {
                let numbers = [access.person.subject.as_str(), app_of(&access)].map(|text| text.parse::<i64>().ok());
                Json(json!({ "id": numbers[0], "app_id": numbers[1] })).into_response()
            }
            None => (StatusCode::UNAUTHORIZED, Json(json!({ "code": -401 }))).into_response(),
        },
        _ => {
            if about.access_token != Some(format!("310|{}", secret_of(&company))) {
                return (StatusCode::BAD_REQUEST, Json(json!({ "error": { "code": 190 } }))).into_response();
            }
            let data = match access(&providers, &company, about.input_token.as_deref().unwrap_or_default()) {
                Some(access) => {
                    json!({ "app_id": app_of(&access), "is_valid": true, "user_id": access.person.subject, "type": "USER" })
                }
                None => json!({ "is_valid": false, "error": { "code": 190 } }),
            };
            Json(json!({ "data": data })).into_response()
        }
    }
}

async fn profile(
    State(providers): State<Providers>,
    Path(company): Path<String>,
    Query(about): Query<AskedAbout>,
    headers: HeaderMap,
) -> Response {
    let token = bearer(&headers).unwrap_or_default();
    let Some(Access { person, .. }) = access(&providers, &company, token) else {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_token" }))).into_response();
    };
    let Person { subject, email, email_verified, name } = person;
    match company.as_str() {
        "google" => Json(json!({ "sub": subject, "email": email, "email_verified": email_verified, "name": name })),
        "kakao" => Json(json!({
            "id": subject.parse::<i64>().ok(),
            "kakao_account": {
                "email": email, "is_email_valid": email_verified, "is_email_verified": email_verified,
                "profile": { "nickname": name },
            },
        })),
        _ => {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret_of(&company).as_bytes());
            let tag = aws_lc_rs::hmac::sign(&key, token.as_bytes());
            let proof = tag.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            if about.appsecret_proof != Some(proof) {
                return (StatusCode::BAD_REQUEST, Json(json!({ "error": { "code": 100 } }))).into_response();
            }
            Json(json!({ "id": subject, "email": email, "name": name }))
        }
    }
    .into_response()
}
