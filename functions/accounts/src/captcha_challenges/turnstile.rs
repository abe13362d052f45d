//! Cloudflare Turnstile: <https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>.
//!
//! A token is good once, but for repetitions under its idempotency key. That is our challenge's id, so a request that
//! is repeated is judged as before, and the same token is good for no other challenge.

use campus_endpoint::{Cx, Settings, Stage};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Captcha;
use super::provider::{WidgetAnswer, base, unavailable};
use crate::Error;
use crate::outbound::{client, send};

const COMPANY: &str = "turnstile";
const API: &str = "https://challenges.cloudflare.com/turnstile/v0";
/// What our widgets say that they are for, so that the token of another page's widget is of no use here.
pub(super) const ACTION: &str = "campus";
/// What is wrong with an answer. Any other error is one of ours or of Cloudflare's.
const ANSWER_ERRORS: [&str; 4] =
    ["missing-input-response", "invalid-input-response", "timeout-or-duplicate", "bad-request"];

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
    /// Where the widget was shown.
    hostname: Option<String>,
    action: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    /// Whether the key is one of those that Cloudflare publishes for trying things out, which always pass.
    #[serde(default)]
    result_with_testing_key: bool,
}

/// Whether the answer is right, and given on a page of ours.
pub(super) async fn judge(cx: &Cx, key: &SecretString, captcha: &Captcha, answer: &WidgetAnswer) -> Result<(), Error> {
    let token = answer.token.as_deref().filter(|token| !token.is_empty()).ok_or(Error::CaptchaFailed)?;
    let question = [("secret", key.expose_secret()), ("response", token), ("idempotency_key", &captcha.id.to_string())];
    let verify = client().post(format!("{}/siteverify", base(cx, COMPANY, API))).form(&question);
    let verdict = send::<Verdict>(verify).await.map_err(|error| unavailable(cx, error))?;
    if !verdict.success {
        let is_ours = |code: &String| !ANSWER_ERRORS.contains(&code.as_str());
        if verdict.error_codes.is_empty() || verdict.error_codes.iter().any(is_ours) {
            return Err(unavailable(cx, "it cannot tell"));
        }
        return Err(Error::CaptchaFailed);
    }
    if verdict.passes(cx.settings()) { Ok(()) } else { Err(Error::CaptchaFailed) }
}

impl Verdict {
    /// Whether a right answer is to a widget of ours.
    fn passes(&self, settings: &Settings) -> bool {
        if self.metadata.result_with_testing_key {
            // These name no page.
            return settings.stage != Stage::Prod;
        }
        let is_ours = self.hostname.as_deref().is_some_and(|hostname| is_own_host(hostname, settings));
        is_ours && self.action.as_deref() == Some(ACTION)
    }
}

/// Whether the front end is there, or another page that may call the API.
fn is_own_host(hostname: &str, settings: &Settings) -> bool {
    let front_end = Url::parse(&settings.web_url).ok();
    front_end.is_some_and(|url| url.host_str() == Some(hostname)) || settings.allowed_origins.contain_host(hostname)
}

#[cfg(test)]
mod tests {
    use campus_endpoint::AllowedOrigins;

    use super::*;

    fn settings(stage: Stage) -> Settings {
        let allowed_origins = AllowedOrigins::Listed(vec!["https://app.campus.example:8443".to_owned()]);
        Settings { stage, web_url: "https://campus.example/web".to_owned(), allowed_origins, ..Settings::local() }
    }

    fn verdict(hostname: &str, action: &str) -> Verdict {
        let (hostname, action) = (Some(hostname.to_owned()), Some(action.to_owned()));
        Verdict { success: true, error_codes: Vec::new(), hostname, action, metadata: Metadata::default() }
    }

    #[test]
    fn a_widget_is_ours_by_its_page_and_its_action() {
        let settings = settings(Stage::Prod);
        for hostname in ["campus.example", "app.campus.example"] {
            assert!(verdict(hostname, ACTION).passes(&settings), "{hostname}");
            assert!(!verdict(hostname, "login").passes(&settings), "{hostname}");
        }
        for hostname in ["", "localhost", "evil.example", "campus.example.evil.example", "www.campus.example"] {
            assert!(!verdict(hostname, ACTION).passes(&settings), "{hostname}");
        }
        assert!(!Verdict { hostname: None, ..verdict("", ACTION) }.passes(&settings));
        assert!(!Verdict { action: None, ..verdict("campus.example", "") }.passes(&settings));
    }

    #[test]
    fn cloudflares_keys_for_trying_things_out_are_none_in_prod() {
        for (stage, passes) in [(Stage::Prod, false), (Stage::Dev, true), (Stage::Test, true), (Stage::Local, true)] {
            let tried = Verdict { metadata: Metadata { result_with_testing_key: true }, ..verdict("example.com", "") };
            assert_eq!(tried.passes(&settings(stage)), passes, "{stage:?}");
        }
    }
}
