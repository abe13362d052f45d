//! DynamoDB's time to live, by the system's own clock: whoever moves it forward finds what AWS would have left. The
//! embedded database would go by real time.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use campus_aws::{Clients, TABLES, Table};
use campus_store::Store;
use futures::FutureExt;
use tokio::sync::watch;

use crate::clock::{MovableClock, Now};
use crate::sources;

/// Each time reads every table.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// After the clock was moved, when what has become due by that is dealt with. AWS takes hours.
const AFTER_A_MOVE: Duration = Duration::from_secs(10);

/// Deletes expired items every ten minutes, and soon after the clock was moved, until shutdown.
pub(crate) async fn sweep(clients: Clients, clock: MovableClock, mut stopped: watch::Receiver<bool>) {
    let (now, mut moved) = (clock.now(), clock.moved());
    let mut wait = EVERY;
    loop {
        tokio::select! {
            () = sources::stopped(&mut stopped) => return,
            Ok(()) = moved.changed() => {
                wait = AFTER_A_MOVE;
                continue;
            }
            () = tokio::time::sleep(wait) => wait = EVERY,
        }
        for table in TABLES {
            if let Err(error) = sweep_table(&clients, table, &now).boxed().await {
                tracing::warn!(table = table.name, cause = format!("{error:#}"), "expired items were not swept");
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this stands in for DynamoDB itself")]
async fn sweep_table(clients: &Clients, table: Table, now: &Now) -> anyhow::Result<()> {
    const EXPIRED: &str = "expires_at < :now";
    let name = Store::new(clients).physical(table);
    let now = AttributeValue::N(now().as_second().to_string());
    let mut after = None;
    loop {
        let scan = clients.dynamodb.scan().table_name(&name).set_exclusive_start_key(after);
        let scan = scan.filter_expression(EXPIRED).expression_attribute_values(":now", now.clone());
        let page = scan.projection_expression("pk, sk").send().await?;
        for item in page.items.unwrap_or_default() {
            // What was written anew meanwhile stays.
            let delete = clients.dynamodb.delete_item().table_name(&name).set_key(Some(item));
            let delete = delete.condition_expression(EXPIRED).expression_attribute_values(":now", now.clone());
            match delete.send().await {
                Err(error)
                    if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) => {}
                done => drop(done?),
            }
        }
        after = page.last_evaluated_key;
        if after.is_none() {
            return Ok(());
        }
    }
}
