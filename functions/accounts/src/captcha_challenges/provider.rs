//! The port to the makers of captchas: to begin a challenge, what its widget needs and hands back, and whether that
//! solves it.

use std::fmt::Display;

use campus_aws::PROVIDER_KEYS;
use campus_domain::{Invalid, Timestamp};
use campus_endpoint::{Body, CaptchaProvider, Cx, Refusals, Settings};
use campus_secrets::ProviderKeys;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Captcha, geetest_v3, geetest_v4, turnstile};
use crate::Error;

/// A challenge as its maker began it.
pub(crate) struct Begun {
    /// Who.
    pub(super) provider: CaptchaProvider,
    /// What they call it, if they said so.
    pub(super) challenge: Option<String>,
    /// If they were down, until when they may be done without.
    pub(super) fallback_until: Option<Timestamp>,
}

impl Begun {
    /// Of a maker who learns of a challenge only when it is solved.
    fn unasked(provider: CaptchaProvider) -> Self {
        Self { provider, challenge: None, fallback_until: None }
    }
}

/// Begins a challenge at the stage's maker.
///
/// # Errors
///
/// [`Error::CaptchaUnavailable`] when there is no key, or its maker was done without for long enough.
pub(super) async fn begin(cx: &Cx) -> Result<Begun, Error> {
    match cx.settings().captcha_provider {
        CaptchaProvider::GeetestV3 => geetest_v3::begin(cx, &key(cx).await?).await,
        provider => Ok(Begun::unasked(provider)),
    }
}

/// What the widget of a challenge needs; which members there are depends on the provider, and `none` has no widget.
#[derive(Serialize, ToSchema)]
#[schema(as = CaptchaParameters)]
pub(super) struct Parameters {
    /// The id of the stage's widget, with `geetest_v3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    gt: Option<String>,
    /// With `geetest_v3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    challenge: Option<String>,
    /// With `geetest_v3`: 1, or 0 while Geetest is down. Then the widget works by itself, and its solution allows a
    /// sign-in and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u8, required = false, minimum = 0, maximum = 1)]
    success: Option<u8>,
    /// With `geetest_v3`: always true.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    new_captcha: Option<bool>,
    /// The id of the stage's widget, with `geetest_v4`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    captcha_id: Option<String>,
    /// The id of the stage's widget, with `turnstile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "1x00000000000000000000AA")]
    site_key: Option<String>,
    /// With `turnstile`: what the widget must say that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "campus")]
    action: Option<String>,
}

impl Parameters {
    /// Those of a challenge.
    pub(super) fn of(captcha: &Captcha, settings: &Settings) -> Self {
        let only = |provider| captcha.provider == provider;
        let id_with = |provider| only(provider).then(|| settings.captcha_id.clone());
        let is_v3 = only(CaptchaProvider::GeetestV3);
        Self {
            gt: id_with(CaptchaProvider::GeetestV3),
            challenge: captcha.challenge.clone(),
            success: is_v3.then_some(u8::from(!captcha.is_fallback)),
            new_captcha: is_v3.then_some(true),
            captcha_id: id_with(CaptchaProvider::GeetestV4),
            site_key: id_with(CaptchaProvider::Turnstile),
            action: only(CaptchaProvider::Turnstile).then(|| turnstile::ACTION.to_owned()),
        }
    }
}

/// What the widget hands to the page once it is solved; which members are needed depends on the provider. `none` takes
/// anything.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = CaptchaAnswer)]
pub struct WidgetAnswer {
    /// With `geetest_v3`.
    #[schema(max_length = 64)]
    pub(super) geetest_challenge: Option<String>,
    /// With `geetest_v3`.
    #[schema(max_length = 64)]
    pub(super) geetest_validate: Option<String>,
    /// With `geetest_v3`.
    #[schema(max_length = 128)]
    pub(super) geetest_seccode: Option<String>,
    /// With `geetest_v4`.
    #[schema(max_length = 64)]
    pub(super) lot_number: Option<String>,
    /// With `geetest_v4`.
    #[schema(max_length = 4096)]
    pub(super) captcha_output: Option<String>,
    /// With `geetest_v4`.
    #[schema(max_length = 256)]
    pub(super) pass_token: Option<String>,
    /// With `geetest_v4`: digits.
    #[schema(max_length = 20)]
    pub(super) gen_time: Option<String>,
    /// With `turnstile`.
    #[schema(max_length = 2048, example = "the token that the widget calls back with")]
    pub(super) token: Option<String>,
}

/// Each member, whose it is, and how many characters it has at most: several times as many as they send, but for the
/// token, whose length is Cloudflare's.
const MEMBERS: [(&str, CaptchaProvider, u32); 8] = [
    ("geetest_challenge", CaptchaProvider::GeetestV3, 64),
    ("geetest_validate", CaptchaProvider::GeetestV3, 64),
    ("geetest_seccode", CaptchaProvider::GeetestV3, 128),
    ("lot_number", CaptchaProvider::GeetestV4, 64),
    ("captcha_output", CaptchaProvider::GeetestV4, 4096),
    ("pass_token", CaptchaProvider::GeetestV4, 256),
    ("gen_time", CaptchaProvider::GeetestV4, 20),
    ("token", CaptchaProvider::Turnstile, 2048),
];

impl Body for WidgetAnswer {
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        for (name, provider, max) in MEMBERS {
            let value = sent.get(name).filter(|value| !value.is_null());
            if value.is_none() && settings.captcha_provider == provider {
                refusals.add(&format!("/{name}"), Invalid::Required);
            }
            if value.and_then(Value::as_str).is_some_and(|text| text.chars().count() > max as usize) {
                refusals.add(&format!("/{name}"), Invalid::TooLong { max });
            }
        }
    }
}

/// Whether the answer solves the challenge: the question to its maker, once a try was counted for it.
///
/// # Errors
///
/// [`Error::CaptchaFailed`], and [`Error::CaptchaUnavailable`] when its maker has no answer that makes sense.
pub(super) async fn judge(cx: &Cx, key: &SecretString, captcha: &Captcha, answer: &WidgetAnswer) -> Result<(), Error> {
    match captcha.provider {
        CaptchaProvider::None => Ok(()),
        CaptchaProvider::GeetestV3 => geetest_v3::judge(cx, captcha, answer).await,
        CaptchaProvider::GeetestV4 => geetest_v4::judge(cx, key, answer).await,
        CaptchaProvider::Turnstile => turnstile::judge(cx, key, captcha, answer).await,
    }
}

/// What the maker's answer must not be taken for again, on any other challenge. Others see to that themselves.
pub(super) fn good_once(answer: &WidgetAnswer, settings: &Settings) -> Option<String> {
    let is_v4 = settings.captcha_provider == CaptchaProvider::GeetestV4;
    answer.lot_number.clone().filter(|_| is_v4)
}

/// The maker's key.
///
/// # Errors
///
/// When it cannot be read; [`Error::CaptchaUnavailable`] when an operator has taken it away since the start.
pub(super) async fn key(cx: &Cx) -> Result<SecretString, Error> {
    let keys = cx.secrets().read(PROVIDER_KEYS).await?;
    let key = ProviderKeys::parse(&keys).ok().and_then(|keys| keys.captcha);
    key.ok_or_else(|| unavailable(cx, "the secret provider-keys has no key for captcha"))
}

/// Where a maker's API is, or its stand-in.
pub(super) fn base(cx: &Cx, company: &str, real: &str) -> String {
    cx.settings().providers_url.as_ref().map_or_else(|| real.to_owned(), |url| format!("{url}/{company}"))
}

/// Nothing is solved, and the log says why.
pub(super) fn unavailable(cx: &Cx, cause: impl Display) -> Error {
    tracing::warn!(captcha.provider = ?cx.settings().captcha_provider, %cause, "the maker of captchas has no answer");
    Error::CaptchaUnavailable
}
