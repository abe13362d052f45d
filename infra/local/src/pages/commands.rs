//! `/_local/commands`: what an operator may have done, as on AWS by `aws lambda invoke`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use campus_endpoint::{Source, problem};
use serde_json::{Value, json};

use super::{Answer, Controls};

pub(super) async fn list(State(controls): State<Controls>) -> Answer {
    Ok(Json(json!({ "items": all(&controls) })))
}

/// Every command and what it does.
pub(super) fn all(controls: &Controls) -> Value {
    let commands = controls.workers.entries().filter(|entry| entry.source == Source::Command);
    commands.map(|entry| json!({ "name": entry.name, "summary": entry.summary })).collect()
}

/// Runs a command and answers what it says, with a status that tells whether it was done. An empty body is no payload.
pub(super) async fn run(
    State(controls): State<Controls>,
    headers: HeaderMap,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    if controls.workers.entries().all(|entry| entry.source != Source::Command || entry.name != name) {
        return controls.refuse(&headers, problem(404, "not_found")).into_response();
    }
    let payload = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let Ok(payload) = payload else {
        return controls.refuse(&headers, problem(400, "malformed_json")).into_response();
    };
    match controls.workers.call(&name, payload).await {
        Ok(report) => {
            let status = match report["outcome"].as_str() {
                Some("done") => StatusCode::OK,
                Some("refused") => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            (status, Json(report)).into_response()
        }
        Err(error) => controls.broken(&headers, format!("{error:#}")).into_response(),
    }
}
