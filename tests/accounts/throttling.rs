//! Failed sign-ins: captchas, waits, and codes; for logins that exist and for those that do not.

use campus_endpoint::Settings;
use campus_testkit::{Client, TestApp};
use serde_json::json;

use super::signing_in::*;

const WRONG: &str = "drie grote eendjes";

/// Fails so many times, each with a captcha, and waits where that is asked for.
async fn fail(app: &TestApp, client: &Client, login: &str, times: u32) {
    for _ in 0..times {
        loop {
            let reply = sign_in_solving(app, client, login, WRONG).await;
            if reply.summary() == "401 credentials_wrong" {
                break;
            }
            assert_eq!(reply.summary(), "429 sign_in_delayed");
            app.advance(reply.retry_after());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_failures_each_attempt_costs_a_captcha_and_after_five_a_wait_whether_the_login_exists_or_not() {
    let app = TestApp::start().await;
    let known = person(&app).await.username;
    let unknown = username_of(&app.new_phone());
    for (login, number) in [(known.as_str(), 2), (unknown.as_str(), 3)] {
        let client = at_address(&app, number);
        for _ in 0..3 {
            assert_eq!(sign_in(&client, login, WRONG).await.summary(), "401 credentials_wrong");
        }
        assert_eq!(sign_in(&client, login, PASSWORD).await.summary(), "403 captcha_required", "{login}");
        for _ in 0..2 {
            assert_eq!(sign_in_solving(&app, &client, login, WRONG).await.summary(), "401 credentials_wrong");
        }
        // The first waits are shorter than a busy machine may take between two requests.
        fail(&app, &client, login, 3).await;
        for wait in [16, 32, 64] {
            let delayed = sign_in_solving(&app, &client, login, WRONG).await;
            assert_eq!(delayed.summary(), "429 sign_in_delayed", "{login}");
            assert!(delayed.retry_after() <= wait && delayed.retry_after() > wait / 2, "{delayed:?}");
            assert_eq!(sign_in(&client, login, PASSWORD).await.summary(), "429 sign_in_delayed", "the wait goes first");
            app.advance(delayed.retry_after());
            assert_eq!(sign_in_solving(&app, &client, login, WRONG).await.summary(), "401 credentials_wrong");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captcha_is_used_up_by_an_attempt_and_not_by_a_refusal() {
    let app = TestApp::start().await;
    let login = person(&app).await.username;
    let client = app.anonymous();
    for _ in 0..3 {
        sign_in(&client, &login, WRONG).await;
    }
    let captcha_token = app.captcha_token().await;
    let attempt = async |password: &str| {
        let form = json!({ "login": login, "password": password, "captcha_token": captcha_token });
        client.post("/v1/sessions", &form).await.summary()
    };
    assert_eq!(attempt(WRONG).await, "401 credentials_wrong");
    assert_eq!(attempt(PASSWORD).await, "403 captcha_required");
    fail(&app, &client, &login, 4).await;

    let captcha_token = app.captcha_token().await;
    let form = json!({ "login": login, "password": PASSWORD, "captcha_token": captcha_token });
    assert_eq!(client.post("/v1/sessions", &form).await.summary(), "429 sign_in_delayed");
    app.advance(17);
    assert_eq!(client.post("/v1/sessions", &form).await.summary(), "201", "the refusal kept the captcha");
    for foreign in ["", "x", &app.proof("sms", &app.new_phone()).await] {
        let form = json!({ "login": login, "password": PASSWORD, "captcha_token": foreign });
        assert_eq!(client.post("/v1/sessions", &form).await.summary(), "403 captcha_required");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attack_from_elsewhere_costs_the_owner_a_captcha_and_no_wait_and_a_sign_in_ends_it() {
    let app = TestApp::start().await;
    let login = person(&app).await.username;
    let attacker = at_address(&app, 2);
    fail(&app, &attacker, &login, 9).await;
    assert_eq!(sign_in_solving(&app, &attacker, &login, WRONG).await.summary(), "429 sign_in_delayed");
    let owner = at_address(&app, 3);
    assert_eq!(sign_in(&owner, &login, PASSWORD).await.summary(), "403 captcha_required");
    assert_eq!(sign_in_solving(&app, &owner, &login, PASSWORD).await.summary(), "201");
    assert_eq!(sign_in(&owner, &login, PASSWORD).await.summary(), "201", "the account's failures are gone");
    assert_eq!(sign_in_solving(&app, &attacker, &login, PASSWORD).await.summary(), "429 sign_in_delayed");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_the_accounts_whatever_login_they_were_made_with() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    for (number, login) in [(2, &person.username), (3, &person.phone), (4, &person.username)] {
        assert_eq!(sign_in(&at_address(&app, number), login, WRONG).await.summary(), "401 credentials_wrong");
    }
    assert_eq!(sign_in(&at_address(&app, 5), &person.phone, PASSWORD).await.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_failed_at_three_logins_needs_captchas_for_any_until_15_minutes_later() {
    let app = TestApp::start().await;
    let login = person(&app).await.username;
    let client = at_address(&app, 2);
    for _ in 0..4 {
        assert_eq!(sign_in(&client, &login, PASSWORD).await.summary(), "201", "successes are no failures");
    }
    for _ in 0..3 {
        let stranger = username_of(&app.new_phone());
        assert_eq!(sign_in(&client, &stranger, WRONG).await.summary(), "401 credentials_wrong");
    }
    assert_eq!(sign_in(&client, &login, PASSWORD).await.summary(), "403 captcha_required");
    assert_eq!(sign_in_solving(&app, &client, &login, PASSWORD).await.summary(), "201", "no address waits");
    assert_eq!(sign_in(&at_address(&app, 3), &login, PASSWORD).await.summary(), "201");
    app.advance(901);
    assert_eq!(sign_in(&client, &login, PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_behind_one_address_may_allow_it_more_failures() {
    let settings = Settings { sign_in_failures_per_address: 5, ..Settings::local() };
    let app = TestApp::start_with(settings).await;
    for _ in 0..app.settings.sign_in_failures_per_address {
        let reply = sign_in(&app.anonymous(), &username_of(&app.new_phone()), WRONG).await;
        assert_eq!(reply.summary(), "401 credentials_wrong");
    }
    let reply = sign_in(&app.anonymous(), &username_of(&app.new_phone()), WRONG).await;
    assert_eq!(reply.summary(), "403 captcha_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_forgotten_in_time() {
    let app = TestApp::start().await;
    let login = person(&app).await.username;
    for number in [2, 2, 3] {
        sign_in(&at_address(&app, number), &login, WRONG).await;
    }
    app.advance(24 * 60 * 60 + 1);
    assert_eq!(sign_in(&at_address(&app, 2), &login, PASSWORD).await.summary(), "403 captcha_required");
    app.advance(29 * 24 * 60 * 60);
    assert_eq!(sign_in(&at_address(&app, 2), &login, PASSWORD).await.summary(), "201");
}
