//! Alerts: who wishes for a film is told when it is shown, once, as they want it at that moment.

mod dispatch;

use std::cell::Cell;
use std::time::Duration;

use campus_domain::{EmailAddress, TimeZoneName, UserId};
use campus_local::aws::Sent;
use campus_messages::ContactCard;
use campus_store::Store;
use campus_testkit::{Client, Member, TestApp, eventually};
use serde_json::{Value, json};

use crate::accounts::signing_in::{PASSWORD, person, session_of, sign_in, signed_in};

use super::{queued, two_quiet_hours};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A film that a library shows.
struct Programme {
    library_id: String,
    film_id: String,
    title: String,
}

impl Programme {
    async fn of(app: &TestApp) -> Self {
        let (staff, title) = (app.staff().await, app.new_title());
        let library = staff.post("/v1/libraries", &json!({ "name": app.new_title() })).await;
        let film = staff.post("/v1/films", &json!({ "title": title })).await;
        Self { library_id: library.text("/id"), film_id: film.text("/id"), title }
    }

    /// Announces a screening so many seconds from now, and returns its id.
    async fn announce(&self, app: &TestApp, in_seconds: i64) -> String {
        let form = json!({
            "library_id": self.library_id,
            "film_id": self.film_id,
            "starts_at": app.now().plus_seconds(in_seconds),
        });
        let created = app.staff().await.post("/v1/screenings", &form).await;
        assert_eq!(created.summary(), "201");
        created.text("/id")
    }

    async fn wish(&self, person: &Client) {
        assert_eq!(person.put(&format!("/v1/users/me/wishes/{}", self.film_id), &json!({})).await.summary(), "204");
    }
}

/// Preferences of someone who wants everything by text message.
fn by_sms() -> Value {
    let way = json!({ "sms": true });
    json!({ "kinds": {
        "screening_announced": way, "screening_reminder": way, "screening_changed": way,
    } })
}

/// The same with one thing changed.
fn by_sms_and(name: &str, value: Value) -> Value {
    let mut preferences = by_sms();
    preferences[name] = value;
    preferences
}

/// A session of now: tokens live shorter than these tests' days.
async fn again(app: &TestApp, person: &Member) -> Client {
    app.sessions().await.begin(person, app.now(), |_| {}).await
}

async fn prefer(app: &TestApp, person: &Member, preferences: &Value) {
    let reply = again(app, person).await.put("/v1/users/me/notification-preferences", preferences).await;
    assert_eq!(reply.summary(), "200");
}

/// Someone who wishes for the film and has these preferences.
async fn fan(app: &TestApp, programme: &Programme, preferences: &Value) -> Member {
    let person = app.member().await;
    prefer(app, &person, preferences).await;
    programme.wish(&again(app, &person).await).await;
    person
}

/// Ticks, and waits until everything that was owed, planned or due is dealt with.
async fn settle(app: &TestApp) {
    app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
    let calm = Cell::new(0);
    eventually("everything to be dealt with", async || {
        let waiting: u64 = ["plans", "shards", "alerts", "sms", "email"].iter().map(|name| queued(app, name)).sum();
        calm.set(if waiting == 0 && app.owed().await.is_empty() { calm.get() + 1 } else { 0 });
        tokio::time::sleep(Duration::from_millis(20)).await;
        (calm.get() > 3).then_some(())
    })
    .await;
}

/// What a local provider has taken for someone, oldest first.
fn sent(app: &TestApp, to: &str) -> Vec<Sent> {
    let mut sent = app.system().state.sent(Some(to), 1000).expect("the outbox can be read");
    sent.reverse();
    sent
}

/// What a person was told by text message of films, oldest first.
fn told(app: &TestApp, person: &Member) -> Vec<String> {
    let kinds = sent(app, &person.phone).into_iter().map(|sent| sent.kind);
    kinds.filter(|kind| kind.starts_with("screening_")).collect()
}

fn advance(app: &TestApp, seconds: i64) {
    app.advance(u64::try_from(seconds).expect("time goes forward"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_10_who_wished_is_told_of_a_new_screening_the_day_before_and_a_lead_time_before_each_once() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms_and("lead_minutes", json!(90))).await;
    programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
    let text = sent(&app, &ana.phone).pop().expect("it was sent").text;
    assert!(text.contains(&programme.title), "{text}");

    // Not before it is due, and within a minute after.
    advance(&app, 2 * DAY - MINUTE);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
    advance(&app, MINUTE);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_tomorrow"]);

    advance(&app, DAY - 91 * MINUTE);
    settle(&app).await;
    assert_eq!(told(&app, &ana).len(), 2);
    advance(&app, MINUTE);
    settle(&app).await;
    let all = ["screening_announced", "screening_tomorrow", "screening_soon"];
    assert_eq!(told(&app, &ana), all);

    advance(&app, DAY);
    settle(&app).await;
    assert_eq!(told(&app, &ana), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_due_while_its_plan_waits_is_told_all_the_same() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms_and("lead_minutes", json!(30))).await;
    programme.announce(&app, HOUR).await;
    // Before anyone could plan.
    advance(&app, 31 * MINUTE);
    settle(&app).await;
    let mut all = told(&app, &ana);
    all.sort();
    assert_eq!(all, ["screening_announced", "screening_soon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wishes_for_a_film_that_is_announced_already_is_reminded_of_it() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    programme.announce(&app, 2 * DAY).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    settle(&app).await;
    assert!(told(&app, &ana).is_empty(), "they have just seen it");
    advance(&app, DAY);
    settle(&app).await;
    advance(&app, 23 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_tomorrow", "screening_soon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_43_who_has_chosen_nothing_finds_alerts_in_the_inbox_and_is_not_texted() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = app.member().await;
    programme.wish(&ana.client).await;
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    assert!(told(&app, &ana).is_empty());
    let inbox = ana.client.get("/v1/notifications").await;
    assert_eq!(inbox.text("/items/0/event"), "announced");
    assert_eq!(inbox.body["items"].as_array().map(Vec::len), Some(1));
}

/// As if they had proven an address.
async fn prove_email(app: &TestApp, person: &Member, email: &str) {
    let id = UserId::parse(person.user["id"].as_str().expect("an account has an id")).expect("it is an id");
    let store = Store::new(&app.clients);
    let card: ContactCard = store.find(&ContactCard::key_of(id)).await.expect("it can be read").expect("it is there");
    let with_email = ContactCard { email: Some(EmailAddress::parse(email).expect("it is an address")), ..card };
    store.put(&with_email, campus_store::exists()).await.expect("it can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_13_whose_mail_came_back_is_mailed_no_more_alerts_and_can_see_why() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = app.member().await;
    let email = "bounce@simulator.amazonses.com";
    prove_email(&app, &ana, email).await;
    prefer(&app, &ana, &json!({ "kinds": { "screening_announced": { "email": true } } })).await;
    programme.wish(&ana.client).await;
    let latest = async || {
        let deliveries = ana.client.get("/v1/users/me/deliveries").await;
        (deliveries.body["items"].clone(), deliveries.body["items"][0]["provider_code"].clone())
    };
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    eventually("the bounce", async || (latest().await.1 == "bounced").then_some(())).await;
    let said = latest().await.0[0]["provider_message"].clone();
    assert!(said.as_str().is_some_and(|said| said.starts_with("Permanent") && !said.contains('@')), "{said}");

    programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    eventually("the second", async || (latest().await.1 == "suppressed").then_some(())).await;
    assert_eq!(sent(&app, email).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_by_mail_says_how_to_stop_it_and_one_click_does() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = app.member().await;
    let email = app.new_email();
    prove_email(&app, &ana, &email).await;
    let by_email = json!({ "kinds": { "screening_announced": { "email": true } } });
    prefer(&app, &ana, &by_email).await;
    programme.wish(&ana.client).await;

    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    let mail = sent(&app, &email).pop().expect("it was mailed");
    let header = mail.headers.get("list-unsubscribe").expect("the mail says how to stop it");
    let (_, path) = header.trim_end_matches('>').split_once("/v1/").expect("it is of the API");
    let path = format!("/v1/{path}");
    let click = app
        .anonymous()
        .request(reqwest::Method::POST, &path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    assert_eq!(app.anonymous().send(click).await.summary(), "204");

    programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    assert_eq!(sent(&app, &email).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_screening_tells_people_and_moves_their_reminders() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    let id = programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    let later = json!({ "starts_at": app.now().plus_seconds(5 * DAY) });
    let moved = app.staff().await.patch(&format!("/v1/screenings/{id}"), &later).await;
    assert_eq!(moved.summary(), "200");
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_moved"]);

    // When it would have been.
    advance(&app, 3 * DAY);
    settle(&app).await;
    assert_eq!(told(&app, &ana).len(), 2);
    advance(&app, DAY);
    settle(&app).await;
    advance(&app, 23 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana)[2..], ["screening_tomorrow", "screening_soon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_screening_tells_people_and_reminds_nobody() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    let id = programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    assert_eq!(app.staff().await.delete(&format!("/v1/screenings/{id}")).await.summary(), "204");
    settle(&app).await;
    let all = ["screening_announced", "screening_cancelled"];
    assert_eq!(told(&app, &ana), all);
    advance(&app, 2 * DAY);
    settle(&app).await;
    advance(&app, DAY);
    settle(&app).await;
    assert_eq!(told(&app, &ana), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_follows_the_wish_and_the_preferences_as_they_are_when_it_is_sent() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let (ana, bo, cy) = (
        fan(&app, &programme, &by_sms()).await,
        fan(&app, &programme, &by_sms()).await,
        fan(&app, &programme, &json!({})).await,
    );
    programme.announce(&app, 3 * DAY).await;
    settle(&app).await;

    let path = format!("/v1/users/me/wishes/{}", programme.film_id);
    assert_eq!(ana.client.delete(&path).await.summary(), "204");
    prefer(&app, &bo, &json!({})).await;
    prefer(&app, &cy, &by_sms()).await;
    advance(&app, 2 * DAY);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"], "no longer wishes for it");
    assert_eq!(told(&app, &bo), ["screening_announced"], "no longer wants to be texted");
    assert_eq!(told(&app, &cy), ["screening_tomorrow"], "wants to be texted now");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_quiet_hours_nobody_is_texted_until_they_end() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms_and("quiet_hours", two_quiet_hours(&app))).await;
    programme.announce(&app, 3 * DAY).await;
    settle(&app).await;
    assert!(told(&app, &ana).is_empty());
    let inbox = again(&app, &ana).await.get("/v1/notifications").await;
    assert_eq!(inbox.body["items"].as_array().map(Vec::len), Some(1), "the inbox makes no noise");

    advance(&app, HOUR);
    settle(&app).await;
    assert!(told(&app, &ana).is_empty());
    advance(&app, HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
    let inbox = again(&app, &ana).await.get("/v1/notifications").await;
    assert_eq!(inbox.body["items"].as_array().map(Vec::len), Some(1), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_end_of_quiet_hours_is_told_when_there_are_none_any_more() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let quiet = by_sms_and("quiet_hours", two_quiet_hours(&app));
    let (ana, bo) = (fan(&app, &programme, &quiet).await, fan(&app, &programme, &quiet).await);
    programme.announce(&app, 90 * MINUTE).await;
    settle(&app).await;
    advance(&app, 45 * MINUTE);
    settle(&app).await;
    assert!(told(&app, &ana).is_empty() && told(&app, &bo).is_empty());
    prefer(&app, &ana, &by_sms()).await;
    // There it is another time of day.
    let moved = again(&app, &bo).await.patch("/v1/users/me", &json!({ "time_zone": "America/New_York" })).await;
    assert_eq!(moved.summary(), "200");
    for _ in 0..3 {
        settle(&app).await;
    }
    for person in [&ana, &bo] {
        let mut told = told(&app, person);
        told.sort();
        assert_eq!(told, ["screening_announced", "screening_soon"]);
    }
    advance(&app, 2 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana).len(), 2, "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_quiet_night_nothing_is_tomorrow_that_is_today() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let zone = TimeZoneName::default();
    let clock = |timestamp| zone.at(timestamp).strftime("%H:%M").to_string();
    // The reminder is due in the night before, and the night ends on the day itself.
    let now = app.now();
    let midnight = (1..=24).map(|hour| now.plus_seconds(hour * HOUR)).find(|then| zone.is_day_before(now, *then));
    let starts_at = midnight.expect("a day ends within 24 hours").plus_seconds(2 * DAY - 2 * HOUR);
    let quiet = json!({ "from": clock(starts_at.plus_seconds(-HOUR)), "to": clock(starts_at.plus_seconds(6 * HOUR)) });
    let ana = fan(&app, &programme, &by_sms_and("quiet_hours", quiet)).await;
    programme.announce(&app, now.seconds_until(starts_at)).await;
    settle(&app).await;
    advance(&app, now.seconds_until(starts_at) - DAY);
    settle(&app).await;
    advance(&app, 7 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_time_of_a_day_reminds_once() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms_and("lead_minutes", json!(1440))).await;
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    advance(&app, DAY);
    settle(&app).await;
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_tomorrow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_lead_time_moves_reminders_that_are_planned_in_both_directions() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let (early, late) = (fan(&app, &programme, &by_sms()).await, fan(&app, &programme, &by_sms()).await);
    programme.announce(&app, 20 * HOUR).await;
    settle(&app).await;
    prefer(&app, &early, &by_sms_and("lead_minutes", json!(180))).await;
    prefer(&app, &late, &by_sms_and("lead_minutes", json!(20))).await;
    settle(&app).await;

    advance(&app, 17 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &early), ["screening_announced", "screening_soon"]);
    // When the other's would have been.
    advance(&app, 2 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &late), ["screening_announced"]);
    advance(&app, 40 * MINUTE);
    settle(&app).await;
    assert_eq!(told(&app, &late), ["screening_announced", "screening_soon"]);
    assert_eq!(told(&app, &early).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_lead_time_whose_moment_is_over_reminds_at_once() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    programme.announce(&app, 5 * HOUR).await;
    settle(&app).await;
    prefer(&app, &ana, &by_sms_and("lead_minutes", json!(600))).await;
    settle(&app).await;
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_soon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_time_zone_moves_what_is_told_the_day_before_by_its_clocks() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    let starts_at: jiff::Timestamp = "2027-03-14T23:00:00Z".parse().expect("it is an instant");
    let ahead = app.now().seconds_until(starts_at.into());
    programme.announce(&app, ahead).await;
    settle(&app).await;
    // In New York clocks are put forward that day, so the same time of the day before is 23 hours before.
    let moved = again(&app, &ana).await.patch("/v1/users/me", &json!({ "time_zone": "America/New_York" })).await;
    assert_eq!(moved.summary(), "200");
    settle(&app).await;
    advance(&app, ahead - 24 * HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
    advance(&app, HOUR);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_tomorrow"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_account_back_is_reminded_of_what_was_announced_meanwhile() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = person(&app).await;
    let client = signed_in(&app, &session_of(&app, &ana, true).await);
    assert_eq!(client.put("/v1/users/me/notification-preferences", &by_sms()).await.summary(), "200");
    programme.wish(&client).await;
    assert_eq!(client.delete_with("/v1/users/me", &json!({ "password": PASSWORD })).await.summary(), "204");
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    assert_eq!(sign_in(&app.anonymous(), &ana.username, PASSWORD).await.summary(), "201");
    settle(&app).await;
    advance(&app, DAY);
    settle(&app).await;
    let told: Vec<_> = sent(&app, &ana.phone).into_iter().map(|sent| sent.kind).collect();
    assert!(told.iter().any(|kind| kind == "screening_tomorrow"), "{told:?}");
}
