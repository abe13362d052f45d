//! Accounts that are to be purged.
//!
//! Table `accounts`, `pk = PURGES`, `sk = <instant>#<user id>`. Pattern: what is due, by one query up to now. Written
//! in the transaction that plans the end of an account (its `purge_at` says when), and deleted in the one that takes it
//! back.
//!
//! A purge begins with a condition, so that of it and a sign-in at the same moment one happens; then deletes what hangs
//! on the account, which may be done again; and ends with one transaction of the account itself, its claims, the plan
//! and the event that other domains hear. A worker that dies on the way leaves the plan, and the account tells what is
//! to be deleted until nothing else is left.

use campus_aws::{ACCOUNTS, CONTACTS, PROFILES, REQUESTS, SESSIONS, Table};
use campus_domain::SecurityEventId;
use campus_endpoint::Cx;
use campus_messages::{AccountEvent, ContactCard, OutboxItem, Recipient, Target};
use campus_session::Devices;
use campus_store::{Item, Key, StoreError, Transaction, absent, attr, exists};

use super::Purge;
use crate::Error;
use crate::audit::{self, Entry};
use crate::security_events;
use crate::users::store::{Person, claims_of, profile_key, replace_in};
use crate::users::{Account, AccountState};

/// One partition takes the ends of a thousand accounts a second.
const PARTITION: &str = "PURGES";

/// Security events that one call reads.
const EVENTS_AT_ONCE: u16 = 1000;

impl Item for Purge {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "purge";

    fn key(&self) -> Key {
        Key::new(PARTITION, format!("{}#{}", self.due_at, self.user_id))
    }
}

/// The first of those whose time is over.
pub(super) async fn list_due(cx: &Cx, limit: u16) -> Result<Vec<Purge>, StoreError> {
    // `~` comes after all that an instant of this second begins with.
    let due = cx.store().query(PARTITION).between("0", format!("{}~", cx.now()));
    Ok(due.page::<Purge>(limit).await?.items)
}

/// Deletes a plan that is not good any more. It is never changed, so it needs no condition.
pub(super) async fn delete(cx: &Cx, due: &Purge) -> Result<(), StoreError> {
    cx.store().delete(ACCOUNTS, &due.key()).await
}

/// Makes sure that nobody takes the account back any more.
///
/// # Errors
///
/// [`Error::Raced`] when someone has just done so.
pub(super) async fn begin(cx: &Cx, seen: &Account) -> Result<Account, Error> {
    let wished = Account { state: AccountState::Purging, version: seen.version + 1, ..seen.clone() };
    let mut transaction = cx.store().transaction::<Error>();
    replace_in(&mut transaction, seen, &wished);
    transaction.send().await?;
    Ok(wished)
}

/// Deletes what hangs on an account that nobody takes back: sessions, security events, profile and card, and what was
/// counted of its number and addresses.
pub(super) async fn delete_around(cx: &Cx, person: &Person) -> Result<(), StoreError> {
    let account = &person.account;
    let mut writes = cx.store().batch_write();
    for session in person.sessions.all() {
        writes.delete(SESSIONS, &session.key());
    }
    writes.delete(SESSIONS, &Devices::key_of(account.id));
    writes.delete(PROFILES, &profile_key(account.id));
    writes.delete(CONTACTS, &ContactCard::key_of(account.id));
    let phone = account.phone.as_ref().map(|phone| Recipient::Sms(phone.value.clone()));
    let email = account.email.as_ref().map(|email| Recipient::Email(email.value.clone()));
    let school_email = account.school_email.clone().map(Recipient::Email);
    for target in [phone, email, school_email].into_iter().flatten().map(Target::from) {
        writes.delete(REQUESTS, &target.state_key());
    }
    writes.send().await?;
    loop {
        let events =
            security_events::store::list_by_user(cx, account.id, None::<SecurityEventId>, EVENTS_AT_ONCE).await?;
        let mut writes = cx.store().batch_write();
        events.iter().for_each(|event| writes.delete(ACCOUNTS, &event.key()));
        writes.send().await?;
        if events.len() < usize::from(EVENTS_AT_ONCE) {
            return Ok(());
        }
    }
}

/// Deletes the account, its claims and its plan, and owes the event to the other domains.
///
/// # Errors
///
/// [`Error::Raced`] when a twin was first.
pub(super) async fn finish(cx: &Cx, due: &Purge, account: &Account, entry: &Entry) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    let going = attr("state").eq(AccountState::Purging.as_str());
    transaction.delete(ACCOUNTS, &account.key(), going).or(|| Error::Raced);
    for claim in claims_of(account) {
        // Held by this account as long as it is there.
        transaction.delete(ACCOUNTS, &claim, attr("user_id").eq(account.id.to_string())).or(|| Error::Raced);
    }
    transaction.delete(ACCOUNTS, &due.key(), absent().or(exists()));
    let purged = AccountEvent::Purged { user_id: account.id };
    transaction.put_new(&OutboxItem::event(cx.new_id(), purged));
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}

/// Plans the end of an account that is written in the same transaction.
pub(crate) fn plan_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, account: &Account) {
    if let Some(due_at) = account.purge_at {
        transaction.put_new(&Purge { user_id: account.id, due_at });
    }
}

/// Plans the end of an account anew.
pub(crate) fn replan_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, seen: &Account, wished: &Account) {
    // One item cannot be deleted and written in one transaction.
    if seen.purge_at != wished.purge_at {
        cancel_in(transaction, seen);
        plan_in(transaction, wished);
    }
}

/// Takes back what was planned for an account as it was seen.
pub(crate) fn cancel_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, seen: &Account) {
    if let Some(due_at) = seen.purge_at {
        // Gone is gone, whoever was first: whether there is still something to take back is the account's condition.
        let planned = Purge { user_id: seen.id, due_at };
        transaction.delete(ACCOUNTS, &planned.key(), absent().or(exists()));
    }
}
