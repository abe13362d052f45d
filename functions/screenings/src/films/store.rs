//! Films, stored.
//!
//! Table `screenings`: the film at `pk = FILM#<id>`, `sk = FILM`. Patterns: one film by id.

use campus_aws::{SCREENINGS, Table};
use campus_domain::FilmId;
use campus_store::{Item, Key};

use super::Film;

impl Item for Film {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "film";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a film is stored.
pub(crate) fn key(id: FilmId) -> Key {
    Key::new(format!("FILM#{id}"), "FILM")
}
