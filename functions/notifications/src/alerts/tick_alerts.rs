//! `tick_alerts`: finds the shards with alerts that are due.
//!
//! It asks each shard for its first alert and leaves the rest to workers, so that a tick costs 16 small reads when
//! nothing is due, and does not take longer however much is.

use campus_aws::{ALERTS, Grant, SHARDS_QUEUE};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::DUE_SHARDS;
use futures::future::try_join_all;

use super::{AHEAD_SECONDS, ShardJob, store};

/// The worker.
pub struct TickAlerts;

impl Worker for TickAlerts {
    const NAME: &'static str = "tick_alerts";
    const SOURCE: Source = Source::Schedule(1);
    const GRANTS: &'static [Grant] = &[ALERTS.query(), SHARDS_QUEUE.send()];
    type Message = ();

    async fn handle(cx: &Cx, ticks: Vec<()>) -> Vec<Result<(), WorkError>> {
        let ticked = tick(cx).await;
        ticks.iter().map(|()| ticked.as_ref().copied().map_err(|error| WorkError::new(error.to_string()))).collect()
    }
}

async fn tick(cx: &Cx) -> Result<(), WorkError> {
    let by = cx.now().plus_seconds(AHEAD_SECONDS);
    let shards = (0..DUE_SHARDS).map(|shard| async move {
        store::list_due(cx, shard, by, 1).await.map(|due| (!due.is_empty()).then_some(shard))
    });
    let jobs: Result<Vec<_>, _> = try_join_all(shards)
        .await?
        .into_iter()
        .flatten()
        .map(|shard| serde_json::to_string(&ShardJob::new(shard)).map(|body| (shard, body)))
        .collect();
    let jobs = jobs.map_err(|error| WorkError::new(error.to_string()))?;
    let taken = cx.clients().enqueue(SHARDS_QUEUE, &jobs).await;
    if taken.len() == jobs.len() { Ok(()) } else { Err(WorkError::new("shards were not queued")) }
}
