//! `POST /unsubscriptions/{token}`, RFC 8058.

use campus_messages::AlertKind;
use campus_testkit::{Client, Member, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use super::unsubscription_path;

const PREFERENCES: &str = "/v1/users/me/notification-preferences";

/// Someone who gets mails of all kinds.
async fn reader(app: &TestApp) -> (Member, String) {
    let member = app.member().await;
    turn_on(&member.client).await;
    let id = member.user["id"].as_str().expect("an account has an id").to_owned();
    (member, id)
}

async fn turn_on(client: &Client) {
    let ways = json!({ "email": true, "sms": true });
    let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
    assert_eq!(client.put(PREFERENCES, &json!({ "kinds": kinds, "lead_minutes": 30 })).await.summary(), "200");
}

/// The kinds that a person gets mails of.
async fn mailed(client: &Client) -> Vec<String> {
    let body = client.get(PREFERENCES).await.body;
    let kinds = body["kinds"].as_object().expect("there are kinds").iter();
    kinds.filter(|(_, ways)| ways["email"] == true).map(|(kind, _)| kind.clone()).collect()
}

async fn click(app: &TestApp, path: &str, media_type: Option<&str>, body: &'static str) -> Reply {
    let client = app.anonymous();
    let request = client.request(Method::POST, path).body(body);
    let request = match media_type {
        Some(media_type) => request.header("content-type", media_type),
        None => request,
    };
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_stops_the_mails_of_one_kind_and_nothing_else() {
    let app = TestApp::start().await;
    let (member, id) = reader(&app).await;
    let (other, _) = reader(&app).await;
    let before = member.client.get(PREFERENCES).await.body;
    let path = unsubscription_path(&app, &id, AlertKind::ScreeningReminder).await;
    assert_eq!(
        click(&app, &path, Some("application/x-www-form-urlencoded"), "List-Unsubscribe=One-Click").await.status,
        204
    );

    let mut expected = before;
    expected["kinds"]["screening_reminder"]["email"] = false.into();
    let after = member.client.get(PREFERENCES).await.body;
    expected["etag"] = after["etag"].clone();
    assert_eq!(after, expected);
    assert_eq!(mailed(&other.client).await.len(), 3);

    // Again, and once everything was turned off by hand: there is nothing left to do.
    assert_eq!(click(&app, &path, None, "").await.status, 204);
    turn_on(&member.client).await;
    assert_eq!(mailed(&member.client).await.len(), 3);
    assert_eq!(click(&app, &path, None, "").await.status, 204, "the link of an old mail stays good");
    assert_eq!(mailed(&member.client).await, ["screening_announced", "screening_changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_may_be_a_form_or_json_or_nothing() {
    let app = TestApp::start().await;
    let (member, id) = reader(&app).await;
    let path = unsubscription_path(&app, &id, AlertKind::ScreeningAnnounced).await;
    let parts = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (media_type, body) in [
        (Some("application/x-www-form-urlencoded"), "List-Unsubscribe=One-Click"),
        (Some("application/x-www-form-urlencoded; charset=utf-8"), "List-Unsubscribe=One-Click"),
        (Some("multipart/form-data; boundary=b"), parts),
        (Some("application/json"), "{}"),
        (Some("application/json"), r#"{"List-Unsubscribe": "One-Click"}"#),
        (Some("application/json"), ""),
        (Some("text/plain"), ""),
        (None, ""),
    ] {
        turn_on(&member.client).await;
        assert_eq!(click(&app, &path, media_type, body).await.summary(), "204", "{media_type:?} {body}");
        assert_eq!(mailed(&member.client).await, ["screening_changed", "screening_reminder"]);
    }
    turn_on(&member.client).await;
    for (media_type, body, summary) in [
        (Some("application/x-www-form-urlencoded"), "List-Unsubscribe=Maybe", "422 validation_failed"),
        (Some("application/json"), r#"{"List-Unsubscribe": "Maybe"}"#, "422 validation_failed"),
        (Some("application/json"), "List-Unsubscribe=One-Click", "400 malformed_json"),
        (Some("text/plain"), "List-Unsubscribe=One-Click", "415 unsupported_media_type"),
        (None, "List-Unsubscribe=One-Click", "415 unsupported_media_type"),
    ] {
        assert_eq!(click(&app, &path, media_type, body).await.summary(), summary, "{media_type:?} {body}");
    }
    assert_eq!(mailed(&member.client).await.len(), 3);
    // A program that looks at links before their reader does changes nothing.
    assert_eq!(app.anonymous().get(&path).await.summary(), "405 method_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_for_this_endpoint_alone() {
    let app = TestApp::start().await;
    let reply = click(&app, "/v1/captcha-challenges", Some("application/x-www-form-urlencoded"), "a=b").await;
    assert_eq!(reply.summary(), "415 unsupported_media_type");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_or_foreign_token_is_not_found_and_stops_nothing() {
    let app = TestApp::start().await;
    let (member, id) = reader(&app).await;
    let path = unsubscription_path(&app, &id, AlertKind::ScreeningReminder).await;
    let another = unsubscription_path(&app, &id, AlertKind::ScreeningChanged).await;
    // The tag of one kind behind the name of another.
    let mixed = format!("{}{}", &path[..path.len() - 43], &another[another.len() - 43..]);
    let turned = format!("{}{}", &path[..path.len() - 1], if path.ends_with('A') { "E" } else { "A" });
    for wrong in [
        mixed,
        turned,
        format!("{path}A"),
        "/v1/unsubscriptions/x".to_owned(),
        path.to_uppercase().replace("/V1/UNSUBSCRIPTIONS", "/v1/unsubscriptions"),
    ] {
        assert_eq!(app.anonymous().post(&wrong, &json!({})).await.summary(), "404 unsubscription_not_found", "{wrong}");
    }
    assert_eq!(mailed(&member.client).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_under_a_key_is_carried_out_once() {
    let app = TestApp::start().await;
    let (member, id) = reader(&app).await;
    let path = unsubscription_path(&app, &id, AlertKind::ScreeningReminder).await;
    let click = async || app.anonymous().post_with_key(&path, &json!({}), "a-click").await;
    assert_eq!(click().await.summary(), "204");
    turn_on(&member.client).await;
    let again = click().await;
    assert_eq!((again.status, again.headers.get("idempotency-replayed").is_some()), (204, true));
    assert_eq!(mailed(&member.client).await.len(), 3, "the repetition is of before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_in_no_record_of_calls() {
    let app = TestApp::start_local().await;
    let (_, id) = reader(&app).await;
    let path = unsubscription_path(&app, &id, AlertKind::ScreeningReminder).await;
    assert_eq!(app.anonymous().post(&path, &json!({})).await.status, 204);
    let token = path.rsplit('/').next().expect("it has parts");
    let recorded = format!("{:?}", app.system().recorder.invocations());
    assert!(recorded.contains("create_unsubscription") && !recorded.contains(token));
    let shown: Value = app
        .anonymous()
        .request(Method::GET, "/_local/calls.json")
        .send()
        .await
        .expect("the system answers")
        .json()
        .await
        .expect("it is JSON");
    assert!(!shown.to_string().contains(token));
}
