//! Schools.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{EmailAddress, SchoolId};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

/// A school.
///
/// Table `accounts`, `pk = SCHOOL#<id>`. Pattern: one school by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct School {
    /// Its id.
    pub id: SchoolId,
    /// Its name, unique.
    pub name: String,
    /// Domains of mail addresses that its members have.
    pub email_domains: Vec<String>,
}

impl School {
    /// Whether a mail address is one that its members have.
    pub(crate) fn has_address(&self, address: &EmailAddress) -> bool {
        self.email_domains.iter().any(|domain| domain.eq_ignore_ascii_case(address.domain()))
    }
}

impl Item for School {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "school";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a school is stored.
pub(crate) fn key(id: SchoolId) -> Key {
    Key::alone(format!("SCHOOL#{id}"))
}
