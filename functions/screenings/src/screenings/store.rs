//! Screenings, stored.
//!
//! Table `screenings`: the screening at `pk = SCREENING#<id>`, and, while it is not cancelled, a copy of it for each way
//! that screenings are listed, in the order of their beginnings: `pk = FILM#<film id>`, `LIBRARY#<library id>` and
//! `SCREENINGS`, `sk = SCREENING#<starts_at>#<id>`. Patterns: one screening by id; those of a film, of a library and
//! all, within a time.
//!
//! A change rewrites the copies in its transaction, which holds to the screening's version. Few write here, and many
//! read, with one query.

use campus_aws::{SCREENINGS, Table};
use campus_domain::{FilmId, LibraryId, ScreeningId, Timestamp};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

use super::Screening;

impl Item for Screening {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "screening";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a screening is stored.
pub(crate) fn key(id: ScreeningId) -> Key {
    Key::alone(format!("SCREENING#{id}"))
}

/// A list of screenings: one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum List {
    /// Of a film.
    Film(FilmId),
    /// Of a library.
    Library(LibraryId),
    /// All.
    All,
}

impl List {
    pub(crate) fn partition(self) -> String {
        match self {
            Self::Film(id) => format!("FILM#{id}"),
            Self::Library(id) => format!("LIBRARY#{id}"),
            Self::All => "SCREENINGS".to_owned(),
        }
    }

    /// The lists that a screening is in.
    pub(crate) fn of(screening: &Screening) -> [Self; 3] {
        [Self::Film(screening.film_id), Self::Library(screening.library_id), Self::All]
    }
}

/// The sort key of screenings that begin then; with an id behind it, of one.
pub(crate) fn listed_at(starts_at: Timestamp) -> String {
    format!("SCREENING#{starts_at}#")
}

/// A screening as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedScreening {
    pub(crate) list: List,
    pub(crate) screening: Screening,
}

impl ListedScreening {
    /// Where a screening stands in a list.
    pub(crate) fn key_in(list: List, screening: &Screening) -> Key {
        Key::new(list.partition(), format!("{}{}", listed_at(screening.starts_at), screening.id))
    }
}

impl Item for ListedScreening {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "listed_screening";

    fn key(&self) -> Key {
        Self::key_in(self.list, &self.screening)
    }
}
