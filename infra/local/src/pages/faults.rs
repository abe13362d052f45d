//! `/_local/faults`: what is to go wrong.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use campus_aws::QUEUES;
use campus_domain::Invalid;
use campus_endpoint::{Body, Refusals, Settings, read_body};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{Controls, Refusal};
use crate::faults::{Attempts, CONFLICTING, Fault, Kind, OPERATIONS};
use crate::system::LocalSystem;

/// A fault, or a redelivery, may be asked for so many times at once, and spare so many calls first.
const TIMES_MAX: u32 = 1000;

/// What is to happen, to which calls or messages.
#[derive(eserde::Deserialize, ToSchema)]
struct Input {
    kind: Happening,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    function: Option<String>,
    #[serde(default)]
    queue: Option<String>,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default)]
    skip: Option<u32>,
    #[serde(default)]
    attempts: Option<Suffering>,
}

/// See [`Kind`].
#[derive(Clone, Copy, eserde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Happening {
    Fail,
    Throttle,
    Conflict,
    Hang,
    LoseAnswer,
    Crash,
    DeliverTwice,
}

/// See [`Attempts`].
#[derive(Clone, Copy, eserde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Suffering {
    First,
    All,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        const FIELDS: [&str; 7] = ["kind", "operation", "function", "queue", "times", "skip", "attempts"];
        // Whoever misspells one would wait for another fault than comes.
        for field in sent.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
            let plain: String = field.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
            refusals.add(&format!("/{plain}"), Invalid::UnknownValue);
        }
        let text = |field: &str| sent.get(field).and_then(Value::as_str);
        let mut known = |field: &str, is_known: &dyn Fn(&str) -> bool| {
            if text(field).is_some_and(|given| !is_known(given)) {
                refusals.add(&format!("/{field}"), Invalid::UnknownValue);
            }
        };
        let conflicts = text("kind") == Some("conflict");
        known("operation", &|given| if conflicts { &CONFLICTING[..] } else { &OPERATIONS[..] }.contains(&given));
        known("function", &|given| LocalSystem::grants().iter().any(|(name, _)| *name == given));
        known("queue", &|given| QUEUES.iter().any(|queue| queue.name == given));
        for (field, min) in [("times", 1), ("skip", 0)] {
            let (min, max) = (min, TIMES_MAX.into());
            if sent.get(field).and_then(Value::as_i64).is_some_and(|given| !(min..=max).contains(&given)) {
                refusals.add(&format!("/{field}"), Invalid::OutOfRange { min, max });
            }
        }
        match text("kind") {
            Some("deliver_twice") if text("queue").is_none() => refusals.add("/queue", Invalid::Required),
            // A fault of whatever comes next would most likely strike somebody else's call.
            Some(kind) if kind != "deliver_twice" && text("operation").is_none() && text("function").is_none() => {
                refusals.add("/operation", Invalid::Required);
            }
            _ => {}
        }
    }
}

/// A page for a browser, and JSON for a program.
pub(super) async fn list(State(controls): State<Controls>, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let mut document = awaiting(&controls);
    if !accepted.contains("text/html") {
        return Json(document).into_response();
    }
    let functions: Vec<_> = LocalSystem::grants().into_iter().map(|(name, _)| name).collect();
    document["operations"] = json!(OPERATIONS);
    document["functions"] = json!(functions);
    document["known_queues"] = QUEUES.iter().map(|queue| queue.name).collect();
    document["times_max"] = TIMES_MAX.into();
    controls.page("/_local/faults", "faults.html.j2", document)
}

pub(super) async fn inject(
    State(controls): State<Controls>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let input: Input = read_body(&body, &Settings::local()).map_err(|problem| controls.refuse(&headers, problem))?;
    let times = input.times.unwrap_or(1);
    let kind = match input.kind {
        Happening::Fail => Some(Kind::Fail),
        Happening::Throttle => Some(Kind::Throttle),
        Happening::Conflict => Some(Kind::Conflict),
        Happening::Hang => Some(Kind::Hang),
        Happening::LoseAnswer => Some(Kind::LoseAnswer),
        Happening::Crash => Some(Kind::Crash),
        Happening::DeliverTwice => None,
    };
    match kind {
        Some(kind) => controls.faults.inject(Fault {
            kind,
            operation: input.operation,
            function: input.function,
            skip: input.skip.unwrap_or(0),
            times,
            attempts: match input.attempts {
                Some(Suffering::First) => Attempts::First,
                Some(Suffering::All) | None => Attempts::All,
            },
        }),
        None => controls.faults.deliver_twice(&input.queue.unwrap_or_default(), times),
    }
    Ok((StatusCode::CREATED, Json(awaiting(&controls))))
}

pub(super) async fn clear(State(controls): State<Controls>) -> Json<Value> {
    controls.faults.clear();
    Json(awaiting(&controls))
}

fn awaiting(controls: &Controls) -> Value {
    json!({ "calls": controls.faults.awaiting_calls(), "messages": controls.faults.awaiting_messages() })
}
