//! `appoint_admin`: an operator makes an account an admin's; and what is written down of what admins do.

use campus_aws::ACCOUNTS;
use campus_session::Session;
use campus_store::{Key, Store, Update, exists};
use campus_testkit::{Client, TestApp, counts};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::accounts::admin::{change, path_of};
use crate::accounts::signing_in::{Person, person, session_of, signed_in};

async fn appoint(app: &TestApp, username: &str) -> Value {
    app.system().call_worker("appoint_admin", json!({ "username": username })).await.expect("the command answers")
}

/// The audit's entries of an action, in the order of time.
#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
pub(super) async fn audited(app: &TestApp, action: &str) -> Vec<Value> {
    let store = Store::new(&app.clients);
    let page = app.clients.dynamodb.scan().table_name(store.physical(ACCOUNTS)).send().await;
    let items = page.expect("the table can be read").items.unwrap_or_default().into_iter();
    let mut entries: Vec<Value> = items
        .map(|item| serde_dynamo::from_item(item).expect("an item is JSON"))
        .filter(|item: &Value| item["kind"] == "audit" && item["action"] == action)
        .collect();
    entries.sort_by_key(|entry| entry["sk"].as_str().map(str::to_owned));
    entries
}

async fn roles(app: &TestApp, person: &Person) -> Value {
    signed_in(app, &session_of(app, person, false).await).get("/v1/users/me").await.body["roles"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointed_account_is_an_admins_in_its_live_sessions_too() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, false).await;
    let client = signed_in(&app, &session);
    let home = json!({ "banners": [], "navigation": [] });
    assert_eq!(client.put("/v1/admin/home", &home).await.summary(), "403 forbidden");
    let before = client.get("/v1/users/me").await;

    let report = appoint(&app, &person.username).await;
    let message = format!("The account {} is an admin's now, and so are its live sessions: 2.", person.id);
    assert_eq!(report, json!({ "outcome": "done", "message": message }));
    app.advance(26);

    assert_eq!(client.put("/v1/admin/home", &home).await.status, 200);
    let after = client.get("/v1/users/me").await;
    assert_eq!(after.body["roles"], json!(["member", "staff", "admin"]));
    assert_ne!(after.body["etag"], before.body["etag"]);
    assert_eq!(roles(&app, &person).await, json!(["member", "staff", "admin"]), "in new sessions, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_audited_for_a_year_and_one_that_changes_nothing_is_not() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    appoint(&app, &person.username).await;
    let report = appoint(&app, &person.username).await;
    let message = format!("The account {} is an admin's already.", person.id);
    assert_eq!(report, json!({ "outcome": "done", "message": message }));

    let entries = audited(&app, "appoint_admin").await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = &entries[0];
    let today = app.now().to_string();
    assert_eq!(entry["pk"], format!("AUDIT#{}", &today[..7]));
    assert_eq!(
        (&entry["sk"], &entry["actor"], &entry["target"]),
        (&entry["id"], &json!("operator"), &json!(person.id))
    );
    let details = json!({ "roles_before": ["member"], "roles_after": ["member", "staff", "admin"] });
    assert_eq!(entry["details"], details);
    let kept_for = entry["expires_at"].as_i64().expect("it is a number") - app.now().epoch_seconds();
    assert!((364 * 86400..=365 * 86400).contains(&kept_for), "{kept_for}");
    assert_eq!(entry.get("client_hash"), None, "an operator has no address");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_has_is_told_and_is_not_another_that_looks_like_it() {
    let app = TestApp::start_local().await;
    let form =
        campus_testkit::SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("username", "mina_o26");
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    for unknown in ["somebody", "mina_026", "", "   ", "not a name", "관리자"] {
        let report = appoint(&app, unknown).await;
        assert_eq!(report, json!({ "outcome": "refused", "message": "No account has this username." }), "{unknown}");
    }
    assert_eq!(appoint(&app, " MINA_O26 ").await["outcome"], "done", "as one signs in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_missed_is_mended_by_the_command_again() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    appoint(&app, &person.username).await;
    let session = session_of(&app, &person, false).await;
    let store = Store::new(&app.clients);
    let key = Key::new(format!("USER#{}", person.id), format!("SESSION#{}", session.text("/session/id")));
    let member = campus_store::Value::of(&["member"]).expect("it can be stored");
    let outdated = Update::new().set("roles", member);
    store.update(campus_aws::SESSIONS, &key, outdated, exists()).await.expect("it can be written");

    let report = appoint(&app, &person.username).await;
    assert!(report["message"].as_str().is_some_and(|message| message.ends_with(": 2.")), "{report}");
    let stored = store.find::<Session>(&key).await.expect("it can be read").expect("there is one");
    assert_eq!(json!(stored.roles), json!(["member", "staff", "admin"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_in_use_is_not_appointed() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let store = Store::new(&app.clients);
    let key = Key::new(format!("USER#{}", person.id), "ACCOUNT");
    store.update(ACCOUNTS, &key, Update::new().set("state", "suspended"), exists()).await.expect("it can be written");
    let message = format!("The account {} is suspended.", person.id);
    assert_eq!(appoint(&app, &person.username).await, json!({ "outcome": "refused", "message": message }));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_search_change_and_purge_is_audited_without_anything_personal() {
    let app = TestApp::start_local().await;
    let (member, person) = (app.member().await, person(&app).await);
    let admin = app.as_admin(&member).await;
    let elsewhere = admin.from_address(app.another_address());
    let search = async |client: &Client, form: Value| client.post("/v1/admin/user-searches", &form).await.summary();
    assert_eq!(search(&admin, json!({ "phone": person.phone })).await, "200");
    assert_eq!(search(&elsewhere, json!({ "username": app.new_username() })).await, "200");
    assert_eq!(search(&admin, json!({ "phone": "x" })).await, "422 validation_failed");
    let suspension = json!({ "reason": "몰래 쓴 이유", "until": "2999-01-01T00:00:00Z" });
    for wish in [json!({ "roles": ["staff"] }), json!({ "suspended": suspension }), json!({ "suspended": null })] {
        for _ in 0..2 {
            assert_eq!(change(&admin, &person.id, &wish).await.summary(), "200");
        }
    }
    let late = admin.patch_if(&path_of(&person.id), "\"old\"", &json!({ "roles": [] })).await;
    assert_eq!(late.summary(), "412 precondition_failed");
    for _ in 0..2 {
        assert_eq!(admin.delete(&path_of(&person.id)).await.summary(), "204");
    }

    let of = |action: &'static str| audited(&app, action);
    let (searches, changes, purges) = tokio::join!(of("search_user"), of("update_user"), of("purge_user"));
    let details = |entries: &[Value]| entries.iter().map(|entry| entry["details"].clone()).collect::<Vec<_>>();
    assert_eq!(details(&searches), [json!({ "by": "phone" }), json!({ "by": "username" })]);
    let changed = |before: &[&str], after: &[&str], suspended_before: bool, suspended_after: bool| {
        json!({
            "roles_before": before, "roles_after": after,
            "suspended_before": suspended_before, "suspended_after": suspended_after,
        })
    };
    let (member_s, staffs) = (["member"], ["member", "staff"]);
    let expected = [
        changed(&member_s, &staffs, false, false),
        changed(&staffs, &staffs, false, true),
        changed(&staffs, &staffs, true, false),
    ];
    assert_eq!(details(&changes), expected, "each once: what is so already is no change");
    let by_admins: Vec<_> = purges.iter().filter(|entry| entry["actor"] != "schedule").collect();
    assert_eq!(by_admins.len(), 1);

    let entries: Vec<_> = searches.iter().chain(&changes).chain(by_admins).collect();
    for entry in &entries {
        assert_eq!(entry["actor"], member.user["id"]);
        let mut names: Vec<_> = entry.as_object().expect("it is an object").keys().map(String::as_str).collect();
        names.retain(|name| !["target", "details"].contains(name));
        names.sort_unstable();
        assert_eq!(names, ["action", "actor", "at", "client_hash", "expires_at", "id", "kind", "pk", "sk"]);
        let stored = entry.to_string();
        for personal in [&person.username, &person.phone[3..], "127.0.0.1", "몰래", "2999"] {
            assert!(!stored.contains(personal), "{personal} in {stored}");
        }
    }
    let targets: Vec<_> = entries.iter().map(|entry| entry.get("target").cloned().unwrap_or_default()).collect();
    let found = json!(person.id);
    assert_eq!(targets, [&found, &Value::Null, &found, &found, &found, &found].map(Value::clone));
    let hashes: Vec<_> = entries.iter().map(|entry| entry["client_hash"].as_str().expect("it is text")).collect();
    let (here, there) = (hashes[0], hashes[1]);
    assert_ne!(here, there);
    assert_eq!(hashes, [here, there, here, here, here, here]);
}

/// Sign-ins, changes of the account and appointments at once: all succeed, and nothing of any is lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_beside_sign_ins_and_changes_loses_none_of_them() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let client = signed_in(&app, &session_of(&app, &person, false).await);
    let names: Vec<_> = (0..5).map(|number| format!("이름 {number}")).collect();
    let (reports, changes, sessions) = tokio::join!(
        join_all((0..5).map(|_| appoint(&app, &person.username))),
        join_all(names.iter().map(async |name| client.patch("/v1/users/me", &json!({ "name": name })).await)),
        async {
            let mut sessions = Vec::new();
            for _ in 0..4 {
                sessions.push(session_of(&app, &person, false).await);
            }
            sessions
        },
    );
    assert!(reports.iter().all(|report| report["outcome"] == "done"), "{reports:?}");
    let changes = campus_testkit::Race { replies: changes };
    assert_eq!(changes.tally(), counts([("200", 5)]));
    appoint(&app, &person.username).await;
    app.advance(26);
    for session in &sessions {
        let me = signed_in(&app, session).get("/v1/users/me").await;
        assert_eq!(me.body["roles"], json!(["member", "staff", "admin"]));
        assert!(names.iter().any(|name| me.body["name"] == name.as_str()));
    }
}
