//! Signing up with a mail address alone, and `/activations`.

use campus_testkit::{Reply, SignUp, TestApp, counts, race};
use reqwest::Method;
use serde_json::{Value, json};

use super::signing_in::{PASSWORD, sign_in, sign_in_solving};

const DAY: u64 = 24 * 60 * 60;

/// Signs up without a proof.
async fn sign_up(app: &TestApp, address: &str, username: &str) -> Reply {
    app.anonymous().post("/v1/users", &form(app, address, username).await.0).await
}

async fn form(app: &TestApp, address: &str, username: &str) -> SignUp {
    let captcha_token = app.captcha_token().await;
    let form = SignUp::with_proof("").with("proof", Value::Null).with("email", address).with("username", username);
    form.with("captcha_token", captcha_token)
}

async fn activate(app: &TestApp, token: &str) -> Reply {
    app.anonymous().post("/v1/activations", &json!({ "token": token })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_1_b0_4_b3_36_an_account_made_by_mail_is_not_signed_in_to_before_its_link_is_followed() {
    let app = TestApp::start().await;
    let (address, username) = (app.new_email(), app.new_username());
    let reply = sign_up(&app, &address, &username).await;
    assert_eq!(reply.summary(), "202", "{reply:?}");
    assert_eq!(reply.body.as_object().map(|body| body.keys().cloned().collect()), Some(vec!["expires_at".to_owned()]));
    assert_eq!(sign_in(&app.anonymous(), &username, PASSWORD).await.summary(), "403 activation_required");
    // To others than its owner it is like any other account.
    assert_eq!(sign_in(&app.anonymous(), &username, "vier kleine eendjes").await.summary(), "401 credentials_wrong");
    assert_eq!(
        sign_in_solving(&app, &app.anonymous(), &address, "vier kleine eendjes").await.summary(),
        "401 credentials_wrong"
    );
    assert_eq!(sign_in_solving(&app, &app.anonymous(), &address, PASSWORD).await.summary(), "403 activation_required");

    let token = app.link_token(&address, 1).await;
    let reply = activate(&app, &token).await;
    assert_eq!((reply.summary().as_str(), reply.header("location")), ("201", "/v1/users/me"));
    assert_eq!(reply.body["user"]["email"], json!({ "masked": "m***@campus.example", "verified": true }));
    assert_eq!(reply.text("/user/username"), username);
    let client = app.anonymous().with_token(reply.text("/session/access_token"));
    assert_eq!(client.get("/v1/users/me").await.text("/username"), username);
    for login in [&username, &address] {
        assert_eq!(sign_in_solving(&app, &app.anonymous(), login, PASSWORD).await.summary(), "201", "{login}");
    }
    assert_eq!(activate(&app, &token).await.summary(), "410 link_spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_5_the_host_of_a_link_is_the_stages_own_whatever_the_request_says() {
    let app = TestApp::start_local().await;
    let address = app.new_email();
    let request = app.anonymous().request(Method::POST, "/v1/users");
    let request = ["x-forwarded-host", "forwarded", "origin", "referer"]
        .into_iter()
        .fold(request, |request, name| request.header(name, "https://evil.example"));
    let form = form(&app, &address, &app.new_username()).await;
    assert_eq!(app.anonymous().send(request.json(&form.0)).await.summary(), "202");
    let mail = app.messages(&address, 1).await.swap_remove(0);
    let links: Vec<&str> = mail.text.split_whitespace().filter(|word| word.contains("://")).collect();
    let [link] = links[..] else { panic!("one link: {links:?}") };
    assert!(link.starts_with(&format!("{}/activate?token=", app.settings.web_url)), "{link}");
    assert!(!mail.html.expect("a mail has a page").contains("evil"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_6_a_link_says_nothing_of_whose_it_is() {
    let app = TestApp::start().await;
    let address = app.new_email();
    sign_up(&app, &address, &app.new_username()).await;
    let token = app.link_token(&address, 1).await;
    let user_id = activate(&app, &token).await.text("/user/id");
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, &token).expect("it is base64url");
    let id = campus_domain::UserId::parse(&user_id).expect("it is an id");
    assert!(!bytes.windows(10).any(|window| id.as_bytes().windows(10).any(|part| part == window)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_campus_did_not_issue_for_this_activates_nothing() {
    let app = TestApp::start().await;
    let address = app.new_email();
    sign_up(&app, &address, &app.new_username()).await;
    let good = app.link_token(&address, 1).await;
    let last = if good.ends_with('A') { "B" } else { "A" };
    let altered = format!("{}{last}", &good[..good.len() - 1]);
    let (of_a_captcha, of_a_code) = (app.captcha_token().await, app.proof("sms", &app.new_phone()).await);
    for forged in ["", "x", "한글", &"A".repeat(64), &altered, &of_a_captcha, &of_a_code, &format!("{good}A")] {
        assert_eq!(activate(&app, forged).await.summary(), "400 link_invalid", "{forged}");
    }
    let completion = json!({ "token": good, "new_password": PASSWORD, "new_password_confirmation": PASSWORD });
    let reply = app.anonymous().post("/v1/password-reset-completions", &completion).await;
    assert_eq!(reply.summary(), "400 link_invalid", "a link for one thing is none for another");
    assert_eq!(activate(&app, &good).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_14_a_link_is_good_for_the_three_days_that_its_mail_says() {
    let app = TestApp::start().await;
    let (kept, late) = (app.new_email(), app.new_email());
    sign_up(&app, &kept, &app.new_username()).await;
    let first = app.link_token(&kept, 1).await;
    let text = app.messages(&kept, 1).await.swap_remove(0).text;
    assert!(text.contains("72시간"), "{text}");
    app.advance(3 * DAY - 60);
    assert_eq!(activate(&app, &first).await.summary(), "201");
    sign_up(&app, &late, &app.new_username()).await;
    let second = app.link_token(&late, 1).await;
    app.advance(3 * DAY);
    assert_eq!(activate(&app, &second).await.summary(), "410 link_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_captcha_or_with_an_address_that_someone_has_no_mail_is_sent() {
    let app = TestApp::start().await;
    let (address, username) = (app.new_email(), app.new_username());
    let without = form(&app, &address, &username).await.with("captcha_token", Value::Null);
    assert_eq!(app.anonymous().post("/v1/users", &without.0).await.summary(), "403 captcha_required");
    let neither = without.with("email", Value::Null);
    assert_eq!(app.anonymous().post("/v1/users", &neither.0).await.fields(), ["/proof proof_required"]);

    let taken = app.new_email();
    let owner = SignUp::with_proof(&app.proof("email", &taken).await);
    assert_eq!(app.anonymous().post("/v1/users", &owner.0).await.summary(), "201");
    assert_eq!(sign_up(&app, &taken, &username).await.summary(), "409 email_taken");
    // None of this has used up the name.
    assert_eq!(sign_up(&app, &address, &username).await.summary(), "202");
    assert_eq!(sign_up(&app, &app.new_email(), &username).await.summary(), "409 username_taken");
    assert_eq!(sign_up(&app, &address, &app.new_username()).await.summary(), "429 resend_too_soon");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_28_an_unproven_address_claims_nothing_and_the_first_to_prove_it_has_it() {
    let app = TestApp::start().await;
    let address = app.new_email();
    sign_up(&app, &address, &app.new_username()).await;
    let first = app.link_token(&address, 1).await;
    app.advance(61);
    assert_eq!(sign_up(&app, &address, &app.new_username()).await.summary(), "202");
    let second = app.link_token(&address, 2).await;
    assert_ne!(first, second);
    assert_eq!(activate(&app, &second).await.summary(), "201");
    assert_eq!(activate(&app, &first).await.summary(), "409 email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_42_a_number_that_is_given_beside_stays_unproven() {
    let app = TestApp::start().await;
    let (address, phone) = (app.new_email(), app.new_phone());
    let form = form(&app, &address, &app.new_username()).await.with("phone", phone.as_str());
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "202");
    let reply = activate(&app, &app.link_token(&address, 1).await).await;
    assert_eq!(reply.body["user"]["phone"]["verified"], false);
    assert!(app.outbox(&phone).await.is_empty(), "nobody was texted");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_follow_one_link_one_is_signed_in() {
    let app = TestApp::start().await;
    let address = app.new_email();
    sign_up(&app, &address, &app.new_username()).await;
    let token = app.link_token(&address, 1).await;
    let raced = race(20, async |_| activate(&app, &token).await).await;
    assert_eq!(raced.tally(), counts([("201", 1), ("410 link_spent", 19)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_lost_the_mail_has_it_sent_again() {
    let app = TestApp::start().await;
    let (address, username) = (app.new_email(), app.new_username());
    sign_up(&app, &address, &username).await;
    app.link_token(&address, 1).await;
    app.advance(2 * DAY);
    let form = json!({ "login": username, "captcha_token": app.captcha_token().await });
    assert_eq!(app.anonymous().post("/v1/password-resets", &form).await.summary(), "202");
    let token = app.link_token(&address, 2).await;
    app.advance(3 * DAY - 60);
    assert_eq!(activate(&app, &token).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_saw_their_username_is_known_by_the_address_that_the_link_went_to() {
    let app = TestApp::start().await;
    let address = app.new_email();
    let form = form(&app, &address, "").await.with("username", Value::Null);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "202");
    app.link_token(&address, 1).await;
    assert_eq!(sign_in(&app.anonymous(), &address, PASSWORD).await.summary(), "403 activation_required");
    app.advance(2 * DAY);
    let form = json!({ "login": address, "captcha_token": app.captcha_token().await });
    assert_eq!(app.anonymous().post("/v1/password-resets", &form).await.summary(), "202");
    let token = app.link_token(&address, 2).await;
    // As long as the new link is good.
    app.advance(2 * DAY);
    assert_eq!(sign_in(&app.anonymous(), &address, PASSWORD).await.summary(), "403 activation_required");
    assert_eq!(activate(&app, &token).await.summary(), "201");
    assert_eq!(sign_in(&app.anonymous(), &address, PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_leads_to_who_has_proven_it_and_else_to_the_latest_sign_up() {
    let app = TestApp::start().await;
    let address = app.new_email();
    sign_up(&app, &address, &app.new_username()).await;
    app.link_token(&address, 1).await;
    app.advance(61);
    const OTHER: &str = "vier kleine eendjes";
    let later = form(&app, &address, &app.new_username()).await.with("password", OTHER);
    let later = later.with("password_confirmation", OTHER);
    assert_eq!(app.anonymous().post("/v1/users", &later.0).await.summary(), "202");
    app.link_token(&address, 2).await;
    assert_eq!(sign_in(&app.anonymous(), &address, PASSWORD).await.summary(), "401 credentials_wrong");
    assert_eq!(sign_in(&app.anonymous(), &address, OTHER).await.summary(), "403 activation_required");

    const OWNERS: &str = "vijf kleine eendjes";
    let proof = app.proof("email", &address).await;
    let owner = SignUp::with_proof(&proof).with("password", OWNERS).with("password_confirmation", OWNERS);
    assert_eq!(app.anonymous().post("/v1/users", &owner.0).await.summary(), "201");
    assert_eq!(sign_in_solving(&app, &app.anonymous(), &address, OTHER).await.summary(), "401 credentials_wrong");
    assert_eq!(sign_in_solving(&app, &app.anonymous(), &address, OWNERS).await.summary(), "201");
}
