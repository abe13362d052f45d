//! `/films`.

use campus_testkit::{Client, TestApp};
use serde_json::{Value, json};

use super::{DAY, FILMS, NOBODYS_ID, SCREENINGS, all, film, library, path, places, screening, text, with};

/// A form with every field.
fn whole(app: &TestApp) -> Value {
    json!({
        "title": app.new_title(),
        "original_title": "Little Forest",
        "year": 2018,
        "rating": "전체관람가",
        "running_minutes": 103,
        "synopsis": "고향으로 돌아온 혜원이\n사계절을 보낸다.",
    })
}

async fn add(staff: &Client, form: &Value) -> Value {
    let reply = staff.post(FILMS, form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply.body
}

/// The titles that a search finds.
async fn found(client: &Client, text: &str) -> Vec<String> {
    let url = reqwest::Url::parse_with_params("http://campus.example", [("q", text)]).expect("it is a URL");
    let items = all(client, &format!("{FILMS}?{}", url.query().expect("there is a query")), 100).await;
    items.iter().map(|film| super::text(film, "title").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_22_b2_9_b2_11_a_film_is_added_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let form = whole(&app);

    let added = staff.post(FILMS, &form).await;
    let film = added.body.clone();
    assert_eq!((added.summary().as_str(), added.header("location")), ("201", path(FILMS, &film).as_str()));
    assert_eq!(with(&film, &form), film, "all that was sent is shown");
    assert_eq!((&film["display_name"], &film["deleted"]), (&form["title"], &json!(false)));

    let path = path(FILMS, &film);
    let read = reader.get(&path).await;
    assert_eq!((read.summary().as_str(), &read.body, read.header("etag")), ("200", &film, text(&film, "etag")));
    assert_eq!(reader.get_unless(&path, text(&film, "etag")).await.status, 304);

    let changes = json!({ "year": 2019, "rating": null, "running_minutes": 104, "synopsis": "사계절." });
    let changed = staff.patch(&path, &changes).await;
    let expected = with(&changes, &json!({ "etag": changed.body["etag"], "updated_at": changed.body["updated_at"] }));
    assert_eq!((changed.summary().as_str(), &changed.body), ("200", &with(&film, &expected)));
    assert_eq!(reader.get(&path).await.body, changed.body);

    assert_eq!(staff.delete(&path).await.summary(), "204");
    assert_eq!(reader.get(&path).await.summary(), "404 film_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_10_a_film_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let path = format!("{FILMS}/{NOBODYS_ID}");
    let title = json!({ "title": app.new_title() });
    for reply in [staff.get(&path).await, staff.patch(&path, &title).await, staff.delete(&path).await] {
        assert_eq!(reply.summary(), "404 film_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_39_what_a_client_may_not_set_is_ignored() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let others = json!({
        "id": NOBODYS_ID, "display_name": "x", "deleted": true, "created_at": "2000-01-01T00:00:00Z",
        "updated_at": 7, "etag": [], "version": 9, "search": "x",
    });
    let film = add(&staff, &with(&json!({ "title": app.new_title() }), &others)).await;
    assert_ne!(film["id"], NOBODYS_ID);
    assert_eq!(film["deleted"], false);
    let read_only = with(&others, &json!({ "deleted": false }));
    assert_eq!(staff.patch(&path(FILMS, &film), &read_only).await.body, film);
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_every_wrong_field_is_told_and_null_only_where_something_may_be_missing() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let film = add(&staff, &whole(&app)).await;
    let path = path(FILMS, &film);
    let wrong = json!({
        "title": "", "original_title": "a\nb", "year": 1887, "rating": "가".repeat(41), "running_minutes": "103",
        "synopsis": " ",
    });
    let told = [
        "/original_title character_not_allowed",
        "/rating too_long",
        "/running_minutes wrong_type",
        "/synopsis too_short",
        "/title too_short",
        "/year out_of_range",
    ];
    for reply in [staff.post(FILMS, &wrong).await, staff.patch(&path, &wrong).await] {
        assert_eq!((reply.status, reply.fields()), (422, told.map(str::to_owned).to_vec()));
    }
    for (field, bad) in [("year", 2101), ("running_minutes", 0), ("running_minutes", 1441)] {
        assert_eq!(staff.patch(&path, &json!({ field: bad })).await.fields(), [format!("/{field} out_of_range")]);
    }
    let nothing = json!({ "title": null, "original_title": null, "year": null, "synopsis": null });
    assert_eq!(staff.patch(&path, &nothing).await.fields(), ["/title null_not_allowed"]);
    assert_eq!(staff.get(&path).await.body, film, "what is refused changes nothing");
    for (field, good) in [("year", 1888), ("year", 2100), ("running_minutes", 1), ("running_minutes", 1440)] {
        assert_eq!(staff.patch(&path, &json!({ field: good })).await.body[field], good);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_5_a_change_moves_updated_at_and_the_tag_and_none_moves_neither() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let film = add(&staff, &whole(&app)).await;
    let path = path(FILMS, &film);
    app.advance(5);
    assert_eq!(staff.patch(&path, &film).await.body, film);
    let changed = staff.patch_if(&path, text(&film, "etag"), &json!({ "year": 2020 })).await.body;
    assert!(text(&changed, "updated_at") > text(&film, "updated_at"));
    let late = staff.patch_if(&path, text(&film, "etag"), &json!({ "year": 2021 })).await;
    assert_eq!(late.summary(), "412 precondition_failed");
    assert_eq!(staff.get(&path).await.body, changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_11_staff_see_a_deleted_film_and_restore_it() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let film = film(&app, &staff).await;
    let (path, title) = (path(FILMS, &film), text(&film, "title"));
    assert_eq!(found(&reader, title).await, [title]);

    assert_eq!(staff.patch(&path, &json!({ "deleted": true })).await.fields(), ["/deleted unknown_value"]);
    for _ in 0..2 {
        assert_eq!(staff.delete(&path).await.summary(), "204", "deleted again, it stays deleted");
    }
    assert_eq!(staff.get(&path).await.body["deleted"], true);
    assert_eq!(staff.patch(&path, &json!({ "year": 2018 })).await.body["deleted"], true);
    assert!(found(&reader, title).await.is_empty());

    let restored = staff.patch(&path, &json!({ "deleted": false })).await;
    assert_eq!((restored.summary().as_str(), &restored.body["deleted"]), ("200", &json!(false)));
    assert_eq!(reader.get(&path).await.body, restored.body);
    assert_eq!(found(&reader, title).await, [title]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_with_screenings_to_come_cannot_be_deleted() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let path_of_film = path(FILMS, &film);
    screening(&staff, &library, &film, app.now().plus_seconds(-DAY)).await;
    let coming = screening(&staff, &library, &film, app.now().plus_seconds(DAY)).await;

    assert_eq!(staff.delete(&path_of_film).await.summary(), "409 film_in_use");
    assert_eq!(staff.get(&path_of_film).await.body, film);

    assert_eq!(staff.delete(&path(SCREENINGS, &coming)).await.summary(), "204");
    assert_eq!(staff.delete(&path_of_film).await.summary(), "204", "one that was shown is in nobody's way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_found_by_a_part_of_either_title_in_any_case_and_width() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let title = app.new_title();
    let word = title.rsplit(' ').next().expect("a title has words").to_owned();
    let other = format!("{title} ２ Ⅲ");
    add(&staff, &json!({ "title": title, "original_title": format!("LE {word}") })).await;
    add(&staff, &json!({ "title": other, "original_title": "Straße" })).await;

    let wide: String = word.chars().filter_map(|c| char::from_u32(u32::from(c) - 0x20 + 0xFF00)).collect();
    for both in [title.clone(), word.clone(), word.to_uppercase(), wide, word[1..].to_owned()] {
        assert_eq!(found(&reader, &both).await, [title.clone(), other.clone()], "{both}");
    }
    for original in [format!("le {word}"), format!("le  {word}")] {
        assert_eq!(found(&reader, &original).await, [title.as_str()], "{original}");
    }
    assert_eq!(found(&reader, &format!("{word} 2 iii")).await, [other]);
    // Not from the end of one title into the other, and no pattern.
    for none in [format!("{word} le"), format!("{word}%"), format!("{word}.*")] {
        assert!(found(&reader, &none).await.is_empty(), "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn films_are_listed_by_title_page_by_page_and_a_cursor_is_good_for_its_own_search() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let title = app.new_title();
    let mut films = Vec::new();
    for end in ["가", "나", "다", "라", "마"] {
        films.push(add(&staff, &json!({ "title": format!("{title} {end}") })).await);
    }
    let search = format!("{FILMS}?q={}", title.rsplit(' ').next().expect("a title has words"));
    for limit in [1, 2, 5, 6] {
        assert_eq!(all(&reader, &search, limit).await, films, "{limit}");
    }
    let found = places(&films.iter().collect::<Vec<_>>(), &all(&reader, FILMS, 100).await);
    assert!(found.is_sorted() && found.iter().all(Option::is_some), "{found:?}");

    // What comes in between moves nothing that was not read yet.
    let first = reader.get(&format!("{search}&limit=2")).await;
    let cursor = first.text("/next_cursor");
    add(&staff, &json!({ "title": format!("{title} 가나") })).await;
    let second = reader.get(&format!("{search}&limit=2&cursor={cursor}")).await;
    assert_eq!(second.body["items"], json!(films[2..4]));

    let foreign = [
        reader.get(&format!("{FILMS}?cursor={cursor}")).await,
        reader.get(&format!("{search}x&cursor={cursor}")).await,
        app.reader().await.get(&format!("{search}&cursor={cursor}")).await,
    ];
    for reply in foreign {
        assert_eq!(reply.summary(), "400 cursor_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_film_is_found_and_listed_by_its_new_title_alone() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let film = film(&app, &staff).await;
    let (old, new) = (text(&film, "title"), app.new_title());
    staff.patch(&path(FILMS, &film), &json!({ "title": new })).await;
    assert!(found(&reader, old).await.is_empty());
    assert_eq!(found(&reader, &new).await, [new.as_str()]);
    assert_eq!(places(&[&film], &all(&reader, FILMS, 100).await).iter().flatten().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_8_a_search_for_nothing_or_by_an_unknown_parameter_is_refused() {
    let app = TestApp::start().await;
    let reader = app.reader().await;
    assert_eq!(reader.get(&format!("{FILMS}?title=x")).await.summary(), "400 unknown_query_parameter");
    assert_eq!(reader.get(&format!("{FILMS}?q=%20")).await.fields(), ["query:q too_short"]);
    let long = "a".repeat(101);
    assert_eq!(reader.get(&format!("{FILMS}?q={long}")).await.fields(), ["query:q too_long"]);
}
