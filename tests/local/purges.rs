//! The end of accounts: what is left of whom, and when.

use campus_local::faults::{Attempts, Fault, Kind};
use campus_testkit::{SignUp, TestApp, code_in};
use serde_json::{Value, json};

use super::account_events::{Canary, again, ask, hear, link, tell};
use super::everything::{items, log, messages};
use crate::accounts::signing_in::{PASSWORD, person, session_of, sign_in, signed_in};

const DAY: u64 = 24 * 60 * 60;

/// Deals with what is due, runs the worker, and has everyone hear what it owes: now, and when nothing can run any more
/// that knew the person.
async fn purge(app: &TestApp) {
    tell(app).await;
    app.system().call_worker("purge_accounts", json!({ "id": "tick" })).await.expect("it purges");
    hear(app).await;
    app.advance(901);
    hear(app).await;
}

/// Where any of these is: in the log, in a queue, or in an item that DynamoDB has not deleted by its time to live.
async fn traces(app: &TestApp, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (table, item) in items(app).await {
        let expires_at = item.get("expires_at").and_then(|at| at.as_n().ok()).and_then(|at| at.parse::<i64>().ok());
        if expires_at.is_some_and(|at| at <= app.now().epoch_seconds()) {
            continue;
        }
        let written = format!("{item:?}");
        found.extend(
            texts
                .iter()
                .filter(|text| written.contains(**text))
                .map(|text| format!("{text} in {}: {:?}", table.name, item.get("pk"))),
        );
    }
    for (queue, body) in messages(app) {
        found.extend(texts.iter().filter(|text| body.contains(**text)).map(|text| format!("{text} in queue {queue}")));
    }
    let log = log().text();
    found.extend(texts.iter().filter(|text| log.contains(**text)).map(|text| format!("{text} in the log")));
    found
}

async fn delete(app: &TestApp, canary: &Canary) {
    let client = again(app, &canary.person).await;
    assert_eq!(client.delete_with("/v1/users/me", &json!({ "password": PASSWORD })).await.summary(), "204");
    app.send_sms_by_hand().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_after_the_deletion_nothing_is_left_of_what_the_export_had() {
    log();
    let app = TestApp::start_by_hand().await;
    let (canary, other) = (Canary::of(&app).await, Canary::of(&app).await);
    let export = ask(&app, &canary.person).await;
    hear(&app).await;
    let document = app.anonymous().get(&link(&app, &canary.person, &export).await).await.body.to_string();
    // The films and the library are not theirs alone.
    let own = |canary: &Canary| {
        let values = canary.values.iter().filter(|(what, _)| !["film", "library"].contains(what));
        values.map(|(_, value)| value.clone()).collect::<Vec<String>>()
    };
    let (values, others) = (own(&canary), own(&other));
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    for value in &values {
        assert!(document.contains(value), "{value} is not in {document}");
    }
    delete(&app, &canary).await;
    app.advance(30 * DAY - 60);
    purge(&app).await;
    assert!(!traces(&app, &values).await.is_empty(), "not before its time");
    let before = traces(&app, &others).await.len();
    app.advance(DAY);
    purge(&app).await;
    // The audit says that an account was purged, and names it by its id alone.
    let mut left = traces(&app, &values).await;
    left.retain(|trace| !(trace.contains("AUDIT#") && trace.starts_with(&canary.user_id.to_string())));
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(traces(&app, &others).await.len(), before, "nothing of anyone else is lost");
    // And once more, whatever comes again.
    purge(&app).await;

    let phone = &canary.person.phone;
    let asked = app.ask_for_code("sms", phone).await;
    app.send_sms_by_hand().await;
    let proof = app.confirm(&asked.text("/id"), &code_in(&app.outbox(phone).await[0].text)).await.text("/proof");
    let form = SignUp::with_proof(&proof).with("username", canary.values["username"].as_str());
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201", "number and name are free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_4_the_names_of_an_account_that_was_never_activated_are_free_when_its_link_is_over() {
    let app = TestApp::start_by_hand().await;
    let username = app.new_username();
    let form = async |address: String| {
        let form = SignUp::with_proof("").with("proof", Value::Null).with("email", address);
        let form = form.with("captcha_token", app.captcha_token().await).with("username", username.as_str());
        app.anonymous().post("/v1/users", &form.0).await.summary()
    };
    assert_eq!(form(app.new_email()).await, "202");
    // A slow machine takes a while to get here.
    app.advance(3 * DAY - 60);
    purge(&app).await;
    assert_eq!(form(app.new_email()).await, "409 username_taken", "not before it is purged");
    purge(&app).await;
    assert_eq!(form(app.new_email()).await, "202", "{username}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_while_the_purge_begins_is_in_with_everything_or_not_at_all() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let client = signed_in(&app, &session_of(&app, &person, true).await);
    assert_eq!(client.delete_with("/v1/users/me", &json!({ "password": PASSWORD })).await.summary(), "204");
    app.advance(30 * DAY - 5);
    // The sign-in has looked, and is about to write.
    app.system().faults.inject(Fault {
        kind: Kind::Hang,
        operation: Some("DynamoDB.TransactWriteItems".to_owned()),
        function: Some("create_session".to_owned()),
        skip: 1,
        times: 1,
        attempts: Attempts::First,
    });
    let anonymous = app.anonymous();
    let late = sign_in(&anonymous, &person.username, PASSWORD);
    let purged = async {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        app.advance(60);
        app.system().call_worker("purge_accounts", json!({ "id": "tick" })).await.expect("it purges");
    };
    let (late, ()) = tokio::join!(late, purged);
    assert_eq!(late.summary(), "401 credentials_wrong");
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "401 credentials_wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_back_in_time_is_not_purged() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    delete(&app, &canary).await;
    app.advance(29 * DAY);
    let username = canary.values["username"].as_str();
    assert_eq!(sign_in(&app.anonymous(), username, PASSWORD).await.summary(), "201");
    app.advance(2 * DAY);
    purge(&app).await;
    assert_eq!(sign_in(&app.anonymous(), username, PASSWORD).await.summary(), "201");
    let wishes = again(&app, &canary.person).await.get("/v1/users/me/wishes").await;
    assert_eq!(wishes.body["items"].as_array().map(Vec::len), Some(1), "{wishes:?}");
}
