//! `/_local/web`: stands in for the front end, where people sign up and where links and providers lead.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
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

/// Whom people may have an account with.
#[derive(Serialize)]
struct Provider {
    id: &'static str,
    name: &'static str,
}

const PROVIDERS: [Provider; 3] = [
    Provider { id: "google", name: "Google" },
    Provider { id: "kakao", name: "Kakao" },
    Provider { id: "facebook", name: "Facebook" },
];

pub(super) async fn sign_up(State(controls): State<Controls>) -> Response {
    controls.page("/_local/web/sign-up", "sign_up.html.j2", json!({ "providers": PROVIDERS }))
}

/// Where a provider sends people back to. Code and state are for the page's script alone, and are not looked at here.
pub(super) async fn oauth(State(controls): State<Controls>, Path(provider): Path<String>) -> Response {
    match PROVIDERS.iter().find(|known| known.id == provider) {
        Some(provider) => controls.page("/_local/web/oauth", "oauth.html.j2", json!({ "provider": provider })),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
