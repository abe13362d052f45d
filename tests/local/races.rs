//! Many requests at once for what only one may have.

use std::collections::BTreeMap;

use campus_aws::ACCOUNTS;
use campus_store::{Attributes, Store};
use campus_testkit::{Reply, SignUp, TestApp};
use futures::future::join_all;
use serde_json::json;

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
