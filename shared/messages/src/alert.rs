//! Alerts: one person is told of one thing at a set time.
//!
//! An alert is planned once and checked when it is sent: whether what it tells of is still so ([`Needs`]), whether the
//! person wants it, and by which way. So whoever moves a screening or changes a preference need not find what was
//! planned before; they plan anew, and what is out of date is dropped when its time comes.

use campus_domain::{
    DeliveryId, FilmId, Id, LibraryId, NotificationId, ScreeningId, TimeZoneName, Timestamp, UserId, kind,
};
use campus_store::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::message::{Channel, UnknownVersion};
use crate::preferences::{AlertKind, LeadMinutes};

/// Raised when a field changes its meaning, as for messages.
const VERSION: u8 = 1;

/// What happened, or will, to a screening of a film that someone wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreeningEvent {
    /// It was announced.
    Announced,
    /// It is tomorrow.
    Tomorrow,
    /// It is soon.
    Soon,
    /// It was moved to another time or place.
    Moved,
    /// It was cancelled.
    Cancelled,
}

impl ScreeningEvent {
    /// The kind of alert that it makes.
    #[must_use]
    pub const fn kind(self) -> AlertKind {
        match self {
            Self::Announced => AlertKind::ScreeningAnnounced,
            Self::Tomorrow | Self::Soon => AlertKind::ScreeningReminder,
            Self::Moved | Self::Cancelled => AlertKind::ScreeningChanged,
        }
    }

    /// Its name, as stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "screening_announced",
            Self::Tomorrow => "screening_tomorrow",
            Self::Soon => "screening_soon",
            Self::Moved => "screening_moved",
            Self::Cancelled => "screening_cancelled",
        }
    }

    /// When a person is told of it: the day before at the same time of day, or a lead time before. Nothing for what is
    /// told as soon as it happens.
    #[must_use]
    pub fn due_at(self, starts_at: Timestamp, zone: &TimeZoneName, lead: LeadMinutes) -> Option<Timestamp> {
        match self {
            Self::Tomorrow => Some(zone.day_before(starts_at)),
            Self::Soon => Some(starts_at.plus_seconds(-60 * i64::from(lead.0))),
            Self::Announced | Self::Moved | Self::Cancelled => None,
        }
    }

    /// Whether it is still worth telling once the screening has begun.
    #[must_use]
    pub const fn outlives_start(self) -> bool {
        match self {
            Self::Announced | Self::Tomorrow | Self::Soon => false,
            Self::Moved | Self::Cancelled => true,
        }
    }
}

/// A screening, as an alert carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreeningRef {
    /// Which.
    pub screening_id: ScreeningId,
    /// As which of its revisions: moving or cancelling makes another.
    pub revision: u32,
    /// When it became that.
    #[serde(with = "campus_domain::time::epoch")]
    pub revised_at: Timestamp,
    /// Of which film.
    pub film_id: FilmId,
    /// In which library.
    pub library_id: LibraryId,
    /// Where in the library.
    pub place: Option<String>,
    /// When.
    #[serde(with = "campus_domain::time::epoch")]
    pub starts_at: Timestamp,
}

impl ScreeningRef {
    /// What is told of it, by these names.
    #[must_use]
    pub fn named(self, film_title: String, library_name: String) -> ScreeningFacts {
        let Self { screening_id, film_id, library_id, place, starts_at, .. } = self;
        ScreeningFacts { screening_id, film_id, film_title, library_id, library_name, place, starts_at }
    }
}

/// What is told of a screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreeningFacts {
    /// Which.
    pub screening_id: ScreeningId,
    /// Of which film.
    pub film_id: FilmId,
    /// The film's title.
    pub film_title: String,
    /// Where.
    pub library_id: LibraryId,
    /// The library's name.
    pub library_name: String,
    /// Where in the library.
    pub place: Option<String>,
    /// When.
    #[serde(with = "campus_domain::time::epoch")]
    pub starts_at: Timestamp,
}

/// An item of the table `screenings` that an alert needs when it is sent. Its domain names it, for nobody else knows
/// where what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Needed {
    /// Its partition key.
    pub pk: String,
    /// Its sort key.
    pub sk: String,
}

impl From<Key> for Needed {
    fn from(Key { pk, sk }: Key) -> Self {
        Self { pk, sk }
    }
}

impl From<&Needed> for Key {
    fn from(needed: &Needed) -> Self {
        Self::new(needed.pk.clone(), needed.sk.clone())
    }
}

/// Where what an alert depends on is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needs {
    /// The wish: without it nobody is told.
    pub wish: Needed,
    /// The screening, whose revision must be the alert's.
    pub screening: Needed,
    /// The film, for its title as it is then.
    pub film: Needed,
    /// The library, for its name.
    pub library: Needed,
}

/// One person is told of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct Alert {
    /// Who.
    pub user_id: UserId,
    /// What of.
    pub event: ScreeningEvent,
    /// Of which screening.
    pub screening: ScreeningRef,
    /// What it depends on when it is sent.
    pub needs: Needs,
}

#[derive(Clone, Serialize, Deserialize)]
struct Versioned {
    version: u8,
    user_id: UserId,
    event: ScreeningEvent,
    screening: ScreeningRef,
    needs: Needs,
}

impl From<Alert> for Versioned {
    fn from(alert: Alert) -> Self {
        let Alert { user_id, event, screening, needs } = alert;
        Self { version: VERSION, user_id, event, screening, needs }
    }
}

impl TryFrom<Versioned> for Alert {
    type Error = UnknownVersion;

    fn try_from(versioned: Versioned) -> Result<Self, UnknownVersion> {
        let Versioned { version, user_id, event, screening, needs } = versioned;
        UnknownVersion::check(version, VERSION)?;
        Ok(Self { user_id, event, screening, needs })
    }
}

impl Alert {
    /// The time that its ids carry, so that lists of them are about in order: when it is told, by default settings.
    fn nominal_time(&self) -> Timestamp {
        match self.event {
            ScreeningEvent::Soon => self.screening.starts_at.plus_seconds(-60 * 60),
            ScreeningEvent::Tomorrow => self.screening.starts_at.plus_seconds(-24 * 60 * 60),
            ScreeningEvent::Announced | ScreeningEvent::Moved | ScreeningEvent::Cancelled => self.screening.revised_at,
        }
    }

    /// Names it: planned anew, or delivered twice, the same alert has the same id. `of` tells one use of it from
    /// another.
    fn id_for<K>(&self, of: &str) -> Id<K> {
        let mut hash = Sha256::new();
        for part in [
            self.user_id.as_bytes().as_slice(),
            self.screening.screening_id.as_bytes(),
            &self.screening.revision.to_be_bytes(),
            self.event.as_str().as_bytes(),
            of.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let [a, b, c, d, e, f, g, h, i, j, ..] = <[u8; 32]>::from(hash.finalize());
        let seconds = u64::try_from(self.nominal_time().epoch_seconds()).unwrap_or_default();
        Id::from_parts(seconds * 1000, [a, b, c, d, e, f, g, h, i, j])
    }

    /// The id of its delivery by a channel.
    #[must_use]
    pub fn delivery_id(&self, channel: Channel) -> DeliveryId {
        self.id_for::<kind::Delivery>(channel.as_str())
    }

    /// The id of its entry in the inbox, and of what waits for its time.
    #[must_use]
    pub fn id(&self) -> NotificationId {
        self.id_for::<kind::Notification>("inbox")
    }
}
