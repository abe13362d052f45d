//! Inboxes, stored.
//!
//! Table `notifications`: an entry at `pk = INBOX#<user id>`, `sk = <notification id>`; the marker of what is read at
//! `pk = RECIPIENT#<user id>`, `sk = INBOX MARKER`. Patterns: a person's newest entries with all that they are shown
//! by; one of them by its id.
//!
//! An entry is written by whoever sends the alert, under the condition that there is none: its id is the alert's, so
//! that a duplicate adds none, not even to what was deleted.
//!
//! Whether an entry is read is told by it and by the marker together. So a change of either holds to both as they were
//! read, but for setting the marker, which goes before whatever was said of entries.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::{NotificationId, TimeZoneName, UserId};
use campus_endpoint::Cx;
use campus_messages::ContactCard;
use campus_store::{Condition, Found, Item, Key, Slot, StoreError, Update, Written, absent, attr, exists};
use futures::future::try_join_all;

use super::{Entry, Marker};
use crate::Error;

/// What an inbox shows: its newest. Some 1 kB each, so that one call reads them.
const SHOWN_MAX: usize = 500;

/// Where a person's entry is stored.
pub(crate) fn key(user_id: UserId, id: NotificationId) -> Key {
    Key::new(partition(user_id), id.to_string())
}

/// The partition of a person's entries.
pub(crate) fn partition(user_id: UserId) -> String {
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

/// What entries are shown by: what is read, and the clocks of the reader.
pub(crate) struct Reader {
    pub(crate) marker: Marker,
    pub(crate) zone: TimeZoneName,
}

/// A person's newest entries, newest first, and what they are shown by.
pub(super) async fn list_newest(cx: &Cx, user_id: UserId) -> Result<(Vec<Entry>, Reader), StoreError> {
    let (mut entries, reader) = list_kept(cx, user_id).await?;
    entries.retain(|entry| entry.is_there(cx.now()));
    Ok((entries, reader))
}

/// The same with those that were deleted or are over, which are kept for a while.
pub(crate) async fn list_kept(cx: &Cx, user_id: UserId) -> Result<(Vec<Entry>, Reader), StoreError> {
    let mut batch = cx.store().batch();
    let slots = reader_slots(&mut batch, user_id);
    let entries = cx.store().query(partition(user_id)).backward();
    let (found, entries) = tokio::join!(batch.send(), entries.all::<Entry>(SHOWN_MAX));
    let (reader, mut entries) = (reader_in(&mut found?, slots, user_id)?, entries?);
    // The ids are of the times that alerts are about, which is nearly the order in which they came.
    entries.sort_by_key(|entry| std::cmp::Reverse((entry.arrived_at, entry.id)));
    Ok((entries, reader))
}

/// One entry, and what it is shown by.
pub(super) async fn get(cx: &Cx, user_id: UserId, id: NotificationId) -> Result<(Entry, Reader), Error> {
    let mut batch = cx.store().batch();
    let entry = batch.find::<Entry>(&key(user_id, id));
    let slots = reader_slots(&mut batch, user_id);
    let mut found = batch.send().await?;
    let entry = found.take(entry)?.filter(|entry| entry.is_there(cx.now())).ok_or(Error::NotificationNotFound)?;
    Ok((entry, reader_in(&mut found, slots, user_id)?))
}

type ReaderSlots = (Slot<Marker>, Slot<ContactCard>);

fn reader_slots(batch: &mut campus_store::Batch<'_>, user_id: UserId) -> ReaderSlots {
    (batch.find(&marker_key(user_id)), batch.find(&ContactCard::key_of(user_id)))
}

fn reader_in(found: &mut Found, (marker, contact): ReaderSlots, user_id: UserId) -> Result<Reader, StoreError> {
    Ok(Reader {
        marker: found.take(marker)?.unwrap_or_else(|| Marker::none_of(user_id)),
        zone: found.take(contact)?.map(|contact| contact.time_zone).unwrap_or_default(),
    })
}

/// Says of one entry alone whether it is read, if it and the marker are as they were seen.
pub(super) async fn mark(cx: &Cx, seen: &Entry, marker: &Marker, read: bool) -> Result<Entry, Error> {
    let version = seen.version + 1;
    let wished = Entry { read: Some(read), read_under: marker.version, version, ..seen.clone() };
    let update = Update::new().set("read", read).set("read_under", marker.version).set("version", version);
    let unchanged = is_not_deleted().and(attr("version").eq(seen.version));
    let mut transaction = cx.store().transaction::<Error>();
    transaction.update(NOTIFICATIONS, &seen.key(), update, unchanged).or(|| Error::Raced);
    transaction.check(NOTIFICATIONS, &marker.key(), is_still(marker)).or(|| Error::Raced);
    transaction.send().await?;
    Ok(wished)
}

/// Deletes an entry, deleted already or not, which leaves a tombstone; false if there is none.
pub(super) async fn delete(cx: &Cx, user_id: UserId, id: NotificationId) -> Result<bool, StoreError> {
    let is_kept = exists().and(attr("expires_at").gt(cx.now()));
    let update = Update::new().set("deleted", true);
    let written = cx.store().update(NOTIFICATIONS, &key(user_id, id), update, is_kept).await?;
    Ok(matches!(written, Written::Done(_)))
}

/// Sets the marker if it is as it was seen.
pub(super) async fn replace_seen(cx: &Cx, seen: &Marker, wished: &Marker) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put(wished, is_still(seen)).or(|| Error::Raced);
    transaction.send().await
}

/// No entry that is not there has the attribute.
fn is_not_deleted() -> Condition {
    attr("deleted").eq(false)
}

fn is_still(marker: &Marker) -> Condition {
    if marker.version == 0 { absent() } else { attr("version").eq(marker.version) }
}
