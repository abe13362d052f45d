//! Screenings.

mod films;
mod home;
mod libraries;
#[expect(clippy::module_inception, reason = "the tests are named as what they are of")]
mod screenings;
mod wishes;

use campus_domain::Timestamp;
use campus_testkit::{Client, Reply, TestApp};
use serde_json::{Value, json};

pub(crate) const LIBRARIES: &str = "/v1/libraries";
pub(crate) const FILMS: &str = "/v1/films";
pub(crate) const SCREENINGS: &str = "/v1/screenings";
pub(crate) const NOBODYS_ID: &str = "0199c0de-0000-7000-8000-000000000000";

/// So far ahead that the home page of a stage that tests share shows no test's but the one that is about it.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// A library that nobody else shows films in.
pub(crate) async fn library(app: &TestApp, staff: &Client) -> Value {
    made(staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await)
}

/// A film that nobody else shows.
pub(crate) async fn film(app: &TestApp, staff: &Client) -> Value {
    made(staff.post(FILMS, &json!({ "title": app.new_title() })).await)
}

/// A screening of the film in the library.
pub(crate) async fn screening(staff: &Client, library: &Value, film: &Value, starts_at: Timestamp) -> Value {
    made(staff.post(SCREENINGS, &form(library, film, starts_at)).await)
}

/// What announces a screening.
pub(crate) fn form(library: &Value, film: &Value, starts_at: Timestamp) -> Value {
    json!({ "library_id": library["id"], "film_id": film["id"], "starts_at": starts_at.to_string() })
}

fn made(reply: Reply) -> Value {
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply.body
}

/// The path of one thing.
pub(crate) fn path(list: &str, thing: &Value) -> String {
    format!("{list}/{}", text(thing, "id"))
}

pub(crate) fn text<'a>(thing: &'a Value, name: &str) -> &'a str {
    thing[name].as_str().expect("it is text")
}

/// The object with its members replaced by those of the other.
pub(crate) fn with(object: &Value, others: &Value) -> Value {
    let mut object = object.clone();
    for (name, value) in others.as_object().expect("it is an object") {
        object[name] = value.clone();
    }
    object
}

/// All items of a list, page by page. Every page but the last is full.
pub(crate) async fn all(client: &Client, path: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let reply = client.get(&format!("{path}{sign}limit={limit}{cursor}")).await;
        assert_eq!(reply.summary(), "200", "{reply:?}");
        let page = reply.body["items"].as_array().expect("there are items");
        items.extend(page.iter().cloned());
        match reply.body["next_cursor"].as_str() {
            Some(next) => {
                assert_eq!(page.len(), limit, "only the last page is short");
                cursor = format!("&cursor={next}");
            }
            None => return items,
        }
    }
}

/// The places of these things among those, which must be in it once each, or not at all.
pub(crate) fn places(things: &[&Value], items: &[Value]) -> Vec<Option<usize>> {
    let place = |thing: &&Value| {
        let mut found = items.iter().enumerate().filter(|(_, item)| item["id"] == thing["id"]);
        let first = found.next();
        assert!(found.next().is_none(), "{thing} is listed twice");
        first.map(|(place, _)| place)
    };
    things.iter().map(place).collect()
}
