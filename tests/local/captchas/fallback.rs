//! Geetest's version 3 while it is down: its widget works by itself, and its solutions are good for little.

use campus_endpoint::{CaptchaProvider, Measure};
use campus_local::faults::{Attempts, Fault, Kind};
use campus_testkit::{SignUp, TestApp, counts, race};
use serde_json::{Value, json};

use super::{CHALLENGES, begin, check, send, solve, solved, start, text, with};
use crate::accounts::signing_in::PASSWORD;

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_while_geetest_registers_nothing_its_widget_works_by_itself_and_only_that_answer_is_right() {
    for trouble in ["down", "slow", "nonsense"] {
        let app = start(CaptchaProvider::GeetestV3).await;
        app.trouble("geetest_v3", Some(trouble)).await;
        let challenge = begin(&app).await;
        let parameters = &challenge.body["parameters"];
        assert_eq!((&parameters["success"], text(parameters, "challenge").len()), (&json!(0), 32), "{trouble}");
        let online = app.of_widget("geetest_v3", &with(parameters, "success", 1)).await;
        let other = app.widget_answer(&begin(&app).await).await;
        for wrong in [online, other] {
            assert_eq!(solve(&app, &challenge, &wrong).await.summary(), "400 captcha_failed", "{trouble}");
        }
        // Geetest may well be up again: the challenge is what it was begun as.
        app.trouble("geetest_v3", None).await;
        assert_eq!(solve(&app, &challenge, &app.widget_answer(&challenge).await).await.summary(), "201", "{trouble}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_that_geetest_has_registered_is_never_judged_without_it() {
    let app = start(CaptchaProvider::GeetestV3).await;
    let challenge = begin(&app).await;
    app.trouble("geetest_v3", Some("down")).await;
    let offline = app.of_widget("geetest_v3", &with(&challenge.body["parameters"], "success", 0)).await;
    assert_eq!(solve(&app, &challenge, &offline).await.summary(), "503 captcha_unavailable");
    app.trouble("geetest_v3", None).await;
    assert_eq!(solve(&app, &challenge, &offline).await.summary(), "400 captcha_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_a_solution_in_fallback_mode_allows_no_message() {
    let app = start(CaptchaProvider::GeetestV3).await;
    let member = app.member().await;
    app.trouble("geetest_v3", Some("down")).await;
    let token = solved(&app).await.text("/captcha_token");
    let mail = SignUp::with_proof("").with("proof", Value::Null).with("email", "ana@campus.example");
    let mail = mail.with("captcha_token", token.as_str()).0;
    let reset = json!({ "login": member.phone, "captcha_token": token });
    for back in [false, true] {
        if back {
            app.trouble("geetest_v3", None).await;
        }
        let code = |target: &str, purpose: &str| json!({ "channel": "sms", "target": target, "purpose": purpose, "captcha_token": token });
        for (path, form) in [
            ("/v1/verification-codes", code(&app.new_phone(), "sign_up")),
            ("/v1/verification-codes", code(&member.phone, "sign_up")),
            ("/v1/verification-codes", code(&member.phone, "sign_in")),
            ("/v1/verification-codes", code(&member.phone, "reset_password")),
            ("/v1/users", mail.clone()),
            ("/v1/password-resets", reset.clone()),
        ] {
            let refused = app.anonymous().post(path, &form).await;
            assert_eq!(refused.summary(), "503 captcha_unavailable", "{path} {form}");
            assert_eq!(refused.retry_after(), 30);
        }
    }
    // Nothing was used up by that, and with another captcha all of it goes on.
    assert_eq!(send(&app, &app.captcha_token().await).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_8_b3_24_a_solution_in_fallback_mode_is_good_for_one_sign_in_and_tells_of_nobody() {
    let app = start(CaptchaProvider::GeetestV3).await;
    let member = app.member().await;
    app.trouble("geetest_v3", Some("down")).await;
    let token = solved(&app).await.text("/captcha_token");
    for _ in 0..2 {
        let refused = check(&app, &token).await;
        assert_eq!((refused.summary().as_str(), refused.retry_after()), ("503 captcha_unavailable", 30));
    }

    let sign_in = async |password: &str, captcha_token: Option<&str>| {
        let form = json!({ "login": member.phone, "password": password, "captcha_token": captcha_token });
        app.anonymous().post("/v1/sessions", &form).await.summary()
    };
    for _ in 0..3 {
        assert_eq!(sign_in("drie grote eendjes", None).await, "401 credentials_wrong");
    }
    assert_eq!(sign_in(PASSWORD, None).await, "403 captcha_required");
    assert_eq!(sign_in("drie grote eendjes", Some(&token)).await, "401 credentials_wrong");
    assert_eq!(sign_in(PASSWORD, Some(&token)).await, "403 captcha_required");
    let token = solved(&app).await.text("/captcha_token");
    assert_eq!(sign_in(PASSWORD, Some(&token)).await, "201");
}

/// Asks for a challenge.
async fn ask(app: &TestApp) -> String {
    app.anonymous().post(CHALLENGES, &json!({})).await.summary()
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_the_fallback_is_open_for_ten_minutes_in_any_hour() {
    let app = start(CaptchaProvider::GeetestV3).await;
    app.trouble("geetest_v3", Some("down")).await;
    begin(&app).await;
    app.advance(580);
    let late = begin(&app).await;
    let token = solved(&app).await.text("/captcha_token");
    app.advance(20);
    let refused = app.anonymous().post(CHALLENGES, &json!({})).await;
    assert_eq!((refused.summary().as_str(), refused.retry_after()), ("503 captcha_unavailable", 30));
    // Nothing of it outlives it, however late it began.
    assert_eq!(solve(&app, &late, &app.widget_answer(&late).await).await.summary(), "410 captcha_expired");
    assert_eq!(check(&app, &token).await.summary(), "403 captcha_required");

    // Who asks meanwhile makes it neither shorter nor longer, and Geetest's being up for a while does not either.
    for _ in 0..4 {
        app.advance(700);
        assert_eq!(ask(&app).await, "503 captcha_unavailable");
    }
    app.trouble("geetest_v3", None).await;
    assert_eq!(begin(&app).await.body["parameters"]["success"], 1);
    app.trouble("geetest_v3", Some("down")).await;
    assert_eq!(ask(&app).await, "503 captcha_unavailable");
    app.advance(200);
    assert_eq!(ask(&app).await, "201", "an hour after it was opened");
    app.advance(600);
    assert_eq!(ask(&app).await, "503 captcha_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_twenty_who_open_the_fallback_at_once_all_have_the_same_ten_minutes() {
    let app = start(CaptchaProvider::GeetestV3).await;
    app.trouble("geetest_v3", Some("down")).await;
    let race = race(20, async |_| app.anonymous().post(CHALLENGES, &json!({})).await).await;
    assert_eq!(race.tally(), counts([("201", 20)]));
    app.advance(600);
    assert_eq!(ask(&app).await, "503 captcha_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_whose_opening_of_the_fallback_was_not_answered_is_let_in() {
    for kind in [Kind::Fail, Kind::LoseAnswer] {
        for attempts in [Attempts::First, Attempts::All] {
            let app = start(CaptchaProvider::GeetestV3).await;
            app.trouble("geetest_v3", Some("down")).await;
            let (operation, function) = ("DynamoDB.PutItem".to_owned(), "create_captcha_challenge".to_owned());
            let (operation, function) = (Some(operation), Some(function));
            app.system().faults.inject(Fault { kind, operation, function, skip: 0, times: 1, attempts });
            let told = app.anonymous().post(CHALLENGES, &json!({})).await.status;
            assert_eq!(told, if attempts == Attempts::First { 201 } else { 503 }, "{kind:?} {attempts:?}");
            assert_eq!(ask(&app).await, "201", "{kind:?} {attempts:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_each_challenge_that_geetest_does_not_register_is_counted_for_the_alarm() {
    let app = start(CaptchaProvider::GeetestV3).await;
    begin(&app).await;
    app.trouble("geetest_v3", Some("down")).await;
    begin(&app).await;
    begin(&app).await;
    app.trouble("geetest_v3", None).await;
    begin(&app).await;
    let told = app.system().recorder.invocations();
    let counted = told.iter().filter_map(|invocation| invocation.measures.get(&Measure::CaptchaFallbacks));
    assert_eq!(counted.copied().collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_nothing_of_a_fallback_is_left_after_ten_minutes() {
    let app = start(CaptchaProvider::GeetestV3).await;
    app.trouble("geetest_v3", Some("down")).await;
    let (early, late) = (begin(&app).await, begin(&app).await);
    app.advance(570);
    let solve_by_widget = async |challenge| solve(&app, challenge, &app.widget_answer(challenge).await).await;
    let token = solve_by_widget(&early).await.text("/captcha_token");
    app.advance(31);
    assert_eq!(check(&app, &token).await.summary(), "403 captcha_required");
    assert_eq!(solve_by_widget(&late).await.summary(), "410 captcha_expired");
}
