//! What Lambda's event source mappings and EventBridge do on AWS: they take messages, stream records and the time, and
//! call functions with the same events.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::aws::{ACCOUNT, Message, REGION, State, queue_arn, system_attributes};
use crate::clock::Now;

/// Calls a function with an event exactly as AWS would give it to Lambda, and returns what the function answers.
pub type Invoke = Arc<dyn Fn(Value) -> BoxFuture<'static, anyhow::Result<Value>> + Send + Sync>;

/// Turns true, or closes, when the process is to stop.
pub type Shutdown = watch::Receiver<bool>;

/// How long one wait for a message lasts. Nothing depends on it, because a message or a moved clock ends the wait.
const QUEUE_WAIT: Duration = Duration::from_secs(20);
/// After the local state or database itself has failed.
const BROKEN_WAIT: Duration = Duration::from_secs(1);
/// How often a stream is looked at while it is busy, and after nothing has come for a while.
const STREAM_WAIT_MIN: Duration = Duration::from_millis(20);
const STREAM_WAIT_MAX: Duration = Duration::from_millis(200);
/// Between the attempts at records that a function could not take.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(100);
const RETRY_WAIT_MAX: Duration = Duration::from_secs(5);
/// Records in one event: Lambda's default for streams.
const STREAM_BATCH_MAX: usize = 100;
/// How long a running call may go on once the process stops; the whole has to stop within about 100 ms.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(60);

/// Where a function's messages come from.
pub struct Queue {
    /// Keeps the queue.
    pub state: State,
    /// The queue's physical name.
    pub name: String,
    /// Messages per call at most.
    pub batch: usize,
    /// Asked for each message that the function took at its first delivery: whether it comes again, as SQS allows
    /// itself.
    pub comes_again: Arc<dyn Fn() -> bool + Send + Sync>,
}

/// Feeds a queue to a function, a batch at a time, until shutdown. Messages that the function took are deleted; those
/// that it reports in `batchItemFailures`, or all if it fails or panics, come back after their visibility timeout.
pub async fn queue(queue: Queue, invoke: Invoke, mut shutdown: Shutdown) {
    let Queue { state, name: queue_name, batch, comes_again } = queue;
    loop {
        let received = tokio::select! {
            biased;
            () = stopped(&mut shutdown) => return,
            received = state.receive_waiting(&queue_name, batch, None, QUEUE_WAIT) => received,
        };
        let messages = match received {
            Ok(messages) => messages,
            Err(error) => {
                tracing::error!(queue = queue_name, %error, "the queue cannot be read");
                pause(BROKEN_WAIT, &mut shutdown).await;
                continue;
            }
        };
        if messages.is_empty() {
            continue;
        }

        let records: Vec<_> = messages.iter().map(|message| queue_record(&queue_name, message)).collect();
        let Some(answer) = call(&invoke, json!({ "Records": records }), &mut shutdown).await else {
            return;
        };
        let ids = messages.iter().map(|message| message.id.as_str()).collect();
        let failed = answer.and_then(|answer| failed_items(&answer, &ids));
        let failed = failed.unwrap_or_else(|error| {
            tracing::warn!(queue = queue_name, messages = messages.len(), error = format!("{error:#}"), "batch failed");
            ids.iter().map(|id| (*id).to_owned()).collect()
        });
        for message in messages.iter().filter(|message| !failed.contains(&message.id)) {
            let settled = if message.receive_count == 1 && comes_again() {
                state.change_visibility(&queue_name, &message.receipt, 0)
            } else {
                state.delete(&queue_name, &message.receipt)
            };
            if let Err(error) = settled {
                // It comes back, which at-least-once delivery allows.
                tracing::error!(queue = queue_name, %error, "a message cannot be deleted");
            }
        }
    }
}

fn queue_record(queue_name: &str, message: &Message) -> Value {
    let attributes = message.attributes.as_object().into_iter().flatten().map(|(name, value)| {
        // Lambda writes the same fields with a small first letter.
        let fields = ["dataType", "stringValue", "binaryValue"].map(|field| {
            let theirs = format!("{}{}", field[..1].to_uppercase(), &field[1..]);
            (field.to_owned(), value[&theirs].clone())
        });
        let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
        (name.clone(), Value::Object(fields.collect()))
    });
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": system_attributes(message),
        "messageAttributes": attributes.collect::<Map<_, _>>(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn(queue_name),
        "awsRegion": REGION,
    })
}

/// Opens the embedded DynamoDB, in memory without a path.
///
/// It keeps stream records in one table without an index, never deletes any, and looks for the highest number at each
/// write, so that writing and polling would become slower with every record. So we give that table an index, and drop
/// what is older than the 24 hours for which DynamoDB keeps a stream.
pub fn open_database(path: Option<&Path>) -> anyhow::Result<Database> {
    let path = match path {
        Some(path) => path.to_str().context("the database's path is not UTF-8")?.to_owned(),
        // Named and shared, so that the connection below reaches the same memory.
        None => format!("file:campus-{}?mode=memory&cache=shared", Uuid::new_v4().simple()),
    };
    let database = Database::new(&path).context("the embedded DynamoDB does not open")?;
    // This sets SQLite's `synchronous = NORMAL`: a commit no longer waits for the disk, which costs 10 ms each.
    // A killed process still loses nothing; only a machine that loses power may lose the last commits.
    database.disable_bulk_loading()?;
    // Closed again before any request runs, so the two never wait for each other.
    let connection = rusqlite::Connection::open(&path)?;
    connection.execute_batch(
        "CREATE INDEX IF NOT EXISTS campus_stream_records
             ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
         CREATE INDEX IF NOT EXISTS campus_stream_numbers
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
         DELETE FROM _stream_records WHERE created_at < unixepoch() - 24 * 60 * 60;",
    )?;
    Ok(database)
}

/// Where a function's stream records come from.
pub struct Stream {
    /// The embedded database.
    pub db: Database,
    /// The table; its stream has to be enabled with `NEW_AND_OLD_IMAGES`.
    pub table: String,
    /// Who reads. Each reader of a table keeps its own checkpoint under this name.
    pub consumer: String,
    /// Keeps the checkpoint.
    pub state: State,
    /// Which records, in the form of the event, the function wants to see.
    pub filter: Arc<dyn Fn(&Value) -> bool + Send + Sync>,
    /// Anything sent here makes the stream be read at once. Without it a record waits up to 200 ms.
    pub wake: watch::Receiver<()>,
}

/// Feeds a table's stream to a function until shutdown, in order, from the checkpoint or else from the oldest record.
/// The checkpoint moves when the function has taken the records (at least once). What it could not take is tried again
/// for ever, and nothing later is read before; a batch that fails as a whole is halved, to spare the good records.
pub async fn stream(mut stream: Stream, invoke: Invoke, mut shutdown: Shutdown) {
    let key = format!("stream.{}.{}", stream.table, stream.consumer);
    let mut limit = STREAM_BATCH_MAX;
    let mut idle_wait = STREAM_WAIT_MIN;
    let mut retry_wait = RETRY_WAIT_MIN;
    while !is_stopping(&shutdown) {
        // Before reading: what is written after this ends the wait below.
        stream.wake.borrow_and_update();
        let records = match read(&stream, &key, limit).await {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(table = stream.table, error = format!("{error:#}"), "the stream cannot be read");
                pause(BROKEN_WAIT, &mut shutdown).await;
                continue;
            }
        };
        if records.is_empty() {
            tokio::select! {
                () = pause(idle_wait, &mut shutdown) => {}
                () = changed(&mut stream.wake) => {}
            }
            idle_wait = (idle_wait * 2).min(STREAM_WAIT_MAX);
            continue;
        }
        idle_wait = STREAM_WAIT_MIN;

        let wanted: Vec<_> = records.iter().filter(|record| (stream.filter)(record)).cloned().collect();
        let mut taken = Ok(records.len());
        if !wanted.is_empty() {
            let numbers = wanted.iter().map(sequence_number).collect();
            let Some(answer) = call(&invoke, json!({ "Records": &wanted }), &mut shutdown).await else {
                return;
            };
            taken = answer.and_then(|answer| failed_items(&answer, &numbers)).map(|failed| {
                let first_failed = records.iter().position(|record| failed.contains(sequence_number(record)));
                first_failed.unwrap_or(records.len())
            });
        }

        let all_taken = taken.as_ref().is_ok_and(|taken| *taken == records.len());
        let taken = taken.unwrap_or_else(|error| {
            let error = format!("{error:#}");
            tracing::warn!(stream.table, stream.consumer, records = wanted.len(), error, "batch failed");
            limit = (records.len() / 2).max(1);
            0
        });
        if let Some(last) = taken.checked_sub(1).and_then(|last| records.get(last))
            && let Err(error) = stream.state.set_mark(&key, sequence_number(last))
        {
            tracing::error!(stream.table, %error, "the checkpoint cannot be kept");
        }
        if all_taken {
            (limit, retry_wait) = (STREAM_BATCH_MAX, RETRY_WAIT_MIN);
        } else {
            pause(retry_wait, &mut shutdown).await;
            retry_wait = (retry_wait * 2).min(RETRY_WAIT_MAX);
        }
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// The records after the checkpoint, as Lambda gives them to a function.
async fn read(stream: &Stream, key: &str, limit: usize) -> anyhow::Result<Vec<Value>> {
    let (db, table, after) = (stream.db.clone(), stream.table.clone(), stream.state.mark(key)?);
    tokio::task::spawn_blocking(move || records(&db, &table, after, limit)).await?
}

/// The records of a table's stream after a sequence number, or from the oldest, as Lambda is given them.
///
/// # Errors
///
/// When the table has no stream, or it cannot be read.
pub fn records(db: &Database, table: &str, after: Option<String>, limit: usize) -> anyhow::Result<Vec<Value>> {
    let streams = db.list_streams(ListStreamsRequest { table_name: Some(table.to_owned()), ..Default::default() })?;
    let arn = streams.streams.into_iter().next().context("the table has no stream")?.stream_arn;
    let kind = if after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
    let iterator = db.get_shard_iterator(GetShardIteratorRequest {
        stream_arn: arn.clone(),
        shard_id: dynoxide::streams::shard_id(table),
        shard_iterator_type: kind.to_owned(),
        sequence_number: after,
    })?;
    let shard_iterator = iterator.shard_iterator.context("the stream has no iterator")?;
    let records = db.get_records(GetRecordsRequest { shard_iterator, limit: Some(limit) })?.records;

    let arn = arn.replace(dynoxide::streams::LOCAL_REGION, REGION);
    let records = records.into_iter().map(|record| {
        let mut record = serde_json::to_value(record)?;
        record["awsRegion"] = REGION.into();
        record["eventSourceARN"] = arn.clone().into();
        Ok(record)
    });
    records.collect()
}

/// Calls a function at once and then every `every`, by the given clock, until shutdown. A clock that is moved across
/// one or several periods makes one call, like a tick that comes late. A failed call is not repeated before the next.
pub async fn schedule(
    every: Duration,
    now: Now,
    mut moved: watch::Receiver<()>,
    invoke: Invoke,
    mut shutdown: Shutdown,
) {
    let every_signed = SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX);
    while !is_stopping(&shutdown) {
        let tick = now();
        let Some(answer) = call(&invoke, scheduled_event(tick), &mut shutdown).await else {
            return;
        };
        if let Err(error) = answer {
            tracing::warn!(error = format!("{error:#}"), "scheduled call failed");
        }

        let next = tick.saturating_add(every_signed).unwrap_or(Timestamp::MAX);
        while !is_stopping(&shutdown) {
            moved.borrow_and_update();
            let left = Duration::try_from(next.duration_since(now())).unwrap_or_default();
            if left.is_zero() {
                break;
            }
            tokio::select! {
                // Never longer than a period, should the machine's own clock be set back.
                () = pause(left.min(every), &mut shutdown) => {}
                () = changed(&mut moved) => {}
            }
        }
    }
}

/// A tick, as EventBridge tells it.
pub(crate) fn scheduled_event(time: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        // EventBridge gives whole seconds.
        "time": Timestamp::from_second(time.as_second()).unwrap_or(time).to_string(),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/campus-local")],
        "detail": {},
    })
}

/// Runs the function as a task of its own, so that a panic is a failure like any other. `None` when the process stops
/// before the call has ended: the call is then broken off, as a crash would, and its event counts as not delivered.
async fn call(invoke: &Invoke, event: Value, shutdown: &mut Shutdown) -> Option<anyhow::Result<Value>> {
    let invoke = invoke.clone();
    let mut running = tokio::spawn(async move { invoke(event).await });
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = stopped(shutdown) => match tokio::time::timeout(SHUTDOWN_GRACE, &mut running).await {
            Ok(ended) => ended,
            Err(_) => {
                running.abort();
                return None;
            }
        },
    };
    Some(ended.unwrap_or_else(|error| Err(anyhow!(error).context("the function panicked"))))
}

/// The items that a function reports as failed, read as Lambda does: no report means that all were taken, and a report
/// that makes no sense means that none was.
fn failed_items(answer: &Value, known: &BTreeSet<&str>) -> anyhow::Result<BTreeSet<String>> {
    let failures = match &answer["batchItemFailures"] {
        Value::Null => return Ok(BTreeSet::new()),
        failures => failures.as_array().context("batchItemFailures is not a list")?,
    };
    let failed = failures.iter().map(|failure| {
        let id = failure["itemIdentifier"].as_str().filter(|id| known.contains(id));
        id.map(str::to_owned).context("batchItemFailures names an item that was not in the batch")
    });
    failed.collect()
}

fn is_stopping(shutdown: &Shutdown) -> bool {
    *shutdown.borrow() || shutdown.has_changed().is_err()
}

pub(crate) async fn stopped(shutdown: &mut Shutdown) {
    // An error means that the sender is gone, and with it the process.
    let _ = shutdown.wait_for(|stop| *stop).await;
}

async fn pause(time: Duration, shutdown: &mut Shutdown) {
    let _ = tokio::time::timeout(time, stopped(shutdown)).await;
}

/// Waits for a change; for ever once there can be none.
async fn changed(receiver: &mut watch::Receiver<()>) {
    if receiver.changed().await.is_err() {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Instant;

    use super::*;
    use crate::aws::NewMessage;
    use crate::aws::tests::{TemporaryFile, TestClock};
    use crate::clock::MovableClock;

    /// Stopping takes some milliseconds, at most the grace for a running call. More for a busy machine; without a
    /// prompt stop it would be many seconds.
    const STOP_MAX: Duration = Duration::from_secs(4);

    /// Collects the events that a function was called with, and answers what the test says.
    #[derive(Clone, Default)]
    struct Calls(Arc<Mutex<Vec<Value>>>);

    impl Calls {
        fn invoke(&self, answer: impl Fn(&Value, usize) -> anyhow::Result<Value> + Send + Sync + 'static) -> Invoke {
            let (calls, answer) = (self.clone(), Arc::new(answer));
            Arc::new(move |event| {
                let (calls, answer) = (calls.clone(), answer.clone());
                Box::pin(async move {
                    let count = {
                        let mut calls = calls.0.lock().unwrap();
                        calls.push(event.clone());
                        calls.len()
                    };
                    answer(&event, count)
                })
            })
        }

        fn count(&self) -> usize {
            self.0.lock().unwrap().len()
        }

        fn event(&self, index: usize) -> Value {
            self.0.lock().unwrap()[index].clone()
        }

        /// Of every record of every call, the value at this pointer.
        fn seen(&self, pointer: &str) -> Vec<String> {
            let calls = self.0.lock().unwrap();
            let records = calls.iter().flat_map(|event| event["Records"].as_array().unwrap());
            records.map(|record| record.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
        }
    }

    async fn until(condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < Duration::from_secs(10), "it did not happen in ten seconds");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn send(state: &State, bodies: &[&str]) -> Vec<String> {
        let message = |body: &&str| NewMessage {
            body: (*body).to_owned(),
            attributes: json!({ "trace": { "DataType": "String", "StringValue": "t-1" } }),
            ..Default::default()
        };
        state.send("sms", &bodies.iter().map(message).collect::<Vec<_>>()).unwrap()
    }

    /// The queue `sms`, of which no message comes again.
    fn source(state: &State) -> Queue {
        Queue { state: state.clone(), name: "sms".to_owned(), batch: 10, comes_again: Arc::new(|| false) }
    }

    fn left(state: &State) -> u64 {
        let depth = state.queue_depths().unwrap().remove(0);
        depth.visible + depth.in_flight
    }

    #[tokio::test]
    async fn a_queue_deletes_what_was_taken_and_brings_back_what_was_reported() {
        let clock = TestClock::new();
        let state = State::in_memory(clock.now()).unwrap();
        state.create_queue("sms", 30, None, None).unwrap();
        let ids = send(&state, &["good", "bad"]);
        let bad = ids[1].clone();

        let calls = Calls::default();
        let invoke = calls.invoke(move |_, count| match count {
            1 => Ok(json!({ "batchItemFailures": [{ "itemIdentifier": bad }] })),
            _ => Ok(Value::Null),
        });
        let (stop, shutdown) = watch::channel(false);
        let running = tokio::spawn(queue(source(&state), invoke, shutdown));
        until(|| calls.count() == 1 && left(&state) == 1).await;

        let record = &calls.event(0)["Records"][0];
        assert_eq!((&record["messageId"], &record["body"]), (&json!(ids[0]), &json!("good")));
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
        assert_eq!(record["messageAttributes"]["trace"], json!({ "dataType": "String", "stringValue": "t-1" }));
        assert_eq!(record["eventSource"], "aws:sqs");
        assert_eq!(record["eventSourceARN"], "arn:aws:sqs:ap-northeast-2:000000000000:sms");

        clock.advance(30);
        state.wake();
        until(|| left(&state) == 0).await;
        assert_eq!(calls.seen("/body"), ["good", "bad", "bad"]);

        let stopping = Instant::now();
        stop.send(true).unwrap();
        running.await.unwrap();
        assert!(stopping.elapsed() < STOP_MAX);
    }

    #[tokio::test]
    async fn an_error_a_panic_and_a_senseless_report_fail_the_whole_batch() {
        let clock = TestClock::new();
        let state = State::in_memory(clock.now()).unwrap();
        state.create_queue("sms", 30, None, None).unwrap();
        send(&state, &["a", "b"]);

        let calls = Calls::default();
        let invoke = calls.invoke(|_, count| match count {
            1 => Err(anyhow!("no")),
            2 => panic!("a function's panic is only its own"),
            3 => Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "unknown" }] })),
            _ => Ok(json!({ "batchItemFailures": [] })),
        });
        let (_stop, shutdown) = watch::channel(false);
        tokio::spawn(queue(source(&state), invoke, shutdown));
        for count in 1..=3 {
            until(|| calls.count() == count).await;
            // The message stays invisible once the call has failed.
            tokio::time::sleep(Duration::from_millis(30)).await;
            assert_eq!((calls.count(), left(&state)), (count, 2));
            clock.advance(30);
            state.wake();
        }
        until(|| left(&state) == 0).await;
    }

    #[tokio::test]
    async fn a_call_that_hangs_does_not_keep_the_process_from_stopping() {
        let state = State::in_memory(TestClock::new().now()).unwrap();
        state.create_queue("sms", 30, None, None).unwrap();
        send(&state, &["a"]);
        let (started, mut has_started) = watch::channel(());
        let invoke: Invoke = Arc::new(move |_| {
            started.send_replace(());
            Box::pin(std::future::pending())
        });
        let (stop, shutdown) = watch::channel(false);
        let running = tokio::spawn(queue(source(&state), invoke, shutdown));
        has_started.changed().await.unwrap();

        let stopping = Instant::now();
        stop.send(true).unwrap();
        running.await.unwrap();
        assert!(stopping.elapsed() < STOP_MAX);
        assert_eq!(left(&state), 1);
    }

    fn table(db: &Database) {
        let request = json!({
            "TableName": "accounts",
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        });
        db.create_table(serde_json::from_value(request).unwrap()).unwrap();
    }

    fn put(db: &Database, key: &str) {
        let request = json!({ "TableName": "accounts", "Item": { "pk": { "S": key }, "n": { "N": "1" } } });
        db.put_item(serde_json::from_value(request).unwrap()).unwrap();
    }

    const KEY: &str = "/dynamodb/Keys/pk/S";

    /// A stream of the table `accounts` without keys that begin with `other`, and what starts and stops its reader.
    struct Reader {
        db: Database,
        state: State,
        wake: watch::Sender<()>,
    }

    impl Reader {
        fn new(db: Database, state: State) -> Self {
            Self { db, state, wake: watch::Sender::new(()) }
        }

        fn start(&self, invoke: Invoke) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
            let source = Stream {
                db: self.db.clone(),
                table: "accounts".to_owned(),
                consumer: "relay".to_owned(),
                state: self.state.clone(),
                filter: Arc::new(|record| !record.pointer(KEY).unwrap().as_str().unwrap().starts_with("other")),
                wake: self.wake.subscribe(),
            };
            let (stop, shutdown) = watch::channel(false);
            (stop, tokio::spawn(stream(source, invoke, shutdown)))
        }
    }

    /// Time that is paused passes only while all wait for it, so a busy machine takes none.
    #[tokio::test(start_paused = true)]
    async fn a_written_item_reaches_the_function_once_and_soon() {
        let db = open_database(None).unwrap();
        table(&db);
        let reader = Reader::new(db.clone(), State::in_memory(TestClock::new().now()).unwrap());
        let calls = Calls::default();
        let (stop, running) = reader.start(calls.invoke(|_, _| Ok(Value::Null)));
        // Until the reader has become slow, as it is when nothing happens.
        tokio::time::sleep(3 * STREAM_WAIT_MAX).await;

        put(&db, "other");
        put(&db, "ana");
        let written = tokio::time::Instant::now();
        reader.wake.send_replace(());
        until(|| calls.count() == 1).await;
        assert!(written.elapsed() < STREAM_WAIT_MIN, "{:?}", written.elapsed());
        tokio::time::sleep(2 * STREAM_WAIT_MAX).await;
        assert_eq!(calls.seen(KEY), ["ana"]);

        let record = &calls.event(0)["Records"][0];
        assert_eq!((&record["eventName"], &record["eventSource"]), (&json!("INSERT"), &json!("aws:dynamodb")));
        assert_eq!(record["dynamodb"]["NewImage"], json!({ "pk": { "S": "ana" }, "n": { "N": "1" } }));
        assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
        let arn = record["eventSourceARN"].as_str().unwrap();
        assert!(arn.starts_with("arn:aws:dynamodb:ap-northeast-2:000000000000:table/accounts/stream/"), "{arn}");

        let stopping = Instant::now();
        stop.send(true).unwrap();
        running.await.unwrap();
        assert!(stopping.elapsed() < STOP_MAX);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_failing_record_is_tried_again_and_those_before_it_are_not() {
        let db = open_database(None).unwrap();
        table(&db);
        for key in ["one", "other", "two", "three"] {
            put(&db, key);
        }
        let reader = Reader::new(db, State::in_memory(TestClock::new().now()).unwrap());
        let calls = Calls::default();
        let invoke = calls.invoke(|event, count| match count {
            1 => {
                let failed = sequence_number(&event["Records"][1]);
                Ok(json!({ "batchItemFailures": [{ "itemIdentifier": failed }] }))
            }
            2 => Err(anyhow!("not yet")),
            _ => Ok(json!({ "batchItemFailures": [] })),
        });
        let (_stop, _running) = reader.start(invoke);
        until(|| calls.count() == 4).await;
        // The third call has half as many, because the second failed as a whole.
        assert_eq!(calls.seen(KEY), ["one", "two", "three", "two", "three", "two", "three"]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn after_a_restart_the_stream_goes_on_behind_the_checkpoint() {
        let (database_file, state_file) = (TemporaryFile::new(), TemporaryFile::new());
        for round in ["first", "second"] {
            let db = open_database(Some(database_file.path())).unwrap();
            if round == "first" {
                table(&db);
            }
            let state = State::open(state_file.path(), TestClock::new().now()).unwrap();
            put(&db, round);
            let reader = Reader::new(db, state);
            let calls = Calls::default();
            let (stop, running) = reader.start(calls.invoke(|_, _| Ok(Value::Null)));
            until(|| calls.count() == 1).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(calls.seen(KEY), [round]);
            // Its end without a word means the same as `true`.
            drop(stop);
            running.await.unwrap();
        }
    }

    /// The fastest of ten times a hundred writes, so that a busy machine does not matter.
    fn write_time(db: &Database, round: &str) -> Duration {
        let times = (0..10).map(|tenth| {
            let start = Instant::now();
            (0..100).for_each(|number| put(db, &format!("{round}-{tenth}-{number}")));
            start.elapsed()
        });
        times.min().unwrap()
    }

    // If this fails after an update of dynoxide, see what `open_database` has to add now. Without the index the second
    // time is some ten times the first.
    #[test]
    fn writing_stays_fast_while_the_stream_grows() {
        let db = open_database(None).unwrap();
        table(&db);
        let few = write_time(&db, "few");
        (0..4000).for_each(|number| put(&db, &format!("more-{number}")));
        let many = write_time(&db, "many");
        assert!(many < few * 3, "{many:?} for what took {few:?} at first");
    }

    #[tokio::test]
    async fn a_schedule_calls_at_once_and_when_the_clock_crosses_a_period() {
        let (clock, _state) = MovableClock::open(None).unwrap();
        let calls = Calls::default();
        let (stop, shutdown) = watch::channel(false);
        let invoke = calls.invoke(|_, _| Err(anyhow!("the next call comes all the same")));
        let running = tokio::spawn(schedule(Duration::from_secs(60), clock.now(), clock.moved(), invoke, shutdown));
        until(|| calls.count() == 1).await;
        clock.advance(30).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(calls.count(), 1, "half a period has passed");
        clock.advance(3600).unwrap();
        until(|| calls.count() == 2).await;

        let times = [0, 1].map(|index| calls.event(index)["time"].as_str().unwrap().parse::<Timestamp>().unwrap());
        let between = times[1].duration_since(times[0]);
        assert!(between >= SignedDuration::from_secs(3630), "{between:?}");
        assert_eq!(calls.event(0)["detail-type"], "Scheduled Event");

        let stopping = Instant::now();
        stop.send(true).unwrap();
        running.await.unwrap();
        assert!(stopping.elapsed() < STOP_MAX);
    }

    #[tokio::test]
    async fn a_schedule_follows_real_time() {
        let (clock, _state) = MovableClock::open(None).unwrap();
        let calls = Calls::default();
        let (_stop, shutdown) = watch::channel(false);
        let invoke = calls.invoke(|_, _| Ok(Value::Null));
        tokio::spawn(schedule(Duration::from_millis(40), clock.now(), clock.moved(), invoke, shutdown));
        until(|| calls.count() >= 4).await;
    }
}
