//! `/libraries`.

use campus_testkit::{Client, TestApp};
use serde_json::{Value, json};

use super::{DAY, LIBRARIES, NOBODYS_ID, SCREENINGS, all, film, library, path, places, screening, text, with};

/// A form with every field.
fn whole(app: &TestApp) -> Value {
    json!({
        "name": app.new_title(),
        "address": "서울특별시 서대문구 한빛로 1",
        "programme_url": "https://library.example/films",
    })
}

async fn add(staff: &Client, form: &Value) -> Value {
    let reply = staff.post(LIBRARIES, form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply.body
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_22_b2_9_b2_11_a_library_is_added_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let form = whole(&app);

    let added = staff.post(LIBRARIES, &form).await;
    let library = added.body.clone();
    assert_eq!(added.summary(), "201");
    assert_eq!(added.header("location"), path(LIBRARIES, &library));
    assert_eq!(with(&library, &form), library, "all that was sent is shown");
    assert_eq!((&library["display_name"], &library["deleted"]), (&form["name"], &json!(false)));
    assert_eq!(library["created_at"], library["updated_at"]);

    let path = path(LIBRARIES, &library);
    let read = reader.get(&path).await;
    assert_eq!((read.summary().as_str(), &read.body), ("200", &library));
    assert_eq!(read.header("etag"), text(&library, "etag"));
    assert_eq!(reader.get_unless(&path, text(&library, "etag")).await.status, 304);

    let name = app.new_title();
    let changed = staff.patch(&path, &json!({ "name": name, "address": null })).await;
    assert_eq!(changed.summary(), "200");
    let expected = json!({
        "name": name, "display_name": name, "address": null, "etag": changed.body["etag"],
        "updated_at": changed.body["updated_at"],
    });
    assert_eq!(changed.body, with(&library, &expected));
    assert_eq!(reader.get(&path).await.body, changed.body);

    let deleted = staff.delete(&path).await;
    assert_eq!((deleted.summary().as_str(), &deleted.body), ("204", &Value::Null));
    assert_eq!(reader.get(&path).await.summary(), "404 library_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_10_a_library_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let path = format!("{LIBRARIES}/{NOBODYS_ID}");
    let name = json!({ "name": app.new_title() });
    for reply in [staff.get(&path).await, staff.patch(&path, &name).await, staff.delete(&path).await] {
        assert_eq!(reply.summary(), "404 library_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_39_what_a_client_may_not_set_is_ignored() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let name = app.new_title();
    let others = json!({
        "id": NOBODYS_ID, "display_name": "x", "deleted": true, "created_at": "2000-01-01T00:00:00Z",
        "updated_at": 7, "etag": [], "version": 9,
    });
    let library = add(&staff, &with(&json!({ "name": name }), &others)).await;
    assert_ne!(library["id"], NOBODYS_ID);
    assert_eq!((&library["name"], &library["deleted"]), (&json!(name), &json!(false)));
    let read_only = with(&others, &json!({ "deleted": false }));
    assert_eq!(staff.patch(&path(LIBRARIES, &library), &read_only).await.body, library);
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_every_wrong_field_is_told_and_null_only_where_something_may_be_missing() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let library = add(&staff, &whole(&app)).await;
    let path = path(LIBRARIES, &library);
    let wrong = json!({ "name": " ", "address": "가".repeat(201), "programme_url": "javascript:alert(1)" });
    let told = ["/address too_long", "/name too_short", "/programme_url url_format"];
    for reply in [staff.post(LIBRARIES, &wrong).await, staff.patch(&path, &wrong).await] {
        assert_eq!((reply.status, reply.fields()), (422, told.map(str::to_owned).to_vec()));
    }
    assert_eq!(staff.post(LIBRARIES, &json!({})).await.fields(), ["/name required"]);
    let nothing = json!({ "name": null, "address": null, "programme_url": null, "deleted": null });
    let told = ["/deleted null_not_allowed", "/name null_not_allowed"];
    assert_eq!(staff.patch(&path, &nothing).await.fields(), told);
    assert_eq!(staff.get(&path).await.body, library, "what is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_5_a_change_moves_updated_at_and_the_tag_and_none_moves_neither() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let library = add(&staff, &whole(&app)).await;
    let path = path(LIBRARIES, &library);
    app.advance(5);
    assert_eq!(staff.patch(&path, &library).await.body, library);
    let changed = staff.patch(&path, &json!({ "address": "부산" })).await.body;
    assert!(text(&changed, "updated_at") > text(&library, "updated_at"));
    assert_eq!(changed["created_at"], library["created_at"]);
    assert_ne!(changed["etag"], library["etag"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_refuses_a_change_of_a_library_that_has_changed_since() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let library = add(&staff, &whole(&app)).await;
    let path = path(LIBRARIES, &library);
    let seen = text(&library, "etag");
    let address = |address: &str| json!({ "address": address });
    assert_eq!(staff.patch_if(&path, seen, &address("부산")).await.summary(), "200");
    assert_eq!(staff.patch_if(&path, seen, &address("대구")).await.summary(), "412 precondition_failed");
    assert_eq!(staff.get(&path).await.body["address"], "부산");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_11_staff_see_a_deleted_library_and_restore_it() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let library = library(&app, &staff).await;
    let path = path(LIBRARIES, &library);
    let is_listed = async || places(&[&library], &all(&reader, LIBRARIES, 100).await) != [None];
    assert!(is_listed().await);

    assert_eq!(staff.patch(&path, &json!({ "deleted": true })).await.fields(), ["/deleted unknown_value"]);
    for _ in 0..2 {
        assert_eq!(staff.delete(&path).await.summary(), "204", "deleted again, it stays deleted");
    }
    let seen = staff.get(&path).await;
    assert_eq!((seen.summary().as_str(), &seen.body["deleted"]), ("200", &json!(true)));
    assert!(!is_listed().await);

    // It stays out of the list whatever is changed about it.
    let changed = staff.patch(&path, &json!({ "address": "부산", "deleted": true })).await;
    assert_eq!((changed.summary().as_str(), &changed.body["deleted"]), ("200", &json!(true)));
    assert!(!is_listed().await);

    let restored = staff.patch(&path, &json!({ "deleted": false })).await;
    assert_eq!((restored.summary().as_str(), &restored.body["deleted"]), ("200", &json!(false)));
    assert_eq!(reader.get(&path).await.body, restored.body);
    assert!(is_listed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_with_screenings_to_come_cannot_be_deleted() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let path_of_library = path(LIBRARIES, &library);
    screening(&staff, &library, &film, app.now().plus_seconds(-DAY)).await;
    let coming = screening(&staff, &library, &film, app.now().plus_seconds(DAY)).await;

    assert_eq!(staff.delete(&path_of_library).await.summary(), "409 library_in_use");
    assert_eq!(staff.get(&path_of_library).await.body, library);

    assert_eq!(staff.delete(&path(SCREENINGS, &coming)).await.summary(), "204");
    assert_eq!(staff.delete(&path_of_library).await.summary(), "204", "one that was shown is in nobody's way");
}

#[tokio::test(flavor = "multi_thread")]
async fn libraries_are_listed_by_name_page_by_page() {
    let app = TestApp::start().await;
    let (staff, reader) = (app.staff().await, app.reader().await);
    let name = app.new_title();
    let mut added = Vec::new();
    for end in [" 나", " 가", " B", " a", "", " 가"] {
        added.push(add(&staff, &json!({ "name": format!("{name}{end}") })).await);
    }
    let [b, a, latin_b, latin_a, plain, a_again] = added.iter().collect::<Vec<_>>()[..] else { unreachable!() };
    for limit in [3, 100] {
        let items = all(&reader, LIBRARIES, limit).await;
        let found = places(&[plain, latin_a, latin_b, a, a_again, b], &items);
        assert!(found.is_sorted() && found.iter().all(Option::is_some), "{found:?}");
        assert_eq!(items[found[1].expect("it is there")], *latin_a);
    }

    let renamed = staff.patch(&path(LIBRARIES, b), &json!({ "name": format!("{name} 0") })).await.body;
    let found = places(&[plain, &renamed, latin_a], &all(&reader, LIBRARIES, 100).await);
    assert!(found.is_sorted() && found.iter().all(Option::is_some), "{found:?}");
}
