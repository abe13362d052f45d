//! The outbox: what is owed to people and to other domains, written in the transaction of the change that owes it.
//!
//! Table `outbox`, `pk = OUTBOX#<shard>`, `sk = <id>`. The table's stream hands a new item to the relay, which queues
//! what is owed and deletes the item; the sweeper does the same for items that stayed. So a change cannot happen
//! without what it owes, nor the other way round, and either may be queued twice: the ledger sends a message once, a
//! plan carried out twice plans the same, and an event heard twice has been heard.

use campus_aws::{OUTBOX, Table};
use campus_domain::DeliveryId;
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

use crate::account_event::AccountEvent;
use crate::message::Message;
use crate::plan::{Plan, PlanJob};

/// Partitions of the outbox. One takes about 300 messages a second (three writes each of the 1,000
/// that a partition takes); the sweeper asks each once a minute.
pub const OUTBOX_SHARDS: u8 = 8;

/// What is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// A message to a person.
    Message(Message),
    /// Alerts to be planned.
    Plan(PlanJob),
    /// What happened to an account, for every domain that hears of it.
    Event(AccountEvent),
}

/// Something that is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// A message's own id, or one of the plan or the event.
    pub id: DeliveryId,
    /// What is owed.
    pub owed: Owed,
}

impl OutboxItem {
    /// What the partition keys of all outbox items begin with.
    pub const PREFIX: &'static str = "OUTBOX#";

    /// A message that is owed.
    #[must_use]
    pub fn message(message: Message) -> Self {
        Self { id: message.id, owed: Owed::Message(message) }
    }

    /// A plan that is owed.
    #[must_use]
    pub fn plan(id: DeliveryId, plan: Plan) -> Self {
        Self { id, owed: Owed::Plan(PlanJob(plan)) }
    }

    /// An event that other domains are to hear of.
    #[must_use]
    pub fn event(id: DeliveryId, event: AccountEvent) -> Self {
        Self { id, owed: Owed::Event(event) }
    }

    /// The partition of a shard.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("{}{shard}", Self::PREFIX)
    }
}

impl Item for OutboxItem {
    const TABLE: Table = OUTBOX;
    const KIND: &'static str = "outbox";

    fn key(&self) -> Key {
        // The end of a UUIDv7 is random.
        let shard = self.id.as_bytes()[15] % OUTBOX_SHARDS;
        Key::new(Self::partition(shard), self.id.to_string())
    }
}
