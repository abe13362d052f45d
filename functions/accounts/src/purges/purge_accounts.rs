//! `purge_accounts`: takes apart the accounts whose time is over, and tells the other domains, which take apart theirs.
//!
//! What stays is what names nobody: entries of the audit, of ids alone. Codes and links, which hold a number or an
//! address, are gone by then, as they live for days at most; where an admin purges at once, for as long.

use campus_aws::{ACCOUNTS, CONTACTS, Grant, OUTBOX, PROFILES, REQUESTS, SESSIONS};
use campus_endpoint::{Cx, Source, Tuning, WorkError, Worker};

use super::{Purge, store};
use crate::Error;
use crate::audit::{Action, Entry};
use crate::users::AccountState;
use crate::users::store::find_person;

/// The worker.
pub struct PurgeAccounts;

/// Accounts that one run takes apart: six calls each, one after another. The rest is due at the next.
const PURGED_AT_ONCE: u16 = 100;

impl Worker for PurgeAccounts {
    const NAME: &'static str = "purge_accounts";
    const SOURCE: Source = Source::Schedule(10);
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().query().put().delete().batch_write(),
        SESSIONS.batch_get().query().batch_write(),
        PROFILES.batch_write(),
        CONTACTS.batch_write(),
        REQUESTS.batch_write(),
        OUTBOX.put(),
    ];
    const TUNING: Tuning = Tuning { timeout_seconds: 60, ..Tuning::STANDARD };
    type Message = ();

    async fn handle(cx: &Cx, ticks: Vec<()>) -> Vec<Result<(), WorkError>> {
        let purged = run(cx).await;
        ticks.iter().map(|()| purged.as_ref().copied().map_err(|error| WorkError::new(error.to_string()))).collect()
    }
}

/// One that cannot be taken apart now keeps no other from it.
async fn run(cx: &Cx) -> Result<(), Error> {
    let mut outcome = Ok(());
    for due in store::list_due(cx, PURGED_AT_ONCE).await? {
        // The SDK's futures are large.
        match Box::pin(purge(cx, &due)).await {
            // Its owner has come back at the last moment, or a twin is at it: the next run sees.
            Ok(()) | Err(Error::Raced) => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

async fn purge(cx: &Cx, due: &Purge) -> Result<(), Error> {
    let person = find_person(cx, due.user_id, None, None).await?;
    // Whatever was done to the account since it was planned has planned anew, or taken the plan back.
    let planned = person.filter(|person| person.account.purge_at == Some(due.due_at));
    let Some(mut person) = planned else { return Ok(store::delete(cx, due).await?) };
    match person.account.state {
        AccountState::Pending | AccountState::Deleted => person.account = store::begin(cx, &person.account).await?,
        AccountState::Purging => {}
        AccountState::Active | AccountState::Suspended => return Ok(store::delete(cx, due).await?),
    }
    // From here on nobody takes it back, so each step may be made again.
    store::delete_around(cx, &person).await?;
    let entry = Entry { target: Some(due.user_id), ..Entry::by_schedule(cx, Action::PurgeUser) };
    store::finish(cx, due, &person.account, &entry).await
}
