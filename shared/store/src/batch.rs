//! Reading items of any tables together, in one round trip.

use std::collections::HashMap;
use std::marker::PhantomData;

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};

use crate::error::StoreError;
use crate::item::{Attributes, Item, Key, decode};
use crate::query::key_in;
use crate::store::{Store, into_error};

/// DynamoDB gives back what it had no capacity for; asked again this often.
const ROUNDS_MAX: u32 = 3;

/// Consistent reads to be made together. At most 100 items; asking for one twice is fine.
#[derive(Debug)]
pub struct Batch<'a> {
    store: &'a Store,
    keys: Vec<(String, Key)>,
}

/// Where one item of a batch will be.
#[derive(Debug, Clone, Copy)]
pub struct Slot<T> {
    index: usize,
    item: PhantomData<fn() -> T>,
}

/// What a batch found.
#[derive(Debug)]
pub struct Found(Vec<Option<Attributes>>);

impl<'a> Batch<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, keys: Vec::new() }
    }

    /// Adds an item to the batch.
    pub fn find<T: Item>(&mut self, key: &Key) -> Slot<T> {
        self.keys.push((self.store.physical(T::TABLE), key.clone()));
        Slot { index: self.keys.len() - 1, item: PhantomData }
    }

    /// Reads them all.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn send(self) -> Result<Found, StoreError> {
        let mut found: HashMap<(String, Key), Attributes> = HashMap::new();
        let mut wanted = HashMap::<String, Vec<&Key>>::new();
        for (table, key) in &self.keys {
            let keys = wanted.entry(table.clone()).or_default();
            // DynamoDB refuses a batch that names an item twice.
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut request: HashMap<String, KeysAndAttributes> = wanted
            .into_iter()
            .map(|(table, keys)| {
                let keys = keys.into_iter().map(Key::attributes).collect();
                let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
                keys.map(|keys| (table, keys)).map_err(|error| StoreError::Invalid(error.to_string()))
            })
            .collect::<Result<_, _>>()?;
        let mut rounds = 0;
        while !request.is_empty() {
            rounds += 1;
            if rounds > ROUNDS_MAX {
                return Err(StoreError::Unavailable("a batch stayed unprocessed".into()));
            }
            let answer = self
                .store
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(into_error)?;
            for (table, items) in answer.responses.unwrap_or_default() {
                for item in items {
                    if let Some(key) = key_in(&item) {
                        found.insert((table.clone(), key), item);
                    }
                }
            }
            request = answer.unprocessed_keys.unwrap_or_default();
        }
        Ok(Found(self.keys.iter().map(|place| found.get(place).cloned()).collect()))
    }
}

impl Found {
    /// Takes an item out; absent when there is none, or when it was taken already.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unreadable`] when it is of another type.
    pub fn take<T: Item>(&mut self, slot: Slot<T>) -> Result<Option<T>, StoreError> {
        self.0.get_mut(slot.index).and_then(Option::take).map(decode).transpose()
    }
}
