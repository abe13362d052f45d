//! Accounts that are to be purged.
//!
//! Table `accounts`, `pk = PURGES`, `sk = <instant>#<user id>`. Pattern: what is due, by one query up to now. Written in
//! the transaction that plans the end of an account (its `purge_at` says when), and deleted in the one that takes it back.

use campus_aws::{ACCOUNTS, Table};
use campus_store::{Item, Key, StoreError, Transaction, absent, exists};

use super::Purge;
use crate::users::Account;

/// One partition takes the ends of a thousand accounts a second.
const PARTITION: &str = "PURGES";

impl Item for Purge {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "purge";

    fn key(&self) -> Key {
        Key::new(PARTITION, format!("{}#{}", self.due_at, self.user_id))
    }
}

/// Plans the end of an account that is written in the same transaction.
pub(crate) fn plan_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, account: &Account) {
    if let Some(due_at) = account.purge_at {
        transaction.put_new(&Purge { user_id: account.id, due_at });
    }
}

/// Plans the end of an account anew.
pub(crate) fn replan_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, seen: &Account, wished: &Account) {
    // One item cannot be deleted and written in one transaction.
    if seen.purge_at != wished.purge_at {
        cancel_in(transaction, seen);
        plan_in(transaction, wished);
    }
}

/// Takes back what was planned for an account as it was seen.
pub(crate) fn cancel_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, seen: &Account) {
    if let Some(due_at) = seen.purge_at {
        // Gone is gone, whoever was first: whether there is still something to take back is the account's condition.
        let planned = Purge { user_id: seen.id, due_at };
        transaction.delete(ACCOUNTS, &planned.key(), absent().or(exists()));
    }
}
