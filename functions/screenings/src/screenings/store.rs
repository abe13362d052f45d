//! Screenings, stored.
//!
//! Table `screenings`: the screening at `pk = SCREENING#<id>`, and, while it is not cancelled, a copy of it for each
//! way that screenings are listed, in the order of their beginnings: `pk = FILM#<film id>`, `LIBRARY#<library id>` and
//! `SCREENINGS`, `sk = SCREENING#<starts_at>#<id>`. Patterns: one screening by id; those of a film, of a library and
//! all, within a time.
//!
//! A change rewrites the copies in its transaction, which holds to the screening's version. Few write here, and many
//! read, with one query. Names of films and libraries are not copied: they are read anew with every view.

use std::collections::HashMap;

use anyhow::Context;
use campus_aws::{SCREENINGS, Table};
use campus_domain::{FilmId, Invalid, LibraryId, ScreeningId, Timestamp};
use campus_endpoint::{Answer, Caller, Cx, SignedIn};
use campus_messages::{OutboxItem, Plan, ScreeningEvent};
use campus_store::{Item, Key, Page, Store, Transaction, attr, recopy_in};
use serde::{Deserialize, Serialize};

use super::{Screening, ScreeningView};
use crate::Error;
use crate::films::{self, Film};
use crate::libraries::{self, Library};
use crate::wishes::store::{WISH_SHARDS, raise_heads_in};

impl Item for Screening {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "screening";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a screening is stored.
pub(crate) fn key(id: ScreeningId) -> Key {
    Key::alone(format!("SCREENING#{id}"))
}

/// A list of screenings: one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum List {
    /// Of a film.
    Film(FilmId),
    /// Of a library.
    Library(LibraryId),
    /// All.
    All,
}

impl List {
    pub(crate) fn partition(self) -> String {
        match self {
            Self::Film(id) => format!("FILM#{id}"),
            Self::Library(id) => format!("LIBRARY#{id}"),
            Self::All => "SCREENINGS".to_owned(),
        }
    }

    /// The lists that a screening is in.
    pub(crate) fn of(screening: &Screening) -> [Self; 3] {
        [Self::Film(screening.film_id), Self::Library(screening.library_id), Self::All]
    }
}

/// The sort key of screenings that begin then; with an id behind it, of one.
pub(crate) fn listed_at(starts_at: Timestamp) -> String {
    format!("SCREENING#{starts_at}#")
}

/// A screening as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedScreening {
    pub(crate) list: List,
    pub(crate) screening: Screening,
}

impl ListedScreening {
    /// The copies that there are of a screening.
    fn all_of(screening: &Screening) -> impl Iterator<Item = Self> {
        let lists = List::of(screening).into_iter().filter(|_| !screening.cancelled);
        lists.map(|list| Self { list, screening: screening.clone() })
    }

    /// Where a screening stands in a list.
    pub(crate) fn key_in(list: List, screening: &Screening) -> Key {
        Key::new(list.partition(), format!("{}{}", listed_at(screening.starts_at), screening.id))
    }
}

impl Item for ListedScreening {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "listed_screening";

    fn key(&self) -> Key {
        Self::key_in(self.list, &self.screening)
    }
}

/// A screening that the caller may see.
pub(crate) async fn get_seen_by<A: SignedIn>(cx: &Cx, caller: &Caller<A>, id: ScreeningId) -> Result<Screening, Error> {
    let screening = cx.store().find::<Screening>(&key(id)).await?;
    screening.filter(|screening| !screening.cancelled || caller.is_staff()).ok_or(Error::ScreeningNotFound)
}

/// Which screenings of a list.
pub(crate) struct Wanted {
    pub(crate) film_id: Option<FilmId>,
    pub(crate) library_id: Option<LibraryId>,
    pub(crate) from: Timestamp,
    pub(crate) to: Option<Timestamp>,
}

impl Wanted {
    /// The list to look through. Few screenings are of one film, so that goes before the library.
    fn list(&self) -> List {
        match (self.film_id, self.library_id) {
            (Some(film_id), _) => List::Film(film_id),
            (None, Some(library_id)) => List::Library(library_id),
            (None, None) => List::All,
        }
    }
}

/// Screenings in the order of their beginnings, behind a place.
pub(crate) async fn list(
    cx: &Cx,
    wanted: &Wanted,
    after: Option<String>,
    limit: u16,
) -> Result<Page<ListedScreening>, Error> {
    let partition = wanted.list().partition();
    let end = wanted.to.map_or_else(|| listed_at_last().to_owned(), |to| format!("{}~", listed_at(to)));
    let after = after.map(|place| Key::new(partition.clone(), place));
    let query = cx.store().query(partition).between(listed_at(wanted.from), end).after(after);
    let query = match (wanted.film_id, wanted.library_id) {
        (Some(_), Some(library_id)) => query.only(attr("screening.library_id").eq(library_id.to_string())),
        _ => query,
    };
    Ok(query.filled(limit).await?)
}

/// Behind every screening of a list.
const fn listed_at_last() -> &'static str {
    "SCREENING#~"
}

/// Whether screenings of a list are still to come.
pub(crate) async fn has_upcoming(cx: &Cx, list: List) -> Result<bool, Error> {
    let query = cx.store().query(list.partition()).between(listed_at(cx.now()), listed_at_last());
    Ok(!query.page::<ListedScreening>(1).await?.items.is_empty())
}

/// Films and libraries, for the names of screenings.
pub(crate) struct Named {
    films: HashMap<FilmId, Film>,
    libraries: HashMap<LibraryId, Library>,
}

impl Named {
    /// The screening as it is shown.
    pub(crate) fn view(&self, screening: Screening) -> Result<ScreeningView, Error> {
        // Neither is ever deleted for good.
        let film = self.films.get(&screening.film_id).context("a screening of no film")?;
        let library = self.libraries.get(&screening.library_id).context("a screening in no library")?;
        Ok(ScreeningView::new(screening, film, library))
    }

    /// Whether a screening may come to them: everything that is in the way.
    pub(crate) fn check(&self, film_id: FilmId, library_id: LibraryId) -> Result<(), Error> {
        let film_known = self.films.get(&film_id).is_some_and(|film| !film.deleted);
        let library_known = self.libraries.get(&library_id).is_some_and(|library| !library.deleted);
        let checks =
            [(library_known, "/library_id", Invalid::LibraryUnknown), (film_known, "/film_id", Invalid::FilmUnknown)];
        let wrong: Vec<_> =
            checks.into_iter().filter(|(known, ..)| !known).map(|(_, pointer, invalid)| (pointer, invalid)).collect();
        if wrong.is_empty() { Ok(()) } else { Err(Error::Fields(wrong)) }
    }
}

/// Reads films and libraries together.
pub(crate) async fn find_named(
    cx: &Cx,
    films: impl IntoIterator<Item = FilmId>,
    libraries: impl IntoIterator<Item = LibraryId>,
) -> Result<Named, Error> {
    let mut batch = cx.store().batch();
    let films: HashMap<_, _> = films.into_iter().map(|id| (id, batch.find::<Film>(&films::store::key(id)))).collect();
    let libraries: HashMap<_, _> =
        libraries.into_iter().map(|id| (id, batch.find::<Library>(&libraries::store::key(id)))).collect();
    let mut found = batch.send().await?;
    let mut named = Named { films: HashMap::new(), libraries: HashMap::new() };
    for (id, slot) in films {
        named.films.extend(found.take(slot)?.map(|film| (id, film)));
    }
    for (id, slot) in libraries {
        named.libraries.extend(found.take(slot)?.map(|library| (id, library)));
    }
    Ok(named)
}

/// Listed screenings as they are shown.
pub(crate) async fn views(cx: &Cx, listed: Vec<ListedScreening>) -> Result<Vec<ScreeningView>, Error> {
    let screenings: Vec<Screening> = listed.into_iter().map(|listed| listed.screening).collect();
    let films = screenings.iter().map(|screening| screening.film_id);
    let named = find_named(cx, films, screenings.iter().map(|screening| screening.library_id)).await?;
    screenings.into_iter().map(|screening| named.view(screening)).collect()
}

pub(crate) async fn insert_new(cx: &Cx, screening: &Screening, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    write_in(cx, &mut transaction, None, screening);
    cx.commit(transaction, answer).await
}

/// Changes a screening that is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &Screening, wished: &Screening) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    write_in(cx, &mut transaction, Some(seen), wished);
    transaction.send().await
}

/// Writes a screening that is new, or still as it was seen, with all that goes along: its copies, and, if there is news
/// of it, the heads of its film's wishes and the plans to tell those who wished, unless it is over.
fn write_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, seen: Option<&Screening>, wished: &Screening) {
    match seen {
        None => transaction.put_new(wished),
        Some(seen) => transaction.put(wished, attr("version").eq(seen.version)),
    }
    .or(|| Error::Raced);
    recopy_in(transaction, seen.into_iter().flat_map(ListedScreening::all_of), ListedScreening::all_of(wished));
    let Some(event) = wished.news_since(seen) else { return };
    if event != ScreeningEvent::Cancelled {
        films::store::check_in(transaction, wished.film_id);
        libraries::store::receive_in(transaction, wished.library_id);
    }
    raise_heads_in(transaction, wished.film_id);
    if seen.into_iter().chain([wished]).all(|screening| screening.starts_at <= cx.now()) {
        return;
    }
    for shard in 0..WISH_SHARDS {
        let (screening_id, revision) = (wished.id, wished.revision);
        let plan = Plan::Screening { screening_id, revision, event, shard, after: None };
        transaction.put_new(&OutboxItem::plan(cx.new_id(), plan));
    }
}

/// Writes a screening unless there is one of its id, and tells nobody: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, screening: &Screening) -> Result<(), Error> {
    let mut transaction = store.transaction();
    transaction.put_new(screening).or(|| Error::Raced);
    recopy_in(&mut transaction, None, ListedScreening::all_of(screening));
    match transaction.send().await {
        Err(Error::Raced) => Ok(()),
        outcome => outcome,
    }
}
