//! The demo data.

use campus_domain::{SchoolId, Timestamp};
use campus_testkit::{SignUp, TestApp, eventually};
use serde_json::json;

use crate::accounts::signing_in::{sign_in, signed_in};
use crate::screenings::{DAY, FILMS, SCREENINGS, all, path};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_has_a_school_to_sign_up_at() {
    let app = TestApp::start_demo().await;
    let id = SchoolId::from_parts(1, [0; 10]).to_string();
    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("school_id", id.as_str());
    let reply = app.anonymous().post("/v1/users", &form.0).await;
    assert_eq!(reply.body["user"]["school"], json!({ "id": id, "name": "한빛대학교", "verified": false }));
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
