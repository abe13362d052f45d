//! Alerts that wait for their time.
//!
//! Table `alerts`, `pk = DUE#<shard>`, `sk = <minute, RFC 3339>#<id>`. Written in the transaction of what the alert
//! tells of, or by a job that such a transaction owes. Pattern: the alerts of a shard that are due, oldest first. So a
//! shard's own beginning says how far it was emptied: a tick that is late, comes twice or not at all changes nothing,
//! and what is planned for a time that is over is due at once.

use campus_aws::{ALERTS, Table};
use campus_domain::Timestamp;
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

use crate::alert::Alert;

/// Shards of alerts. Each is one partition, which takes about 1,000 writes a second; a tick asks each once.
pub const DUE_SHARDS: u8 = 16;
/// What nobody could send for so long is told to nobody any more.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// An alert that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueAlert {
    /// When it is due.
    pub due_at: Timestamp,
    /// What is to be told.
    pub alert: Alert,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl DueAlert {
    /// An alert that waits until then.
    #[must_use]
    pub fn new(alert: Alert, due_at: Timestamp) -> Self {
        Self { due_at, alert, expires_at: due_at.plus_seconds(KEPT_SECONDS) }
    }

    /// The partition of a shard.
    #[must_use]
    pub fn partition(shard: u8) -> String {
        format!("DUE#{shard:02}")
    }

    /// The end of the sort keys of what is due by then.
    #[must_use]
    pub fn due_by(instant: Timestamp) -> String {
        // Behind every id of that second.
        format!("{instant}#~")
    }
}

impl Item for DueAlert {
    const TABLE: Table = ALERTS;
    const KIND: &'static str = "due_alert";

    fn key(&self) -> Key {
        let id = self.alert.id();
        // The end of the id is a hash.
        Key::new(Self::partition(id.as_bytes()[15] % DUE_SHARDS), format!("{}#{id}", self.due_at))
    }
}
