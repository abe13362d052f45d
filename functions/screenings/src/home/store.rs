//! The home page, stored.
//!
//! Table `screenings`, `pk = HOME`: one item. Pattern: that one. It is sent whole, and a change holds to the version that
//! was read: so of two at once the later has seen the earlier, and is told of it where its client asked to be.

use campus_aws::{SCREENINGS, Table};
use campus_endpoint::Cx;
use campus_store::{Item, Key, Store, absent, attr};

use super::HomePage;
use crate::Error;

impl Item for HomePage {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "home_page";

    fn key(&self) -> Key {
        key()
    }
}

fn key() -> Key {
    Key::alone("HOME")
}

/// What staff put on the home page; nothing, before they did.
pub(crate) async fn get(cx: &Cx) -> Result<HomePage, Error> {
    Ok(cx.store().find::<HomePage>(&key()).await?.unwrap_or_default())
}

/// Changes the page if it is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &HomePage, wished: &HomePage) -> Result<(), Error> {
    let version = attr("version");
    let is_still = if seen.version == 0 { version.is_missing() } else { version.eq(seen.version) };
    let mut transaction = cx.store().transaction();
    transaction.put(wished, is_still).or(|| Error::Raced);
    transaction.send().await
}

/// Writes the page unless there is one: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, page: &HomePage) -> Result<(), Error> {
    store.put(page, absent()).await?;
    Ok(())
}
