//! The local front door: what API Gateway is on AWS.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use campus_endpoint::{AllowedOrigins, Dispatcher, HttpRequest};
use futures::StreamExt;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::sync::watch;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer, ExposeHeaders};

/// More than any endpoint takes; beyond it a body is not kept.
const BODY_MAX: usize = 6 * 1024 * 1024;
/// Beyond this a body is not read to its end either.
const READ_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
struct FrontDoor {
    dispatcher: Arc<Dispatcher>,
    /// Told after each request, since it may have written something that a stream's reader waits for.
    wrote: watch::Sender<()>,
}

/// The API, with API Gateway's CORS.
pub(crate) fn router(dispatcher: Dispatcher, allowed: AllowedOrigins, wrote: watch::Sender<()>) -> Router {
    let front_door = FrontDoor { dispatcher: Arc::new(dispatcher), wrote };
    Router::new().fallback(call).with_state(front_door).layer(cors(allowed))
}

/// API Gateway's settings in `template.yaml`.
fn cors(allowed: AllowedOrigins) -> CorsLayer {
    let named = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
    let is_allowed = move |origin: &HeaderValue, _: &http::request::Parts| {
        origin.to_str().is_ok_and(|origin| allowed.contain(origin))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_credentials(true)
        .allow_methods(AllowMethods::list([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]))
        .allow_headers(AllowHeaders::list(named(&[
            "authorization",
            "content-type",
            "accept-language",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "x-csrf-token",
        ])))
        .expose_headers(ExposeHeaders::list(named(&[
            "etag",
            "location",
            "retry-after",
            "x-request-id",
            "idempotency-replayed",
        ])))
        .max_age(std::time::Duration::from_secs(600))
}

async fn call(
    State(front_door): State<FrontDoor>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path == "/" && is_navigation(&parts) {
        return Redirect::to("/_local").into_response();
    }
    let Ok(body) = read(body).await else {
        // Nobody may be left to read this.
        return StatusCode::BAD_REQUEST.into_response();
    };
    let response = match body {
        Some(body) => {
            let request = HttpRequest {
                method: parts.method,
                path,
                query: parts.uri.query().map(str::to_owned),
                headers: parts.headers,
                body,
                path_parameters: Vec::new(),
                client_address: peer.ip(),
            };
            front_door.dispatcher.call(request).await
        }
        None => Dispatcher::too_large(parts.method, path),
    };
    front_door.wrote.send_replace(());
    response.map(Body::from)
}

/// Whether somebody opens an address in a browser. Nothing else prefers a page; to it the root is what it is on AWS.
fn is_navigation(request: &http::request::Parts) -> bool {
    let accepted = request.headers.get(http::header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    request.method == Method::GET && accepted.is_some_and(|accepted| accepted.starts_with("text/html"))
}

/// The whole body, unless it is too long. Even then it is read, since a client whose connection is closed while
/// it still writes may never look at the answer. An error for one that breaks off, or is not framed as it says.
async fn read(body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let (mut length, mut kept) = (0, Vec::new());
    while length <= READ_MAX
        && let Some(chunk) = chunks.next().await
    {
        let chunk = chunk?;
        length += chunk.len();
        if length <= BODY_MAX {
            kept.extend_from_slice(&chunk);
        }
    }
    Ok((length <= BODY_MAX).then(|| kept.into()))
}
