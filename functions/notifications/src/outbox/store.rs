//! The outbox as its relay and its sweeper see it. Keys and patterns: `campus_messages::OutboxItem`.
//!
//! Queueing comes before deleting: a crash in between queues again, which the ledger makes harmless.
//! Deleting has no condition, since an item is never changed, and deleting twice is deleting once.

use std::collections::HashSet;

use campus_aws::{EMAIL_QUEUE, OUTBOX, PLANS_QUEUE, Queue, SMS_QUEUE};
use campus_domain::{DeliveryId, Timestamp};
use campus_endpoint::{Cx, WorkError};
use campus_messages::{Channel, OUTBOX_SHARDS, OutboxItem, Owed};
use campus_store::{Item, StoreError};
use futures::future::{join_all, try_join_all};

/// What the sweeper takes from one shard at a time.
const SWEPT_AT_ONCE: u16 = 100;

/// Queues what these items owe and takes them out of the outbox. Says of each what came of it.
pub(crate) async fn dispatch(cx: &Cx, items: Vec<OutboxItem>) -> Vec<Result<(), WorkError>> {
    let queued = [SMS_QUEUE, EMAIL_QUEUE, PLANS_QUEUE].map(|queue| {
        let bodies = items.iter().filter(|item| queue_of(&item.owed) == queue).filter_map(|item| {
            let body = match &item.owed {
                Owed::Message(message) => serde_json::to_string(message),
                Owed::Plan(plan) => serde_json::to_string(plan),
            };
            // What cannot be written is not queued, and told below.
            Some((item.id, body.ok()?))
        });
        let bodies: Vec<_> = bodies.collect();
        async move { cx.clients().enqueue(queue, &bodies).await }
    });
    let queued: HashSet<DeliveryId> = join_all(queued).await.into_iter().flatten().collect();
    join_all(items.iter().map(|item| async {
        if !queued.contains(&item.id) {
            return Err(WorkError::new("what is owed was not queued"));
        }
        cx.store().delete(OUTBOX, &item.key()).await.map_err(WorkError::from)
    }))
    .await
}

fn queue_of(owed: &Owed) -> Queue {
    match owed {
        Owed::Message(message) => match message.to.channel() {
            Channel::Sms => SMS_QUEUE,
            Channel::Email => EMAIL_QUEUE,
        },
        Owed::Plan(_) => PLANS_QUEUE,
    }
}

/// The items of all shards that were owed before the given time, as many as are dealt with at once.
pub(crate) async fn list_owed_since_before(cx: &Cx, before: Timestamp) -> Result<Vec<OutboxItem>, StoreError> {
    let shards = (0..OUTBOX_SHARDS).map(|shard| async move {
        cx.store().query(OutboxItem::partition(shard)).page::<OutboxItem>(SWEPT_AT_ONCE).await
    });
    let pages = try_join_all(shards).await?;
    let items = pages.into_iter().flat_map(|page| page.items);
    Ok(items.filter(|item| item.id.made_at() < before).collect())
}
