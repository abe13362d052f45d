//! Films, stored.
//!
//! Table `screenings`: the film at `pk = FILM#<id>`, `sk = FILM`, and, while it is not deleted, a copy at `pk = FILMS`,
//! `sk = <folded title>\t<id>`. Patterns: one film by id; all, by title, also those with a text in one of their titles.
//!
//! A deletion looks for screenings to come and holds to the heads of the film's wishes as it read them before. Every
//! new screening raises those, if the film is not deleted: so of the two only one happens.

use campus_aws::{SCREENINGS, Table};
use campus_domain::{FilmId, Invalid, Line};
use campus_endpoint::{Answer, Caller, Cx, SignedIn};
use campus_store::{Item, Key, Page, Store, Transaction, attr, recopy_in, sort_key};
use serde::{Deserialize, Serialize};

use super::Film;
use crate::Error;
use crate::wishes::store::{WISH_SHARDS, WishHead};

const PARTITION: &str = "FILMS";

impl Item for Film {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "film";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a film is stored.
pub(crate) fn key(id: FilmId) -> Key {
    Key::new(format!("FILM#{id}"), "FILM")
}

/// A film as it stands in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedFilm {
    pub(crate) film: Film,
    /// Its titles, folded: what is searched.
    search: String,
}

impl ListedFilm {
    fn of(film: &Film) -> Option<Self> {
        let titles: Vec<String> =
            [Some(&film.title), film.original_title.as_ref()].into_iter().flatten().map(Line::folded).collect();
        // No text that is searched for has a line's end in it.
        (!film.deleted).then(|| Self { film: film.clone(), search: titles.join("\n") })
    }
}

impl Item for ListedFilm {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "listed_film";

    fn key(&self) -> Key {
        Key::new(PARTITION, sort_key(&self.film.title.folded(), self.film.id))
    }
}

/// A film that the caller may see.
pub(crate) async fn get_seen_by<A: SignedIn>(cx: &Cx, caller: &Caller<A>, id: FilmId) -> Result<Film, Error> {
    let film = cx.store().find::<Film>(&key(id)).await?;
    film.filter(|film| !film.deleted || caller.is_staff()).ok_or(Error::FilmNotFound)
}

/// Films by title, behind a place; only those with the text in a title, if one is given.
pub(crate) async fn list<const MAX: usize>(
    cx: &Cx,
    text: Option<&Line<MAX>>,
    after: Option<String>,
    limit: u16,
) -> Result<Page<ListedFilm>, Error> {
    let query = cx.store().query(PARTITION).after(after.map(|place| Key::new(PARTITION, place)));
    let query = match text {
        Some(text) => query.only(attr("search").contains(&text.folded())),
        None => query,
    };
    Ok(query.filled(limit).await?)
}

fn insert_in(transaction: &mut Transaction<'_, Error>, film: &Film) {
    // Only what writes fixed ids meets one that is there.
    transaction.put_new(film).or(|| Error::Raced);
    recopy_in(transaction, None, ListedFilm::of(film));
}

pub(crate) async fn insert_new(cx: &Cx, film: &Film, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    insert_in(&mut transaction, film);
    cx.commit(transaction, answer).await
}

/// Writes a film unless there is one of its id: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, film: &Film) -> Result<(), Error> {
    let mut transaction = store.transaction();
    insert_in(&mut transaction, film);
    match transaction.send().await {
        Err(Error::Raced) => Ok(()),
        outcome => outcome,
    }
}

fn replace_in(transaction: &mut Transaction<'_, Error>, seen: &Film, wished: &Film) {
    transaction.put(wished, attr("version").eq(seen.version)).or(|| Error::Raced);
    recopy_in(transaction, ListedFilm::of(seen), ListedFilm::of(wished));
}

/// Changes a film that is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &Film, wished: &Film) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    replace_in(&mut transaction, seen, wished);
    transaction.send().await
}

/// A film with what each new screening of it changes.
pub(crate) struct WithHeads {
    pub(crate) film: Film,
    heads: Vec<Option<WishHead>>,
}

pub(crate) async fn get_with_heads(cx: &Cx, id: FilmId) -> Result<WithHeads, Error> {
    let mut batch = cx.store().batch();
    let film = batch.find::<Film>(&key(id));
    let heads: Vec<_> = (0..WISH_SHARDS).map(|shard| batch.find::<WishHead>(&WishHead::key_of(id, shard))).collect();
    let mut found = batch.send().await?;
    let film = found.take(film)?.ok_or(Error::FilmNotFound)?;
    let heads = heads.into_iter().map(|slot| found.take(slot)).collect::<Result<_, _>>()?;
    Ok(WithHeads { film, heads })
}

/// Deletes a film that has no other screenings than when its heads were read.
pub(crate) async fn delete_seen(cx: &Cx, seen: &WithHeads) -> Result<(), Error> {
    let WithHeads { film, heads } = seen;
    let mut transaction = cx.store().transaction();
    let wished = Film { deleted: true, updated_at: cx.now(), version: film.version + 1, ..film.clone() };
    replace_in(&mut transaction, film, &wished);
    for (shard, head) in (0..).zip(heads) {
        let unchanged = WishHead::unchanged(head.as_ref());
        transaction.check(SCREENINGS, &WishHead::key_of(film.id, shard), unchanged).or(|| Error::Raced);
    }
    transaction.send().await
}

/// Makes the transaction of a screening depend on its film being there.
pub(crate) fn check_in(transaction: &mut Transaction<'_, Error>, id: FilmId) {
    let unknown = || Error::Fields(vec![("/film_id", Invalid::FilmUnknown)]);
    transaction.check(SCREENINGS, &key(id), attr("deleted").eq(false)).or(unknown);
}
