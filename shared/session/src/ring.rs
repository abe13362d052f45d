//! The public key ring: which keys verify access tokens, and from when each signs.
//!
//! Table `keys`, item `pk = RING`, so that a request reads it in one batch with its session.
//! A key is published before it signs; a version on the item makes concurrent publishers take turns.

use std::collections::BTreeMap;

use campus_aws::{KEYS, Table};
use campus_domain::Timestamp;
use campus_store::{Item, Key};
use serde::{Deserialize, Serialize};

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

/// The keys by their `kid`, the JWK thumbprint of RFC 7638.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ring {
    /// Raised with every change.
    pub version: u32,
    /// The keys that verify.
    pub keys: BTreeMap<String, RingKey>,
}

impl Ring {
    /// Where the ring is stored.
    #[must_use]
    pub fn location() -> Key {
        Key::alone("RING")
    }

    /// The key that signs at this time: the latest that may.
    #[must_use]
    pub fn signing_at(&self, now: Timestamp) -> Option<(&str, &RingKey)> {
        let may_sign = self.keys.iter().filter(|(_, key)| key.signs_from <= now);
        may_sign.max_by_key(|(_, key)| (key.signs_from, key.epoch)).map(|(kid, key)| (kid.as_str(), key))
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
