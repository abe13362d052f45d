//! Exports, as those see them who ask for them. Keys and parts: `campus_messages::Export`.
//!
//! Patterns: a person's exports, newest first; one of them.
//!
//! An export is one transaction with the event that asks every domain for its part, the note among the person's
//! security events, the count against the day's limit, and the demand that the account is in use. So a person that is
//! purged asks for no more, and what they asked for before is deleted in three steps, each of which may be made again:
//! the export is closed, so that no part is written any more; the parts go, which the closed export names; then the
//! export itself, and at last the count.

use campus_aws::{ACCOUNTS, EXPORTS, REQUESTS};
use campus_domain::{ExportId, UserId};
use campus_endpoint::{Answer, Cx, Limit, Spend, Window};
use campus_messages::{AccountEvent, Export, OutboxItem, SecurityEventKind};
use campus_store::{Item, StoreError, Update, Written, attr, decode, exists};

use crate::users::AccountState;
use crate::users::store::account_key;
use crate::{Error, security_events};

/// Exports that a person can ask for within a day: each reads all that there is of them.
pub(super) const EXPORTS_PER_DAY: Limit = Limit { name: "exports", max: 3, window_seconds: 24 * 60 * 60 };
/// Far more than a week's.
const EXPORTS_READ_MAX: usize = 100;

/// How many exports a person has asked for today.
pub(super) async fn find_window(cx: &Cx, user_id: UserId) -> Result<Option<Window>, StoreError> {
    cx.store().find(&EXPORTS_PER_DAY.window_of(&user_id.to_string())).await
}

/// Stores a new export and asks every domain for its part.
///
/// [`Error::Raced`] when another request was counted in between.
pub(super) async fn insert_new(
    cx: &Cx,
    export: &Export,
    seen: Option<&Window>,
    answer: &impl Answer,
) -> Result<(), Error> {
    let Export { id, user_id, expires_at, .. } = *export;
    let mut transaction = cx.store().transaction::<Error>();
    // One that is being taken apart is as good as gone; an account of before there were states is in use.
    let state = attr("state");
    let in_use = exists().and(state.is_missing().or(state.eq(AccountState::Active.as_str())));
    transaction.check(ACCOUNTS, &account_key(user_id), in_use).or(|| Error::AccountNotFound);
    security_events::store::add_in(cx, &mut transaction, user_id, SecurityEventKind::ExportRequested);
    EXPORTS_PER_DAY.spend_in(&mut transaction, &user_id.to_string(), seen, cx.now(), |spend| match spend {
        Spend::Exhausted { retry_after } => Error::ExportLimit { retry_after },
        Spend::Raced => Error::Raced,
    });
    transaction.put_new(export);
    let asked = AccountEvent::ExportRequested { user_id, export_id: id, expires_at };
    transaction.put_new(&OutboxItem::event(cx.new_id(), asked));
    cx.commit(transaction, answer).await
}

/// A person's exports, newest first.
pub(super) async fn list_by_user(cx: &Cx, user_id: UserId) -> Result<Vec<Export>, StoreError> {
    let mut exports = list_all(cx, user_id).await?;
    exports.retain(|export| export.is_there(cx.now()));
    Ok(exports)
}

async fn list_all(cx: &Cx, user_id: UserId) -> Result<Vec<Export>, StoreError> {
    let exports = cx.store().query(Export::partition_of(user_id)).beginning_with(Export::PREFIX).backward();
    exports.all(EXPORTS_READ_MAX).await
}

/// One of a person's exports.
pub(super) async fn get(cx: &Cx, user_id: UserId, id: ExportId) -> Result<Export, Error> {
    let export = cx.store().find::<Export>(&Export::key_of(user_id, id)).await?;
    export.filter(|export| export.is_there(cx.now())).ok_or(Error::ExportNotFound)
}

/// Deletes all exports of a person, and what was counted of them. Needs
/// `EXPORTS.query().update().batch_write().delete()` and `REQUESTS.delete()`.
pub(crate) async fn purge(cx: &Cx, user_id: UserId) -> Result<(), StoreError> {
    for export in list_all(cx, user_id).await? {
        let closed = Update::new().set("closed", true);
        // One that is not there any more is what is wanted.
        let Written::Done(closed) = cx.store().update(EXPORTS, &export.key(), closed, exists()).await? else {
            continue;
        };
        let closed: Export = decode(closed)?;
        let mut writes = cx.store().batch_write();
        for part in closed.keys_of_parts() {
            writes.delete(EXPORTS, &part);
        }
        writes.send().await?;
        cx.store().delete(EXPORTS, &export.key()).await?;
    }
    cx.store().delete(REQUESTS, &EXPORTS_PER_DAY.window_of(&user_id.to_string())).await
}
