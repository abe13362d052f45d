//! `appoint_admin`: an operator makes an account an admin's.

use campus_aws::ACCOUNTS;
use campus_session::Session;
use campus_store::{Key, Store, Update, exists};
use campus_testkit::{TestApp, counts};
use futures::future::join_all;
use serde_json::{Value, json};

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
