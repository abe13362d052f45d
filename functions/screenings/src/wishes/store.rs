//! Wishes, stored.
//!
//! Table `screenings`: the wish at `pk = WISHES#<film id>#<shard>`, `sk = USER#<user id>`, and a copy at
//! `pk = USER#<user id>`, `sk = WISH#<wish id>`. Patterns: whether a person wishes for a film; all who do, shard by
//! shard; a person's wishes, newest first.
//!
//! Beside the wishes of each shard is its head, `sk = HEAD`, whose revision every new or changed screening of the film
//! raises. A wish plans reminders of the screenings that it found and holds to the head that it read before: so either
//! it has seen the screening, or the job that tells of the screening sees the wish.

use campus_aws::{SCREENINGS, Table};
use campus_domain::{FilmId, UserId};
use campus_store::{Condition, Item, Key, StoreError, Transaction, Update, attr, exists};
use serde::{Deserialize, Serialize};

use super::Wish;

/// Partitions of the wishes for one film. One takes about 300 new wishes a second.
pub const WISH_SHARDS: u8 = 4;

/// The partition of a shard.
pub(crate) fn partition(film_id: FilmId, shard: u8) -> String {
    format!("WISHES#{film_id}#{shard}")
}

/// The shard of a person's wishes.
pub(crate) fn shard_of(user_id: UserId) -> u8 {
    // The end of a UUIDv7 is random.
    user_id.as_bytes()[15] % WISH_SHARDS
}

/// Where a wish is stored.
pub(crate) fn key(film_id: FilmId, user_id: UserId) -> Key {
    Key::new(partition(film_id, shard_of(user_id)), format!("USER#{user_id}"))
}

impl Item for Wish {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "wish";

    fn key(&self) -> Key {
        key(self.film_id, self.user_id)
    }
}

/// The head of a shard. There is none until the film has its first screening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WishHead {
    pub(crate) film_id: FilmId,
    pub(crate) shard: u8,
    pub(crate) revision: u32,
}

impl WishHead {
    /// Where the head of a shard is.
    pub(crate) fn key_of(film_id: FilmId, shard: u8) -> Key {
        Key::new(partition(film_id, shard), "HEAD")
    }

    /// That the head is still as it was read.
    pub(crate) fn unchanged(seen: Option<&Self>) -> Condition {
        match seen {
            None => attr("revision").is_missing(),
            Some(seen) => attr("revision").eq(seen.revision),
        }
    }
}

impl Item for WishHead {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "wish_head";

    fn key(&self) -> Key {
        Self::key_of(self.film_id, self.shard)
    }
}

/// Raises all heads of a film, in the transaction that adds, moves or cancels a screening of it.
pub(crate) fn raise_heads_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, film_id: FilmId) {
    for shard in 0..WISH_SHARDS {
        let update = Update::new()
            .set("kind", WishHead::KIND)
            .set("film_id", film_id.to_string())
            .set("shard", u32::from(shard))
            .add("revision", 1);
        // Whatever it is, it is raised; the transaction's token makes that once.
        let any = exists().or(campus_store::absent());
        transaction.update(SCREENINGS, &WishHead::key_of(film_id, shard), update, any);
    }
}
