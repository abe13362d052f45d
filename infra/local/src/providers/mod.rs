//! Stand-ins for other companies: makers of captchas and providers of accounts, small but checking what the real ones
//! check: signatures, secrets, redirects, challenges, and that nothing is used twice.
//!
//! They are under `/_local/providers/<company>` of a local system; a test of a deployed stage starts them on their own,
//! and `ProvidersUrl` of the stage leads there. What they give out is good in any of them, since a test may copy its
//! system: all keys are of the process, and a code carries what it stands for.
//!
//! | | |
//! |---|---|
//! | `/{company}/…` | what the company itself has, see [`captcha`] and `social` |
//! | `PUT /{company}/trouble` | `{"kind": "down" \| "slow" \| "nonsense"}`: how the company fares from now on; `DELETE` ends it |

pub mod captcha;
mod social;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::put;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

use crate::clock::Now;

/// Where they are below a system's own address.
pub const PATH: &str = "/_local/providers";
/// What the secret `provider-keys` holds where these are the providers.
pub const KEYS: &str =
    r#"{"captcha": "captcha key", "google": "google secret", "kakao": "kakao secret", "facebook": "facebook secret"}"#;
/// Longer than anyone waits for a company.
const SLOW: Duration = Duration::from_secs(20);

/// How a company fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It answers 503.
    Down,
    /// It answers after everyone has gone.
    Slow,
    /// It answers 200, with what nobody understands.
    Nonsense,
}

/// What they share.
#[derive(Clone)]
pub struct Providers {
    /// Their address, `PATH` included.
    url: Arc<str>,
    now: Now,
    troubles: Arc<Mutex<HashMap<String, Trouble>>>,
    /// What was used, and is good no more; by whom, if they may come again.
    used: Arc<Mutex<HashMap<String, String>>>,
}

impl Providers {
    /// Stand-ins at a URL, which [`PATH`] is the end of, by this clock.
    #[must_use]
    pub fn new(url: &str, now: Now) -> Self {
        Self { url: url.into(), now, troubles: Arc::default(), used: Arc::default() }
    }

    /// Their address, [`PATH`] included.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Seconds since 1970, by the system's clock.
    fn epoch_seconds(&self) -> i64 {
        (self.now)().as_second()
    }

    /// Whether this is used for the first time.
    fn use_up(&self, what: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(what.to_owned(), String::new()).is_none()
    }

    /// The same, or whether it is used again by whoever used it first. Nobody in particular is never the same.
    fn use_up_by(&self, what: &str, who: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get(what) {
            Some(first) => !who.is_empty() && first == who,
            None => used.insert(what.to_owned(), who.to_owned()).is_none(),
        }
    }
}

/// A company's own paths, where its troubles are felt.
#[derive(Deserialize)]
struct Company {
    company: String,
}

/// The routes, [`PATH`] included.
pub fn router(providers: Providers) -> Router {
    let companies = captcha::router().merge(social::router());
    let companies = companies.layer(axum::middleware::from_fn_with_state(providers.clone(), in_trouble));
    let companies = companies.merge(captcha::widgets());
    let stand_ins = companies.route("/{company}/trouble", put(begin).delete(end)).with_state(providers);
    Router::new().nest(PATH, stand_ins)
}

#[derive(Deserialize)]
struct Beginning {
    kind: Trouble,
}

async fn begin(
    State(providers): State<Providers>,
    Path(Company { company }): Path<Company>,
    Json(Beginning { kind }): Json<Beginning>,
) -> StatusCode {
    providers.troubles.lock().unwrap_or_else(PoisonError::into_inner).insert(company, kind);
    StatusCode::NO_CONTENT
}

async fn end(State(providers): State<Providers>, Path(Company { company }): Path<Company>) -> StatusCode {
    providers.troubles.lock().unwrap_or_else(PoisonError::into_inner).remove(&company);
    StatusCode::NO_CONTENT
}

/// Answers as the company fares.
async fn in_trouble(State(providers): State<Providers>, request: Request, next: Next) -> Response {
    // Nested, so without `PATH`. Where the person goes and what tests want is no matter of how the company fares.
    let mut parts = request.uri().path().trim_start_matches('/').splitn(2, '/');
    let company = parts.next().unwrap_or_default();
    if matches!(parts.next(), Some("authorize" | "tokens" | "answers")) {
        return next.run(request).await;
    }
    let trouble = providers.troubles.lock().unwrap_or_else(PoisonError::into_inner).get(company).copied();
    match trouble {
        Some(Trouble::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Trouble::Slow) => {
            tokio::time::sleep(SLOW).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Some(Trouble::Nonsense) => "<html>It works!</html>".into_response(),
        None => next.run(request).await,
    }
}
