//! `sweep_outbox`: queues what the relay left, such as after an outage longer than the stream's 24 hours.

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, EMAIL_QUEUE, Grant, NOTIFICATIONS_EVENTS_QUEUE, OUTBOX, PLANS_QUEUE,
    SCREENINGS_EVENTS_QUEUE, SMS_QUEUE,
};
use campus_endpoint::{Cx, Source, WorkError, Worker};

use super::store;

/// The worker.
pub struct SweepOutbox;

/// The relay is given this long before its items are swept.
const GRACE_SECONDS: i64 = 60;

impl Worker for SweepOutbox {
    const NAME: &'static str = "sweep_outbox";
    const SOURCE: Source = Source::Schedule(1);
    const GRANTS: &'static [Grant] = &[
        OUTBOX.query().delete(),
        SMS_QUEUE.send(),
        EMAIL_QUEUE.send(),
        PLANS_QUEUE.send(),
        ACCOUNTS_EVENTS_QUEUE.send(),
        NOTIFICATIONS_EVENTS_QUEUE.send(),
        SCREENINGS_EVENTS_QUEUE.send(),
    ];
    type Message = ();

    async fn handle(cx: &Cx, ticks: Vec<()>) -> Vec<Result<(), WorkError>> {
        let swept = sweep(cx).await;
        ticks.iter().map(|()| swept.as_ref().copied().map_err(|error| WorkError::new(error.to_string()))).collect()
    }
}

async fn sweep(cx: &Cx) -> Result<(), WorkError> {
    let owed = store::list_owed_since_before(cx, cx.now().plus_seconds(-GRACE_SECONDS)).await?;
    if owed.is_empty() {
        return Ok(());
    }
    tracing::warn!(messages = owed.len(), "the relay left messages");
    store::dispatch(cx, owed).await.into_iter().collect()
}
