//! The contract of a command: a function that nothing but an operator invokes, with a payload, to read its answer.
//!
//! On AWS that takes the right to invoke the function, which nobody has by default. So a command has no other guard,
//! and is for what no endpoint may do: to appoint the first admin, or to revoke the keys that sign.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use campus_aws::{CallScope, Grant, scoped};
use campus_domain::Locale;
use futures::FutureExt;
use serde::Serialize;
use serde_json::{Value, json};
use tracing::Instrument;

use crate::body::{self, Body};
use crate::contract::Tuning;
use crate::cx::{Cx, Invocation, Runtime};
use crate::problem::Problem;
use crate::worker::{self, WorkError};

/// What came of a command, in plain English, for the operator and whatever keeps what they see. So it names nothing
/// personal and nothing secret; ids it may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "message", rename_all = "snake_case")]
pub enum Report {
    /// It did what it was asked, or found it done.
    Done(String),
    /// It did nothing, and why.
    Refused(String),
    /// It did nothing, since its payload cannot be read; every wrong field is named.
    Unreadable(String),
}

impl Report {
    fn status(&self) -> u16 {
        match self {
            Self::Done(_) => 200,
            Self::Refused(_) => 409,
            Self::Unreadable(_) => 422,
        }
    }
}

/// One command.
///
/// It may be invoked twice, by an operator in doubt or by a tool that tries again: then it finds its work done, or
/// does it again harmlessly.
pub trait Command: Sized + Send + Sync + 'static {
    /// `verb_noun`, as for endpoints.
    const NAME: &'static str;
    /// One line for the operator.
    const SUMMARY: &'static str;
    /// What it may touch.
    const GRANTS: &'static [Grant];
    /// Memory and time.
    const TUNING: Tuning = Tuning::STANDARD;
    /// Its payload, a JSON object; [`crate::NoBody`] for none.
    type Message: Body;

    /// Does it, and says what was done.
    fn handle(cx: &Cx, message: Self::Message) -> impl Future<Output = Result<Report, WorkError>> + Send;
}

pub(crate) async fn run<C: Command>(runtime: Arc<Runtime>, payload: Value) -> Result<Value, WorkError> {
    let began = Instant::now();
    let cold = runtime.starts_cold();
    let scope = CallScope::new(C::NAME, C::GRANTS);
    let cx = worker::context(&runtime);
    let span = tracing::error_span!("command", request.id = %cx.request_id, function = C::NAME);

    let outcome = match read::<C>(&cx, &payload) {
        Ok(message) => {
            let work = AssertUnwindSafe(C::handle(&cx, message)).catch_unwind();
            let outcome = scoped(Arc::clone(&scope), work).instrument(span.clone()).await;
            outcome.unwrap_or_else(|_| Err(WorkError::new("the handler panicked")))
        }
        Err(unreadable) => Ok(unreadable),
    };
    if let Err(error) = &outcome {
        tracing::error!(parent: &span, cause = %error, "a command failed");
    }
    let (calls, used) = scope.record();
    runtime.record(Invocation {
        function: C::NAME,
        request_id: cx.request_id,
        route: None,
        status: outcome.as_ref().map_or(500, Report::status),
        duration: began.elapsed(),
        cold,
        calls,
        used,
        measures: cx.measures.take(),
    });
    Ok(json!(outcome?))
}

/// The message of a payload. None is as good as an empty one.
fn read<C: Command>(cx: &Cx, payload: &Value) -> Result<C::Message, Report> {
    let payload = if payload.is_null() { "{}".to_owned() } else { payload.to_string() };
    body::read(payload.as_bytes(), cx.settings()).map_err(|problem| Report::Unreadable(told(&problem)))
}

fn told(problem: &Problem) -> String {
    let fields = problem.field_errors().iter().map(|error| {
        let place = if error.pointer.is_empty() { "the whole" } else { &error.pointer };
        format!("{place}: {}", campus_text::invalid(Locale::En, &error.invalid))
    });
    format!("The payload cannot be read. {}", fields.collect::<Vec<_>>().join(" "))
}
