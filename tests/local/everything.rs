//! Everything that a local system keeps: its tables, queues and stream, and the log. For tests that search it for what
//! must be nowhere.

use std::io;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use campus_aws::{QUEUES, TABLES, Table};
use campus_store::{Attributes, Store};
use campus_testkit::TestApp;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// More than any test queues.
const MESSAGES_MAX: u32 = 10_000;

/// A log that can be read.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

/// The log of the whole process, so everything that other tests do is in it, too.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    // What Lambda logs, and more of our own.
    let filter = EnvFilter::new("info,campus=trace");
    let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(log.clone()).finish();
    // Another listener would have the lines, and the tests here would prove nothing.
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens to the log");
    log
});

impl Log {
    /// All lines so far.
    pub(crate) fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("a log is text")
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The log. To be called before what is to be logged.
pub(crate) fn log() -> &'static Log {
    LazyLock::force(&LOG)
}

/// All items of all tables, with their tables.
#[expect(clippy::disallowed_methods, reason = "everything is searched")]
pub(crate) async fn items(app: &TestApp) -> Vec<(Table, Attributes)> {
    let mut items = Vec::new();
    for table in TABLES {
        let name = Store::new(&app.clients).physical(table);
        let mut pages = app.clients.dynamodb.scan().table_name(name).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            items.push((table, item.expect("the table can be read")));
        }
    }
    items
}

/// All messages of all queues, those that are delayed, in a worker's hands or dead among them, with their queues.
pub(crate) fn messages(app: &TestApp) -> Vec<(String, String)> {
    let names = QUEUES.iter().flat_map(|queue| [queue.name.to_owned(), format!("{}-dead", queue.name)]);
    let messages = names.flat_map(|name| {
        let physical = format!("{}{name}", app.clients.prefix());
        let waiting = app.system().state.waiting(&physical, MESSAGES_MAX).expect("the queue can be read");
        waiting.into_iter().map(move |message| (name.clone(), message.body))
    });
    messages.collect()
}

/// Where any of these texts is: in which items of which tables, in which queues, and in which lines of the log.
///
/// A text stands in the log as it is, so it should be nobody else's: the log is of all tests. What is written with
/// escapes in one place and without in another is found only as it is given, so a text is best of letters and digits.
pub(crate) async fn places_of(app: &TestApp, texts: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for (table, item) in items(app).await {
        let key = |name: &str| item.get(name).and_then(|key| key.as_s().ok()).map_or("", String::as_str).to_owned();
        let place = format!("table {}: {} {}", table.name, key("pk"), key("sk"));
        push_found(&mut places, &place, &format!("{item:?}"), texts);
    }
    for (queue, body) in messages(app) {
        push_found(&mut places, &format!("queue {queue}"), &body, texts);
    }
    for line in log().text().lines() {
        push_found(&mut places, "log", line, texts);
    }
    places
}

fn push_found(places: &mut Vec<String>, place: &str, text: &str, wanted: &[&str]) {
    let found = wanted.iter().filter(|wanted| text.contains(**wanted));
    places.extend(found.map(|wanted| format!("{wanted} in {place}")));
}

/// A search that finds nothing proves something only if it finds what is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_a_table_a_queue_or_the_log_is_found() {
    log();
    let app = TestApp::start_by_hand().await;
    let phone = app.new_phone();
    app.ask_for_code("sms", &phone).await;
    app.relay().await;
    tracing::info!(canary = "of-the-search", "logged");
    let places = places_of(&app, &[&phone, "of-the-search"]).await;
    for place in ["in table accounts: CODE#", "in queue sms", "of-the-search in log"] {
        assert!(places.iter().any(|found| found.contains(place)), "{place}: {places:?}");
    }
    assert_eq!(places_of(&app, &["of-nothing-at-all"]).await, Vec::<String>::new());
}
