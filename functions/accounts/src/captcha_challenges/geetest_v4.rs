//! Geetest, version 4: <https://docs.geetest.com/BehaviorVerification/deploy/server/>.
//!
//! A challenge is between the widget and Geetest until it is solved. What the widget then hands over is not bound to
//! our challenge, so its lot number is marked in the transaction that solves one, and is good for no other.

use campus_endpoint::Cx;
use campus_secrets::hex_mac;
use secrecy::SecretString;
use serde::Deserialize;

use super::provider::{WidgetAnswer, base, unavailable};
use crate::Error;
use crate::outbound::{client, send};

const COMPANY: &str = "geetest_v4";
const API: &str = "https://gcaptcha4.geetest.com";

#[derive(Deserialize)]
struct Validated {
    /// Whether there was a verdict.
    status: String,
    /// The verdict.
    #[serde(default)]
    result: String,
}

/// Whether the answer is right.
pub(super) async fn judge(cx: &Cx, key: &SecretString, answer: &WidgetAnswer) -> Result<(), Error> {
    let (Some(lot_number), Some(captcha_output), Some(pass_token), Some(gen_time)) =
        (&answer.lot_number, &answer.captcha_output, &answer.pass_token, &answer.gen_time)
    else {
        return Err(Error::CaptchaFailed);
    };
    // To Geetest these would be faults of ours.
    let is_lot = !lot_number.is_empty() && lot_number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_time = !gen_time.is_empty() && gen_time.bytes().all(|byte| byte.is_ascii_digit());
    if !is_lot || !is_time || captcha_output.is_empty() || pass_token.is_empty() {
        return Err(Error::CaptchaFailed);
    }
    let question = [
        ("lot_number", lot_number.as_str()),
        ("captcha_output", captcha_output),
        ("pass_token", pass_token),
        ("gen_time", gen_time),
        ("sign_token", &hex_mac(key, lot_number)),
    ];
    let validate = client()
        .post(format!("{}/validate", base(cx, COMPANY, API)))
        .query(&[("captcha_id", &cx.settings().captcha_id)])
        .form(&question);
    let validated = send::<Validated>(validate).await.map_err(|error| unavailable(cx, error))?;
    match (validated.status.as_str(), validated.result.as_str()) {
        ("success", "success") => Ok(()),
        ("success", "fail") => Err(Error::CaptchaFailed),
        _ => Err(unavailable(cx, "it gives no verdict")),
    }
}
