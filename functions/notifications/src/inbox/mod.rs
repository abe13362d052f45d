//! The inbox: what a person was told of, kept for a while.

pub mod store;

use campus_domain::{NotificationId, TimeZoneName, Timestamp, UserId};
use campus_messages::{Alert, ScreeningEvent, ScreeningFacts};
use campus_text::{News, Screening};
use serde::{Deserialize, Serialize};

/// How long an entry is kept.
const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;

/// One entry of an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id: of the same alert always the same.
    pub id: NotificationId,
    /// Whose.
    pub user_id: UserId,
    /// What happened.
    pub event: ScreeningEvent,
    /// To which screening, as it was then.
    pub screening: ScreeningFacts,
    /// When it came. Ids carry another time, so they need not be in this order.
    #[serde(with = "campus_domain::time::epoch")]
    pub arrived_at: Timestamp,
    /// Whether it was read, if that was said of this entry alone.
    pub read: Option<bool>,
    /// Which version of the marker it was said under: one that was set later counts for more.
    pub read_under: u32,
    /// Whether it was deleted. It stays until it expires, so that a late duplicate does not bring it back.
    pub deleted: bool,
    /// When it may be deleted from the table.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Entry {
    /// The entry of an alert that comes now. To be written if there is none of its id.
    #[must_use]
    pub fn new(alert: &Alert, screening: &ScreeningFacts, now: Timestamp) -> Self {
        Self {
            id: alert.id(),
            user_id: alert.user_id,
            event: alert.event,
            screening: screening.clone(),
            arrived_at: now,
            read: None,
            read_under: 0,
            deleted: false,
            expires_at: now.plus_seconds(KEPT_SECONDS),
        }
    }

    /// Whether its owner can see it: the table's own deletion may be days late.
    pub(crate) fn is_there(&self, now: Timestamp) -> bool {
        !self.deleted && self.expires_at > now
    }

    /// Whether it is read: as was said of it alone, unless the marker was set since to it or beyond.
    pub(crate) fn is_read(&self, marker: &Marker) -> bool {
        let is_behind = marker.up_to.is_some_and(|up_to| self.arrived_at <= up_to);
        match self.read {
            Some(read) if !is_behind || self.read_under == marker.version => read,
            _ => is_behind,
        }
    }
}

/// Up to where a person has read their inbox.
///
/// An instant and not an id, since ids are not in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Whose.
    pub user_id: UserId,
    /// What came by then is read.
    pub up_to: Option<Timestamp>,
    /// Raised each time that it is set.
    pub version: u32,
}

impl Marker {
    /// That of a person who has never set it.
    #[must_use]
    pub fn none_of(user_id: UserId) -> Self {
        Self { user_id, up_to: None, version: 0 }
    }
}

/// A screening as texts tell of it, by the clocks of a zone.
pub(crate) fn told<'a>(event: ScreeningEvent, facts: &'a ScreeningFacts, zone: &TimeZoneName) -> Screening<'a> {
    let news = match event {
        ScreeningEvent::Announced => News::Announced,
        ScreeningEvent::Tomorrow => News::Tomorrow,
        ScreeningEvent::Soon => News::Soon,
        ScreeningEvent::Moved => News::Moved,
        ScreeningEvent::Cancelled => News::Cancelled,
    };
    Screening {
        news,
        film: &facts.film_title,
        library: &facts.library_name,
        place: facts.place.as_deref(),
        starts_at: zone.at(facts.starts_at),
    }
}
