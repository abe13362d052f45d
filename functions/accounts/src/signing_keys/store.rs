//! The key ring, as rotation and revocation change it. Its key is with its type, `campus_session::Ring`.
//!
//! A change is one transaction with the audit's entry of it. It demands the version of the ring that was read, so of
//! any number at once, of these and of those who publish the first key, one succeeds and the others look again. Sent
//! twice it takes effect once, by the SDK's token.

use campus_endpoint::Cx;
use campus_session::Ring;
use campus_store::StoreError;

use crate::Error;
use crate::audit::{self, Entry};

pub(super) async fn find_ring(cx: &Cx) -> Result<Ring, StoreError> {
    Ok(cx.store().find::<Ring>(&Ring::location()).await?.unwrap_or_default())
}

/// Stores a ring in the place of the one that was seen.
///
/// # Errors
///
/// [`Error::Raced`] when it was changed since.
pub(super) async fn replace_seen(cx: &Cx, seen: &Ring, next: Ring, entry: &Entry) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put(&next.in_place_of(seen), seen.unchanged()).or(|| Error::Raced);
    audit::store::add_in(&mut transaction, entry);
    transaction.send().await
}
