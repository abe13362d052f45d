//! Exports: all that Campus keeps of a person, in parts that each domain writes for itself.
//!
//! Table `exports`: the export at `pk = USER#<user id>`, `sk = EXPORT#<export id>`; the parts at
//! `pk = EXPORT#<export id>`, `sk = PART#<domain>#<number>`, since an item holds no more than 400 kB. Patterns: a
//! person's exports; one by its ids; all parts of one. Everything in it expires.
//!
//! A domain's part is one transaction with the note in the export that it is there. So it is whole or not there at
//! all, a worker that comes twice or has a twin writes it once, and nobody writes to an export that was taken away or
//! is closed, as it is before a purge deletes it.

use std::collections::BTreeMap;

use campus_aws::{EXPORTS, Table};
use campus_domain::{ExportId, Timestamp, UserId};
use campus_store::{Condition, Item, Key, Store, StoreError, Update, absent, attr, exists};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account_event::{HEARERS, Hearer};

/// How long an export is kept.
const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Bytes of one item's text, below DynamoDB's 400 kB.
const ITEM_BYTES_MAX: usize = 300_000;
/// Bytes of one domain's part. The whole document must fit into an answer of Lambda, 6 MB with a backslash before
/// each quotation mark: there is room for five such parts.
const PART_BYTES_MAX: usize = 1_000_000;
/// Parts are read by as much as DynamoDB hands out at a time; no export has more items than this.
const ITEMS_MAX: usize = 100;

/// Where the document says how much was too much.
const LEFT_OUT: &str = "left_out";

/// An export that a person has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// Whose.
    pub user_id: UserId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The domains whose parts belong to it.
    pub domains: Vec<String>,
    /// Of each domain that has written its part, how many items that has.
    pub parts: BTreeMap<String, u32>,
    /// Nothing is written any more: it is about to be deleted.
    pub closed: bool,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Export {
    /// An export that is asked for now.
    #[must_use]
    pub fn new(id: ExportId, user_id: UserId, now: Timestamp) -> Self {
        Self {
            id,
            user_id,
            created_at: now,
            domains: HEARERS.iter().map(|hearer| hearer.domain.to_owned()).collect(),
            parts: BTreeMap::new(),
            closed: false,
            expires_at: now.plus_seconds(KEPT_SECONDS),
        }
    }

    /// Whether every domain has written its part.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.domains.iter().all(|domain| self.parts.contains_key(domain))
    }

    /// Whether it can be looked at: the table's own deletion may be days late.
    #[must_use]
    pub fn is_there(&self, now: Timestamp) -> bool {
        !self.closed && self.expires_at > now
    }

    /// What the sort keys of exports begin with.
    pub const PREFIX: &'static str = "EXPORT#";

    /// The partition of a person's exports.
    #[must_use]
    pub fn partition_of(user_id: UserId) -> String {
        format!("USER#{user_id}")
    }

    /// Where an export is.
    #[must_use]
    pub fn key_of(user_id: UserId, id: ExportId) -> Key {
        Key::new(Self::partition_of(user_id), format!("{}{id}", Self::PREFIX))
    }

    /// Where its parts are, as far as they are written.
    pub fn keys_of_parts(&self) -> impl Iterator<Item = Key> {
        self.parts.iter().flat_map(|(domain, items)| (0..*items).map(|item| part_key(self.id, domain, item)))
    }
}

impl Item for Export {
    const TABLE: Table = EXPORTS;
    const KIND: &'static str = "export";

    fn key(&self) -> Key {
        Self::key_of(self.user_id, self.id)
    }
}

/// An item of a domain's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ExportPart {
    export_id: ExportId,
    domain: String,
    /// Which of how many.
    number: u32,
    of: u32,
    /// A piece of the part, which is a JSON object.
    text: String,
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
}

impl Item for ExportPart {
    const TABLE: Table = EXPORTS;
    const KIND: &'static str = "export_part";

    fn key(&self) -> Key {
        part_key(self.export_id, &self.domain, self.number)
    }
}

fn partition_of_parts(id: ExportId) -> String {
    format!("EXPORT#{id}")
}

fn part_key(id: ExportId, domain: &str, number: u32) -> Key {
    Key::new(partition_of_parts(id), format!("PART#{domain}#{number:02}"))
}

/// Why a part was not written.
enum Unwritten {
    /// It is there, or the export is not any more.
    Unwanted,
    Failed(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Writes a domain's part of an export: members of the document. Nothing, where it is written or nobody waits for it.
///
/// What is too much for one answer is left out, the ends of the longest lists first, which are in the order of newest
/// first; the member `left_out` then says how many of what.
///
/// # Errors
///
/// Any [`StoreError`].
pub async fn write_part(
    store: &Store,
    hearer: Hearer,
    user_id: UserId,
    export_id: ExportId,
    expires_at: Timestamp,
    members: Map<String, Value>,
) -> Result<(), StoreError> {
    let pieces = in_pieces(&fitted(members).to_string(), ITEM_BYTES_MAX);
    let of = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    let mut transaction = store.transaction::<Unwritten>();
    let wanted: Condition = exists().and(attr("closed").eq(false)).and(attr(hearer.part).is_missing());
    let written = Update::new().set(hearer.part, of);
    transaction.update(EXPORTS, &Export::key_of(user_id, export_id), written, wanted).or(|| Unwritten::Unwanted);
    for (text, number) in pieces.into_iter().zip(0..) {
        let part = ExportPart { export_id, domain: hearer.domain.to_owned(), number, of, text, expires_at };
        // As good as the export, which knows of none.
        transaction.put(&part, exists().or(absent()));
    }
    match transaction.send().await {
        Ok(()) | Err(Unwritten::Unwanted) => Ok(()),
        Err(Unwritten::Failed(error)) => Err(error),
    }
}

/// The members of all parts of an export that are whole; `None` if there are none (any more).
///
/// # Errors
///
/// Any [`StoreError`].
pub async fn read_parts(store: &Store, id: ExportId) -> Result<Option<Map<String, Value>>, StoreError> {
    let parts: Vec<ExportPart> = store.query(partition_of_parts(id)).beginning_with("PART#").all(ITEMS_MAX).await?;
    let mut members = Map::new();
    // In the order of their keys, so each domain's are together.
    for parts in parts.chunk_by(|one, next| one.domain == next.domain) {
        if parts.first().is_some_and(|first| usize::try_from(first.of) != Ok(parts.len())) {
            return Ok(None);
        }
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        let mut part: Map<String, Value> = serde_json::from_str(&text)
            .map_err(|_| StoreError::Invalid("a part of an export is no JSON object".to_owned()))?;
        // The one member that each may have.
        if let (Some(Value::Object(others)), Some(Value::Object(left_out))) =
            (members.get(LEFT_OUT).cloned(), part.get_mut(LEFT_OUT))
        {
            left_out.extend(others);
        }
        members.extend(part);
    }
    Ok((!members.is_empty()).then_some(members))
}

/// The text in pieces of so many bytes at most.
fn in_pieces(text: &str, bytes_max: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(bytes_max));
        pieces.push(piece.to_owned());
        rest = after;
    }
    pieces
}

/// The members without what is too much.
fn fitted(mut members: Map<String, Value>) -> Value {
    let mut left_out = Map::new();
    for name in members.keys().cloned().collect::<Vec<_>>() {
        while length_of(&members) > PART_BYTES_MAX {
            let Some((path, list)) = members.get_mut(&name).and_then(|member| longest_list(&name, member)) else {
                break;
            };
            let kept = list.len() / 2;
            let count = list.split_off(kept).len();
            let before = left_out.get(&path).and_then(Value::as_u64).unwrap_or_default();
            left_out.insert(path, json!(before + count as u64));
        }
    }
    if !left_out.is_empty() {
        members.insert(LEFT_OUT.to_owned(), left_out.into());
    }
    members.into()
}

fn length_of(members: &Map<String, Value>) -> usize {
    serde_json::to_string(members).map_or(usize::MAX, |text| text.len())
}

/// The longest list that is not empty in a member, or the member itself; with what it is called.
fn longest_list<'a>(name: &str, member: &'a mut Value) -> Option<(String, &'a mut Vec<Value>)> {
    let lists: Vec<(String, &mut Vec<Value>)> = match member {
        Value::Array(list) => vec![(name.to_owned(), list)],
        Value::Object(members) => members
            .iter_mut()
            .filter_map(|(inner, member)| Some((format!("{name}.{inner}"), member.as_array_mut()?)))
            .collect(),
        _ => Vec::new(),
    };
    lists.into_iter().filter(|(_, list)| !list.is_empty()).max_by_key(|(_, list)| list.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(wishes: usize) -> Map<String, Value> {
        let wishes: Vec<Value> = (0..wishes).map(|number| json!({ "film": format!("영화 {number:0100}") })).collect();
        let Value::Object(members) = json!({ "screenings": { "seen": [1, 2], "wishes": wishes } }) else {
            unreachable!("it is an object")
        };
        members
    }

    #[test]
    fn what_fits_is_whole_and_what_is_too_much_loses_the_ends_of_its_longest_lists() {
        assert_eq!(fitted(members(100)), Value::Object(members(100)));
        let cut = fitted(members(20_000));
        assert!(cut.to_string().len() <= PART_BYTES_MAX + 100);
        let kept = cut["screenings"]["wishes"].as_array().expect("it is a list");
        assert_eq!(kept[..], members(kept.len())["screenings"]["wishes"].as_array().expect("it is a list")[..]);
        assert_eq!(cut["left_out"], json!({ "screenings.wishes": 20_000 - kept.len() }));
        assert_eq!(cut["screenings"]["seen"], json!([1, 2]));
    }

    #[test]
    fn a_text_is_the_same_when_its_pieces_are_put_together() {
        let text = "영화 a".repeat(1000);
        let pieces = in_pieces(&text, 100);
        assert!(pieces.iter().all(|piece| piece.len() <= 100) && pieces.len() > 70);
        assert_eq!(pieces.concat(), text);
    }

    #[test]
    fn an_export_is_ready_when_every_domain_that_was_asked_has_written() {
        let now = Timestamp::from_epoch_seconds(0);
        let mut export = Export::new(ExportId::from_parts(1, [1; 10]), UserId::from_parts(1, [2; 10]), now);
        for hearer in HEARERS {
            assert!(!export.is_ready());
            export.parts.insert(hearer.domain.to_owned(), 2);
        }
        assert!(export.is_ready());
        assert_eq!(export.keys_of_parts().count(), 2 * HEARERS.len());
        let (last, over) = (export.expires_at.plus_seconds(-1), export.expires_at);
        assert!(export.is_there(last) && !export.is_there(over));
        assert!(!Export { closed: true, ..export }.is_there(now));
    }
}
