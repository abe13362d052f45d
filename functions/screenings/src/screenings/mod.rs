//! Screenings: a library shows a film at a time.

pub mod store;

use campus_domain::{FilmId, LibraryId, Line, Prose, ScreeningId, Timestamp};
use serde::{Deserialize, Serialize};

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
    pub place: Option<Line<100>>,
    /// What else is to be known.
    pub note: Option<Prose<1000>>,
    /// What the library's own programme calls it.
    pub source_id: Option<Line<100>>,
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
