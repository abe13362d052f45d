//! The outbox: messages written in the transaction of the change that they tell of.
//!
//! In the table of the change, `pk = OUTBOX#<shard>`, `sk = <delivery id>`. The table's stream hands a
//! new item to the relay, which queues the message and deletes the item; the sweeper does the same for
//! items that stayed. So a change cannot happen without its message, nor a message without its change,
//! and either may be queued twice: the sender's ledger sends it once.

use campus_aws::{ACCOUNTS, Table};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

use crate::message::Message;

/// Partitions of the outbox. One takes about 300 messages a second (three writes each of the 1,000
/// that a partition takes); the sweeper asks each once a minute.
pub const OUTBOX_SHARDS: u8 = 8;

/// A message that is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// The message.
    pub message: Message,
}

impl OutboxItem {
    /// What the partition keys of all outbox items begin with.
    pub const PREFIX: &'static str = "OUTBOX#";

    /// The partition of a shard.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("{}{shard}", Self::PREFIX)
    }
}

impl Item for OutboxItem {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "outbox";

    fn key(&self) -> Key {
        let id = self.message.id;
        // The end of a UUIDv7 is random.
        let shard = id.as_bytes()[15] % OUTBOX_SHARDS;
        Key::new(Self::partition(shard), id.to_string())
    }
}
