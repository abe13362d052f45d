//! What each function called.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use campus_endpoint::{Invocation, Recorder};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Now;

/// Invocations kept; older ones are forgotten.
const KEPT_MAX: usize = 5_000;

/// Keeps the latest invocations, and writes a line of each to the log.
pub struct CallRecorder {
    kept: Mutex<Kept>,
    now: Now,
}

#[derive(Default)]
struct Kept {
    latest: VecDeque<Recorded>,
    recorded: u64,
}

/// An invocation with its number, counted from 1, and when it ended.
#[derive(Clone)]
struct Recorded {
    number: u64,
    ended_at: Timestamp,
    invocation: Invocation,
}

impl Recorder for CallRecorder {
    fn record(&self, invocation: Invocation) {
        tracing::info!(
            request.id = %invocation.request_id,
            http.route = invocation.route.map(tracing::field::display),
            function = invocation.function,
            http.status = invocation.status,
            duration_ms = invocation.duration.as_millis(),
            aws.calls = invocation.calls.len(),
            aws.depth = invocation.round_trips(),
            cold = invocation.cold,
            "answered"
        );
        let ended_at = (self.now)();
        let mut kept = self.kept();
        if kept.latest.len() == KEPT_MAX {
            kept.latest.pop_front();
        }
        kept.recorded += 1;
        let number = kept.recorded;
        kept.latest.push_back(Recorded { number, ended_at, invocation });
    }
}

impl CallRecorder {
    /// One that has seen nothing yet.
    #[must_use]
    pub fn new(now: Now) -> Self {
        Self { kept: Mutex::default(), now }
    }

    /// The latest invocations, oldest first.
    #[must_use]
    pub fn invocations(&self) -> Vec<Invocation> {
        self.kept().latest.iter().map(|recorded| recorded.invocation.clone()).collect()
    }

    /// When a function's latest invocation ended.
    #[must_use]
    pub fn last_run(&self, function: &str) -> Option<Timestamp> {
        let kept = self.kept();
        kept.latest.iter().rev().find(|run| run.invocation.function == function).map(|run| run.ended_at)
    }

    /// The latest invocations for people, of one function or all, newest first, at most `limit`.
    #[must_use]
    pub fn document(&self, function: Option<&str>, limit: usize) -> Value {
        let kept = self.kept();
        let chosen = kept.latest.iter().rev().filter(|run| function.is_none_or(|name| run.invocation.function == name));
        let items: Vec<Value> = chosen.take(limit).map(describe).collect();
        json!({ "items": items })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(Recorded { number, ended_at, invocation }: &Recorded) -> Value {
    let calls: Vec<Value> = invocation
        .calls
        .iter()
        .map(|call| {
            let resources: Vec<String> = call.resources.iter().map(ToString::to_string).collect();
            json!({
                "operation": call.operation,
                "resources": resources,
                "depth": call.depth,
                "units": call.units,
                "succeeded": call.succeeded,
            })
        })
        .collect();
    json!({
        "number": number,
        "ended_at": ended_at,
        "function": invocation.function,
        "status": invocation.status,
        "cold": invocation.cold,
        "round_trips": invocation.round_trips(),
        // A sum of nothing would be -0.
        "units": invocation.calls.iter().fold(0.0, |sum, call| sum + call.units),
        "calls": calls,
    })
}
