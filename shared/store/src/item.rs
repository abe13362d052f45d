//! Items and their keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use campus_aws::Table;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// An item as DynamoDB gives it.
pub type Attributes = HashMap<String, AttributeValue>;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// A key of a partition and a place in it.
    #[must_use]
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The key of an item that has its partition to itself.
    #[must_use]
    pub fn alone(pk: impl Into<String>) -> Self {
        Self::new(pk, "-")
    }

    pub(crate) fn attributes(&self) -> Attributes {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// A type that is stored as one item.
///
/// A secret part of it is stored as an HMAC or a hash only. An attribute named `expires_at` is the
/// table's TTL, in epoch seconds; DynamoDB deletes late, by days, so readers compare it themselves.
pub trait Item: Serialize + DeserializeOwned {
    /// The table that holds it.
    const TABLE: Table;
    /// What kind of item it is, stored beside it for whoever browses the table.
    const KIND: &'static str;

    /// Its key.
    fn key(&self) -> Key;
}

pub(crate) fn encode<T: Item>(item: &T) -> Result<Attributes, StoreError> {
    let mut attributes: Attributes = serde_dynamo::to_item(item)?;
    attributes.extend(item.key().attributes());
    attributes.insert("kind".to_owned(), AttributeValue::S(T::KIND.to_owned()));
    Ok(attributes)
}

/// Reads an item.
///
/// # Errors
///
/// [`StoreError::Unreadable`] when the attributes are not of this type.
pub fn decode<T: Item>(attributes: Attributes) -> Result<T, StoreError> {
    Ok(serde_dynamo::from_item(attributes)?)
}
