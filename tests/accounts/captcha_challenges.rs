//! `/captcha-challenges`.

use campus_testkit::{Reply, TestApp};
use serde_json::json;

use super::signing_in::latest_calls;

async fn challenge(app: &TestApp) -> String {
    app.anonymous().post("/v1/captcha-challenges", &json!({})).await.text("/id")
}

async fn solve(app: &TestApp, id: &str) -> Reply {
    app.anonymous().post(&format!("/v1/captcha-challenges/{id}/solutions"), &json!({})).await
}

async fn send(app: &TestApp, phone: &str, captcha_token: &str) -> Reply {
    let form = json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": captcha_token });
    app.anonymous().post("/v1/verification-codes", &form).await
}

async fn check(app: &TestApp, phone: &str, captcha_token: &str) -> Reply {
    let form = json!({ "kind": "phone", "value": phone, "captcha_token": captcha_token });
    app.anonymous().post("/v1/availability-checks", &form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_is_solved_for_a_token() {
    let app = TestApp::start().await;
    let challenge = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    assert_eq!(challenge.summary(), "201");
    assert_eq!(challenge.body["provider"], "none");

    let solution = solve(&app, &challenge.text("/id")).await;
    assert_eq!(solution.summary(), "201");
    assert!(!solution.text("/captcha_token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_is_solved_once() {
    let app = TestApp::start().await;
    let id = challenge(&app).await;
    assert_eq!(solve(&app, &id).await.summary(), "201");
    assert_eq!(solve(&app, &id).await.summary(), "410 captcha_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_that_nobody_began_cannot_be_solved() {
    let app = TestApp::start().await;
    let unknown = solve(&app, "019a0000-0000-7000-8000-000000000000").await;
    assert_eq!(unknown.summary(), "404 captcha_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_solution_is_good_for_one_send() {
    let app = TestApp::start().await;
    let token = app.captcha_token().await;
    assert_eq!(send(&app, &app.new_phone(), &token).await.summary(), "202");
    assert_eq!(send(&app, &app.new_phone(), &token).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_refused_send_leaves_the_solution_good_for_another() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;

    let token = app.captcha_token().await;
    assert_eq!(send(&app, &phone, &token).await.summary(), "429 resend_too_soon");
    assert_eq!(send(&app, &app.new_phone(), &token).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_solution_is_good_for_five_checks_beside_its_send() {
    let app = TestApp::start().await;
    let (phone, token) = (app.new_phone(), app.captcha_token().await);
    for _ in 0..5 {
        assert_eq!(check(&app, &phone, &token).await.body, json!({ "available": true }));
    }
    assert_eq!(check(&app, &phone, &token).await.summary(), "403 captcha_required");
    assert_eq!(send(&app, &phone, &token).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_b3_10_a_solution_tells_of_five_registered_numbers_by_sends_too() {
    let app = TestApp::start().await;
    let (member, token) = (app.member().await, app.captcha_token().await);
    for _ in 0..5 {
        assert_eq!(send(&app, &member.phone, &token).await.summary(), "409 phone_taken");
    }
    assert_eq!(send(&app, &member.phone, &token).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_a_challenge_can_be_solved_for_ten_minutes() {
    let app = TestApp::start().await;
    let (in_time, late) = (challenge(&app).await, challenge(&app).await);
    app.advance(580);
    assert_eq!(solve(&app, &in_time).await.summary(), "201");
    app.advance(20);
    assert_eq!(solve(&app, &late).await.summary(), "410 captcha_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_a_solution_can_be_used_for_five_minutes() {
    let app = TestApp::start().await;
    let (in_time, late) = (app.captcha_token().await, app.captcha_token().await);
    app.advance(280);
    assert_eq!(send(&app, &app.new_phone(), &in_time).await.summary(), "202");
    app.advance(20);
    assert_eq!(send(&app, &app.new_phone(), &late).await.summary(), "403 captcha_required");
    assert_eq!(check(&app, &app.new_phone(), &late).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_nothing_is_sent_without_a_solution() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let form = json!({ "channel": "sms", "target": phone, "purpose": "sign_up" });
    let reply = app.anonymous().post("/v1/verification-codes", &form).await;
    assert_eq!(reply.summary(), "403 captcha_required");

    // What was refused did not begin the minute between two sends either.
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    assert_eq!(app.messages(&phone, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_a_solution_that_was_tampered_with_is_none() {
    let app = TestApp::start().await;
    let (phone, mut token) = (app.new_phone(), app.captcha_token().await);
    // Beyond the id, which the rest vouches for.
    let changed = if token.as_bytes()[30] == b'A' { "B" } else { "A" };
    token.replace_range(30..31, changed);
    assert_eq!(send(&app, &phone, &token).await.summary(), "403 captcha_required");
    assert_eq!(send(&app, &phone, "").await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_a_solution_from_elsewhere_is_none() {
    let (app, elsewhere) = (TestApp::start().await, TestApp::start_local().await);
    let token = elsewhere.captcha_token().await;
    assert_eq!(send(&app, &app.new_phone(), &token).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_a_proof_is_no_solution() {
    let app = TestApp::start().await;
    let proof = app.proof("sms", &app.new_phone()).await;
    assert_eq!(send(&app, &app.new_phone(), &proof).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_without_a_maker_every_answer_solves_a_challenge() {
    let app = TestApp::start().await;
    for answer in [
        json!({ "token": "anything", "geetest_challenge": "" }),
        json!({ "lot_number": null, "what": ["ever"] }),
        json!({ "token": "t".repeat(2048), "captcha_output": "o".repeat(4096) }),
    ] {
        let path = format!("/v1/captcha-challenges/{}/solutions", challenge(&app).await);
        assert_eq!(app.anonymous().post(&path, &answer).await.summary(), "201", "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_what_cannot_be_an_answer_is_refused_with_every_wrong_field() {
    let app = TestApp::start().await;
    let id = challenge(&app).await;
    let wrong = json!({
        "token": "t".repeat(2049), "geetest_challenge": 7, "geetest_validate": "v".repeat(65), "geetest_seccode": {},
        "lot_number": [], "captcha_output": "가".repeat(4097), "pass_token": false, "gen_time": 1_764_000_000,
    });
    let refused = app.anonymous().post(&format!("/v1/captcha-challenges/{id}/solutions"), &wrong).await;
    let fields = [
        "/captcha_output too_long",
        "/geetest_challenge wrong_type",
        "/geetest_seccode wrong_type",
        "/geetest_validate too_long",
        "/gen_time wrong_type",
        "/lot_number wrong_type",
        "/pass_token wrong_type",
        "/token too_long",
    ];
    assert_eq!((refused.status, refused.fields()), (422, fields.map(str::to_owned).to_vec()));
    assert_eq!(solve(&app, &id).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_26_a_challenge_is_begun_alike_for_whoever_is_registered_and_whoever_is_not() {
    let app = TestApp::start().await;
    let member = app.member().await;
    // What was asked for once, and told who has an account.
    for user in [member.phone.as_str(), &app.new_phone(), "nobody"] {
        let begun = app.anonymous().post("/v1/captcha-challenges", &json!({ "user": user, "phone": user })).await;
        assert_eq!((begun.summary().as_str(), &begun.body["parameters"]), ("201", &json!({})), "{user}");
        let calls = latest_calls(&app, "create_captcha_challenge");
        assert!(calls.iter().all(|call| call.starts_with("TransactWriteItems")), "nobody is looked up: {calls:?}");
    }
}
