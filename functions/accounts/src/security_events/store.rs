//! Security events, stored.
//!
//! Table `accounts`, `pk = USER#<user id>`, `sk = EVENT#<event id>`. Pattern: a person's events, newest first. Written
//! in the transaction of what happened, with the message to the owner where there is one, and never changed.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{DeliveryId, SecurityEventId, UserId};
use campus_endpoint::Cx;
use campus_messages::{Message, OutboxItem, Recipient, SecurityEventKind, Topic};
use campus_store::{Item, Key, StoreError, Transaction};

use super::SecurityEvent;
use crate::users::Account;

impl Item for SecurityEvent {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "security_event";

    fn key(&self) -> Key {
        key(self.user_id, self.id)
    }
}

/// What the sort keys of events begin with: a person's partition holds more.
const PREFIX: &str = "EVENT#";

fn key(user_id: UserId, id: SecurityEventId) -> Key {
    Key::new(partition(user_id), format!("{PREFIX}{id}"))
}

fn partition(user_id: UserId) -> String {
    format!("USER#{user_id}")
}

/// Writes that something happened to an account.
pub(crate) fn add_in<E: From<StoreError>>(
    cx: &Cx,
    transaction: &mut Transaction<'_, E>,
    user_id: UserId,
    event: SecurityEventKind,
) {
    transaction.put_new(&SecurityEvent::new(cx, user_id, event));
}

/// The same of what someone else did, whose device is nobody else's business.
pub(crate) fn add_of_another_in<E: From<StoreError>>(
    cx: &Cx,
    transaction: &mut Transaction<'_, E>,
    user_id: UserId,
    event: SecurityEventKind,
) {
    transaction.put_new(&SecurityEvent { agent: None, ..SecurityEvent::new(cx, user_id, event) });
}

/// Writes that something happened to an account, and owes its owner the news by mail, or else by text message, where
/// either is proven.
pub(crate) fn tell_in<E: From<StoreError>>(
    cx: &Cx,
    transaction: &mut Transaction<'_, E>,
    account: &Account,
    event: SecurityEventKind,
) {
    tell_at_in(cx, transaction, account, account.reached_by(), event);
}

/// The same by an address or number that may not be the account's any more.
pub(crate) fn tell_at_in<E: From<StoreError>>(
    cx: &Cx,
    transaction: &mut Transaction<'_, E>,
    account: &Account,
    to: Option<Recipient>,
    event: SecurityEventKind,
) {
    add_in(cx, transaction, account.id, event);
    if let Some(to) = to {
        let id: DeliveryId = cx.new_id();
        let topic = Topic::Security { event };
        let message = Message { id, owner: Some(account.id), to, locale: account.locale, topic };
        transaction.put_new(&OutboxItem::message(message));
    }
}

/// A person's events behind this one, newest first, as many at most.
pub(crate) async fn list_by_user(
    cx: &Cx,
    user_id: UserId,
    after: Option<SecurityEventId>,
    limit: u16,
) -> Result<Vec<SecurityEvent>, StoreError> {
    let after = after.map(|id| key(user_id, id));
    let query = cx.store().query(partition(user_id)).beginning_with(PREFIX).after(after).backward();
    // TTL deletes late by days at most, of a year.
    Ok(query.page::<SecurityEvent>(limit).await?.items)
}
