//! What each function called.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use campus_endpoint::{Invocation, Recorder};
use serde_json::{Value, json};

/// Invocations kept; older ones are forgotten.
const KEPT_MAX: usize = 5_000;

/// Keeps the latest invocations, and writes a line of each to the log.
#[derive(Default)]
pub struct CallRecorder(Mutex<VecDeque<Invocation>>);

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
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(invocation);
    }
}

impl CallRecorder {
    /// The latest invocations, oldest first.
    #[must_use]
    pub fn invocations(&self) -> Vec<Invocation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// The latest invocations for people, newest first.
    #[must_use]
    pub fn document(&self) -> Value {
        let items: Vec<Value> = self
            .invocations()
            .iter()
            .rev()
            .map(|invocation| {
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
                    "function": invocation.function,
                    "status": invocation.status,
                    "cold": invocation.cold,
                    "round_trips": invocation.round_trips(),
                    "calls": calls,
                })
            })
            .collect();
        json!({ "items": items })
    }
}
