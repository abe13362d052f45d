//! A reply, and what holds for every one.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// An HTTP reply.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; null when there is none.
    pub body: Value,
}

impl Reply {
    /// Takes a response apart and holds it to what is promised of all: a request id, the security
    /// headers, and for a failure a complete problem in words, of the same status and id. A 500 is never right.
    ///
    /// # Panics
    ///
    /// When the response breaks a promise.
    pub async fn of(response: reqwest::Response) -> Self {
        let status = response.status();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.expect("the body arrives");
        let body: Value =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).expect("the body is JSON") };
        let reply = Self { status: status.as_u16(), headers, body };

        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{reply:?}");
        let id = reply.header("x-request-id");
        assert_eq!(id.len(), 36, "{reply:?}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{reply:?}");
        assert!(reply.header("strict-transport-security").starts_with("max-age=63072000"), "{reply:?}");
        if status.is_client_error() || status.is_server_error() {
            assert_eq!(reply.headers.get(CONTENT_TYPE).expect("there is a type"), "application/problem+json");
            assert_eq!(reply.body["status"], reply.status, "{reply:?}");
            assert_eq!(reply.body["request_id"], id, "{reply:?}");
            let code = reply.body["code"].as_str().expect("a problem has a code");
            assert_eq!(reply.body["type"], format!("urn:campus:problem:{code}"));
            for text in ["title", "detail"] {
                assert!(reply.body[text].as_str().is_some_and(|text| !text.is_empty()), "{reply:?}");
            }
            if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
                assert!(reply.retry_after() >= 1, "{reply:?}");
            }
            if status == StatusCode::UNAUTHORIZED {
                assert!(reply.header("www-authenticate").starts_with("Bearer realm="), "{reply:?}");
            }
        }
        if status == StatusCode::CREATED {
            assert!(reply.header("location").starts_with("/v1/"), "{reply:?}");
        }
        reply
    }

    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Seconds to wait, or 0.
    #[must_use]
    pub fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().unwrap_or_default()
    }

    /// Status and code, such as `409 phone_taken`; only the status of a success.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.body["code"].as_str() {
            Some(code) if self.status >= 400 => format!("{} {code}", self.status),
            _ => self.status.to_string(),
        }
    }

    /// The wrong fields that the reply names, as `pointer code`, sorted.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &Value| value.as_str().expect("it is text").to_owned();
        let mut fields: Vec<String> = errors
            .iter()
            .map(|error| {
                assert!(!text(&error["message"]).is_empty());
                format!("{} {}", text(&error["pointer"]), text(&error["code"]))
            })
            .collect();
        fields.sort();
        fields
    }

    /// A text of the body, by JSON pointer.
    ///
    /// # Panics
    ///
    /// When it is not there.
    #[must_use]
    pub fn text(&self, pointer: &str) -> String {
        let text = self.body.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("no text at {pointer} in {self:?}")).to_owned()
    }
}
