//! `/verification-codes`.

use campus_domain::Timestamp;
use campus_endpoint::Settings;
use campus_testkit::{Client, Reply, SignUp, TestApp, code_in};
use reqwest::Method;
use serde_json::{Value, json};

const DAY: u64 = 24 * 60 * 60;

fn form(channel: &str, target: &str, captcha_token: &str) -> Value {
    json!({ "channel": channel, "target": target, "purpose": "sign_up", "captcha_token": captcha_token })
}

async fn ask_from(client: &Client, app: &TestApp, phone: &str) -> Reply {
    client.post("/v1/verification-codes", &form("sms", phone, &app.captcha_token().await)).await
}

/// Has ten codes sent to a number, the most for a day, each after a wait.
async fn use_up_the_day(app: &TestApp, phone: &str) {
    for _ in 0..10 {
        assert_eq!(app.ask_for_code("sms", phone).await.summary(), "202");
        app.advance(60);
    }
}

/// Another code than this one.
fn other_than(code: &str) -> String {
    let last = if code.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &code[..5])
}

async fn guess_wrong(app: &TestApp, id: &str, code: &str, times: u32) {
    for _ in 0..times {
        assert_eq!(app.confirm(id, &other_than(code)).await.summary(), "400 code_mismatch");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_10_a_registered_number_is_told_after_the_captcha_only() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let without = app.anonymous().post("/v1/verification-codes", &form("sms", &member.phone, "")).await;
    assert_eq!(without.summary(), "403 captcha_required");
    assert_eq!(app.ask_for_code("sms", &member.phone).await.summary(), "409 phone_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_10_a_registered_address_is_told_however_it_is_written() {
    let app = TestApp::start().await;
    let address = app.new_email();
    let proof = app.proof("email", &address).await;
    let reply = app.anonymous().post("/v1/users", &SignUp::with_proof(&proof).0).await;
    assert_eq!(reply.summary(), "201");
    assert_eq!(app.ask_for_code("email", &address.to_uppercase()).await.summary(), "409 email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_a_second_code_within_a_minute_is_refused_with_its_wait() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;
    app.advance(30);

    let reply = app.ask_for_code("sms", &phone).await;
    assert_eq!(reply.summary(), "429 resend_too_soon");
    assert!((1..=30).contains(&reply.retry_after()), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_the_minute_is_the_numbers_however_it_is_written_and_nobody_elses() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;

    let national = format!("0{}", phone.strip_prefix("+82").expect("it is Korean"));
    assert_eq!(app.ask_for_code("sms", &national).await.summary(), "429 resend_too_soon");
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_12_the_answer_says_when_another_may_be_asked_for_and_then_it_may() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let reply = app.ask_for_code("sms", &phone).await;
    assert_eq!(reply.body["resend_after"], 60);
    app.advance(60);
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_ten_codes_a_day_go_to_a_number() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    use_up_the_day(&app, &phone).await;

    let reply = app.ask_for_code("sms", &phone).await;
    assert_eq!(reply.summary(), "429 daily_limit_reached");
    assert!((DAY - 700..=DAY).contains(&reply.retry_after()), "{reply:?}");
    app.advance(reply.retry_after());
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_only_accepted_sends_count_towards_the_day() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;
    for _ in 0..10 {
        assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "429 resend_too_soon");
    }
    app.advance(60);
    for _ in 0..9 {
        assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
        app.advance(60);
    }
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "429 daily_limit_reached");
}

/// A system where an address has few codes an hour.
async fn few_an_hour() -> TestApp {
    TestApp::start_with(Settings { sends_per_address_per_hour: 2, ..Settings::local() }).await
}

/// Has codes sent until so many are left to the address for this hour.
async fn use_up_the_hour(app: &TestApp, left: u32) {
    for _ in left..app.settings.sends_per_address_per_hour {
        assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_an_address_has_so_many_codes_an_hour() {
    let app = few_an_hour().await;
    use_up_the_hour(&app, 0).await;
    let reply = app.ask_for_code("sms", &app.new_phone()).await;
    assert_eq!(reply.summary(), "429 address_limit_reached");
    assert!((3_500..=3_600).contains(&reply.retry_after()), "{reply:?}");
    app.advance(reply.retry_after());
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_a_used_up_address_does_not_affect_another() {
    let app = few_an_hour().await;
    let neighbour = app.anonymous().from_address(app.another_address());
    use_up_the_hour(&app, 0).await;
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "429 address_limit_reached");
    assert_eq!(ask_from(&neighbour, &app, &app.new_phone()).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_an_address_cannot_be_forged_by_a_header() {
    let app = few_an_hour().await;
    use_up_the_hour(&app, 0).await;
    let client = app.anonymous();
    let body = form("sms", &app.new_phone(), &app.captcha_token().await);
    let forged = client.request(Method::POST, "/v1/verification-codes").header("x-forwarded-for", "203.0.113.9");
    assert_eq!(client.send(forged.json(&body)).await.summary(), "429 address_limit_reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_11_only_accepted_sends_count_against_an_address() {
    let app = few_an_hour().await;
    use_up_the_hour(&app, 2).await;
    let phone = app.new_phone();
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "429 resend_too_soon");
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "429 address_limit_reached");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_13_b0_17_a_code_is_six_digits_and_each_is_another() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let (_, first) = app.receive_code("sms", &phone).await;
    app.advance(60);
    let (_, second) = app.receive_code("sms", &phone).await;
    // Once in a million runs they are the same.
    assert_ne!(first, second);
    assert!(first.len() == 6 && first.bytes().all(|byte| byte.is_ascii_digit()));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_14_a_code_can_be_told_back_for_five_minutes() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    app.advance(280);
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_14_b3_19_a_code_of_five_minutes_ago_is_gone() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    app.advance(300);
    assert_eq!(app.confirm(&id, &code).await.summary(), "410 code_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_14_answer_and_text_state_the_life_of_a_code() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let reply = app.ask_for_code("sms", &phone).await;
    let expires_at: Timestamp = serde_json::from_value(reply.body["expires_at"].clone()).expect("it is an instant");
    assert!((290..=300).contains(&app.now().seconds_until(expires_at)), "{reply:?}");
    assert!(app.messages(&phone, 1).await[0].text.contains("5분"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_19_a_code_that_nobody_asked_for_is_gone() {
    let app = TestApp::start().await;
    let reply = app.confirm("019a0000-0000-7000-8000-000000000000", "123456").await;
    assert_eq!(reply.summary(), "410 code_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_19_b0_26_a_wrong_code_is_told_and_the_right_one_is_still_good() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    assert_eq!(app.confirm(&id, &other_than(&code)).await.summary(), "400 code_mismatch");
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_a_code_is_good_for_its_own_number_only() {
    let app = TestApp::start().await;
    let (_, code) = app.receive_code("sms", &app.new_phone()).await;
    let (other, _) = app.receive_code("sms", &app.new_phone()).await;
    assert_eq!(app.confirm(&other, &code).await.summary(), "400 code_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_b0_25_a_code_is_told_back_once() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
    assert_eq!(app.confirm(&id, &code).await.summary(), "410 code_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_a_new_code_takes_the_place_of_the_old_one() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let (old, old_code) = app.receive_code("sms", &phone).await;
    app.advance(60);
    let (new, new_code) = app.receive_code("sms", &phone).await;
    assert_eq!(app.confirm(&old, &old_code).await.summary(), "410 code_expired");
    assert_eq!(app.confirm(&new, &new_code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_b0_28_the_sixth_guess_is_refused_though_it_is_right() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    guess_wrong(&app, &id, &code, 5).await;
    let reply = app.confirm(&id, &code).await;
    assert_eq!(reply.summary(), "429 guesses_exhausted");
    assert!((280..=300).contains(&reply.retry_after()), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_the_fifth_guess_is_still_compared() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    guess_wrong(&app, &id, &code, 4).await;
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_a_new_code_brings_no_new_guesses_before_their_five_minutes_are_over() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let (id, code) = app.receive_code("sms", &phone).await;
    guess_wrong(&app, &id, &code, 5).await;
    app.advance(60);

    let (id, code) = app.receive_code("sms", &phone).await;
    let reply = app.confirm(&id, &code).await;
    assert_eq!(reply.summary(), "429 guesses_exhausted");
    assert!((200..=240).contains(&reply.retry_after()), "{reply:?}");
    app.advance(reply.retry_after());
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_b3_41_what_is_no_code_is_no_guess() {
    let app = TestApp::start().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    for malformed in ["", "12345", "1234567", "12345a", " 12345", "１２３ａ５６"] {
        let reply = app.confirm(&id, malformed).await;
        assert_eq!((reply.status, reply.fields()), (422, vec!["/code code_format".to_owned()]), "{malformed:?}");
    }
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_28_a_get_sends_nothing() {
    let app = TestApp::start().await;
    let reply = app.anonymous().get("/v1/verification-codes").await;
    assert_eq!(reply.status, 405);
    assert_eq!(reply.header("allow"), "POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_30_the_text_is_in_the_language_of_the_request() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let mut texts = Vec::new();
    for language in ["ko-KR,ko;q=0.9,en;q=0.8", "en-GB", "zh-CN,zh;q=0.9", "fr"] {
        let phone = app.new_phone();
        let body = form("sms", &phone, &app.captcha_token().await);
        let request = client.request(Method::POST, "/v1/verification-codes").header("accept-language", language);
        assert_eq!(client.send(request.json(&body)).await.summary(), "202");
        let text = app.messages(&phone, 1).await.remove(0).text;
        texts.push(text.replace(&code_in(&text), "······"));
    }
    let korean = "[Campus] 회원가입 인증번호 ······. 5분 안에 입력하세요. 남에게 알려 주지 마세요.";
    let english = "[Campus] Code ······ to sign up. Valid 5 min. Don't share.";
    let chinese = "[Campus] 验证码······，用于注册，5分钟内有效。请勿告诉他人。";
    assert_eq!(texts, [korean, english, chinese, korean]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_30_a_code_is_mailed_in_text_and_html() {
    let app = TestApp::start().await;
    let address = app.new_email();
    let (id, code) = app.receive_code("email", &address).await;
    let mail = app.messages(&address, 1).await.remove(0);
    assert_eq!(mail.channel, "email");
    assert_eq!(mail.subject.as_deref(), Some("[Campus] 회원가입 인증번호"));
    assert!(mail.text.contains("5분"));
    assert!(mail.html.is_some_and(|html| html.contains(&code) && html.contains("5분")));
    assert_eq!(app.confirm(&id, &code).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_4_no_text_goes_to_a_country_that_is_not_served() {
    let app = TestApp::start().await;
    let reply = app.ask_for_code("sms", "+1 650-253-0000").await;
    assert_eq!((reply.status, reply.fields()), (422, vec!["/target phone_country_not_allowed".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_4_a_target_is_read_by_its_channel() {
    let app = TestApp::start().await;
    let address_as_phone = app.ask_for_code("sms", "minji@campus.example").await;
    assert_eq!(address_as_phone.fields(), ["/target phone_invalid"]);
    let phone_as_address = app.ask_for_code("email", &app.new_phone()).await;
    assert_eq!(phone_as_address.fields(), ["/target email_invalid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_2_every_wrong_field_is_told_at_once() {
    let app = TestApp::start().await;
    let form = json!({ "channel": "sms", "target": "12345678", "purpose": "tea", "captcha_token": 7 });
    let reply = app.anonymous().post("/v1/verification-codes", &form).await;
    assert_eq!(reply.status, 422);
    assert_eq!(reply.fields(), ["/captcha_token wrong_type", "/purpose unknown_value", "/target phone_invalid"]);
}
