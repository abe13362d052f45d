//! `dispatch_alerts`: moves the alerts of a shard that are due into the senders' queue.
//!
//! An alert is deleted when the queue has it: a crash in between queues it again, which the ledger makes harmless. A
//! lease keeps two workers, of two ticks or a doubled one, from emptying the same shard; it saves work and guards
//! nothing.

use campus_aws::{ALERTS, ALERTS_QUEUE, Grant, SHARDS_QUEUE};
use campus_endpoint::{Cx, Source, Tuning, WorkError, Worker};
use campus_messages::DueAlert;
use futures::future::join_all;

use super::{AHEAD_SECONDS, ShardJob, TIMEOUT_SECONDS, store};

/// Alerts that are moved together.
const PAGE: u16 = 100;
/// Pages that one call moves: a second of work, within the time-out. The rest is left to another call.
const PAGES_PER_JOB: u8 = 10;

/// The worker.
pub struct DispatchAlerts;

impl Worker for DispatchAlerts {
    const NAME: &'static str = "dispatch_alerts";
    const SOURCE: Source = Source::Queue(campus_aws::SHARDS_QUEUE, 1);
    const GRANTS: &'static [Grant] =
        &[ALERTS.query().update().delete().batch_write(), ALERTS_QUEUE.send(), SHARDS_QUEUE.send()];
    const TUNING: Tuning = Tuning { timeout_seconds: TIMEOUT_SECONDS, ..Tuning::STANDARD };
    const CONCURRENCY: u16 = 16;
    type Message = ShardJob;

    async fn handle(cx: &Cx, batch: Vec<ShardJob>) -> Vec<Result<(), WorkError>> {
        join_all(batch.iter().map(|job| empty(cx, job.shard))).await
    }
}

async fn empty(cx: &Cx, shard: u8) -> Result<(), WorkError> {
    if !store::take_lease(cx, shard).await? {
        return Ok(());
    }
    let by = cx.now().plus_seconds(AHEAD_SECONDS);
    for _ in 0..PAGES_PER_JOB {
        let due = store::list_due(cx, shard, by, PAGE).await?;
        if !due.is_empty() {
            dispatch(cx, &due).await?;
        }
        if due.len() < PAGE.into() {
            return Ok(store::give_back_lease(cx, shard).await?);
        }
    }
    store::give_back_lease(cx, shard).await?;
    go_on(cx, shard).await
}

/// Queues alerts, and deletes what the queue took.
async fn dispatch(cx: &Cx, due: &[DueAlert]) -> Result<(), WorkError> {
    let bodies: Result<Vec<_>, _> = due
        .iter()
        .enumerate()
        .map(|(index, due)| serde_json::to_string(&due.alert).map(|body| (index, body)))
        .collect();
    let bodies = bodies.map_err(|error| WorkError::new(error.to_string()))?;
    let taken = cx.clients().enqueue(ALERTS_QUEUE, &bodies).await;
    let all_taken = taken.len() == due.len();
    store::delete_due(cx, taken.into_iter().filter_map(|index| due.get(index))).await?;
    if all_taken { Ok(()) } else { Err(WorkError::new("alerts were not queued")) }
}

/// Leaves the rest of a shard to another call.
async fn go_on(cx: &Cx, shard: u8) -> Result<(), WorkError> {
    let body = serde_json::to_string(&ShardJob::new(shard)).map_err(|error| WorkError::new(error.to_string()))?;
    let taken = cx.clients().enqueue(SHARDS_QUEUE, &[((), body)]).await;
    if taken.is_empty() { Err(WorkError::new("the rest of a shard was not queued")) } else { Ok(()) }
}
