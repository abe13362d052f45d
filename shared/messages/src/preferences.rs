//! What a person wants to be told, and how.
//!
//! Table `notifications`, `pk = RECIPIENT#<user id>`, `sk = PREFERENCES`. Pattern: one person's. None are stored
//! until a person sets some: the default is the inbox alone.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::{Invalid, QuietHours, UserId};
use campus_store::{Item, Key};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

/// What alerts are about, as people choose among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A film that one wished for will be shown.
    ScreeningAnnounced,
    /// It is shown tomorrow, or soon.
    ScreeningReminder,
    /// Its showing was moved or cancelled.
    ScreeningChanged,
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ScreeningAnnounced, Self::ScreeningReminder, Self::ScreeningChanged];

    /// Its name, as in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ScreeningAnnounced => "screening_announced",
            Self::ScreeningReminder => "screening_reminder",
            Self::ScreeningChanged => "screening_changed",
        }
    }

    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How one kind of alert reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, eserde::Deserialize, ToSchema)]
pub struct Ways {
    /// By mail, to a proven address.
    #[serde(default)]
    pub email: bool,
    /// By text message, to a proven phone.
    #[serde(default)]
    pub sms: bool,
    /// In the inbox.
    #[serde(default = "yes")]
    pub inbox: bool,
}

fn yes() -> bool {
    true
}

impl Default for Ways {
    fn default() -> Self {
        Self { email: false, sms: false, inbox: true }
    }
}

/// How each kind of alert reaches a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, eserde::Deserialize, ToSchema)]
pub struct Kinds {
    /// See [`AlertKind::ScreeningAnnounced`].
    #[serde(default)]
    pub screening_announced: Ways,
    /// See [`AlertKind::ScreeningReminder`].
    #[serde(default)]
    pub screening_reminder: Ways,
    /// See [`AlertKind::ScreeningChanged`].
    #[serde(default)]
    pub screening_changed: Ways,
}

impl Kinds {
    /// Those of one kind.
    #[must_use]
    pub const fn of(&self, kind: AlertKind) -> Ways {
        match kind {
            AlertKind::ScreeningAnnounced => self.screening_announced,
            AlertKind::ScreeningReminder => self.screening_reminder,
            AlertKind::ScreeningChanged => self.screening_changed,
        }
    }

    /// Those of one kind, to be changed.
    pub const fn of_mut(&mut self, kind: AlertKind) -> &mut Ways {
        match kind {
            AlertKind::ScreeningAnnounced => &mut self.screening_announced,
            AlertKind::ScreeningReminder => &mut self.screening_reminder,
            AlertKind::ScreeningChanged => &mut self.screening_changed,
        }
    }
}

/// Minutes before something that a person is reminded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LeadMinutes(pub u32);

impl LeadMinutes {
    /// The least.
    pub const MIN: u32 = 1;
    /// The most: a week.
    pub const MAX: u32 = 7 * 24 * 60;

    /// A number of minutes within the bounds.
    ///
    /// # Errors
    ///
    /// [`Invalid::OutOfRange`].
    pub fn new(minutes: i64) -> Result<Self, Invalid> {
        let range = Invalid::OutOfRange { min: Self::MIN.into(), max: Self::MAX.into() };
        let minutes = u32::try_from(minutes).map_err(|_| range)?;
        if (Self::MIN..=Self::MAX).contains(&minutes) { Ok(Self(minutes)) } else { Err(range) }
    }
}

impl<'de> Deserialize<'de> for LeadMinutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<'de> eserde::EDeserialize<'de> for LeadMinutes {
    fn deserialize_for_errors<D: Deserializer<'de>>(deserializer: D) -> Result<(), ()> {
        Self::deserialize(deserializer).map(|_| ()).map_err(eserde::reporter::ErrorReporter::report)
    }
}

impl utoipa::PartialSchema for LeadMinutes {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("How many minutes before a screening a person is reminded of it."))
            .minimum(Some(Self::MIN))
            .maximum(Some(Self::MAX))
            .default(Some(Self::default().0.into()))
            .examples([Self::default().0])
            .into()
    }
}

impl ToSchema for LeadMinutes {}

impl Default for LeadMinutes {
    fn default() -> Self {
        Self(60)
    }
}

/// What a person wants to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose.
    pub user_id: UserId,
    /// How each kind of alert reaches them.
    pub kinds: Kinds,
    /// When no mail and no text message does. The inbox makes no noise.
    pub quiet_hours: Option<QuietHours>,
    /// How long before a screening they are reminded.
    pub lead_minutes: LeadMinutes,
    /// Raised with every change.
    pub version: u32,
}

impl Preferences {
    /// Those of a person who has set none.
    #[must_use]
    pub fn default_of(user_id: UserId) -> Self {
        Self { user_id, kinds: Kinds::default(), quiet_hours: None, lead_minutes: LeadMinutes::default(), version: 0 }
    }

    /// Where a person's are stored.
    #[must_use]
    pub fn key_of(user_id: UserId) -> Key {
        Key::new(format!("RECIPIENT#{user_id}"), "PREFERENCES")
    }
}

impl Item for Preferences {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "preferences";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b0_43_nobody_is_mailed_or_texted_who_did_not_ask_for_it() {
        let preferences = Preferences::default_of(UserId::from_parts(1, [1; 10]));
        for kind in AlertKind::ALL {
            assert_eq!(preferences.kinds.of(kind), Ways { email: false, sms: false, inbox: true });
            assert_eq!(AlertKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!((preferences.lead_minutes.0, preferences.quiet_hours), (60, None));
    }

    #[test]
    fn a_lead_time_is_a_minute_to_a_week() {
        for minutes in [1, 60, 10_080] {
            assert_eq!(LeadMinutes::new(minutes).map(|lead| i64::from(lead.0)), Ok(minutes));
        }
        for minutes in [i64::MIN, -1, 0, 10_081, i64::MAX] {
            assert_eq!(LeadMinutes::new(minutes), Err(Invalid::OutOfRange { min: 1, max: 10_080 }));
        }
    }
}
