//! `hear_in_notifications`: writes the part of notifications in an export, and deletes all that is kept of who was
//! purged.

use campus_aws::{CONTACTS, EXPORTS, Grant, NOTIFICATIONS, NOTIFICATIONS_EVENTS_QUEUE};
use campus_domain::{ExportId, NotificationId, Timestamp, UserId};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::{AccountEvent, AccountNews, Hearer, write_part};
use serde::Serialize;
use serde_json::Map;

use super::store::{self, Kept};
use crate::deliveries::list_deliveries::DeliveryView;
use crate::inbox::NotificationView;
use crate::preferences::NotificationPreferencesView;

/// The worker.
pub struct HearInNotifications;

impl Worker for HearInNotifications {
    const NAME: &'static str = "hear_in_notifications";
    const SOURCE: Source = Source::Queue(NOTIFICATIONS_EVENTS_QUEUE, 1);
    const GRANTS: &'static [Grant] = &[
        NOTIFICATIONS.get().batch_get().query().batch_write(),
        CONTACTS.get().batch_get(),
        EXPORTS.put().update(),
        NOTIFICATIONS_EVENTS_QUEUE.send(),
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
            let purge = store::purge(cx, user_id, news.is_last(cx.now())).await?;
            news.go_on(cx.clients(), Hearer::NOTIFICATIONS, purge, cx.now()).await.map_err(WorkError::new)
        }
        AccountEvent::ExportRequested { user_id, export_id, expires_at } => {
            export(cx, user_id, export_id, expires_at).await
        }
    }
}

/// What is kept of what a person was told.
#[derive(Serialize)]
struct Record {
    preferences: NotificationPreferencesView,
    inbox: Vec<NotificationView>,
    /// Entries that the person has deleted, which are kept until they expire.
    deleted_notification_ids: Vec<NotificationId>,
    /// Up to when the inbox was read.
    inbox_read_up_to: Option<Timestamp>,
    deliveries: Vec<DeliveryView>,
    /// When mail to their address came back, or was called unwanted.
    mail_bounced_at: Option<Timestamp>,
    mail_complained_at: Option<Timestamp>,
}

impl From<Kept> for Record {
    fn from(kept: Kept) -> Self {
        let Kept { card, preferences, entries, reader, deliveries, suppression } = kept;
        let locale = card.map(|card| card.locale).unwrap_or_default();
        let deleted = entries.iter().filter(|entry| entry.deleted).map(|entry| entry.id);
        Self {
            preferences: preferences.into(),
            deleted_notification_ids: deleted.collect(),
            inbox: entries.into_iter().map(|entry| NotificationView::new(entry, &reader, locale)).collect(),
            inbox_read_up_to: reader.marker.up_to,
            deliveries: deliveries.into_iter().map(DeliveryView::from).collect(),
            mail_bounced_at: suppression.as_ref().and_then(|suppression| suppression.bounced_at),
            mail_complained_at: suppression.as_ref().and_then(|suppression| suppression.complained_at),
        }
    }
}

async fn export(cx: &Cx, user_id: UserId, export_id: ExportId, expires_at: Timestamp) -> Result<(), WorkError> {
    // The SDK's futures are large.
    let kept = Box::pin(store::find_kept(cx, user_id)).await?;
    let record = serde_json::to_value(Record::from(kept));
    let record = record.map_err(|error| WorkError::new(error.to_string()))?;
    let members = Map::from_iter([(Hearer::NOTIFICATIONS.domain.to_owned(), record)]);
    Ok(write_part(cx.store(), Hearer::NOTIFICATIONS, user_id, export_id, expires_at, members).await?)
}
