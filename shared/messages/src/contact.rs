//! How a person is reached: what whoever writes to people may know of an account.
//!
//! Table `contacts`, `pk = USER#<id>`. Pattern: one person's, by their id. Written by accounts alone, in the
//! transaction of what changes it, so that it is never older than the account.

use campus_aws::{CONTACTS, Table};
use campus_domain::{EmailAddress, Locale, PhoneNumber, TimeZoneName, UserId};
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

/// How a person is reached. What is not proven to be theirs is not here, so nobody writes to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Whose.
    pub user_id: UserId,
    /// Their proven number.
    pub phone: Option<PhoneNumber>,
    /// Their proven address.
    pub email: Option<EmailAddress>,
    /// The language that they are written to in.
    pub locale: Locale,
    /// Where their days begin and their nights are quiet.
    pub time_zone: TimeZoneName,
}

impl ContactCard {
    /// Where a person's is stored.
    #[must_use]
    pub fn key_of(user_id: UserId) -> Key {
        Key::alone(format!("USER#{user_id}"))
    }
}

impl Item for ContactCard {
    const TABLE: Table = CONTACTS;
    const KIND: &'static str = "contact";

    fn key(&self) -> Key {
        Self::key_of(self.user_id)
    }
}
