//! Libraries, stored.
//!
//! Table `screenings`: the library at `pk = LIBRARY#<id>`, `sk = LIBRARY`, and, while it is not deleted, a copy at
//! `pk = LIBRARIES`, `sk = <folded name>\t<id>`. Patterns: one library by id; all, by name.
//!
//! A deletion looks for screenings to come and holds to the version that it read before. Every screening that comes to
//! the library raises that version, if the library is not deleted: so of the two only one happens.

use campus_aws::{SCREENINGS, Table};
use campus_domain::{Invalid, LibraryId};
use campus_endpoint::{Answer, Caller, Cx, SignedIn};
use campus_store::{Item, Key, Page, Store, Transaction, Update, attr, recopy_in, sort_key};
use serde::{Deserialize, Serialize};

use super::Library;
use crate::Error;

const PARTITION: &str = "LIBRARIES";

impl Item for Library {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "library";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a library is stored.
pub(crate) fn key(id: LibraryId) -> Key {
    Key::new(format!("LIBRARY#{id}"), "LIBRARY")
}

/// A library as it stands in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedLibrary {
    pub(crate) library: Library,
}

impl ListedLibrary {
    fn of(library: &Library) -> Option<Self> {
        (!library.deleted).then(|| Self { library: library.clone() })
    }
}

impl Item for ListedLibrary {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "listed_library";

    fn key(&self) -> Key {
        Key::new(PARTITION, sort_key(&self.library.name.folded(), self.library.id))
    }
}

/// A library that the caller may see.
pub(crate) async fn get_seen_by<A: SignedIn>(cx: &Cx, caller: &Caller<A>, id: LibraryId) -> Result<Library, Error> {
    let library = cx.store().find::<Library>(&key(id)).await?;
    library.filter(|library| !library.deleted || caller.is_staff()).ok_or(Error::LibraryNotFound)
}

/// Libraries by name, behind a place.
pub(crate) async fn list(cx: &Cx, after: Option<String>, limit: u16) -> Result<Page<ListedLibrary>, Error> {
    let after = after.map(|place| Key::new(PARTITION, place));
    Ok(cx.store().query(PARTITION).after(after).filled(limit).await?)
}

fn insert_in(transaction: &mut Transaction<'_, Error>, library: &Library) {
    // Only what writes fixed ids meets one that is there.
    transaction.put_new(library).or(|| Error::Raced);
    recopy_in(transaction, None, ListedLibrary::of(library));
}

pub(crate) async fn insert_new(cx: &Cx, library: &Library, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    insert_in(&mut transaction, library);
    cx.commit(transaction, answer).await
}

/// Writes a library unless there is one of its id: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, library: &Library) -> Result<(), Error> {
    let mut transaction = store.transaction();
    insert_in(&mut transaction, library);
    match transaction.send().await {
        Err(Error::Raced) => Ok(()),
        outcome => outcome,
    }
}

/// Changes a library that is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &Library, wished: &Library) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    transaction.put(wished, attr("version").eq(seen.version)).or(|| Error::Raced);
    recopy_in(&mut transaction, ListedLibrary::of(seen), ListedLibrary::of(wished));
    transaction.send().await
}

/// Makes the transaction of a screening that comes to a library depend on the library, and known to its deletion.
pub(crate) fn receive_in(transaction: &mut Transaction<'_, Error>, id: LibraryId) {
    let unknown = || Error::Fields(vec![("/library_id", Invalid::LibraryUnknown)]);
    let update = Update::new().add("version", 1);
    transaction.update(SCREENINGS, &key(id), update, attr("deleted").eq(false)).or(unknown);
}
