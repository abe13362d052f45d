//! Wishes, stored.
//!
//! Table `screenings`: the wish at `pk = WISHES#<film id>#<shard>`, `sk = USER#<user id>`, and a copy at
//! `pk = USER#<user id>`, `sk = WISH#<wish id>`. Patterns: whether a person wishes for a film; all who do, shard by
//! shard; a person's wishes, newest first.
//!
//! Beside the wishes of each shard is its head, `sk = HEAD`, whose revision every new or changed screening of the film
//! raises. A wish plans reminders of the screenings that it found and holds to the head that it read before: so either
//! it has seen the screening, or the job that tells of the screening sees the wish.

use campus_aws::{CONTACTS, NOTIFICATIONS, SCREENINGS, Table};
use campus_domain::{DeliveryId, FilmId, Timestamp, UserId, WishId};
use campus_endpoint::Cx;
use campus_messages::{ContactCard, DueAlert, OutboxItem, Plan, Preferences};
use campus_store::{Condition, Item, Key, Store, StoreError, Transaction, Update, absent, attr, exists};
use serde::{Deserialize, Serialize};

use super::Wish;
use crate::Error;
use crate::films::{self, Film};
use crate::plans::Timing;
use crate::screenings::Screening;
use crate::screenings::store::{List, ListedScreening, listed_at};

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

/// The partition of a person's wishes.
pub(crate) fn user_partition(user_id: UserId) -> String {
    format!("USER#{user_id}")
}

/// A wish as it stands among its person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WishedByUser {
    pub(crate) id: WishId,
    pub(crate) user_id: UserId,
    pub(crate) film_id: FilmId,
    pub(crate) created_at: Timestamp,
}

impl WishedByUser {
    fn key_of(user_id: UserId, id: WishId) -> Key {
        Key::new(user_partition(user_id), format!("WISH#{id}"))
    }
}

impl Item for WishedByUser {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "wished_by_user";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }
}

/// Screenings whose reminders are planned in the transaction of a wish, which has room for no more. The rest are
/// planned by a job that the transaction owes.
const PLANNED_WITH_WISH_MAX: u16 = 40;

/// Everything that a new wish depends on, read together.
pub(super) struct Wishing {
    pub(super) film: Option<Film>,
    pub(super) is_wished: bool,
    /// The film's next screenings.
    pub(super) upcoming: Vec<Screening>,
    has_more: bool,
    head: Option<WishHead>,
    card: Option<ContactCard>,
    preferences: Option<Preferences>,
}

impl Wishing {
    /// When the person is reminded.
    pub(super) fn timing(&self) -> Timing {
        Timing {
            zone: self.card.as_ref().map(|card| card.time_zone.clone()).unwrap_or_default(),
            lead: self.preferences.as_ref().map(|preferences| preferences.lead_minutes).unwrap_or_default(),
        }
    }
}

pub(super) async fn find_wishing(cx: &Cx, film_id: FilmId, user_id: UserId) -> Result<Wishing, StoreError> {
    let mut batch = cx.store().batch();
    let film = batch.find::<Film>(&films::store::key(film_id));
    let wish = batch.find::<Wish>(&key(film_id, user_id));
    let head = batch.find::<WishHead>(&WishHead::key_of(film_id, shard_of(user_id)));
    let card = batch.find::<ContactCard>(&ContactCard::key_of(user_id));
    let preferences = batch.find::<Preferences>(&Preferences::key_of(user_id));
    let upcoming =
        cx.store().query(List::Film(film_id).partition()).between(listed_at(cx.now()), listed_at(Timestamp::MAX));
    // Both read what is committed. A screening that is added between the two has raised the head, or will.
    let (found, upcoming) = tokio::join!(batch.send(), upcoming.page::<ListedScreening>(PLANNED_WITH_WISH_MAX));
    let (mut found, upcoming) = (found?, upcoming?);
    Ok(Wishing {
        film: found.take(film)?,
        is_wished: found.take(wish)?.is_some(),
        head: found.take(head)?,
        card: found.take(card)?,
        preferences: found.take(preferences)?,
        has_more: upcoming.next.is_some(),
        upcoming: upcoming.items.into_iter().map(|listed| listed.screening).collect(),
    })
}

/// Stores a new wish with its reminders, if everything that they depend on is as it was seen.
///
/// [`Error::Raced`] when a screening was added or changed, or the person changed their lead time or zone, or made the
/// same wish, in between.
pub(super) async fn insert_new(cx: &Cx, wish: &Wish, seen: &Wishing, due: Vec<DueAlert>) -> Result<(), Error> {
    let Wish { id, user_id, film_id, created_at } = *wish;
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put_new(wish).or(|| Error::Raced);
    transaction.put_new(&WishedByUser { id, user_id, film_id, created_at });
    let film_is_shown = attr("deleted").eq(false);
    transaction.check(SCREENINGS, &films::store::key(film_id), film_is_shown).or(|| Error::FilmNotFound);
    let head = WishHead::key_of(film_id, shard_of(user_id));
    transaction.check(SCREENINGS, &head, WishHead::unchanged(seen.head.as_ref())).or(|| Error::Raced);
    let card = match &seen.card {
        Some(card) => attr("time_zone").eq(card.time_zone.as_str()),
        None => absent(),
    };
    transaction.check(CONTACTS, &ContactCard::key_of(user_id), card).or(|| Error::Raced);
    let preferences = match &seen.preferences {
        Some(preferences) => attr("version").eq(preferences.version),
        None => absent(),
    };
    transaction.check(NOTIFICATIONS, &Preferences::key_of(user_id), preferences).or(|| Error::Raced);
    for due in due {
        // One of before, when the person wished for the film and then no longer did, is the same.
        transaction.put(&due, exists().or(absent()));
    }
    if seen.has_more {
        transaction.put_new(&OutboxItem::plan(cx.new_id(), Plan::Person { user_id, after: None }));
    }
    transaction.send().await
}

/// Writes a wish unless there is one, with the plan of its reminders: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, wish: &Wish, plan_id: DeliveryId) -> Result<(), Error> {
    let Wish { id, user_id, film_id, created_at } = *wish;
    let mut transaction = store.transaction::<Error>();
    transaction.put_new(wish).or(|| Error::Raced);
    transaction.put_new(&WishedByUser { id, user_id, film_id, created_at });
    transaction.put(&OutboxItem::plan(plan_id, Plan::Person { user_id, after: None }), exists().or(absent()));
    match transaction.send().await {
        Err(Error::Raced) => Ok(()),
        outcome => outcome,
    }
}

pub(super) async fn find(cx: &Cx, film_id: FilmId, user_id: UserId) -> Result<Option<Wish>, StoreError> {
    cx.store().find(&key(film_id, user_id)).await
}

/// Takes a wish away, if it is still that one: of a wish that was made anew meanwhile, [`Error::Raced`].
pub(super) async fn delete(cx: &Cx, wish: &Wish) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    let unchanged = attr("id").eq(wish.id.to_string());
    transaction.delete(SCREENINGS, &key(wish.film_id, wish.user_id), unchanged).or(|| Error::Raced);
    // Written and deleted with the one above.
    transaction.delete(SCREENINGS, &WishedByUser::key_of(wish.user_id, wish.id), exists().or(absent()));
    transaction.send().await
}

/// A page of a person's wishes, the latest first, with their films. Wishes for films that are deleted are left out, so
/// a page may be short.
pub(super) async fn list_by_user(
    cx: &Cx,
    user_id: UserId,
    after: Option<WishId>,
    limit: u16,
) -> Result<(Vec<(WishedByUser, Film)>, Option<WishId>), StoreError> {
    let after = after.map(|id| WishedByUser::key_of(user_id, id));
    let wishes = cx.store().query(user_partition(user_id)).beginning_with("WISH#").after(after).backward();
    let page = wishes.page::<WishedByUser>(limit).await?;
    let next = page.next.and_then(|_| page.items.last()).map(|wish| wish.id);
    if page.items.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut batch = cx.store().batch();
    let films: Vec<_> = page.items.iter().map(|wish| batch.find::<Film>(&films::store::key(wish.film_id))).collect();
    let mut found = batch.send().await?;
    let mut wished = Vec::new();
    for (wish, slot) in page.items.into_iter().zip(films) {
        if let Some(film) = found.take(slot)?.filter(|film| !film.deleted) {
            wished.push((wish, film));
        }
    }
    Ok((wished, next))
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
        let any = exists().or(absent());
        transaction.update(SCREENINGS, &WishHead::key_of(film_id, shard), update, any);
    }
}
