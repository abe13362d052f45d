//! Linking accounts elsewhere, and unlinking them.

use campus_messages::Purpose;
use campus_testkit::{Acquaintance, Client, Reply, TestApp, eventually};
use serde_json::json;

fn path(person: &Acquaintance) -> String {
    format!("/v1/users/me/identities/{}", person.provider)
}

/// Links an account elsewhere by a visit.
async fn link(app: &TestApp, client: &Client, person: &Acquaintance) -> Reply {
    let visit = app.visit(client, person).await;
    client.put(&path(person), &visit.shown()).await
}

async fn providers(client: &Client) -> Vec<String> {
    let linked = client.get("/v1/users/me/identities").await;
    let items = linked.body["items"].as_array().expect("it is a list").iter();
    items.map(|item| item["provider"].as_str().expect("it is text").to_owned()).collect()
}

#[tokio::test]
async fn an_account_elsewhere_is_linked_signs_in_and_is_unlinked() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for provider in ["google", "kakao", "facebook"] {
        let person = app.acquaintance(provider);
        assert_eq!(link(&app, &member.client, &person).await.summary(), "204", "{provider}");
        assert_eq!(app.sign_in_by(&person).await.body["user"]["id"], member.user["id"], "{provider}");
    }
    assert_eq!(providers(&member.client).await, ["google", "kakao", "facebook"]);

    let person = app.acquaintance("google");
    assert_eq!(member.client.delete(&path(&person)).await.summary(), "204");
    assert_eq!(member.client.delete(&path(&person)).await.summary(), "204", "it may be asked for again");
    assert_eq!(providers(&member.client).await, ["kakao", "facebook"]);
    let events = member.client.get("/v1/users/me/security-events").await.body.to_string();
    assert!(events.contains("identity_linked") && events.contains("identity_unlinked"), "{events}");
}

#[tokio::test]
async fn a_token_links_as_well_and_the_list_has_pages() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for (provider, kind) in [("google", "id_token"), ("kakao", "access_token"), ("facebook", "access_token")] {
        let person = app.acquaintance(provider);
        let shown = json!({ kind: app.tokens_of(&person).await[kind] });
        assert_eq!(member.client.put(&path(&person), &shown).await.summary(), "204", "{provider}");
        assert_eq!(member.client.put(&path(&person), &shown).await.summary(), "204", "{provider} again");
    }
    let first = member.client.get("/v1/users/me/identities?limit=2").await;
    let rest = format!("/v1/users/me/identities?limit=2&cursor={}", first.text("/next_cursor"));
    let rest = member.client.get(&rest).await;
    assert_eq!(first.body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(rest.text("/items/0/provider"), "facebook");
    assert_eq!(rest.body["next_cursor"], json!(null));
}

#[tokio::test]
async fn another_one_of_the_same_provider_takes_the_place_of_the_first() {
    let app = TestApp::start().await;
    let (member, first, second) = (app.member().await, app.acquaintance("google"), app.acquaintance("google"));
    assert_eq!(link(&app, &member.client, &first).await.status, 204);
    assert_eq!(link(&app, &member.client, &second).await.status, 204);
    assert_eq!(app.sign_in_by(&second).await.body["user"]["id"], member.user["id"]);
    assert_eq!(app.sign_in_by(&first).await.status, 200, "nobody knows the first any more");
}

#[tokio::test]
async fn whose_account_is_someone_elses_cannot_be_linked() {
    let app = TestApp::start().await;
    let person = app.acquaintance("kakao");
    let owner = app.sign_up_by(&person).await;
    let member = app.member().await;
    assert_eq!(link(&app, &member.client, &person).await.summary(), "409 identity_taken");
    assert_eq!(app.sign_in_by(&person).await.text("/user/id"), owner.text("/user/id"));
    assert!(providers(&member.client).await.is_empty());
}

#[tokio::test]
async fn a_visit_that_someone_else_began_links_nothing() {
    let app = TestApp::start().await;
    let (member, stranger) = (app.member().await, app.member().await);
    let person = app.acquaintance("google");
    for client in [&stranger.client, &app.anonymous()] {
        let visit = app.visit(client, &person).await;
        assert_eq!(member.client.put(&path(&person), &visit.shown()).await.summary(), "400 state_invalid");
    }
    assert!(providers(&member.client).await.is_empty());
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let app = TestApp::start().await;
    let person = app.acquaintance("facebook").with("email", json!(null));
    let signed_up = app.sign_up_by(&person).await;
    let client = app.anonymous().with_token(signed_up.text("/session/access_token"));
    assert_eq!(client.delete(&path(&person)).await.summary(), "409 last_way_in");
    assert_eq!(app.sign_in_by(&person).await.status, 201, "it still is one");

    // Another one will do.
    let other = app.acquaintance("google").with("email", json!(null));
    assert_eq!(link(&app, &client, &other).await.status, 204);
    assert_eq!(client.delete(&path(&person)).await.status, 204);
    assert_eq!(client.delete(&path(&other)).await.summary(), "409 last_way_in");

    // So does a number, which then is the last.
    let phone = app.new_phone();
    let proof = app.proof_as(&client, Purpose::ChangePhone, "sms", &phone).await;
    assert_eq!(client.put("/v1/users/me/phone", &json!({ "proof": proof })).await.status, 200);
    assert_eq!(client.delete(&path(&other)).await.status, 204);
    assert_eq!(client.delete("/v1/users/me/phone").await.summary(), "409 last_way_in");
    // The news that the other one was unlinked comes by text, too.
    app.messages(&phone, 2).await;
    app.advance(61);
    let proof = app.proof_as(&app.anonymous(), Purpose::SignIn, "sms", &phone).await;
    assert_eq!(app.anonymous().post("/v1/sessions", &json!({ "proof": proof })).await.status, 201);
}

#[tokio::test]
async fn what_happens_to_an_account_is_told_by_text_five_times_a_day() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let person = app.acquaintance("google");
    let shown = json!({ "access_token": app.tokens_of(&person).await["access_token"] });
    for _ in 0..4 {
        assert_eq!(member.client.put(&path(&person), &shown).await.summary(), "204");
        assert_eq!(member.client.delete(&path(&person)).await.summary(), "204");
    }
    let unsent = async || {
        let deliveries = member.client.get("/v1/users/me/deliveries?limit=100").await;
        let items = deliveries.body["items"].as_array().expect("it is a list").clone();
        items.iter().filter(|delivery| delivery["provider_code"] == "repeated").count()
    };
    eventually("three that are too many", async || (unsent().await == 3).then_some(())).await;
    // And the code of the sign-up.
    assert_eq!(app.messages(&member.phone, 6).await.len(), 6);
    let events = member.client.get("/v1/users/me/security-events?limit=100").await.body.to_string();
    assert_eq!(events.matches("identity_").count(), 8, "who reads them misses none");
}

#[tokio::test]
async fn unlinking_ends_every_other_session() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let person = app.acquaintance("google");
    assert_eq!(link(&app, &member.client, &person).await.status, 204);
    let begun = app.anonymous().with_token(app.sign_in_by(&person).await.text("/session/access_token"));
    assert_eq!(begun.get("/v1/users/me").await.status, 200);
    assert_eq!(member.client.delete(&path(&person)).await.status, 204);
    assert_eq!(member.client.get("/v1/users/me").await.status, 200);
    app.advance(31);
    assert_eq!(begun.get("/v1/users/me").await.summary(), "401 token_revoked");
}
