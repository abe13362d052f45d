//! `Idempotency-Key`: a `POST` that is sent again takes effect once, and gets its first answer again.

use campus_aws::CODE_SECRET;
use campus_testkit::{Client, Reply, SignUp, TestApp, race};
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::accounts::signing_in::{PASSWORD, Person, cookie, person, session_of, signed_in};

const CHALLENGES: &str = "/v1/captcha-challenges";

/// What repetitions have in common with the first answer: all but the request's own name.
fn content(reply: &Reply) -> (u16, Value, Vec<String>) {
    let headers = reply.headers.iter().filter(|(name, _)| {
        !["x-request-id", "date", "content-length", "idempotency-replayed", "apigw-requestid"].contains(&name.as_str())
    });
    let mut headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort();
    let mut body = reply.body.clone();
    if reply.status >= 400 {
        body["request_id"] = Value::Null;
    }
    (reply.status, body, headers)
}

/// How many sessions someone has, with that which counts them.
async fn sessions_of(app: &TestApp, person: &Person) -> usize {
    let session = session_of(app, person, false).await;
    let sessions = signed_in(app, &session).get("/v1/sessions").await;
    sessions.body["items"].as_array().map_or(0, Vec::len)
}

/// Sends a request under a key of its own twice, and returns the answer, which must be the same.
async fn twice(app: &TestApp, client: &Client, path: &str, body: &Value) -> Reply {
    let key = app.new_key();
    let first = client.post_with_key(path, body, &key).await;
    let second = client.post_with_key(path, body, &key).await;

    assert_eq!(content(&first), content(&second), "{path}");
    assert_eq!(first.header("idempotency-replayed"), "", "{path}");
    assert_eq!(second.header("idempotency-replayed"), "true", "{path}");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"), "{path}");
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_of_a_sign_up_can_be_repeated_and_is_made_once() {
    let app = TestApp::start().await;
    let (client, phone) = (app.anonymous(), app.new_phone());

    let challenge = twice(&app, &client, CHALLENGES, &json!({})).await;
    let solutions = format!("{CHALLENGES}/{}/solutions", challenge.text("/id"));
    let captcha = twice(&app, &client, &solutions, &json!({})).await.text("/captcha_token");
    let form = json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": captcha });
    let asked = twice(&app, &client, "/v1/verification-codes", &form).await;
    let code = app.code_of(&asked, &phone, 1).await;
    let confirmations = format!("/v1/verification-codes/{}/confirmations", asked.text("/id"));
    let proof = twice(&app, &client, &confirmations, &json!({ "code": code })).await.text("/proof");
    let signed_up = twice(&app, &client, "/v1/users", &SignUp::with_proof(&proof).0).await;

    // The tokens are those of the one session.
    let me = client.with_token(signed_up.text("/session/access_token"));
    assert_eq!(me.get("/v1/sessions").await.body["items"].as_array().map(Vec::len), Some(1));
    let token = json!({ "refresh_token": signed_up.text("/session/refresh_token") });
    let refreshed = twice(&app, &client, "/v1/token-refreshes", &token).await;
    let successor = json!({ "refresh_token": refreshed.text("/session/refresh_token") });
    assert_eq!(client.post("/v1/token-refreshes", &successor).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_repeated_begins_one_session_and_gives_its_tokens_and_cookies_again() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let client = app.anonymous();
    for transport in ["bearer", "cookie"] {
        let form = json!({ "login": person.username, "password": PASSWORD, "transport": transport });
        let reply = twice(&app, &client, "/v1/sessions", &form).await;
        assert_eq!(reply.status, 201);
        assert_eq!(reply.headers.get_all(SET_COOKIE).iter().count(), if transport == "cookie" { 3 } else { 0 });
    }
    assert_eq!(sessions_of(&app, &person).await, 4, "the sign-up's, two, and that which counts them");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_the_answer_too_and_a_repeated_wrong_guess_counts_once() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let path = format!("/v1/verification-codes/{id}/confirmations");
    for _ in 0..4 {
        let refused = twice(&app, &app.anonymous(), &path, &json!({ "code": wrong })).await;
        assert_eq!(refused.summary(), "400 code_mismatch");
    }
    assert_eq!(app.confirm(&id, &code).await.summary(), "201", "four guesses are counted, not eight");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_one_body() {
    let app = TestApp::start().await;
    let (client, key) = (app.anonymous(), app.new_key());
    let check = |value: &str| json!({ "kind": "username", "value": value });
    let first = client.post_with_key("/v1/availability-checks", &check("someone"), &key).await;
    assert_eq!(first.status, 200);

    let other = client.post_with_key("/v1/availability-checks", &check("someone_else"), &key).await;
    assert_eq!(other.summary(), "422 idempotency_key_reused");
    let again = client.post_with_key("/v1/availability-checks", &check("someone"), &key).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_the_callers_own_and_that_of_one_path() {
    let app = TestApp::start().await;
    let key = app.new_key();
    let first = app.anonymous().post_with_key(CHALLENGES, &json!({}), &key).await;

    let elsewhere = app.anonymous().from_address(app.another_address());
    let strangers = elsewhere.post_with_key(CHALLENGES, &json!({}), &key).await;
    assert_eq!(strangers.header("idempotency-replayed"), "");
    assert_ne!(strangers.text("/id"), first.text("/id"));
    let solutions = |reply: &Reply| format!("{CHALLENGES}/{}/solutions", reply.text("/id"));
    let solved = app.anonymous().post_with_key(&solutions(&first), &json!({}), &key).await;
    assert_eq!(solved.summary(), "201", "another path is another request");
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_of_two_browsers_behind_one_address_are_two_though_key_and_body_be_the_same() {
    let app = TestApp::start().await;
    let (ana, bo) = (person(&app).await, person(&app).await);
    let key = app.new_key();
    let mut sessions = Vec::new();
    for person in [&ana, &bo] {
        let form = json!({ "login": person.username, "password": PASSWORD, "transport": "cookie" });
        let signed_in = app.anonymous().post("/v1/sessions", &form).await;
        let (token, csrf) = (cookie(&signed_in, "refresh_token"), cookie(&signed_in, "csrf_token"));
        let refresh = app
            .anonymous()
            .request(reqwest::Method::POST, "/v1/token-refreshes")
            .header("cookie", format!("refresh_token={token}; csrf_token={csrf}"))
            .header("x-csrf-token", csrf)
            .header("idempotency-key", &key)
            .json(&json!({}));
        sessions.push((signed_in.text("/session/id"), app.anonymous().send(refresh).await));
    }
    for (id, refreshed) in sessions {
        assert_eq!(refreshed.text("/session/id"), id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_a_key_is_free() {
    let app = TestApp::start().await;
    let key = app.new_key();
    let first = app.anonymous().post_with_key(CHALLENGES, &json!({}), &key).await;
    app.advance(24 * 60 * 60 - 60);
    let within = app.anonymous().post_with_key(CHALLENGES, &json!({}), &key).await;
    assert_eq!(content(&within), content(&first));
    app.advance(61);
    let after = app.anonymous().post_with_key(CHALLENGES, &json!({}), &key).await;
    assert_eq!(after.header("idempotency-replayed"), "");
    assert_ne!(after.text("/id"), first.text("/id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_1_to_64_visible_characters() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    for (key, fault) in [("", "too_short"), (&*"k".repeat(65), "too_long")] {
        let refused = client.post_with_key(CHALLENGES, &json!({}), key).await;
        assert_eq!(refused.summary(), "422 validation_failed");
        assert_eq!(refused.fields(), [format!("header:idempotency-key {fault}")]);
    }
    let key = format!("{:0<64}", app.new_key());
    assert_eq!(client.post_with_key(CHALLENGES, &json!({}), &key).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_no_answer_does_not_use_a_key_up() {
    let app = TestApp::start().await;
    let (client, key) = (app.anonymous(), app.new_key());
    let invalid = client.post_with_key("/v1/availability-checks", &json!({ "kind": "username" }), &key).await;
    assert_eq!(invalid.summary(), "422 validation_failed");
    let check = json!({ "kind": "phone", "value": app.new_phone() });
    let refused = client.post_with_key("/v1/availability-checks", &check, &key).await;
    assert_eq!(refused.summary(), "403 captcha_required", "come again with a captcha");

    let check = json!({ "kind": "phone", "value": check["value"], "captcha_token": app.captcha_token().await });
    let answer = client.post_with_key("/v1/availability-checks", &check, &key).await;
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_with_one_key_one_takes_effect_and_the_others_wait_or_get_its_answer() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let (client, key) = (app.anonymous(), app.new_key());
    let form = json!({ "login": person.username, "password": PASSWORD });
    let race = race(20, async |_| client.post_with_key("/v1/sessions", &form, &key).await).await;

    assert!(race.tally().keys().all(|outcome| ["201", "409 idempotency_in_progress"].contains(&outcome.as_str())));
    let answered: Vec<_> = race.replies.iter().filter(|reply| reply.status == 201).collect();
    let first: Vec<_> = answered.iter().filter(|reply| reply.header("idempotency-replayed").is_empty()).collect();
    assert_eq!(first.len(), 1, "{:?}", race.tally());
    assert!(answered.iter().all(|reply| reply.body == first[0].body));
    assert!(race.replies.iter().all(|reply| reply.status == 201 || reply.retry_after() >= 1));
    assert_eq!(sessions_of(&app, &person).await, 3, "the sign-up's, one, and that which counts them");
    let again = client.post_with_key("/v1/sessions", &form, &key).await;
    assert_eq!(again.body, first[0].body);
}

/// The fingerprint of a body is kept for a day. Under a key that a client made up it could be tried out, password by
/// password, by whoever reads the table.
#[test]
fn functions_that_are_told_passwords_keep_fingerprints_under_a_secret() {
    let mut told = Vec::new();
    for entry in campus_local::registries().into_iter().flat_map(|registry| registry.endpoints) {
        let Some(body) = (entry.describe)().body.filter(|_| entry.route.method == "POST") else { continue };
        let schemas = body.content.referred.into_iter().map(|(_, schema)| schema).chain([body.content.schema]);
        let schemas = serde_json::to_string(&schemas.collect::<Vec<_>>()).expect("a schema is JSON");
        if schemas.contains(r#""format":"password""#) {
            assert!(entry.grants.contains(&CODE_SECRET.read()), "{} needs `CODE_SECRET.read()`", entry.name);
            told.push(entry.name);
        }
    }
    assert!(told.contains(&"create_session") && told.contains(&"create_user"), "{told:?}");
}
