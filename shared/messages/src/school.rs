//! What other domains may know of a school.
//!
//! Table `profiles`, `pk = SCHOOL#<id>`. Pattern: one school's, by its id. Written by accounts alone, in the
//! transaction of what changes it, so that it is never older than the school. A school that is deleted has none.

use campus_aws::{PROFILES, Table};
use campus_domain::{Line, SchoolId};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

/// What a school is called.
pub type SchoolName = Line<100>;

/// A school as everyone may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolCard {
    /// Which school.
    pub id: SchoolId,
    /// What it is called.
    pub name: SchoolName,
}

impl SchoolCard {
    /// Where a school's is stored.
    #[must_use]
    pub fn key_of(id: SchoolId) -> Key {
        Key::alone(format!("SCHOOL#{id}"))
    }
}

impl Item for SchoolCard {
    const TABLE: Table = PROFILES;
    const KIND: &'static str = "school_card";

    fn key(&self) -> Key {
        Self::key_of(self.id)
    }
}
