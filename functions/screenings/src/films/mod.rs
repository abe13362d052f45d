//! Films.

pub mod store;

use campus_domain::{FilmId, Line, Prose, Timestamp};
use serde::{Deserialize, Serialize};

/// What a film is called.
pub type FilmTitle = Line<200>;

/// A film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Film {
    /// Its id.
    pub id: FilmId,
    /// What it is called here.
    pub title: FilmTitle,
    /// What it is called where it was made.
    pub original_title: Option<FilmTitle>,
    /// The year of its first showing anywhere.
    pub year: Option<u32>,
    /// For whom it is suitable, in the words of the country's board.
    pub rating: Option<Line<40>>,
    /// How long it is.
    pub running_minutes: Option<u32>,
    /// What it is about.
    pub synopsis: Option<Prose<4000>>,
    /// Whether it is deleted, so that only staff see it.
    pub deleted: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change.
    pub version: u32,
}
