//! `relay_outbox`: queues what a change owes, as soon as the table's stream tells of it.

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, EMAIL_QUEUE, Grant, NOTIFICATIONS_EVENTS_QUEUE, OUTBOX, PLANS_QUEUE,
    SCREENINGS_EVENTS_QUEUE, SMS_QUEUE,
};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::OutboxItem;

use super::store;

/// The worker.
pub struct RelayOutbox;

impl Worker for RelayOutbox {
    const NAME: &'static str = "relay_outbox";
    const SOURCE: Source = Source::Stream(OUTBOX, OutboxItem::PREFIX, 100);
    const GRANTS: &'static [Grant] = &[
        OUTBOX.delete(),
        SMS_QUEUE.send(),
        EMAIL_QUEUE.send(),
        PLANS_QUEUE.send(),
        ACCOUNTS_EVENTS_QUEUE.send(),
        NOTIFICATIONS_EVENTS_QUEUE.send(),
        SCREENINGS_EVENTS_QUEUE.send(),
    ];
    type Message = OutboxItem;

    async fn handle(cx: &Cx, batch: Vec<OutboxItem>) -> Vec<Result<(), WorkError>> {
        store::dispatch(cx, batch).await
    }
}
