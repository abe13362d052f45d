//! Calls to other companies: makers of captchas, and providers of accounts.
//!
//! Each is given two seconds and never repeated: a person waits, and what they were given to show is good once. What a
//! company says is believed only as far as its caller checks it; here it need only be an answer.

use std::sync::LazyLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

/// To a company that has no answer by then, it is down.
const TIMEOUT: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);
/// More than any of them says. A key set is the longest.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Why there is nothing to go by.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboundError {
    /// No answer in time, one that blames the company itself, or none that makes sense. Says nothing that was sent.
    #[error("{0}")]
    Unavailable(String),
    /// The company refuses what it was sent.
    #[error("it answered {0}")]
    Refused(StatusCode),
    /// No request can have this in it, so no company would take it. Says nothing of it.
    #[error("it cannot be sent")]
    Unfit,
}

/// The client of this process. It keeps no connections: most would be dead when a frozen instance thaws.
#[expect(clippy::expect_used, reason = "without its roots of trust no call could be made, and no test would pass")]
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let builder = Client::builder().connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).pool_max_idle_per_host(0);
    // Who is redirected would send a secret to wherever the answer says.
    builder.redirect(Policy::none()).user_agent("campus").build().expect("a client can be made")
});

/// The client that requests to other companies are built with.
pub(crate) fn client() -> &'static Client {
    &CLIENT
}

/// Sends a request and reads the JSON that comes back.
///
/// # Errors
///
/// [`OutboundError`].
pub(crate) async fn send<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, OutboundError> {
    // An error of reqwest's names the URL, which may hold a token.
    let unanswered = |error: reqwest::Error| {
        if error.is_builder() {
            OutboundError::Unfit
        } else {
            OutboundError::Unavailable(error.without_url().to_string())
        }
    };
    let mut response = request.send().await.map_err(unanswered)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(OutboundError::Unavailable("its answer is too long".to_owned()));
        }
    }
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
        return Err(OutboundError::Refused(status));
    }
    if !status.is_success() {
        return Err(OutboundError::Unavailable(format!("it answered {status}")));
    }
    // What serde says may repeat what it read.
    serde_json::from_slice(&body).map_err(|_| OutboundError::Unavailable("its answer makes no sense".to_owned()))
}
