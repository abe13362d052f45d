//! Notifications: what is owed to people is relayed, sent once, and kept in a ledger.

pub mod alerts;
pub mod deliveries;
pub mod inbox;
pub mod outbox;
pub mod unsubscriptions;

use campus_endpoint::{Describes, Registry};

/// The domain's endpoints and workers.
#[must_use]
pub fn registry<D: Describes>() -> Registry<D> {
    Registry::new("notifications")
        .worker::<outbox::relay_outbox::RelayOutbox>()
        .worker::<outbox::sweep_outbox::SweepOutbox>()
        .worker::<deliveries::send_sms::SendSms>()
        .worker::<deliveries::send_email::SendEmail>()
        .worker::<alerts::tick_alerts::TickAlerts>()
        .worker::<alerts::dispatch_alerts::DispatchAlerts>()
        .worker::<alerts::send_alerts::SendAlerts>()
}
