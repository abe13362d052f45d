//! `PATCH /users/me`.

use campus_aws::{PROFILES, Table};
use campus_store::{Attributes, Store};
use campus_testkit::{Client, Member, Reply, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const ME: &str = "/v1/users/me";

async fn change(client: &Client, change: &Value) -> Reply {
    client.patch(ME, change).await
}

async fn change_if(client: &Client, tag: &str, change: &Value) -> Reply {
    client.send(client.request(Method::PATCH, ME).header("if-match", tag).json(change)).await
}

/// Whether someone could take the nickname.
async fn is_free(app: &TestApp, nickname: &str) -> bool {
    let check = json!({ "kind": "nickname", "value": nickname });
    app.anonymous().post("/v1/availability-checks", &check).await.body["available"] == true
}

/// One item of a person's.
async fn stored(app: &TestApp, table: Table, member: &Member, sk: &str) -> Attributes {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let pk = format!("USER#{}", member.user["id"].as_str().expect("there is an id"));
    let name = Store::new(&app.clients).physical(table);
    #[expect(clippy::disallowed_methods, reason = "an operator looks at an item")]
    let get = app.clients.dynamodb.get_item().table_name(name).key("pk", S(pk)).key("sk", S(sk.to_owned()));
    get.send().await.expect("it can be read").item.expect("it is there")
}

/// The object with its members replaced by those of the other.
fn with(object: &Value, others: &Value) -> Value {
    let mut object = object.clone();
    for (name, value) in others.as_object().expect("it is an object") {
        object[name] = value.clone();
    }
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_30_only_what_is_sent_changes() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let mut expected = member.user.clone();
    let nickname = app.new_nickname();
    for sent in [
        json!({ "name": "김민지" }),
        json!({ "admission_year": 2025 }),
        json!({ "locale": "en" }),
        json!({ "time_zone": "America/New_York" }),
        json!({ "nickname": nickname }),
        json!({ "name": null, "admission_year": null, "locale": "zh", "time_zone": "Asia/Seoul" }),
        json!({ "name": "민지", "nickname": app.new_nickname() }),
    ] {
        let reply = change(&member.client, &sent).await;
        expected = with(&expected, &sent);
        expected["display_name"] = expected["nickname"].clone();
        for moves in ["etag", "updated_at"] {
            expected[moves] = reply.body[moves].clone();
        }
        assert_eq!((reply.summary().as_str(), &reply.body), ("200", &expected), "{sent}");
        assert_eq!(member.client.get(ME).await.body, expected, "{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_30_a_merge_patch_is_taken_by_its_own_media_type() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    for (media_type, summary) in [
        ("application/json", "200"),
        ("application/merge-patch+json", "200"),
        ("Application/Merge-Patch+JSON; charset=utf-8", "200"),
        ("application/json-patch+json", "415 unsupported_media_type"),
        ("text/plain", "415 unsupported_media_type"),
    ] {
        let request = client.request(Method::PATCH, ME).header("content-type", media_type);
        assert_eq!(client.send(request.body(r#"{"name":"김민지"}"#)).await.summary(), summary, "{media_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_null_clears_what_may_be_empty_and_is_refused_elsewhere() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    change(&client, &json!({ "name": "김민지", "admission_year": 2025 })).await;
    let before = client.get(ME).await.body;

    let all = json!({ "nickname": null, "name": null, "admission_year": null, "locale": null, "time_zone": null });
    let reply = change(&client, &all).await;
    let told = ["/locale null_not_allowed", "/nickname null_not_allowed", "/time_zone null_not_allowed"];
    assert_eq!((reply.summary().as_str(), reply.fields()), ("422 validation_failed", told.map(str::to_owned).to_vec()));
    assert_eq!(client.get(ME).await.body, before, "what is refused changes nothing");

    let reply = change(&client, &json!({ "name": null, "admission_year": null })).await;
    assert_eq!((&reply.body["name"], &reply.body["admission_year"]), (&Value::Null, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_30_every_wrong_field_is_told_and_nothing_changes() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let wrong = json!({
        "nickname": "운영자", "name": "", "admission_year": "2026", "locale": "fr", "time_zone": "Mars/Olympus",
    });
    let told = [
        "/admission_year wrong_type",
        "/locale locale_unknown",
        "/name too_short",
        "/nickname reserved",
        "/time_zone time_zone_unknown",
    ];
    assert_eq!(change(&member.client, &wrong).await.fields(), told);
    // Only the time tells that it is too late a year.
    let reply = change(&member.client, &json!({ "name": "김민지", "admission_year": 2100 })).await;
    assert_eq!((reply.status, reply.fields()), (422, vec!["/admission_year out_of_range".to_owned()]));
    assert_eq!(member.client.get(ME).await.body, member.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_edited_is_ignored_when_sent() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let whole = with(
        &member.user,
        &json!({
            "id": "0199c0de-0000-7000-8000-000000000000", "username": "someone_else", "display_name": "누구",
            "email": null, "phone": "+821000000000", "has_password": false, "school": {}, "roles": ["admin"],
            "created_at": "2000-01-01T00:00:00Z", "updated_at": 7, "etag": [], "version": 9, "password_hash": "x",
        }),
    );
    assert_eq!(change(&member.client, &whole).await.body, member.user);
    assert_eq!(member.client.get(ME).await.body, member.user);
}

/// So a client's form that is saved untouched does not spoil what another has seen.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_what_is_there_already_changes_nothing() {
    let app = TestApp::start().await;
    let member = app.member().await;
    app.advance(5);
    for sent in [json!({}), json!({ "nickname": member.user["nickname"], "name": null, "locale": "ko" })] {
        let reply = change(&member.client, &sent).await;
        assert_eq!((reply.summary().as_str(), &reply.body), ("200", &member.user), "{sent}");
    }
    let reply = change(&member.client, &json!({ "name": "김민지" })).await;
    assert_ne!(reply.body["updated_at"], member.user["updated_at"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nickname_is_taken_by_one_and_free_again_when_given_up() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.member().await.client, app.member().await.client);
    let (first, second) = (app.new_nickname(), app.new_nickname());
    assert_eq!(change(&ana, &json!({ "nickname": first })).await.summary(), "200");
    assert!(!is_free(&app, &first).await);

    let before = bo.get(ME).await.body;
    let other_case = first.to_uppercase();
    for taken in [&first, &other_case] {
        let reply = change(&bo, &json!({ "nickname": taken, "name": "박보" })).await;
        assert_eq!(reply.summary(), "409 nickname_taken", "{taken}");
    }
    assert_eq!(bo.get(ME).await.body, before, "what is refused changes nothing");

    assert_eq!(change(&ana, &json!({ "nickname": second })).await.summary(), "200");
    assert!(is_free(&app, &first).await);
    assert_eq!(change(&bo, &json!({ "nickname": first })).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_nickname_may_be_written_in_another_case_or_width() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let nickname = app.new_nickname();
    let wide: String = nickname.chars().map(|c| if c.is_ascii_lowercase() { wide_of(c) } else { c }).collect();
    for written in [nickname.clone(), nickname.to_uppercase(), wide, nickname] {
        let reply = change(&member.client, &json!({ "nickname": written })).await;
        assert_eq!((reply.summary(), reply.text("/nickname")), ("200".to_owned(), written.clone()));
        assert!(!is_free(&app, &written).await);
    }
}

fn wide_of(letter: char) -> char {
    char::from_u32(u32::from(letter) - 0x21 + 0xFF01).expect("it is a letter")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_see_of_a_person_has_the_new_nickname() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let nickname = app.new_nickname();
    change(&member.client, &json!({ "nickname": nickname })).await;
    let profile = stored(&app, PROFILES, &member, "PROFILE").await;
    assert_eq!(profile["nickname"].as_s(), Ok(&nickname));
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_lets_a_change_through_that_knows_what_it_changes() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    let mut tag = client.get(ME).await.header("etag").to_owned();
    for (number, change) in
        [json!({ "name": "하나" }), json!({ "nickname": app.new_nickname() }), json!({ "locale": "en" })]
            .into_iter()
            .enumerate()
    {
        let condition = if number == 1 { format!("\"another\", {tag}") } else { tag.clone() };
        let reply = change_if(&client, &condition, &change).await;
        assert_eq!(reply.summary(), "200", "{change}");
        assert_ne!(reply.text("/etag"), tag, "{change}");
        tag = reply.text("/etag");
        assert_eq!(reply.header("etag"), tag);
        assert_eq!(client.get(ME).await.header("etag"), tag);
    }
    assert_eq!(change_if(&client, "*", &json!({ "name": "둘" })).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_refuses_a_change_of_what_has_changed_since() {
    let app = TestApp::start().await;
    let client = app.member().await.client;
    let seen = client.get(ME).await.text("/etag");
    let before = change(&client, &json!({ "name": "하나" })).await.body;
    let weak = format!("W/{}", before["etag"].as_str().expect("it is text"));
    for condition in [&seen, &weak, "\"another\"", "nonsense", ""] {
        for sent in [json!({ "name": "둘" }), json!({ "nickname": app.new_nickname() }), json!({})] {
            let reply = change_if(&client, condition, &sent).await;
            assert_eq!(reply.summary(), "412 precondition_failed", "{condition} {sent}");
        }
    }
    assert_eq!(client.get(ME).await.body, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_29_a_stranger_changes_nothing() {
    let app = TestApp::start().await;
    assert_eq!(change(&app.anonymous(), &json!({ "name": "하나" })).await.summary(), "401 token_missing");
}
