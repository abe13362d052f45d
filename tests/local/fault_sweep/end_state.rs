//! Everything that a system holds, without what is different each time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, ALERTS_QUEUE, EMAIL_QUEUE, FEEDBACK_QUEUE, NOTIFICATIONS_EVENTS_QUEUE, PLANS_QUEUE, Queue,
    SCREENINGS_EVENTS_QUEUE, SHARDS_QUEUE, SMS_QUEUE, TABLES,
};
use campus_testkit::TestApp;
use regex::Regex;
use serde_json::{Value, json};

/// Longer than a message is hidden after a worker failed at it, and than a worker's claim counts.
const REDELIVERY_SECONDS: u64 = 61;
/// Deliveries of a message, at most; a queue gives up after five.
const DELIVERIES_MAX: usize = 4;

/// Who deals with what is queued, in the order in which one may leave something to the next.
const WORKERS: [(Queue, &str); 9] = [
    (SMS_QUEUE, "send_sms"),
    (EMAIL_QUEUE, "send_email"),
    (FEEDBACK_QUEUE, "take_mail_feedback"),
    (PLANS_QUEUE, "plan_alerts"),
    (SHARDS_QUEUE, "dispatch_alerts"),
    (ALERTS_QUEUE, "send_alerts"),
    (ACCOUNTS_EVENTS_QUEUE, "hear_in_accounts"),
    (NOTIFICATIONS_EVENTS_QUEUE, "hear_in_notifications"),
    (SCREENINGS_EVENTS_QUEUE, "hear_in_screenings"),
];

/// What is different each time, and what stands for it. Earlier ones go first.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"127\.0\.0\.1:\d+", "<address>"),
        (r"\b1[789]\d{8}\b", "<time>"),
        (r"(etag\W+)[A-Za-z0-9_-]{22}", "$1<tag>"),
        (r"\$argon2id\$[^ \\]*", "<hash>"),
        (r"\b[0-9a-f]{32}\b", "<digest>"),
        (r"[A-Za-z0-9_-]{43,}", "<opaque>"),
        (r"OUTBOX#\d+", "OUTBOX#<shard>"),
        (r"\b\d{6}\b", "<code>"),
    ]
    .map(|(pattern, mask)| (Regex::new(pattern).expect("it is a pattern"), mask))
    .into()
});

/// A text without what is different each time.
pub(super) fn masked(text: &str) -> String {
    MASKS.iter().fold(text.to_owned(), |text, (pattern, mask)| pattern.replace_all(&text, *mask).into_owned())
}

/// How many things of each description there are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EndState(BTreeMap<String, usize>);

impl EndState {
    /// The state once all messages are dealt with.
    pub(super) async fn settled(app: &TestApp) -> Self {
        app.system().faults.clear();
        for round in 0..DELIVERIES_MAX {
            // What a provider had no room for waits a minute, so one round there is.
            app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
            if round > 0 && app.owed().await.is_empty() && in_queues(app).is_empty() {
                break;
            }
            app.relay().await;
            for (queue, worker) in WORKERS {
                while is_visible_in(app, queue) {
                    app.work(queue, worker).await;
                }
            }
            app.advance(REDELIVERY_SECONDS);
        }
        let mut things = Vec::new();
        for table in TABLES {
            things.extend(items(app, table.name).await);
        }
        things.extend(in_queues(app));
        for sent in app.system().state.sent(None, 1000).expect("the outbox can be read") {
            things.push(masked(&format!("{} to {}: {}", sent.channel, sent.to, sent.text)));
        }
        let mut counted = BTreeMap::new();
        for thing in things {
            *counted.entry(thing).or_default() += 1;
        }
        Self(counted)
    }

    /// What there is here and not in the other, and the other way round; of an item that is in both, what differs.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let beyond = |one: &Self, two: &Self| {
            let more = one.0.iter().filter(|(thing, count)| two.0.get(*thing).unwrap_or(&0) < *count);
            more.map(|(thing, _)| thing.clone()).collect::<Vec<_>>()
        };
        let mut missing = beyond(other, self);
        let mut differences = Vec::new();
        for more in beyond(self, other) {
            match missing.iter().position(|less| key(less).is_some() && key(less) == key(&more)) {
                Some(place) => differences.push(difference(&missing.remove(place), &more)),
                None => differences.push(format!("more: {}", short(&more))),
            }
        }
        differences.extend(missing.iter().map(|less| format!("less: {}", short(less))));
        differences
    }
}

/// An item's attributes, if it is one.
fn attributes(thing: &str) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(thing.split_once(' ')?.1).ok()
}

/// What tells items apart.
fn key(thing: &str) -> Option<(String, String)> {
    let mut item = attributes(thing)?;
    Some((item.remove("pk")?, item.remove("sk")?))
}

/// What differs between two items of one key.
fn difference(was: &str, is: &str) -> String {
    let (was, is) = (attributes(was).unwrap_or_default(), attributes(is).unwrap_or_default());
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let none = "none".to_owned();
    let changes = names.into_iter().filter(|name| was.get(*name) != is.get(*name)).map(|name| {
        let [was, is] = [&was, &is].map(|item| item.get(name).unwrap_or(&none).as_str());
        let (was, is) = from_first_difference(was, is);
        format!("{name} {} instead of {}", short(is), short(was))
    });
    format!("{}: {}", is.get("kind").unwrap_or(&none).trim_matches('"'), changes.collect::<Vec<_>>().join(", "))
}

/// Two texts from a little before the place where they part.
fn from_first_difference<'a>(one: &'a str, two: &'a str) -> (&'a str, &'a str) {
    const BEFORE: usize = 20;
    let alike = one.chars().zip(two.chars()).take_while(|(one, two)| one == two).count();
    let from = |text: &'a str| {
        let start = text.char_indices().nth(alike.saturating_sub(BEFORE)).map_or(text.len(), |(start, _)| start);
        &text[start..]
    };
    (from(one), from(two))
}

/// The beginning of a text, enough to know it by.
fn short(text: &str) -> &str {
    let end = text.char_indices().nth(40).map_or(text.len(), |(end, _)| end);
    text[..end].lines().next().unwrap_or_default()
}

/// Whether a queue has messages that a worker would be given now.
pub(super) fn is_visible_in(app: &TestApp, queue: Queue) -> bool {
    let name = format!("{}{}", app.clients.prefix(), queue.name);
    let depths = app.system().state.queue_depths().expect("queues can be read");
    depths.iter().any(|depth| depth.name == name && depth.visible > 0)
}

fn in_queues(app: &TestApp) -> Vec<String> {
    let depths = app.system().state.queue_depths().expect("queues can be read");
    let messages = depths.iter().flat_map(|queue| {
        (0..queue.visible + queue.in_flight + queue.delayed).map(|_| format!("queued in {}", queue.name))
    });
    messages.collect()
}

#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
async fn items(app: &TestApp, table: &str) -> Vec<String> {
    let name = format!("{}{table}", app.clients.prefix());
    let page = app.clients.dynamodb.scan().table_name(name).send().await.expect("the table can be read");
    let items = page.items.unwrap_or_default().into_iter().map(|item| {
        let mut item: BTreeMap<String, Value> = serde_dynamo::from_item(item).expect("an item is JSON");
        // A rate limit counts requests, and asking again is another.
        if item["pk"].as_str().is_some_and(|key| key.starts_with("LIMIT#availability_checks")) {
            item.remove("count");
        }
        let item: BTreeMap<String, String> =
            item.into_iter().map(|(name, value)| (masked(&name), masked(&value.to_string()))).collect();
        format!("{table} {}", serde_json::to_string(&item).expect("it is JSON"))
    });
    items.collect()
}
