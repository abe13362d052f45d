//! A Lambda function that makes one call to DynamoDB and nothing else: what the SDK costs.
//!
//! `_HANDLER` says which: `get_item` and `batch_get_item` read what `BARE_KEYS` names (JSON, a list of `pk` and
//! `sk`), `transact_write_items` writes a new item. The table is `BARE_TABLE`.

// There is no store here, and time and ids are nobody's.
#![expect(clippy::disallowed_methods, reason = "the SDK itself is what is measured")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, Put, ReturnConsumedCapacity, TransactWriteItem};
use lambda_http::{Body, Error, Request, Response, service_fn};

type Item = HashMap<String, AttributeValue>;

struct Calls {
    client: Client,
    operation: String,
    table: String,
    keys: Vec<Item>,
    written: AtomicU64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let keys: Vec<[String; 2]> = serde_json::from_str(&std::env::var("BARE_KEYS").unwrap_or_else(|_| "[]".to_owned()))?;
    let calls = Arc::new(Calls {
        client: Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await),
        operation: std::env::var("_HANDLER")?,
        table: std::env::var("BARE_TABLE").unwrap_or_default(),
        keys: keys.into_iter().map(|[pk, sk]| key(pk, sk)).collect(),
        written: AtomicU64::new(0),
    });
    lambda_http::run(service_fn(move |_: Request| {
        let calls = Arc::clone(&calls);
        async move { calls.make().await }
    }))
    .await
}

fn key(pk: String, sk: String) -> Item {
    HashMap::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
}

impl Calls {
    async fn make(&self) -> Result<Response<Body>, Error> {
        let total = ReturnConsumedCapacity::Total;
        let answer = match self.operation.as_str() {
            "get_item" => {
                let request = self.client.get_item().table_name(&self.table).set_key(self.keys.first().cloned());
                let answer = request.consistent_read(true).return_consumed_capacity(total).send().await?;
                format!("{:?}", answer.item.map(|item| item.len()))
            }
            "batch_get_item" => {
                let keys =
                    KeysAndAttributes::builder().set_keys(Some(self.keys.clone())).consistent_read(true).build()?;
                let request = self.client.batch_get_item().request_items(&self.table, keys);
                let answer = request.return_consumed_capacity(total).send().await?;
                format!("{:?}", answer.responses.map(|tables| tables.len()))
            }
            "transact_write_items" => {
                let number = self.written.fetch_add(1, Ordering::Relaxed);
                let item = key(format!("BARE#{}#{number}", std::process::id()), "-".to_owned());
                let put = Put::builder().table_name(&self.table).set_item(Some(item));
                let put = put.condition_expression("attribute_not_exists(pk)").build()?;
                let request = self.client.transact_write_items();
                let request = request.transact_items(TransactWriteItem::builder().put(put).build());
                let answer = request.return_consumed_capacity(total).send().await?;
                format!("{:?}", answer.consumed_capacity.map(|tables| tables.len()))
            }
            other => return Err(format!("there is no {other}").into()),
        };
        Ok(Response::builder().status(200).body(Body::from(answer))?)
    }
}
