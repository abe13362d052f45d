//! Appointments, stored: in the account, and in the sessions that copy its roles. Their keys are with their types.
//!
//! An appointment is one transaction. It demands the version of the account and the list of devices that were read, so
//! that it neither undoes a change nor misses a session; what has changed is read again. Sent twice it takes effect
//! once, by the SDK's token, and asked for twice it finds nothing to do.

use campus_aws::{ACCOUNTS, SESSIONS};
use campus_domain::{SessionId, Username};
use campus_endpoint::Cx;
use campus_session::{Devices, Roles, Session};
use campus_store::{Item, StoreError, Update, exists};

use crate::Error;
use crate::audit::{self, Entry};
use crate::users::Account;
use crate::users::store::{Guard, account_key, is_still, username_guard};

/// Far more than a partition holds.
const SESSIONS_READ_MAX: usize = 1000;

/// An account as it is, with all its sessions.
pub(super) struct Seen {
    pub(super) account: Account,
    pub(super) sessions: Vec<Session>,
    devices: Devices,
}

/// The account that signs in with this name. The guard of a name is also that of those which look like it.
pub(super) async fn find_by_username(cx: &Cx, username: &Username) -> Result<Option<Seen>, StoreError> {
    let guard = cx.store().find::<Guard>(&username_guard(username)).await?;
    let Some(user_id) = guard.map(|guard| guard.user_id) else { return Ok(None) };
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(user_id));
    let devices = batch.find::<Devices>(&Devices::key_of(user_id));
    let sessions = cx.store().query(Session::partition_of(user_id)).beginning_with(Session::PREFIX);
    let (found, sessions) = tokio::join!(batch.send(), sessions.all(SESSIONS_READ_MAX));
    let (mut found, sessions) = (found?, sessions?);
    let account = found.take(account)?.filter(|account: &Account| account.username == *username);
    let devices = found.take(devices)?.unwrap_or_else(|| Devices::none_of(user_id));
    Ok(account.map(|account| Seen { account, sessions, devices }))
}

/// Gives an account, and these of its sessions, other roles.
///
/// # Errors
///
/// [`Error::Raced`] when the account was changed since it was read, or someone signed in, or a session is gone.
pub(super) async fn appoint(
    cx: &Cx,
    seen: &Seen,
    roles: &Roles,
    outdated: &[SessionId],
    entry: &Entry,
) -> Result<(), Error> {
    let Seen { account, devices, .. } = seen;
    let mut transaction = cx.store().transaction::<Error>();
    let names = || roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    let change = Update::new().set("roles", names()).set("updated_at", cx.now().to_string()).add("version", 1);
    transaction.update(ACCOUNTS, &account.key(), change, is_still(account)).or(|| Error::Raced);
    transaction.check(SESSIONS, &devices.key(), devices.unchanged()).or(|| Error::Raced);
    for id in outdated {
        let key = Session::key_of(account.id, *id);
        transaction.update(SESSIONS, &key, Update::new().set("roles", names()), exists()).or(|| Error::Raced);
    }
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}
