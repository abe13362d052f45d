//! The outbox as its relay and its sweeper see it. Keys and patterns: `campus_messages::OutboxItem`.
//!
//! Queueing comes before deleting: a crash in between queues again, which the ledger makes harmless.
//! Deleting has no condition, since an item is never changed, and deleting twice is deleting once.

use std::collections::HashSet;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use campus_aws::{ACCOUNTS, EMAIL_QUEUE, Queue, SMS_QUEUE, cause_of};
use campus_domain::{DeliveryId, Timestamp};
use campus_endpoint::{Cx, WorkError};
use campus_messages::{Channel, Message, OUTBOX_SHARDS, OutboxItem};
use campus_store::{Item, StoreError};
use futures::future::{join_all, try_join_all};

/// SQS takes at most ten messages in a batch.
const BATCH_MAX: usize = 10;
/// What the sweeper takes from one shard at a time.
const SWEPT_AT_ONCE: u16 = 100;

/// Queues the messages of these items and takes the items out of the outbox. Says of each what came of it.
pub(crate) async fn dispatch(cx: &Cx, items: Vec<OutboxItem>) -> Vec<Result<(), WorkError>> {
    let (sms, email) = tokio::join!(
        enqueue(cx, SMS_QUEUE, on_channel(&items, Channel::Sms)),
        enqueue(cx, EMAIL_QUEUE, on_channel(&items, Channel::Email)),
    );
    let queued: HashSet<DeliveryId> = sms.into_iter().chain(email).collect();
    join_all(items.iter().map(|item| async {
        if !queued.contains(&item.message.id) {
            return Err(WorkError::new("a message was not queued"));
        }
        cx.store().delete(ACCOUNTS, &item.key()).await.map_err(WorkError::from)
    }))
    .await
}

fn on_channel(items: &[OutboxItem], channel: Channel) -> Vec<&Message> {
    items.iter().map(|item| &item.message).filter(|message| message.to.channel() == channel).collect()
}

/// Queues messages and returns which of them SQS took.
async fn enqueue(cx: &Cx, queue: Queue, messages: Vec<&Message>) -> Vec<DeliveryId> {
    let url = cx.clients().queue_url(queue);
    let mut taken = Vec::new();
    for batch in messages.chunks(BATCH_MAX) {
        let entries: Result<Vec<_>, _> = batch
            .iter()
            .enumerate()
            .map(|(index, message)| {
                let body = serde_json::to_string(message).map_err(WorkError::new)?;
                let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
                entry.build().map_err(WorkError::new)
            })
            .collect();
        let sent = match entries {
            Ok(entries) => {
                let request = cx.clients().sqs().send_message_batch().queue_url(&url).set_entries(Some(entries));
                request.send().await.map_err(|error| WorkError::new(cause_of(&error)))
            }
            Err(error) => Err(error),
        };
        match sent {
            Ok(answer) => taken.extend(
                answer
                    .successful
                    .iter()
                    .filter_map(|entry| batch.get(entry.id.parse::<usize>().ok()?))
                    .map(|message| message.id),
            ),
            Err(error) => tracing::error!(queue = queue.name, cause = %error, "a batch was not queued"),
        }
    }
    taken
}

/// The items of all shards that were owed before the given time, as many as are dealt with at once.
pub(crate) async fn list_owed_since_before(cx: &Cx, before: Timestamp) -> Result<Vec<OutboxItem>, StoreError> {
    let shards = (0..OUTBOX_SHARDS).map(|shard| async move {
        cx.store().list::<OutboxItem>(&OutboxItem::partition(shard), "", None, SWEPT_AT_ONCE).await
    });
    let pages = try_join_all(shards).await?;
    let items = pages.into_iter().flat_map(|page| page.items);
    Ok(items.filter(|item| item.message.id.made_at() < before).collect())
}
