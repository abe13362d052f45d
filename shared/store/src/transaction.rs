//! Transactions: all parts or none, each part's condition tied to the error that its refusal means.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update as UpdatePart,
};
use campus_aws::Table;

use crate::error::{Failure, StoreError, classify};
use crate::expression::{Condition, Names, Placeholders, Update, Values, absent};
use crate::item::{Attributes, Item, Key, encode};
use crate::retry::settle;
use crate::store::Store;

/// DynamoDB takes at most this many parts in one transaction.
pub const TRANSACTION_PARTS_MAX: usize = 100;

/// A transaction being put together.
///
/// The SDK sends each with a token of its own, so that one whose answer was lost takes effect once
/// however often it is sent within ten minutes.
pub struct Transaction<'a, E> {
    store: &'a Store,
    parts: Vec<Part<E>>,
    unwritable: Option<StoreError>,
}

/// One part of a transaction.
pub struct Part<E> {
    write: TransactWriteItem,
    refusal: Option<Box<dyn FnOnce(Option<Attributes>) -> E + Send>>,
}

impl<E> Part<E> {
    /// What it means when the condition of this part does not hold. When several do not, the first
    /// part's meaning counts.
    pub fn or(&mut self, refusal: impl FnOnce() -> E + Send + 'static) {
        self.refusal = Some(Box::new(|_| refusal()));
    }

    /// The same, told by the item as it is.
    pub fn or_else(&mut self, refusal: impl FnOnce(Option<Attributes>) -> E + Send + 'static) {
        self.refusal = Some(Box::new(refusal));
    }
}

impl<'a, E: From<StoreError>> Transaction<'a, E> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, parts: Vec::new(), unwritable: None }
    }

    /// Writes an item that must not be there yet.
    pub fn put_new<T: Item>(&mut self, item: &T) -> &mut Part<E> {
        self.put(item, absent())
    }

    /// Writes an item if the condition holds.
    pub fn put<T: Item>(&mut self, item: &T, condition: Condition) -> &mut Part<E> {
        let attributes = encode(item).unwrap_or_else(|error| {
            self.unwritable = Some(error);
            Attributes::new()
        });
        let (condition, names, values) = rendered(None, condition);
        let put = Put::builder()
            .table_name(self.store.physical(T::TABLE))
            .set_item(Some(attributes))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.push(put.build().map(|put| TransactWriteItem::builder().put(put)))
    }

    /// Changes an item if the condition holds.
    pub fn update(&mut self, table: Table, key: &Key, update: Update, condition: Condition) -> &mut Part<E> {
        let mut placeholders = Placeholders::default();
        let update = update.render(&mut placeholders);
        let (condition, names, values) = rendered(Some(placeholders), condition);
        let update = UpdatePart::builder()
            .table_name(self.store.physical(table))
            .set_key(Some(key.attributes()))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        self.push(update.build().map(|update| TransactWriteItem::builder().update(update)))
    }

    /// The same as [`Self::update`], as the first part: what its refusal means goes before what others' mean.
    pub fn update_first(&mut self, table: Table, key: &Key, update: Update, condition: Condition) -> &mut Part<E> {
        self.update(table, key, update, condition);
        self.parts.rotate_right(1);
        &mut self.parts[0]
    }

    /// Deletes an item if the condition holds.
    pub fn delete(&mut self, table: Table, key: &Key, condition: Condition) -> &mut Part<E> {
        let (condition, names, values) = rendered(None, condition);
        let delete = Delete::builder()
            .table_name(self.store.physical(table))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.push(delete.build().map(|delete| TransactWriteItem::builder().delete(delete)))
    }

    /// Makes the transaction depend on an item that it does not change.
    pub fn check(&mut self, table: Table, key: &Key, condition: Condition) -> &mut Part<E> {
        let (condition, names, values) = rendered(None, condition);
        let check = ConditionCheck::builder()
            .table_name(self.store.physical(table))
            .set_key(Some(key.attributes()))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values);
        self.push(check.build().map(|check| TransactWriteItem::builder().condition_check(check)))
    }

    fn push(
        &mut self,
        write: Result<aws_sdk_dynamodb::types::builders::TransactWriteItemBuilder, aws_sdk_dynamodb::error::BuildError>,
    ) -> &mut Part<E> {
        let write = match write {
            Ok(write) => write.build(),
            Err(error) => {
                self.unwritable = Some(StoreError::Invalid(error.to_string()));
                TransactWriteItem::builder().build()
            }
        };
        self.parts.push(Part { write, refusal: None });
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// Carries it out. A conflict with another transaction is retried; a refused condition is not.
    ///
    /// # Errors
    ///
    /// The meaning of the first refused part, or any [`StoreError`].
    pub async fn send(self) -> Result<(), E> {
        if let Some(error) = self.unwritable {
            return Err(error.into());
        }
        // DynamoDB refuses to do nothing.
        if self.parts.is_empty() {
            return Ok(());
        }
        if self.parts.len() > TRANSACTION_PARTS_MAX {
            return Err(StoreError::Invalid("a transaction has too many parts".into()).into());
        }
        let (writes, refusals): (Vec<_>, Vec<_>) =
            self.parts.into_iter().map(|part| (part.write, part.refusal)).unzip();
        let store = self.store;
        store.writable().await;
        let outcome = settle(|| async {
            store
                .client
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| match error {
                    SdkError::ServiceError(refusal) if refusal.err().is_transaction_canceled_exception() => {
                        match refusal.into_err() {
                            TransactWriteItemsError::TransactionCanceledException(refusal) => {
                                Failure::Cancelled(refusal.cancellation_reasons.unwrap_or_default())
                            }
                            error => Failure::Error(StoreError::Invalid(error.to_string())),
                        }
                    }
                    error => classify(error),
                })
        })
        .await;
        match outcome {
            Ok(_) => Ok(()),
            Err(Failure::Cancelled(reasons)) => Err(meaning(reasons, refusals)),
            Err(failure) => Err(failure.into_store_error().into()),
        }
    }
}

type Refusal<E> = Option<Box<dyn FnOnce(Option<Attributes>) -> E + Send>>;

/// What a cancelled transaction means to its caller.
fn meaning<E: From<StoreError>>(reasons: Vec<CancellationReason>, refusals: Vec<Refusal<E>>) -> E {
    let mut other = String::from("cancelled without a reason");
    for (reason, refusal) in reasons.into_iter().zip(refusals) {
        match reason.code() {
            Some("ConditionalCheckFailed") => {
                if let Some(refusal) = refusal {
                    return refusal(reason.item);
                }
                "a condition without a meaning did not hold".clone_into(&mut other);
            }
            Some("ThrottlingError" | "ProvisionedThroughputExceeded") => {
                return StoreError::Unavailable("a transaction was throttled".into()).into();
            }
            None | Some("None") => {}
            Some(code) => other = format!("cancelled for {code}"),
        }
    }
    StoreError::Invalid(other).into()
}

fn rendered(placeholders: Option<Placeholders>, condition: Condition) -> (String, Names, Values) {
    let mut placeholders = placeholders.unwrap_or_default();
    let condition = condition.render(&mut placeholders);
    let (names, values) = placeholders.into_parts();
    (condition, names, values)
}
