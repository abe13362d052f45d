//! `/notifications`: the inbox.

use campus_domain::Timestamp;
use campus_messages::ScreeningEvent;
use campus_testkit::{Client, Member, Reply, TestApp, counts, race};
use reqwest::Method;
use serde_json::{Value, json};

use super::{alert, arriving, notify, put_entry};

const PATH: &str = "/v1/notifications";

fn id_of(member: &Member) -> String {
    member.user["id"].as_str().expect("an account has an id").to_owned()
}

fn entry(id: &str) -> String {
    format!("{PATH}/{id}")
}

async fn delete(client: &Client, id: &str) -> Reply {
    client.delete(&entry(id)).await
}

async fn mark_up_to(client: &Client, id: &str) -> Reply {
    client.put("/v1/notifications/read-marker", &json!({ "up_to": id })).await
}

/// The ids of the inbox with whether each is read, and how many are not.
async fn looked_at(client: &Client) -> (Vec<(String, bool)>, u64) {
    let reply = client.get(PATH).await;
    let items = reply.body["items"].as_array().expect("there is a list").iter();
    let items = items.map(|item| {
        let id = item["id"].as_str().expect("an entry has an id").to_owned();
        (id, item["read"].as_bool().expect("it is read or not"))
    });
    (items.collect(), reply.body["unread_count"].as_u64().expect("there is a count"))
}

/// Puts so many entries into an inbox, a minute apart; returns their ids, newest first.
async fn notified(app: &TestApp, member: &Member, count: u64) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let at = app.now().plus_seconds(60 * i64::try_from(number).expect("it is small"));
        ids.push(put_entry(app, &arriving(&alert(app, &id_of(member), number), at)).await);
    }
    ids.reverse();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_is_empty_at_first_and_shows_what_came_newest_first() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let empty = member.client.get(PATH).await;
    assert_eq!(empty.body, json!({ "items": [], "next_cursor": null, "unread_count": 0 }));
    let ids = notified(&app, &member, 3).await;
    let (shown, unread) = looked_at(&member.client).await;
    assert_eq!((shown, unread), (ids.iter().map(|id| (id.clone(), false)).collect(), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_that_of_arrival_whatever_the_ids_say() {
    let app = TestApp::start().await;
    let member = app.member().await;
    // The id of a reminder is of the time that it is about, so it is greater than that of what comes a little later.
    let mut reminder = alert(&app, &id_of(&member), 1);
    reminder.event = ScreeningEvent::Soon;
    let first = put_entry(&app, &arriving(&reminder, app.now())).await;
    let second = put_entry(&app, &arriving(&alert(&app, &id_of(&member), 2), app.now().plus_seconds(1))).await;
    assert!(first > second, "the ids are the other way round");
    let (shown, _) = looked_at(&member.client).await;
    assert_eq!(shown.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&second, &first]);
    mark_up_to(&member.client, &first).await;
    assert_eq!(looked_at(&member.client).await.0, [(second, false), (first, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_speaks_the_language_of_the_request_and_goes_by_the_clocks_of_its_reader() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let mut told = alert(&app, &id_of(&member), 1);
    told.event = ScreeningEvent::Moved;
    // A Friday at 19:00 in Seoul.
    told.screening.starts_at = "2026-11-20T10:00:00Z".parse::<jiff::Timestamp>().expect("it is an instant").into();
    put_entry(&app, &arriving(&told, app.now())).await;
    let item = async |language: &str| {
        let request = member.client.request(Method::GET, PATH).header("accept-language", language);
        member.client.send(request).await.body["items"][0].clone()
    };
    let korean = item("ko").await;
    assert_eq!(korean["text"], "'리틀 포레스트' 상영 변경: 11월 20일(금) 19:00, 중앙도서관 (시청각실)");
    assert_eq!((&korean["kind"], &korean["event"]), (&json!("screening_changed"), &json!("moved")));
    assert_eq!(
        item("zh").await["text"],
        "《리틀 포레스트》更改了时间或地点：11月20日(周五)19:00，중앙도서관 (시청각실)"
    );
    assert_eq!(korean["screening"]["starts_at"], "2026-11-20T10:00:00Z");
    assert_eq!(korean["screening"]["film"]["title"], "리틀 포레스트");
    assert_eq!(korean["screening"]["library"]["name"], "중앙도서관");
    assert_eq!(korean["screening"]["place"], "시청각실");

    member.client.patch("/v1/users/me", &json!({ "time_zone": "America/New_York" })).await;
    let english = item("en").await;
    let text = "'리틀 포레스트' has another time or place: Fri 20 Nov 05:00, 중앙도서관 (시청각실)";
    assert_eq!(english["text"], text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_inbox_is_read_page_by_page_though_more_comes_meanwhile() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let ids = notified(&app, &member, 5).await;
    let mut seen = Vec::new();
    let mut path = format!("{PATH}?limit=2");
    for page in 0..3 {
        let reply = member.client.get(&path).await;
        assert_eq!(reply.body["unread_count"], 5 + page, "it is of the whole inbox");
        seen.extend(reply.body["items"].as_array().expect("a list").iter().map(|item| item["id"].clone()));
        put_entry(&app, &arriving(&alert(&app, &id_of(&member), 100 + page), app.now().plus_seconds(3600))).await;
        match reply.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("{PATH}?limit=2&cursor={cursor}"),
            None => assert_eq!(page, 2),
        }
    }
    assert_eq!(seen, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_shows_its_newest_500() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    for number in 0..510 {
        notify(&app, &id_of(&member), number).await;
    }
    let reply = member.client.get(&format!("{PATH}?limit=100")).await;
    assert_eq!(reply.body["unread_count"], 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_is_marked_as_read_and_as_unread_again() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let ids = notified(&app, &member, 2).await;
    let mark = async |read: Value| member.client.patch(&entry(&ids[1]), &json!({ "read": read })).await;
    let reply = mark(json!(true)).await;
    assert_eq!((reply.summary().as_str(), &reply.body["read"]), ("200", &json!(true)));
    assert_eq!(looked_at(&member.client).await, (vec![(ids[0].clone(), false), (ids[1].clone(), true)], 1));
    assert_eq!(mark(json!(true)).await.body, reply.body, "the same again changes nothing");
    assert_eq!(mark(json!(false)).await.body["read"], false);
    assert_eq!(looked_at(&member.client).await.1, 2);
    assert_eq!(mark(Value::Null).await.fields(), ["/read null_not_allowed"]);
    assert_eq!(member.client.patch(&entry(&ids[1]), &json!({})).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_on_what_was_not_seen_is_refused() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let id = notify(&app, &id_of(&member), 1).await;
    let seen = member.client.get(PATH).await.body["items"][0]["etag"].as_str().expect("it has a tag").to_owned();
    let mark = async |tag: &str, read: bool| {
        let request = member.client.request(Method::PATCH, &entry(&id)).header("if-match", tag);
        member.client.send(request.json(&json!({ "read": read }))).await
    };
    mark_up_to(&member.client, &id).await;
    assert_eq!(mark(&seen, true).await.summary(), "412 precondition_failed", "the marker has changed it, too");
    let now = member.client.get(PATH).await.body["items"][0]["etag"].as_str().expect("it has a tag").to_owned();
    let raced = race(6, async |_| mark(&now, false).await).await;
    assert_eq!(raced.tally(), counts([("200", 1), ("412 precondition_failed", 5)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marker_reads_everything_up_to_an_entry_and_is_never_moved_back() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let me = &member.client;
    let ids = notified(&app, &member, 4).await;
    let read = async || looked_at(me).await.0.into_iter().map(|(_, read)| read).collect::<Vec<_>>();
    assert_eq!(mark_up_to(me, &ids[2]).await.summary(), "204");
    assert_eq!(read().await, [false, false, true, true]);
    assert_eq!(mark_up_to(me, &ids[1]).await.summary(), "204");
    assert_eq!(mark_up_to(me, &ids[3]).await.summary(), "204", "an older one is no error");
    assert_eq!(read().await, [false, true, true, true]);
    // What is said of one entry goes before the marker, until that is set again.
    me.patch(&entry(&ids[2]), &json!({ "read": false })).await;
    assert_eq!(read().await, [false, true, false, true]);
    mark_up_to(me, &ids[3]).await;
    assert_eq!(read().await, [false, true, false, true]);
    mark_up_to(me, &ids[1]).await;
    assert_eq!(read().await, [false, true, true, true]);
    assert_eq!(looked_at(me).await.1, 1);
    assert_eq!(mark_up_to(me, &app.new_id::<campus_domain::kind::Notification>().to_string()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_entries_that_came_in_one_second_those_above_the_marker_stay_unread() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let now = app.now();
    for number in 0..3 {
        put_entry(&app, &arriving(&alert(&app, &id_of(&member), number), now)).await;
    }
    let shown = async || looked_at(&member.client).await.0;
    let ids: Vec<String> = shown().await.into_iter().map(|(id, _)| id).collect();
    for (up_to, read) in [(2, [false, false, true]), (1, [false, true, true]), (2, [false, true, true])] {
        assert_eq!(mark_up_to(&member.client, &ids[up_to]).await.summary(), "204");
        assert_eq!(shown().await.iter().map(|(_, read)| *read).collect::<Vec<_>>(), read, "up to {up_to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_gone_and_a_late_duplicate_does_not_bring_it_back() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let me = &member.client;
    let ids = notified(&app, &member, 1).await;
    let told = alert(&app, &id_of(&member), 2);
    let deleted = put_entry(&app, &arriving(&told, app.now())).await;
    assert_eq!(delete(me, &deleted).await.summary(), "204");
    assert_eq!(delete(me, &deleted).await.summary(), "204", "as a client repeats it that had no answer");
    for reply in [me.patch(&entry(&deleted), &json!({ "read": true })).await, mark_up_to(me, &deleted).await] {
        assert_eq!(reply.summary(), "404 notification_not_found");
    }
    assert_eq!(put_entry(&app, &arriving(&told, app.now())).await, deleted, "it is the same alert");
    assert_eq!(looked_at(me).await, (vec![(ids[0].clone(), false)], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_expire_and_belong_to_one_person() {
    let app = TestApp::start().await;
    let (member, another) = (app.member().await, app.member().await);
    let id = notify(&app, &id_of(&member), 1).await;
    assert_eq!(looked_at(&another.client).await, (Vec::new(), 0));
    for reply in [
        delete(&another.client, &id).await,
        another.client.patch(&entry(&id), &json!({ "read": true })).await,
        mark_up_to(&another.client, &id).await,
    ] {
        assert_eq!(reply.summary(), "404 notification_not_found");
    }
    let old = app.now().plus_seconds(-90 * 24 * 60 * 60);
    let mut expired = alert(&app, &id_of(&member), 2);
    expired.screening.revised_at = Timestamp::from_epoch_seconds(old.epoch_seconds());
    let old = put_entry(&app, &arriving(&expired, old)).await;
    assert_eq!(looked_at(&member.client).await, (vec![(id, false)], 1));
    assert_eq!(delete(&member.client, &old).await.status, 404);
}
