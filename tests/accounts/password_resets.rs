//! `/password-resets`: a new password for whoever has forgotten theirs.

use campus_accounts::verification_codes::Code;
use campus_messages::Purpose;
use campus_store::{Key, Store};
use campus_testkit::{Reply, SignUp, TestApp, counts, race};
use serde_json::{Value, json};

use super::signing_in::{PASSWORD, person, refresh, session_of, sign_in, signed_in, told};

const NEW: &str = "vier kleine eendjes";

async fn ask(app: &TestApp, login: &str) -> Reply {
    let form = json!({ "login": login, "captcha_token": app.captcha_token().await });
    app.anonymous().post("/v1/password-resets", &form).await
}

async fn complete(app: &TestApp, by: &str, secret: &str) -> Reply {
    let form = json!({ by: secret, "new_password": NEW, "new_password_confirmation": NEW });
    app.anonymous().post("/v1/password-reset-completions", &form).await
}

/// Someone with a proven address. Returns it, the username, and the answer to the sign-up.
async fn with_mail(app: &TestApp) -> (String, String, Reply) {
    let (address, username) = (app.new_email(), app.new_username());
    let form = SignUp::with_proof(&app.proof("email", &address).await).with("username", username.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    (address, username, reply)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_sets_a_new_password_once_and_ends_every_session() {
    let app = TestApp::start().await;
    let (address, username, signed_up) = with_mail(&app).await;
    let client = signed_in(&app, &signed_up);
    assert_eq!(ask(&app, &username).await.summary(), "202");
    let token = app.link_token(&address, 1).await;
    let weak = json!({ "token": token, "new_password": "x", "new_password_confirmation": "y" });
    let reply = app.anonymous().post("/v1/password-reset-completions", &weak).await;
    assert_eq!(reply.fields(), [" password_mismatch", "/new_password too_short"]);
    assert_eq!(complete(&app, "token", &token).await.summary(), "204");
    assert_eq!(complete(&app, "token", &token).await.summary(), "410 link_spent");

    assert_eq!(sign_in(&app.anonymous(), &username, PASSWORD).await.summary(), "401 credentials_wrong");
    assert_eq!(sign_in(&app.anonymous(), &address, NEW).await.summary(), "201");
    let refresh_token = signed_up.text("/session/refresh_token");
    assert_eq!(refresh(&app.anonymous(), &refresh_token).await.summary(), "401 refresh_token_revoked");
    app.advance(30);
    assert_eq!(client.get("/v1/users/me").await.summary(), "401 token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_14_the_link_is_good_for_the_hour_that_its_mail_says() {
    let app = TestApp::start().await;
    let (address, username, _) = with_mail(&app).await;
    ask(&app, &username).await;
    let token = app.link_token(&address, 1).await;
    let text = app.messages(&address, 2).await.swap_remove(0).text;
    assert!(text.contains("60분"), "{text}");
    app.advance(60 * 60);
    assert_eq!(complete(&app, "token", &token).await.summary(), "410 link_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_only_a_phone_is_sent_a_code() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let asked = ask(&app, &person.username).await;
    let code = app.code_for(Purpose::ResetPassword, &asked, &person.phone, 2).await;
    let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "204");
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "410 proof_spent");
    assert_eq!(sign_in(&app.anonymous(), &person.phone, NEW).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_asked_for_as_any_other_does_it_too() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let proof = app.proof_as(&app.anonymous(), Purpose::ResetPassword, "sms", &person.phone).await;
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "204");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_28_every_login_is_answered_alike_after_the_same_calls_whoever_has_it() {
    let app = TestApp::start().await;
    let (address, username, _) = with_mail(&app).await;
    let phone_only = person(&app).await;
    let pending = app.new_email();
    let form = SignUp::with_proof("").with("proof", Value::Null).with("email", pending.as_str());
    let form = form.with("captcha_token", app.captcha_token().await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "202");
    let (nobodys_phone, nobodys_mail, nobodys_name) = (app.new_phone(), app.new_email(), app.new_username());
    let logins = [
        &username,
        &address,
        &phone_only.username,
        &phone_only.phone,
        &pending,
        &nobodys_phone,
        &nobodys_mail,
        &nobodys_name,
    ];
    let (mut answers, mut texts) = (Vec::new(), 1);
    for login in logins {
        // Past the minute in which the target may be sent nothing.
        app.advance(61);
        let mut answer = told(&ask(&app, login).await);
        answer.1.as_object_mut().expect("it is an object").remove("etag");
        let mut calls = super::signing_in::latest_calls(&app, "create_password_reset");
        // An instance reads the secret every five minutes.
        calls.retain(|call| !call.starts_with("GetSecretValue"));
        answers.push((answer, calls));
        if [&phone_only.username, &phone_only.phone].contains(&login) {
            texts += 1;
            // A code that has not gone out when the next one is asked for never will.
            app.messages(&phone_only.phone, texts).await;
        }
    }
    for (login, answer) in logins.iter().zip(&answers) {
        assert_eq!(answer, &answers[0], "{login}");
    }
    // Whoever is asked for again too soon is told the same, and sent nothing.
    ask(&app, &phone_only.username).await;
    let sent = app.messages(&phone_only.phone, texts + 1).await.len();
    assert_eq!(told(&ask(&app, &phone_only.username).await).0, 202);
    super::signing_in::all_sent(&app).await;
    assert_eq!(app.outbox(&phone_only.phone).await.len(), sent);
    for nobody in [&nobodys_phone, &nobodys_mail] {
        assert!(app.outbox(nobody).await.is_empty(), "{nobody}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_reset_that_went_by_mail_is_worth_nothing_even_if_it_is_guessed() {
    let app = TestApp::start().await;
    let (address, username, _) = with_mail(&app).await;
    let asked = ask(&app, &username).await;
    app.link_token(&address, 1).await;
    let secret = campus_secrets::Secrets::new(&app.clients, std::sync::Arc::new(campus_domain::SystemClock));
    let secret = secret.read(campus_aws::CODE_SECRET).await.expect("there is a secret");
    let key = Key::alone(format!("CODE#{}", asked.text("/id")));
    let stored = Store::new(&app.clients).find::<Code>(&key).await.expect("it can be read").expect("there is one");
    assert!(stored.target.as_str().ends_with(".invalid") && stored.account.is_none());
    let code = campus_secrets::derive_code(&secret, stored.id, "reset_password", stored.target.as_str());
    let proof = app.confirm(&asked.text("/id"), code.as_str()).await.text("/proof");
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "400 proof_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_the_proof_of_another_purpose_sets_no_password() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let client = signed_in(&app, &session_of(&app, &person, false).await);
    let proof = app.proof_as(&client, Purpose::ChangePassword, "sms", &person.phone).await;
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "400 proof_mismatch");
    let neither = json!({ "new_password": NEW, "new_password_confirmation": NEW });
    let reply = app.anonymous().post("/v1/password-reset-completions", &neither).await;
    assert_eq!(reply.fields(), ["/token required"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_needs_a_captcha_of_its_own() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let captcha_token = app.captcha_token().await;
    let form = json!({ "login": person.username, "captcha_token": captcha_token });
    let asked = app.anonymous();
    assert_eq!(asked.post("/v1/password-resets", &form).await.summary(), "202");
    for form in
        [form, json!({ "login": person.username }), json!({ "login": "nobody_at_all", "captcha_token": Value::Null })]
    {
        assert_eq!(asked.post("/v1/password-resets", &form).await.summary(), "403 captcha_required", "{form}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_completions_at_once_by_one_link_one_is_made() {
    let app = TestApp::start().await;
    let (address, username, _) = with_mail(&app).await;
    ask(&app, &username).await;
    let token = app.link_token(&address, 1).await;
    let raced = race(10, async |_| complete(&app, "token", &token).await).await;
    assert_eq!(raced.tally(), counts([("204", 1), ("410 link_spent", 9)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_set_is_not_undone_by_a_link_or_a_code_of_before() {
    let app = TestApp::start().await;
    let (address, username, _) = with_mail(&app).await;
    app.advance(61);
    // Asked for as any other code, and told back before anything else happens.
    let proof = app.proof_as(&app.anonymous(), Purpose::ResetPassword, "email", &address).await;
    ask(&app, &username).await;
    let older = app.link_token(&address, 1).await;
    app.advance(61);
    ask(&app, &username).await;
    let newer = app.link_token(&address, 2).await;
    app.advance(1);
    assert_eq!(complete(&app, "token", &newer).await.summary(), "204");
    assert_eq!(complete(&app, "token", &older).await.summary(), "410 link_spent");
    assert_eq!(complete(&app, "proof", &proof).await.summary(), "410 proof_spent");

    // Nor is one that was changed by who was signed in; what is asked for later is good.
    app.advance(61);
    ask(&app, &username).await;
    let before = app.link_token(&address, 3).await;
    app.advance(1);
    let client = signed_in(&app, &sign_in(&app.anonymous(), &username, NEW).await);
    let change = json!({ "current_password": NEW, "new_password": PASSWORD, "new_password_confirmation": PASSWORD });
    assert_eq!(client.put("/v1/users/me/password", &change).await.summary(), "200");
    assert_eq!(complete(&app, "token", &before).await.summary(), "410 link_spent");
    assert_eq!(sign_in(&app.anonymous(), &username, PASSWORD).await.summary(), "201");
    app.advance(61);
    ask(&app, &username).await;
    let after = app.link_token(&address, 4).await;
    assert_eq!(complete(&app, "token", &after).await.summary(), "204");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_nobodys_login_is_refused_and_costs_no_captcha() {
    let app = TestApp::start().await;
    let captcha_token = app.captcha_token().await;
    let ask = async |login: &str| {
        let form = json!({ "login": login, "captcha_token": captcha_token });
        app.anonymous().post("/v1/password-resets", &form).await
    };
    for login in ["", " ", "@", "\u{0}", "아무도"] {
        assert_eq!(ask(login).await.fields(), ["/login login_invalid"], "{login:?}");
    }
    assert_eq!(ask(&"a".repeat(255)).await.fields(), ["/login too_long"]);
    assert_eq!(ask("nobody_at_all").await.summary(), "202");
}
