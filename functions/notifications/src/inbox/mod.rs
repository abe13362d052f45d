//! The inbox: what a person was told of, kept for a while.

pub mod delete_notification;
pub mod list_notifications;
pub mod replace_read_marker;
pub mod store;
pub mod update_notification;

use campus_domain::{FilmId, LibraryId, Locale, NotificationId, ScreeningId, TimeZoneName, Timestamp, UserId};
use campus_endpoint::{Resource, Tag};
use campus_messages::{Alert, AlertKind, ScreeningEvent, ScreeningFacts};
use campus_text::{News, Note, Screening};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use store::Reader;

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
    /// Raised each time that it is said.
    pub version: u32,
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
            version: 0,
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
        let is_behind = marker.reaches(self);
        match self.read {
            Some(read) if !is_behind || self.read_under == marker.version => read,
            _ => is_behind,
        }
    }
}

/// Up to where a person has read their inbox: an entry's place in the list, by arrival and then by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Whose.
    pub user_id: UserId,
    /// When the entry came to which all is read.
    pub up_to: Option<Timestamp>,
    /// Its id, since several come in one second. Of the greatest, where there is none.
    #[serde(default)]
    pub up_to_id: Option<NotificationId>,
    /// Raised each time that it is set.
    pub version: u32,
}

impl Marker {
    /// That of a person who has never set it.
    #[must_use]
    pub fn none_of(user_id: UserId) -> Self {
        Self { user_id, up_to: None, up_to_id: None, version: 0 }
    }

    /// Whether it is set to an entry, or to one that came later.
    fn reaches(&self, entry: &Entry) -> bool {
        self.up_to.is_some_and(|up_to| (entry.arrived_at, entry.id) <= (up_to, self.up_to_id.unwrap_or(entry.id)))
    }

    /// That which is set to an entry, unless this one is to a later one.
    fn moved_to(&self, entry: &Entry) -> Option<Self> {
        let is_beyond = self.up_to.is_some_and(|up_to| (up_to, self.up_to_id) > (entry.arrived_at, Some(entry.id)));
        let (up_to, up_to_id) = (Some(entry.arrived_at), Some(entry.id));
        (!is_beyond).then(|| Self { up_to, up_to_id, version: self.version + 1, user_id: self.user_id })
    }
}

/// Which entry.
#[derive(eserde::Deserialize, ToSchema)]
pub struct NotificationPath {
    id: NotificationId,
}

/// A film, as an entry names it.
#[derive(Serialize, ToSchema)]
pub struct NotificationFilmView {
    id: FilmId,
    #[schema(example = "리틀 포레스트")]
    title: String,
}

/// A library, as an entry names it.
#[derive(Serialize, ToSchema)]
pub struct NotificationLibraryView {
    id: LibraryId,
    #[schema(example = "중앙도서관")]
    name: String,
}

/// A screening, as it was when an entry came.
#[derive(Serialize, ToSchema)]
pub struct NotificationScreeningView {
    id: ScreeningId,
    film: NotificationFilmView,
    library: NotificationLibraryView,
    #[schema(required, example = "3층 시청각실")]
    place: Option<String>,
    starts_at: Timestamp,
}

/// An entry of one's inbox.
#[derive(Serialize, ToSchema)]
pub struct NotificationView {
    id: NotificationId,
    kind: AlertKind,
    event: ScreeningEvent,
    /// What it is about, in the language of the request.
    #[schema(example = "내일 보고 싶은 영화를 상영합니다")]
    title: String,
    /// What it says, in the language of the request and by the clocks of the reader's own time zone.
    #[schema(example = "내일 '리틀 포레스트' 상영: 11월 20일(금) 19:00, 중앙도서관 (3층 시청각실)")]
    text: String,
    screening: NotificationScreeningView,
    read: bool,
    created_at: Timestamp,
    etag: Tag,
}

impl Resource for NotificationView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl NotificationView {
    /// The entry as its reader sees it.
    pub(crate) fn new(entry: Entry, reader: &Reader, locale: Locale) -> Self {
        let Note { title, text } = campus_text::note(locale, &told(entry.event, &entry.screening, &reader.zone));
        let read = entry.is_read(&reader.marker);
        let facts = entry.screening;
        let mut view = Self {
            id: entry.id,
            kind: entry.event.kind(),
            event: entry.event,
            title,
            text,
            screening: NotificationScreeningView {
                id: facts.screening_id,
                film: NotificationFilmView { id: facts.film_id, title: facts.film_title },
                library: NotificationLibraryView { id: facts.library_id, name: facts.library_name },
                place: facts.place,
                starts_at: facts.starts_at,
            },
            read,
            created_at: entry.arrived_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
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

#[cfg(test)]
mod tests {
    use campus_messages::{Needs, ScreeningRef};
    use campus_store::Key;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(second)
    }

    fn entry(arrived_at: i64) -> Entry {
        let screening = ScreeningRef {
            screening_id: ScreeningId::from_parts(1, [1; 10]),
            revision: 1,
            revised_at: at(0),
            film_id: FilmId::from_parts(2, [2; 10]),
            library_id: LibraryId::from_parts(3, [3; 10]),
            place: None,
            starts_at: at(1_795_165_200),
        };
        let facts = screening.clone().named("리틀 포레스트".to_owned(), "중앙도서관".to_owned());
        let user_id = UserId::from_parts(4, [4; 10]);
        let nothing = || Key::alone("NOTHING").into();
        let needs = Needs { wish: nothing(), screening: nothing(), film: nothing(), library: nothing() };
        let alert = Alert { user_id, event: ScreeningEvent::Announced, screening, needs };
        Entry::new(&alert, &facts, at(arrived_at))
    }

    fn marker(up_to: i64, version: u32) -> Marker {
        Marker { user_id: UserId::from_parts(4, [4; 10]), up_to: Some(at(up_to)), up_to_id: None, version }
    }

    #[test]
    fn the_same_alert_makes_the_same_entry_whenever_it_comes() {
        assert_eq!(entry(10).id, entry(20).id);
        assert!(entry(10).is_there(at(10)) && !entry(10).is_there(at(10 + 90 * 24 * 60 * 60)));
        assert!(!Entry { deleted: true, ..entry(10) }.is_there(at(10)));
    }

    #[test]
    fn an_entry_is_read_up_to_the_marker_unless_something_else_was_said_of_it_since() {
        let none = Marker::none_of(UserId::from_parts(4, [4; 10]));
        assert!(!entry(10).is_read(&none));
        assert!(entry(10).is_read(&marker(10, 1)) && !entry(11).is_read(&marker(10, 1)));

        let said = |read, read_under| Entry { read: Some(read), read_under, ..entry(10) };
        assert!(said(true, 0).is_read(&none) && !said(false, 0).is_read(&none));
        assert!(!said(false, 1).is_read(&marker(10, 1)), "it was marked unread after the marker was set");
        assert!(said(false, 1).is_read(&marker(10, 2)), "the marker was set once more");
        assert!(!said(false, 1).is_read(&marker(9, 2)) && said(true, 1).is_read(&marker(9, 2)));
    }
}
