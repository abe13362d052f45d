//! Copies of items that stand in lists, each list a partition in the order of its sort keys.
//!
//! A copy is rewritten in the transaction that changes what it is of. Whatever is in its place, that transaction holds
//! to the version of the original, so copies have no condition of their own.

use crate::error::StoreError;
use crate::expression::{Condition, absent, exists};
use crate::item::{Item, Key};
use crate::transaction::Transaction;

/// Bytes of a sort key that sort by name. DynamoDB takes 1024, and the id follows.
const NAME_BYTES_MAX: usize = 900;

/// Whether it is there or not.
#[must_use]
pub fn whatever() -> Condition {
    exists().or(absent())
}

/// Puts the new copies in place of the old.
pub fn recopy_in<T: Item, E: From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    old: impl IntoIterator<Item = T>,
    new: impl IntoIterator<Item = T>,
) {
    let new: Vec<T> = new.into_iter().collect();
    let kept: Vec<Key> = new.iter().map(Item::key).collect();
    for gone in old.into_iter().map(|copy| copy.key()).filter(|key| !kept.contains(key)) {
        transaction.delete(T::TABLE, &gone, whatever());
    }
    for copy in &new {
        transaction.put(copy, whatever());
    }
}

/// As much of a folded name as fits into a key, which is all of any usual one.
#[must_use]
pub fn in_key(folded: &str) -> &str {
    &folded[..folded.floor_char_boundary(NAME_BYTES_MAX)]
}

/// The sort key that stands in the order of a folded name and then of an id.
#[must_use]
pub fn sort_key(folded: &str, id: impl std::fmt::Display) -> String {
    // Before every character that a name can have, so that a name goes before its continuations.
    format!("{}\t{id}", in_key(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_before_its_continuations_and_a_long_one_fits() {
        assert!(sort_key("기생충", "b") < sort_key("기생충 2", "a"));
        assert!(sort_key("a", "b") < sort_key("a!", "a"));
        assert!(sort_key(&"한".repeat(2000), "id").len() <= 1024);
    }
}
