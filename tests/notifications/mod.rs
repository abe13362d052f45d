//! Notifications.

mod alerts;
mod deliveries;
mod feedback;
mod inbox;
mod outbox;
mod own_deliveries;
mod preferences;
mod unsubscriptions;

use campus_domain::{FilmId, LibraryId, ScreeningId, TimeZoneName, Timestamp, UserId};
use campus_messages::{Alert, AlertKind, Needed, Needs, ScreeningEvent, ScreeningRef};
use campus_notifications::inbox::Entry;
use campus_notifications::unsubscriptions::unsubscription_token;
use campus_session::CursorSecret;
use campus_store::{Key, Store, absent};
use campus_testkit::{TestApp, eventually};
use reqwest::Method;
use serde_json::{Value, json};

/// The ledger, newest first.
pub(crate) async fn deliveries(app: &TestApp) -> Vec<Value> {
    let answer = app.anonymous().request(Method::GET, "/_local/deliveries.json").send().await;
    let document: Value = answer.expect("the system answers").json().await.expect("it is JSON");
    document["items"].as_array().expect("it is a list").clone()
}

/// Waits until the newest delivery has a status, and returns it.
pub(crate) async fn settled_delivery(app: &TestApp, status: &str) -> Value {
    eventually(&format!("the newest delivery to be {status}"), async || {
        deliveries(app).await.into_iter().next().filter(|delivery| delivery["status"] == status)
    })
    .await
}

/// Quiet hours from now on, by the clocks of Seoul.
pub(crate) fn two_quiet_hours(app: &TestApp) -> Value {
    let clock = |hours: i64| {
        let then = app.now().plus_seconds(hours * 60 * 60);
        TimeZoneName::default().at(then).strftime("%H:%M").to_string()
    };
    json!({ "from": clock(0), "to": clock(2) })
}

/// How many messages a queue holds, those in a worker's hands included.
pub(crate) fn queued(app: &TestApp, queue: &str) -> u64 {
    let name = format!("{}{queue}", app.clients.prefix());
    let depths = app.system().state.queue_depths().expect("the queues can be read");
    let depth = depths.iter().find(|depth| depth.name == name).expect("there is such a queue");
    depth.visible + depth.in_flight + depth.delayed
}

/// Waits until whatever was owed by SMS is dealt with. Outbox and queue keep their order, so a code that
/// is asked for now comes after it.
pub(crate) async fn all_dealt_with(app: &TestApp) {
    app.receive_code("sms", &app.new_phone()).await;
    eventually("the queue to be empty", async || (queued(app, "sms") == 0).then_some(())).await;
}

/// An alert of a screening that was announced just now and starts in a day; every number is another screening.
pub(crate) fn alert(app: &TestApp, user_id: &str, number: u64) -> Alert {
    let day = app.now().plus_seconds(24 * 60 * 60);
    Alert {
        user_id: UserId::parse(user_id).expect("it is an id"),
        event: ScreeningEvent::Announced,
        screening: ScreeningRef {
            screening_id: ScreeningId::from_parts(number & 0xffff_ffff_ffff, [1; 10]),
            revision: 1,
            revised_at: app.now(),
            film_id: FilmId::from_parts(2, [2; 10]),
            library_id: LibraryId::from_parts(3, [3; 10]),
            place: Some("시청각실".to_owned()),
            starts_at: day,
        },
        needs: Needs { wish: nothing(), screening: nothing(), film: nothing(), library: nothing() },
    }
}

fn nothing() -> Needed {
    Key::alone("NOTHING").into()
}

/// The entry of an alert that comes then.
pub(crate) fn arriving(alert: &Alert, arrives_at: Timestamp) -> Entry {
    let facts = alert.screening.clone().named("리틀 포레스트".to_owned(), "중앙도서관".to_owned());
    Entry::new(alert, &facts, arrives_at)
}

/// Puts an entry into a person's inbox, as whoever sends the alert of this number does; returns its id.
pub(crate) async fn notify(app: &TestApp, user_id: &str, number: u64) -> String {
    put_entry(app, &arriving(&alert(app, user_id, number), app.now())).await
}

/// Puts an entry into its inbox, if there is none of its id; returns that.
pub(crate) async fn put_entry(app: &TestApp, entry: &Entry) -> String {
    Store::new(&app.clients).put(entry, absent()).await.expect("an entry can be written");
    entry.id.to_string()
}

/// The path by which a mail of a kind to a person is stopped.
pub(crate) async fn unsubscription_path(app: &TestApp, user_id: &str, kind: AlertKind) -> String {
    let secret = Store::new(&app.clients).find::<CursorSecret>(&CursorSecret::location()).await;
    let secret = secret.expect("the secret can be read").expect("someone has signed in");
    let user_id = UserId::parse(user_id).expect("it is an id");
    format!("/v1/unsubscriptions/{}", unsubscription_token(&secret, user_id, kind))
}
