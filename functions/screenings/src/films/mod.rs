//! Films.

pub mod create_film;
pub mod delete_film;
pub mod get_film;
pub mod list_films;
pub mod store;
pub mod update_film;

use campus_domain::{FilmId, Line, Number, Prose, Timestamp};
use campus_endpoint::{Resource, Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a film is called.
pub type FilmTitle = Line<200>;
/// For whom a film is suitable, in the words of the country's board.
pub type Rating = Line<40>;
/// The year of a film's first showing anywhere. The first one known is of 1888.
pub type FilmYear = Number<1888, 2100>;
/// How long a film is.
pub type RunningMinutes = Number<1, 1440>;
/// What a film is about.
pub type Synopsis = Prose<4000>;

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
    pub year: Option<FilmYear>,
    /// For whom it is suitable, in the words of the country's board.
    pub rating: Option<Rating>,
    /// How long it is.
    pub running_minutes: Option<RunningMinutes>,
    /// What it is about.
    pub synopsis: Option<Synopsis>,
    /// Whether it is deleted, so that only staff see it.
    pub deleted: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change.
    pub version: u32,
}

/// Which film.
#[derive(eserde::Deserialize, ToSchema)]
pub struct FilmPath {
    id: FilmId,
}

/// A film.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c0de-0000-7000-8000-000000000000",
    "title": "리틀 포레스트",
    "display_name": "리틀 포레스트",
    "original_title": null,
    "year": 2018,
    "rating": "전체관람가",
    "running_minutes": 103,
    "synopsis": "고향으로 돌아온 혜원이 사계절을 보낸다.",
    "deleted": false,
    "created_at": "2026-11-20T09:00:00Z",
    "updated_at": "2026-11-20T09:00:00Z",
    "etag": "\"hKPqU3Zx0Uy1nQmFfBvG9w\"",
}))]
pub struct FilmView {
    id: FilmId,
    title: FilmTitle,
    /// What to call it: its title.
    display_name: FilmTitle,
    #[schema(required)]
    original_title: Option<FilmTitle>,
    #[schema(required)]
    year: Option<FilmYear>,
    #[schema(required)]
    rating: Option<Rating>,
    #[schema(required)]
    running_minutes: Option<RunningMinutes>,
    #[schema(required)]
    synopsis: Option<Synopsis>,
    /// Whether only staff see it.
    deleted: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for FilmView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl From<Film> for FilmView {
    fn from(film: Film) -> Self {
        let mut view = Self {
            id: film.id,
            display_name: film.title.clone(),
            title: film.title,
            original_title: film.original_title,
            year: film.year,
            rating: film.rating,
            running_minutes: film.running_minutes,
            synopsis: film.synopsis,
            deleted: film.deleted,
            created_at: film.created_at,
            updated_at: film.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}
