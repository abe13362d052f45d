//! Inboxes, stored.
//!
//! Table `notifications`: an entry at `pk = INBOX#<user id>`, `sk = <notification id>`; the marker of what is read at
//! `pk = RECIPIENT#<user id>`, `sk = INBOX MARKER`. Patterns: a person's newest entries; one of them by its id.
//!
//! An entry is written by whoever sends the alert, under the condition that there is none: its id is the alert's, so
//! that a duplicate adds none, not even to what was deleted.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::{NotificationId, UserId};
use campus_endpoint::Cx;
use campus_store::{Item, Key, StoreError, absent};
use futures::future::try_join_all;

use super::{Entry, Marker};

/// Where a person's entry is stored.
pub(crate) fn key(user_id: UserId, id: NotificationId) -> Key {
    Key::new(partition(user_id), id.to_string())
}

fn partition(user_id: UserId) -> String {
    format!("INBOX#{user_id}")
}

impl Item for Entry {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "inbox_entry";

    fn key(&self) -> Key {
        key(self.user_id, self.id)
    }
}

/// Writes entries that are not there yet: together, as they nearly always are new; else one by one.
pub(crate) async fn insert_all(cx: &Cx, entries: &[Entry]) -> Result<(), StoreError> {
    let mut transaction = cx.store().transaction::<Known>();
    for entry in entries {
        transaction.put_new(entry).or(|| Known::There);
    }
    match transaction.send().await {
        Ok(()) => Ok(()),
        Err(Known::Failed(error)) => Err(error),
        Err(Known::There) => try_join_all(entries.iter().map(|entry| cx.store().put(entry, absent()))).await.map(drop),
    }
}

/// Why entries were not written together.
enum Known {
    /// One of them is there.
    There,
    Failed(StoreError),
}

impl From<StoreError> for Known {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

fn marker_key(user_id: UserId) -> Key {
    Key::new(format!("RECIPIENT#{user_id}"), "INBOX MARKER")
}

impl Item for Marker {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "inbox_marker";

    fn key(&self) -> Key {
        marker_key(self.user_id)
    }
}
