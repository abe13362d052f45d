//! `DELETE /users/me`, and taking an account back.

use campus_messages::Purpose;
use campus_testkit::{Client, Reply, TestApp, counts, race};
use serde_json::{Value, json};

use super::signing_in::{PASSWORD, Person, person, refresh, session_of, sign_in, sign_in_proof, signed_in};

const PATH: &str = "/v1/users/me";
const DAY: u64 = 24 * 60 * 60;

async fn someone(app: &TestApp) -> (Person, Client) {
    let person = person(app).await;
    app.advance(61);
    let client = signed_in(app, &session_of(app, &person, true).await);
    (person, client)
}

async fn delete(client: &Client, form: &Value) -> Reply {
    client.delete_with(PATH, form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_is_gone_at_once_and_taken_back_by_signing_in() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    let before = client.get(PATH).await.body;
    let other = session_of(&app, &person, true).await;
    assert_eq!(delete(&client, &json!({ "password": PASSWORD })).await.summary(), "204");
    let told = app.messages(&person.phone, 2).await.swap_remove(0).text;
    assert!(told.contains("계정이 삭제") && told.contains("30일"), "{told}");
    let refresh_token = other.text("/session/refresh_token");
    assert_eq!(refresh(&app.anonymous(), &refresh_token).await.summary(), "401 refresh_token_revoked");
    app.advance(30);
    assert_eq!(client.get(PATH).await.summary(), "401 token_revoked");
    // Nobody else can have the names and the number meanwhile.
    let asked = app.ask_for_code("sms", &person.phone).await;
    assert_eq!(asked.summary(), "409 phone_taken");

    app.advance(29 * DAY);
    let reply = sign_in(&app.anonymous(), &person.username, PASSWORD).await;
    assert_eq!(reply.summary(), "201");
    let mut after = reply.body["user"].clone();
    for changed in ["etag", "updated_at"] {
        after[changed] = before[changed].clone();
    }
    assert_eq!(after, before);
    assert!(app.messages(&person.phone, 3).await[0].text.contains("복구"));
    let kinds = signed_in(&app, &reply).get("/v1/users/me/security-events").await;
    assert_eq!(kinds.body["items"][0]["kind"], "restored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_deletes_an_account_and_takes_it_back_as_a_password_does() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    let proof = app.proof_as(&client, Purpose::DeleteAccount, "sms", &person.phone).await;
    assert_eq!(delete(&client, &json!({ "proof": proof })).await.summary(), "204");
    app.messages(&person.phone, 3).await;
    app.advance(DAY);
    let proof = sign_in_proof(&app, "sms", &person.phone).await;
    assert_eq!(app.anonymous().post("/v1/sessions", &json!({ "proof": proof })).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_deletes_an_account() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    assert_eq!(delete(&client, &json!({})).await.fields(), ["/password required"]);
    assert_eq!(delete(&client, &json!({ "password": "vier kleine eendjes" })).await.summary(), "400 password_wrong");
    let proof = app.proof_as(&client, Purpose::ChangePassword, "sms", &person.phone).await;
    assert_eq!(delete(&client, &json!({ "proof": proof })).await.summary(), "400 proof_mismatch");
    assert_eq!(delete(&client, &json!({ "proof": "x" })).await.summary(), "400 proof_invalid");
    assert_eq!(client.get(PATH).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_deletions_at_once_one_is_made_and_of_three_sign_ins_each_takes_it_back() {
    let app = TestApp::start().await;
    let (person, client) = someone(&app).await;
    let raced = race(5, async |_| delete(&client, &json!({ "password": PASSWORD })).await).await;
    let tally = raced.tally();
    assert_eq!(tally.get("204"), Some(&1), "{tally:?}");
    let late = ["204", "404 account_not_found", "401 token_revoked"];
    assert!(tally.keys().all(|told| late.contains(&told.as_str())), "{tally:?}");
    let raced = race(3, async |_| sign_in(&app.anonymous(), &person.username, PASSWORD).await).await;
    assert_eq!(raced.tally(), counts([("201", 3)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_comes_a_moment_after_the_deletion_is_refused() {
    let app = TestApp::start().await;
    let (_, client) = someone(&app).await;
    let nickname = app.new_nickname();
    assert_eq!(client.patch(PATH, &json!({ "name": "김민지" })).await.status, 200);
    assert_eq!(delete(&client, &json!({ "password": PASSWORD })).await.summary(), "204");
    for form in [json!({ "nickname": nickname }), json!({ "name": "이민지" }), json!({ "locale": "en" })] {
        let reply = client.patch(PATH, &form).await;
        assert!(["404 account_not_found", "401 token_revoked"].contains(&reply.summary().as_str()), "{reply:?}");
    }
}
