//! Geetest, version 3: <https://docs.geetest.com/captcha/apirefer/api/server>.
//!
//! A challenge is registered before it is shown. While Geetest is down, the widget works by itself: then the challenge
//! is our own, `success` is 0, and the answer is judged by the rule of Geetest's own libraries for that case. Any
//! program can follow that rule, so a solution in fallback mode allows one sign-in, for as long as its challenge lives,
//! and neither a message nor a look at who is registered. Whether it is one says the stored challenge and never the
//! client. This goes on for ten minutes in any hour, however long Geetest is down and however often: see
//! `store::open_fallback`.

use campus_endpoint::{CaptchaProvider, Cx, Measure};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::provider::{Begun, WidgetAnswer, base, unavailable};
use super::{Captcha, store};
use crate::Error;
use crate::outbound::{client, send};

const COMPANY: &str = "geetest_v3";
const API: &str = "https://api.geetest.com";
/// What Geetest is told that asks.
const LIBRARY: &str = "campus:1";
/// Characters of an MD5 digest, which all of Geetest's names and signatures are.
const DIGEST_CHARACTERS: usize = 32;
/// Characters that the slider adds to a challenge.
const SLIDER_CHARACTERS: usize = 2;

#[derive(Deserialize)]
struct Registered {
    challenge: String,
}

/// Registers a challenge; without Geetest, makes one up, if that may be.
pub(super) async fn begin(cx: &Cx, key: &SecretString) -> Result<Begun, Error> {
    let question = [
        ("gt", cx.settings().captcha_id.as_str()),
        ("digestmod", "md5"),
        ("client_type", "web"),
        ("json_format", "1"),
        ("sdk", LIBRARY),
    ];
    let register = client().get(format!("{}/register.php", base(cx, COMPANY, API))).query(&question);
    let registered = send::<Registered>(register).await;
    let (challenge, fallback_until) = match registered {
        Ok(Registered { challenge }) if is_digest(&challenge) => {
            (md5(&format!("{challenge}{}", key.expose_secret())), None)
        }
        other => {
            let cause = other.err().map_or_else(|| "it gives no challenge".to_owned(), |error| error.to_string());
            tracing::warn!(%cause, "captchas are in fallback mode: Geetest registers no challenge");
            cx.measure(Measure::CaptchaFallbacks, 1);
            let until = store::open_fallback(cx).await?;
            (format!("{:032x}", fastrand::u128(..)), Some(until))
        }
    };
    Ok(Begun { provider: CaptchaProvider::GeetestV3, challenge: Some(challenge), fallback_until })
}

#[derive(Deserialize)]
struct Validated {
    seccode: Value,
}

/// Whether the answer is to this very challenge, and right.
pub(super) async fn judge(cx: &Cx, captcha: &Captcha, answer: &WidgetAnswer) -> Result<(), Error> {
    let (Some(challenge), Some(validate), Some(seccode)) =
        (&answer.geetest_challenge, &answer.geetest_validate, &answer.geetest_seccode)
    else {
        return Err(Error::CaptchaFailed);
    };
    let is_same = captcha.challenge.as_deref().is_some_and(|begun| names(challenge, begun));
    if !is_same || validate.is_empty() || seccode.is_empty() {
        return Err(Error::CaptchaFailed);
    }
    if captcha.is_fallback {
        return if *validate == md5(challenge) { Ok(()) } else { Err(Error::CaptchaFailed) };
    }
    let question = [
        ("seccode", seccode.as_str()),
        ("challenge", challenge),
        ("captchaid", &cx.settings().captcha_id),
        ("json_format", "1"),
        ("sdk", LIBRARY),
    ];
    let validate = client().post(format!("{}/validate.php", base(cx, COMPANY, API))).form(&question);
    let Validated { seccode } = send(validate).await.map_err(|error| unavailable(cx, error))?;
    match seccode {
        Value::Bool(false) => Err(Error::CaptchaFailed),
        Value::String(text) if text.is_empty() || text == "false" => Err(Error::CaptchaFailed),
        Value::String(text) if is_digest(&text) => Ok(()),
        _ => Err(unavailable(cx, "its verdict makes no sense")),
    }
}

/// Whether what the widget calls the challenge is what it was begun as, but for what a slider adds.
fn names(challenge: &str, begun: &str) -> bool {
    let added = challenge.strip_prefix(begun);
    added.is_some_and(|added| added.len() <= SLIDER_CHARACTERS && added.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn is_digest(text: &str) -> bool {
    text.len() == DIGEST_CHARACTERS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn md5(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_adds_two_characters_and_nothing_else_is_the_same_challenge() {
        let begun = "0123456789abcdef0123456789abcdef";
        for same in ["", "k", "k7"] {
            assert!(names(&format!("{begun}{same}"), begun), "{same}");
        }
        for other in ["k7z", "é", "\u{0}", " 7"] {
            assert!(!names(&format!("{begun}{other}"), begun), "{other:?}");
        }
        assert!(!names("", begun) && !names(&begun[1..], begun) && !names(&begun.to_uppercase(), begun));
    }

    #[test]
    fn a_digest_is_that_of_rfc_1321() {
        assert_eq!(md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert!(is_digest(&md5("")) && !is_digest("") && !is_digest("0") && !is_digest(&"é".repeat(16)));
    }
}
