//! Screenings: libraries show films, people wish for films and are told in time.

pub mod account_events;
mod error;
pub mod films;
pub mod home;
pub mod libraries;
pub mod plans;
pub mod screenings;
pub mod wishes;

use campus_endpoint::{Describes, Registry};

pub use error::Error;

/// The domain's endpoints and workers.
#[must_use]
pub fn registry<D: Describes>() -> Registry<D> {
    Registry::new("screenings")
        .add::<libraries::list_libraries::ListLibraries>()
        .add::<libraries::create_library::CreateLibrary>()
        .add::<libraries::get_library::GetLibrary>()
        .add::<libraries::update_library::UpdateLibrary>()
        .add::<libraries::delete_library::DeleteLibrary>()
        .add::<films::list_films::ListFilms>()
        .add::<films::create_film::CreateFilm>()
        .add::<films::get_film::GetFilm>()
        .add::<films::update_film::UpdateFilm>()
        .add::<films::delete_film::DeleteFilm>()
        .add::<screenings::list_screenings::ListScreenings>()
        .add::<screenings::create_screening::CreateScreening>()
        .add::<screenings::get_screening::GetScreening>()
        .add::<screenings::update_screening::UpdateScreening>()
        .add::<screenings::delete_screening::DeleteScreening>()
        .add::<wishes::create_wish::CreateWish>()
        .add::<wishes::list_wishes::ListWishes>()
        .add::<wishes::delete_wish::DeleteWish>()
        .add::<home::get_home::GetHome>()
        .add::<home::replace_home::ReplaceHome>()
        .worker::<plans::plan_alerts::PlanAlerts>()
        .worker::<account_events::hear_in_screenings::HearInScreenings>()
}
