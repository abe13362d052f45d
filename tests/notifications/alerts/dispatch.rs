//! Ticks, queues and workers of alerts: nothing is lost and nobody told twice, whatever comes twice, late or not at all.

use std::time::Duration;

use campus_aws::{ALERTS_QUEUE, PLANS_QUEUE, Queue, SHARDS_QUEUE};
use campus_local::aws::{NewMessage, Service};
use campus_local::faults::{Fault, Kind};
use campus_messages::{ContactCard, DUE_SHARDS, DueAlert, Kinds, LeadMinutes, Preferences, Ways};
use campus_screenings::wishes::Wish;
use campus_store::{Store, absent};
use campus_testkit::{Member, TestApp, eventually};
use futures::future::join_all;
use serde_json::json;

use super::{DAY, MINUTE, Programme, advance, again, by_sms, fan, prefer, sent, settle, told};
use crate::notifications::{deliveries, queued};

#[tokio::test(flavor = "multi_thread")]
async fn b0_7_ticks_and_messages_that_come_twice_tell_people_once() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    for queue in ["plans", "shards", "alerts"] {
        app.system().faults.deliver_twice(queue, 5);
    }
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    advance(&app, DAY);
    for _ in 0..3 {
        settle(&app).await;
    }
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_tomorrow"]);
    let inbox = again(&app, &ana).await.get("/v1/notifications").await;
    assert_eq!(inbox.body["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_that_is_left_out_is_made_up_for_by_the_next() {
    let app = TestApp::start_by_hand().await;
    let programme = Programme::of(&app).await;
    let ana = by_hand_fan(&app, &programme).await;
    programme.announce(&app, 2 * DAY).await;
    plan_by_hand(&app).await;
    // Ten minutes without a tick.
    advance(&app, DAY + 10 * MINUTE);
    tick_by_hand(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced", "screening_tomorrow"]);
    // Nothing is left.
    assert_eq!(due_items(&app).await, 1, "the reminder of the hour before");
}

/// Someone who wishes for the film and wants everything by text message, where no worker runs by itself.
async fn by_hand_fan(app: &TestApp, programme: &Programme) -> Member {
    let person = app.member_by_hand().await;
    prefer(app, &person, &by_sms()).await;
    programme.wish(&person.client).await;
    person
}

/// Relays what is owed, plans it, and sends what is to be told at once.
async fn plan_by_hand(app: &TestApp) {
    app.relay().await;
    work_off(app, PLANS_QUEUE, "plan_alerts").await;
    work_off(app, ALERTS_QUEUE, "send_alerts").await;
}

async fn tick_by_hand(app: &TestApp) {
    app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
    work_off(app, SHARDS_QUEUE, "dispatch_alerts").await;
    work_off(app, ALERTS_QUEUE, "send_alerts").await;
}

async fn work_off(app: &TestApp, queue: Queue, worker: &str) {
    while queued(app, queue.name) > 0 {
        app.work(queue, worker).await;
    }
}

/// Alerts that wait for their time.
async fn due_items(app: &TestApp) -> usize {
    let store = Store::new(&app.clients);
    let mut count = 0;
    for shard in 0..DUE_SHARDS {
        let due = store.query(DueAlert::partition(shard)).all::<DueAlert>(1000).await.expect("they can be read");
        count += due.len();
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_8_jobs_and_alerts_of_an_unknown_version_are_kept_for_someone_to_look_at() {
    let app = TestApp::start_local().await;
    for (queue, body) in [
        ("plans", json!({ "version": 2, "plan": { "of": "person", "user_id": app.new_id::<()>(), "after": null } })),
        ("shards", json!({ "version": "2", "shard": 1 })),
        ("alerts", json!({ "version": 2 })),
    ] {
        let name = format!("{}{queue}", app.clients.prefix());
        let message = NewMessage { body: body.to_string(), ..NewMessage::default() };
        app.system().state.send(&name, &[message]).expect("it can be queued");
        eventually("it to be given up", async || {
            app.advance(61);
            (queued(&app, &format!("{queue}-dead")) == 1).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_12_b0_13_each_recipient_has_a_result_of_their_own_with_the_providers_code_and_words() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let mut fans = Vec::new();
    for _ in 0..5 {
        fans.push(fan(&app, &programme, &by_sms()).await);
    }
    app.system().state.fail_next(Service::Sns, 1, 400, "OptedOut", "the number has opted out");
    programme.announce(&app, 2 * DAY).await;
    let statuses = async || -> Vec<String> {
        let all = deliveries(&app).await;
        let alerts = all.iter().filter(|delivery| delivery["kind"] == "screening_announced");
        alerts.map(|delivery| delivery["status"].as_str().unwrap_or_default().to_owned()).collect()
    };
    eventually("four to be told and one not", async || {
        let statuses = statuses().await;
        let count = |wanted: &str| statuses.iter().filter(|status| *status == wanted).count();
        (count("sent") == 4 && count("failed") == 1).then_some(())
    })
    .await;
    let mut refused = 0;
    for person in &fans {
        let own = person.client.get("/v1/users/me/deliveries").await;
        let alert =
            own.body["items"].as_array().expect("a list").iter().find(|item| item["kind"] == "screening_announced");
        let alert = alert.expect("their own delivery");
        if alert["status"] == "failed" {
            refused += 1;
            assert_eq!(
                (&alert["provider_code"], &alert["provider_message"]),
                (&json!("OptedOut"), &json!("the number has opted out"))
            );
        }
    }
    assert_eq!(refused, 1);
    // It is tried again.
    app.advance(31);
    eventually("all to be told", async || (statuses().await.iter().all(|status| status == "sent")).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_has_no_room_for_waits_a_minute_and_is_not_given_up() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let ana = fan(&app, &programme, &by_sms()).await;
    app.system().state.fail_next(Service::Sns, 3, 400, "Throttling", "too many");
    programme.announce(&app, 2 * DAY).await;
    settle(&app).await;
    assert!(told(&app, &ana).is_empty());
    assert_eq!(queued(&app, "alerts"), 0);
    advance(&app, MINUTE);
    settle(&app).await;
    assert_eq!(told(&app, &ana), ["screening_announced"]);
}

/// People who wish for the film, made without signing up, and the numbers by which they are told.
async fn crowd(app: &TestApp, programme: &Programme, size: usize) -> Vec<String> {
    let store = Store::new(&app.clients);
    let film_id = campus_domain::FilmId::parse(&programme.film_id).expect("it is an id");
    let by_sms = Ways { email: false, sms: true, inbox: true };
    let mut phones = Vec::new();
    for _ in 0..size {
        let (user_id, phone) = (app.new_id(), app.new_phone());
        let card = ContactCard {
            user_id,
            phone: Some(campus_domain::PhoneNumber::parse(&phone).expect("it is a number")),
            email: None,
            locale: campus_domain::Locale::Ko,
            time_zone: Default::default(),
        };
        let kinds = Kinds { screening_announced: by_sms, screening_reminder: by_sms, screening_changed: by_sms };
        let preferences =
            Preferences { user_id, kinds, quiet_hours: None, lead_minutes: LeadMinutes::default(), version: 1 };
        let wish = Wish { id: app.new_id(), user_id, film_id, created_at: app.now() };
        store.put(&card, absent()).await.expect("it can be written");
        store.put(&preferences, absent()).await.expect("it can be written");
        store.put(&wish, absent()).await.expect("it can be written");
        phones.push(phone);
    }
    phones
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_with_many_wishes_is_told_of_in_pages_each_person_once_though_workers_die() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    // More than a page in each shard.
    let phones = crowd(&app, &programme, 300).await;
    for (function, skip) in [("plan_alerts", 5), ("send_alerts", 11), ("send_alerts", 17)] {
        let fault = Fault { function: Some(function.to_owned()), skip, ..Fault::next(Kind::Crash) };
        app.system().faults.inject(fault);
    }
    programme.announce(&app, 2 * DAY).await;
    // Messages of workers that died come again, when no other worker can be at them any more.
    while !app.system().faults.awaiting_calls().is_empty() || queued(&app, "alerts") + queued(&app, "plans") > 0 {
        eventually("the others to be at rest", async || {
            // A moved clock ends the claims of workers that are still at it, so nothing at all may happen meanwhile.
            let before = app.system().recorder.invocations().len();
            tokio::time::sleep(Duration::from_secs(2)).await;
            (before == app.system().recorder.invocations().len()).then_some(())
        })
        .await;
        app.advance(61);
    }
    let times: Vec<usize> = phones.iter().map(|phone| sent(&app, phone).len()).collect();
    assert!(times.iter().all(|times| *times >= 1), "someone was not told");
    let twice: usize = times.iter().map(|times| times - 1).sum();
    // A worker that dies between the provider and the ledger leaves a batch in doubt, and two are better than none.
    assert!(twice <= 20, "{twice} of {} were told twice", phones.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_ticks_make_one_read_for_each_shard_and_nothing_else() {
    let app = TestApp::start_by_hand().await;
    app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
    let ticks = app.system().recorder.invocations();
    let tick = ticks.iter().rev().find(|invocation| invocation.function == "tick_alerts").expect("it ran");
    assert_eq!(tick.calls.len(), usize::from(DUE_SHARDS));
    assert!(tick.calls.iter().all(|call| call.operation == "Query" && call.depth == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_and_a_screening_at_the_same_time_make_both_reminders() {
    let app = TestApp::start_local().await;
    let programme = Programme::of(&app).await;
    let people = join_all((0..20).map(|_| app.member())).await;
    let wishes = join_all(people.iter().map(|person| programme.wish(&person.client)));
    let screenings = async {
        for day in 2..6 {
            programme.announce(&app, day * DAY).await;
        }
    };
    tokio::join!(wishes, screenings);
    settle(&app).await;
    assert_eq!(due_items(&app).await, people.len() * 4 * 2);
}
