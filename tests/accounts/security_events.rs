//! `/users/me/security-events`, and mails about new devices.

use campus_messages::Purpose;
use campus_testkit::{Client, Reply, SignUp, TestApp};
use reqwest::Method;
use serde_json::json;

use super::signing_in::{PASSWORD, all_sent, refresh, signed_in};

const PATH: &str = "/v1/users/me/security-events";

/// Someone new with a proven address, and that; signed up on a device of this name.
async fn on_device(app: &TestApp, agent: &str) -> (String, Client) {
    let address = app.new_email();
    let form = SignUp::with_proof(&app.proof("email", &address).await);
    let request = app.anonymous().request(Method::POST, "/v1/users").header("user-agent", agent);
    let reply = app.anonymous().send(request.json(&form.0)).await;
    (address, signed_in(app, &reply))
}

async fn sign_in_on(app: &TestApp, login: &str, agent: &str) -> Reply {
    let request = app.anonymous().request(Method::POST, "/v1/sessions").header("user-agent", agent);
    app.anonymous().send(request.json(&json!({ "login": login, "password": PASSWORD }))).await
}

fn kinds(reply: &Reply) -> Vec<String> {
    let items = reply.body["items"].as_array().expect("there is a list");
    items.iter().map(|item| item["kind"].as_str().expect("it has a kind").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_on_a_new_device_is_told_by_mail_and_one_on_a_known_device_is_not() {
    let app = TestApp::start().await;
    let (address, _) = on_device(&app, "phone").await;
    assert_eq!(sign_in_on(&app, &address, "phone").await.summary(), "201");
    assert_eq!(sign_in_on(&app, &address, "<b>laptop</b>").await.summary(), "201");
    let mail = app.messages(&address, 2).await.swap_remove(0);
    assert_eq!(mail.subject.as_deref(), Some("[Campus] 새 기기에서 로그인했습니다"));
    assert!(!mail.text.contains("laptop"), "what a stranger's device calls itself is no text of ours");
    assert_eq!(sign_in_on(&app, &address, "<b>laptop</b>").await.summary(), "201");
    all_sent(&app).await;
    assert_eq!(app.outbox(&address).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_what_happened_to_their_account_newest_first_and_nobody_elses() {
    let app = TestApp::start().await;
    let (address, client) = on_device(&app, "phone").await;
    app.advance(1);
    let session = sign_in_on(&app, &address, "laptop").await;
    app.advance(1);
    let proof = app.proof_as(&client, Purpose::ChangePhone, "sms", &app.new_phone()).await;
    assert_eq!(client.put("/v1/users/me/phone", &json!({ "proof": proof })).await.summary(), "200");
    app.advance(1);
    let reply = client.get(PATH).await;
    assert_eq!(kinds(&reply), ["phone_changed", "new_device", "signed_up"]);
    let agents: Vec<_> = reply.body["items"].as_array().expect("a list").iter().map(|item| &item["agent"]).collect();
    assert_eq!(agents[1..], [&json!("laptop"), &json!("phone")]);
    // The laptop's session ended with the change.
    let refused = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refused.summary(), "401 refresh_token_revoked");
    let (_, another) = on_device(&app, "phone").await;
    assert_eq!(kinds(&another.get(PATH).await), ["signed_up"]);
    assert_eq!(app.anonymous().get(PATH).await.summary(), "401 token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page_though_more_happens_meanwhile() {
    let app = TestApp::start().await;
    let (address, client) = on_device(&app, "device 0").await;
    for number in 1..5 {
        app.advance(1);
        assert_eq!(sign_in_on(&app, &address, &format!("device {number}")).await.summary(), "201");
    }
    let first = client.get(&format!("{PATH}?limit=2")).await;
    app.advance(1);
    sign_in_on(&app, &address, "another").await;
    let second = client.get(&format!("{PATH}?limit=2&cursor={}", first.text("/next_cursor"))).await;
    let third = client.get(&format!("{PATH}?limit=2&cursor={}", second.text("/next_cursor"))).await;
    assert_eq!(kinds(&third), ["signed_up"]);
    assert!(third.body["next_cursor"].is_null());
    let agents = |reply: &Reply| -> Vec<String> {
        let items = reply.body["items"].as_array().expect("a list").iter();
        items.map(|item| item["agent"].as_str().expect("a device").to_owned()).collect()
    };
    assert_eq!(agents(&first), ["device 4", "device 3"]);
    assert_eq!(agents(&second), ["device 2", "device 1"]);
}
