//! `/users/me/wishes`, and what comes of a wish.

use std::time::{Duration, Instant};

use campus_testkit::{Client, TestApp, counts, race};
use serde_json::{Value, json};

use super::{FILMS, NOBODYS_ID, all, film, library, path, places, screening, text};

const WISHES: &str = "/v1/users/me/wishes";

fn wish_for(film: &Value) -> String {
    format!("{WISHES}/{}", text(film, "id"))
}

/// The films of a list of wishes.
async fn wished(person: &Client, limit: usize) -> Vec<Value> {
    all(person, WISHES, limit).await.into_iter().map(|wish| wish["film"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_38_a_film_is_wished_for_once_listed_and_wished_for_no_longer() {
    let app = TestApp::start().await;
    let (staff, ana) = (app.staff().await, app.reader().await);
    let film = film(&app, &staff).await;
    for _ in 0..2 {
        assert_eq!(ana.put(&wish_for(&film), &json!({})).await.summary(), "204");
    }
    let listed = ana.get(WISHES).await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed.body["items"][0]["film"]["title"], film["title"]);
    for _ in 0..2 {
        assert_eq!(ana.delete(&wish_for(&film)).await.summary(), "204");
    }
    assert_eq!(ana.get(WISHES).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_not_there_cannot_be_wished_for_and_one_that_is_deleted_is_listed_no_longer() {
    let app = TestApp::start().await;
    let (staff, ana) = (app.staff().await, app.reader().await);
    assert_eq!(ana.put(&format!("{WISHES}/{NOBODYS_ID}"), &json!({})).await.summary(), "404 film_not_found");
    assert_eq!(ana.put(&format!("{WISHES}/7"), &json!({})).await.summary(), "422 validation_failed");

    let film = film(&app, &staff).await;
    assert_eq!(ana.put(&wish_for(&film), &json!({})).await.summary(), "204");
    assert_eq!(staff.delete(&path(FILMS, &film)).await.summary(), "204");
    assert_eq!(ana.get(WISHES).await.body["items"], json!([]));
    assert_eq!(app.reader().await.put(&wish_for(&film), &json!({})).await.summary(), "404 film_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_are_listed_the_latest_first_page_by_page_and_are_each_persons_own() {
    let app = TestApp::start().await;
    let (staff, ana, bo) = (app.staff().await, app.reader().await, app.reader().await);
    let mut films = Vec::new();
    for _ in 0..5 {
        films.push(film(&app, &staff).await);
        assert_eq!(ana.put(&wish_for(&films[films.len() - 1]), &json!({})).await.summary(), "204");
    }
    let things: Vec<&Value> = films.iter().collect();
    let listed = wished(&ana, 2).await;
    assert_eq!(places(&things, &listed), [Some(4), Some(3), Some(2), Some(1), Some(0)]);
    assert_eq!(bo.get(WISHES).await.body["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_wishes_of_one_person_for_one_film_at_once_one_is_kept() {
    let app = TestApp::start().await;
    let (staff, ana) = (app.staff().await, app.reader().await);
    let film = film(&app, &staff).await;
    let race = race(50, async |_| ana.put(&wish_for(&film), &json!({})).await).await;
    assert_eq!(race.tally(), counts([("204", 50)]));
    assert_eq!(wished(&ana, 100).await.len(), 1);
}

/// On AWS this goes through the stream of the outbox, EventBridge and three queues.
#[tokio::test(flavor = "multi_thread")]
async fn b0_10_a_wish_is_answered_by_a_text_message_when_a_screening_is_announced_and_before_it_begins() {
    let app = TestApp::start().await;
    let (staff, ana) = (app.staff().await, app.member().await);
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let by_sms = json!({ "sms": true });
    let preferences = json!({
        "kinds": { "screening_announced": by_sms, "screening_reminder": by_sms },
        "lead_minutes": 60,
    });
    let put = ana.client.put("/v1/users/me/notification-preferences", &preferences).await;
    assert_eq!(put.summary(), "200");
    assert_eq!(ana.client.put(&wish_for(&film), &json!({})).await.summary(), "204");

    // A minute from now it begins in an hour.
    let starts_at = app.now().plus_seconds(61 * 60);
    screening(&staff, &library, &film, starts_at).await;
    // After the code of the sign-up.
    let told = app.messages(&ana.phone, 2).await;
    assert!(told[0].text.contains(text(&film, "title")), "{}", told[0].text);
    // A deployed stage has to be waited for.
    app.advance(61);
    let began = Instant::now();
    // A tick each minute.
    while app.outbox(&ana.phone).await.len() < 3 {
        assert!(began.elapsed() < Duration::from_secs(150), "nobody was reminded");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let inbox = ana.client.get("/v1/notifications").await;
    assert_eq!(inbox.body["items"].as_array().map(Vec::len), Some(2));
    let deliveries = ana.client.get("/v1/users/me/deliveries").await;
    let kinds: Vec<&Value> =
        deliveries.body["items"].as_array().expect("a list").iter().map(|item| &item["kind"]).collect();
    assert!(kinds.contains(&&json!("screening_soon")), "{kinds:?}");
}
