//! Reading the items of one partition, a page at a time.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use crate::error::StoreError;
use crate::expression::{Condition, Placeholders};
use crate::item::{Item, Key, decode};
use crate::store::{Store, into_error};

/// One page of a partition.
#[derive(Debug)]
pub struct Page<T> {
    /// The items, in the order of their sort keys.
    pub items: Vec<T>,
    /// The key to go on after; absent at the end. There may be one though the page has few items, or none: those that
    /// a condition left out count for the page, too.
    pub next: Option<Key>,
}

/// How many items a call looks at where a condition leaves some out.
const SIFTED_PER_CALL: u16 = 250;
/// Calls that fill one page.
const CALLS_PER_PAGE_MAX: u32 = 4;

/// Which sort keys.
#[derive(Debug, Clone)]
enum Range {
    All,
    BeginningWith(String),
    Between(String, String),
}

/// A consistent read of one partition, to be made.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    store: &'a Store,
    pk: String,
    range: Range,
    only: Option<Condition>,
    after: Option<Key>,
    backward: bool,
}

impl<'a> Query<'a> {
    pub(crate) fn new(store: &'a Store, pk: String) -> Self {
        Self { store, pk, range: Range::All, only: None, after: None, backward: false }
    }

    /// Of sort keys with this beginning.
    #[must_use]
    pub fn beginning_with(self, prefix: impl Into<String>) -> Self {
        Self { range: Range::BeginningWith(prefix.into()), ..self }
    }

    /// Of sort keys from the first to the last, both included.
    #[must_use]
    pub fn between(self, first: impl Into<String>, last: impl Into<String>) -> Self {
        Self { range: Range::Between(first.into(), last.into()), ..self }
    }

    /// Without the items that the condition does not hold for. They are read and paid for all the same.
    #[must_use]
    pub fn only(self, condition: Condition) -> Self {
        Self { only: Some(condition), ..self }
    }

    /// Behind this key.
    #[must_use]
    pub fn after(self, key: Option<Key>) -> Self {
        Self { after: key, ..self }
    }

    /// The last sort key first.
    #[must_use]
    pub fn backward(self) -> Self {
        Self { backward: true, ..self }
    }

    /// Reads up to `limit` items.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn page<T: Item>(&self, limit: u16) -> Result<Page<T>, StoreError> {
        let mut names = Placeholders::default();
        let mut condition = names.equal("pk", &self.pk);
        match &self.range {
            Range::All => {}
            Range::BeginningWith(prefix) => {
                condition = format!("{condition} AND {}", names.begins_with("sk", prefix));
            }
            Range::Between(first, last) => condition = format!("{condition} AND {}", names.between("sk", first, last)),
        }
        let filter = self.only.as_ref().map(|only| only.render(&mut names));
        let (names, values) = names.into_parts();
        let answer = self
            .store
            .client
            .query()
            .table_name(self.store.physical(T::TABLE))
            .key_condition_expression(condition)
            .set_filter_expression(filter)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_exclusive_start_key(self.after.as_ref().map(Key::attributes))
            .scan_index_forward(!self.backward)
            .limit(limit.into())
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(into_error)?;
        let next = answer.last_evaluated_key.as_ref().and_then(key_in);
        let items = answer.items.unwrap_or_default().into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }

    /// Reads up to `limit` items that the condition holds for, and on where it leaves many out.
    ///
    /// There is a next page only if there is an item for it, or if 1,000 were looked at: then this one may have few
    /// items, or none.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn filled<T: Item>(&self, limit: u16) -> Result<Page<T>, StoreError> {
        let (mut query, most) = (self.clone(), usize::from(limit));
        // One more than asked for tells whether there is another page.
        let per_call = if self.only.is_some() { SIFTED_PER_CALL } else { limit + 1 };
        let mut items: Vec<T> = Vec::new();
        for _ in 0..CALLS_PER_PAGE_MAX {
            let page = query.page(per_call).await?;
            items.extend(page.items);
            query.after = page.next;
            if items.len() > most {
                items.truncate(most);
                let next = items.last().map(Item::key);
                return Ok(Page { items, next });
            }
            if query.after.is_none() {
                break;
            }
        }
        Ok(Page { items, next: query.after })
    }

    /// Reads all items, but no more than `most`: for partitions whose size is bounded by other means.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn all<T: Item>(mut self, most: usize) -> Result<Vec<T>, StoreError> {
        let mut items = Vec::new();
        loop {
            let left = u16::try_from(most - items.len()).unwrap_or(u16::MAX);
            let page = self.page(left).await?;
            items.extend(page.items);
            self.after = page.next;
            if self.after.is_none() || items.len() >= most {
                return Ok(items);
            }
        }
    }
}

/// The key of an item, or of a page's end.
pub(crate) fn key_in(attributes: &HashMap<String, AttributeValue>) -> Option<Key> {
    let text = |name| attributes.get(name).and_then(|value| value.as_s().ok()).cloned();
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}
