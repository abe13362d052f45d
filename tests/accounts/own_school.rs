//! `/users/me/school`: choosing a school, and proving to belong to it.

use campus_messages::Purpose;
use campus_testkit::{Client, Reply, TestApp};
use serde_json::{Value, json};

use super::signing_in::{person, session_of, signed_in};

const PATH: &str = "/v1/users/me/school";

/// A school with a domain of its own, and both.
async fn school(app: &TestApp) -> (String, String) {
    let address = app.new_email();
    let (local, _) = address.split_once('@').expect("it is an address");
    let domain = format!("{}.ac.example", local.replace('.', "-"));
    let form = json!({ "name": app.new_title(), "email_domains": [domain] });
    let reply = app.staff().await.post("/v1/schools", &form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    (reply.text("/id"), domain)
}

async fn someone(app: &TestApp) -> Client {
    let person = person(app).await;
    signed_in(app, &session_of(app, &person, true).await)
}

async fn choose(client: &Client, school_id: &str, proof: Option<&str>) -> Reply {
    client.put(PATH, &json!({ "school_id": school_id, "proof": proof })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_a_school_is_chosen_and_proven_by_an_address_at_one_of_its_domains() {
    let app = TestApp::start().await;
    let client = someone(&app).await;
    let (id, domain) = school(&app).await;
    let reply = choose(&client, &id, None).await;
    assert_eq!(reply.summary(), "200", "{reply:?}");
    assert_eq!((reply.text("/school/id"), &reply.body["school"]["verified"]), (id.clone(), &json!(false)));

    let proof = app.proof_as(&client, Purpose::JoinSchool, "email", &format!("minji@{domain}")).await;
    let reply = choose(&client, &id, Some(&proof)).await;
    assert_eq!((reply.summary().as_str(), &reply.body["school"]["verified"]), ("200", &json!(true)));
    assert_eq!(reply.body["email"], Value::Null, "it proves the school and is no address to write to");
    assert_eq!(client.get("/v1/users/me").await.body["school"]["verified"], true);
    // Choosing it again takes nothing back; another is not proven.
    assert_eq!(choose(&client, &id, None).await.body["school"]["verified"], true);
    let (other, _) = school(&app).await;
    let reply = choose(&client, &other, None).await;
    assert_eq!((reply.text("/school/id"), &reply.body["school"]["verified"]), (other, &json!(false)));
    assert_eq!(choose(&client, &id, Some(&proof)).await.summary(), "410 proof_spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_an_address_elsewhere_proves_nothing_and_its_proof_is_not_spent() {
    let app = TestApp::start().await;
    let client = someone(&app).await;
    let ((one, domain), (two, _)) = (school(&app).await, school(&app).await);
    let proof = app.proof_as(&client, Purpose::JoinSchool, "email", &format!("minji@{domain}")).await;
    let below = app.proof_as(&client, Purpose::JoinSchool, "email", &format!("minji@cs.{domain}")).await;
    assert_eq!(choose(&client, &two, Some(&proof)).await.summary(), "400 proof_mismatch");
    assert_eq!(choose(&client, &one, Some(&below)).await.summary(), "400 proof_mismatch");
    assert_eq!(choose(&someone(&app).await, &one, Some(&proof)).await.summary(), "400 proof_mismatch");
    assert_eq!(choose(&client, &one, Some(&proof)).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_a_school_that_is_not_there_cannot_be_chosen() {
    let app = TestApp::start().await;
    let client = someone(&app).await;
    let unknown = app.new_id::<campus_domain::kind::School>().to_string();
    assert_eq!(choose(&client, &unknown, None).await.fields(), ["/school_id school_unknown"]);
    let (id, _) = school(&app).await;
    assert_eq!(app.staff().await.delete(&format!("/v1/schools/{id}")).await.summary(), "204");
    assert_eq!(choose(&client, &id, None).await.fields(), ["/school_id school_unknown"]);
    assert_eq!(client.put(PATH, &json!({})).await.fields(), ["/school_id required"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_proves_one_person_to_belong_to_a_school_until_they_leave_it() {
    let app = TestApp::start().await;
    let (ana, bea) = (someone(&app).await, someone(&app).await);
    let ((id, domain), (other, _)) = (school(&app).await, school(&app).await);
    let address = format!("minji@{domain}");
    let anas = app.proof_as(&ana, Purpose::JoinSchool, "email", &address).await;
    assert_eq!(choose(&ana, &id, Some(&anas)).await.summary(), "200");
    app.advance(61);
    let beas = app.proof_as(&bea, Purpose::JoinSchool, "email", &address).await;
    assert_eq!(choose(&bea, &id, Some(&beas)).await.summary(), "409 school_email_taken");
    assert_eq!(choose(&ana, &other, None).await.summary(), "200");
    assert_eq!(choose(&bea, &id, Some(&beas)).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_session_of_a_person_knows_the_school_at_once() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let (client, other) = (session_of(&app, &person, true).await, session_of(&app, &person, true).await);
    let (client, other) = (signed_in(&app, &client), signed_in(&app, &other));
    let (id, domain) = school(&app).await;
    let proof = app.proof_as(&client, Purpose::JoinSchool, "email", &format!("minji@{domain}")).await;
    assert_eq!(choose(&client, &id, Some(&proof)).await.summary(), "200");
    let shown = other.get("/v1/users/me").await;
    assert_eq!((shown.text("/school/id"), &shown.body["school"]["verified"]), (id, &json!(true)));
}
