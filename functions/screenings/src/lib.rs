//! Screenings: libraries show films, people wish for films and are told in time.

mod error;
pub mod films;
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
        .add::<wishes::create_wish::CreateWish>()
        .add::<wishes::list_wishes::ListWishes>()
        .add::<wishes::delete_wish::DeleteWish>()
        .worker::<plans::plan_alerts::PlanAlerts>()
}
