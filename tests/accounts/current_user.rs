//! `GET /users/me`.

use campus_testkit::{SignUp, TestApp};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn b2_31_a_token_shows_ones_own_account() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.member().await, app.member().await);
    for person in [ana, bo] {
        let me = person.client.get("/v1/users/me").await;
        assert_eq!(me.summary(), "200");
        assert_eq!(me.body, person.user);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_14_number_and_address_are_masked_and_say_whether_they_are_proven() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).with("email", app.new_email());
    let token = app.anonymous().post("/v1/users", &form.0).await.text("/session/access_token");
    let me = app.anonymous().with_token(token).get("/v1/users/me").await;
    let masked = format!("+82******{}", &phone[9..]);
    assert_eq!(me.body["phone"], json!({ "masked": masked, "verified": true }));
    assert_eq!(me.body["email"], json!({ "masked": "m***@campus.example", "verified": false }));
    assert_eq!(me.body["has_password"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_24_the_display_name_is_the_nickname() {
    let app = TestApp::start().await;
    let nickname = app.new_nickname();
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("nickname", nickname.as_str());
    let token = app.anonymous().post("/v1/users", &form.0).await.text("/session/access_token");
    let me = app.anonymous().with_token(token).get("/v1/users/me").await;
    assert_eq!((me.text("/display_name"), me.text("/nickname")), (nickname.clone(), nickname));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_40_only_listed_fields_are_told_and_never_the_hash() {
    let app = TestApp::start().await;
    let me = app.member().await.client.get("/v1/users/me").await;
    let mut fields: Vec<&str> = me.body.as_object().expect("it is an object").keys().map(String::as_str).collect();
    fields.sort_unstable();
    let listed = [
        "admission_year",
        "created_at",
        "display_name",
        "email",
        "etag",
        "has_password",
        "id",
        "locale",
        "name",
        "nickname",
        "phone",
        "roles",
        "school",
        "time_zone",
        "updated_at",
        "username",
    ];
    assert_eq!(fields, listed);
    assert!(!me.body.to_string().contains("argon2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_has_already_is_answered_304() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    let tag = client.get("/v1/users/me").await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
    assert_eq!(client.get("/v1/users/me").await.text("/etag"), tag);
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let reply = client.get_unless("/v1/users/me", &known).await;
        assert_eq!((reply.status, reply.body.is_null(), reply.header("etag")), (304, true, tag.as_str()), "{known}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_client_does_not_have_is_answered_in_full() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.member().await.client, app.member().await.client);
    let tag_of_bo = bo.get("/v1/users/me").await.header("etag").to_owned();
    for other in [tag_of_bo.as_str(), "\"other\"", "", "nonsense"] {
        let reply = ana.get_unless("/v1/users/me", other).await;
        assert_eq!(reply.summary(), "200", "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_account_is_kept_by_no_cache() {
    let app = TestApp::start().await;
    assert_eq!(app.member().await.client.get("/v1/users/me").await.header("cache-control"), "no-store");
}
