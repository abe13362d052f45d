//! The audit, stored.
//!
//! Table `accounts`, `pk = AUDIT#<yyyy-mm>`, `sk = <id>`: a month is one query, in the order of time. TTL takes an
//! entry after a year.
//!
//! An entry is written in the transaction of what it tells of, so that neither is without the other, with the condition
//! that it is not there. Nothing changes or deletes one.

use campus_aws::{ACCOUNTS, Table};
use campus_store::{Item, Key, StoreError, Transaction};

use super::Entry;

impl Item for Entry {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "audit";

    fn key(&self) -> Key {
        let at = self.at.to_string();
        let month = at.get(.."yyyy-mm".len()).unwrap_or_default();
        Key::new(format!("AUDIT#{month}"), self.id.to_string())
    }
}

/// Adds an entry to the transaction of what it tells of. That needs the grant to put into `accounts`.
pub fn add_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, entry: &Entry) {
    transaction.put_new(entry);
}
