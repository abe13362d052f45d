//! Many requests at once for what only one may have.

use std::collections::BTreeMap;

use campus_aws::ACCOUNTS;
use campus_store::{Attributes, Store};
use campus_testkit::{Reply, SignUp, TestApp};
use futures::future::join_all;
use serde_json::json;

use crate::accounts::signing_in::{PASSWORD, at_address, person, refresh, session_of, sign_in, signed_in};
use crate::notifications::all_dealt_with;

/// How often each answer was given.
fn tally(replies: &[Reply]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for reply in replies {
        *tally.entry(reply.summary()).or_default() += 1;
    }
    tally
}

fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.map(|(summary, count)| (summary.to_owned(), count)).into()
}

/// The stored items of a kind.
#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
async fn items(app: &TestApp, kind: &str) -> Vec<Attributes> {
    let clients = &app.clients;
    let page = clients.dynamodb.scan().table_name(Store::new(clients).physical(ACCOUNTS)).send().await;
    let mut items = page.expect("the table can be read").items.unwrap_or_default();
    items.retain(|item| text(item, "kind") == kind);
    items
}

fn text<'a>(item: &'a Attributes, name: &str) -> &'a str {
    item[name].as_s().expect("it is text")
}

/// Whose the claims of unique things are, sorted.
async fn claimants(app: &TestApp) -> Vec<String> {
    let mut claimants: Vec<_> =
        items(app, "guard").await.iter().map(|guard| text(guard, "user_id").to_owned()).collect();
    claimants.sort();
    claimants
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_15_of_fifty_requests_at_once_for_one_number_one_sends_a_code() {
    let app = TestApp::start_local().await;
    let (client, phone) = (app.anonymous(), app.new_phone());
    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": token }))
        .collect();
    let replies = join_all(forms.iter().map(|form| client.post("/v1/verification-codes", form))).await;

    assert_eq!(tally(&replies), counts([("202", 1), ("429 resend_too_soon", 49)]));
    assert!(replies.iter().all(|reply| reply.status == 202 || reply.retry_after() <= 60));
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_fifty_sends_at_once_with_one_captcha_one_is_accepted() {
    let app = TestApp::start_local().await;
    let (client, token) = (app.anonymous(), app.captcha_token().await);
    let forms: Vec<_> = (0..50)
        .map(|_| json!({ "channel": "sms", "target": app.new_phone(), "purpose": "sign_up", "captcha_token": token }))
        .collect();
    let replies = join_all(forms.iter().map(|form| client.post("/v1/verification-codes", form))).await;
    assert_eq!(tally(&replies), counts([("202", 1), ("403 captcha_required", 49)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_of_fifty_wrong_guesses_at_once_five_are_compared() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let replies = join_all((0..50).map(|_| app.confirm(&id, wrong))).await;
    assert_eq!(tally(&replies), counts([("400 code_mismatch", 5), ("429 guesses_exhausted", 45)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_of_fifty_right_guesses_at_once_one_gets_the_proof() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let replies = join_all((0..50).map(|_| app.confirm(&id, &code))).await;
    let mut tally = tally(&replies);
    assert_eq!(tally.remove("201"), Some(1));
    tally.remove("410 code_expired");
    tally.remove("429 guesses_exhausted");
    assert_eq!(tally, counts([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_fifty_sign_ups_at_once_with_one_number_one_succeeds() {
    let app = TestApp::start_local().await;
    let (client, phone) = (app.anonymous(), app.new_phone());
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).0;
    let replies = join_all((0..50).map(|_| client.post("/v1/users", &form))).await;

    assert_eq!(tally(&replies), counts([("201", 1), ("409 phone_taken", 49)]));
    let user = replies.iter().find(|reply| reply.status == 201).expect("one succeeded").text("/user/id");
    assert_eq!(items(&app, "account").await.len(), 1);
    // Number, username and nickname; nothing is left of the others.
    assert_eq!(claimants(&app).await, [user.clone(), user.clone(), user]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_fifty_sign_ups_at_once_with_one_username_one_succeeds_and_the_others_may_choose_another() {
    let app = TestApp::start_local().await;
    let client = app.anonymous();
    let phones: Vec<_> = (0..50).map(|_| app.new_phone()).collect();
    let proofs = join_all(phones.iter().map(|phone| app.proof("sms", phone))).await;
    let forms: Vec<_> = proofs.iter().map(|proof| SignUp::with_proof(proof).with("username", "minji_26").0).collect();
    let replies = join_all(forms.iter().map(|form| client.post("/v1/users", form))).await;

    assert_eq!(tally(&replies), counts([("201", 1), ("409 username_taken", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (1, 3));

    let refused = proofs.iter().zip(&replies).filter(|(_, reply)| reply.status == 409);
    let forms: Vec<_> = refused.map(|(proof, _)| SignUp::with_proof(proof).0).collect();
    let replies = join_all(forms.iter().map(|form| client.post("/v1/users", form))).await;
    assert_eq!(tally(&replies), counts([("201", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (50, 150));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_of_twenty_refreshes_at_once_of_one_token_all_get_the_one_successor() {
    let app = TestApp::start().await;
    let session = session_of(&app, &person(&app).await, true).await;
    let (client, token) = (app.anonymous(), session.text("/session/refresh_token"));
    let replies = join_all((0..20).map(|_| refresh(&client, &token))).await;
    assert_eq!(tally(&replies), counts([("201", 20)]));
    let mut successors: Vec<_> = replies.iter().map(|reply| reply.text("/session/refresh_token")).collect();
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_ne!(successors[0], token);
    assert_eq!(refresh(&client, &successors[0]).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_of_twenty_late_replays_at_once_one_ends_the_session_and_one_message_is_sent() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, true).await;
    let (client, token) = (app.anonymous(), session.text("/session/refresh_token"));
    refresh(&client, &token).await;
    app.advance(12);
    let replies = join_all((0..20).map(|_| refresh(&client, &token))).await;
    assert_eq!(tally(&replies), counts([("401 refresh_token_revoked", 20)]));
    app.messages(&person.phone, 2).await;
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&person.phone).await.len(), 2, "that of the sign-up, and the news");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_wrong_passwords_at_once_three_are_compared_and_with_captchas_five() {
    let app = TestApp::start().await;
    let (first, second) = (person(&app).await, person(&app).await);
    let client = at_address(&app, 2);
    let replies = join_all((0..50).map(|_| sign_in(&client, &first.username, "drie grote eendjes"))).await;
    assert_eq!(tally(&replies), counts([("401 credentials_wrong", 3), ("403 captcha_required", 47)]));

    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "login": second.username, "password": "drie grote eendjes", "captcha_token": token }))
        .collect();
    let client = at_address(&app, 3);
    let replies = join_all(forms.iter().map(|form| client.post("/v1/sessions", form))).await;
    let mut tally = tally(&replies);
    // Each wait that runs out meanwhile lets one more through: after 2 s, then 4, then 8.
    let compared = tally.remove("401 credentials_wrong").unwrap_or_default();
    assert!((5..=8).contains(&compared), "{compared} were compared");
    assert_eq!(tally, counts([("429 sign_in_delayed", 50 - compared)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_attempts_at_once_with_one_captcha_one_is_made() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    for number in [2, 3, 4] {
        sign_in(&at_address(&app, number), &person.username, "drie grote eendjes").await;
    }
    let token = app.captcha_token().await;
    let form = json!({ "login": person.username, "password": "drie grote eendjes", "captcha_token": token });
    let clients: Vec<_> = (10..60).map(|number| at_address(&app, number)).collect();
    let replies = join_all(clients.iter().map(|client| client.post("/v1/sessions", &form))).await;
    assert_eq!(tally(&replies), counts([("401 credentials_wrong", 1), ("403 captcha_required", 49)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_sign_ins_at_once_leave_ten_sessions() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    // From as many addresses, or most would have to wait.
    let clients: Vec<_> = (10..60).map(|number| at_address(&app, number)).collect();
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "login": person.username, "password": PASSWORD, "captcha_token": token }))
        .collect();
    let requests = clients.iter().zip(&forms).map(|(client, form)| client.post("/v1/sessions", form));
    let replies = join_all(requests).await;
    assert_eq!(tally(&replies), counts([("201", 50)]));

    let refresh_tokens: Vec<_> = replies.iter().map(|reply| reply.text("/session/refresh_token")).collect();
    let client = app.anonymous();
    let refreshed = join_all(refresh_tokens.iter().map(|token| refresh(&client, token))).await;
    assert_eq!(tally(&refreshed), counts([("201", 10), ("401 refresh_token_revoked", 40)]));
    let live = refreshed.iter().find(|reply| reply.status == 201).expect("ten are live");
    let listed = signed_in(&app, live).get("/v1/sessions").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_sign_ins_at_once_with_one_proof_one_succeeds() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let proof = crate::accounts::signing_in::sign_in_proof(&app, "sms", &person.phone).await;
    let (client, form) = (app.anonymous(), json!({ "proof": proof }));
    let replies = join_all((0..50).map(|_| client.post("/v1/sessions", &form))).await;
    assert_eq!(tally(&replies), counts([("201", 1), ("410 proof_spent", 49)]));
}
