//! The public key ring: which keys verify access tokens, and from when each signs.
//!
//! Table `keys`, item `pk = RING`, so that a request reads it in one batch with its session.
//!
//! A key signs for [`SIGNS_FOR_SECONDS`]. The next is in the ring [`PUBLISHED_BEFORE_SECONDS`] before it signs, so that
//! whoever keeps a copy has it by then; and the old one stays for [`KEPT_FOR_SECONDS`] more, so that the tokens that it
//! signed last are good to their end. Only the first key, that of a replaced seed, and the one that follows a
//! revocation sign at once. A key that was taken out never comes back: epochs only grow, and the ring remembers the
//! highest.
//!
//! Every write demands the version that was read, so that writers take turns.

use std::collections::BTreeMap;

use campus_aws::{KEYS, Table};
use campus_domain::Timestamp;
use campus_store::{Condition, Item, Key, absent, attr};
use serde::{Deserialize, Serialize};

use crate::authenticate::CLOCK_SKEW_SECONDS;

/// A key signs for ninety days, and until the next may.
pub const SIGNS_FOR_SECONDS: i64 = 90 * 24 * 60 * 60;
/// A key is published a day before it signs.
pub const PUBLISHED_BEFORE_SECONDS: i64 = 24 * 60 * 60;
/// A key stays for an hour after its successor began to sign: far longer than an instance takes to notice, and its last
/// token to expire.
pub const KEPT_FOR_SECONDS: i64 = 60 * 60;

/// One public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingKey {
    /// The number from which the key is derived.
    pub epoch: u32,
    /// The Ed25519 public key, RFC 8037's `x`, in base64url.
    pub x: String,
    /// It signs from here on, until a later key does.
    #[serde(with = "campus_domain::time::epoch")]
    pub signs_from: Timestamp,
}

/// A public key of a seed, not yet in a ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its JWK thumbprint, RFC 7638.
    pub kid: String,
    /// See [`RingKey::x`].
    pub x: String,
}

/// The keys by their `kid`, the JWK thumbprint of RFC 7638.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Raised with every change; 0 is what was never stored.
    pub version: u32,
    /// The keys that verify.
    pub keys: BTreeMap<String, RingKey>,
    /// The highest epoch that ever was in the ring. A ring of before this was kept is told by its keys.
    #[serde(default)]
    pub latest_epoch: u32,
}

impl Ring {
    /// Where the ring is stored.
    #[must_use]
    pub fn location() -> Key {
        Key::alone("RING")
    }

    /// Holds while the stored ring is still this one.
    #[must_use]
    pub fn unchanged(&self) -> Condition {
        if self.version == 0 { absent() } else { attr("version").eq(self.version) }
    }

    /// The key that signs at this time: the latest that may. None may yet by a clock that is behind the publisher's;
    /// then the first does.
    #[must_use]
    pub fn signing_at(&self, now: Timestamp) -> Option<(&str, &RingKey)> {
        let place = |key: &RingKey| (key.signs_from, key.epoch);
        let may_sign = self.keys.iter().filter(|(_, key)| key.signs_from <= now);
        let latest = may_sign.max_by_key(|(_, key)| place(key));
        let signing = latest.or_else(|| self.keys.iter().min_by_key(|(_, key)| place(key)));
        signing.map(|(kid, key)| (kid.as_str(), key))
    }

    /// The epoch of the key that is published next: no key ever had it.
    #[must_use]
    pub fn next_epoch(&self) -> u32 {
        let highest = self.keys.values().map(|key| key.epoch).max().unwrap_or_default();
        highest.max(self.latest_epoch).saturating_add(1)
    }

    /// From when the next key is to sign, if it is time to publish it.
    #[must_use]
    pub fn next_signs_from(&self, now: Timestamp) -> Option<Timestamp> {
        let (_, signing) = self.signing_at(now)?;
        let is_published = self.keys.values().any(|key| key.signs_from > now);
        let due_at = signing.signs_from.plus_seconds(SIGNS_FOR_SECONDS);
        let earliest = now.plus_seconds(PUBLISHED_BEFORE_SECONDS);
        (!is_published && due_at <= earliest).then_some(earliest)
    }

    /// The ring with the key of [`Self::next_epoch`].
    #[must_use]
    pub fn with_next(&self, key: PublicKey, signs_from: Timestamp) -> Self {
        let epoch = self.next_epoch();
        let mut keys = self.keys.clone();
        keys.insert(key.kid, RingKey { epoch, x: key.x, signs_from });
        Self { keys, latest_epoch: epoch, ..*self }
    }

    /// The ring without the keys whose successor has signed for [`KEPT_FOR_SECONDS`].
    #[must_use]
    pub fn without_old(&self, now: Timestamp) -> Self {
        let place = |key: &RingKey| (key.signs_from, key.epoch);
        let over_by = now.plus_seconds(-KEPT_FOR_SECONDS);
        let settled = self.keys.values().filter(|key| key.signs_from <= over_by).map(place).max();
        self.keeping(|key| settled.is_none_or(|settled| place(key) >= settled))
    }

    /// The ring with a key that signs at once, in the place of those to come: the stage's first, or one of another seed
    /// than the ring's. The keys that have signed go on verifying.
    #[must_use]
    pub fn taken_over(&self, key: PublicKey, now: Timestamp) -> Self {
        // By another clock one that is about to begin may have begun.
        let begun_by = now.plus_seconds(CLOCK_SKEW_SECONDS);
        self.keeping(|key| key.signs_from <= begun_by).with_next(key, now)
    }

    /// The ring after all its keys were revoked: this one signs at once, and nothing else verifies.
    #[must_use]
    pub fn revoked(&self, key: PublicKey, now: Timestamp) -> Self {
        self.keeping(|_| false).with_next(key, now)
    }

    /// This ring as the one that is stored in the place of another.
    #[must_use]
    pub fn in_place_of(self, seen: &Self) -> Self {
        Self { version: seen.version.saturating_add(1), ..self }
    }

    /// The epochs of the keys that are here and not in another ring, lowest first.
    #[must_use]
    pub fn epochs_beyond(&self, other: &Self) -> Vec<u32> {
        let beyond = self.keys.iter().filter(|(kid, _)| !other.keys.contains_key(*kid)).map(|(_, key)| key.epoch);
        let mut epochs: Vec<u32> = beyond.collect();
        epochs.sort_unstable();
        epochs
    }

    /// The ring with these keys alone. It remembers the others' epochs.
    fn keeping(&self, stays: impl Fn(&RingKey) -> bool) -> Self {
        let keys = self.keys.iter().filter(|(_, key)| stays(key)).map(|(kid, key)| (kid.clone(), key.clone()));
        Self { version: self.version, keys: keys.collect(), latest_epoch: self.next_epoch() - 1 }
    }
}

/// What the cursors of lists are sealed with, and what the key of unsubscriptions is derived from: an item
/// `pk = CURSORS` of its own, since the ring is published.
///
/// Derived from the signing seed and written by whoever signs first, so that functions that hold no secret can read
/// it in a call that they can make beside others. Never changed after: the links in old mails stay good by it. It
/// opens cursors and stops mails, and nothing else.
#[derive(Clone, Serialize, Deserialize)]
pub struct CursorSecret {
    /// 256 bits, in base64url.
    pub secret: String,
}

impl CursorSecret {
    /// Where it is stored.
    #[must_use]
    pub fn location() -> Key {
        Key::alone("CURSORS")
    }
}

impl Item for CursorSecret {
    const TABLE: Table = KEYS;
    const KIND: &'static str = "cursor_secret";

    fn key(&self) -> Key {
        Self::location()
    }
}

impl Item for Ring {
    const TABLE: Table = KEYS;
    const KIND: &'static str = "key_ring";

    fn key(&self) -> Key {
        Self::location()
    }
}

#[cfg(test)]
mod tests;
