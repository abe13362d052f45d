//! Reading the items of one partition, a page at a time.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use crate::error::StoreError;
use crate::expression::Placeholders;
use crate::item::{Item, Key, decode};
use crate::store::{Store, into_error};

/// One page of a partition.
#[derive(Debug)]
pub struct Page<T> {
    /// The items, in the order of their sort keys.
    pub items: Vec<T>,
    /// The key to go on after; absent at the end.
    pub next: Option<Key>,
}

impl Store {
    /// Lists up to `limit` items of a partition whose sort keys begin with `prefix`, oldest key first,
    /// after the key `after`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn list<T: Item>(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&Key>,
        limit: u16,
    ) -> Result<Page<T>, StoreError> {
        let mut names = Placeholders::default();
        let mut condition = names.equal("pk", pk);
        if !prefix.is_empty() {
            condition = format!("{condition} AND {}", names.begins_with("sk", prefix));
        }
        let (names, values) = names.into_parts();
        let answer = self
            .client
            .query()
            .table_name(self.physical(T::TABLE))
            .key_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_exclusive_start_key(after.map(Key::attributes))
            .limit(limit.into())
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(into_error)?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key| {
            let text = |name| key.get(name).and_then(|value| value.as_s().ok()).cloned();
            Some(Key { pk: text("pk")?, sk: text("sk")? })
        });
        let items = answer.items.unwrap_or_default().into_iter().map(decode).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}
