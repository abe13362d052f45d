//! Requests and responses as the runner sees them, wherever they came from.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};

/// A request. On AWS it comes from API Gateway's event, locally from the socket.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The path, percent-encoded, without the query.
    pub path: String,
    /// The query, percent-encoded, without the question mark.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The path's variables, decoded.
    pub path_parameters: Vec<(String, String)>,
    /// Who sent it: API Gateway's source address, never a header that a client can forge.
    pub client_address: IpAddr,
}

/// A response.
pub type HttpResponse = http::Response<Bytes>;

impl HttpRequest {
    /// The value of a header, if it is there once and is text.
    #[must_use]
    pub fn header(&self, name: http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
