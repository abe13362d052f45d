//! What screenings owe to those who wished for their films, and what a list does that is too long to look through.

use std::collections::BTreeSet;

use campus_domain::{FilmId, LibraryId, Line, ScreeningId, Timestamp};
use campus_messages::{Owed, Plan, PlanJob, ScreeningEvent};
use campus_screenings::films::Film;
use campus_screenings::films::store::insert_missing as insert_film;
use campus_screenings::screenings::Screening;
use campus_screenings::screenings::store::insert_missing as insert_screening;
use campus_store::Store;
use campus_testkit::{Client, TestApp};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::screenings::{DAY, FILMS, LIBRARIES, SCREENINGS, film, library, path, screening, text};

/// Which shards of wishes are to be told of a screening, as which revision, for what.
async fn planned(app: &TestApp, screening: &Value) -> BTreeSet<(u32, String, u8)> {
    let plans = app.owed().await.into_iter().filter_map(|item| match item.owed {
        Owed::Plan(PlanJob(Plan::Screening { screening_id, revision, event, shard, after })) => {
            assert_eq!((screening_id.to_string(), after), (text(screening, "id").to_owned(), None));
            Some((revision, event.as_str().to_owned(), shard))
        }
        _ => None,
    });
    plans.collect()
}

fn to_all(revision: u32, event: ScreeningEvent) -> BTreeSet<(u32, String, u8)> {
    (0..4).map(|shard| (revision, event.as_str().to_owned(), shard)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_36_a_screening_that_is_announced_moved_and_cancelled_owes_the_news_to_every_shard_once() {
    let app = TestApp::start_by_hand().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let in_days = |days: i64| app.now().plus_seconds(days * DAY).to_string();
    let screening = screening(&staff, &library, &film, app.now().plus_seconds(DAY)).await;
    let path = path(SCREENINGS, &screening);

    let announced = to_all(1, ScreeningEvent::Announced);
    assert_eq!(planned(&app, &screening).await, announced);
    for quiet in
        [json!({}), json!({ "note": "40명", "source_id": "7" }), json!({ "starts_at": screening["starts_at"] })]
    {
        staff.patch(&path, &quiet).await;
        assert_eq!(planned(&app, &screening).await, announced, "{quiet}");
    }

    let mut owed = announced;
    let moves = [json!({ "starts_at": in_days(2) }), json!({ "place": "별관" }), json!({ "starts_at": in_days(-1) })];
    for (revision, change) in (2..).zip(moves) {
        staff.patch(&path, &change).await;
        owed.extend(to_all(revision, ScreeningEvent::Moved));
        assert_eq!(planned(&app, &screening).await, owed, "{change}");
    }

    // It is over now, wherever it is said to have been.
    staff.patch(&path, &json!({ "place": null })).await;
    assert_eq!(planned(&app, &screening).await, owed);
    staff.patch(&path, &json!({ "starts_at": in_days(3) })).await;
    owed.extend(to_all(6, ScreeningEvent::Moved));
    for _ in 0..2 {
        assert_eq!(staff.delete(&path).await.summary(), "204");
    }
    owed.extend(to_all(7, ScreeningEvent::Cancelled));
    assert_eq!(planned(&app, &screening).await, owed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screening_of_the_past_is_no_news() {
    let app = TestApp::start_by_hand().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let screening = screening(&staff, &library, &film, app.now().plus_seconds(-60)).await;
    assert_eq!(staff.delete(&path(SCREENINGS, &screening)).await.summary(), "204");
    assert!(app.owed().await.is_empty());
}

/// More than a page looks through.
const MANY: u64 = 1100;

/// The pages of a list, as their ids.
async fn pages(client: &Client, path: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}{cursor}")).await;
        assert_eq!(page.summary(), "200", "{page:?}");
        let items = page.body["items"].as_array().expect("there are items");
        pages.push(items.iter().map(|item| item["id"].clone()).collect());
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::parse(text).expect("it is a line")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_meets_a_thousand_other_films_ends_its_page_and_goes_on() {
    let app = TestApp::start_by_hand().await;
    let (store, now, reader) = (Store::new(&app.clients), app.now(), app.reader().await);
    let films = (0..MANY).map(|number| Film {
        id: FilmId::from_parts(number, [7; 10]),
        title: line(&format!("{number:04} {}", if [0, 999, 1050].contains(&number) { "숲" } else { "바다" })),
        original_title: None,
        year: None,
        rating: None,
        running_minutes: None,
        synopsis: None,
        deleted: false,
        created_at: now,
        updated_at: now,
        version: 1,
    });
    stream::iter(films)
        .for_each_concurrent(50, async |film| insert_film(&store, &film).await.expect("it is put"))
        .await;

    let pages = pages(&reader, &format!("{FILMS}?q=숲&limit=20")).await;
    let id = |number: u64| json!(FilmId::from_parts(number, [7; 10]).to_string());
    assert_eq!(pages, [vec![id(0), id(999)], vec![id(1050)]]);
    assert_eq!(self::pages(&reader, &format!("{FILMS}?q=0&limit=100")).await.concat().len(), MANY_WITH_A_ZERO);
}

/// 0000 to 0999 begin with one; of the hundred beyond, all have one in the second place or a later one.
const MANY_WITH_A_ZERO: usize = 1100;

#[tokio::test(flavor = "multi_thread")]
async fn screenings_of_a_film_in_one_library_are_found_among_a_thousand_in_another() {
    let app = TestApp::start_by_hand().await;
    let (store, now, staff) = (Store::new(&app.clients), app.now(), app.staff().await);
    let (here, there, film) = (library(&app, &staff).await, library(&app, &staff).await, film(&app, &staff).await);
    let id_of = |number: u64| ScreeningId::from_parts(number, [7; 10]);
    let screenings = (0..MANY).map(|number| Screening {
        id: id_of(number),
        library_id: LibraryId::parse(text(if [999, 1050].contains(&number) { &here } else { &there }, "id"))
            .expect("it is an id"),
        film_id: FilmId::parse(text(&film, "id")).expect("it is an id"),
        starts_at: starts_at(now, number),
        place: None,
        note: None,
        source_id: None,
        cancelled: false,
        revision: 1,
        revised_at: now,
        created_at: now,
        updated_at: now,
        version: 1,
    });
    stream::iter(screenings)
        .for_each_concurrent(50, async |screening| insert_screening(&store, &screening).await.expect("it is put"))
        .await;

    let both = |library: &Value| {
        format!("{SCREENINGS}?film_id={}&library_id={}&limit=100", text(&film, "id"), text(library, "id"))
    };
    let id = |number: u64| json!(id_of(number).to_string());
    assert_eq!(pages(&staff, &both(&here)).await, [vec![id(999)], vec![id(1050)]]);
    assert_eq!(pages(&staff, &both(&there)).await.concat().len(), 1098);
    // None is there, nor looked for in vain.
    let library = staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await.body;
    assert_eq!(pages(&staff, &both(&library)).await, [vec![], Vec::<Value>::new()]);
}

fn starts_at(now: Timestamp, number: u64) -> Timestamp {
    now.plus_seconds(DAY + i64::try_from(number).expect("it is small") * 60)
}
