//! Many requests at once for what only one may have.

use std::collections::{BTreeMap, BTreeSet};

use campus_aws::{ACCOUNTS, PROFILES, Table};
use campus_domain::Nickname;
use campus_store::{Attributes, Store};
use campus_testkit::{SignUp, TestApp, counts, race};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::notifications::all_dealt_with;

/// The stored items of a kind.
async fn items(app: &TestApp, kind: &str) -> Vec<Attributes> {
    items_of(app, ACCOUNTS, kind).await
}

#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
async fn items_of(app: &TestApp, table: Table, kind: &str) -> Vec<Attributes> {
    let clients = &app.clients;
    let page = clients.dynamodb.scan().table_name(Store::new(clients).physical(table)).send().await;
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
    let race = race(50, async |number| client.post("/v1/verification-codes", &forms[number]).await).await;

    assert_eq!(race.tally(), counts([("202", 1), ("429 resend_too_soon", 49)]));
    assert!(race.replies.iter().all(|reply| reply.status == 202 || reply.retry_after() <= 60));
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_fifty_sends_at_once_with_one_captcha_one_is_accepted() {
    let app = TestApp::start_local().await;
    let (client, token) = (app.anonymous(), app.captcha_token().await);
    let race = race(50, async |_| {
        let form = json!({ "channel": "sms", "target": app.new_phone(), "purpose": "sign_up", "captcha_token": token });
        client.post("/v1/verification-codes", &form).await
    });
    assert_eq!(race.await.tally(), counts([("202", 1), ("403 captcha_required", 49)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_of_fifty_wrong_guesses_at_once_five_are_compared() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let race = race(50, async |_| app.confirm(&id, wrong).await).await;
    assert_eq!(race.tally(), counts([("400 code_mismatch", 5), ("429 guesses_exhausted", 45)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_of_fifty_right_guesses_at_once_one_gets_the_proof() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let mut tally = race(50, async |_| app.confirm(&id, &code).await).await.tally();
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
    let race = race(50, async |_| client.post("/v1/users", &form).await).await;

    assert_eq!(race.tally(), counts([("201", 1), ("409 phone_taken", 49)]));
    let user = race.only(201).text("/user/id");
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
    let first = race(50, async |number| client.post("/v1/users", &forms[number]).await).await;

    assert_eq!(first.tally(), counts([("201", 1), ("409 username_taken", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (1, 3));

    let refused = proofs.iter().zip(&first.replies).filter(|(_, reply)| reply.status == 409);
    let forms: Vec<_> = refused.map(|(proof, _)| SignUp::with_proof(proof).0).collect();
    let second = race(forms.len(), async |number| client.post("/v1/users", &forms[number]).await).await;
    assert_eq!(second.tally(), counts([("201", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (50, 150));
}

/// Holds every nickname to be claimed by the one account that has it, claimed by nobody else, and shown alike
/// to everyone. Returns the accounts, by id, with their nicknames.
async fn nicknames(app: &TestApp) -> BTreeMap<String, String> {
    let by_id = |items: Vec<Attributes>, id: &str| -> BTreeMap<String, String> {
        items.iter().map(|item| (text(item, id).to_owned(), text(item, "nickname").to_owned())).collect()
    };
    let accounts = by_id(items(app, "account").await, "id");
    assert_eq!(by_id(items_of(app, PROFILES, "profile").await, "user_id"), accounts);
    let guards = items(app, "guard").await;
    let claimed: BTreeSet<_> = guards
        .iter()
        .filter_map(|guard| Some((text(guard, "pk").strip_prefix("UNIQUE#nickname#")?, text(guard, "user_id"))))
        .collect();
    let keys: Vec<(String, &String)> = accounts
        .iter()
        .map(|(id, nickname)| (Nickname::parse(nickname).expect("it is a nickname").key(), id))
        .collect();
    assert_eq!(claimed, keys.iter().map(|(key, id)| (key.as_str(), id.as_str())).collect());
    accounts
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_twenty_people_who_want_one_nickname_at_once_one_gets_it() {
    let app = TestApp::start_local().await;
    let people = join_all((0..20).map(|_| app.member())).await;
    let change = json!({ "nickname": app.new_nickname() });
    let race = race(20, async |number| people[number].client.patch("/v1/users/me", &change).await).await;

    assert_eq!(race.tally(), counts([("200", 1), ("409 nickname_taken", 19)]));
    let mut expected: BTreeMap<_, _> = people.iter().map(|person| names(&person.user)).collect();
    expected.extend([names(&race.only(200).body)]);
    assert_eq!(nicknames(&app).await, expected);
}

/// Id and nickname of an account as its owner sees it.
fn names(user: &Value) -> (String, String) {
    let text = |name: &str| user[name].as_str().expect("it is text").to_owned();
    (text("id"), text("nickname"))
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_30_of_fifty_changes_at_once_to_different_fields_none_is_lost() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    let changes = [
        json!({ "nickname": app.new_nickname() }),
        json!({ "name": "김민지" }),
        json!({ "admission_year": 2025 }),
        json!({ "locale": "en" }),
        json!({ "time_zone": "America/New_York" }),
    ];
    let race = race(50, async |number| member.client.patch("/v1/users/me", &changes[number % 5]).await).await;

    assert_eq!(race.tally(), counts([("200", 50)]));
    let me = member.client.get("/v1/users/me").await.body;
    for (number, reply) in race.replies.iter().enumerate() {
        for (field, value) in changes[number % 5].as_object().expect("it is an object") {
            // What was answered was true, and still is.
            assert_eq!((&reply.body[field], &me[field]), (value, value), "{field}");
        }
    }
    nicknames(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_a_person_who_chooses_several_nicknames_at_once_ends_up_with_one() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    let wishes: Vec<_> = (0..5).map(|_| app.new_nickname()).collect();
    let race =
        race(5, async |number| member.client.patch("/v1/users/me", &json!({ "nickname": wishes[number] })).await);
    assert_eq!(race.await.tally(), counts([("200", 5)]));
    let nicknames = nicknames(&app).await;
    assert!(nicknames.values().eq([&member.client.get("/v1/users/me").await.text("/nickname")]));
    assert!(nicknames.values().all(|nickname| wishes.contains(nickname)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_changes_at_once_to_what_was_seen_one_is_made() {
    let app = TestApp::start_local().await;
    let client = app.member().await.client;
    let seen = client.get("/v1/users/me").await.text("/etag");
    let race = race(50, async |number| {
        let request = client.request(Method::PATCH, "/v1/users/me").header("if-match", &seen);
        client.send(request.json(&json!({ "name": format!("김민지 {number}") }))).await
    });
    let race = race.await;
    assert_eq!(race.tally(), counts([("200", 1), ("412 precondition_failed", 49)]));
    assert_eq!(client.get("/v1/users/me").await.body, race.only(200).body);
}
