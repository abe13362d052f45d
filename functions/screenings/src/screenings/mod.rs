//! Screenings: a library shows a film at a time.

pub mod create_screening;
pub mod delete_screening;
pub mod get_screening;
pub mod list_screenings;
pub mod store;
pub mod update_screening;

use campus_domain::{FilmId, LibraryId, Line, Prose, ScreeningId, Timestamp};
use campus_endpoint::{Resource, Tag};
use campus_messages::ScreeningEvent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::films::{Film, FilmTitle};
use crate::libraries::{Library, LibraryName};

/// Where in a library a screening is.
pub type Place = Line<100>;
/// What else is to be known of a screening.
pub type Note = Prose<1000>;
/// What the library's own programme calls a screening.
pub type SourceId = Line<100>;

/// A screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// Its id.
    pub id: ScreeningId,
    /// Where.
    pub library_id: LibraryId,
    /// Of which film.
    pub film_id: FilmId,
    /// When.
    pub starts_at: Timestamp,
    /// Where in the library.
    pub place: Option<Place>,
    /// What else is to be known.
    pub note: Option<Note>,
    /// What the library's own programme calls it.
    pub source_id: Option<SourceId>,
    /// Whether it does not take place.
    pub cancelled: bool,
    /// Raised when it is moved in time or place, or cancelled: what people are to be told.
    pub revision: u32,
    /// When it was raised last.
    pub revised_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change.
    pub version: u32,
}

impl Screening {
    /// What people are to be told of it since it was seen, or since it was not there.
    pub(crate) fn news_since(&self, seen: Option<&Self>) -> Option<ScreeningEvent> {
        match seen {
            None => Some(ScreeningEvent::Announced),
            Some(seen) if seen.revision == self.revision => None,
            Some(_) if self.cancelled => Some(ScreeningEvent::Cancelled),
            Some(_) => Some(ScreeningEvent::Moved),
        }
    }

    /// The same with another revision, if it was revised, and in any case another version.
    fn changed(self, revised: bool, now: Timestamp) -> Self {
        let (revision, revised_at) = if revised { (self.revision + 1, now) } else { (self.revision, self.revised_at) };
        Self { revision, revised_at, updated_at: now, version: self.version + 1, ..self }
    }
}

/// Which screening.
#[derive(eserde::Deserialize, ToSchema)]
pub struct ScreeningPath {
    id: ScreeningId,
}

/// The film of a screening.
#[derive(Serialize, ToSchema)]
pub struct ScreeningFilmView {
    id: FilmId,
    title: FilmTitle,
}

/// The library of a screening.
#[derive(Serialize, ToSchema)]
pub struct ScreeningLibraryView {
    id: LibraryId,
    name: LibraryName,
}

/// A screening.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c0de-0000-7000-8000-000000000000",
    "film": { "id": "0199c0de-0000-7000-8000-000000000000", "title": "리틀 포레스트" },
    "library": { "id": "0199c0de-0000-7000-8000-000000000000", "name": "한빛도서관" },
    "display_name": "리틀 포레스트 · 한빛도서관",
    "starts_at": "2026-11-20T09:00:00Z",
    "place": "지하 1층 시청각실",
    "note": null,
    "source_id": "2026-11-047",
    "cancelled": false,
    "created_at": "2026-11-01T09:00:00Z",
    "updated_at": "2026-11-01T09:00:00Z",
    "etag": "\"hKPqU3Zx0Uy1nQmFfBvG9w\"",
}))]
pub struct ScreeningView {
    id: ScreeningId,
    film: ScreeningFilmView,
    library: ScreeningLibraryView,
    /// What to call it: the film and the library.
    display_name: String,
    starts_at: Timestamp,
    /// Where in the library.
    #[schema(required)]
    place: Option<Place>,
    /// What else is to be known.
    #[schema(required)]
    note: Option<Note>,
    /// What the library's own programme calls it.
    #[schema(required)]
    source_id: Option<SourceId>,
    /// Whether it does not take place. Then only staff see it.
    cancelled: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for ScreeningView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl ScreeningView {
    /// The screening with its film and library, which are read apart since their names may change.
    fn new(screening: Screening, film: &Film, library: &Library) -> Self {
        let mut view = Self {
            id: screening.id,
            film: ScreeningFilmView { id: film.id, title: film.title.clone() },
            library: ScreeningLibraryView { id: library.id, name: library.name.clone() },
            display_name: format!("{} · {}", film.title.as_str(), library.name.as_str()),
            starts_at: screening.starts_at,
            place: screening.place,
            note: screening.note,
            source_id: screening.source_id,
            cancelled: screening.cancelled,
            created_at: screening.created_at,
            updated_at: screening.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}
