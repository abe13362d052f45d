//! Someone who calls the API.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::described;
use crate::reply::Reply;

const COMES_AGAIN_MAX: usize = 20;

/// A client, signed in or not.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
    pretence: Option<Pretence>,
}

/// What requests to a deployed stage for tests say of themselves.
#[derive(Debug, Clone)]
pub(crate) struct Pretence {
    /// How many seconds later than now they come. Shared, so that the time moves for clients made before, too.
    pub(crate) ahead: Arc<AtomicU64>,
    /// Where they come from, if this machine cannot truly call from there.
    pub(crate) address: Option<IpAddr>,
    /// Whether it cannot.
    pub(crate) far: bool,
}

impl Client {
    /// Nobody in particular.
    pub(crate) fn new(base: String, pretence: Option<Pretence>) -> Self {
        Self { http: http(None), base, token: None, pretence }
    }

    /// The same, from another address: see [`crate::TestApp::another_address`].
    #[must_use]
    pub fn from_address(&self, address: IpAddr) -> Self {
        match &self.pretence {
            Some(pretence) if pretence.far => {
                let pretence = Pretence { address: Some(address), ..pretence.clone() };
                Self { pretence: Some(pretence), ..self.clone() }
            }
            _ => Self { http: http(Some(address)), ..self.clone() },
        }
    }

    /// The same, with an access token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The access token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request to be completed by the test.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(Pretence { ahead, address, .. }) = &self.pretence {
            let ahead = ahead.load(Ordering::Relaxed);
            if ahead > 0 {
                request = request.header("x-campus-test-clock", ahead);
            }
            if let Some(address) = address {
                request = request.header("x-campus-test-address", address.to_string());
            }
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let (http, request) = request.build_split();
        let request = request.expect("the request can be sent");
        let (method, url) = (request.method().clone(), request.url().clone());
        let mut reply = Reply::of(answered(&http, &request).await).await;
        // An emulator that many functions ask at once may have no answer in time; a local system has. So a client of a
        // deployed one comes again, as it is told to; with what may be said twice.
        let is_safe = request.method() != Method::POST || request.headers().contains_key("idempotency-key");
        for _ in 0..COMES_AGAIN_MAX {
            if self.pretence.is_none() || !is_safe || reply.summary() != "503 service_unavailable" {
                break;
            }
            tokio::time::sleep(Duration::from_secs(reply.retry_after())).await;
            reply = Reply::of(answered(&http, &request).await).await;
        }
        // A stage's URL may have a path of its own.
        let base = reqwest::Url::parse(&self.base).expect("the base is a URL");
        let path = url.path().strip_prefix(base.path().trim_end_matches('/')).expect("requests go below the base");
        described::hold(&method, path, &reply);
        reply
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `GET`, unless it has this tag.
    pub async fn get_unless(&self, path: &str, tag: &str) -> Reply {
        self.send(self.request(Method::GET, path).header("if-none-match", tag)).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// `POST` of JSON under an idempotency key.
    pub async fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Reply {
        self.send(self.request(Method::POST, path).header("idempotency-key", key).json(body)).await
    }

    /// `PUT` of JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// `PUT` of JSON, over what has this tag.
    pub async fn put_if(&self, path: &str, tag: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path).header("if-match", tag).json(body)).await
    }

    /// `DELETE` with JSON.
    pub async fn delete_with(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::DELETE, path).json(body)).await
    }

    /// `PATCH` with JSON, of what has this tag.
    pub async fn patch_if(&self, path: &str, tag: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PATCH, path).header("if-match", tag).json(body)).await
    }

    /// `PATCH` with JSON.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(body)).await
    }

    /// `POST` of anything, as JSON by its content type.
    pub async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.send(self.request(Method::POST, path).header("content-type", "application/json").body(body)).await
    }
}

async fn answered(http: &reqwest::Client, request: &reqwest::Request) -> reqwest::Response {
    let request = request.try_clone().expect("its body is not read while it is sent");
    http.execute(request).await.expect("the system answers")
}

fn http(address: Option<IpAddr>) -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.local_address(address).build().expect("a client can be made")
}
