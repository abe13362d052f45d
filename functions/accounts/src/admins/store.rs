//! What admins do, stored: in the account, and in the sessions that copy its roles and its suspension. Their keys are
//! with their types. Pattern: one account, by what it claims.
//!
//! A change is one transaction with its entry in the audit. It demands the version of the account and the list of
//! devices that were read, so that it neither undoes a change nor misses a session; what has changed is read again. It
//! demands that the caller's session is as it was, so that of two admins who demote each other one stays. Sent twice it
//! takes effect once, by the SDK's token, and asked for twice it finds nothing to do.

use campus_aws::{ACCOUNTS, SESSIONS};
use campus_domain::Username;
use campus_endpoint::{Answer, Cx};
use campus_messages::SecurityEventKind;
use campus_session::{Roles, Session, SessionState};
use campus_store::{Item, Key, StoreError, Update, Value, attr};

use crate::Error;
use crate::audit::{self, Entry};
use crate::security_events;
use crate::sessions::store::{Sessions, list_all};
use crate::users::Account;
use crate::users::store::{Guard, Person, account_key, deletion, is_still, replace_in, username_guard};

/// An account as it is, with its sessions.
pub(super) struct Seen {
    pub(super) account: Account,
    /// Those that are live.
    pub(super) live: Vec<Session>,
    sessions: Sessions,
}

/// The account that signs in with this name. The guard of a name is also that of those which look like it.
pub(super) async fn find_by_username(cx: &Cx, username: &Username) -> Result<Option<Seen>, StoreError> {
    let guard = cx.store().find::<Guard>(&username_guard(username)).await?;
    let Some(user_id) = guard.map(|guard| guard.user_id) else { return Ok(None) };
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(user_id));
    let devices = Sessions::find_in(&mut batch, user_id);
    let (found, all) = tokio::join!(batch.send(), list_all(cx, user_id));
    let (mut found, all) = (found?, all?);
    let account = found.take(account)?.filter(|account: &Account| account.username == *username);
    let sessions = Sessions::complete(cx, user_id, found.take(devices)?, all).await?;
    let live = sessions.all().iter().filter(|session| session.is_live(cx.now())).cloned().collect();
    Ok(account.map(|account| Seen { account, live, sessions }))
}

/// Gives an account and its live sessions other roles.
///
/// # Errors
///
/// [`Error::Raced`] when the account was changed since it was read, or someone signed in, or a session is gone.
pub(super) async fn appoint(cx: &Cx, seen: &Seen, roles: &Roles, entry: &Entry) -> Result<(), Error> {
    let roles = Value::of(roles)?;
    let mut transaction = cx.store().transaction::<Error>();
    let change = Update::new().set("roles", roles.clone()).set("updated_at", cx.now().to_string()).add("version", 1);
    transaction.update(ACCOUNTS, &seen.account.key(), change, is_still(&seen.account)).or(|| Error::Raced);
    seen.sessions.update_in(&mut transaction, || Update::new().set("roles", roles.clone()), None, cx.now());
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}

/// The account that has claimed something unique.
pub(super) async fn find_by_claim(cx: &Cx, claim: &Key) -> Result<Option<Account>, StoreError> {
    let Some(guard) = cx.store().find::<Guard>(claim).await? else { return Ok(None) };
    let account = cx.store().find::<Account>(&account_key(guard.user_id)).await?;
    Ok(account.filter(|account| !account.is_going()))
}

/// Stores that something was looked at.
pub(super) async fn insert_audit(cx: &Cx, entry: &Entry, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    audit::store::add_in(&mut transaction, entry);
    cx.commit(transaction, answer).await
}

/// What an admin changes of an account.
pub(super) struct Change<'a> {
    pub(super) seen: &'a Person,
    pub(super) wished: &'a Account,
    pub(super) events: &'a [SecurityEventKind],
    pub(super) entry: &'a Entry,
    /// Who changes it, as they were when they were let in.
    pub(super) by: &'a Session,
}

/// Stores other roles, a suspension or its end, in the account and its sessions.
///
/// # Errors
///
/// [`Error::NoAdminAnyMore`] when the caller's session has changed since; [`Error::Raced`] when the account was changed
/// since it was read, or someone signed in, or a session is gone.
pub(super) async fn replace(cx: &Cx, change: &Change<'_>) -> Result<(), Error> {
    let Change { seen, wished, events, entry, by } = change;
    let roles = Value::of(&wished.roles)?;
    let (state, until) = match &wished.suspension {
        Some(suspension) => (SessionState::Suspended, suspension.until),
        None => (SessionState::Active, None),
    };
    let update = || {
        let update = Update::new().set("roles", roles.clone()).set("state", state.as_str());
        update.set_or_remove("suspended_until", until.map(|until| until.to_string()))
    };
    let mut transaction = cx.store().transaction::<Error>();
    let is_still_admin = attr("roles").eq(Value::of(&by.roles)?).and(attr("state").eq(by.state.as_str()));
    let held = transaction.check(SESSIONS, &Session::key_of(by.user_id, by.id), is_still_admin);
    held.or(|| Error::NoAdminAnyMore);
    replace_in(&mut transaction, &seen.account, wished);
    seen.sessions.update_in(&mut transaction, update, None, cx.now());
    for event in *events {
        security_events::store::add_of_another_in(cx, &mut transaction, wished.id, *event);
    }
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}

/// Stores that an account is to be purged now.
pub(super) async fn purge(cx: &Cx, seen: &Person, wished: &Account, entry: &Entry) -> Result<(), Error> {
    let mut transaction = deletion(cx, seen, wished, None);
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}
