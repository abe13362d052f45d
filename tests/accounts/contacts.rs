//! `/users/me/email` and `/users/me/phone`: another address or number, proven.

use campus_messages::Purpose;
use campus_testkit::{Client, SignUp, TestApp, race};
use serde_json::{Value, json};

use super::signing_in::{Person, person, session_of, sign_in, signed_in};

const EMAIL: &str = "/v1/users/me/email";
const PHONE: &str = "/v1/users/me/phone";

async fn someone(app: &TestApp) -> (Person, Client) {
    let person = person(app).await;
    let client = signed_in(app, &session_of(app, &person, true).await);
    (person, client)
}

/// Someone with a proven address, and that.
async fn with_mail(app: &TestApp) -> (String, Client) {
    let address = app.new_email();
    let form = SignUp::with_proof(&app.proof("email", &address).await);
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    (address, signed_in(app, &reply))
}

async fn put(client: &Client, path: &str, proof: &str) -> campus_testkit::Reply {
    client.put(path, &json!({ "proof": proof })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_20_a_new_address_is_proven_by_a_code_sent_to_it_and_the_old_one_is_told() {
    let app = TestApp::start().await;
    let (old, client) = with_mail(&app).await;
    let other = app.anonymous().post("/v1/sessions", &json!({ "login": old, "password": "drie kleine eendjes" })).await;
    let new = app.new_email();
    let proof = app.proof_as(&client, Purpose::ChangeEmail, "email", &new).await;
    let reply = put(&client, EMAIL, &proof).await;
    assert_eq!(reply.summary(), "200", "{reply:?}");
    assert_eq!(reply.body["email"], json!({ "masked": format!("{}***@campus.example", &new[..1]), "verified": true }));
    assert_eq!(reply.text("/etag"), reply.header("etag"));

    let told = app.messages(&old, 2).await.swap_remove(0);
    assert_eq!(told.subject.as_deref(), Some("[Campus] 이메일 주소가 변경되었습니다"));
    assert!(!told.text.contains(&new), "the old mailbox may be someone else's by now");
    assert_eq!(sign_in(&app.anonymous(), &new, super::signing_in::PASSWORD).await.summary(), "201");
    assert_eq!(sign_in(&app.anonymous(), &old, super::signing_in::PASSWORD).await.summary(), "401 credentials_wrong");
    app.advance(30);
    assert_eq!(client.get("/v1/users/me").await.status, 200, "the session that made the change goes on");
    assert_eq!(signed_in(&app, &other).get("/v1/users/me").await.summary(), "401 token_revoked");
    // The old address is free again.
    app.advance(31);
    let form = SignUp::with_proof(&app.proof("email", &old).await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_22_who_has_no_address_adds_one_and_is_told_by_text() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    assert_eq!(client.get("/v1/users/me").await.body["email"], Value::Null);
    let new = app.new_email();
    let proof = app.proof_as(&client, Purpose::ChangeEmail, "email", &new).await;
    assert_eq!(put(&client, EMAIL, &proof).await.summary(), "200");
    let told = app.messages(&person.phone, 2).await.swap_remove(0).text;
    assert!(told.contains("이메일 주소가 등록") && !told.contains(&new), "{told}");
    assert_eq!(client.get("/v1/users/me").await.body["email"]["verified"], true);
    assert_eq!(client.get("/v1/users/me").await.body["phone"]["verified"], true);
    assert_eq!(sign_in(&app.anonymous(), &person.phone, super::signing_in::PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_number_adds_one_and_is_told_by_mail() {
    let app = TestApp::start().await;
    let (address, client) = with_mail(&app).await;
    let new = app.new_phone();
    let proof = app.proof_as(&client, Purpose::ChangePhone, "sms", &new).await;
    assert_eq!(put(&client, PHONE, &proof).await.summary(), "200");
    let told = app.messages(&address, 2).await.swap_remove(0);
    assert_eq!(told.subject.as_deref(), Some("[Campus] 전화번호가 등록되었습니다"));
    assert!(!told.text.contains(&new[4..]), "{}", told.text);
    // Another one is told to the old number, and the mailbox is left alone.
    let proof = app.proof_as(&client, Purpose::ChangePhone, "sms", &app.new_phone()).await;
    assert_eq!(put(&client, PHONE, &proof).await.summary(), "200");
    assert!(app.messages(&new, 2).await[0].text.contains("전화번호가 변경"));
    assert_eq!(app.outbox(&address).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_23_b0_24_a_fresh_number_is_sent_a_code_and_the_current_one_is_not() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    let ask = async |target: &str| app.ask_for_code_as(&client, Purpose::ChangePhone, "sms", target).await;
    assert_eq!(ask(&person.phone).await.summary(), "409 phone_unchanged");
    let (taken, _) = someone(&app).await;
    assert_eq!(ask(&taken.phone).await.summary(), "409 phone_taken");
    let new = app.new_phone();
    assert_eq!(ask(&new).await.summary(), "202");
    let asked = app.ask_for_code_as(&app.anonymous(), Purpose::ChangePhone, "sms", &app.new_phone()).await;
    assert_eq!(asked.summary(), "401 token_missing");
    assert!(asked.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_25_b0_26_b0_28_a_code_of_six_digits_is_good_once_and_a_wrong_one_five_times() {
    let app = TestApp::start().await;
    let (_, client) = someone(&app).await;
    let new = app.new_phone();
    let asked = app.ask_for_code_as(&client, Purpose::ChangePhone, "sms", &new).await;
    let code = app.code_for(Purpose::ChangePhone, &asked, &new, 1).await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(app.confirm(&asked.text("/id"), wrong).await.summary(), "400 code_mismatch");
    let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
    assert_eq!(app.confirm(&asked.text("/id"), &code).await.summary(), "410 code_expired");
    assert_eq!(put(&client, PHONE, &proof).await.summary(), "200");
    assert_eq!(put(&client, PHONE, &proof).await.summary(), "410 proof_spent");

    let another = app.new_phone();
    let asked = app.ask_for_code_as(&client, Purpose::ChangePhone, "sms", &another).await;
    let code = app.code_for(Purpose::ChangePhone, &asked, &another, 1).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(app.confirm(&asked.text("/id"), wrong).await.summary(), "400 code_mismatch");
    }
    assert_eq!(app.confirm(&asked.text("/id"), &code).await.summary(), "429 guesses_exhausted");
    app.advance(300);
    assert_eq!(app.confirm(&asked.text("/id"), &code).await.summary(), "410 code_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_21_asking_for_a_code_tells_its_id_and_nothing_of_the_account() {
    let app = TestApp::start().await;
    let (_, client) = someone(&app).await;
    let asked = app.ask_for_code_as(&client, Purpose::ChangePhone, "sms", &app.new_phone()).await;
    let mut members: Vec<_> = asked.body.as_object().expect("it is an object").keys().collect();
    members.sort();
    assert_eq!(members, ["expires_at", "id", "resend_after"]);
    let shown = client.get("/v1/users/me").await.body.to_string();
    assert!(!shown.contains("hash") && !shown.contains("argon2"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_a_proof_for_one_thing_never_sets_another() {
    let app = TestApp::start().await;
    let (ana, anas) = someone(&app).await;
    let (_, beas) = someone(&app).await;
    let (phone, address) = (app.new_phone(), app.new_email());
    let of_phone = app.proof_as(&anas, Purpose::ChangePhone, "sms", &phone).await;
    let of_school = app.proof_as(&anas, Purpose::JoinSchool, "email", &address).await;
    let to_sign_up = app.proof("sms", &app.new_phone()).await;
    for (client, path, proof) in
        [(&anas, EMAIL, &of_phone), (&anas, EMAIL, &of_school), (&beas, PHONE, &of_phone), (&anas, PHONE, &to_sign_up)]
    {
        assert_eq!(put(client, path, proof).await.summary(), "400 proof_mismatch");
    }
    assert_eq!(sign_in(&app.anonymous(), &ana.phone, super::signing_in::PASSWORD).await.summary(), "201");
    // What was refused was not spent.
    assert_eq!(put(&anas, PHONE, &of_phone).await.summary(), "200");
    let form = SignUp::with_proof(&to_sign_up);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    app.advance(11 * 60);
    let late = app.new_phone();
    let client = signed_in(&app, &session_of(&app, &Person { phone: phone.clone(), ..ana }, false).await);
    let proof = app.proof_as(&client, Purpose::ChangePhone, "sms", &late).await;
    app.advance(600);
    assert_eq!(put(&client, PHONE, &proof).await.summary(), "410 proof_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_taken_off_its_old_owner_is_told_and_it_is_free_again() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    for _ in 0..2 {
        assert_eq!(client.delete(PHONE).await.summary(), "204", "as a client repeats it that had no answer");
    }
    assert_eq!(client.get("/v1/users/me").await.body["phone"], Value::Null);
    assert!(app.messages(&person.phone, 2).await[0].text.contains("전화번호가 삭제"));
    assert_eq!(sign_in(&app.anonymous(), &person.username, super::signing_in::PASSWORD).await.summary(), "201");
    app.advance(61);
    let form = SignUp::with_proof(&app.proof("sms", &person.phone).await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_a_purpose_go_where_they_prove_something() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    let ask = async |purpose, channel: &str, target: &str| app.ask_for_code_as(&client, purpose, channel, target).await;
    for (purpose, channel, target) in [
        (Purpose::ChangePhone, "email", app.new_email()),
        (Purpose::ChangeEmail, "sms", app.new_phone()),
        (Purpose::JoinSchool, "sms", app.new_phone()),
    ] {
        assert_eq!(ask(purpose, channel, &target).await.fields(), [" channel_not_for_purpose"]);
    }
    for purpose in [Purpose::ChangePassword, Purpose::DeleteAccount] {
        assert_eq!(ask(purpose, "sms", &app.new_phone()).await.fields(), ["/target target_not_own"]);
    }
    app.advance(61);
    assert_eq!(ask(Purpose::DeleteAccount, "sms", &person.phone).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_people_who_prove_one_number_at_once_one_has_it() {
    let app = TestApp::start().await;
    let contested = app.new_phone();
    let mut proofs = Vec::new();
    for _ in 0..5 {
        let (_, client) = someone(&app).await;
        proofs.push((client.clone(), app.proof_as(&client, Purpose::ChangePhone, "sms", &contested).await));
        app.advance(61);
    }
    let raced = race(5, async |number| put(&proofs[number].0, PHONE, &proofs[number].1).await).await;
    assert_eq!(raced.tally(), campus_testkit::counts([("200", 1), ("409 phone_taken", 4)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_different_things_at_once_all_happen() {
    let app = TestApp::start().await;
    let (_, client) = someone(&app).await;
    let phone = app.proof_as(&client, Purpose::ChangePhone, "sms", &app.new_phone()).await;
    let email = app.proof_as(&client, Purpose::ChangeEmail, "email", &app.new_email()).await;
    let nickname = app.new_nickname();
    let raced = race(3, async |number| match number {
        0 => put(&client, PHONE, &phone).await,
        1 => put(&client, EMAIL, &email).await,
        _ => client.patch("/v1/users/me", &json!({ "nickname": nickname })).await,
    })
    .await;
    assert_eq!(raced.tally(), campus_testkit::counts([("200", 3)]));
    let shown = client.get("/v1/users/me").await;
    assert_eq!((&shown.body["email"]["verified"], shown.text("/nickname")), (&json!(true), nickname));
}
