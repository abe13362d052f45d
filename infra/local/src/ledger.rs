//! The ledger of deliveries, as the local system looks at it: whole, which no endpoint may.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use campus_aws::{Clients, NOTIFICATIONS};
use campus_notifications::deliveries::{Delivery, DeliveryStatus};
use campus_store::{Item, Store, attr, decode};

use crate::aws::State;

/// Every delivery, newest first.
#[expect(clippy::disallowed_methods, reason = "a local page, not a request path")]
pub(crate) async fn list(clients: &Clients) -> anyhow::Result<Vec<Delivery>> {
    let table = Store::new(clients).physical(NOTIFICATIONS);
    let mut deliveries = Vec::new();
    let mut after: Option<HashMap<String, AttributeValue>> = None;
    loop {
        let scan = clients.dynamodb.scan().table_name(&table).set_exclusive_start_key(after.take());
        let page = scan.send().await?;
        for item in page.items.unwrap_or_default() {
            if item.get("kind").and_then(|kind| kind.as_s().ok()).is_some_and(|kind| kind == Delivery::KIND) {
                deliveries.push(decode::<Delivery>(item)?);
            }
        }
        match page.last_evaluated_key {
            Some(key) => after = Some(key),
            None => break,
        }
    }
    deliveries.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
    Ok(deliveries)
}

/// Settles the deliveries that the last process was at when it was killed.
///
/// On AWS nobody can tell whether the provider took such a message. Here the provider is part of the
/// process and wrote down what it took, so the delivery is either sent or free to be tried again.
pub(crate) async fn settle_interrupted(clients: &Clients, state: &State) -> anyhow::Result<usize> {
    let interrupted: Vec<Delivery> =
        list(clients).await?.into_iter().filter(|delivery| delivery.status == DeliveryStatus::Sending).collect();
    if interrupted.is_empty() {
        return Ok(0);
    }
    let taken: HashMap<String, String> =
        state.sent(None, u32::MAX)?.into_iter().filter_map(|sent| Some((sent.delivery_id?, sent.id))).collect();
    let store = Store::new(clients);
    for mut delivery in interrupted.iter().cloned() {
        match taken.get(&delivery.id.to_string()) {
            Some(provider_id) => {
                delivery.status = DeliveryStatus::Sent;
                delivery.provider_id = Some(provider_id.clone());
            }
            None => {
                delivery.status = DeliveryStatus::Failed;
                delivery.provider_code = Some("interrupted".to_owned());
                delivery.provider_message = Some("the local system was stopped before the provider took it".to_owned());
            }
        }
        store.put(&delivery, attr("attempts").eq(delivery.attempts)).await?;
    }
    Ok(interrupted.len())
}
