//! `/_local/tables`: the items, as they are stored.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Json, Response};
use campus_aws::{TABLES, Table};
use campus_endpoint::problem;
use campus_store::Store;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Controls, Refusal, query};

/// Items on a page.
const ITEMS_MAX: usize = 25;

#[derive(Deserialize, Default)]
pub(super) struct Chosen {
    /// The table's logical name; the first one without.
    table: Option<String>,
    /// What the partition keys begin with.
    #[serde(default)]
    prefix: String,
    /// The keys of the item that the page begins after.
    after_pk: Option<String>,
    after_sk: Option<String>,
}

type Item = HashMap<String, AttributeValue>;

pub(super) async fn json(State(controls): State<Controls>, headers: HeaderMap, Query(chosen): Query<Chosen>) -> Answer {
    document(&controls, &headers, chosen).await.map(Json)
}

pub(super) async fn page(
    State(controls): State<Controls>,
    headers: HeaderMap,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Refusal> {
    let mut document = document(&controls, &headers, chosen).await?;
    for item in document["items"].as_array_mut().into_iter().flatten() {
        let written = serde_json::to_string_pretty(item).unwrap_or_default();
        *item = json!({ "pk": item["pk"], "sk": item["sk"], "written": written });
    }
    Ok(controls.page("/_local/tables", "tables.html.j2", document))
}

async fn document(controls: &Controls, headers: &HeaderMap, chosen: Chosen) -> Result<Value, Refusal> {
    let name = chosen.table.as_deref().unwrap_or(TABLES[0].name);
    let Some(table) = TABLES.into_iter().find(|table| table.name == name) else {
        return Err(controls.refuse(headers, problem(404, "not_found")));
    };
    let after = chosen.after_pk.zip(chosen.after_sk).map(|(pk, sk)| {
        Item::from([("pk".to_owned(), AttributeValue::S(pk)), ("sk".to_owned(), AttributeValue::S(sk))])
    });
    let found = browse(controls, table, &chosen.prefix, after).await;
    let (items, last) = found.map_err(|error| controls.broken(headers, format!("{error:#}")))?;
    let next = last.as_ref().map(|last| {
        let key = |name: &str| last.get(name).and_then(|key| key.as_s().ok()).map(String::as_str).unwrap_or_default();
        let pairs = [("table", name), ("prefix", &chosen.prefix), ("after_pk", key("pk")), ("after_sk", key("sk"))];
        format!("/_local/tables?{}", query(&pairs))
    });
    let tables = TABLES.iter().map(
        |table| json!({ "name": table.name, "link": format!("/_local/tables?{}", query(&[("table", table.name)])) }),
    );
    Ok(json!({
        "table": name,
        "prefix": chosen.prefix,
        "tables": tables.collect::<Vec<_>>(),
        "items": items.into_iter().map(|item| plain(&AttributeValue::M(item))).collect::<Vec<_>>(),
        "next": next,
    }))
}

/// A page of items whose partition key begins so, and the last one's keys if there may be more.
#[expect(clippy::disallowed_methods, reason = "a local page, not a request path")]
async fn browse(
    controls: &Controls,
    table: Table,
    prefix: &str,
    mut after: Option<Item>,
) -> anyhow::Result<(Vec<Item>, Option<Item>)> {
    let name = Store::new(&controls.clients).physical(table);
    let mut found = Vec::new();
    loop {
        let scan = controls.clients.dynamodb.scan().table_name(&name).set_exclusive_start_key(after.take());
        let page = scan.send().await?;
        let matching =
            page.items.unwrap_or_default().into_iter().filter(|item| {
                item.get("pk").and_then(|key| key.as_s().ok()).is_some_and(|key| key.starts_with(prefix))
            });
        found.extend(matching);
        if found.len() > ITEMS_MAX {
            found.truncate(ITEMS_MAX);
            let last = found.last().cloned();
            return Ok((found, last));
        }
        match page.last_evaluated_key {
            Some(key) => after = Some(key),
            None => return Ok((found, None)),
        }
    }
}

/// A value without the marks of DynamoDB's types.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => text.as_str().into(),
        AttributeValue::N(number) => serde_json::from_str(number).unwrap_or_else(|_| number.as_str().into()),
        AttributeValue::Bool(truth) => (*truth).into(),
        AttributeValue::L(items) => items.iter().map(plain).collect(),
        AttributeValue::M(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        AttributeValue::Ss(texts) => texts.iter().map(String::as_str).collect(),
        AttributeValue::Ns(numbers) => numbers.iter().map(String::as_str).collect(),
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::B(bytes) => format!("{} bytes", bytes.as_ref().len()).into(),
        _ => "of a type that is not shown".into(),
    }
}
