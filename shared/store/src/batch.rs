//! Reading items of any tables together, in one round trip.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::item::{Attributes, Item, Key, decode};
use crate::query::key_in;
use crate::store::{Store, into_error};

/// DynamoDB takes at most this many in one call.
const READS_PER_CALL_MAX: usize = 100;
/// DynamoDB gives back what it had no capacity for; asked again this often.
const ROUNDS_MAX: u32 = 3;

/// Consistent reads to be made together, 100 to a call, side by side; asking for an item twice is fine.
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
        // DynamoDB refuses a batch that names an item twice.
        let mut wanted: Vec<&(String, Key)> = Vec::new();
        let mut named = HashSet::new();
        wanted.extend(self.keys.iter().filter(|place| named.insert(*place)));
        let calls = wanted.chunks(READS_PER_CALL_MAX).map(|places| call(self.store, places));
        let found: HashMap<(String, Key), Attributes> = try_join_all(calls).await?.into_iter().flatten().collect();
        Ok(Found(self.keys.iter().map(|place| found.get(place).cloned()).collect()))
    }
}

async fn call(store: &Store, places: &[&(String, Key)]) -> Result<Vec<((String, Key), Attributes)>, StoreError> {
    let mut wanted = HashMap::<String, Vec<Attributes>>::new();
    for (table, key) in places {
        wanted.entry(table.clone()).or_default().push(key.attributes());
    }
    let mut request: HashMap<String, KeysAndAttributes> = wanted
        .into_iter()
        .map(|(table, keys)| {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
            keys.map(|keys| (table, keys)).map_err(|error| StoreError::Invalid(error.to_string()))
        })
        .collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    let mut rounds = 0;
    while !request.is_empty() {
        rounds += 1;
        if rounds > ROUNDS_MAX {
            return Err(StoreError::Unavailable("a batch stayed unprocessed".into()));
        }
        let answer = store
            .client
            .batch_get_item()
            .set_request_items(Some(request))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(into_error)?;
        for (table, items) in answer.responses.unwrap_or_default() {
            let items = items.into_iter().filter_map(|item| Some(((table.clone(), key_in(&item)?), item)));
            found.extend(items);
        }
        request = answer.unprocessed_keys.unwrap_or_default();
    }
    Ok(found)
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
