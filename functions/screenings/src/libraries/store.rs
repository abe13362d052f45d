//! Libraries, stored.
//!
//! Table `screenings`: the library at `pk = LIBRARY#<id>`, `sk = LIBRARY`. Patterns: one library by id.

use campus_aws::{SCREENINGS, Table};
use campus_domain::LibraryId;
use campus_store::{Item, Key};

use super::Library;

impl Item for Library {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "library";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a library is stored.
pub(crate) fn key(id: LibraryId) -> Key {
    Key::new(format!("LIBRARY#{id}"), "LIBRARY")
}
