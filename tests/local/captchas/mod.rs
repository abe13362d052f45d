//! Makers of captchas, by stand-ins that check what the real ones check: right answers and all others, and makers that
//! are down.

mod fallback;
mod keys;

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use campus_aws::ACCOUNTS;
use campus_endpoint::{CaptchaProvider, Settings};
use campus_local::faults::{Attempts, Fault, Kind};
use campus_local::providers::captcha;
use campus_store::{Key, Store};
use campus_testkit::{Reply, TestApp, counts, race};
use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};

const CHALLENGES: &str = "/v1/captcha-challenges";
const MAKERS: [CaptchaProvider; 3] =
    [CaptchaProvider::GeetestV3, CaptchaProvider::GeetestV4, CaptchaProvider::Turnstile];
/// Answers to one challenge that are judged.
const TRIES: usize = 5;

fn name(maker: CaptchaProvider) -> String {
    json!(maker).as_str().expect("it is text").to_owned()
}

async fn start(maker: CaptchaProvider) -> TestApp {
    TestApp::start_local_with(captcha::settings(maker)).await
}

async fn begin(app: &TestApp) -> Reply {
    let begun = app.anonymous().post(CHALLENGES, &json!({})).await;
    assert_eq!(begun.summary(), "201");
    begun
}

async fn solve(app: &TestApp, challenge: &Reply, answer: &Value) -> Reply {
    app.anonymous().post(&format!("{CHALLENGES}/{}/solutions", challenge.text("/id")), answer).await
}

/// Begins a challenge, and solves it by its widget.
async fn solved(app: &TestApp) -> Reply {
    let challenge = begin(app).await;
    solve(app, &challenge, &app.widget_answer(&challenge).await).await
}

async fn send(app: &TestApp, captcha_token: &str) -> Reply {
    let (target, purpose) = (app.new_phone(), "sign_up");
    let form = json!({ "channel": "sms", "target": target, "purpose": purpose, "captcha_token": captcha_token });
    app.anonymous().post("/v1/verification-codes", &form).await
}

async fn check(app: &TestApp, captcha_token: &str) -> Reply {
    let form = json!({ "kind": "phone", "value": app.new_phone(), "captcha_token": captcha_token });
    app.anonymous().post("/v1/availability-checks", &form).await
}

/// The same with another member.
fn with(answer: &Value, member: &str, value: impl Into<Value>) -> Value {
    let mut answer = answer.clone();
    answer[member] = value.into();
    answer
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().expect("it is text")
}

/// What the stand-in's company says whatever it is asked, in its stead.
struct Says {
    settings: Settings,
    said: Arc<Mutex<(StatusCode, String)>>,
}

impl Says {
    async fn start(maker: CaptchaProvider, said: &Value) -> Self {
        let said = Arc::new(Mutex::new((StatusCode::OK, said.to_string())));
        let answer = Arc::clone(&said);
        let answer = async move || answer.lock().expect("nobody panics with it").clone().into_response();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        tokio::spawn(async { axum::serve(listener, axum::Router::new().fallback(answer)).await });
        Self { settings: Settings { providers_url: Some(url), ..captcha::settings(maker) }, said }
    }

    fn now_says(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).expect("it is a status");
        *self.said.lock().expect("nobody panics with it") = (status, body.to_owned());
    }
}

/// What version 4 hands over, as far as we look at it ourselves.
fn lot(number: &str) -> Value {
    json!({ "lot_number": number, "captcha_output": "o", "pass_token": "p", "gen_time": "1764000000" })
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_challenge_has_what_the_widget_of_its_maker_needs() {
    let parameters = async |maker| {
        let begun = begin(&start(maker).await).await;
        assert_eq!(begun.text("/provider"), name(maker));
        begun.body["parameters"].clone()
    };
    assert_eq!(parameters(CaptchaProvider::None).await, json!({}));
    assert_eq!(parameters(CaptchaProvider::GeetestV4).await, json!({ "captcha_id": captcha::WIDGET }));
    let turnstile = json!({ "site_key": captcha::WIDGET, "action": "campus" });
    assert_eq!(parameters(CaptchaProvider::Turnstile).await, turnstile);
    let mut v3 = parameters(CaptchaProvider::GeetestV3).await;
    assert_eq!(text(&v3, "challenge").len(), 32);
    v3["challenge"] = Value::Null;
    assert_eq!(v3, json!({ "gt": captcha::WIDGET, "challenge": null, "success": 1, "new_captcha": true }));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_the_right_answer_solves_a_challenge_once_and_is_good_for_one_message() {
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let answer = app.widget_answer(&challenge).await;
        let solution = solve(&app, &challenge, &answer).await;
        assert_eq!(solution.summary(), "201", "{maker:?}");
        for answer in [&answer, &app.widget_answer(&challenge).await] {
            assert_eq!(solve(&app, &challenge, answer).await.summary(), "410 captcha_expired", "{maker:?}");
        }
        let token = solution.text("/captcha_token");
        for _ in 0..5 {
            assert_eq!(check(&app, &token).await.summary(), "200");
        }
        assert_eq!(check(&app, &token).await.summary(), "403 captcha_required");
        assert_eq!(send(&app, &token).await.summary(), "202", "{maker:?}");
        assert_eq!(send(&app, &token).await.summary(), "403 captcha_required", "{maker:?}");
    }
}

/// Answers to a challenge, each wrong in one way.
async fn wrong_answers(app: &TestApp, maker: CaptchaProvider, challenge: &Reply) -> Vec<Value> {
    let right = app.widget_answer(challenge).await;
    let parameters = &challenge.body["parameters"];
    let with = |member: &str, value: &str| with(&right, member, value);
    let widget =
        async |member: &str, value: Value| app.of_widget(&name(maker), &self::with(parameters, member, value)).await;
    match maker {
        CaptchaProvider::GeetestV3 => vec![
            with("geetest_challenge", ""),
            with("geetest_challenge", &format!("{}z", text(&right, "geetest_challenge"))),
            with("geetest_challenge", text(parameters, "challenge")),
            with("geetest_validate", ""),
            with("geetest_seccode", ""),
            with("geetest_seccode", "false"),
            with("geetest_seccode", "0123456789abcdef0123456789abcdef|jordan"),
            // Right while Geetest is down, which the client does not decide.
            widget("success", json!(0)).await,
            app.widget_answer(&begin(app).await).await,
        ],
        CaptchaProvider::GeetestV4 => vec![
            with("lot_number", ""),
            with("lot_number", "0123456789abcdef0123456789abcdef"),
            with("lot_number", "a lot&result=success"),
            with("captcha_output", "0123"),
            with("captcha_output", ""),
            with("pass_token", "0123"),
            with("pass_token", ""),
            with("gen_time", "1764000000"),
            with("gen_time", "yesterday"),
            widget("captcha_id", json!("another-widget")).await,
        ],
        CaptchaProvider::Turnstile => vec![
            with("token", ""),
            with("token", "XXXX.DUMMY.TOKEN.XXXX"),
            with("token", &format!("{}0", text(&right, "token"))),
            widget("site_key", json!("another-widget")).await,
            widget("action", json!("login")).await,
            widget("action", json!("")).await,
            widget("page", json!("evil.example")).await,
            widget("page", json!("localhost.evil.example")).await,
        ],
        CaptchaProvider::None => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_wrong_answer_is_refused_and_the_right_one_is_taken_then() {
    for maker in MAKERS {
        let app = start(maker).await;
        for number in 0..wrong_answers(&app, maker, &begin(&app).await).await.len() {
            let challenge = begin(&app).await;
            let wrong = wrong_answers(&app, maker, &challenge).await.swap_remove(number);
            let refused = solve(&app, &challenge, &wrong).await;
            assert_eq!(refused.summary(), "400 captcha_failed", "{maker:?} {wrong}");
            let right = app.widget_answer(&challenge).await;
            assert_eq!(solve(&app, &challenge, &right).await.summary(), "201", "{maker:?} after {wrong}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_five_answers_to_a_challenge_are_judged() {
    for maker in MAKERS {
        let app = start(maker).await;
        let (few, many) = (begin(&app).await, begin(&app).await);
        let wrong = match maker {
            CaptchaProvider::GeetestV3 => {
                json!({ "geetest_challenge": "c", "geetest_validate": "v", "geetest_seccode": "s" })
            }
            CaptchaProvider::GeetestV4 => lot("4dc3cfc2cdff448cad8d13107198d473"),
            _ => json!({ "token": "t" }),
        };
        for (challenge, wrongs, then) in [(few, TRIES - 1, "201"), (many, TRIES, "410 captcha_expired")] {
            for _ in 0..wrongs {
                assert_eq!(solve(&app, &challenge, &wrong).await.summary(), "400 captcha_failed", "{maker:?}");
            }
            let right = app.widget_answer(&challenge).await;
            assert_eq!(solve(&app, &challenge, &right).await.summary(), then, "{maker:?} after {wrongs}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_an_answer_that_was_used_solves_no_other_challenge() {
    for maker in MAKERS {
        let app = start(maker).await;
        let (first, second) = (begin(&app).await, begin(&app).await);
        let answer = app.widget_answer(&first).await;
        assert_eq!(solve(&app, &first, &answer).await.summary(), "201", "{maker:?}");
        assert_eq!(solve(&app, &second, &answer).await.summary(), "400 captcha_failed", "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_lot_number_solves_one_challenge_for_ten_minutes_whatever_geetest_says() {
    let right = Says::start(CaptchaProvider::GeetestV4, &json!({ "status": "success", "result": "success" })).await;
    let app = TestApp::start_local_with(right.settings).await;
    let answer = lot("4dc3cfc2cdff448cad8d13107198d473");
    assert_eq!(solve(&app, &begin(&app).await, &answer).await.summary(), "201");
    let other = begin(&app).await;
    assert_eq!(solve(&app, &other, &answer).await.summary(), "400 captcha_failed");
    assert_eq!(solve(&app, &other, &lot("4dc3cfc2cdff448cad8d13107198d474")).await.summary(), "201");
    app.advance(580);
    assert_eq!(solve(&app, &begin(&app).await, &answer).await.summary(), "400 captcha_failed");
    // By then it is Geetest that refuses it.
    app.advance(21);
    assert_eq!(solve(&app, &begin(&app).await, &answer).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_an_answer_is_good_for_as_long_as_its_maker_says() {
    for (maker, seconds) in [(CaptchaProvider::GeetestV4, 600), (CaptchaProvider::Turnstile, 300)] {
        let app = start(maker).await;
        let answer = app.widget_answer(&begin(&app).await).await;
        app.advance(seconds);
        let challenge = begin(&app).await;
        assert_eq!(solve(&app, &challenge, &answer).await.summary(), "400 captcha_failed", "{maker:?}");
        assert_eq!(solve(&app, &challenge, &app.widget_answer(&challenge).await).await.summary(), "201", "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_a_challenge_of_a_maker_can_be_solved_for_ten_minutes() {
    for maker in MAKERS {
        let app = start(maker).await;
        let (in_time, late) = (begin(&app).await, begin(&app).await);
        app.advance(580);
        assert_eq!(solve(&app, &in_time, &app.widget_answer(&in_time).await).await.summary(), "201", "{maker:?}");
        app.advance(20);
        let refused = solve(&app, &late, &app.widget_answer(&late).await).await;
        assert_eq!(refused.summary(), "410 captcha_expired", "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_a_challenge_of_a_former_maker_is_over() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let app = TestApp::start_by_hand_with(folder.path(), captcha::settings(CaptchaProvider::GeetestV4)).await;
    let challenge = begin(&app).await;
    let answer = app.widget_answer(&challenge).await;
    app.stop().await;
    for maker in [CaptchaProvider::None, CaptchaProvider::Turnstile, CaptchaProvider::GeetestV4] {
        let app = TestApp::start_by_hand_with(folder.path(), captcha::settings(maker)).await;
        let answer = match maker {
            CaptchaProvider::Turnstile => app.widget_answer(&begin(&app).await).await,
            _ => answer.clone(),
        };
        let expected = if maker == CaptchaProvider::GeetestV4 { "201" } else { "410 captcha_expired" };
        assert_eq!(solve(&app, &challenge, &answer).await.summary(), expected, "{maker:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_every_member_that_the_widget_should_have_given_is_named() {
    let members = |maker| match maker {
        CaptchaProvider::GeetestV3 => vec!["geetest_challenge", "geetest_seccode", "geetest_validate"],
        CaptchaProvider::GeetestV4 => vec!["captcha_output", "gen_time", "lot_number", "pass_token"],
        CaptchaProvider::Turnstile => vec!["token"],
        CaptchaProvider::None => vec![],
    };
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let named = |code: &str| members(maker).iter().map(|member| format!("/{member} {code}")).collect::<Vec<_>>();
        let each = |value: Value| -> Value {
            Map::from_iter(members(maker).iter().map(|member| ((*member).to_owned(), value.clone()))).into()
        };
        let of_another = if maker == CaptchaProvider::Turnstile { lot("1") } else { json!({ "token": "t" }) };
        for (answer, code) in [
            (json!({}), "required"),
            (of_another, "required"),
            (each(Value::Null), "required"),
            (each(json!(7)), "wrong_type"),
            (each(json!(["text"])), "wrong_type"),
            (each(json!("7".repeat(5000))), "too_long"),
        ] {
            let refused = solve(&app, &challenge, &answer).await;
            assert_eq!((refused.status, refused.fields()), (422, named(code)), "{maker:?} {answer}");
        }
        // None of these was a try.
        assert_eq!(solve(&app, &challenge, &app.widget_answer(&challenge).await).await.summary(), "201", "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_while_the_maker_is_down_nothing_is_solved_and_afterwards_all_is_as_before() {
    join_all(MAKERS.map(async |maker| {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let answer = app.widget_answer(&challenge).await;
        for trouble in ["down", "slow", "nonsense"] {
            app.trouble(&name(maker), Some(trouble)).await;
            let refused = solve(&app, &challenge, &answer).await;
            assert_eq!(refused.summary(), "503 captcha_unavailable", "{maker:?} {trouble}");
            assert_eq!(refused.retry_after(), 30);
        }
        app.trouble(&name(maker), None).await;
        assert_eq!(solve(&app, &challenge, &answer).await.summary(), "201", "{maker:?}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_what_is_no_verdict_solves_nothing() {
    const STRANGE: [&str; 16] = [
        "",
        "null",
        "[]",
        "7",
        "{}",
        "\"success\"",
        "{",
        "{\"success\": \"true\"}",
        "{\"success\": 1}",
        "{\"success\": false}",
        "{\"success\": false, \"error-codes\": [\"invalid-input-secret\"]}",
        "{\"seccode\": 7}",
        "{\"seccode\": \"ok\"}",
        "{\"status\": \"success\"}",
        "{\"status\": \"error\", \"result\": \"success\"}",
        "{\"status\": \"success\", \"result\": true}",
    ];
    for maker in MAKERS {
        let says = Says::start(maker, &json!({ "challenge": "0123456789abcdef0123456789abcdef" })).await;
        let app = TestApp::start_local_with(says.settings.clone()).await;
        let answers = async |status, body: &str| {
            let seemingly_right = "0123456789abcdef0123456789abcdef";
            says.now_says(200, &json!({ "challenge": seemingly_right }).to_string());
            let challenge = begin(&app).await;
            let mut answer = lot(seemingly_right);
            answer["token"] = "t".into();
            answer["geetest_challenge"] = challenge.body["parameters"]["challenge"].clone();
            answer["geetest_validate"] = "v".into();
            answer["geetest_seccode"] = "s".into();
            if maker != CaptchaProvider::GeetestV3 {
                answer["geetest_challenge"] = Value::Null;
            }
            says.now_says(status, body);
            solve(&app, &challenge, &answer).await.summary()
        };
        let right = match maker {
            CaptchaProvider::GeetestV3 => r#"{"seccode": "0123456789abcdef0123456789abcdef"}"#,
            CaptchaProvider::GeetestV4 => r#"{"status": "success", "result": "success"}"#,
            _ => r#"{"success": true, "hostname": "localhost", "action": "campus"}"#,
        };
        assert_eq!(answers(200, right).await, "201", "{maker:?}");
        for status in [301, 400, 401, 403, 404, 429, 500, 503] {
            assert_eq!(answers(status, right).await, "503 captcha_unavailable", "{maker:?} {status}");
        }
        for strange in STRANGE.into_iter().chain([" ".repeat(70_000).as_str()]) {
            assert_eq!(answers(200, strange).await, "503 captcha_unavailable", "{maker:?} {strange:.80}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_repeated_request_has_its_first_answer_and_is_one_try() {
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let path = format!("{CHALLENGES}/{}/solutions", challenge.text("/id"));
        let post = async |answer: &Value, key: &str| app.anonymous().post_with_key(&path, answer, key).await;
        let right = app.widget_answer(&challenge).await;

        app.trouble(&name(maker), Some("down")).await;
        for _ in 0..=TRIES {
            assert_eq!(post(&right, "right").await.summary(), "503 captcha_unavailable", "{maker:?}");
        }
        app.trouble(&name(maker), None).await;
        let first = post(&right, "right").await;
        assert_eq!(first.summary(), "201", "{maker:?}");
        let again = post(&right, "right").await;
        assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body), "{maker:?}");
        assert_eq!(post(&right, "another").await.summary(), "410 captcha_expired", "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_token_of_turnstile_is_good_for_its_challenge_still_when_our_answer_to_it_was_lost() {
    let app = start(CaptchaProvider::Turnstile).await;
    let challenge = begin(&app).await;
    let answer = app.widget_answer(&challenge).await;
    // Turnstile has judged it, and we were gone before it was written.
    let (operation, function) = ("DynamoDB.TransactWriteItems".to_owned(), "solve_captcha_challenge".to_owned());
    let (operation, function) = (Some(operation), Some(function));
    let fault = Fault { kind: Kind::Fail, operation, function, skip: 0, times: 1, attempts: Attempts::All };
    app.system().faults.inject(fault);
    assert_eq!(solve(&app, &challenge, &answer).await.status, 503);
    assert_eq!(solve(&app, &begin(&app).await, &answer).await.summary(), "400 captcha_failed");
    assert_eq!(solve(&app, &challenge, &answer).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_twenty_right_answers_at_once_to_one_challenge_one_solves_it() {
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let answer = app.widget_answer(&challenge).await;
        let mut tally = race(20, async |_| solve(&app, &challenge, &answer).await).await.tally();
        assert_eq!(tally.remove("201"), Some(1), "{maker:?} {tally:?}");
        let judged = tally.remove("400 captcha_failed").unwrap_or_default();
        assert!(judged < TRIES, "{maker:?}");
        assert_eq!(tally, counts([("410 captcha_expired", 19 - judged)]), "{maker:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_twenty_challenges_at_once_one_answer_solves_one() {
    let app = start(CaptchaProvider::Turnstile).await;
    let challenges = join_all((0..20).map(|_| begin(&app))).await;
    let answer = app.widget_answer(&challenges[0]).await;
    let race = race(20, async |number| solve(&app, &challenges[number], &answer).await).await;
    assert_eq!(race.tally(), counts([("201", 1), ("400 captcha_failed", 19)]));

    // Also if Geetest lets all of them pass.
    let right = Says::start(CaptchaProvider::GeetestV4, &json!({ "status": "success", "result": "success" })).await;
    let app = TestApp::start_local_with(right.settings).await;
    let challenges = join_all((0..20).map(|_| begin(&app))).await;
    let answer = lot("4dc3cfc2cdff448cad8d13107198d473");
    let race = self::race(20, async |number| solve(&app, &challenges[number], &answer).await).await;
    assert_eq!(race.tally(), counts([("201", 1), ("400 captcha_failed", 19)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_25_a_challenge_is_a_row_that_ends_by_itself_and_holds_no_answer() {
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let answer = app.widget_answer(&challenge).await;
        let token = solve(&app, &challenge, &answer).await.text("/captcha_token");
        let store = Store::new(&app.clients);
        let key = Key::alone(format!("CAPTCHA#{}", challenge.text("/id")));
        let row = store.find::<campus_accounts::captcha_challenges::Captcha>(&key).await;
        let row = row.expect("it can be read").expect("it is there");
        assert!(row.solved && row.provider == maker && app.now().seconds_until(row.expires_at) <= 300, "{row:?}");
        let stored = format!("{row:?}");
        assert!(!stored.contains(&token), "{maker:?}");
        for member in ["geetest_validate", "captcha_output", "pass_token", "token"] {
            let given = answer[member].as_str();
            assert!(given.is_none_or(|given| !stored.contains(given)), "{maker:?} {member}");
        }
    }
}

/// Something for each member, and perhaps more.
fn any_answer() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        4 => ".{0,80}".prop_map(Value::from),
        2 => "[0-9a-zA-Z|._-]{0,70}".prop_map(Value::from),
        1 => "[0-9]{0,21}".prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json!({ "token": [] })),
    ];
    let members = [
        "geetest_challenge",
        "geetest_validate",
        "geetest_seccode",
        "lot_number",
        "captcha_output",
        "pass_token",
        "gen_time",
        "token",
        "other",
    ];
    proptest::collection::vec(value, members.len())
        .prop_map(move |values| Map::from_iter(members.iter().map(|member| (*member).to_owned()).zip(values)).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_nothing_that_is_posted_solves_a_challenge_by_chance_or_fails() {
    for maker in MAKERS {
        let app = start(maker).await;
        let mut runner = TestRunner::deterministic();
        for number in 0..60 {
            let challenge = begin(&app).await;
            let mut answer = any_answer().new_tree(&mut runner).expect("there is one").current();
            if number % 2 == 0 {
                // Beyond what is looked at first.
                let near = app.widget_answer(&challenge).await;
                for (member, value) in near.as_object().expect("it is an object") {
                    if number % 3 == 0 || !answer[member].is_string() {
                        answer[member] = value.clone();
                    }
                }
                answer[if maker == CaptchaProvider::GeetestV3 { "geetest_seccode" } else { "token" }] = "é\u{0}".into();
                if maker == CaptchaProvider::GeetestV4 {
                    answer["pass_token"] = "é\u{0}".into();
                }
            }
            let reply = solve(&app, &challenge, &answer).await;
            assert!([400, 422].contains(&reply.status), "{maker:?} {answer}: {reply:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a test looks at what is stored")]
async fn b3_25_a_marked_answer_is_a_row_that_ends_by_itself() {
    let app = start(CaptchaProvider::GeetestV4).await;
    let challenge = begin(&app).await;
    let answer = app.widget_answer(&challenge).await;
    assert_eq!(solve(&app, &challenge, &answer).await.summary(), "201");
    let name = format!("CAPTCHA_ANSWER#{}", text(&answer, "lot_number"));
    let found = app.clients.dynamodb.get_item().table_name(Store::new(&app.clients).physical(ACCOUNTS));
    let found = found
        .key("pk", aws_sdk_dynamodb::types::AttributeValue::S(name))
        .key("sk", aws_sdk_dynamodb::types::AttributeValue::S("-".to_owned()))
        .send()
        .await;
    let marked = found.expect("it can be read").item.expect("it is there");
    let expires_at: i64 = marked["expires_at"].as_n().expect("it is a number").parse().expect("it is whole");
    let left = expires_at - app.now().epoch_seconds();
    assert!((540..=600).contains(&left), "{left}");
}
