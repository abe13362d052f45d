//! `/users/me/password`: changing a password that one knows, or by a code.

use campus_messages::Purpose;
use campus_testkit::{Client, Reply, TestApp, counts, race};
use serde_json::{Value, json};

use super::signing_in::{PASSWORD, Person, person, refresh, session_of, sign_in, signed_in};

const PATH: &str = "/v1/users/me/password";
const NEW: &str = "vier kleine eendjes";

fn change(current: &str, new: &str) -> Value {
    json!({ "current_password": current, "new_password": new, "new_password_confirmation": new })
}

fn change_by(proof: &str) -> Value {
    json!({ "proof": proof, "new_password": NEW, "new_password_confirmation": NEW })
}

/// Someone signed in, whose number can be sent a code.
async fn someone(app: &TestApp) -> (Person, Reply, Client) {
    let person = person(app).await;
    app.advance(61);
    let session = session_of(app, &person, true).await;
    let client = signed_in(app, &session);
    (person, session, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_18_who_changes_their_password_goes_on_and_every_other_session_ends_within_30_seconds() {
    let app = TestApp::start().await;
    let (person, session, client) = someone(&app).await;
    let other = session_of(&app, &person, true).await;
    let other_client = signed_in(&app, &other);
    assert_eq!(other_client.get("/v1/users/me").await.status, 200);

    let reply = client.put(PATH, &change(PASSWORD, NEW)).await;
    assert_eq!(reply.summary(), "200", "{reply:?}");
    assert_eq!(reply.text("/session/id"), session.text("/session/id"));
    assert_eq!(reply.text("/user/username"), person.username);
    // With what the answer brings, and with what the client has in flight.
    let renewed = signed_in(&app, &reply);
    assert_eq!(renewed.get("/v1/users/me").await.status, 200);
    assert_eq!(client.get("/v1/users/me").await.status, 200);
    assert_eq!(refresh(&app.anonymous(), &reply.text("/session/refresh_token")).await.summary(), "201");

    assert_eq!(
        refresh(&app.anonymous(), &other.text("/session/refresh_token")).await.summary(),
        "401 refresh_token_revoked"
    );
    app.advance(30);
    assert_eq!(other_client.get("/v1/users/me").await.summary(), "401 token_revoked");
    assert_eq!(renewed.get("/v1/sessions").await.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "401 credentials_wrong");
    assert_eq!(sign_in(&app.anonymous(), &person.username, NEW).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_old_refresh_token_ends_the_session_when_it_is_used() {
    let app = TestApp::start().await;
    let (_, session, client) = someone(&app).await;
    let reply = client.put(PATH, &change(PASSWORD, NEW)).await;
    app.advance(11);
    let stolen = session.text("/session/refresh_token");
    assert_eq!(refresh(&app.anonymous(), &stolen).await.summary(), "401 refresh_token_revoked");
    assert_eq!(
        refresh(&app.anonymous(), &reply.text("/session/refresh_token")).await.summary(),
        "401 refresh_token_revoked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_16_b0_17_without_the_current_password_a_code_is_needed_and_no_two_are_alike() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    let neither = json!({ "new_password": NEW, "new_password_confirmation": NEW });
    assert_eq!(client.put(PATH, &neither).await.fields(), ["/proof required"]);

    let ask = async || app.ask_for_code_as(&client, Purpose::ChangePassword, "sms", &person.phone).await;
    let first = ask().await;
    assert_eq!(first.summary(), "202", "no captcha is asked of someone who is signed in: {first:?}");
    let before = app.outbox(&person.phone).await.len();
    let first_code = app.code_for(Purpose::ChangePassword, &first, &person.phone, before.max(2)).await;
    app.advance(61);
    let second = ask().await;
    let second_code = app.code_for(Purpose::ChangePassword, &second, &person.phone, 3).await;
    assert_ne!((first.text("/id"), &first_code), (second.text("/id"), &second_code));
    let proof = app.confirm(&second.text("/id"), &second_code).await.text("/proof");
    assert_eq!(client.put(PATH, &change_by(&proof)).await.summary(), "200");
    assert_eq!(client.put(PATH, &change_by(&proof)).await.summary(), "410 proof_spent");
    assert_eq!(sign_in(&app.anonymous(), &person.username, NEW).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_27_the_proof_of_another_purpose_or_person_changes_nothing_and_is_not_spent() {
    let app = TestApp::start().await;
    let (ana, _, anas) = someone(&app).await;
    let (bea, _, beas) = someone(&app).await;
    let for_deletion = app.proof_as(&anas, Purpose::DeleteAccount, "sms", &ana.phone).await;
    let beas_own = app.proof_as(&beas, Purpose::ChangePassword, "sms", &bea.phone).await;
    for proof in [&for_deletion, &beas_own] {
        assert_eq!(anas.put(PATH, &change_by(proof)).await.summary(), "400 proof_mismatch");
    }
    let of_a_captcha = app.captcha_token().await;
    for forged in ["", "x", &of_a_captcha] {
        assert_eq!(anas.put(PATH, &change_by(forged)).await.summary(), "400 proof_invalid", "{forged}");
    }
    assert_eq!(sign_in(&app.anonymous(), &ana.username, PASSWORD).await.summary(), "201");
    assert_eq!(beas.put(PATH, &change_by(&beas_own)).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_19_no_password_code_or_proof_is_ever_answered() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    let proof = app.proof_as(&client, Purpose::ChangePassword, "sms", &person.phone).await;
    let mismatched = json!({ "current_password": PASSWORD, "new_password": NEW, "new_password_confirmation": "x" });
    for form in [change(PASSWORD, NEW), change("falsch falsch", NEW), mismatched, change_by(&proof)] {
        let reply = client.put(PATH, &form).await;
        for secret in [PASSWORD, NEW, "falsch falsch", &proof] {
            assert!(!reply.body.to_string().contains(secret), "{reply:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_current_password_is_told_ten_times_an_hour() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    for _ in 0..10 {
        assert_eq!(client.put(PATH, &change("falsch falsch", NEW)).await.summary(), "400 password_wrong");
    }
    let reply = client.put(PATH, &change(PASSWORD, NEW)).await;
    assert_eq!(reply.summary(), "429 password_checks_exhausted");
    assert!((3500..=3600).contains(&reply.retry_after()), "{reply:?}");
    // A code is another way, and others are not concerned.
    let proof = app.proof_as(&client, Purpose::ChangePassword, "sms", &person.phone).await;
    assert_eq!(client.put(PATH, &change_by(&proof)).await.summary(), "200");
    let (_, _, other) = someone(&app).await;
    assert_eq!(other.put(PATH, &change(PASSWORD, NEW)).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_current_password_is_not_counted_against_its_owner() {
    let app = TestApp::start().await;
    let (_, _, mut client) = someone(&app).await;
    let (mut current, mut next) = (PASSWORD, NEW);
    for _ in 0..12 {
        let reply = client.put(PATH, &change(current, next)).await;
        assert_eq!(reply.summary(), "200", "{reply:?}");
        client = signed_in(&app, &reply);
        (current, next) = (next, current);
    }
    for _ in 0..9 {
        assert_eq!(client.put(PATH, &change("falsch falsch", next)).await.summary(), "400 password_wrong");
    }
    assert_eq!(client.put(PATH, &change(current, next)).await.summary(), "200");
    // The right one does not make good for the wrong ones before.
    assert_eq!(client.put(PATH, &change("falsch falsch", next)).await.summary(), "400 password_wrong");
    assert_eq!(client.put(PATH, &change(next, current)).await.summary(), "429 password_checks_exhausted");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_guesses_at_once_ten_are_compared() {
    let app = TestApp::start().await;
    let (_, _, client) = someone(&app).await;
    let raced = race(20, async |_| client.put(PATH, &change("falsch falsch", NEW)).await).await;
    assert_eq!(raced.tally(), counts([("400 password_wrong", 10), ("429 password_checks_exhausted", 10)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_must_be_a_good_one() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    for (new, fields) in [
        ("kurz", ["/new_password too_short"]),
        ("password123", ["/new_password password_too_common"]),
        (&format!("{}-und-mehr", person.username), ["/new_password password_contains_name"]),
    ] {
        assert_eq!(client.put(PATH, &change(PASSWORD, new)).await.fields(), fields, "{new}");
    }
    let form = json!({ "current_password": PASSWORD, "new_password": NEW, "new_password_confirmation": "anders" });
    assert_eq!(client.put(PATH, &form).await.fields(), [" password_mismatch"]);
    assert_eq!(client.put(PATH, &json!({})).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_changes_at_once_by_the_same_password_one_is_made() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    let raced =
        race(8, async |number| client.put(PATH, &change(PASSWORD, &format!("vier kleine eendjes {number}"))).await)
            .await;
    let tally = raced.tally();
    assert_eq!(tally.get("200"), Some(&1), "{tally:?}");
    assert!(tally.keys().all(|told| ["200", "400 password_wrong"].contains(&told.as_str())), "{tally:?}");
    assert_eq!(sign_in(&app.anonymous(), &person.username, PASSWORD).await.summary(), "401 credentials_wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_while_the_password_changes_is_in_with_the_new_one_or_not_at_all() {
    let app = TestApp::start().await;
    let (person, _, client) = someone(&app).await;
    let raced = race(6, async |number| match number {
        0 => client.put(PATH, &change(PASSWORD, NEW)).await,
        _ => sign_in(&app.anonymous(), &person.username, PASSWORD).await,
    })
    .await;
    assert_eq!(raced.tally().get("200"), Some(&1));
    app.advance(31);
    let live = client.get("/v1/sessions").await;
    assert_eq!(live.body["items"].as_array().map(Vec::len), Some(1), "{live:?}");
}
