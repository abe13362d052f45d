//! `GET /users/me/deliveries`.

use campus_domain::{DeliveryId, UserId};
use campus_local::aws::Service;
use campus_messages::Channel;
use campus_notifications::deliveries::{Delivery, DeliveryStatus};
use campus_store::{Store, absent};
use campus_testkit::{Member, TestApp, eventually};
use serde_json::{Value, json};

const PATH: &str = "/v1/users/me/deliveries";

fn delivery(app: &TestApp, member: &Member, number: u64, status: DeliveryStatus) -> Delivery {
    let now = app.now();
    Delivery {
        id: DeliveryId::from_parts(number, [1; 10]),
        owner: Some(UserId::parse(member.user["id"].as_str().expect("there is an id")).expect("it is an id")),
        channel: Channel::Sms,
        topic: "screening_soon".to_owned(),
        status,
        attempts: 2,
        provider_id: Some("provider's own".to_owned()),
        provider_code: Some("Throttled".to_owned()),
        provider_message: Some("too many".to_owned()),
        lease_ends_at: now,
        created_at: now,
        updated_at: now,
        expires_at: now.plus_seconds(3600),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_person_sees_what_became_of_each_message_with_the_providers_words() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let store = Store::new(&app.clients);
    for (number, status) in [
        (1, DeliveryStatus::Sending),
        (2, DeliveryStatus::Sent),
        (3, DeliveryStatus::Failed),
        (4, DeliveryStatus::Unknown),
    ] {
        store.put(&delivery(&app, &member, number, status), absent()).await.expect("it can be written");
    }
    let reply = member.client.get(PATH).await;
    let items = reply.body["items"].as_array().expect("a list");
    let statuses: Vec<_> = items.iter().map(|item| item["status"].as_str().expect("a status")).collect();
    assert_eq!(statuses, ["unknown", "failed", "sent", "queued"]);
    let expected = json!({
        "id": DeliveryId::from_parts(3, [1; 10]).to_string(),
        "channel": "sms", "kind": "screening_soon", "status": "failed", "provider_code": "Throttled",
        "provider_message": "too many", "attempts": 2,
        "created_at": app.now().to_string(), "updated_at": app.now().to_string(),
    });
    let mut failed = items[1].clone();
    for time in ["created_at", "updated_at"] {
        failed[time] = expected[time].clone();
    }
    assert_eq!(failed, expected);
    // Preferences and the like are in the same partition.
    assert_eq!(reply.body["next_cursor"], Value::Null);
    assert_eq!(app.member().await.client.get(PATH).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_ledger_is_read_page_by_page() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for number in 1..=4 {
        let delivery = delivery(&app, &member, number, DeliveryStatus::Sent);
        Store::new(&app.clients).put(&delivery, absent()).await.expect("it can be written");
    }
    let first = member.client.get(&format!("{PATH}?limit=2")).await;
    let cursor = first.text("/next_cursor");
    let second = member.client.get(&format!("{PATH}?limit=2&cursor={cursor}")).await;
    assert_eq!(second.body["next_cursor"], Value::Null, "there is no empty page behind it");
    let pages = [first, second];
    let ids = pages.iter().flat_map(|page| page.body["items"].as_array().expect("a list")).map(|item| &item["id"]);
    let expected = (1..=4).rev().map(|number| json!(DeliveryId::from_parts(number, [1; 10]).to_string()));
    assert_eq!(ids.cloned().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let strangers = app.member().await.client.get(&format!("{PATH}?cursor={cursor}")).await;
    assert_eq!(strangers.summary(), "400 cursor_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_a_refused_code_to_a_member_is_in_their_list_without_their_number() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    app.advance(61);
    app.system().state.fail_next(Service::Sns, 1, 400, "OptedOut", "the number has opted out");
    let captcha_token = app.captcha_token().await;
    let form = json!({
        "channel": "sms", "target": member.phone, "purpose": "sign_in", "captcha_token": captcha_token,
    });
    assert_eq!(app.anonymous().post("/v1/verification-codes", &form).await.summary(), "202");
    let item = eventually("the refusal to be listed", async || {
        let reply = member.client.get(PATH).await;
        reply.body["items"].get(0).filter(|item| item["status"] == "failed").cloned()
    })
    .await;
    assert_eq!(
        (&item["provider_code"], &item["provider_message"]),
        (&json!("OptedOut"), &json!("the number has opted out"))
    );
    assert_eq!((&item["kind"], &item["channel"]), (&json!("verification_code"), &json!("sms")));
    assert!(!item.to_string().contains(&member.phone[5..]), "{item}");
}
