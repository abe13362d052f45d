//! `/home` and `/admin/home`.

use campus_testkit::{Reply, TestApp, eventually};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{SCREENINGS, film, library, path, screening};

const HOME: &str = "/v1/home";
const ADMIN_HOME: &str = "/v1/admin/home";

/// There is one home page, also for the tests of a stage that they share.
static PAGE: Mutex<()> = Mutex::const_new(());

fn banner(number: usize) -> Value {
    json!({ "title": format!("배너 {number}"), "image_url": "https://library.example/banner.jpg", "url": null })
}

fn link(number: usize) -> Value {
    json!({ "title": format!("링크 {number}"), "url": format!("https://library.example/{number}") })
}

fn page(banners: usize, links: usize) -> Value {
    let banners: Vec<Value> = (0..banners).map(banner).collect();
    let navigation: Vec<Value> = (0..links).map(link).collect();
    json!({ "banners": banners, "navigation": navigation })
}

/// Whether the reply shows that page.
fn shows(reply: &Reply, page: &Value) -> bool {
    assert_eq!(reply.summary(), "200");
    reply.body["banners"] == page["banners"] && reply.body["navigation"] == page["navigation"]
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_sees_the_home_page_though_nobody_has_signed_in_or_put_anything_there() {
    let app = TestApp::start().await;
    let reply = app.anonymous().get(HOME).await;
    assert_eq!(reply.summary(), "200");
    for part in ["banners", "navigation", "upcoming"] {
        assert!(reply.body[part].is_array(), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_40_the_home_page_has_at_most_7_banners_and_7_links() {
    let _page = PAGE.lock().await;
    let app = TestApp::start().await;
    let (staff, stranger) = (app.staff().await, app.anonymous());
    for (banners, links) in [(0, 0), (1, 2), (7, 7)] {
        let wished = page(banners, links);
        // Another run on the same stage may put another page.
        eventually("the page as it was put", async || {
            let put = staff.put(ADMIN_HOME, &wished).await;
            assert!(shows(&put, &wished), "{put:?}");
            shows(&stranger.get(HOME).await, &wished).then_some(())
        })
        .await;
    }
    for (banners, links, told) in [
        (8, 7, vec!["/banners too_many"]),
        (7, 8, vec!["/navigation too_many"]),
        (8, 8, vec!["/banners too_many", "/navigation too_many"]),
    ] {
        let refused = staff.put(ADMIN_HOME, &page(banners, links)).await;
        assert_eq!(
            (refused.summary().as_str(), refused.fields()),
            ("422 validation_failed", told.iter().map(|&told| told.to_owned()).collect())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_40_the_home_page_may_be_kept_for_a_while_and_is_304_to_whoever_knows_it() {
    let _page = PAGE.lock().await;
    let app = TestApp::start().await;
    let (staff, stranger) = (app.staff().await, app.anonymous());
    let (one, another) = (page(1, 1), page(2, 1));
    // Screenings come and begin meanwhile where tests share a stage.
    eventually("the tag to follow the page", async || {
        staff.put(ADMIN_HOME, &one).await;
        let first = stranger.get(HOME).await;
        assert_eq!(first.header("cache-control"), "public, max-age=60");
        let tag = first.header("etag").to_owned();
        let same = stranger.get_unless(HOME, &tag).await;
        staff.put(ADMIN_HOME, &another).await;
        let other = stranger.get_unless(HOME, &tag).await;
        (same.status == 304 && same.header("etag") == tag && same.body.is_null() && shows(&other, &another))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_put_again_is_as_it_was() {
    let _page = PAGE.lock().await;
    let app = TestApp::start().await;
    let staff = app.staff().await;
    eventually("the page to stay", async || {
        let first = staff.put(ADMIN_HOME, &page(1, 0)).await;
        app.advance(5);
        let second = staff.put(ADMIN_HOME, &page(1, 0)).await;
        let third = staff.put(ADMIN_HOME, &page(0, 1)).await;
        (first.body == second.body && third.text("/updated_at") > second.text("/updated_at")).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_refuses_a_page_in_place_of_one_that_has_changed_since() {
    let _page = PAGE.lock().await;
    let app = TestApp::start().await;
    let (staff, stranger) = (app.staff().await, app.anonymous());
    // Another run on the same stage may put another page.
    eventually("the page to be changed by nobody else", async || {
        staff.put(ADMIN_HOME, &page(1, 0)).await;
        let seen = stranger.get(HOME).await.text("/etag").to_owned();
        let first = staff.put_if(ADMIN_HOME, &seen, &page(2, 0)).await;
        let second = staff.put_if(ADMIN_HOME, &seen, &page(3, 0)).await;
        let shown = stranger.get(HOME).await;
        assert_eq!(second.summary(), "412 precondition_failed");
        (first.status == 200
            && first.header("etag") == first.text("/etag")
            && first.body["etag"] == shown.body["etag"]
            && shows(&shown, &page(2, 0)))
        .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_every_wrong_part_of_the_page_is_told() {
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let wrong = json!({
        "banners": [banner(0), { "title": "", "image_url": "banner.jpg" }],
        "navigation": [{ "title": "가".repeat(41), "url": "ftp://library.example" }, { "title": "x" }],
    });
    let told = [
        "/banners/1/image_url url_format",
        "/banners/1/title too_short",
        "/navigation/0/title too_long",
        "/navigation/0/url url_format",
        "/navigation/1/url required",
    ];
    assert_eq!(staff.put(ADMIN_HOME, &wrong).await.fields(), told);
    assert_eq!(staff.put(ADMIN_HOME, &json!({})).await.fields(), ["/banners required", "/navigation required"]);
    let nothing = json!({ "banners": null, "navigation": {} });
    let told = ["/banners null_not_allowed", "/navigation wrong_type"];
    assert_eq!(staff.put(ADMIN_HOME, &nothing).await.fields(), told);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_shows_the_next_screenings_by_time_and_20_at_most() {
    let app = TestApp::start().await;
    let (staff, stranger) = (app.staff().await, app.anonymous());
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let now = app.now();
    let next = screening(&staff, &library, &film, now.plus_seconds(40)).await;
    let cancelled = screening(&staff, &library, &film, now.plus_seconds(30)).await;
    let over = screening(&staff, &library, &film, now.plus_seconds(-1)).await;
    staff.delete(&path(SCREENINGS, &cancelled)).await;
    let upcoming = stranger.get(HOME).await.body["upcoming"].as_array().expect("there are some").clone();
    assert!(upcoming.contains(&next), "as it is shown elsewhere");
    assert!(upcoming.iter().all(|shown| shown["id"] != cancelled["id"] && shown["id"] != over["id"]));

    for minutes in 1..=20 {
        screening(&staff, &library, &film, now.plus_seconds(60 * minutes)).await;
    }
    let upcoming = stranger.get(HOME).await.body["upcoming"].as_array().expect("there are some").clone();
    assert_eq!(upcoming.len(), 20);
    assert!(upcoming.is_sorted_by_key(|screening| screening["starts_at"].as_str().map(str::to_owned)));
    // Whoever shares the stage is left with a page of their own.
    for left in upcoming.iter().filter(|screening| screening["film"]["id"] == film["id"]) {
        staff.delete(&path(SCREENINGS, left)).await;
    }
}
