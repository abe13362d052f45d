//! Suppressed addresses.
//!
//! Table `notifications`, `pk = SUPPRESSED#<SHA-256 of the address, hexadecimal>`. Pattern: one, by its address.
//!
//! Writing has no condition: each event sets an attribute of its own to about the same value, so that events may come
//! twice and in any order.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::EmailAddress;
use campus_endpoint::Cx;
use campus_store::{Item, Key, StoreError, Update, absent, exists};

use super::{Suppression, Verdict, hash_of};

impl Item for Suppression {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "suppression";

    fn key(&self) -> Key {
        key(&self.address_hash)
    }
}

impl Suppression {
    /// Where that of an address is stored, if there is one.
    #[must_use]
    pub fn key_of(address: &EmailAddress) -> Key {
        key(&hash_of(address.as_str()))
    }
}

fn key(address_hash: &str) -> Key {
    Key::alone(format!("SUPPRESSED#{address_hash}"))
}

/// What is said of an address, if anything is.
pub(crate) async fn find_suppression(cx: &Cx, address: &EmailAddress) -> Result<Option<Suppression>, StoreError> {
    cx.store().find(&Suppression::key_of(address)).await
}

/// Writes what is said of an address, as its provider wrote it.
pub(super) async fn suppress(cx: &Cx, address: &str, verdict: Verdict) -> Result<(), StoreError> {
    let address_hash = hash_of(address);
    let said = match verdict {
        Verdict::Bounced => "bounced_at",
        Verdict::Complained => "complained_at",
    };
    let update = Update::new()
        .set(said, cx.now().to_string())
        .set("address_hash", address_hash.as_str())
        .set("kind", Suppression::KIND);
    cx.store().update(NOTIFICATIONS, &key(&address_hash), update, absent().or(exists())).await.map(|_| ())
}
