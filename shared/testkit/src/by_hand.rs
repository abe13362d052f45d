//! Working the queues by hand: what streams and queues do by themselves elsewhere, one step at a time.

use campus_aws::{Queue, SMS_QUEUE};
use campus_endpoint::Source;
use campus_local::registries;
use campus_messages::{OUTBOX_SHARDS, OutboxItem};
use campus_store::{Item, Store};
use serde_json::{Value, json};

use crate::app::TestApp;

impl TestApp {
    /// The messages that are owed and not yet relayed.
    ///
    /// # Panics
    ///
    /// When the outbox cannot be read.
    pub async fn owed(&self) -> Vec<OutboxItem> {
        let store = Store::new(&self.clients);
        let mut owed = Vec::new();
        for shard in 0..OUTBOX_SHARDS {
            let page = store.query(OutboxItem::partition(shard)).page::<OutboxItem>(100).await;
            owed.extend(page.expect("the outbox can be read").items);
        }
        owed
    }

    /// The records by which the stream tells of what is owed.
    pub async fn records_of_outbox(&self) -> Vec<Value> {
        self.owed().await.iter().enumerate().map(|(number, item)| new_item(number, item)).collect()
    }

    /// The records of what is queued, which stays queued.
    ///
    /// # Panics
    ///
    /// When the queue cannot be read.
    #[must_use]
    pub fn records_of_queue(&self, queue: Queue) -> Vec<Value> {
        let name = format!("{}{}", self.clients.prefix(), queue.name);
        let messages = self.system().state.receive(&name, 10, Some(0)).expect("the queue can be read");
        messages.iter().map(|message| json!({ "messageId": message.id, "body": message.body })).collect()
    }

    /// Has the relay queue what is owed, and returns its answer.
    ///
    /// # Panics
    ///
    /// When the relay fails as a whole.
    pub async fn relay(&self) -> Value {
        let records = self.records_of_outbox().await;
        self.system().call_worker("relay_outbox", json!({ "Records": records })).await.expect("the relay answers")
    }

    /// Gives a batch of what is queued to the worker, takes what it took out of the queue, and returns its answer.
    ///
    /// # Panics
    ///
    /// When the queue cannot be read, or there is no such worker of it, or it fails as a whole.
    pub async fn work(&self, queue: Queue, worker: &str) -> Value {
        let name = format!("{}{}", self.clients.prefix(), queue.name);
        let workers = registries().into_iter().flat_map(|registry| registry.workers);
        let batch = workers.filter(|entry| entry.name == worker).find_map(|entry| match entry.source {
            Source::Queue(fed_by, batch) if fed_by == queue => Some(batch),
            _ => None,
        });
        let batch = batch.expect("the worker is fed by the queue");
        let messages = self.system().state.receive(&name, batch.into(), None).expect("the queue can be read");
        let records: Vec<Value> =
            messages.iter().map(|message| json!({ "messageId": message.id, "body": message.body })).collect();
        let answer =
            self.system().call_worker(worker, json!({ "Records": records })).await.expect("the worker answers");
        let failed = |id: &str| {
            answer["batchItemFailures"]
                .as_array()
                .is_some_and(|failures| failures.iter().any(|failure| failure["itemIdentifier"] == id))
        };
        for message in messages.iter().filter(|message| !failed(&message.id)) {
            self.system().state.delete(&name, &message.receipt).expect("the message can be deleted");
        }
        answer
    }

    /// Relays and sends every text message that is owed.
    pub async fn send_sms_by_hand(&self) {
        self.relay().await;
        self.work(SMS_QUEUE, "send_sms").await;
    }
}

/// The stream's record of a new item.
fn new_item(number: usize, item: &OutboxItem) -> Value {
    let mut image: Value =
        serde_json::to_value(serde_dynamo::to_item::<_, serde_dynamo::Item>(item).expect("the item can be written"))
            .expect("the item can be written");
    let key = item.key();
    image["pk"] = json!({ "S": key.pk });
    image["sk"] = json!({ "S": key.sk });
    json!({ "eventName": "INSERT", "dynamodb": { "SequenceNumber": number.to_string(), "NewImage": image } })
}
