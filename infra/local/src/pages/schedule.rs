//! `/_local/schedule`: the clock, and what runs by it.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Json, Response};
use campus_domain::Timestamp;
use campus_endpoint::{Source, problem};
use serde_json::{Value, json};

use super::{Answer, Controls};
use crate::clock::OFFSET_SECONDS_MAX;
use crate::sources::scheduled_event;

pub(super) async fn page(State(controls): State<Controls>) -> Response {
    let document = document(&controls);
    controls.page("/_local/schedule", "schedule.html.j2", document)
}

pub(super) async fn json(State(controls): State<Controls>) -> Answer {
    Ok(Json(document(&controls)))
}

/// Calls a worker of the schedule now; the schedule itself goes on as it was.
pub(super) async fn run(State(controls): State<Controls>, headers: HeaderMap, Path(name): Path<String>) -> Answer {
    if scheduled(&controls).all(|(scheduled, _)| scheduled != name) {
        return Err(controls.refuse(&headers, problem(404, "not_found")));
    }
    let ran = controls.workers.call(&name, scheduled_event((controls.clock.now())())).await;
    ran.map_err(|error| controls.broken(&headers, format!("{error:#}")))?;
    Ok(Json(json!({ "ran": name })))
}

fn scheduled(controls: &Controls) -> impl Iterator<Item = (&'static str, u16)> {
    controls.workers.entries().filter_map(|entry| match entry.source {
        Source::Schedule(minutes) => Some((entry.name, minutes)),
        Source::Queue(..) | Source::Stream(..) | Source::Command => None,
    })
}

fn document(controls: &Controls) -> Value {
    let items: Vec<Value> = scheduled(controls)
        .map(|(name, minutes)| {
            let last_run = controls.recorder.last_run(name).map(Timestamp::from);
            json!({ "name": name, "every_minutes": minutes, "last_run_at": last_run })
        })
        .collect();
    json!({
        "items": items,
        "ahead_seconds": controls.clock.offset_seconds(),
        "ahead_seconds_max": OFFSET_SECONDS_MAX,
    })
}
