//! Preferences, stored. Their key is with their type: `campus_messages::Preferences`.
//!
//! Patterns: one person's; the same with their contact card, to know what can reach them.
//!
//! A change holds to the version that was read: it is of the whole, so of two at once the later must have seen the
//! earlier. Nothing is stored for a person until they change something.

use campus_domain::UserId;
use campus_endpoint::Cx;
use campus_messages::{ContactCard, Preferences};
use campus_store::{Condition, StoreError, Transaction, absent, attr};

use crate::Error;

/// A person's preferences, or the default.
pub(crate) async fn get(cx: &Cx, user_id: UserId) -> Result<Preferences, StoreError> {
    let stored = cx.store().find::<Preferences>(&Preferences::key_of(user_id)).await?;
    Ok(stored.unwrap_or_else(|| Preferences::default_of(user_id)))
}

/// A person's preferences, or the default, with how they are reached.
pub(super) async fn get_with_contact(
    cx: &Cx,
    user_id: UserId,
) -> Result<(Preferences, Option<ContactCard>), StoreError> {
    let mut batch = cx.store().batch();
    let preferences = batch.find::<Preferences>(&Preferences::key_of(user_id));
    let contact = batch.find::<ContactCard>(&ContactCard::key_of(user_id));
    let mut found = batch.send().await?;
    let preferences = found.take(preferences)?.unwrap_or_else(|| Preferences::default_of(user_id));
    Ok((preferences, found.take(contact)?))
}

/// Changes preferences that are still as they were seen.
pub(crate) fn replace_seen_in(transaction: &mut Transaction<'_, Error>, seen: &Preferences, wished: &Preferences) {
    transaction.put(wished, is_still(seen)).or(|| Error::Raced);
}

fn is_still(seen: &Preferences) -> Condition {
    if seen.version == 0 { absent() } else { attr("version").eq(seen.version) }
}
