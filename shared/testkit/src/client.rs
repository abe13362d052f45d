//! Someone who calls the API.

use std::net::IpAddr;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::described;
use crate::reply::Reply;

/// A client, signed in or not.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous(base: String) -> Self {
        Self { http: http(None), base, token: None }
    }

    /// The same, from another address of this machine.
    #[must_use]
    pub fn from_address(&self, address: IpAddr) -> Self {
        Self { http: http(Some(address)), ..self.clone() }
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
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let (http, request) = request.build_split();
        let request = request.expect("the request can be sent");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let reply = Reply::of(http.execute(request).await.expect("the system answers")).await;
        described::hold(&method, &path, &reply);
        reply
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// `POST` of anything, as JSON by its content type.
    pub async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> Reply {
        self.send(self.request(Method::POST, path).header("content-type", "application/json").body(body)).await
    }
}

fn http(address: Option<IpAddr>) -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.local_address(address).build().expect("a client can be made")
}
