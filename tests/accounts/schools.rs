//! `/schools`, and the schools that accounts belong to.

use campus_domain::SchoolId;
use campus_messages::SchoolCard;
use campus_store::Store;
use campus_testkit::{Client, Reply, SignUp, TestApp, counts, race};
use serde_json::{Value, json};

use crate::screenings::{NOBODYS_ID, all, path, places, text, with};

pub(crate) const SCHOOLS: &str = "/v1/schools";

/// What is told of a school, and nothing else.
const LISTED: [&str; 8] =
    ["created_at", "deleted", "display_name", "email_domains", "etag", "id", "name", "updated_at"];

/// A form with every field.
fn whole(app: &TestApp) -> Value {
    json!({ "name": app.new_title(), "email_domains": ["hanbit.example", "student.hanbit.example"] })
}

async fn add(staff: &Client, form: &Value) -> Value {
    let reply = staff.post(SCHOOLS, form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply.body
}

/// A school of a name that no other has.
pub(crate) async fn school(app: &TestApp, staff: &Client) -> Value {
    add(staff, &json!({ "name": app.new_title() })).await
}

/// Someone new signs up as a member of the school.
async fn sign_up_at(app: &TestApp, school: &Value) -> Reply {
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("school_id", text(school, "id"));
    app.anonymous().post("/v1/users", &form.0).await
}

/// What an account's owner is told of their school.
fn as_member(school: &Value) -> Value {
    json!({ "id": school["id"], "name": school["name"], "verified": false })
}

/// What other domains read of a school.
async fn card(app: &TestApp, school: &Value) -> Option<SchoolCard> {
    let id = SchoolId::parse(text(school, "id")).expect("it is an id");
    Store::new(&app.clients).find(&SchoolCard::key_of(id)).await.expect("the card can be read")
}

async fn has_card(app: &TestApp, school: &Value) -> bool {
    card(app, school).await.is_some_and(|card| school["name"] == card.name.as_str())
}

/// The schools whose names begin so.
async fn found(client: &Client, prefix: &str) -> Vec<Value> {
    all(client, &format!("{SCHOOLS}?prefix={}", encoded(prefix)), 100).await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Full-width forms of what is ASCII and no space, in capitals.
fn wide(text: &str) -> String {
    let widened = |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0) } else { None };
    text.to_uppercase().chars().map(|c| widened(c).unwrap_or(c)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_22_b2_3_a_school_is_added_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let (staff, anyone) = (app.staff().await, app.anonymous());
    let form = whole(&app);

    let added = staff.post(SCHOOLS, &form).await;
    let school = added.body.clone();
    assert_eq!(added.summary(), "201");
    assert_eq!(added.header("location"), path(SCHOOLS, &school));
    assert_eq!(with(&school, &form), school, "all that was sent is shown");
    assert_eq!((&school["display_name"], &school["deleted"]), (&form["name"], &json!(false)));
    assert!(has_card(&app, &school).await);

    let path = path(SCHOOLS, &school);
    let read = anyone.get(&path).await;
    assert_eq!((read.summary().as_str(), &read.body), ("200", &school));
    assert_eq!(read.header("etag"), text(&school, "etag"));
    assert_eq!(anyone.get_unless(&path, text(&school, "etag")).await.status, 304);

    let name = app.new_title();
    let changed = staff.patch(&path, &json!({ "name": name, "email_domains": [] })).await;
    assert_eq!(changed.summary(), "200");
    let expected = json!({
        "name": name, "display_name": name, "email_domains": [], "etag": changed.body["etag"],
        "updated_at": changed.body["updated_at"],
    });
    assert_eq!(changed.body, with(&school, &expected));
    assert_eq!(anyone.get(&path).await.body, changed.body);
    assert!(has_card(&app, &changed.body).await);

    let deleted = staff.delete(&path).await;
    assert_eq!((deleted.summary().as_str(), &deleted.body), ("204", &Value::Null));
    assert_eq!(anyone.get(&path).await.summary(), "404 school_not_found");
    assert_eq!(card(&app, &school).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_10_a_school_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let path = format!("{SCHOOLS}/{NOBODYS_ID}");
    let name = json!({ "name": app.new_title() });
    for reply in [
        app.anonymous().get(&path).await,
        staff.get(&path).await,
        staff.patch(&path, &name).await,
        staff.delete(&path).await,
    ] {
        assert_eq!(reply.summary(), "404 school_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_reads_schools_and_staff_alone_writes_them() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path = path(SCHOOLS, &school);
    let form = whole(&app);
    for (client, refusal) in [(app.anonymous(), "401 token_missing"), (app.reader().await, "403 forbidden")] {
        assert_eq!(client.get(&path).await.body, school);
        assert_eq!(found(&client, text(&school, "name")).await, std::slice::from_ref(&school));
        for reply in [client.post(SCHOOLS, &form).await, client.patch(&path, &form).await, client.delete(&path).await] {
            assert_eq!(reply.summary(), refusal);
        }
    }
    assert_eq!(staff.get(&path).await.body, school, "what is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_a_name_is_one_schools_in_any_case_and_width() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (taken, other) = (school(&app, &staff).await, school(&app, &staff).await);
    let name = text(&taken, "name");
    for same in [name.to_owned(), name.to_uppercase(), wide(name), format!("  {name} ")] {
        let form = json!({ "name": same });
        for reply in [staff.post(SCHOOLS, &form).await, staff.patch(&path(SCHOOLS, &other), &form).await] {
            assert_eq!(reply.summary(), "409 school_name_taken", "{same}");
        }
        assert_eq!(found(&staff, name).await, std::slice::from_ref(&taken));
    }
    assert_eq!(staff.get(&path(SCHOOLS, &other)).await.body, other);
    assert!(has_card(&app, &other).await);

    // Its own name it may have in another form.
    let changed = staff.patch(&path(SCHOOLS, &taken), &json!({ "name": name.to_uppercase() })).await;
    assert_eq!((changed.summary(), changed.text("/name")), ("200".to_owned(), name.to_uppercase()));
    assert_eq!(found(&staff, name).await, std::slice::from_ref(&changed.body));
    assert!(has_card(&app, &changed.body).await);

    // A name that was given up is free, for it as for others.
    let renamed = staff.patch(&path(SCHOOLS, &taken), &json!({ "name": app.new_title() })).await;
    assert_eq!(renamed.summary(), "200");
    assert_eq!(staff.patch(&path(SCHOOLS, &other), &json!({ "name": name })).await.summary(), "200");
    assert_eq!(staff.post(SCHOOLS, &json!({ "name": name })).await.summary(), "409 school_name_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_a_name_that_is_longer_than_it_looks_is_unique_too() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    // One character for a sentence of eighteen.
    let name = format!("{} {}", app.new_title(), "\u{fdfa}".repeat(80));
    let school = add(&staff, &json!({ "name": name })).await;
    assert_eq!(staff.post(SCHOOLS, &json!({ "name": name })).await.summary(), "409 school_name_taken");
    assert_eq!(found(&app.anonymous(), &name).await, [school]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_of_twenty_schools_at_once_with_one_name_one_is_added() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let name = app.new_title();
    let race = race(20, async |number| {
        let name = if number % 2 == 0 { name.clone() } else { wide(&name) };
        staff.post(SCHOOLS, &json!({ "name": name })).await
    })
    .await;
    assert_eq!(race.tally(), counts([("201", 1), ("409 school_name_taken", 19)]));
    let winner = &race.only(201).body;
    assert_eq!(found(&app.anonymous(), &name).await, std::slice::from_ref(winner));
    assert!(has_card(&app, winner).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_of_five_schools_that_take_one_name_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let mut schools = Vec::new();
    for _ in 0..5 {
        schools.push(school(&app, &staff).await);
    }
    let name = app.new_title();
    let race = race(5, async |number| staff.patch(&path(SCHOOLS, &schools[number]), &json!({ "name": name })).await);
    let race = race.await;
    assert_eq!(race.tally(), counts([("200", 1), ("409 school_name_taken", 4)]));
    assert_eq!(found(&app.anonymous(), &name).await, std::slice::from_ref(&race.only(200).body));
    for school in schools.iter().filter(|school| school["id"] != race.only(200).body["id"]) {
        assert_eq!(found(&app.anonymous(), text(school, "name")).await, std::slice::from_ref(school));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_a_school_that_is_renamed_five_ways_at_once_keeps_one_name_and_gives_up_the_others() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path = path(SCHOOLS, &school);
    let names: Vec<String> = (0..5).map(|_| app.new_title()).collect();
    let race = race(5, async |number| staff.patch(&path, &json!({ "name": names[number] })).await).await;
    assert_eq!(race.tally(), counts([("200", 5)]));

    let last = staff.get(&path).await.body;
    assert!(has_card(&app, &last).await);
    let free = names.iter().map(String::as_str).chain([text(&school, "name")]).filter(|name| last["name"] != *name);
    for name in free {
        assert_eq!(found(&app.anonymous(), name).await, Vec::<Value>::new());
        add(&staff, &json!({ "name": name })).await;
    }
    assert_eq!(staff.post(SCHOOLS, &json!({ "name": last["name"] })).await.summary(), "409 school_name_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_restoration_and_four_new_schools_with_its_name_at_once_one_succeeds() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path = path(SCHOOLS, &school);
    assert_eq!(staff.delete(&path).await.summary(), "204");
    let race = race(5, async |number| match number {
        0 => staff.patch(&path, &json!({ "deleted": false })).await,
        _ => staff.post(SCHOOLS, &json!({ "name": school["name"] })).await,
    })
    .await;
    let won = race.replies.iter().filter(|reply| reply.status < 300).count();
    assert_eq!((won, race.tally()["409 school_name_taken"]), (1, 4), "{:?}", race.tally());
    assert_eq!(found(&staff, text(&school, "name")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_4_ids_are_uuids_of_which_none_tells_another() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (one, next) = (school(&app, &staff).await, school(&app, &staff).await);
    let random = |school: &Value| {
        let id = SchoolId::parse(text(school, "id")).expect("it is a UUID of version 7");
        // Behind the millisecond, and the version and variant that all have.
        let [.., a, b, c, d, e, f, g] = *id.as_bytes();
        [a, b, c, d, e, f, g]
    };
    assert_ne!(random(&one), random(&next));
    for guess in ["1", "2", "0"] {
        let reply = staff.get(&format!("{SCHOOLS}/{guess}")).await;
        assert_eq!((reply.status, reply.fields()), (422, vec!["path:id id_format".to_owned()]), "{guess}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_5_a_change_moves_updated_at_and_the_tag_and_none_moves_neither() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = add(&staff, &whole(&app)).await;
    let path = path(SCHOOLS, &school);
    assert_eq!(school["created_at"], school["updated_at"]);
    app.advance(5);
    assert_eq!(staff.patch(&path, &school).await.body, school);
    let same = json!({ "email_domains": [" Hanbit.Example", "student.hanbit.example", "hanbit.example"] });
    assert_eq!(staff.patch(&path, &same).await.body, school, "written otherwise, the domains are the same");
    let changed = staff.patch(&path, &json!({ "email_domains": ["hanbit.example"] })).await.body;
    assert!(text(&changed, "updated_at") > text(&school, "updated_at"));
    assert_eq!(changed["created_at"], school["created_at"]);
    assert_ne!(changed["etag"], school["etag"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_40_of_a_school_is_told_what_is_listed_and_nothing_else() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = add(&staff, &whole(&app)).await;
    let path = path(SCHOOLS, &school);
    let changed = staff.patch(&path, &json!({ "email_domains": [] })).await.body;
    let listed = found(&app.anonymous(), text(&school, "name")).await.remove(0);
    for shown in [school, changed, app.anonymous().get(&path).await.body, staff.get(&path).await.body, listed] {
        let fields: Vec<&String> = shown.as_object().expect("it is an object").keys().collect();
        assert_eq!(fields, LISTED);
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
    let school = add(&staff, &with(&json!({ "name": name }), &others)).await;
    assert_ne!(school["id"], NOBODYS_ID);
    assert_eq!((&school["name"], &school["deleted"]), (&json!(name), &json!(false)));
    let read_only = with(&others, &json!({ "deleted": false }));
    assert_eq!(staff.patch(&path(SCHOOLS, &school), &read_only).await.body, school);
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_every_wrong_field_is_told() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = add(&staff, &whole(&app)).await;
    let path = path(SCHOOLS, &school);
    for (wrong, told) in [
        (
            json!({ "name": "가".repeat(101), "email_domains": ["@hanbit.example", "hanbit.example", "hanbit", 7] }),
            vec![
                "/email_domains/0 domain_format",
                "/email_domains/2 domain_format",
                "/email_domains/3 wrong_type",
                "/name too_long",
            ],
        ),
        (
            json!({ "name": " ", "email_domains": "hanbit.example" }),
            vec!["/email_domains wrong_type", "/name too_short"],
        ),
        (
            json!({ "name": "한빛\u{0}", "email_domains": null }),
            vec!["/email_domains null_not_allowed", "/name character_not_allowed"],
        ),
        (
            json!({ "name": null, "email_domains": [null] }),
            vec!["/email_domains/0 null_not_allowed", "/name null_not_allowed"],
        ),
    ] {
        for reply in [staff.post(SCHOOLS, &wrong).await, staff.patch(&path, &wrong).await] {
            assert_eq!((reply.status, reply.fields()), (422, told.iter().map(|told| (*told).to_owned()).collect()));
        }
    }
    assert_eq!(staff.post(SCHOOLS, &json!({})).await.fields(), ["/name required"]);
    assert_eq!(staff.patch(&path, &json!({ "deleted": null })).await.fields(), ["/deleted null_not_allowed"]);
    assert_eq!(staff.get(&path).await.body, school, "what is refused changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn domains_are_kept_as_mail_has_them_each_once_and_twenty_at_most() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let sent =
        ["Student.Hanbit.Example", "한빛.example", "student.hanbit.example", "XN--XX3BR43B.EXAMPLE", "ｂ.example"];
    let school = add(&staff, &json!({ "name": app.new_title(), "email_domains": sent })).await;
    assert_eq!(school["email_domains"], json!(["student.hanbit.example", "xn--xx3br43b.example", "b.example"]));

    let so_many = |count: usize| (0..count).map(|number| format!("d{number}.hanbit.example")).collect::<Vec<_>>();
    let path = path(SCHOOLS, &school);
    let changed = staff.patch(&path, &json!({ "email_domains": so_many(20) })).await;
    assert_eq!((changed.summary().as_str(), &changed.body["email_domains"]), ("200", &json!(so_many(20))));
    let form = json!({ "name": app.new_title(), "email_domains": so_many(21) });
    for reply in [staff.post(SCHOOLS, &form).await, staff.patch(&path, &form).await] {
        assert_eq!((reply.status, reply.fields()), (422, vec!["/email_domains too_many".to_owned()]));
    }
    assert_eq!(staff.get(&path).await.body, changed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_refuses_a_change_of_a_school_that_has_changed_since() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path = path(SCHOOLS, &school);
    let seen = text(&school, "etag");
    let domain = |domain: &str| json!({ "email_domains": [domain] });
    assert_eq!(staff.patch_if(&path, seen, &domain("a.example")).await.summary(), "200");
    assert_eq!(staff.patch_if(&path, seen, &domain("b.example")).await.summary(), "412 precondition_failed");
    assert_eq!(staff.get(&path).await.body["email_domains"], json!(["a.example"]));

    let seen = staff.get(&path).await.text("/etag");
    let race = race(5, async |number| staff.patch_if(&path, &seen, &domain(&format!("c{number}.example"))).await).await;
    assert_eq!(race.tally(), counts([("200", 1), ("412 precondition_failed", 4)]));
    assert_eq!(staff.get(&path).await.body, race.only(200).body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_is_added_twice_under_one_key_is_added_once() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (form, key) = (whole(&app), app.new_key());
    let first = staff.post_with_key(SCHOOLS, &form, &key).await;
    assert_eq!((first.summary().as_str(), first.header("idempotency-replayed")), ("201", ""));
    let again = staff.post_with_key(SCHOOLS, &form, &key).await;
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!((again.summary().as_str(), again.header("idempotency-replayed")), ("201", "true"));
    assert_eq!(found(&staff, first.text("/name").as_str()).await.len(), 1);

    let taken = app.new_key();
    for _ in 0..2 {
        assert_eq!(staff.post_with_key(SCHOOLS, &form, &taken).await.summary(), "409 school_name_taken");
    }
    let other = staff.post_with_key(SCHOOLS, &whole(&app), &key).await;
    assert_eq!(other.summary(), "422 idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_11_staff_see_a_deleted_school_and_restore_it() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let (path, name) = (path(SCHOOLS, &school), text(&school, "name"));
    assert_eq!(staff.patch(&path, &json!({ "deleted": true })).await.fields(), ["/deleted unknown_value"]);
    for _ in 0..2 {
        assert_eq!(staff.delete(&path).await.summary(), "204", "deleted again, it stays deleted");
    }
    let seen = staff.get(&path).await;
    assert_eq!((seen.summary().as_str(), &seen.body["deleted"]), ("200", &json!(true)));
    for client in [app.anonymous(), app.reader().await] {
        assert_eq!(client.get(&path).await.summary(), "404 school_not_found");
    }
    assert_eq!(found(&staff, name).await, Vec::<Value>::new());

    // It stays out of the list whatever is changed about it, and claims no name.
    let changed = staff.patch(&path, &json!({ "email_domains": ["hanbit.example"], "deleted": true })).await;
    assert_eq!((changed.summary().as_str(), &changed.body["deleted"]), ("200", &json!(true)));
    assert_eq!(found(&staff, name).await, Vec::<Value>::new());
    assert_eq!(card(&app, &school).await, None);

    let restored = staff.patch(&path, &json!({ "deleted": false })).await;
    assert_eq!((restored.summary().as_str(), &restored.body["deleted"]), ("200", &json!(false)));
    assert_eq!(app.anonymous().get(&path).await.body, restored.body);
    assert_eq!(found(&app.anonymous(), name).await, [restored.body]);
    assert!(has_card(&app, &school).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_3_b2_11_the_name_of_a_deleted_school_is_free_and_its_restoration_needs_one_that_is() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path_of_first = path(SCHOOLS, &school);
    assert_eq!(staff.delete(&path_of_first).await.summary(), "204");
    let second = add(&staff, &json!({ "name": school["name"] })).await;

    let restored = staff.patch(&path_of_first, &json!({ "deleted": false })).await;
    assert_eq!(restored.summary(), "409 school_name_taken");
    assert_eq!(app.anonymous().get(&path_of_first).await.summary(), "404 school_not_found");
    assert_eq!(found(&app.anonymous(), text(&school, "name")).await, std::slice::from_ref(&second));

    let by_another_name = json!({ "deleted": false, "name": app.new_title() });
    assert_eq!(staff.patch(&path_of_first, &by_another_name).await.summary(), "200");
    assert_eq!(app.anonymous().get(&path_of_first).await.body["name"], by_another_name["name"]);
    assert_eq!(app.anonymous().get(&path(SCHOOLS, &second)).await.body, second);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_school_shows_in_the_accounts_of_its_members() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let signed_up = sign_up_at(&app, &school).await;
    let me = app.anonymous().with_token(signed_up.text("/session/access_token"));
    let before = me.get("/v1/users/me").await;
    assert_eq!(before.body["school"], as_member(&school));

    let renamed = staff.patch(&path(SCHOOLS, &school), &json!({ "name": app.new_title() })).await.body;
    let after = me.get("/v1/users/me").await;
    assert_eq!(after.body["school"], as_member(&renamed));
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_1_nobody_joins_a_deleted_school_and_its_members_have_none_until_it_is_restored() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let school = school(&app, &staff).await;
    let path = path(SCHOOLS, &school);
    let signed_up = sign_up_at(&app, &school).await;
    assert_eq!(signed_up.body["user"]["school"], as_member(&school));
    let me = app.anonymous().with_token(signed_up.text("/session/access_token"));
    let shown = async || {
        let login = json!({ "login": signed_up.text("/user/username"), "password": "drie kleine eendjes" });
        let signed_in = app.anonymous().post("/v1/sessions", &login).await;
        assert_eq!(signed_in.summary(), "201", "{signed_in:?}");
        [
            me.get("/v1/users/me").await.body["school"].clone(),
            me.patch("/v1/users/me", &json!({})).await.body["school"].clone(),
            signed_in.body["user"]["school"].clone(),
        ]
    };
    assert_eq!(staff.delete(&path).await.summary(), "204");
    assert_eq!(shown().await, [Value::Null, Value::Null, Value::Null]);
    let refused = sign_up_at(&app, &school).await;
    assert_eq!((refused.status, refused.fields()), (422, vec!["/school_id school_unknown".to_owned()]));

    assert_eq!(staff.patch(&path, &json!({ "deleted": false })).await.summary(), "200");
    assert_eq!(shown().await, [as_member(&school), as_member(&school), as_member(&school)]);
    assert_eq!(sign_up_at(&app, &school).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn schools_are_found_by_the_beginning_of_their_names_in_any_case_and_width() {
    let app = TestApp::start().await;
    let (staff, anyone) = (app.staff().await, app.anonymous());
    let tag = app.new_title();
    let tag = tag.split(' ').next_back().expect("it has words");
    let mut added = Vec::new();
    for name in [
        format!("{tag} 한빛대학교"),
        format!("{tag} 한빛여자대학교"),
        format!("{tag} 한밭대학교"),
        format!("{tag} Hanbit University"),
        format!("{tag} ＨＡＮＢＩＴ Graduate School"),
        format!("서울 {tag} 한빛대학교"),
    ] {
        added.push(add(&staff, &json!({ "name": name })).await);
    }
    let [university, womens, hanbat, latin, wide_latin, elsewhere] = added.iter().collect::<Vec<_>>()[..] else {
        unreachable!()
    };
    for (prefix, expected) in [
        ("", vec![wide_latin, latin, hanbat, university, womens]),
        (" 한", vec![hanbat, university, womens]),
        (" 한빛", vec![university, womens]),
        // As a keyboard may send it, in letters.
        (" \u{1112}\u{1161}\u{11ab}\u{1107}\u{1175}\u{11be}", vec![university, womens]),
        (" 한빛여", vec![womens]),
        (" 한빛대학교", vec![university]),
        (" 한빛대학교 ", vec![university]),
        (" 한빛대학교서울", vec![]),
        (" 빛", vec![]),
        (" hanbit", vec![wide_latin, latin]),
        (" HANBIT U", vec![latin]),
        (" ｈａｎｂｉｔ　ｇ", vec![wide_latin]),
        (" hanbit%", vec![]),
    ] {
        let expected: Vec<Value> = expected.into_iter().cloned().collect();
        assert_eq!(found(&anyone, &format!("{tag}{prefix}")).await, expected, "{prefix}");
        assert_eq!(found(&anyone, &wide(&format!("{tag}{prefix}"))).await, expected, "{prefix}, wide");
    }
    assert_eq!(found(&anyone, &format!("서울 {tag}")).await, std::slice::from_ref(elsewhere));
    for (prefix, told) in
        [("", "too_short"), (" ", "too_short"), (&"가".repeat(101), "too_long"), ("한\n빛", "character_not_allowed")]
    {
        let reply = anyone.get(&format!("{SCHOOLS}?prefix={}", encoded(prefix))).await;
        assert_eq!((reply.status, reply.fields()), (422, vec![format!("query:prefix {told}")]), "{prefix}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schools_are_listed_by_name_page_by_page_and_changes_meanwhile_move_none() {
    let app = TestApp::start().await;
    let (staff, anyone) = (app.staff().await, app.anonymous());
    let name = app.new_title();
    let mut added = Vec::new();
    for end in [" 라", " 나", " B", " a", "", " 다", " 가"] {
        added.push(add(&staff, &json!({ "name": format!("{name}{end}") })).await);
    }
    let [d, b, latin_b, latin_a, plain, c, a] = added.iter().collect::<Vec<_>>()[..] else { unreachable!() };
    let in_order = [plain, latin_a, latin_b, a, b, c, d].map(Value::clone);
    assert_eq!(found(&anyone, &name).await, in_order);
    assert_eq!(all(&anyone, &format!("{SCHOOLS}?prefix={}", encoded(&name)), 3).await, in_order);
    let everywhere = places(&in_order.iter().collect::<Vec<_>>(), &all(&anyone, SCHOOLS, 100).await);
    assert!(everywhere.is_sorted() && everywhere.iter().all(Option::is_some), "{everywhere:?}");

    let page = async |cursor: &str| {
        let reply = anyone.get(&format!("{SCHOOLS}?prefix={}&limit=3{cursor}", encoded(&name))).await;
        assert_eq!(reply.summary(), "200", "{reply:?}");
        let items = reply.body["items"].as_array().cloned().expect("there are items");
        (items, reply.body["next_cursor"].as_str().map(str::to_owned))
    };
    let (first, cursor) = page("").await;
    assert_eq!(first, in_order[..3]);
    let cursor = cursor.expect("there are more");
    // Before the place: one comes, one goes, and the one that it stands at goes; behind it: one goes.
    add(&staff, &json!({ "name": format!("{name} 0") })).await;
    for gone in [latin_a, latin_b, b] {
        assert_eq!(staff.delete(&path(SCHOOLS, gone)).await.summary(), "204");
    }
    let (second, end) = page(&format!("&cursor={cursor}")).await;
    assert_eq!((second, end), (vec![a.clone(), c.clone(), d.clone()], None));

    for other in [format!("{SCHOOLS}?cursor={cursor}"), format!("{SCHOOLS}?prefix=a&cursor={cursor}")] {
        assert_eq!(anyone.get(&other).await.summary(), "400 cursor_invalid");
    }
}
