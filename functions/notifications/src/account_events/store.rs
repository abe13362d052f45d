//! All that is kept of one person. Keys are those of the inbox (`INBOX#<user id>`) and of everything else that is one
//! person's (`RECIPIENT#<user id>`: deliveries, preferences, the marker of the inbox).
//!
//! A purge deletes both partitions, page by page, without conditions: nothing in them is anyone else's, and deleting
//! twice is deleting once. Only the preferences stay until the purge is heard for the last time: by their lead time
//! screenings find the reminders that wait for the person. Writers that were still at it cannot bring anything back by
//! settling a claim or changing an entry, which hold to what was there; what they write anew is deleted when the purge
//! is heard again.
//!
//! Suppressed addresses stay: they are of mailboxes, not of accounts, and neither name an address nor a person.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::UserId;
use campus_endpoint::Cx;
use campus_messages::{ContactCard, Preferences, Purge};
use campus_store::{Item, Key, StoreError};
use serde::{Deserialize, Serialize};

use crate::deliveries::{self, Delivery};
use crate::feedback::Suppression;
use crate::feedback::store::find_suppression;
use crate::inbox::Entry;
use crate::inbox::store::{self as inbox, Reader};

/// Items that are deleted together.
const PAGE: u16 = 100;
/// Pages that one call deletes: a few seconds of work, within the worker's time-out. The rest is left to another call.
const PAGES_PER_CALL: u8 = 20;

/// As much of any item of the table as its deletion needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Present {
    pk: String,
    sk: String,
}

impl Item for Present {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "present";

    fn key(&self) -> Key {
        Key::new(self.pk.clone(), self.sk.clone())
    }
}

/// Deletes what is kept of a person, as much as one call can; their preferences only if this is the last time.
pub(super) async fn purge(cx: &Cx, user_id: UserId, is_last: bool) -> Result<Purge, StoreError> {
    let kept = Preferences::key_of(user_id);
    let mut pages = 0;
    for partition in [inbox::partition(user_id), deliveries::partition(user_id)] {
        loop {
            if pages == PAGES_PER_CALL {
                return Ok(Purge::Unfinished);
            }
            pages += 1;
            let page = cx.store().query(&partition).page::<Present>(PAGE).await?;
            let mut writes = cx.store().batch_write();
            for key in page.items.iter().map(Item::key).filter(|key| is_last || *key != kept) {
                writes.delete(NOTIFICATIONS, &key);
            }
            writes.send().await?;
            if page.next.is_none() {
                break;
            }
        }
    }
    Ok(Purge::Finished)
}

/// All that is kept of a person, and what it is shown by.
pub(super) struct Kept {
    pub(super) card: Option<ContactCard>,
    pub(super) preferences: Preferences,
    /// Newest first, deleted ones among them.
    pub(super) entries: Vec<Entry>,
    pub(super) reader: Reader,
    /// Newest first, the latest thousand.
    pub(super) deliveries: Vec<Delivery>,
    /// What is said of mail to their address.
    pub(super) suppression: Option<Suppression>,
}

/// The deliveries of an export. A person gets some hundreds in the year that the ledger is kept.
const DELIVERIES_MAX: u16 = 1000;

pub(super) async fn find_kept(cx: &Cx, user_id: UserId) -> Result<Kept, StoreError> {
    let card = async {
        let card = cx.store().find::<ContactCard>(&ContactCard::key_of(user_id)).await?;
        let suppression = match card.as_ref().and_then(|card| card.email.as_ref()) {
            Some(email) => find_suppression(cx, email).await?,
            None => None,
        };
        Ok((card, suppression))
    };
    let ((card, suppression), preferences, (entries, reader), deliveries) = tokio::try_join!(
        card,
        crate::preferences::store::get(cx, user_id),
        inbox::list_kept(cx, user_id),
        deliveries::list_by_owner(cx, user_id, None, DELIVERIES_MAX),
    )?;
    Ok(Kept { card, preferences, entries, reader, deliveries, suppression })
}
