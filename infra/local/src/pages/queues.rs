//! `/_local/queues`: what waits, what was given up, and what became of each delivery.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{Json, Response};
use campus_aws::QUEUES;
use campus_endpoint::problem;
use serde_json::{Value, json};

use super::{Answer, Controls, Refusal};
use crate::{aws, ledger};

/// Shown on the page: dead letters per queue, and deliveries.
const DEAD_LETTERS_MAX: u32 = 50;
const DELIVERIES_MAX: usize = 100;

pub(super) async fn json(State(controls): State<Controls>, headers: HeaderMap) -> Answer {
    let items = controls.state.queue_depths().map_err(|error| controls.broken(&headers, error))?;
    Ok(Json(json!({ "items": items })))
}

pub(super) async fn deliveries(State(controls): State<Controls>, headers: HeaderMap) -> Answer {
    let items = listed(&controls).await.map_err(|error| controls.broken(&headers, error))?;
    Ok(Json(json!({ "items": items })))
}

pub(super) async fn page(State(controls): State<Controls>, headers: HeaderMap) -> Result<Response, Refusal> {
    let queues = queues(&controls).map_err(|error| controls.broken(&headers, error))?;
    let mut deliveries = listed(&controls).await.map_err(|error| controls.broken(&headers, error))?;
    deliveries.truncate(DELIVERIES_MAX);
    let document = json!({ "queues": queues, "deliveries": deliveries });
    Ok(controls.page("/_local/queues", "queues.html.j2", document))
}

pub(super) async fn redrive(State(controls): State<Controls>, headers: HeaderMap, Path(name): Path<String>) -> Answer {
    if QUEUES.iter().all(|queue| queue.name != name) {
        return Err(controls.refuse(&headers, problem(404, "not_found")));
    }
    let moved = controls.state.redrive(&format!("{}{name}-dead", controls.prefix));
    let moved = moved.map_err(|error| controls.broken(&headers, error))?;
    Ok(Json(json!({ "moved": moved })))
}

fn queues(controls: &Controls) -> Result<Vec<Value>, aws::Error> {
    let depths = controls.state.queue_depths()?;
    let queues = QUEUES.iter().map(|queue| {
        let physical = format!("{}{}", controls.prefix, queue.name);
        let dead = format!("{physical}-dead");
        let depth = |name: &str| depths.iter().find(|depth| depth.name == name);
        Ok(json!({
            "name": queue.name,
            "depth": depth(&physical),
            "dead": depth(&dead).map_or(0, |depth| depth.visible + depth.in_flight + depth.delayed),
            "dead_letters": controls.state.waiting(&dead, DEAD_LETTERS_MAX)?,
        }))
    });
    queues.collect()
}

async fn listed(controls: &Controls) -> anyhow::Result<Vec<Value>> {
    let deliveries = ledger::list(&controls.clients).await?;
    let described = deliveries.iter().map(|delivery| {
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
    });
    Ok(described.collect())
}
