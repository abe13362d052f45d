//! `hear_in_accounts`: writes the part of accounts in an export, and deletes the exports of who was purged.

use campus_aws::{ACCOUNTS, ACCOUNTS_EVENTS_QUEUE, EXPORTS, Grant, REQUESTS, SESSIONS};
use campus_domain::{ExportId, Timestamp, UserId};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::{AccountEvent, AccountNews, Hearer, Purge, write_part};
use serde_json::{Map, Value};

use super::own::{AccountRecord, SessionRecord};
use super::store;
use crate::security_events::SecurityEventView;
use crate::{security_events, sessions, users};

/// The security events of an export, the latest. A person has some dozens in the year that they are kept.
const EVENTS_MAX: u16 = 1000;

/// The worker.
pub struct HearInAccounts;

impl Worker for HearInAccounts {
    const NAME: &'static str = "hear_in_accounts";
    const SOURCE: Source = Source::Queue(ACCOUNTS_EVENTS_QUEUE, 1);
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().query(),
        SESSIONS.query(),
        EXPORTS.query().put().update().delete().batch_write(),
        REQUESTS.delete(),
        ACCOUNTS_EVENTS_QUEUE.send(),
    ];
    type Message = AccountNews;

    async fn handle(cx: &Cx, batch: Vec<AccountNews>) -> Vec<Result<(), WorkError>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for news in batch {
            outcomes.push(hear(cx, &news).await);
        }
        outcomes
    }
}

async fn hear(cx: &Cx, news: &AccountNews) -> Result<(), WorkError> {
    match news.event {
        AccountEvent::Purged { user_id } => {
            store::purge(cx, user_id).await?;
            news.go_on(cx.clients(), Hearer::ACCOUNTS, Purge::Finished, cx.now()).await.map_err(WorkError::new)
        }
        AccountEvent::ExportRequested { user_id, export_id, expires_at } => {
            // The SDK's futures are large.
            Box::pin(export(cx, user_id, export_id, expires_at)).await
        }
    }
}

/// Writes the person's account, sessions and security events. Of someone who is gone nothing is written, so the export
/// never gets ready.
async fn export(cx: &Cx, user_id: UserId, export_id: ExportId, expires_at: Timestamp) -> Result<(), WorkError> {
    let (account, sessions, events) = tokio::join!(
        users::store::find_with_school(cx, user_id),
        sessions::store::list_all(cx, user_id),
        security_events::store::list_by_user(cx, user_id, None, EVENTS_MAX),
    );
    let Some((account, school)) = account? else { return Ok(()) };
    let events = events?.into_iter().map(SecurityEventView::from);
    let sessions = sessions?.into_iter().rev().map(|session| SessionRecord::new(session, cx.now()));
    let members = Map::from_iter([
        ("account".to_owned(), json(&AccountRecord::new(account, school))?),
        ("sessions".to_owned(), json(&sessions.collect::<Vec<_>>())?),
        ("security_events".to_owned(), json(&events.collect::<Vec<_>>())?),
    ]);
    Ok(write_part(cx.store(), Hearer::ACCOUNTS, user_id, export_id, expires_at, members).await?)
}

fn json(value: &impl serde::Serialize) -> Result<Value, WorkError> {
    serde_json::to_value(value).map_err(|error| WorkError::new(error.to_string()))
}
