//! `POST /users`: signing up.

use campus_accounts::users::Profile;
use campus_domain::UserId;
use campus_endpoint::Settings;
use campus_store::{Key, Store};
use campus_testkit::{Reply, SignUp, TestApp};
use serde_json::{Value, json};

use super::schools::school;

const PASSWORD: &str = "drie kleine eendjes";

async fn sign_up(app: &TestApp, form: SignUp) -> Reply {
    app.anonymous().post("/v1/users", &form.0).await
}

/// A valid form with the proof of a new number.
async fn form(app: &TestApp) -> SignUp {
    SignUp::with_proof(&app.proof("sms", &app.new_phone()).await)
}

/// Full-width forms of what is ASCII and no space.
fn wide(text: &str) -> String {
    let widened = |c: char| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xFEE0) } else { None };
    text.chars().map(|c| widened(c).unwrap_or(c)).collect()
}

fn with_password(form: SignUp, password: &str) -> SignUp {
    form.with("password", password).with("password_confirmation", password)
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_1_a_form_with_a_proven_number_makes_an_account_and_a_session() {
    let app = TestApp::start().await;
    let username = app.new_username();
    let reply = sign_up(&app, form(&app).await.with("username", username.as_str())).await;
    assert_eq!(reply.summary(), "201");
    assert_eq!(reply.header("location"), "/v1/users/me");
    assert_eq!(reply.body["user"]["username"], username);
    assert_eq!(reply.body["user"]["phone"]["verified"], true);
    assert_eq!(reply.body["session"]["token_type"], "Bearer");
    assert_eq!(reply.body["session"]["expires_in"], 900);
    assert!(!reply.text("/session/access_token").is_empty());
    assert!(!reply.text("/session/refresh_token").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_2_no_answer_repeats_the_password_the_number_or_the_code() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let asked = app.ask_for_code("sms", &phone).await;
    let code = app.code_of(&asked, &phone, 1).await;
    let confirmed = app.confirm(&asked.text("/id"), &code).await;
    let form = SignUp::with_proof(&confirmed.text("/proof")).with("phone", phone.as_str());
    let refused = sign_up(&app, form.clone().with("terms_accepted", false).with("username", phone.as_str())).await;
    let created = sign_up(&app, form.clone()).await;
    assert_eq!(created.summary(), "201");
    let again = sign_up(&app, form).await;
    let me = app.anonymous().with_token(created.text("/session/access_token")).get("/v1/users/me").await;

    for reply in [asked, confirmed, refused, created, again, me] {
        let told = format!("{} {:?}", reply.body, reply.headers);
        for secret in [PASSWORD, &phone, &phone[3..], &code] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_3_names_that_are_left_out_are_made_up_and_say_nothing_of_the_number() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let last_four = &member.phone[member.phone.len() - 4..];
    for field in ["username", "nickname", "display_name"] {
        let name = member.user[field].as_str().expect("there is a name");
        assert!(name.chars().count() >= 4 && !name.contains(last_four), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_1_a_profile_is_made_at_sign_up() {
    let app = TestApp::start().await;
    let nickname = app.new_nickname();
    let user = sign_up(&app, form(&app).await.with("nickname", nickname.as_str())).await;
    let id = user.text("/user/id");
    let store = Store::new(&app.clients);
    let profile = store.find::<Profile>(&Key::new(format!("USER#{id}"), "PROFILE")).await.expect("it can be read");
    let profile = profile.expect("there is a profile");
    assert_eq!((profile.user_id.to_string(), profile.nickname.as_str()), (id, nickname.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_5_a_password_that_is_too_short_or_too_long_is_refused() {
    let app = TestApp::start().await;
    let one_too_few = &"q7-Lw0x!"[..app.settings.password_minimum as usize - 1];
    for (password, refusal) in
        [("q7-Lw", "too_short"), (one_too_few, "too_short"), (&"q7-Lw0x!".repeat(17), "too_long")]
    {
        let reply = sign_up(&app, with_password(SignUp::with_proof("any"), password)).await;
        assert_eq!(reply.summary(), "422 validation_failed");
        assert!(reply.fields().contains(&format!("/password {refusal}")), "{password}: {reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_5_passwords_of_8_and_of_128_characters_are_taken() {
    let app = TestApp::start().await;
    for password in ["q7-Lw0x!", &"q7-Lw0x!".repeat(16)] {
        let form = form(&app).await;
        assert_eq!(sign_up(&app, with_password(form, password)).await.summary(), "201");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_5_a_stage_may_take_passwords_of_6_characters() {
    let app = TestApp::start_with(Settings { password_minimum: 6, ..Settings::local() }).await;
    assert_eq!(app.settings.password_minimum, 6, "deploy the stage for tests with PasswordMinimum=6");
    let form = form(&app).await;
    let short = sign_up(&app, with_password(form.clone(), "q7-Lw")).await;
    assert!(short.fields().contains(&"/password too_short".to_owned()), "{short:?}");
    assert_eq!(sign_up(&app, with_password(form, "q7-Lw0")).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_6_b3_38_a_password_that_differs_from_its_confirmation_is_refused_with_an_empty_pointer() {
    let app = TestApp::start().await;
    let form = SignUp::with_proof("any").with("password_confirmation", "drie grote eendjes");
    let reply = sign_up(&app, form).await;
    assert_eq!(reply.summary(), "422 validation_failed");
    assert_eq!(reply.fields(), [" password_mismatch"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_38_a_password_that_equals_its_confirmation_is_not_reported() {
    let app = TestApp::start().await;
    let reply = sign_up(&app, SignUp::with_proof("any").with("username", "m")).await;
    assert_eq!(reply.fields(), ["/username too_short"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_22_the_token_of_a_sign_up_works() {
    let app = TestApp::start().await;
    let reply = sign_up(&app, form(&app).await).await;
    let me = app.anonymous().with_token(reply.text("/session/access_token")).get("/v1/users/me").await;
    assert_eq!(me.summary(), "200");
    assert_eq!(me.body, reply.body["user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_2_an_empty_form_is_refused_with_every_field_that_it_lacks() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post("/v1/users", &json!({})).await;
    assert_eq!(reply.summary(), "422 validation_failed");
    let lacking =
        ["/password required", "/password_confirmation required", "/proof proof_required", "/terms_accepted required"];
    assert_eq!(reply.fields(), lacking);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_2_an_incomplete_form_stores_nothing() {
    let app = TestApp::start().await;
    let form = form(&app).await.with("username", app.new_username()).with("nickname", app.new_nickname());
    assert_eq!(sign_up(&app, form.clone().with("password", Value::Null)).await.status, 422);
    assert_eq!(sign_up(&app, form).await.summary(), "201", "names and proof are as they were");
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_10_a_username_of_18_characters_is_refused() {
    let app = TestApp::start().await;
    let reply = sign_up(&app, SignUp::with_proof("any").with("username", "a23456789012345678")).await;
    assert_eq!(reply.fields(), ["/username too_long"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_10_a_username_of_17_characters_is_taken() {
    let app = TestApp::start().await;
    let username = app.new_username() + "_7";
    assert_eq!(username.len(), 17);
    let reply = sign_up(&app, form(&app).await.with("username", username)).await;
    assert_eq!(reply.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_10_a_username_is_taken_once_in_any_case_width_and_likeness() {
    let app = TestApp::start().await;
    let stem = app.new_username();
    let name = format!("{stem}1");
    let reply = sign_up(&app, form(&app).await.with("username", name.replace("minji", "Minji"))).await;
    assert_eq!(reply.body["user"]["username"], name);
    let form = form(&app).await;
    for username in [name.clone(), name.to_uppercase(), wide(&name), format!("{stem}l")] {
        let reply = sign_up(&app, form.clone().with("username", username.as_str())).await;
        assert_eq!(reply.summary(), "409 username_taken", "{username}");
    }
    assert_eq!(sign_up(&app, form.with("username", format!("{stem}2"))).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_10_a_user_is_named_by_a_uuid() {
    let app = TestApp::start().await;
    let member = app.member().await;
    assert!(UserId::parse(member.user["id"].as_str().expect("there is an id")).is_ok(), "{}", member.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nickname_is_taken_once_in_any_case_width_and_likeness() {
    let app = TestApp::start().await;
    // Korean in front, which has neither case nor width.
    let name = format!("{} Paypal", app.new_nickname());
    assert_eq!(sign_up(&app, form(&app).await.with("nickname", name.as_str())).await.summary(), "201");
    let form = form(&app).await;
    let cyrillic = name.replace("Paypa", "Раура");
    assert_ne!(cyrillic, name);
    for nickname in [name.clone(), name.to_uppercase(), wide(&name), format!(" {} ", name.to_lowercase()), cyrillic] {
        let reply = sign_up(&app, form.clone().with("nickname", nickname.as_str())).await;
        assert_eq!(reply.summary(), "409 nickname_taken", "{nickname}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_39_b4_11_what_is_the_servers_to_set_is_ignored_when_posted() {
    let app = TestApp::start().await;
    let id = "0199c0de-0000-7000-8000-000000000000";
    let mut form = form(&app).await;
    for (field, value) in [
        ("id", json!(id)),
        ("user_id", json!(id)),
        ("owner", json!(id)),
        ("roles", json!(["admin"])),
        ("role", json!("admin")),
        ("is_staff", json!(true)),
        ("is_superuser", json!(true)),
        ("is_active", json!(false)),
        ("school_verified", json!(true)),
        ("created_at", json!("2001-01-01T00:00:00Z")),
    ] {
        form.0[field] = value;
    }
    let reply = sign_up(&app, form).await;
    assert_eq!(reply.summary(), "201");
    assert_ne!(reply.text("/user/id"), id);
    assert_eq!(reply.body["user"]["roles"], json!(["member"]));
    assert!(!reply.text("/user/created_at").starts_with("2001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_37_reserved_names_are_refused_in_any_script_case_and_width() {
    let app = TestApp::start().await;
    // `аdmin` begins with a Cyrillic letter.
    for name in [
        "管理员",
        "超级管理员",
        "admin",
        "ADMIN",
        "ａｄｍｉｎ",
        "ＡＤＭＩＮ",
        "ⓐⓓⓜⓘⓝ",
        "аdmin",
        "admin1",
        "a.d.m.i.n",
        "root",
        "Root",
        "ｒｏｏｔ",
        "staff",
        "운영자",
        "관리자",
    ] {
        let reply = sign_up(&app, SignUp::with_proof("any").with("username", name).with("nickname", name)).await;
        assert_eq!(reply.fields(), ["/nickname reserved", "/username reserved"], "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_23_a_nickname_may_have_emoji() {
    let app = TestApp::start().await;
    let nickname = format!("👩‍🎓 {} 🦆", app.new_nickname());
    let reply = sign_up(&app, form(&app).await.with("nickname", nickname.as_str())).await;
    assert_eq!(reply.text("/user/nickname"), nickname);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_the_proof_of_another_number_is_refused_and_not_spent() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    let another = app.new_phone();
    assert_eq!(sign_up(&app, form.clone().with("phone", another)).await.summary(), "400 proof_mismatch");
    assert_eq!(sign_up(&app, form).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_the_proof_of_another_address_is_refused() {
    let app = TestApp::start().await;
    let form = SignUp::with_proof(&app.proof("email", &app.new_email()).await);
    let reply = sign_up(&app, form.with("email", app.new_email())).await;
    assert_eq!(reply.summary(), "400 proof_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proven_number_may_be_repeated_in_any_writing() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let form = SignUp::with_proof(&app.proof("sms", &phone).await);
    let national = format!("010-{}-{}", &phone[5..9], &phone[9..]);
    assert_eq!(sign_up(&app, form.with("phone", national)).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_a_proof_that_was_used_tells_that_the_number_is_taken() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    assert_eq!(sign_up(&app, form.clone()).await.summary(), "201");
    assert_eq!(sign_up(&app, form).await.summary(), "409 phone_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_campus_did_not_issue_is_refused() {
    let app = TestApp::start().await;
    let good = app.proof("sms", &app.new_phone()).await;
    let last = if good.ends_with('A') { "B" } else { "A" };
    let altered = format!("{}{last}", &good[..good.len() - 1]);
    let of_a_captcha = app.captcha_token().await;
    for forged in ["", "x", "한글", "../../etc/passwd", &"A".repeat(64), &altered, &of_a_captcha, &format!("{good}A")]
    {
        assert_eq!(sign_up(&app, SignUp::with_proof(forged)).await.summary(), "400 proof_invalid", "{forged}");
    }
    assert_eq!(sign_up(&app, SignUp::with_proof(&good)).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_good_for_ten_minutes() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    app.advance(580);
    assert_eq!(sign_up(&app, form).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_over_after_ten_minutes() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    app.advance(600);
    assert_eq!(sign_up(&app, form).await.summary(), "410 proof_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proven_address_makes_an_account_too() {
    let app = TestApp::start().await;
    let address = app.new_email();
    let proof = app.proof("email", &address).await;
    let reply = sign_up(&app, SignUp::with_proof(&proof).with("email", address.to_uppercase())).await;
    assert_eq!(reply.summary(), "201");
    assert_eq!(reply.body["user"]["email"], json!({ "masked": "m***@campus.example", "verified": true }));
    assert_eq!(reply.body["user"]["phone"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_42_a_number_without_proof_is_unverified_and_claims_nothing() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    for address in [app.new_email(), app.new_email()] {
        let form = SignUp::with_proof(&app.proof("email", &address).await).with("phone", phone.as_str());
        let reply = sign_up(&app, form).await;
        assert_eq!(reply.summary(), "201", "{address}");
        assert_eq!(reply.body["user"]["phone"]["verified"], false);
    }
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202", "its owner can still prove it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_proof_is_unverified_and_claims_nothing() {
    let app = TestApp::start().await;
    let address = app.new_email();
    for _ in 0..2 {
        let reply = sign_up(&app, form(&app).await.with("email", address.as_str())).await;
        assert_eq!(reply.summary(), "201");
        assert_eq!(reply.body["user"]["email"]["verified"], false);
    }
    assert_eq!(app.ask_for_code("email", &address).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_an_unknown_school_is_refused() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    let reply = sign_up(&app, form.clone().with("school_id", "0199c0de-0000-7000-8000-000000000000")).await;
    assert_eq!(reply.summary(), "422 validation_failed");
    assert_eq!(reply.fields(), ["/school_id school_unknown"]);
    assert_eq!(sign_up(&app, form).await.summary(), "201", "the proof is not spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_b2_12_a_known_school_is_embedded() {
    let app = TestApp::start().await;
    let school = school(&app, &app.staff().await).await;
    let reply = sign_up(&app, form(&app).await.with("school_id", school["id"].clone())).await;
    let expected = json!({ "id": school["id"], "name": school["name"], "verified": false });
    assert_eq!(reply.body["user"]["school"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_2_an_admission_year_out_of_range_is_refused() {
    let app = TestApp::start().await;
    let form = form(&app).await;
    for year in [0, 1949, 2100, 2101, -2026] {
        let reply = sign_up(&app, form.clone().with("admission_year", year)).await;
        assert_eq!(reply.fields(), ["/admission_year out_of_range"], "{year}");
    }
    assert_eq!(sign_up(&app, form.with("admission_year", 2026)).await.body["user"]["admission_year"], 2026);
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_are_not_accepted_are_refused() {
    let app = TestApp::start().await;
    let reply = sign_up(&app, SignUp::with_proof("any").with("terms_accepted", false)).await;
    assert_eq!(reply.summary(), "422 validation_failed");
    assert_eq!(reply.fields(), ["/terms_accepted terms_not_accepted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_and_a_time_zone_are_kept() {
    let app = TestApp::start().await;
    let reply = sign_up(&app, form(&app).await.with("locale", "en-US").with("time_zone", "america/new_york")).await;
    assert_eq!((reply.text("/user/locale"), reply.text("/user/time_zone")), ("en".into(), "America/New_York".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_that_of_the_request_by_default() {
    let app = TestApp::start().await;
    for (asked, locale) in [("zh-CN,en;q=0.5", "zh"), ("fr", "ko")] {
        let form = form(&app).await;
        let request = app.anonymous().request(reqwest::Method::POST, "/v1/users").json(&form.0);
        let reply = app.anonymous().send(request.header("accept-language", asked)).await;
        assert_eq!((reply.text("/user/locale"), reply.text("/user/time_zone")), (locale.into(), "Asia/Seoul".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_common_password_is_refused() {
    let app = TestApp::start().await;
    for password in ["password", "12345678", "qwertyuiop", "P@ssw0rd"] {
        let reply = sign_up(&app, with_password(SignUp::with_proof("any"), password)).await;
        assert_eq!(reply.fields(), ["/password password_too_common"], "{password}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_with_the_username_number_or_address_in_it_is_refused() {
    let app = TestApp::start().await;
    for (field, value, password) in [
        ("username", "minji_26", "xq-MINJI_26-xq"),
        ("username", "ＭＩＮＪＩ_26", "xq-minji_26-xq"),
        ("phone", "010-0000-1234", "xq-1000001234-xq"),
        ("email", "minji.kim@campus.example", "xq-minji.kim-xq"),
    ] {
        let reply = sign_up(&app, with_password(SignUp::with_proof("any"), password).with(field, value)).await;
        assert_eq!(reply.fields(), ["/password password_contains_name"], "{field}");
    }
}
