//! `/screenings`.

use campus_domain::Timestamp;
use campus_testkit::{Client, TestApp};
use serde_json::{Value, json};

use super::{
    DAY, FILMS, LIBRARIES, NOBODYS_ID, SCREENINGS, all, film, form, library, path, places, screening, text, with,
};

/// Two libraries, two films, and who shows and sees them.
struct Season {
    app: TestApp,
    staff: Client,
    reader: Client,
    libraries: [Value; 2],
    films: [Value; 2],
}

impl Season {
    async fn new() -> Self {
        let app = TestApp::start().await;
        let (staff, reader) = (app.staff().await, app.reader().await);
        let libraries = [library(&app, &staff).await, library(&app, &staff).await];
        let films = [film(&app, &staff).await, film(&app, &staff).await];
        Self { app, staff, reader, libraries, films }
    }

    fn in_days(&self, days: i64) -> Timestamp {
        self.app.now().plus_seconds(days * DAY)
    }

    /// The first film in the first library.
    async fn screening(&self, starts_at: Timestamp) -> Value {
        screening(&self.staff, &self.libraries[0], &self.films[0], starts_at).await
    }

    /// The screenings of the first film, or with another filter.
    async fn listed(&self, filter: &str) -> Vec<Value> {
        all(&self.reader, &format!("{SCREENINGS}?film_id={}{filter}", text(&self.films[0], "id")), 100).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_22_b2_9_b2_12_a_screening_is_announced_and_shown_with_its_film_and_library() {
    let season = Season::new().await;
    let Season { staff, reader, libraries, films, .. } = &season;
    let others = json!({ "place": "지하 1층 시청각실", "note": "예약 없이\n선착순 40명", "source_id": "2026-11-047" });
    let starts_at = season.in_days(3);
    let sent = with(&form(&libraries[0], &films[0], starts_at), &others);

    let announced = staff.post(SCREENINGS, &sent).await;
    let screening = announced.body.clone();
    assert_eq!(
        (announced.summary().as_str(), announced.header("location")),
        ("201", path(SCREENINGS, &screening).as_str())
    );
    assert_eq!(with(&screening, &others), screening);
    assert_eq!(screening["starts_at"], starts_at.to_string());
    assert_eq!(screening["film"], json!({ "id": films[0]["id"], "title": films[0]["title"] }));
    assert_eq!(screening["library"], json!({ "id": libraries[0]["id"], "name": libraries[0]["name"] }));
    let display_name = format!("{} · {}", text(&films[0], "title"), text(&libraries[0], "name"));
    assert_eq!((text(&screening, "display_name"), &screening["cancelled"]), (display_name.as_str(), &json!(false)));

    let path = path(SCREENINGS, &screening);
    let read = reader.get(&path).await;
    assert_eq!((read.summary().as_str(), &read.body), ("200", &screening));
    assert_eq!(read.header("etag"), text(&screening, "etag"));
    assert_eq!(reader.get_unless(&path, text(&screening, "etag")).await.status, 304);
    assert_eq!(season.listed("").await, [screening]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_10_a_screening_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let path = format!("{SCREENINGS}/{NOBODYS_ID}");
    let note = json!({ "note": "x" });
    for reply in [staff.get(&path).await, staff.patch(&path, &note).await, staff.delete(&path).await] {
        assert_eq!(reply.summary(), "404 screening_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_and_a_library_that_are_not_there_are_told_together() {
    let season = Season::new().await;
    let Season { staff, libraries, films, .. } = &season;
    let nobodys = json!({ "id": NOBODYS_ID });
    let announce =
        async |library: &Value, film: &Value| staff.post(SCREENINGS, &form(library, film, season.in_days(1))).await;
    let (no_film, no_library) = ("/film_id film_unknown".to_owned(), "/library_id library_unknown".to_owned());
    assert_eq!(announce(&nobodys, &nobodys).await.fields(), [no_film.clone(), no_library.clone()]);
    assert_eq!(announce(&nobodys, &films[0]).await.fields(), [no_library.as_str()]);
    assert_eq!(announce(&libraries[0], &nobodys).await.fields(), [no_film.as_str()]);

    // B2.11: what is deleted is not there.
    staff.delete(&path(LIBRARIES, &libraries[0])).await;
    staff.delete(&path(FILMS, &films[0])).await;
    let refused = announce(&libraries[0], &films[0]).await;
    assert_eq!((refused.summary().as_str(), refused.fields()), ("422 validation_failed", vec![no_film, no_library]));
    assert!(season.listed("").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_every_wrong_field_is_told_and_null_only_where_something_may_be_missing() {
    let season = Season::new().await;
    let screening = season.screening(season.in_days(1)).await;
    let path = path(SCREENINGS, &screening);
    let wrong = json!({
        "library_id": 7, "film_id": "x", "starts_at": "2026-11-20 18:00", "place": "", "note": "a".repeat(1001),
        "source_id": "a\tb",
    });
    let told = [
        "/film_id id_format",
        "/library_id wrong_type",
        "/note too_long",
        "/place too_short",
        "/source_id character_not_allowed",
        "/starts_at instant_format",
    ];
    assert_eq!(season.staff.post(SCREENINGS, &wrong).await.fields(), told);
    assert_eq!(
        season.staff.post(SCREENINGS, &json!({})).await.fields(),
        ["/film_id required", "/library_id required", "/starts_at required"]
    );
    let nothing = json!({ "library_id": null, "starts_at": null, "place": null, "note": null, "source_id": null });
    let told = ["/library_id null_not_allowed", "/starts_at null_not_allowed"];
    assert_eq!(season.staff.patch(&path, &nothing).await.fields(), told);
    for bad in ["tomorrow", "2026-11-20", "2026-11-20T18:00:00", "2026-11-20T18:00Z", "20261120T180000Z"] {
        let told = season.staff.patch(&path, &json!({ "starts_at": bad })).await.fields();
        assert_eq!(told, ["/starts_at instant_format"], "{bad}");
    }
    assert_eq!(season.reader.get(&path).await.body, screening, "what is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_39_what_a_client_may_not_set_is_ignored_the_film_of_a_screening_too() {
    let season = Season::new().await;
    let others = json!({
        "id": NOBODYS_ID, "film": {}, "library": 7, "display_name": "x", "cancelled": true, "revision": 9,
        "created_at": "2000-01-01T00:00:00Z", "updated_at": 7, "etag": [], "version": 9,
    });
    let sent = with(&form(&season.libraries[0], &season.films[0], season.in_days(1)), &others);
    let screening = season.staff.post(SCREENINGS, &sent).await.body;
    assert_ne!(screening["id"], NOBODYS_ID);
    assert_eq!(screening["cancelled"], false);
    let read_only = with(&others, &json!({ "film_id": season.films[1]["id"] }));
    assert_eq!(season.staff.patch(&path(SCREENINGS, &screening), &read_only).await.body, screening);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_announcement_is_one_screening() {
    let season = Season::new().await;
    let (key, form) = (season.app.new_key(), form(&season.libraries[0], &season.films[0], season.in_days(1)));
    let first = season.staff.post_with_key(SCREENINGS, &form, &key).await;
    let second = season.staff.post_with_key(SCREENINGS, &form, &key).await;
    assert_eq!((second.header("idempotency-replayed"), &second.body), ("true", &first.body));
    assert_eq!(season.listed("").await, [first.body]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_5_if_match_is_about_what_is_shown_the_names_of_film_and_library_too() {
    let season = Season::new().await;
    let screening = season.screening(season.in_days(1)).await;
    let path_of_screening = path(SCREENINGS, &screening);
    let note = |note: &str| json!({ "note": note });
    season.app.advance(5);
    assert_eq!(season.staff.patch(&path_of_screening, &json!({ "place": null })).await.body, screening);

    let title = season.app.new_title();
    season.staff.patch(&path(FILMS, &season.films[0]), &json!({ "title": title })).await;
    let late = season.staff.patch_if(&path_of_screening, text(&screening, "etag"), &note("x")).await;
    assert_eq!(late.summary(), "412 precondition_failed");

    let seen = season.reader.get(&path_of_screening).await.body;
    assert_eq!((&seen["film"]["title"], &seen["updated_at"]), (&json!(title), &screening["updated_at"]));
    assert_eq!(season.listed("").await, std::slice::from_ref(&seen), "names in lists are read anew, too");
    let changed = season.staff.patch_if(&path_of_screening, text(&seen, "etag"), &note("x")).await.body;
    assert_eq!(changed["note"], "x");
    assert!(text(&changed, "updated_at") > text(&seen, "updated_at"));
    assert_eq!(season.listed("").await, [changed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screening_is_moved_in_time_and_to_another_library() {
    let season = Season::new().await;
    let Season { staff, reader, libraries, .. } = &season;
    let moved = season.screening(season.in_days(1)).await;
    let between = season.screening(season.in_days(2)).await;
    let path_of_moved = path(SCREENINGS, &moved);
    let in_library = async |library: &Value| {
        let items = all(reader, &format!("{SCREENINGS}?library_id={}", text(library, "id")), 100).await;
        items.iter().map(|screening| screening["id"].clone()).collect::<Vec<_>>()
    };

    let starts_at = season.in_days(3).to_string();
    let reply = staff.patch(&path_of_moved, &json!({ "starts_at": starts_at })).await;
    assert_eq!((reply.summary().as_str(), text(&reply.body, "starts_at")), ("200", starts_at.as_str()));
    assert_eq!(season.listed("").await, [between.clone(), reply.body]);

    let there = json!({ "library_id": libraries[1]["id"], "place": "별관" });
    let reply = staff.patch(&path_of_moved, &there).await;
    assert_eq!((&reply.body["library"]["name"], &reply.body["place"]), (&libraries[1]["name"], &there["place"]));
    assert_eq!(in_library(&libraries[0]).await, [between["id"].clone()]);
    assert_eq!(in_library(&libraries[1]).await, [moved["id"].clone()]);
    assert_eq!(season.listed("").await, [between, reply.body]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screening_cannot_be_moved_to_what_is_not_there() {
    let season = Season::new().await;
    let Season { staff, libraries, films, .. } = &season;
    let screening = season.screening(season.in_days(-1)).await;
    let path_of_screening = path(SCREENINGS, &screening);
    staff.delete(&path(LIBRARIES, &libraries[1])).await;
    for unknown in [&json!(NOBODYS_ID), &libraries[1]["id"]] {
        let reply = staff.patch(&path_of_screening, &json!({ "library_id": unknown })).await;
        assert_eq!(reply.fields(), ["/library_id library_unknown"]);
    }
    // What was shown is in the way of no deletion, and cannot come back after it.
    staff.delete(&path(LIBRARIES, &libraries[0])).await;
    staff.delete(&path(FILMS, &films[0])).await;
    let reply = staff.patch(&path_of_screening, &json!({ "starts_at": season.in_days(1).to_string() })).await;
    assert_eq!(reply.fields(), ["/film_id film_unknown", "/library_id library_unknown"]);
    let reply = staff.patch(&path_of_screening, &json!({ "note": "관객 12명" })).await;
    assert_eq!((reply.summary().as_str(), &reply.body["film"]["title"]), ("200", &films[0]["title"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_11_a_cancelled_screening_is_for_staff_alone_and_stays_cancelled() {
    let season = Season::new().await;
    let Season { staff, reader, .. } = &season;
    let screening = season.screening(season.in_days(1)).await;
    let path = path(SCREENINGS, &screening);
    for _ in 0..2 {
        assert_eq!(staff.delete(&path).await.summary(), "204", "cancelled again, it stays cancelled");
    }
    assert_eq!(reader.get(&path).await.summary(), "404 screening_not_found");
    assert!(season.listed("").await.is_empty());
    let seen = staff.get(&path).await;
    assert_eq!((seen.summary().as_str(), &seen.body["cancelled"]), ("200", &json!(true)));

    for change in [json!({ "note": "x" }), json!({ "starts_at": season.in_days(2).to_string() })] {
        assert_eq!(staff.patch(&path, &change).await.summary(), "409 screening_cancelled");
    }
    assert_eq!(staff.patch(&path, &seen.body).await.body, seen.body, "nothing is changed by that");
}

#[tokio::test(flavor = "multi_thread")]
async fn screenings_are_listed_by_time_and_all_filters_hold_together() {
    let season = Season::new().await;
    let Season { staff, reader, libraries: [here, there], films: [one, other], .. } = &season;
    let past = screening(staff, here, one, season.in_days(-1)).await;
    let third = screening(staff, here, one, season.in_days(30)).await;
    let first = screening(staff, there, one, season.in_days(10)).await;
    let second = screening(staff, here, other, season.in_days(20)).await;

    let own = |things: &[&Value]| things.iter().map(|thing| text(thing, "id").to_owned()).collect::<Vec<_>>();
    let everyones = [&past, &first, &second, &third];
    let list = async |filter: String| {
        let items = all(reader, &format!("{SCREENINGS}?{filter}"), 100).await;
        let mine = items.iter().filter(|item| everyones.iter().any(|own| own["id"] == item["id"]));
        mine.map(|item| text(item, "id").to_owned()).collect::<Vec<_>>()
    };
    let (film, library) = (format!("film_id={}", text(one, "id")), format!("library_id={}", text(here, "id")));
    let from = |days: i64| format!("from={}", season.in_days(days));
    let to = |days: i64| format!("to={}", season.in_days(days));

    assert_eq!(list(to(40)).await, own(&[&first, &second, &third]), "from now on");
    assert_eq!(list(format!("{}&{}", from(-2), to(40))).await, own(&everyones));
    assert_eq!(list(format!("{}&{}", from(15), to(25))).await, own(&[&second]));
    assert_eq!(list(film.clone()).await, own(&[&first, &third]));
    assert_eq!(list(library.clone()).await, own(&[&second, &third]));
    assert_eq!(list(format!("{film}&{library}")).await, own(&[&third]));
    assert_eq!(list(format!("{film}&{library}&{}", from(-2))).await, own(&[&past, &third]));
    assert_eq!(list(format!("{film}&{library}&{}", to(20))).await, own(&[]));
    assert_eq!(list(format!("film_id={NOBODYS_ID}")).await, own(&[]));
    assert_eq!(list(to(-1)).await, own(&[]), "nothing begins from now on until yesterday");

    // Both ends are included.
    let at = text(&second, "starts_at");
    assert_eq!(list(format!("from={at}&to={at}")).await, own(&[&second]));
    let items = all(reader, &format!("{SCREENINGS}?{}", from(-2)), 100).await;
    assert!(places(&everyones, &items).is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_the_whole_day_in_seoul() {
    let season = Season::new().await;
    // Half past midnight, and half an hour before the next.
    let early = season.screening(Timestamp::parse("2031-05-05T00:30:00+09:00").expect("it is an instant")).await;
    let late = season.screening(Timestamp::parse("2031-05-05T23:30:00+09:00").expect("it is an instant")).await;
    for (filter, expected) in [
        ("from=2031-05-05&to=2031-05-05", vec![&early, &late]),
        ("from=2031-05-05", vec![&early, &late]),
        ("from=2031-05-06", vec![]),
        ("to=2031-05-04", vec![]),
        ("to=2031-05-05T00:30:00%2B09:00", vec![&early]),
        ("from=2031-05-05T00:30:01%2B09:00&to=2031-05-05", vec![&late]),
    ] {
        let listed = season.listed(&format!("&{filter}")).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_38_an_end_before_the_beginning_is_refused_and_the_other_way_round_is_not() {
    let app = TestApp::start().await;
    let reader = app.reader().await;
    let told = async |query: &str| {
        let reply = reader.get(&format!("{SCREENINGS}?{query}")).await;
        (reply.status, reply.fields())
    };
    let refused = (422, vec!["query:to ends_before_start".to_owned()]);
    for backward in [
        "from=2031-05-06&to=2031-05-05",
        "from=2031-05-05T09:00:01Z&to=2031-05-05T09:00:00Z",
        "from=2031-05-06T00:00:00%2B09:00&to=2031-05-05",
    ] {
        assert_eq!(told(backward).await, refused, "{backward}");
    }
    for forward in [
        "from=2031-05-05&to=2031-05-06",
        "from=2031-05-05&to=2031-05-05",
        "from=2031-05-05T09:00:00Z&to=2031-05-05T09:00:00Z",
        "from=2031-05-05T23:59:59%2B09:00&to=2031-05-05",
        "to=2001-01-01",
    ] {
        assert_eq!(told(forward).await, (200, vec![]), "{forward}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_8_wrong_filters_are_told_together_and_unknown_ones_are_400() {
    let app = TestApp::start().await;
    let reader = app.reader().await;
    let reply = reader.get(&format!("{SCREENINGS}?film_id=7&library_id=&from=tomorrow&to=2026-02-30&limit=0")).await;
    let told = [
        "query:film_id id_format",
        "query:from moment_format",
        "query:library_id id_format",
        "query:limit out_of_range",
        "query:to moment_format",
    ];
    assert_eq!(reply.fields(), told);
    assert_eq!(reader.get(&format!("{SCREENINGS}?film=7")).await.summary(), "400 unknown_query_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_stable_while_it_is_read_though_time_goes_on() {
    let season = Season::new().await;
    let mut screenings = Vec::new();
    for hours in 1..=5 {
        screenings.push(season.screening(season.in_days(1).plus_seconds(hours * 60)).await);
    }
    for limit in [1, 2, 5, 6] {
        let path = format!("{SCREENINGS}?film_id={}", text(&season.films[0], "id"));
        assert_eq!(all(&season.reader, &path, limit).await, screenings, "{limit}");
    }

    let list = format!("{SCREENINGS}?film_id={}&limit=2", text(&season.films[0], "id"));
    let cursor = season.reader.get(&list).await.text("/next_cursor");
    // Meanwhile one comes before the place, and one is moved there from behind it.
    season.screening(season.in_days(1)).await;
    let earlier = json!({ "starts_at": season.in_days(1).to_string() });
    season.staff.patch(&path(SCREENINGS, &screenings[4]), &earlier).await;
    let second = season.reader.get(&format!("{list}&cursor={cursor}")).await;
    assert_eq!(second.body["items"], json!(screenings[2..4]));
    assert_eq!(second.body["next_cursor"], Value::Null);

    let other_filter = season.reader.get(&format!("{list}&to=2031-05-05&cursor={cursor}")).await;
    assert_eq!(other_filter.summary(), "400 cursor_invalid");
}

/// The place that a cursor leads to may be over when it is used.
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_from_before_a_screening_began_goes_on_behind_it() {
    let season = Season::new().await;
    let first = season.screening(season.app.now().plus_seconds(60)).await;
    let second = season.screening(season.app.now().plus_seconds(300)).await;
    let list = format!("{SCREENINGS}?film_id={}&limit=1", text(&season.films[0], "id"));
    let page = season.reader.get(&list).await;
    assert_eq!(page.body["items"], json!([first]));
    season.app.advance(120);
    let page = season.reader.get(&format!("{list}&cursor={}", page.text("/next_cursor"))).await;
    assert_eq!((page.summary().as_str(), &page.body["items"]), ("200", &json!([second])));
    assert_eq!(season.listed("").await, [second], "a list that begins now leaves out what has begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_17_an_instant_is_read_in_any_offset_and_shown_in_utc() {
    let season = Season::new().await;
    let form = with(
        &form(&season.libraries[0], &season.films[0], season.in_days(1)),
        &json!({ "starts_at": "2031-05-05T18:00:00.9+09:00" }),
    );
    assert_eq!(season.staff.post(SCREENINGS, &form).await.body["starts_at"], "2031-05-05T09:00:00Z");
}
