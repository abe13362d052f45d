//! The demo data.

use campus_accounts::schools::{self, School};
use campus_aws::ACCOUNTS;
use campus_domain::{SchoolId, Timestamp};
use campus_messages::SchoolName;
use campus_store::{Item, Store, Update, absent, exists};
use campus_testkit::{SignUp, TestApp, eventually};
use serde_json::json;

use crate::accounts::schools::SCHOOLS;
use crate::accounts::signing_in::{sign_in, signed_in};
use crate::screenings::{DAY, FILMS, SCREENINGS, all, path};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_school_to_sign_up_at() {
    let app = TestApp::start_demo().await;
    let id = SchoolId::from_parts(1, [0; 10]).to_string();
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("school_id", id.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(reply.body["user"]["school"], json!({ "id": id, "name": "한빛대학교", "verified": false }));

    let schools = all(&app.anonymous(), SCHOOLS, 100).await;
    let [school] = &schools[..] else { panic!("not one school but {schools:?}") };
    assert_eq!((&school["id"], &school["email_domains"]), (&json!(id), &json!(["hanbit.example"])));
    // What was seeded can be changed like anything else, and its name is taken.
    let staff = app.staff().await;
    let taken = staff.post(SCHOOLS, &json!({ "name": "한빛대학교" })).await;
    assert_eq!(taken.summary(), "409 school_name_taken");
    assert_eq!(staff.patch(&path(SCHOOLS, school), &json!({ "name": "별빛대학교" })).await.summary(), "200");
    let me = signed_in(&app, &reply).get("/v1/users/me").await;
    assert_eq!(me.body["school"]["name"], "별빛대학교");
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_26_the_school_of_an_older_demo_comes_into_the_list_and_is_then_left_alone() {
    let app = TestApp::start_local().await;
    let store = Store::new(&app.clients);
    let id: SchoolId = app.new_id();
    let school = School {
        id,
        name: SchoolName::parse("한빛대학교").expect("it is a name"),
        email_domains: Vec::new(),
        deleted: false,
        created_at: app.now(),
        updated_at: app.now(),
        version: 1,
    };
    // As it was before schools had lists and versions.
    store.put(&school, absent()).await.expect("it can be written");
    let forget = Update::new().set_or_remove("version", None::<u32>);
    store.update(ACCOUNTS, &school.key(), forget, exists()).await.expect("it can be changed");
    schools::store::insert_missing(&store, &school).await.expect("it can be written");
    let listed = all(&app.anonymous(), SCHOOLS, 100).await;
    assert_eq!((listed.len(), &listed[0]["name"]), (1, &json!("한빛대학교")));

    let staff = app.staff().await;
    let renamed = staff.patch(&path(SCHOOLS, &listed[0]), &json!({ "name": "별빛대학교" })).await.body;
    schools::store::insert_missing(&store, &school).await.expect("it is there");
    let of_that_name =
        School { id: app.new_id(), name: SchoolName::parse("별빛대학교").expect("it is a name"), ..school };
    schools::store::insert_missing(&store, &of_that_name).await.expect("its name is there");
    assert_eq!(all(&app.anonymous(), SCHOOLS, 100).await, [renamed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_37_b3_33_roles_come_with_the_session_and_the_demos_people_can_sign_in() {
    let app = TestApp::start_demo().await;
    let (usernames, password) = campus_local::LocalSystem::demo_users();
    for (username, roles) in usernames.into_iter().zip([3, 2, 1, 1]) {
        let reply = sign_in(&app.anonymous(), username, password).await;
        assert_eq!(reply.summary(), "201", "{username}");
        let user = signed_in(&app, &reply).get("/v1/users/me").await;
        assert_eq!(user.body["roles"].as_array().map(Vec::len), Some(roles), "{username}");
        assert_eq!(user.body["school"], reply.body["user"]["school"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demos_people_can_change_what_they_are_told_of() {
    let app = TestApp::start_demo().await;
    let (usernames, password) = campus_local::LocalSystem::demo_users();
    for username in usernames {
        let client = signed_in(&app, &sign_in(&app.anonymous(), username, password).await);
        let reply = client.put("/v1/users/me/notification-preferences", &json!({ "lead_minutes": 120 })).await;
        assert_eq!(reply.summary(), "200", "{username}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_clock_is_moved_the_demo_tells_of_the_films_that_were_wished_for() {
    let app = TestApp::start_demo().await;
    // Minji's, who wished for two films.
    let phone = "+821000000003";
    eventually("the reminders to be planned", async || app.owed().await.is_empty().then_some(())).await;
    let told = eventually("two reminders", async || {
        app.advance(60 * 60);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        Some(app.outbox(phone).await).filter(|sent| sent.len() >= 2)
    })
    .await;
    assert!(told.iter().all(|sent| sent.text.contains("두 번째 봄") || sent.text.contains("달빛")), "{told:?}");
    // Nothing of what was there when she wished is news to her.
    assert!(told.iter().all(|sent| ["내일 '", "곧 '"].iter().any(|told| sent.text.contains(told))), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_shows_films_in_the_next_two_weeks() {
    let app = TestApp::start_demo().await;
    let home = app.anonymous().get("/v1/home").await;
    let upcoming = home.body["upcoming"].as_array().expect("there are some");
    assert_eq!(upcoming.len(), 6);
    assert!(upcoming.iter().all(|screening| screening["library"]["name"] == "한빛도서관"));
    let last = Timestamp::parse(upcoming[5]["starts_at"].as_str().expect("it is text")).expect("it is an instant");
    assert!(app.now().seconds_until(last) <= 14 * DAY);
    assert!(!home.body["banners"].as_array().expect("there are some").is_empty());

    let staff = app.staff().await;
    assert_eq!(all(&staff, FILMS, 100).await.len(), 3);
    // What was seeded can be changed like anything else.
    let reply = staff.patch(&path(SCREENINGS, &upcoming[0]), &json!({ "place": "별관" })).await;
    assert_eq!(reply.summary(), "200");
    assert_eq!(app.anonymous().get("/v1/home").await.body["upcoming"][0], reply.body);
}
