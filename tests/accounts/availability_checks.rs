//! `POST /availability-checks`.

use campus_testkit::{Reply, SignUp, TestApp};
use futures::StreamExt;
use serde_json::{Value, json};

async fn check(app: &TestApp, kind: &str, value: &str, captcha_token: Option<&str>) -> Reply {
    let form = json!({ "kind": kind, "value": value, "captcha_token": captcha_token });
    app.anonymous().post("/v1/availability-checks", &form).await
}

/// What someone has who signed up.
struct Taken {
    phone: String,
    /// Ends in the digit one.
    username: String,
    nickname: String,
}

async fn taken(app: &TestApp) -> Taken {
    let (phone, username, nickname) = (app.new_phone(), app.new_username() + "1", app.new_nickname());
    let form = SignUp::with_proof(&app.proof("sms", &phone).await);
    let form = form.with("username", username.as_str()).with("nickname", nickname.as_str());
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    Taken { phone, username, nickname }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_7_a_name_that_nobody_has_is_free() {
    let app = TestApp::start().await;
    for (kind, value) in [("username", app.new_username() + "1"), ("nickname", app.new_nickname())] {
        let reply = check(&app, kind, &value, None).await;
        assert_eq!((reply.summary(), reply.body), ("200".to_owned(), json!({ "available": true })));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_7_a_name_that_someone_has_is_not_free() {
    let app = TestApp::start().await;
    let Taken { username, nickname, .. } = taken(&app).await;
    let look_alike = username.replace('1', "l");
    for (kind, value) in [
        ("username", &username),
        ("username", &username.to_uppercase()),
        ("username", &look_alike),
        ("nickname", &nickname),
    ] {
        assert_eq!(check(&app, kind, value, None).await.body, json!({ "available": false }), "{kind} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_numbers_and_addresses_are_told_behind_a_captcha_only() {
    let app = TestApp::start().await;
    for (kind, value) in [("phone", "010-0000-0000"), ("email", "minji@campus.example")] {
        for token in [None, Some(""), Some("forged"), Some(&*"A".repeat(64))] {
            assert_eq!(check(&app, kind, value, token).await.summary(), "403 captcha_required", "{kind} {token:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_7_a_number_that_someone_has_is_not_free_in_any_writing() {
    let app = TestApp::start().await;
    let phone = taken(&app).await.phone;
    let token = app.captcha_token().await;
    let national = format!("010-{}-{}", &phone[5..9], &phone[9..]);
    for value in [&phone, &national] {
        assert_eq!(check(&app, "phone", value, Some(&token)).await.body, json!({ "available": false }));
    }
    let another = app.new_phone();
    assert_eq!(check(&app, "phone", &another, Some(&token)).await.body, json!({ "available": true }));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_7_an_address_is_free_until_someone_proves_it() {
    let app = TestApp::start().await;
    let token = app.captcha_token().await;
    let address = app.new_email();
    assert_eq!(check(&app, "email", &address, Some(&token)).await.body["available"], true);
    let form = SignUp::with_proof(&app.proof("email", &address).await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    assert_eq!(check(&app, "email", &address.to_uppercase(), Some(&token)).await.body["available"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_a_captcha_is_good_for_five_checks() {
    let app = TestApp::start().await;
    let token = app.captcha_token().await;
    for kind in ["phone", "email", "phone", "email", "phone"] {
        let value = if kind == "phone" { app.new_phone() } else { app.new_email() };
        assert_eq!(check(&app, kind, &value, Some(&token)).await.summary(), "200");
    }
    assert_eq!(check(&app, "phone", &app.new_phone(), Some(&token)).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_a_captcha_is_good_for_five_minutes() {
    let app = TestApp::start().await;
    let token = app.captcha_token().await;
    app.advance(300);
    assert_eq!(check(&app, "phone", &app.new_phone(), Some(&token)).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_37_a_reserved_name_is_refused_at_its_value() {
    let app = TestApp::start().await;
    for (kind, value) in
        [("username", "admin"), ("username", "관리자"), ("nickname", "운영자"), ("nickname", "ＲＯＯＴ")]
    {
        let reply = check(&app, kind, value, None).await;
        assert_eq!(reply.summary(), "422 validation_failed");
        assert_eq!(reply.fields(), ["/value reserved"], "{kind} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_not_of_its_kind_is_refused() {
    let app = TestApp::start().await;
    for (kind, value, field) in [
        ("username", "m", "/value too_short"),
        ("nickname", "m", "/value too_short"),
        ("phone", "12", "/value phone_invalid"),
        ("phone", "+1 202 555 0100", "/value phone_country_not_allowed"),
        ("email", "minji", "/value email_invalid"),
        ("password", "minji", "/kind unknown_value"),
    ] {
        let reply = check(&app, kind, value, None).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![field.to_owned()]), "{kind} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_checks_are_throttled_per_address() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    // What is refused counts like any other.
    let body = Value::Object(serde_json::Map::new());
    let statuses: Vec<u16> = futures::stream::iter(0..600)
        .map(|_| async { client.post("/v1/availability-checks", &body).await.status })
        .buffer_unordered(8)
        .collect()
        .await;
    assert!(statuses.iter().all(|status| *status == 422), "600 a minute are answered");

    let username = app.new_username();
    let refused = check(&app, "username", &username, None).await;
    assert_eq!(refused.summary(), "429 rate_limited");
    assert!(refused.retry_after() <= 60);
    let elsewhere = client.from_address(app.another_address());
    let elsewhere = elsewhere.post("/v1/availability-checks", &json!({ "kind": "username", "value": username })).await;
    assert_eq!(elsewhere.summary(), "200", "another address is not held back");
    app.advance(refused.retry_after());
    assert_eq!(check(&app, "username", &username, None).await.summary(), "200", "until its window is over");
}
