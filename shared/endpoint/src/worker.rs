//! The contract of a worker: a function that a queue, a table's stream or the schedule calls. Commands, which an
//! operator calls, are entries of the same kind: see [`crate::Command`].

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use campus_aws::{CallScope, Grant, Queue, Table, scoped};
use campus_domain::Locale;
use campus_store::StoreError;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracing::Instrument;

use crate::command::{self, Command};
use crate::contract::Tuning;
use crate::credentials::ClientCookies;
use crate::cx::{Cx, Invocation, Runtime};
use crate::measure::Measures;

/// What calls a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A queue, with messages per call at most.
    Queue(Queue, u16),
    /// New items of a table whose partition key begins so, with records per call at most.
    Stream(Table, &'static str, u16),
    /// The schedule, every so many minutes.
    Schedule(u16),
    /// Nothing but an operator. The entry is a [`crate::Command`]'s.
    Command,
}

/// One message could not be dealt with; it comes again, and ends in the dead-letter queue.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WorkError(Box<dyn std::error::Error + Send + Sync>);

impl WorkError {
    /// The error with its cause, which must hold nothing personal.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl From<StoreError> for WorkError {
    fn from(error: StoreError) -> Self {
        Self::new(error)
    }
}

/// One worker.
pub trait Worker: Sized + Send + Sync + 'static {
    /// `verb_noun`, as for endpoints.
    const NAME: &'static str;
    /// What calls it.
    const SOURCE: Source;
    /// What it may touch.
    const GRANTS: &'static [Grant];
    /// Memory and time.
    const TUNING: Tuning = Tuning::STANDARD;
    /// Batches of a queue that are dealt with at once, at most. Bounds what a backlog takes of the account's
    /// concurrency and of a provider's rate. Lambda takes no less than two.
    const CONCURRENCY: u16 = 5;
    /// One message: a queue's payload, a stream's new item; `()` for the schedule.
    type Message: DeserializeOwned + Send;

    /// Deals with a batch, and says for each message in turn what came of it. The same message may
    /// come twice, and in any order.
    fn handle(cx: &Cx, batch: Vec<Self::Message>) -> impl Future<Output = Vec<Result<(), WorkError>>> + Send;
}

/// One worker or command, its types erased.
#[derive(Clone)]
pub struct WorkerEntry {
    /// See [`Worker::NAME`].
    pub name: &'static str,
    /// See [`Command::SUMMARY`]; nothing for workers.
    pub summary: &'static str,
    /// See [`Worker::SOURCE`].
    pub source: Source,
    /// See [`Worker::GRANTS`].
    pub grants: &'static [Grant],
    /// See [`Worker::TUNING`].
    pub tuning: Tuning,
    /// See [`Worker::CONCURRENCY`].
    pub concurrency: u16,
    run: fn(Arc<Runtime>, Value) -> BoxFuture<'static, Result<Value, WorkError>>,
}

impl WorkerEntry {
    pub(crate) fn of<W: Worker>() -> Self {
        Self {
            name: W::NAME,
            summary: "",
            source: W::SOURCE,
            grants: W::GRANTS,
            tuning: W::TUNING,
            concurrency: W::CONCURRENCY,
            run: |runtime, event| Box::pin(run::<W>(runtime, event)),
        }
    }

    pub(crate) fn of_command<C: Command>() -> Self {
        Self {
            name: C::NAME,
            summary: C::SUMMARY,
            source: Source::Command,
            grants: C::GRANTS,
            tuning: C::TUNING,
            concurrency: 1,
            run: |runtime, payload| Box::pin(command::run::<C>(runtime, payload)),
        }
    }

    /// Runs the worker on an event as Lambda gives it, and returns Lambda's partial batch response; of a command,
    /// its [`Report`](crate::Report).
    ///
    /// # Errors
    ///
    /// [`WorkError`] when a command or the schedule's worker failed: they have no batch to fail in part, so the
    /// invocation itself fails, which Lambda counts.
    pub async fn call(&self, runtime: Arc<Runtime>, event: Value) -> Result<Value, WorkError> {
        (self.run)(runtime, event).await
    }
}

/// One record of an event: how Lambda names it, and the message, if it can be read.
struct Record<M> {
    name: String,
    message: Result<M, WorkError>,
}

/// The context of a function that no client called.
pub(crate) fn context(runtime: &Arc<Runtime>) -> Cx {
    Cx {
        request_id: runtime.new_id(),
        now: runtime.now(),
        locale: Locale::default(),
        client_address: std::net::Ipv4Addr::UNSPECIFIED.into(),
        user_agent: None,
        cookies: ClientCookies::default(),
        store: runtime.store().clone(),
        cursor_key: None,
        claim: None,
        measures: Measures::default(),
        runtime: Arc::clone(runtime),
    }
}

async fn run<W: Worker>(runtime: Arc<Runtime>, event: Value) -> Result<Value, WorkError> {
    let began = Instant::now();
    let cold = runtime.starts_cold();
    let scope = CallScope::new(W::NAME, W::GRANTS);
    let cx = context(&runtime);
    let span = tracing::error_span!("batch", request.id = %cx.request_id, function = W::NAME);

    let mut failed = Vec::new();
    let mut readable = Vec::new();
    let mut messages = Vec::new();
    for record in records::<W>(&event) {
        match record.message {
            Ok(message) => {
                readable.push(record.name);
                messages.push(message);
            }
            Err(error) => {
                tracing::error!(parent: &span, cause = %error, "a message cannot be read");
                failed.push(record.name);
            }
        }
    }
    let count = messages.len();
    if count > 0 {
        let work = AssertUnwindSafe(W::handle(&cx, messages)).catch_unwind();
        let outcomes = scoped(Arc::clone(&scope), work).instrument(span.clone()).await;
        let outcomes =
            outcomes.unwrap_or_else(|_| (0..count).map(|_| Err(WorkError::new("the handler panicked"))).collect());
        for (name, outcome) in readable.into_iter().zip(outcomes) {
            if let Err(error) = outcome {
                tracing::error!(parent: &span, cause = %error, "a message failed");
                failed.push(name);
            }
        }
    }
    let (calls, used) = scope.record();
    runtime.record(Invocation {
        function: W::NAME,
        request_id: cx.request_id,
        route: None,
        status: if failed.is_empty() { 200 } else { 500 },
        duration: began.elapsed(),
        cold,
        calls,
        used,
        measures: cx.measures.take(),
    });
    if !failed.is_empty() && matches!(W::SOURCE, Source::Schedule(_)) {
        return Err(WorkError::new("a scheduled run failed"));
    }
    let failures: Vec<Value> = failed.into_iter().map(|name| json!({ "itemIdentifier": name })).collect();
    Ok(json!({ "batchItemFailures": failures }))
}

fn records<W: Worker>(event: &Value) -> Vec<Record<W::Message>> {
    let listed = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match W::SOURCE {
        Source::Queue(..) => listed
            .iter()
            .map(|record| Record {
                name: text(&record["messageId"]),
                // Said without serde's words, which may repeat the message.
                message: serde_json::from_str(record["body"].as_str().unwrap_or_default())
                    .map_err(|_| WorkError::new("it is of an unknown version or kind")),
            })
            .collect(),
        Source::Stream(..) => listed
            .iter()
            .map(|record| Record { name: text(&record["dynamodb"]["SequenceNumber"]), message: new_image(record) })
            .collect(),
        Source::Schedule(_) => vec![Record {
            name: text(&event["id"]),
            message: serde_json::from_value(Value::Null).map_err(|_| WorkError::new("a tick carries nothing")),
        }],
        // A command's payload is no batch: see `command::run`.
        Source::Command => Vec::new(),
    }
}

fn new_image<M: DeserializeOwned>(record: &Value) -> Result<M, WorkError> {
    let unreadable = |_| WorkError::new("the item is of an unknown version or kind");
    let image: serde_dynamo::Item =
        serde_json::from_value(record["dynamodb"]["NewImage"].clone()).map_err(|_| WorkError::new("no new image"))?;
    serde_dynamo::from_item(image).map_err(unreadable)
}
