//! Alerts that are due: each minute a tick finds the shards with any, workers empty them into a queue, and senders
//! check each alert and tell its person.

pub mod dispatch_alerts;
pub mod send_alerts;
mod store;
pub mod tick_alerts;

use serde::{Deserialize, Serialize};

/// What is due so soon is dispatched with what is due, or it would be a minute late, and the way to the sender more.
const AHEAD_SECONDS: i64 = 10;
/// As long as a worker that empties a shard, or sends alerts, can run. The queues hide messages for six times that.
const TIMEOUT_SECONDS: u16 = 5;
/// For so long a worker's claim counts. Longer than it can run, and over when the queue gives its message to another.
const LEASE_SECONDS: i64 = 20;

/// A shard that has alerts which are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardJob {
    /// Raised when a field changes its meaning. A job of another version is not read.
    version: Version,
    /// Which shard.
    shard: u8,
}

/// The only version so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "1")]
    One,
}

impl ShardJob {
    pub(crate) const fn new(shard: u8) -> Self {
        Self { version: Version::One, shard }
    }
}
