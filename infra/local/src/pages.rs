//! `/_local`: what a developer looks at and moves. None of it exists in a deployed build.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use campus_aws::{Clients, Endpoints};
use campus_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws;
use crate::clock::{AdvanceError, MovableClock};
use crate::ledger;
use crate::recorder::CallRecorder;

/// What the pages show and move.
#[derive(Clone)]
pub(crate) struct Controls {
    pub(crate) state: aws::State,
    pub(crate) clock: MovableClock,
    pub(crate) recorder: Arc<CallRecorder>,
    pub(crate) clients: Clients,
    /// Where the stand-ins for AWS are.
    pub(crate) endpoints: Endpoints,
    /// What the physical names of tables, queues and secrets begin with.
    pub(crate) prefix: &'static str,
}

/// The routes.
pub(crate) fn router(controls: Controls) -> Router {
    Router::new()
        .route("/_local", get(|| async { Redirect::temporary("/_local/outbox") }))
        .route("/_local/outbox", get(outbox))
        .route("/_local/outbox.json", get(outbox_json))
        .route("/_local/clock", get(clock).post(advance))
        .route("/_local/aws.json", get(stand_ins))
        .route("/_local/calls.json", get(calls))
        .route("/_local/deliveries.json", get(deliveries))
        .route("/_local/queues.json", get(queues))
        .route("/_local/queues/{name}/redrive", post(redrive))
        .with_state(controls)
}

async fn outbox() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("outbox.html")).into_response()
}

#[derive(Deserialize)]
struct OutboxQuery {
    to: Option<String>,
    limit: Option<u32>,
}

async fn outbox_json(State(controls): State<Controls>, Query(query): Query<OutboxQuery>) -> Response {
    let to = query.to.as_deref().filter(|to| !to.is_empty());
    // A plus sign that was not encoded arrives as a space.
    let to = to.map(|to| if to.starts_with(' ') { format!("+{}", to.trim_start()) } else { to.to_owned() });
    respond(controls.state.sent(to.as_deref(), query.limit.unwrap_or(u32::MAX)).map(|items| json!({ "items": items })))
}

async fn clock(State(controls): State<Controls>) -> Json<Value> {
    Json(json!({ "now": Timestamp::from((controls.clock.now())()) }))
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(controls): State<Controls>, body: axum::body::Bytes) -> Response {
    let Ok(Advance { advance_seconds }) = serde_json::from_slice(&body) else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the body is {\"advance_seconds\": n}, n a whole number of 0 or more",
        );
    };
    match controls.clock.advance(advance_seconds) {
        Ok(now) => Json(json!({ "now": Timestamp::from(now) })).into_response(),
        Err(error @ AdvanceError::TooFar) => refuse(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
        Err(AdvanceError::Storage(error)) => respond(Err::<Value, _>(error)),
    }
}

/// What the SDKs and their tools need to be told.
async fn stand_ins(State(controls): State<Controls>) -> Json<Value> {
    Json(json!({
        "AWS_ENDPOINT_URL": controls.endpoints.messaging,
        "AWS_ENDPOINT_URL_DYNAMODB": controls.endpoints.dynamodb,
        "prefix": controls.prefix,
    }))
}

async fn calls(State(controls): State<Controls>) -> Json<Value> {
    Json(controls.recorder.document())
}

async fn deliveries(State(controls): State<Controls>) -> Response {
    let deliveries = ledger::list(&controls.clients).await;
    let items = deliveries.map(|deliveries| {
        let items: Vec<Value> = deliveries
            .iter()
            .map(|delivery| {
                json!({
                    "id": delivery.id,
                    "channel": delivery.channel,
                    "kind": delivery.topic,
                    "status": delivery.status,
                    "attempts": delivery.attempts,
                    "provider_id": delivery.provider_id,
                    "provider_code": delivery.provider_code,
                    "provider_message": delivery.provider_message,
                    "created_at": delivery.created_at,
                    "updated_at": delivery.updated_at,
                })
            })
            .collect();
        json!({ "items": items })
    });
    respond(items)
}

async fn queues(State(controls): State<Controls>) -> Response {
    respond(controls.state.queue_depths().map(|items| json!({ "items": items })))
}

async fn redrive(State(controls): State<Controls>, Path(name): Path<String>) -> Response {
    respond(controls.state.redrive(&format!("{}{name}-dead", controls.prefix)).map(|moved| json!({ "moved": moved })))
}

fn respond<E: std::fmt::Display>(outcome: Result<Value, E>) -> Response {
    match outcome {
        Ok(document) => Json(document).into_response(),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

fn refuse(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "status": status.as_u16(), "detail": detail }))).into_response()
}
