//! Deliveries: from the queue to the provider, once.

use campus_aws::SMS_QUEUE;
use campus_domain::{Id, Locale, PhoneNumber, Timestamp};
use campus_local::aws::{NewMessage, Service};
use campus_messages::{Channel, Message, Owed, Purpose, Recipient, Topic};
use campus_notifications::deliveries::{Delivery, DeliveryStatus};
use campus_store::{Store, absent};
use campus_testkit::{TestApp, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use super::{all_dealt_with, deliveries, queued, settled_delivery};

/// Makes the provider refuse the next texts. No code that the SDK would try again by itself.
fn refuse_texts(app: &TestApp, times: u32) {
    app.system().state.fail_next(Service::Sns, times, 400, "OptedOut", "the number has opted out");
}

fn queue_name(app: &TestApp) -> String {
    format!("{}{}", app.clients.prefix(), SMS_QUEUE.name)
}

/// What the relay would queue for a code to this number.
fn queue_message(app: &TestApp, phone: &str) -> Value {
    let now = (app.system().clock.now())();
    let message = Message {
        id: Id::at(now),
        owner: None,
        to: Recipient::Sms(PhoneNumber::parse(phone).expect("it is a number")),
        locale: Locale::Ko,
        topic: Topic::VerificationCode {
            code_id: Id::at(now),
            purpose: Purpose::SignUp,
            expires_at: Timestamp::from(now).plus_seconds(300),
        },
    };
    serde_json::to_value(message).expect("it can be written")
}

/// Lambda's event of queue messages with these bodies.
fn event(bodies: &[&str]) -> Value {
    let records =
        bodies.iter().enumerate().map(|(index, body)| json!({ "messageId": index.to_string(), "body": body }));
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// A system whose workers are called by hand, a number, and the message of its code as the relay would queue it.
async fn one_owed() -> (TestApp, String, String) {
    let app = TestApp::start_by_hand().await;
    let phone = app.new_phone();
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    let Owed::Message(message) = &app.owed().await[0].owed else { panic!("a message is owed") };
    let body = serde_json::to_string(message).expect("it can be written");
    (app, phone, body)
}

/// Calls the sender; returns how many of the messages it could not deal with.
async fn send_sms(app: &TestApp, bodies: &[&str]) -> usize {
    let answer = app.system().call_worker("send_sms", event(bodies)).await.expect("the sender runs");
    answer["batchItemFailures"].as_array().expect("it is a list").len()
}

/// Has a code refused by the provider as often as it is tried, `seconds` apart, so that it is given up.
async fn give_up(app: &TestApp, phone: &str, seconds: u64) {
    refuse_texts(app, 5);
    assert_eq!(app.ask_for_code("sms", phone).await.summary(), "202");
    for attempt in 1..=5 {
        eventually(&format!("attempt {attempt}"), async || {
            let delivery = deliveries(app).await.into_iter().next()?;
            (delivery["status"] == "failed" && delivery["attempts"] == attempt).then_some(())
        })
        .await;
        app.advance(seconds);
    }
    eventually("the message to be given up", async || (queued(app, "sms-dead") == 1).then_some(())).await;
}

/// Presses the button that puts given up messages back, and returns how many there were.
async fn redrive(app: &TestApp) -> u64 {
    let answer = app.anonymous().request(Method::POST, "/_local/queues/sms/redrive").send().await;
    let document: Value = answer.expect("the system answers").json().await.expect("it is JSON");
    document["moved"].as_u64().expect("it is a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_18_what_the_provider_took_is_sent_with_its_id() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;
    let delivery = settled_delivery(&app, "sent").await;
    let text = app.messages(&phone, 1).await.remove(0);
    assert_eq!(delivery["provider_id"], text.id);
    assert_eq!(delivery["id"], text.delivery_id.expect("the text names its delivery"));
    assert_eq!(delivery["provider_code"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_35_the_ledger_holds_neither_number_nor_code() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    let (_, code) = app.receive_code("sms", &phone).await;
    let mut delivery = settled_delivery(&app, "sent").await;
    // Random digits, which may be anything.
    for id in ["id", "provider_id", "created_at", "updated_at"] {
        delivery[id].take();
    }
    let written = delivery.to_string();
    assert!(!written.contains(&phone[5..]) && !written.contains(&code), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_7_a_message_that_comes_again_is_sent_once() {
    let (app, phone, body) = one_owed().await;
    assert_eq!(send_sms(&app, &[&body]).await, 0);
    assert_eq!(send_sms(&app, &[&body]).await, 0);
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_7_a_message_that_comes_twice_at_once_is_sent_once() {
    let (app, phone, body) = one_owed().await;
    // Whoever loses leaves it to the queue, since the winner may yet fail.
    assert!(send_sms(&app, &[&body, &body, &body]).await <= 2);
    assert_eq!(send_sms(&app, &[&body, &body]).await, 0);
    assert_eq!(app.outbox(&phone).await.len(), 1);
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_whose_worker_died_at_it_is_not_sent_again_and_its_delivery_is_unknown() {
    let (app, phone, body) = one_owed().await;
    let message: Message = serde_json::from_str(&body).expect("it can be read");
    let now = Timestamp::from((app.system().clock.now())());
    let claimed = Delivery {
        id: message.id,
        owner: None,
        channel: Channel::Sms,
        topic: message.topic.kind().to_owned(),
        status: DeliveryStatus::Sending,
        attempts: 1,
        provider_id: None,
        provider_code: None,
        provider_message: None,
        lease_ends_at: now.plus_seconds(60),
        created_at: now,
        updated_at: now,
        expires_at: now.plus_seconds(3600),
    };
    Store::new(&app.clients).put(&claimed, absent()).await.expect("it can be written");

    assert_eq!(send_sms(&app, &[&body]).await, 1, "while the claim counts, the message waits");
    app.advance(61);
    assert_eq!(send_sms(&app, &[&body]).await, 0);
    assert_eq!(deliveries(&app).await[0]["status"], "unknown");
    assert_eq!(app.outbox(&phone).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_7_a_copy_in_the_queue_sends_nothing() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    let body = queue_message(&app, &phone).to_string();
    let message = || NewMessage { body: body.clone(), ..NewMessage::default() };
    app.system().state.send(&queue_name(&app), &[message(), message()]).expect("it is queued");
    app.messages(&phone, 1).await;
    app.advance(61);
    app.system().state.send(&queue_name(&app), &[message()]).expect("it is queued");
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_7_a_message_that_comes_after_a_newer_code_is_not_sent() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    refuse_texts(&app, 1);
    app.ask_for_code("sms", &phone).await;
    let late = settled_delivery(&app, "failed").await;
    app.advance(59);
    let (id, code) = app.receive_code("sms", &phone).await;

    app.advance(2);
    let late = eventually("the older message to be tried again", async || {
        let now = deliveries(&app).await.into_iter().find(|delivery| delivery["id"] == late["id"])?;
        (now["attempts"] == 2 && now["status"] == "failed").then_some(now)
    })
    .await;
    assert_eq!(late["provider_code"], "superseded");
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 1);
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_9_a_send_is_accepted_before_the_provider_is_asked() {
    let app = TestApp::start_local().await;
    refuse_texts(&app, 1);
    let phone = app.new_phone();
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    // The message comes when it is tried again.
    let failed = settled_delivery(&app, "failed").await;
    assert_eq!(failed["provider_code"], "OptedOut");
    app.advance(61);
    assert_eq!(app.messages(&phone, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_refusal_is_kept_in_the_providers_words() {
    let app = TestApp::start_local().await;
    refuse_texts(&app, 1);
    app.ask_for_code("sms", &app.new_phone()).await;
    let delivery = settled_delivery(&app, "failed").await;
    assert_eq!(delivery["provider_code"], "OptedOut");
    assert_eq!(delivery["provider_message"], "the number has opted out");
    assert_eq!(delivery["provider_id"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_refusal_of_a_mail_is_kept_in_the_providers_words() {
    let app = TestApp::start_local().await;
    app.system().state.fail_next(Service::Ses, 1, 400, "MessageRejected", "the address is on a list");
    app.ask_for_code("email", "jiwoo@campus.example").await;
    let delivery = settled_delivery(&app, "failed").await;
    assert_eq!(delivery["provider_code"], "MessageRejected");
    assert_eq!(delivery["provider_message"], "the address is on a list");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_refused_message_is_tried_again_after_a_minute() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    refuse_texts(&app, 1);
    app.ask_for_code("sms", &phone).await;
    settled_delivery(&app, "failed").await;
    app.advance(61);
    let delivery = settled_delivery(&app, "sent").await;
    assert_eq!(delivery["attempts"], 2);
    assert_eq!(delivery["provider_code"], Value::Null);
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_sender_that_cannot_read_its_secret_leaves_the_message_to_the_next_try() {
    let (app, phone, body) = one_owed().await;
    app.system().state.fail_next(Service::SecretsManager, 1, 400, "DecryptionFailure", "the key is disabled");
    assert_eq!(send_sms(&app, &[&body]).await, 1);
    assert_eq!(send_sms(&app, &[&body]).await, 0);
    assert_eq!(app.outbox(&phone).await.len(), 1);
    assert_eq!(settled_delivery(&app, "sent").await["attempts"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_16_a_refused_send_does_not_hold_up_the_next() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    refuse_texts(&app, 1);
    app.ask_for_code("sms", &phone).await;
    // The minute takes longer than this waits.
    eventually("another code to be accepted", async || {
        (app.ask_for_code("sms", &phone).await.status == 202).then_some(())
    })
    .await;
    assert_eq!(app.messages(&phone, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_34_a_message_that_fails_five_times_is_given_up() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    give_up(&app, &phone, 61).await;
    assert_eq!(queued(&app, "sms"), 0);
    // The provider was not asked a sixth time, or this would send it.
    app.advance(61);
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 0);
    assert_eq!(queued(&app, "sms-dead"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_34_a_given_up_message_that_is_put_back_is_sent() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    // At the minute of the template five tries outlast every code.
    let name = queue_name(&app);
    app.system().state.create_queue(&name, 10, Some(5), Some(&format!("{name}-dead"))).expect("the queue is changed");
    give_up(&app, &phone, 11).await;
    assert_eq!(redrive(&app).await, 1);
    app.messages(&phone, 1).await;
    assert_eq!(settled_delivery(&app, "sent").await["attempts"], 6);
    assert_eq!(queued(&app, "sms-dead"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_34_a_given_up_message_that_is_put_back_too_late_is_dropped() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    give_up(&app, &phone, 61).await;
    assert_eq!(redrive(&app).await, 1);
    eventually("the message to be dropped", async || (queued(&app, "sms") == 0).then_some(())).await;
    assert_eq!(settled_delivery(&app, "failed").await["provider_code"], "expired");
    assert_eq!(app.outbox(&phone).await.len(), 0);
    assert_eq!(queued(&app, "sms-dead"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_8_a_message_of_an_unknown_version_is_given_up_beside_one_that_is_sent() {
    let app = TestApp::start_local().await;
    let (unread, read) = (app.new_phone(), app.new_phone());
    let mut newer = queue_message(&app, &unread);
    newer["version"] = json!(2);
    let bodies = [newer, queue_message(&app, &read)];
    let messages = bodies.map(|body| NewMessage { body: body.to_string(), ..NewMessage::default() });
    app.system().state.send(&queue_name(&app), &messages).expect("they are queued");

    assert_eq!(app.messages(&read, 1).await.len(), 1);
    // Or it comes again while its worker is still at it.
    eventually("the other to be dealt with", async || (queued(&app, "sms") == 1).then_some(())).await;
    eventually("the message to be given up", async || {
        app.advance(61);
        (queued(&app, "sms-dead") == 1).then_some(())
    })
    .await;
    assert_eq!(app.outbox(&unread).await.len(), 0);
    assert_eq!(deliveries(&app).await.len(), 1);
}
