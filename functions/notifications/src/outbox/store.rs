//! The outbox as its relay and its sweeper see it. Keys and patterns: `campus_messages::OutboxItem`.
//!
//! Queueing comes before deleting: a crash in between queues again, which is harmless to whoever reads the queues.
//! Deleting has no condition, since an item is never changed, and deleting twice is deleting once.

use campus_aws::{EMAIL_QUEUE, OUTBOX, PLANS_QUEUE, Queue, SMS_QUEUE};
use campus_domain::Timestamp;
use campus_endpoint::{Cx, WorkError};
use campus_messages::{AccountNews, Channel, HEARERS, OUTBOX_SHARDS, OutboxItem, Owed};
use campus_store::{Item, StoreError};
use futures::future::{join_all, try_join_all};

/// What the sweeper takes from one shard at a time.
const SWEPT_AT_ONCE: u16 = 100;

/// Queues what these items owe and takes them out of the outbox. Says of each what came of it.
///
/// An event has been told when all domains have it in their queues; until then it is queued for all of them again,
/// since one that hears it twice has heard it.
pub(crate) async fn dispatch(cx: &Cx, items: Vec<OutboxItem>) -> Vec<Result<(), WorkError>> {
    let mut queues: Vec<(Queue, Vec<(usize, String)>)> = Vec::new();
    let mut missing: Vec<usize> = Vec::new();
    for (place, item) in items.iter().enumerate() {
        // What cannot be written is not queued, and told below.
        let body = body_of(item).ok();
        let wanted = queues_of(&item.owed);
        missing.push(wanted.len());
        for queue in wanted {
            let Some(body) = body.clone() else { continue };
            match queues.iter_mut().find(|(known, _)| *known == queue) {
                Some((_, bodies)) => bodies.push((place, body)),
                None => queues.push((queue, vec![(place, body)])),
            }
        }
    }
    let queued = queues.iter().map(|(queue, bodies)| cx.clients().enqueue(*queue, bodies));
    for place in join_all(queued).await.into_iter().flatten() {
        missing[place] -= 1;
    }
    join_all(items.iter().zip(missing).map(|(item, missing)| async move {
        if missing > 0 {
            return Err(WorkError::new("what is owed was not queued"));
        }
        cx.store().delete(OUTBOX, &item.key()).await.map_err(WorkError::from)
    }))
    .await
}

fn body_of(item: &OutboxItem) -> serde_json::Result<String> {
    match &item.owed {
        Owed::Message(message) => serde_json::to_string(message),
        Owed::Plan(plan) => serde_json::to_string(plan),
        Owed::Event(event) => serde_json::to_string(&AccountNews { id: item.id, event: event.clone() }),
    }
}

/// The queues that something owed belongs in, all of them.
fn queues_of(owed: &Owed) -> Vec<Queue> {
    match owed {
        Owed::Message(message) => match message.to.channel() {
            Channel::Sms => vec![SMS_QUEUE],
            Channel::Email => vec![EMAIL_QUEUE],
        },
        Owed::Plan(_) => vec![PLANS_QUEUE],
        Owed::Event(_) => HEARERS.iter().map(|hearer| hearer.queue).collect(),
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
