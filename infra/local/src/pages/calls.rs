//! `/_local/calls`: what each function called on AWS.

use axum::extract::{Query, State};
use axum::response::{Json, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Controls, query};
use crate::system::LocalSystem;

/// Shown on the page.
const INVOCATIONS_MAX: usize = 100;

#[derive(Deserialize)]
pub(super) struct Chosen {
    function: Option<String>,
}

impl Chosen {
    fn function(&self) -> Option<&str> {
        self.function.as_deref().filter(|name| !name.is_empty())
    }
}

pub(super) async fn json(State(controls): State<Controls>, Query(chosen): Query<Chosen>) -> Answer {
    Ok(Json(controls.recorder.document(chosen.function(), usize::MAX)))
}

pub(super) async fn page(State(controls): State<Controls>, Query(chosen): Query<Chosen>) -> Response {
    let mut document = controls.recorder.document(chosen.function(), INVOCATIONS_MAX);
    for item in document["items"].as_array_mut().into_iter().flatten() {
        let rounds = rounds(&item["calls"], item["round_trips"].as_u64().unwrap_or_default());
        item["rounds"] = rounds;
    }
    let functions = LocalSystem::grants()
        .into_iter()
        .map(|(name, _)| json!({ "name": name, "link": format!("/_local/calls?{}", query(&[("function", name)])) }));
    document["functions"] = functions.collect();
    document["function"] = chosen.function().into();
    document["invocations_max"] = INVOCATIONS_MAX.into();
    controls.page("/_local/calls", "calls.html.j2", document)
}

/// The calls by round trip: those in flight together stand together.
fn rounds(calls: &Value, round_trips: u64) -> Value {
    let calls = calls.as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |depth: u64| calls.iter().filter(move |call| call["depth"] == depth).cloned().collect::<Value>();
    (1..=round_trips).map(of).collect()
}
