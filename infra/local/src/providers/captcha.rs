//! Geetest, versions 3 and 4, and Turnstile.
//!
//! | | |
//! |---|---|
//! | `GET /geetest_v3/register.php`, `POST /geetest_v3/validate.php` | as at Geetest |
//! | `POST /geetest_v4/validate?captcha_id=` | as at Geetest |
//! | `POST /turnstile/siteverify` | as at Cloudflare |
//! | `POST /{company}/answers` | the widget, in the hands of a person: a challenge's `parameters` in, the answer out. It is in the page, so it works while its company is in trouble. With `page`, Turnstile's is shown on another host than `localhost` |
//!
//! A signature is made anew from the key and compared. What was used, is of another widget, is too old by the system's
//! clock or was tampered with is refused.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_endpoint::{CaptchaProvider, Settings};
use campus_secrets::{ProviderKeys, hex_mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{KEYS, Providers};

/// What the widget is known by at each of them.
pub const WIDGET: &str = "campus-widget";
/// What Geetest began or gave out is good for ten minutes.
const GEETEST_SECONDS: i64 = 600;
/// What Turnstile gave out, for five.
const TURNSTILE_SECONDS: i64 = 300;
/// What widgets vouch by for what they give out. Its company knows it, and nobody else.
static SEAL: LazyLock<SecretString> = LazyLock::new(|| SecretString::from("what a widget and its company share"));
/// The key of the stage.
static KEY: LazyLock<SecretString> = LazyLock::new(|| {
    let keys = ProviderKeys::parse(&SecretString::from(KEYS)).ok();
    keys.and_then(|keys| keys.captcha).unwrap_or_default()
});
/// Challenges of version 3 that were registered, as the page knows them, and when.
static REGISTERED: LazyLock<Mutex<HashMap<String, Timestamp>>> = LazyLock::new(Mutex::default);

/// The settings of a laptop whose captchas are made by one of them, or by nobody.
#[must_use]
pub fn settings(captcha_provider: CaptchaProvider) -> Settings {
    let captcha_id = if captcha_provider == CaptchaProvider::None { "" } else { WIDGET };
    Settings { captcha_provider, captcha_id: captcha_id.to_owned(), ..Settings::local() }
}

/// The routes of the makers of captchas.
pub(super) fn router() -> Router<Providers> {
    Router::new()
        .route("/geetest_v3/register.php", get(register))
        .route("/geetest_v3/validate.php", post(validate_v3))
        .route("/geetest_v4/validate", post(validate_v4))
        .route("/turnstile/siteverify", post(siteverify))
}

/// The routes of their widgets.
pub(super) fn widgets() -> Router<Providers> {
    Router::new()
        .route("/geetest_v3/answers", post(answer_v3))
        .route("/geetest_v4/answers", post(answer_v4))
        .route("/turnstile/answers", post(answer_turnstile))
}

impl Providers {
    fn is_past(&self, since: Timestamp, seconds: i64) -> bool {
        (self.now)().as_second() - since.as_second() >= seconds
    }
}

fn md5(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

fn random() -> String {
    Uuid::new_v4().simple().to_string()
}

// --- Geetest, version 3 ------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct Registering {
    gt: String,
    digestmod: String,
    json_format: String,
}

async fn register(State(providers): State<Providers>, Query(asked): Query<Registering>) -> Json<Value> {
    if asked.gt != WIDGET || asked.digestmod != "md5" || asked.json_format != "1" {
        return Json(json!({ "challenge": "0" }));
    }
    let challenge = random();
    let shown = md5(&format!("{challenge}{}", KEY.expose_secret()));
    REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).insert(shown, (providers.now)());
    Json(json!({ "challenge": challenge }))
}

#[derive(Deserialize)]
struct WidgetV3 {
    gt: String,
    challenge: String,
    success: u8,
}

/// Online, what the key makes of the challenge, to which the slider adds; offline, what anyone can make of it.
async fn answer_v3(Json(widget): Json<WidgetV3>) -> Json<Value> {
    let is_online = widget.success == 1 && widget.gt == WIDGET;
    let challenge = if is_online { format!("{}k7", widget.challenge) } else { widget.challenge };
    let validate = if is_online { signed_v3(&challenge) } else { md5(&challenge) };
    Json(json!({
        "geetest_challenge": challenge,
        "geetest_validate": validate,
        "geetest_seccode": format!("{validate}|jordan"),
    }))
}

fn signed_v3(challenge: &str) -> String {
    md5(&format!("{}geetest{challenge}", KEY.expose_secret()))
}

#[derive(Deserialize)]
struct ValidatingV3 {
    challenge: String,
    seccode: String,
    captchaid: String,
    json_format: String,
}

async fn validate_v3(State(providers): State<Providers>, Form(asked): Form<ValidatingV3>) -> Json<Value> {
    let shown = asked.challenge.get(..32).unwrap_or_default();
    let registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner).get(shown).copied();
    let passes = asked.captchaid == WIDGET
        && asked.json_format == "1"
        && registered.is_some_and(|since| !providers.is_past(since, GEETEST_SECONDS))
        && asked.seccode == format!("{}|jordan", signed_v3(&asked.challenge))
        && providers.use_up(&format!("geetest_v3 {shown}"));
    Json(json!({ "seccode": if passes { md5(&asked.seccode) } else { "false".to_owned() } }))
}

// --- Geetest, version 4 ------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct WidgetV4 {
    captcha_id: String,
}

async fn answer_v4(State(providers): State<Providers>, Json(widget): Json<WidgetV4>) -> Json<Value> {
    let (lot_number, captcha_output) = (random(), random());
    let gen_time = (providers.now)().as_second().to_string();
    let pass_token = passed_v4(&widget.captcha_id, &lot_number, &captcha_output, &gen_time);
    Json(json!({
        "lot_number": lot_number, "captcha_output": captcha_output, "pass_token": pass_token, "gen_time": gen_time,
    }))
}

fn passed_v4(captcha_id: &str, lot_number: &str, captcha_output: &str, gen_time: &str) -> String {
    hex_mac(&SEAL, &format!("{captcha_id} {lot_number} {captcha_output} {gen_time}"))
}

#[derive(Deserialize)]
struct WidgetId {
    captcha_id: String,
}

#[derive(Deserialize)]
struct ValidatingV4 {
    lot_number: String,
    captcha_output: String,
    pass_token: String,
    gen_time: String,
    sign_token: String,
}

async fn validate_v4(
    State(providers): State<Providers>,
    Query(WidgetId { captcha_id }): Query<WidgetId>,
    Form(asked): Form<ValidatingV4>,
) -> Json<Value> {
    let fault = |message: &str| Json(json!({ "status": "error", "code": "-50005", "msg": message }));
    let verdict = |result: &str, reason: &str| {
        let arguments = json!({ "lot_number": asked.lot_number });
        Json(json!({ "status": "success", "result": result, "reason": reason, "captcha_args": arguments }))
    };
    let since = asked.gen_time.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let Some(since) = since else { return fault("illegal gen_time") };
    if captcha_id != WIDGET {
        return fault("illegal captcha_id");
    }
    if asked.sign_token != hex_mac(&KEY, &asked.lot_number) {
        return fault("illegal sign_token");
    }
    if asked.pass_token != passed_v4(&captcha_id, &asked.lot_number, &asked.captcha_output, &asked.gen_time) {
        return verdict("fail", "pass_token error");
    }
    if providers.is_past(since, GEETEST_SECONDS) {
        return verdict("fail", "pass_token expire");
    }
    if !providers.use_up(&format!("geetest_v4 {}", asked.lot_number)) {
        return verdict("fail", "pass_token used");
    }
    verdict("success", "")
}

// --- Turnstile ---------------------------------------------------------------------------------------------

#[derive(Deserialize)]
struct WidgetTurnstile {
    site_key: String,
    #[serde(default)]
    action: String,
    page: Option<String>,
}

/// What a token says, sealed.
#[derive(Serialize, Deserialize)]
struct Token {
    site_key: String,
    action: String,
    hostname: String,
    given_at: Timestamp,
    nonce: String,
}

async fn answer_turnstile(State(providers): State<Providers>, Json(widget): Json<WidgetTurnstile>) -> Json<Value> {
    let token = Token {
        site_key: widget.site_key,
        action: widget.action,
        hostname: widget.page.unwrap_or_else(|| "localhost".to_owned()),
        given_at: (providers.now)(),
        nonce: random(),
    };
    let said = BASE64_URL_SAFE_NO_PAD.encode(json!(token).to_string());
    Json(json!({ "token": format!("{said}.{}", hex_mac(&SEAL, &said)) }))
}

impl Token {
    fn open(sealed: &str) -> Option<Self> {
        let (said, seal) = sealed.split_once('.')?;
        let said = Some(said).filter(|said| hex_mac(&SEAL, said) == seal)?;
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(said).ok()?).ok()
    }
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Verifying {
    secret: String,
    response: String,
    idempotency_key: String,
}

async fn siteverify(State(providers): State<Providers>, Form(asked): Form<Verifying>) -> Json<Value> {
    let refused = |code: &str| Json(json!({ "success": false, "error-codes": [code], "messages": [] }));
    if asked.secret.is_empty() {
        return refused("missing-input-secret");
    }
    if asked.secret != KEY.expose_secret() {
        return refused("invalid-input-secret");
    }
    if asked.response.is_empty() {
        return refused("missing-input-response");
    }
    let Some(token) = Token::open(&asked.response).filter(|token| token.site_key == WIDGET) else {
        return refused("invalid-input-response");
    };
    let is_first = providers.use_up_by(&format!("turnstile {}", token.nonce), &asked.idempotency_key);
    if !is_first || providers.is_past(token.given_at, TURNSTILE_SECONDS) {
        return refused("timeout-or-duplicate");
    }
    Json(json!({
        "success": true, "error-codes": [], "challenge_ts": token.given_at, "hostname": token.hostname,
        "action": token.action, "cdata": "",
    }))
}
