//! The outbox: what is owed reaches the queue, whatever happens on the way.

use campus_local::aws::Service;
use campus_testkit::TestApp;
use serde_json::json;

use super::{deliveries, queued, settled_delivery};

async fn sweep(app: &TestApp) {
    app.system().call_worker("sweep_outbox", json!({ "id": "1" })).await.expect("the sweeper runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_a_send_is_accepted_while_the_queue_is_down_and_delivered_afterwards() {
    let app = TestApp::start_local().await;
    // The SDK tries three times; so the relay fails once and is called again.
    app.system().state.fail_next(Service::Sqs, 4, 503, "ServiceUnavailable", "try again later");
    let phone = app.new_phone();
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    app.messages(&phone, 1).await;
    settled_delivery(&app, "sent").await;
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_what_the_relay_left_for_a_minute_is_swept_up_once() {
    let app = TestApp::start_by_hand().await;
    app.ask_for_code("sms", &app.new_phone()).await;
    app.ask_for_code("email", "seoyeon@campus.example").await;
    sweep(&app).await;
    assert_eq!((queued(&app, "sms"), queued(&app, "email")), (0, 0));
    app.advance(61);
    sweep(&app).await;
    sweep(&app).await;
    assert_eq!((queued(&app, "sms"), queued(&app, "email")), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_what_the_sweeper_cannot_queue_it_sweeps_up_later() {
    let app = TestApp::start_by_hand().await;
    app.ask_for_code("sms", &app.new_phone()).await;
    app.advance(61);
    app.system().state.fail_next(Service::Sqs, 1, 403, "AccessDenied", "not now");
    let failed = app.system().call_worker("sweep_outbox", json!({ "id": "1" })).await;
    assert!(failed.is_err(), "an alarm needs a failed run");
    assert_eq!(queued(&app, "sms"), 0);
    sweep(&app).await;
    assert_eq!(queued(&app, "sms"), 1);
}
