//! What domains do when they hear of accounts: their parts of exports, and purges that leave nothing.

use std::collections::BTreeMap;

use campus_aws::{ALERTS_QUEUE, NOTIFICATIONS_EVENTS_QUEUE, PLANS_QUEUE, Queue, SCREENINGS_EVENTS_QUEUE, SHARDS_QUEUE};
use campus_domain::{FilmId, UserId};
use campus_local::faults::{Attempts, Fault, Kind};
use campus_messages::{AccountEvent, AccountNews, ContactCard, DUE_SHARDS, DueAlert, HEARERS, OutboxItem};
use campus_screenings::wishes::Wish;
use campus_store::{Store, absent};
use campus_testkit::{Client, Member, SignUp, TestApp, code_in, race};
use reqwest::Method;
use serde_json::{Value, json};

use super::everything::{self, log, places_of};
use crate::notifications::{alert, arriving, notify, queued};
use crate::screenings::{DAY, film, library, screening, text};

const EXPORTS: &str = "/v1/users/me/exports";
const PREFERENCES: &str = "/v1/users/me/notification-preferences";

/// Who hears of accounts: which queue, and its worker.
pub(crate) const HEARING: [(Queue, &str); 3] = [
    (campus_aws::ACCOUNTS_EVENTS_QUEUE, "hear_in_accounts"),
    (NOTIFICATIONS_EVENTS_QUEUE, "hear_in_notifications"),
    (SCREENINGS_EVENTS_QUEUE, "hear_in_screenings"),
];

/// Owes an event to all who hear of accounts, as whoever makes it happen does.
pub(crate) async fn owe(app: &TestApp, event: AccountEvent) -> OutboxItem {
    let item = OutboxItem::event(app.new_id(), event);
    Store::new(&app.clients).put(&item, absent()).await.expect("an event can be owed");
    item
}

/// Has everyone hear what can be heard now.
pub(crate) async fn hear(app: &TestApp) {
    app.relay().await;
    for (queue, worker) in HEARING {
        while is_visible_in(app, queue) {
            app.work(queue, worker).await;
        }
    }
}

fn is_visible_in(app: &TestApp, queue: Queue) -> bool {
    let name = format!("{}{}", app.clients.prefix(), queue.name);
    let depths = app.system().state.queue_depths().expect("queues can be read");
    depths.iter().any(|depth| depth.name == name && depth.visible > 0)
}

/// Has everyone hear of a purge, and hear of it again when nothing can run any more that knew the person.
pub(crate) async fn purge(app: &TestApp, user_id: UserId) {
    owe(app, AccountEvent::Purged { user_id }).await;
    hear(app).await;
    app.advance(901);
    hear(app).await;
}

/// A person of whom everything is kept that can be, where no worker runs by itself.
pub(crate) struct Canary {
    pub(crate) person: Member,
    pub(crate) user_id: UserId,
    /// What they put in or were told, which nothing else has.
    pub(crate) values: BTreeMap<&'static str, String>,
}

impl Canary {
    pub(crate) async fn of(app: &TestApp) -> Self {
        let (phone, email) = (app.new_phone(), app.new_email());
        let (username, nickname) = (app.new_username(), app.new_nickname());
        let (name, agent) = (format!("Canarina {username}"), format!("Canary/{username}"));
        let asked = app.ask_for_code("sms", &phone).await;
        app.send_sms_by_hand().await;
        let code = code_in(&app.outbox(&phone).await[0].text);
        let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
        let form = SignUp::with_proof(&proof)
            .with("username", username.as_str())
            .with("nickname", nickname.as_str())
            .with("name", name.as_str())
            .with("email", email.as_str());
        let client = app.anonymous();
        let request = client.request(Method::POST, "/v1/users").header("user-agent", agent.as_str()).json(&form.0);
        let signed_up = client.send(request).await;
        let client = client.with_token(signed_up.text("/session/access_token"));
        let user = signed_up.body["user"].clone();
        let user_id = UserId::parse(text(&user, "id")).expect("it is an id");
        let values = [("phone", phone.clone()), ("email", email), ("username", username), ("nickname", nickname)];
        let mut values = BTreeMap::from(values);
        values.insert("name", name);
        values.insert("agent", agent);
        values.insert("id", user_id.to_string());
        let mut canary = Self { person: Member { client, user, phone }, user_id, values };
        canary.is_told(app).await;
        canary
    }

    /// They wish for a film, and are told of a screening of it in every way.
    async fn is_told(&mut self, app: &TestApp) {
        let staff = app.staff().await;
        let (library, film) = (library(app, &staff).await, film(app, &staff).await);
        let me = &self.person.client;
        let ways = json!({ "sms": true });
        let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
        let preferences = json!({ "kinds": kinds, "lead_minutes": 177 });
        assert_eq!(me.put(PREFERENCES, &preferences).await.summary(), "200");
        assert_eq!(me.put(&format!("/v1/users/me/wishes/{}", text(&film, "id")), &json!({})).await.summary(), "204");
        screening(&staff, &library, &film, app.now().plus_seconds(3 * DAY)).await;
        tell(app).await;
        let entry = me.get("/v1/notifications").await.body["items"][0].clone();
        let delivery = me.get("/v1/users/me/deliveries").await.body["items"][0].clone();
        let marked = me.put("/v1/notifications/read-marker", &json!({ "up_to": entry["id"] })).await;
        assert_eq!(marked.summary(), "204");
        self.values.insert("entry", text(&entry, "id").to_owned());
        self.values.insert("delivery", text(&delivery, "id").to_owned());
        self.values.insert("film", text(&film, "title").to_owned());
        self.values.insert("library", text(&library, "name").to_owned());
    }

    /// Accounts' own items are not what is tested here, so they are taken away as a purge of them would.
    async fn lose_account(&self, app: &TestApp) {
        Store::new(&app.clients)
            .delete(campus_aws::CONTACTS, &ContactCard::key_of(self.user_id))
            .await
            .expect("a card can be deleted");
    }

    /// Where anything is that names them, in the tables of other domains, of exports and of what waits.
    async fn traces(&self, app: &TestApp) -> Vec<String> {
        let id = self.user_id.to_string();
        let mut places = places_of(app, &[&id, &self.values["entry"], &self.values["delivery"]]).await;
        let accounts = ["table accounts", "table sessions", "table profiles", "table contacts", "in log"];
        places.retain(|place| accounts.iter().all(|table| !place.contains(table)));
        places
    }
}

/// Everything that is owed, planned or due is dealt with.
pub(crate) async fn tell(app: &TestApp) {
    app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
    app.relay().await;
    for (queue, worker) in
        [(PLANS_QUEUE, "plan_alerts"), (SHARDS_QUEUE, "dispatch_alerts"), (ALERTS_QUEUE, "send_alerts")]
    {
        while queued(app, queue.name) > 0 {
            app.work(queue, worker).await;
        }
    }
}

async fn due_alerts(app: &TestApp) -> Vec<DueAlert> {
    let store = Store::new(&app.clients);
    let mut due = Vec::new();
    for shard in 0..DUE_SHARDS {
        due.extend(store.query(DueAlert::partition(shard)).all::<DueAlert>(1000).await.expect("they can be read"));
    }
    due
}

/// A session of now.
pub(crate) async fn again(app: &TestApp, person: &Member) -> Client {
    app.sessions().await.begin(person, app.now(), |_| {}).await
}

/// Asks for an export, and returns its path.
pub(crate) async fn ask(app: &TestApp, person: &Member) -> String {
    let asked = again(app, person).await.post(EXPORTS, &json!({})).await;
    assert_eq!(asked.summary(), "202", "{asked:?}");
    format!("{EXPORTS}/{}", asked.text("/id"))
}

/// The path of the link of an export that is ready.
pub(crate) async fn link(app: &TestApp, person: &Member, export: &str) -> String {
    let linked = again(app, person).await.get(export).await;
    assert_eq!(linked.body["status"], "ready", "{linked:?}");
    crate::accounts::exports::path_of_link(app, &linked)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_every_canary_and_its_link_is_in_no_table_queue_or_log() {
    log();
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let export = ask(&app, &canary.person).await;
    hear(&app).await;
    let link = link(&app, &canary.person, &export).await;
    let document = app.anonymous().get(&link).await;
    assert_eq!(document.summary(), "200");
    let written = document.body.to_string();
    for (what, value) in &canary.values {
        assert!(written.contains(value.as_str()), "the {what}, {value}, is not in {written}");
    }
    assert_eq!(document.body["notifications"]["inbox"][0]["read"], true);
    assert_eq!(document.body["notifications"]["deliveries"][0]["channel"], "sms");

    let file = link.rsplit('/').next().expect("it has a last segment");
    assert_eq!(places_of(&app, &[file, file.trim_end_matches(".json")]).await, Vec::<String>::new());
    assert!(log().text().contains("/v1/exports/{file}"), "the route is logged");
    let calls = app.anonymous().request(Method::GET, "/_local/calls").send().await.expect("the system answers");
    let calls = calls.text().await.expect("it is text");
    assert!(calls.contains("download_export") && !calls.contains(&file[..40]), "the page of calls shows routes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_ready_only_when_every_domain_has_written_its_part() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let export = ask(&app, &canary.person).await;
    app.relay().await;
    for (queue, worker) in HEARING {
        let pending = canary.person.client.get(&export).await;
        assert_eq!((&pending.body["status"], &pending.body["url"]), (&json!("pending"), &Value::Null));
        app.work(queue, worker).await;
    }
    assert_eq!(canary.person.client.get(&export).await.body["status"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_heard_of_twice_and_by_twins_is_written_once() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let export = ask(&app, &canary.person).await;
    app.relay().await;
    for (queue, worker) in HEARING {
        let records = app.records_of_queue(queue);
        let calls = (0..5).map(|_| app.system().call_worker(worker, json!({ "Records": records })));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.expect("the worker answers")["batchItemFailures"], json!([]));
        }
    }
    let first = app.anonymous().get(&link(&app, &canary.person, &export).await).await;
    // Something else happens, and the event comes late once more.
    assert_eq!(canary.person.client.put(PREFERENCES, &json!({})).await.summary(), "200");
    hear(&app).await;
    let second = app.anonymous().get(&link(&app, &canary.person, &export).await).await;
    assert_eq!(first.body, second.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_reaches_all_who_hear_or_stays_owed() {
    let app = TestApp::start_by_hand().await;
    let user_id = app.new_id();
    owe(&app, AccountEvent::Purged { user_id }).await;
    // Two of the three batches are taken.
    let operation = Some("SQS.SendMessageBatch".to_owned());
    let function = Some("relay_outbox".to_owned());
    let fault = Fault { kind: Kind::Fail, operation, function, skip: 1, times: 1, attempts: Attempts::All };
    app.system().faults.inject(fault);
    app.relay().await;
    assert_eq!(app.owed().await.len(), 1);
    assert_eq!(everything::messages(&app).len(), HEARERS.len() - 1);
    app.relay().await;
    assert_eq!(app.owed().await.len(), 0);
    for hearer in HEARERS {
        assert!(queued(&app, hearer.queue.name) > 0, "{}", hearer.domain);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sweeper_has_everyone_hear_what_the_relay_left() {
    let app = TestApp::start_by_hand().await;
    let item = owe(&app, AccountEvent::Purged { user_id: app.new_id() }).await;
    app.advance(61);
    app.system().call_worker("sweep_outbox", json!({ "id": "tick" })).await.expect("it sweeps");
    let messages = everything::messages(&app);
    assert_eq!(messages.len(), HEARERS.len());
    for (_, body) in messages {
        let news: AccountNews = serde_json::from_str(&body).expect("it can be read");
        assert_eq!(news.id, item.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_leaves_nothing_in_other_domains_tables_exports_or_queues() {
    log();
    let app = TestApp::start_by_hand().await;
    let (canary, other) = (Canary::of(&app).await, Canary::of(&app).await);
    let export = ask(&app, &canary.person).await;
    hear(&app).await;
    let link = link(&app, &canary.person, &export).await;
    let before = canary.traces(&app).await;
    for table in ["notifications", "screenings", "alerts", "exports"] {
        assert!(before.iter().any(|place| place.contains(&format!("table {table}"))), "{table}: {before:?}");
    }
    let others = other.traces(&app).await;
    canary.lose_account(&app).await;
    purge(&app, canary.user_id).await;
    assert_eq!(canary.traces(&app).await, Vec::<String>::new());
    assert_eq!(other.traces(&app).await, others, "nothing of anyone else is lost");
    assert_eq!(app.anonymous().get(&link).await.summary(), "410 export_expired");
    // And it may come again, whenever.
    purge(&app, canary.user_id).await;
    assert_eq!(canary.traces(&app).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_goes_on_until_everything_is_gone_however_much_it_is() {
    let app = TestApp::start_by_hand().await;
    let user_id: UserId = app.new_id();
    let store = Store::new(&app.clients);
    let mut writes = store.batch_write();
    for number in 0..2105 {
        writes.put(&arriving(&alert(&app, &user_id.to_string(), number), app.now()));
    }
    writes.send().await.expect("entries can be written");
    let staff = app.staff().await;
    let reader = app.reader().await;
    let reader_id = user_of(&reader);
    for _ in 0..105 {
        let film = film(&app, &staff).await;
        assert_eq!(
            reader.put(&format!("/v1/users/me/wishes/{}", text(&film, "id")), &json!({})).await.summary(),
            "204"
        );
    }
    for id in [user_id, reader_id] {
        owe(&app, AccountEvent::Purged { user_id: id }).await;
    }
    hear(&app).await;
    let ids = [user_id.to_string(), reader_id.to_string()];
    let mut left = places_of(&app, &[&ids[0], &ids[1]]).await;
    left.retain(|place| place.contains("table notifications") || place.contains("table screenings"));
    assert_eq!(left, Vec::<String>::new());
}

/// Whose session a client has.
fn user_of(client: &Client) -> UserId {
    use base64::Engine;
    let claims = client.token().and_then(|token| token.split('.').nth(1)).expect("a token has three parts");
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(claims).expect("it is base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("claims are JSON");
    UserId::parse(text(&claims, "sub")).expect("it is an id")
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_of_a_purge_do_each_other_no_harm() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let export = ask(&app, &canary.person).await;
    hear(&app).await;
    link(&app, &canary.person, &export).await;
    canary.lose_account(&app).await;
    owe(&app, AccountEvent::Purged { user_id: canary.user_id }).await;
    app.relay().await;
    for (queue, worker) in HEARING {
        let records = app.records_of_queue(queue);
        let calls = (0..5).map(|_| app.system().call_worker(worker, json!({ "Records": records })));
        for answer in futures::future::join_all(calls).await {
            assert_eq!(answer.expect("the worker answers")["batchItemFailures"], json!([]));
        }
    }
    app.advance(901);
    hear(&app).await;
    assert_eq!(canary.traces(&app).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_late_is_gone_when_the_purge_is_heard_again() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    canary.lose_account(&app).await;
    owe(&app, AccountEvent::Purged { user_id: canary.user_id }).await;
    hear(&app).await;
    // By a worker that had read the card, and by requests of a session that was cached.
    notify(&app, &canary.user_id.to_string(), 4711).await;
    let late = canary.person.client.put(PREFERENCES, &json!({ "lead_minutes": 31 })).await;
    assert_eq!(late.summary(), "200");
    let staff = app.staff().await;
    let film = film(&app, &staff).await;
    let wish = format!("/v1/users/me/wishes/{}", text(&film, "id"));
    assert_eq!(canary.person.client.put(&wish, &json!({})).await.summary(), "204");
    let mut left = canary.traces(&app).await;
    left.retain(|place| place.contains("in table"));
    assert!(left.len() >= 4, "{left:?}");
    tell(&app).await;
    app.advance(901);
    hear(&app).await;
    assert_eq!(canary.traces(&app).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_found_by_their_keys_and_others_are_dropped_when_they_come_due() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let due = due_alerts(&app).await;
    assert_eq!(due.len(), 2, "one for the day before, and one for the lead time");
    // One that waits for the end of quiet hours, say, is at a time that nobody can tell.
    let odd = DueAlert::new(due[0].alert.clone(), due[0].due_at.plus_seconds(-4321));
    Store::new(&app.clients).put(&odd, absent()).await.expect("it can be written");
    canary.lose_account(&app).await;
    owe(&app, AccountEvent::Purged { user_id: canary.user_id }).await;
    hear(&app).await;
    assert_eq!(due_alerts(&app).await, [odd]);

    let sent = app.outbox(&canary.person.phone).await.len();
    app.advance(u64::try_from(3 * DAY).unwrap_or_default());
    hear(&app).await;
    tell(&app).await;
    assert_eq!(due_alerts(&app).await, []);
    assert_eq!(app.outbox(&canary.person.phone).await.len(), sent, "nobody is told");
    assert_eq!(canary.traces(&app).await, Vec::<String>::new());
}

/// The wish is there, and yet nobody is told: a card that is gone is enough.
#[tokio::test(flavor = "multi_thread")]
async fn an_alert_of_someone_without_a_card_is_dropped_without_a_trace() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    canary.lose_account(&app).await;
    let sent = app.outbox(&canary.person.phone).await.len();
    let before = canary.traces(&app).await;
    app.advance(u64::try_from(2 * DAY).unwrap_or_default());
    assert_eq!(due_alerts(&app).await.len(), 2);
    tell(&app).await;
    assert_eq!(app.outbox(&canary.person.phone).await.len(), sent);
    let mut after = canary.traces(&app).await;
    after.retain(|place| !before.contains(place));
    assert_eq!(after, Vec::<String>::new(), "neither an entry nor a delivery is written");
    assert_eq!(due_alerts(&app).await.len(), 1, "the one that was due is dropped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_export_of_who_was_purged_never_gets_a_part() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    ask(&app, &canary.person).await;
    // The event of the export lies in the queues while that of the purge is heard first.
    app.relay().await;
    let late: Vec<_> = HEARING.iter().map(|(queue, worker)| (*worker, app.records_of_queue(*queue))).collect();
    canary.lose_account(&app).await;
    for (queue, worker) in HEARING {
        let user_id = canary.user_id;
        let news = AccountNews { id: app.new_id(), event: AccountEvent::Purged { user_id } };
        let body = serde_json::to_string(&news).expect("it can be written");
        let event = json!({ "Records": [{ "messageId": "1", "body": body }] });
        app.system().call_worker(worker, event).await.expect("the worker answers");
        assert!(queued(&app, queue.name) > 0);
    }
    for (worker, records) in late {
        let answer = app.system().call_worker(worker, json!({ "Records": records })).await;
        assert_eq!(answer.expect("the worker answers")["batchItemFailures"], json!([]));
    }
    let mut exports = canary.traces(&app).await;
    exports.retain(|place| place.contains("table exports"));
    assert_eq!(exports, Vec::<String>::new());
    let items = everything::items(&app).await;
    assert!(items.iter().all(|(table, _)| table.name != "exports"), "no part is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_without_an_account_is_given_no_export() {
    let app = TestApp::start_by_hand().await;
    assert_eq!(app.reader().await.post(EXPORTS, &json!({})).await.summary(), "404 account_not_found");
    let items = everything::items(&app).await;
    assert!(items.iter().all(|(table, _)| !["exports", "outbox"].contains(&table.name)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_requests_at_once_three_are_given_an_export() {
    let app = TestApp::start_local().await;
    let ana = app.member().await;
    let race = race(10, async |_| ana.client.post(EXPORTS, &json!({})).await).await;
    let given = race.replies.iter().filter(|reply| reply.status == 202).count();
    assert_eq!(given, 3, "{:?}", race.tally());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_more_than_an_item_holds_is_whole_and_what_is_too_much_is_counted() {
    let app = TestApp::start_by_hand().await;
    let canary = Canary::of(&app).await;
    let film_id = FilmId::from_parts(1, [1; 10]);
    let store = Store::new(&app.clients);
    let mut writes = store.batch_write();
    // The inbox shows 500, of some 800 bytes each.
    for number in 0..600 {
        let mut entry = arriving(&alert(&app, &canary.user_id.to_string(), number), app.now());
        entry.screening.film_title = "긴 제목 ".repeat(40);
        writes.put(&entry);
    }
    writes.put(&Wish { id: app.new_id(), user_id: canary.user_id, film_id, created_at: app.now() });
    writes.send().await.expect("entries can be written");
    let export = ask(&app, &canary.person).await;
    hear(&app).await;
    let document = app.anonymous().get(&link(&app, &canary.person, &export).await).await;
    let inbox = document.body["notifications"]["inbox"].as_array().expect("it is a list").len();
    let left_out = document.body["left_out"]["notifications.inbox"].as_u64().unwrap_or_default();
    assert_eq!(inbox as u64 + left_out, 500);
    assert!(inbox >= 200, "{inbox}");
    let parts = everything::items(&app).await;
    let parts = parts.iter().filter(|(_, item)| item["sk"].as_s().is_ok_and(|sk| sk.starts_with("PART#notifications")));
    assert!(parts.count() > 1, "one item does not hold it");
}
