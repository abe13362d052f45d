//! A stage that is kept to test numbers.

use campus_aws::SMS_QUEUE;
use campus_domain::{Id, Locale, PhoneNumber, PhonePolicy};
use campus_endpoint::Settings;
use campus_local::aws::NewMessage;
use campus_messages::{Message, Purpose, Recipient, Topic};
use campus_testkit::TestApp;
use serde_json::json;

use crate::notifications::settled_delivery;

const LISTED: &str = "+821000000401";
const OTHER: &str = "+821000000402";

async fn kept_to_one_number() -> TestApp {
    let phones = PhonePolicy { test_numbers: vec![LISTED.to_owned()], ..Settings::local().phones };
    TestApp::start_with(Settings { phones, ..Settings::local() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_31_a_listed_number_gets_its_code() {
    let app = kept_to_one_number().await;
    let (id, code) = app.receive_code("sms", LISTED).await;
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_31_another_number_is_refused_and_told_why() {
    let app = kept_to_one_number().await;
    let told = vec!["/target phone_not_for_tests".to_owned()];
    let reply = app.ask_for_code("sms", OTHER).await;
    assert_eq!((reply.status, reply.fields()), (422, told));
    let form = json!({ "phone": OTHER });
    let reply = app.anonymous().post("/v1/users", &form).await;
    assert!(reply.fields().contains(&"/phone phone_not_for_tests".to_owned()), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_31_mail_goes_to_any_address() {
    let app = kept_to_one_number().await;
    let address = app.new_email();
    app.receive_code("email", &address).await;
}

/// Whoever queued it, and whenever: the list is the sender's own matter.
#[tokio::test(flavor = "multi_thread")]
async fn b3_31_a_text_that_is_queued_for_another_number_is_not_sent() {
    let app = kept_to_one_number().await;
    let message = Message {
        id: app.new_id(),
        owner: None,
        to: Recipient::Sms(PhoneNumber::parse(OTHER).expect("it is a number")),
        locale: Locale::Ko,
        topic: Topic::VerificationCode {
            code_id: Id::from_parts(1, [1; 10]),
            purpose: Purpose::SignUp,
            expires_at: app.now().plus_seconds(300),
        },
    };
    let body = serde_json::to_string(&message).expect("it can be written");
    let queue = format!("{}{}", app.clients.prefix(), SMS_QUEUE.name);
    app.system().state.send(&queue, &[NewMessage { body, ..NewMessage::default() }]).expect("it is queued");
    assert_eq!(settled_delivery(&app, "failed").await["provider_code"], "not_served");
    assert_eq!(app.outbox(OTHER).await.len(), 0);
}
