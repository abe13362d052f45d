//! The home page, stored.
//!
//! Table `screenings`, `pk = HOME`: one item. Pattern: that one.

use campus_aws::{SCREENINGS, Table};
use campus_endpoint::Cx;
use campus_store::{Item, Key, Store, absent, whatever};

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

/// What staff put on the home page, if anything yet.
pub(crate) async fn find(cx: &Cx) -> Result<Option<HomePage>, Error> {
    Ok(cx.store().find::<HomePage>(&key()).await?)
}

/// Puts the page in place of whatever there is: it is sent whole, so the last one counts.
pub(crate) async fn replace(cx: &Cx, page: &HomePage) -> Result<(), Error> {
    cx.store().put(page, whatever()).await?;
    Ok(())
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
