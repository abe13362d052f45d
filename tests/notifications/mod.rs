//! Notifications.

mod alerts;
mod deliveries;
mod outbox;

use campus_testkit::{TestApp, eventually};
use reqwest::Method;
use serde_json::Value;

/// The ledger, newest first.
pub(crate) async fn deliveries(app: &TestApp) -> Vec<Value> {
    let answer = app.anonymous().request(Method::GET, "/_local/deliveries.json").send().await;
    let document: Value = answer.expect("the system answers").json().await.expect("it is JSON");
    document["items"].as_array().expect("it is a list").clone()
}

/// Waits until the newest delivery has a status, and returns it.
pub(crate) async fn settled_delivery(app: &TestApp, status: &str) -> Value {
    eventually(&format!("the newest delivery to be {status}"), async || {
        deliveries(app).await.into_iter().next().filter(|delivery| delivery["status"] == status)
    })
    .await
}

/// How many messages a queue holds, those in a worker's hands included.
pub(crate) fn queued(app: &TestApp, queue: &str) -> u64 {
    let name = format!("{}{queue}", app.clients.prefix());
    let depths = app.system().state.queue_depths().expect("the queues can be read");
    let depth = depths.iter().find(|depth| depth.name == name).expect("there is such a queue");
    depth.visible + depth.in_flight + depth.delayed
}

/// Waits until whatever was owed by SMS is dealt with. Outbox and queue keep their order, so a code that
/// is asked for now comes after it.
pub(crate) async fn all_dealt_with(app: &TestApp) {
    app.receive_code("sms", &app.new_phone()).await;
    eventually("the queue to be empty", async || (queued(app, "sms") == 0).then_some(())).await;
}
