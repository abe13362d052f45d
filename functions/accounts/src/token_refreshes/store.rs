//! Refreshes of sessions, stored in the session itself: see `campus_session::Session`.
//!
//! A rotation demands the count and the hash that the token has, so that of any
//! number of refreshes at once one rotates, and the others see that it was done and give the same successor. A session
//! whose token was used twice is ended in one transaction with the message to its owner, on the same condition, so that
//! it happens, and is told, once.

use campus_aws::SESSIONS;
use campus_endpoint::{Answer, Cx};
use campus_messages::SecurityEventKind;
use campus_session::{NamedRefresh, Session};
use campus_store::{Condition, Part, StoreError, Transaction, Update, attr};

use crate::Error;
use crate::error::Outrun;
use crate::security_events;
use crate::users::{Account, store::account_key};

/// The session that a token names.
pub(super) async fn find_session(cx: &Cx, named: &NamedRefresh) -> Result<Option<Session>, StoreError> {
    cx.store().find(&Session::key_of(named.user_id, named.session_id)).await
}

/// Stores the next state of a session whose current one is `seen`.
pub(super) async fn rotate(cx: &Cx, seen: &Session, next: &Session, answer: &impl Answer) -> Result<(), Outrun> {
    let mut transaction = cx.store().transaction::<Outrun>();
    rotate_in(&mut transaction, seen, next).or_else(Outrun::Raced);
    cx.commit(transaction, answer).await
}

/// The same in a transaction of something else.
pub(crate) fn rotate_in<'t, E: From<StoreError>>(
    transaction: &'t mut Transaction<'_, E>,
    seen: &Session,
    next: &Session,
) -> &'t mut Part<E> {
    let mut update = Update::new()
        .set("refresh_count", next.refresh_count)
        .set("refresh_hash", next.refresh_hash.as_str())
        .set("expires_at", next.expires_at);
    // Instants that nothing compares in a condition are stored as they are written in answers.
    for (name, instant) in [("rotated_at", next.rotated_at), ("last_used_at", next.last_used_at)] {
        if let Some(instant) = instant {
            update = update.set(name, instant.to_string());
        }
    }
    let current = unchanged(seen).and(attr("refresh_hash").eq(seen.refresh_hash.as_str()));
    transaction.update(SESSIONS, &Session::key_of(seen.user_id, seen.id), update, current)
}

/// Ends a session whose token was used twice, and owes its person the news, if there is a way to reach them.
///
/// # Errors
///
/// [`Error::Raced`] when the session has changed since it was read.
pub(super) async fn end_reused(cx: &Cx, seen: &Session) -> Result<(), Error> {
    let account = cx.store().find::<Account>(&account_key(seen.user_id)).await?;
    let mut transaction = cx.store().transaction::<Error>();
    let key = Session::key_of(seen.user_id, seen.id);
    transaction.update(SESSIONS, &key, Update::new().set("state", "ended"), unchanged(seen)).or(|| Error::Raced);
    if let Some(account) = account {
        security_events::store::tell_in(cx, &mut transaction, &account, SecurityEventKind::TokenReused);
    }
    transaction.send().await
}

fn unchanged(seen: &Session) -> Condition {
    attr("state").eq(seen.state.as_str()).and(attr("refresh_count").eq(seen.refresh_count))
}
