//! Writing many items that need no condition, 25 to a call.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest};
use campus_aws::Table;
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::item::{Item, Key, encode};
use crate::store::{Store, into_error};

/// DynamoDB takes at most this many in one call.
const WRITES_PER_CALL_MAX: usize = 25;
/// DynamoDB gives back what it had no capacity for; asked again this often, ever later.
const ROUNDS_MAX: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// Writes to be made together, each by itself: some may have taken effect when the whole fails, and it may be sent
/// twice. So each must be one that does no harm made twice, in whichever order.
#[derive(Debug)]
pub struct BatchWrite<'a> {
    store: &'a Store,
    writes: Vec<(String, WriteRequest)>,
    named: HashSet<(String, Key)>,
    unwritable: Option<StoreError>,
}

impl<'a> BatchWrite<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, writes: Vec::new(), named: HashSet::new(), unwritable: None }
    }

    /// Writes an item, whether there is one or not. Of two with one key the first counts.
    pub fn put<T: Item>(&mut self, item: &T) {
        let put = encode(item)
            .and_then(|item| PutRequest::builder().set_item(Some(item)).build().map_err(|error| invalid(&error)));
        self.push(T::TABLE, item.key(), put.map(|put| WriteRequest::builder().put_request(put).build()));
    }

    /// Deletes an item, whether it is there or not.
    pub fn delete(&mut self, table: Table, key: &Key) {
        let delete = DeleteRequest::builder().set_key(Some(key.attributes())).build().map_err(|error| invalid(&error));
        self.push(table, key.clone(), delete.map(|delete| WriteRequest::builder().delete_request(delete).build()));
    }

    fn push(&mut self, table: Table, key: Key, write: Result<WriteRequest, StoreError>) {
        let table = self.store.physical(table);
        match write {
            // DynamoDB refuses a batch that names an item twice.
            Ok(write) if self.named.insert((table.clone(), key)) => self.writes.push((table, write)),
            Ok(_) => {}
            Err(error) => self.unwritable = Some(error),
        }
    }

    /// Makes them all, side by side.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`]; some may have been made all the same.
    pub async fn send(self) -> Result<(), StoreError> {
        if let Some(error) = self.unwritable {
            return Err(error);
        }
        self.store.writable().await;
        let calls = self.writes.chunks(WRITES_PER_CALL_MAX).map(|writes| {
            let mut request = HashMap::<String, Vec<WriteRequest>>::new();
            for (table, write) in writes {
                request.entry(table.clone()).or_default().push(write.clone());
            }
            call(self.store, request)
        });
        try_join_all(calls).await.map(drop)
    }
}

async fn call(store: &Store, mut request: HashMap<String, Vec<WriteRequest>>) -> Result<(), StoreError> {
    let mut pause = FIRST_PAUSE;
    for _ in 0..ROUNDS_MAX {
        let answer = store
            .client
            .batch_write_item()
            .set_request_items(Some(request))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(into_error)?;
        request = answer.unprocessed_items.unwrap_or_default();
        if request.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(StoreError::Unavailable("a batch of writes stayed unprocessed".into()))
}

fn invalid(error: &aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Invalid(error.to_string())
}
