//! `/_local/web`: stands in for the front end where mailed links lead.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::Controls;

/// What a link brings.
#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

pub(super) async fn activate(State(controls): State<Controls>, Query(link): Query<Link>) -> Response {
    let document = json!({ "token": link.token, "resets": false });
    controls.page("/_local/web/activate", "web.html.j2", document)
}

pub(super) async fn reset_password(State(controls): State<Controls>, Query(link): Query<Link>) -> Response {
    let document = json!({ "token": link.token, "resets": true });
    controls.page("/_local/web/reset-password", "web.html.j2", document)
}
