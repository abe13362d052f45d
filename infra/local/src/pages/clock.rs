//! `/_local/clock`: the time that everything follows.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Json;
use campus_domain::{Invalid, Timestamp};
use campus_endpoint::{Body, Problem, Settings, read_body};
use serde_json::json;
use utoipa::ToSchema;

use super::{Answer, Controls};
use crate::clock::{AdvanceError, OFFSET_SECONDS_MAX};

/// How far to move.
#[derive(eserde::Deserialize, ToSchema)]
struct Advance {
    advance_seconds: u64,
}

impl Body for Advance {}

pub(super) async fn read(State(controls): State<Controls>) -> Answer {
    let now = Timestamp::from((controls.clock.now())());
    Ok(Json(json!({ "now": now, "ahead_seconds": controls.clock.offset_seconds() })))
}

pub(super) async fn advance(State(controls): State<Controls>, headers: HeaderMap, body: Bytes) -> Answer {
    let Advance { advance_seconds } =
        read_body(&body, &Settings::local()).map_err(|problem| controls.refuse(&headers, problem))?;
    let _rest = controls.at_work.rest().await;
    match controls.clock.advance(advance_seconds) {
        Ok(_) => read(State(controls)).await,
        Err(AdvanceError::TooFar) => {
            let left = OFFSET_SECONDS_MAX - controls.clock.offset_seconds();
            let invalid = Invalid::OutOfRange { min: 0, max: left.cast_signed() };
            Err(controls.refuse(&headers, Problem::field("/advance_seconds", invalid)))
        }
        Err(AdvanceError::Storage(error)) => Err(controls.broken(&headers, error)),
    }
}
