//! `/users/me/exports`, and the document behind the link.

use campus_testkit::{Client, Member, Reply, SignUp, TestApp, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::screenings::{film, text};

const EXPORTS: &str = "/v1/users/me/exports";
const DAY: u64 = 24 * 60 * 60;

async fn asked(client: &Client) -> Reply {
    let reply = client.post(EXPORTS, &json!({})).await;
    assert_eq!(reply.summary(), "202", "{reply:?}");
    reply
}

fn path_of(export: &Reply) -> String {
    format!("{EXPORTS}/{}", export.text("/id"))
}

/// Waits until the export is ready, and returns it with its link.
pub(crate) async fn ready(client: &Client, export: &Reply) -> Reply {
    eventually("an export to be ready", async || {
        let reply = client.get(&path_of(export)).await;
        assert_eq!(reply.summary(), "200");
        (reply.body["status"] == "ready").then_some(reply)
    })
    .await
}

/// The path of a link, which is the system's own.
pub(crate) fn path_of_link(app: &TestApp, export: &Reply) -> String {
    let url = export.text("/url");
    url.strip_prefix(&app.settings.issuer).expect("the link is absolute, and the system's own").to_owned()
}

/// A session of now: tokens live shorter than these tests' days.
async fn again(app: &TestApp, person: &Member) -> Client {
    app.sessions().await.begin(person, app.now(), |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_everything_that_a_person_put_in_or_was_told() {
    let app = TestApp::start().await;
    let (phone, email) = (app.new_phone(), app.new_email());
    let (username, nickname) = (app.new_username(), app.new_nickname());
    let form = SignUp::with_proof(&app.proof("sms", &phone).await)
        .with("username", username.as_str())
        .with("nickname", nickname.as_str())
        .with("name", "김카나리")
        .with("email", email.as_str())
        .with("admission_year", 2021)
        .with("locale", "en")
        .with("time_zone", "Europe/Lisbon");
    let client = app.anonymous();
    let request = client.request(Method::POST, "/v1/users").header("user-agent", "Canary/1.0 (Fowl 7)").json(&form.0);
    let signed_up = client.send(request).await;
    assert_eq!(signed_up.summary(), "201");
    let me = client.with_token(signed_up.text("/session/access_token"));
    let preferences = json!({ "lead_minutes": 77, "quiet_hours": { "from": "23:17", "to": "07:31" } });
    assert_eq!(me.put("/v1/users/me/notification-preferences", &preferences).await.summary(), "200");
    let staff = app.staff().await;
    let film = film(&app, &staff).await;
    assert_eq!(me.put(&format!("/v1/users/me/wishes/{}", text(&film, "id")), &json!({})).await.summary(), "204");

    let export = asked(&me).await;
    assert_eq!((export.text("/status"), &export.body["url"]), ("pending".to_owned(), &Value::Null));
    let linked = ready(&me, &export).await;
    let reply = app.anonymous().get(&path_of_link(&app, &linked)).await;
    assert_eq!(reply.summary(), "200");
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"campus.json\"");
    assert_eq!(reply.header("cache-control"), "no-store");

    let document = reply.body;
    let account = &document["account"];
    for (name, value) in [
        ("id", signed_up.body["user"]["id"].clone()),
        ("username", json!(username)),
        ("nickname", json!(nickname)),
        ("name", json!("김카나리")),
        ("phone", json!({ "number": phone, "verified": true })),
        ("email", json!({ "address": email, "verified": false })),
        ("admission_year", json!(2021)),
        ("locale", json!("en")),
        ("time_zone", json!("Europe/Lisbon")),
        ("has_password", json!(true)),
    ] {
        assert_eq!(account[name], value, "{name}");
    }
    assert_eq!(document["exported_at"], export.body["created_at"]);
    assert_eq!(document["sessions"][0]["agent"], "Canary/1.0 (Fowl 7)");
    assert_eq!(document["security_events"][0]["kind"], "export_requested");
    let kept = &document["notifications"]["preferences"];
    assert_eq!((&kept["lead_minutes"], &kept["quiet_hours"]), (&json!(77), &preferences["quiet_hours"]));
    assert_eq!(document["screenings"]["wishes"][0]["film"]["title"], film["title"]);
    // And nothing by which anyone could sign in, or guess how.
    let written = document.to_string();
    for secret in ["hash", "argon2", "csrf", "refresh", "pepper"] {
        assert!(!written.contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_its_owners_alone() {
    let app = TestApp::start().await;
    let (ana, bo) = (app.member().await, app.member().await);
    let export = asked(&ana.client).await;
    assert_eq!(bo.client.get(&path_of(&export)).await.summary(), "404 export_not_found");
    assert_eq!(app.anonymous().get(&path_of(&export)).await.summary(), "401 token_missing");
    assert_eq!(bo.client.get(EXPORTS).await.body["items"], json!([]));
    let listed = ana.client.get(EXPORTS).await;
    assert_eq!(listed.body["items"][0]["id"], export.body["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_exports_a_day_are_listed_the_latest_first_and_a_fourth_is_refused() {
    let app = TestApp::start().await;
    let ana = app.member().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(asked(&ana.client).await.text("/id"));
    }
    let refused = ana.client.post(EXPORTS, &json!({})).await;
    assert_eq!(refused.summary(), "429 export_limit_reached");
    assert!(refused.retry_after() > DAY - 600 && refused.retry_after() <= DAY);
    ids.reverse();
    let listed = crate::screenings::all(&ana.client, EXPORTS, 2).await;
    assert_eq!(listed.iter().map(|export| text(export, "id").to_owned()).collect::<Vec<_>>(), ids);
    app.advance(DAY + 1);
    asked(&again(&app, &ana).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_asks_once() {
    let app = TestApp::start().await;
    let (ana, key) = (app.member().await, app.new_key());
    let first = ana.client.post_with_key(EXPORTS, &json!({}), &key).await;
    let second = ana.client.post_with_key(EXPORTS, &json!({}), &key).await;
    assert_eq!((first.summary(), &first.body), ("202".to_owned(), &second.body));
    assert_eq!(ana.client.get(EXPORTS).await.body["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_for_a_day_and_another_can_be_had_until_the_export_is_a_week_old() {
    let app = TestApp::start().await;
    let ana = app.member().await;
    let export = asked(&ana.client).await;
    let first = path_of_link(&app, &ready(&ana.client, &export).await);
    let at = async |seconds: u64, path: &str| {
        app.advance(seconds);
        app.anonymous().get(path).await.summary()
    };
    assert_eq!(at(DAY - 60, &first).await, "200");
    assert_eq!(at(61, &first).await, "410 export_expired");
    // On the last day, until the end of the export and no longer.
    app.advance(6 * DAY - 3600);
    let last = again(&app, &ana).await.get(&path_of(&export)).await;
    assert_eq!(last.body["url_expires_at"], last.body["expires_at"]);
    let last = path_of_link(&app, &last);
    assert_eq!(at(0, &last).await, "200");
    assert_eq!(at(3700, &last).await, "410 export_expired");
    assert_eq!(again(&app, &ana).await.get(&path_of(&export)).await.summary(), "404 export_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_altered_or_made_up_leads_nowhere() {
    let app = TestApp::start().await;
    let ana = app.member().await;
    let link = path_of_link(&app, &ready(&ana.client, &asked(&ana.client).await).await);
    let (folder, file) = link.rsplit_once('/').expect("it has a last segment");
    let mut altered = vec![file.trim_end_matches(".json").to_owned(), format!("{file}.json"), "7".to_owned()];
    for position in [0, 20, 25, 40, 74] {
        let mut other = file.to_owned().into_bytes();
        other[position] = if other[position] == b'A' { b'B' } else { b'A' };
        altered.push(String::from_utf8(other).expect("it is ASCII"));
    }
    for file in altered {
        let reply = app.anonymous().get(&format!("{folder}/{file}")).await;
        assert_eq!(reply.summary(), "404 export_not_found", "{file}");
    }
}
