//! What a person wants to be told, and how: as they see and set it. What is stored is `campus_messages::Preferences`.

pub mod get_notification_preferences;
pub mod replace_notification_preferences;
pub(crate) mod store;

use campus_domain::QuietHours;
use campus_endpoint::{Resource, Tag};
use campus_messages::{Kinds, LeadMinutes, Preferences};
use serde::Serialize;
use utoipa::ToSchema;

/// A person's preferences as they see them.
#[derive(Serialize, ToSchema)]
pub struct NotificationPreferencesView {
    kinds: Kinds,
    /// When neither mail nor text message comes, in the person's own time zone.
    #[schema(required)]
    quiet_hours: Option<QuietHours>,
    lead_minutes: LeadMinutes,
    etag: Tag,
}

impl Resource for NotificationPreferencesView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl From<Preferences> for NotificationPreferencesView {
    fn from(preferences: Preferences) -> Self {
        let Preferences { kinds, quiet_hours, lead_minutes, .. } = preferences;
        let mut view = Self { kinds, quiet_hours, lead_minutes, etag: Tag::default() };
        view.etag = Tag::of(&view);
        view
    }
}
