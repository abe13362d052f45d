//! Reads and single writes.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure};
use campus_aws::{Clients, Table};

use crate::batch::Batch;
use crate::batch_write::BatchWrite;
use crate::error::{Failure, StoreError, classify};
use crate::expression::{Condition, Placeholders, Update};
use crate::gate::Gate;
use crate::item::{Attributes, Item, Key, decode, encode};
use crate::query::Query;
use crate::retry::settle;
use crate::transaction::Transaction;

/// The stage's tables.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    prefix: Arc<str>,
    gate: Option<Gate>,
}

/// What became of a conditional write.
#[derive(Debug)]
pub enum Written {
    /// It took effect; with the item as it is now.
    Done(Attributes),
    /// The condition did not hold; with the item as it is, if there is one.
    Refused(Option<Attributes>),
}

impl Store {
    /// The store that these clients reach.
    #[must_use]
    pub fn new(clients: &Clients) -> Self {
        Self { client: clients.dynamodb.clone(), prefix: clients.prefix().into(), gate: None }
    }

    /// The same tables, written only once the gate is open.
    #[must_use]
    pub fn behind(&self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self.clone() }
    }

    /// Waits until writes may be made.
    pub(crate) async fn writable(&self) {
        if let Some(gate) = &self.gate {
            gate.passed().await;
        }
    }

    /// The name of the table on AWS.
    #[must_use]
    pub fn physical(&self, table: Table) -> String {
        format!("{}{}", self.prefix, table.name)
    }

    /// Reads one item, consistently.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn find<T: Item>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(self.physical(T::TABLE))
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(into_error)?;
        answer.item.map(decode).transpose()
    }

    /// Starts reading several items in one round trip.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Starts reading a partition.
    #[must_use]
    pub fn query(&self, pk: impl Into<String>) -> Query<'_> {
        Query::new(self, pk.into())
    }

    /// Starts writing many items that need no condition.
    #[must_use]
    pub fn batch_write(&self) -> BatchWrite<'_> {
        BatchWrite::new(self)
    }

    /// Starts a transaction whose refused conditions become the error type `E`.
    #[must_use]
    pub fn transaction<E: From<StoreError>>(&self) -> Transaction<'_, E> {
        Transaction::new(self)
    }

    /// Writes an item if the condition holds.
    ///
    /// The SDK may send a write twice when an answer is lost, so the condition must also hold for the
    /// item that this very call has written, or the caller must not care.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn put<T: Item>(&self, item: &T, condition: Condition) -> Result<Written, StoreError> {
        let attributes = encode(item)?;
        self.writable().await;
        let outcome = settle(|| async {
            let mut names = Placeholders::default();
            let condition = condition.render(&mut names);
            let (names, values) = names.into_parts();
            self.client
                .put_item()
                .table_name(self.physical(T::TABLE))
                .set_item(Some(attributes.clone()))
                .condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| match error {
                    SdkError::ServiceError(refusal) if refusal.err().is_conditional_check_failed_exception() => {
                        match refusal.into_err() {
                            PutItemError::ConditionalCheckFailedException(refusal) => Failure::Condition(refusal.item),
                            error => Failure::Error(StoreError::Invalid(error.to_string())),
                        }
                    }
                    error => classify(error),
                })
        })
        .await;
        written(outcome.map(|_| attributes.clone()))
    }

    /// Changes an item if the condition holds. The same care for writes sent twice as with [`Self::put`].
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn update(
        &self,
        table: Table,
        key: &Key,
        update: Update,
        condition: Condition,
    ) -> Result<Written, StoreError> {
        self.writable().await;
        let outcome = settle(|| async {
            let mut names = Placeholders::default();
            let update = update.render(&mut names);
            let condition = condition.render(&mut names);
            let (names, values) = names.into_parts();
            self.client
                .update_item()
                .table_name(self.physical(table))
                .set_key(Some(key.attributes()))
                .update_expression(update)
                .condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| match error {
                    SdkError::ServiceError(refusal) if refusal.err().is_conditional_check_failed_exception() => {
                        match refusal.into_err() {
                            UpdateItemError::ConditionalCheckFailedException(refusal) => {
                                Failure::Condition(refusal.item)
                            }
                            error => Failure::Error(StoreError::Invalid(error.to_string())),
                        }
                    }
                    error => classify(error),
                })
        })
        .await;
        written(outcome.map(|answer| answer.attributes.unwrap_or_default()))
    }

    /// Deletes an item, whether it is there or not: deleting twice is deleting once.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        self.writable().await;
        let outcome = settle(|| async {
            self.client
                .delete_item()
                .table_name(self.physical(table))
                .set_key(Some(key.attributes()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(classify)
        })
        .await;
        outcome.map(|_| ()).map_err(Failure::into_store_error)
    }
}

fn written(outcome: Result<Attributes, Failure>) -> Result<Written, StoreError> {
    match outcome {
        Ok(item) => Ok(Written::Done(item)),
        Err(Failure::Condition(item)) => Ok(Written::Refused(item)),
        Err(failure) => Err(failure.into_store_error()),
    }
}

impl Failure {
    /// The error of a call that has no condition, or whose condition was handled.
    pub(crate) fn into_store_error(self) -> StoreError {
        match self {
            Self::Error(error) => error,
            Self::Conflict => StoreError::Contended,
            Self::Condition(_) | Self::Cancelled(_) => StoreError::Invalid("an unexpected refusal".into()),
        }
    }
}

pub(crate) fn into_error<E>(error: SdkError<E>) -> StoreError
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    classify(error).into_store_error()
}
