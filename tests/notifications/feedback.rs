//! Bounces and complaints, by way of SES's mailbox simulator; and mail that says how to stop it.

use aws_sdk_ses::primitives::Blob;
use aws_sdk_ses::types::RawMessage;
use campus_aws::{EMAIL_QUEUE, FEEDBACK_QUEUE, TABLES};
use campus_domain::{DeliveryId, EmailAddress, Locale, Timestamp};
use campus_notifications::deliveries::mail::{RawMail, raw_alert_mail};
use campus_notifications::unsubscriptions::unsubscription_url;
use campus_store::Store;
use campus_testkit::{TestApp, eventually};
use campus_text::{Content, News, Screening};
use reqwest::Method;
use serde_json::{Value, json};

use super::{deliveries, queued, settled_delivery};

const BOUNCES: &str = "bounce+minji@simulator.amazonses.com";

/// Asks for a code by mail and waits until its delivery has a status and a code of why.
async fn mailed(app: &TestApp, to: &str, status: &str, code: Value) -> Value {
    assert_eq!(app.ask_for_code("email", to).await.summary(), "202");
    eventually(&format!("the newest delivery to be {status}"), async || {
        let delivery = deliveries(app).await.into_iter().next()?;
        (delivery["status"] == status && delivery["provider_code"] == code).then_some(delivery)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_came_back_for_good_is_marked_and_no_more_is_sent_there() {
    let app = TestApp::start_local().await;
    let bounced = mailed(&app, BOUNCES, "failed", json!("bounced")).await;
    assert_eq!(app.outbox(BOUNCES).await.len(), 1);
    app.advance(61);
    let refused = mailed(&app, BOUNCES, "failed", json!("suppressed")).await;
    assert_ne!(refused["id"], bounced["id"]);
    assert_eq!(app.outbox(BOUNCES).await.len(), 1);
    // However the address is written; and no other.
    app.advance(61);
    mailed(&app, "Bounce+Minji@Simulator.AmazonSES.com", "failed", json!("suppressed")).await;
    mailed(&app, "success@simulator.amazonses.com", "sent", Value::Null).await;
    assert_eq!(queued(&app, "feedback"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_marked_and_codes_are_still_sent() {
    let app = TestApp::start_local().await;
    let complains = "complaint@simulator.amazonses.com";
    mailed(&app, complains, "failed", json!("complained")).await;
    app.advance(61);
    let second = app.ask_for_code("email", complains).await;
    assert_eq!(second.summary(), "202");
    assert_eq!(app.messages(complains, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_full_for_now_changes_nothing() {
    let app = TestApp::start_local().await;
    let away = "ooto@simulator.amazonses.com";
    let sent = mailed(&app, away, "sent", Value::Null).await;
    app.advance(61);
    eventually("the event to be dealt with", async || (queued(&app, "feedback") == 0).then_some(())).await;
    assert_eq!(deliveries(&app).await[0], sent);
    mailed(&app, away, "sent", Value::Null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_35_a_suppressed_address_is_in_no_table() {
    let app = TestApp::start_local().await;
    mailed(&app, BOUNCES, "failed", json!("bounced")).await;
    // The guard of the send, and the message that is owed, know the address; their time is over after a day.
    let store = Store::new(&app.clients);
    let table = TABLES.into_iter().find(|table| table.name == "notifications").expect("there is the table");
    #[expect(clippy::disallowed_methods, reason = "an operator looks at a whole table")]
    let scan = app.clients.dynamodb.scan().table_name(store.physical(table));
    let items = format!("{:?}", scan.send().await.expect("it can be read").items());
    assert!(items.contains("SUPPRESSED#") && items.contains("bounced_at"), "{items}");
    assert!(!items.to_lowercase().contains("minji"), "{items}");
}

/// What SES would tell of a mail.
fn envelope(event: &Value) -> Value {
    let body = json!({ "Type": "Notification", "Message": event.to_string() });
    json!({ "Records": [{ "messageId": "1", "body": body.to_string() }] })
}

fn bounce(delivery: &Value, message_id: &str) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": { "bounceType": "Permanent", "bouncedRecipients": [{ "emailAddress": "jiwoo@campus.example" }] },
        "mail": { "messageId": message_id, "tags": { "delivery": [delivery["id"]], "ses:source-ip": ["192.0.2.1"] } },
    })
}

async fn tell(app: &TestApp, event: &Value) -> usize {
    let answer = app.system().call_worker("take_mail_feedback", envelope(event)).await.expect("the worker runs");
    answer["batchItemFailures"].as_array().expect("it is a list").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_attempt_does_not_touch_the_ledger() {
    let app = TestApp::start_local().await;
    app.ask_for_code("email", "jiwoo@campus.example").await;
    let sent = settled_delivery(&app, "sent").await;
    assert_eq!(tell(&app, &bounce(&sent, "of another attempt")).await, 0);
    assert_eq!(deliveries(&app).await[0], sent);
    let provider_id = sent["provider_id"].as_str().expect("the provider named it");
    for _ in 0..2 {
        assert_eq!(tell(&app, &bounce(&sent, provider_id)).await, 0, "it may come twice");
    }
    let failed = deliveries(&app).await.remove(0);
    assert_eq!((&failed["status"], &failed["provider_code"]), (&json!("failed"), &json!("bounced")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_nobody_can_read_or_of_no_known_mail_does_no_harm() {
    let app = TestApp::start_by_hand().await;
    let nobodys = json!({ "id": DeliveryId::from_parts(1, [1; 10]).to_string() });
    assert_eq!(tell(&app, &bounce(&nobodys, "x")).await, 0);
    assert_eq!(tell(&app, &json!({ "eventType": "Delivery", "mail": { "messageId": "x" } })).await, 0);
    for unreadable in [json!("jiwoo@campus.example"), json!({}), json!({ "eventType": 7 })] {
        assert_eq!(tell(&app, &unreadable).await, 1, "{unreadable}");
    }
    let message = json!({ "Records": [{ "messageId": "1", "body": "no JSON" }] });
    let answer = app.system().call_worker("take_mail_feedback", message).await.expect("the worker runs");
    assert_eq!(answer["batchItemFailures"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_that_is_faster_than_the_senders_own_note_waits_for_it() {
    let app = TestApp::start_by_hand().await;
    app.ask_for_code("email", "jiwoo@campus.example").await;
    app.relay().await;
    app.work(EMAIL_QUEUE, "send_email").await;
    let sent = deliveries(&app).await.remove(0);
    let id = DeliveryId::parse(sent["id"].as_str().expect("it has an id")).expect("it is an id");
    let key = campus_store::Key::new(format!("RECIPIENT#{id}"), format!("DELIVERY#{id}"));
    let update = campus_store::Update::new().set("status", "sending").remove("provider_id");
    let store = Store::new(&app.clients);
    store.update(campus_aws::NOTIFICATIONS, &key, update, campus_store::exists()).await.expect("it can be written");
    assert_eq!(tell(&app, &bounce(&sent, "x")).await, 1, "it comes again");
    assert_eq!(app.work(FEEDBACK_QUEUE, "take_mail_feedback").await["batchItemFailures"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_shows_where_a_mail_is_stopped() {
    let app = TestApp::start_local().await;
    let to = EmailAddress::parse("minji@campus.example").expect("it is an address");
    let starts_at = jiff::civil::date(2026, 11, 20).at(19, 0, 0, 0);
    let told =
        Screening { news: News::Soon, film: "리틀 포레스트", library: "중앙도서관", place: None, starts_at };
    let content = campus_text::email(Locale::Ko, &Content::Screening(told));
    let url = unsubscription_url("http://localhost", "some-token");
    let raw = raw_alert_mail(&RawMail {
        delivery_id: app.new_id(),
        sender: &app.settings.email_sender,
        to: &to,
        content: &content,
        unsubscription_url: &url,
        written_at: Timestamp::from_epoch_seconds(1_795_165_200),
    });
    let message = RawMessage::builder().data(Blob::new(raw)).build().expect("there is a mail");
    app.clients.ses().send_raw_email().raw_message(message).send().await.expect("it is taken");

    let read = async |path: &str| app.anonymous().request(Method::GET, path).send().await.expect("the system answers");
    let document: Value = read("/_local/outbox.json?to=minji@campus.example").await.json().await.expect("it is JSON");
    let mail = &document["items"][0];
    assert_eq!(mail["list_unsubscribe"], url.as_str());
    assert_eq!(mail["subject"], "[Campus] 곧 보고 싶은 영화를 상영합니다");
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("리틀 포레스트")), "{mail}");
    assert!(mail["html"].as_str().is_some_and(|html| html.contains("리틀 포레스트")), "{mail}");
    let page = read("/_local/outbox?to=minji@campus.example").await.text().await.expect("it is a page");
    assert!(
        page.contains(r#"action="&#x2f;v1&#x2f;unsubscriptions&#x2f;some-token""#)
            || page.contains(r#"action="/v1/unsubscriptions/some-token""#),
        "{page}"
    );
}
