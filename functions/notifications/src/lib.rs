//! Notifications: what is owed to people is relayed, sent once, and kept in a ledger; their inboxes, and what they want
//! to be told.

pub mod account_events;
pub mod alerts;
pub mod deliveries;
mod error;
pub mod feedback;
pub mod inbox;
pub mod outbox;
pub mod preferences;
pub mod unsubscriptions;

use campus_endpoint::{Describes, Registry};
pub use error::Error;

/// The domain's endpoints and workers.
#[must_use]
pub fn registry<D: Describes>() -> Registry<D> {
    Registry::new("notifications")
        .add::<preferences::get_notification_preferences::GetNotificationPreferences>()
        .add::<preferences::replace_notification_preferences::ReplaceNotificationPreferences>()
        .add::<inbox::list_notifications::ListNotifications>()
        .add::<inbox::update_notification::UpdateNotification>()
        .add::<inbox::delete_notification::DeleteNotification>()
        .add::<inbox::replace_read_marker::ReplaceReadMarker>()
        .add::<deliveries::list_deliveries::ListDeliveries>()
        .add::<unsubscriptions::create_unsubscription::CreateUnsubscription>()
        .worker::<outbox::relay_outbox::RelayOutbox>()
        .worker::<outbox::sweep_outbox::SweepOutbox>()
        .worker::<deliveries::send_sms::SendSms>()
        .worker::<deliveries::send_email::SendEmail>()
        .worker::<alerts::tick_alerts::TickAlerts>()
        .worker::<alerts::dispatch_alerts::DispatchAlerts>()
        .worker::<alerts::send_alerts::SendAlerts>()
        .worker::<feedback::take_mail_feedback::TakeMailFeedback>()
        .worker::<account_events::hear_in_notifications::HearInNotifications>()
}
