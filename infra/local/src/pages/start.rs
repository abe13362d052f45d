//! `/_local`: what runs here, and where everything is.

use axum::extract::State;
use axum::response::{Json, Response};
use campus_endpoint::Source;
use serde_json::{Value, json};

use super::{Answer, Controls, commands};
use crate::{demo, registries};

pub(super) async fn page(State(controls): State<Controls>) -> Response {
    let document = document(&controls);
    controls.page("/_local", "start.html.j2", document)
}

/// Also how a second `cargo run` finds out who holds the port.
pub(super) async fn json(State(controls): State<Controls>) -> Answer {
    Ok(Json(document(&controls)))
}

fn document(controls: &Controls) -> Value {
    let domains: Vec<Value> = registries()
        .iter()
        .filter(|registry| !registry.endpoints.is_empty())
        .map(|registry| {
            let endpoints = registry.endpoints.iter().map(|entry| {
                json!({
                    "name": entry.name,
                    "summary": entry.summary,
                    "method": entry.route.method,
                    "path": entry.route.path(),
                    "access": entry.access.name,
                    "docs": format!("/_local/docs#/{}/{}", registry.domain, entry.name),
                })
            });
            json!({ "domain": registry.domain, "endpoints": endpoints.collect::<Vec<_>>() })
        })
        .collect();
    let workers: Vec<Value> = registries()
        .iter()
        .flat_map(|registry| &registry.workers)
        .filter(|entry| entry.source != Source::Command)
        .map(|entry| {
            json!({
                "name": entry.name,
                "source": match entry.source {
                    Source::Queue(queue, _) => format!("the queue {}", queue.name),
                    Source::Stream(table, ..) => format!("new items in the table {}", table.name),
                    Source::Schedule(1) => "the schedule, every minute".to_owned(),
                    Source::Schedule(1440) => "the schedule, every day".to_owned(),
                    Source::Schedule(minutes) => format!("the schedule, every {minutes} minutes"),
                    Source::Command => "operators".to_owned(),
                },
            })
        })
        .collect();
    json!({
        "program": "campus",
        "process": std::process::id(),
        "data": controls.kept,
        "domains": domains,
        "workers": workers,
        "commands": commands::all(controls),
        "users": if controls.demo { demo::people() } else { json!([]) },
        "password": demo::PASSWORD,
    })
}

/// Where the stand-ins for AWS are, as the SDKs and their tools want to be told.
pub(super) async fn stand_ins(State(controls): State<Controls>) -> Json<Value> {
    Json(json!({
        "AWS_ENDPOINT_URL": controls.endpoints.messaging,
        "AWS_ENDPOINT_URL_DYNAMODB": controls.endpoints.dynamodb,
        "prefix": controls.prefix,
    }))
}
