//! `/_local/docs`: the API, to be read and tried, by Swagger UI from this program.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa_swagger_ui::Config;

use super::{Controls, respond};

/// Swagger UI sets styles on its elements, and its pictures are within its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) async fn page(State(controls): State<Controls>) -> Response {
    let mut page = controls.page("/_local/docs", "docs.html.j2", Value::Null);
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    page
}

/// The two files of Swagger UI that the page needs.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let content_type = match file.as_str() {
        "swagger-ui.css" => "text/css; charset=utf-8",
        "swagger-ui-bundle.js" => "text/javascript; charset=utf-8",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match utoipa_swagger_ui::serve(&file, Arc::new(Config::new(["/openapi.json"]))) {
        Ok(Some(found)) => match found.bytes {
            Cow::Borrowed(bytes) => respond(content_type, POLICY, bytes),
            Cow::Owned(bytes) => respond(content_type, POLICY, bytes),
        },
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
