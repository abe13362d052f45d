//! Schools, stored.
//!
//! Table `accounts`: the school at `pk = SCHOOL#<id>`, and, while it is not deleted, the claim of its name at
//! `pk = UNIQUE#school#<folded name>` and a copy at `pk = SCHOOLS`, `sk = <folded name>\t<id>`. Table `profiles`: while
//! it is not deleted, see `campus_messages::SchoolCard`. Patterns: one school by id; all by name, also those whose
//! names have one beginning; whether a name is taken, by its claim.
//!
//! A name is unique by its claim, written in the transaction of the school with the condition that there is none: of
//! any number of schools at once with the same name, one is added. A change holds to the version that was read, and so
//! do claim, copy and card, which it replaces in its transaction. A deletion gives the name up, so a restoration must
//! claim it anew.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::SchoolId;
use campus_endpoint::{Answer, Cx};
use campus_messages::{SchoolCard, SchoolName};
use campus_store::{Item, Key, Page, Store, Transaction, absent, attr, in_key, recopy_in, sort_key};
use serde::{Deserialize, Serialize};

use super::School;
use crate::Error;

const PARTITION: &str = "SCHOOLS";

impl Item for School {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "school";

    fn key(&self) -> Key {
        key(self.id)
    }
}

/// Where a school is stored.
pub(crate) fn key(id: SchoolId) -> Key {
    Key::alone(format!("SCHOOL#{id}"))
}

/// A school's claim of its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NameClaim {
    name: String,
    school_id: SchoolId,
}

impl NameClaim {
    fn of(school: &School) -> Option<Self> {
        let folded = school.name.folded();
        school.is_there().then(|| Self { name: in_key(&folded).to_owned(), school_id: school.id })
    }
}

impl Item for NameClaim {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "school_name";

    fn key(&self) -> Key {
        Key::alone(format!("UNIQUE#school#{}", self.name))
    }
}

/// A school as it stands in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListedSchool {
    pub(crate) school: School,
}

impl ListedSchool {
    fn of(school: &School) -> Option<Self> {
        school.is_there().then(|| Self { school: school.clone() })
    }
}

impl Item for ListedSchool {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "listed_school";

    fn key(&self) -> Key {
        Key::new(PARTITION, sort_key(&self.school.name.folded(), self.school.id))
    }
}

fn card_of(school: &School) -> Option<SchoolCard> {
    school.is_there().then(|| SchoolCard { id: school.id, name: school.name.clone() })
}

/// A school that the caller may see: one that is deleted, only if they are staff.
pub(crate) async fn get_seen_by(cx: &Cx, is_staff: bool, id: SchoolId) -> Result<School, Error> {
    let school = cx.store().find::<School>(&key(id)).await?;
    school.filter(|school| school.is_there() || is_staff).ok_or(Error::SchoolNotFound)
}

/// Schools by name, behind a place; only those whose names begin so, in any case and width, if a beginning is given.
pub(crate) async fn list(
    cx: &Cx,
    prefix: Option<&SchoolName>,
    after: Option<String>,
    limit: u16,
) -> Result<Page<ListedSchool>, Error> {
    let query = cx.store().query(PARTITION).after(after.map(|place| Key::new(PARTITION, place)));
    let query = match prefix {
        Some(prefix) => query.beginning_with(in_key(&prefix.folded())),
        None => query,
    };
    Ok(query.filled(limit).await?)
}

/// Puts claim, copy and card of a school as it is wished for in place of those that it had.
fn restate_in(transaction: &mut Transaction<'_, Error>, seen: Option<&School>, wished: &School) {
    let (old, new) = (seen.and_then(NameClaim::of), NameClaim::of(wished));
    if old != new {
        if let Some(new) = new {
            transaction.put_new(&new).or(|| Error::SchoolNameTaken);
        }
        if let Some(old) = old {
            // The school's own as long as the school is as it was seen.
            transaction.delete(ACCOUNTS, &old.key(), attr("school_id").eq(old.school_id.to_string()));
        }
    }
    recopy_in(transaction, seen.and_then(ListedSchool::of), ListedSchool::of(wished));
    recopy_in(transaction, seen.and_then(card_of), card_of(wished));
}

pub(crate) async fn insert_new(cx: &Cx, school: &School, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    transaction.put_new(school);
    restate_in(&mut transaction, None, school);
    cx.commit(transaction, answer).await
}

/// Writes a school unless there is one of its id or name: for demo data.
///
/// # Errors
///
/// Any of the store.
pub async fn insert_missing(store: &Store, school: &School) -> Result<(), Error> {
    let mut transaction = store.transaction();
    // A school of before there were versions stood in no list.
    transaction.put(school, absent().or(attr("version").is_missing())).or(|| Error::Raced);
    restate_in(&mut transaction, None, school);
    match transaction.send().await {
        Err(Error::Raced | Error::SchoolNameTaken) => Ok(()),
        outcome => outcome,
    }
}

/// Changes a school that is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &School, wished: &School) -> Result<(), Error> {
    let mut transaction = cx.store().transaction();
    // The school comes before the claim: when someone else gave it the same name just now, the next look finds nothing
    // left to change, rather than the name taken.
    transaction.put(wished, attr("version").eq(seen.version)).or(|| Error::Raced);
    restate_in(&mut transaction, Some(seen), wished);
    transaction.send().await
}
