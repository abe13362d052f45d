//! What is stored, and that later versions of it can be read.

use std::collections::{BTreeMap, BTreeSet};

use campus_aws::{ACCOUNTS, REQUESTS, TABLES, Table};
use campus_store::{Attributes, Store};
use campus_testkit::{TestApp, eventually};

#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
async fn items(app: &TestApp, table: Table) -> Vec<Attributes> {
    let name = Store::new(&app.clients).physical(table);
    let page = app.clients.dynamodb.scan().table_name(name).send().await.expect("the table can be read");
    page.items.unwrap_or_default()
}

fn text<'a>(item: &'a Attributes, name: &str) -> &'a str {
    item[name].as_s().expect("it is text")
}

/// What a key begins with, in its partition and in its sort key.
fn beginning(item: &Attributes) -> (String, String) {
    let first = |name: &str| text(item, name).split('#').next().unwrap_or_default().to_owned();
    (first("pk"), first("sk"))
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_32_each_kind_of_item_has_keys_of_its_own_and_what_is_temporary_expires() {
    let app = TestApp::start_by_hand().await;
    app.ask_for_code("sms", &app.new_phone()).await;
    app.send_sms_by_hand().await;
    let phone = app.new_phone();
    let asked = app.ask_for_code("sms", &phone).await;
    app.send_sms_by_hand().await;
    let code = campus_testkit::code_in(&app.outbox(&phone).await[0].text);
    let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
    let form = campus_testkit::SignUp::with_proof(&proof);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");

    let mut kinds: BTreeMap<(&str, (String, String)), BTreeSet<String>> = BTreeMap::new();
    let mut expiring = BTreeSet::new();
    for table in TABLES {
        for item in items(&app, table).await {
            let kind = text(&item, "kind").to_owned();
            if table == REQUESTS || item.contains_key("expires_at") {
                let at = item["expires_at"].as_n().expect("DynamoDB's TTL wants epoch seconds");
                assert!(at.parse::<i64>().is_ok_and(|at| at > app.now().epoch_seconds()), "{kind}");
                expiring.insert(kind.clone());
            }
            kinds.entry((table.name, beginning(&item))).or_default().insert(kind);
        }
    }
    for (place, kinds) in &kinds {
        assert_eq!(kinds.len(), 1, "{place:?}");
    }
    for temporary in ["captcha", "code", "session", "limit"] {
        assert!(expiring.contains(temporary), "{temporary} in {expiring:?}");
    }
    assert!(kinds.len() >= 8, "{kinds:?}");
}

/// B4.26: stored items only ever gain attributes. So a deploy can be rolled back.
#[tokio::test(flavor = "multi_thread")]
async fn b4_26_an_item_with_attributes_of_a_later_version_is_read() {
    use aws_sdk_dynamodb::types::AttributeValue;
    let app = TestApp::start().await;
    let member = app.member().await;
    for table in TABLES {
        for mut item in items(&app, table).await {
            item.insert("of_a_later_version".to_owned(), AttributeValue::M([].into()));
            put(&app, table, item).await;
        }
    }
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "200");
    assert_eq!(app.ask_for_code("sms", &member.phone).await.summary(), "409 phone_taken");
    assert_eq!(app.anonymous().get("/.well-known/jwks.json").await.summary(), "200");
    let another = app.member().await;
    assert_eq!(another.client.get("/v1/users/me").await.summary(), "200");
}

/// The other way round: what an older version wrote lacks what was optional from the first.
#[tokio::test(flavor = "multi_thread")]
async fn b4_26_an_item_without_its_optional_attributes_is_read() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for mut item in items(&app, ACCOUNTS).await {
        if text(&item, "kind") == "account" {
            item.retain(|_, value| !value.is_null());
            put(&app, ACCOUNTS, item).await;
        }
    }
    assert_eq!(member.client.get("/v1/users/me").await.body, member.user);
}

/// What was stored before there were versions is changed as if it were of the first.
#[tokio::test(flavor = "multi_thread")]
async fn b4_26_an_account_without_a_version_can_be_changed() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for mut item in items(&app, ACCOUNTS).await {
        if item.remove("version").is_some() {
            put(&app, ACCOUNTS, item).await;
        }
    }
    for _ in 0..2 {
        let nickname = app.new_nickname();
        let reply = member.client.patch("/v1/users/me", &serde_json::json!({ "nickname": nickname })).await;
        assert_eq!((reply.summary(), reply.text("/nickname")), ("200".to_owned(), nickname));
    }
}

#[expect(clippy::disallowed_methods, reason = "a test plants items of another version")]
async fn put(app: &TestApp, table: Table, item: Attributes) {
    let name = Store::new(&app.clients).physical(table);
    app.clients.dynamodb.put_item().table_name(name).set_item(Some(item)).send().await.expect("it is put");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_32_what_has_expired_by_the_moved_clock_is_deleted_and_what_has_not_stays() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    app.proof("sms", &phone).await;
    let codes = async || {
        let items = items(&app, ACCOUNTS).await;
        items.iter().filter(|item| text(item, "pk").starts_with("CODE#")).count()
    };
    assert_eq!(codes().await, 1);
    app.advance(2 * 24 * 60 * 60);
    app.ask_for_code("sms", &app.new_phone()).await;
    eventually("the sweep", async || (codes().await == 1).then_some(())).await;
    assert!(!items(&app, ACCOUNTS).await.iter().any(|item| format!("{item:?}").contains(&phone)));
}
