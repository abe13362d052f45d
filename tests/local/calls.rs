//! What each function calls on AWS, committed as `infra/calls.txt`; and that no grant is idle.
//!
//! One walk, workers called by hand, passes through everything that functions do in their usual course
//! and, for the grants, in the rarer ones.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use campus_aws::{
    ALERTS_QUEUE, EMAIL_QUEUE, FEEDBACK_QUEUE, KEYS, PLANS_QUEUE, Resource, SHARDS_QUEUE, SMS_QUEUE, Usage,
};
use campus_domain::{FilmId, UserId, kind};
use campus_endpoint::{CaptchaProvider, Invocation};
use campus_local::LocalSystem;
use campus_local::aws::Service;
use campus_local::providers::captcha;
use campus_messages::{AccountEvent, AlertKind, DueAlert};
use campus_screenings::wishes::Wish;
use campus_session::Ring;
use campus_store::{Item, Store};
use campus_testkit::{Client, SignUp, TestApp, code_in};
use serde_json::{Value, json};

use super::account_events::{hear, owe};
use super::account_walk::{account_course, rare_account_courses};
use crate::accounts::exports::path_of_link;
use crate::accounts::schools::SCHOOLS;
use crate::notifications::{alert, notify, queued, two_quiet_hours, unsubscription_path};
use crate::screenings::{FILMS, LIBRARIES, SCREENINGS, film, library, path, screening, text};

const HEADER: &str = "\
# What each function calls on AWS: a line per call, numbered by its place in the longest chain of calls
# that wait for one another (round trips), with DynamoDB's capacity units. Cold is an instance's first
# invocation. Written by the test `each_function_calls_what_is_committed`.
";

#[tokio::test(flavor = "multi_thread")]
async fn each_function_calls_what_is_committed() {
    // Walked twice: see `usual_of`.
    let mut invocations = Vec::new();
    for _ in 0..2 {
        // In a system of its own, whose clock stays as near as it needs.
        let app = TestApp::start_by_hand().await;
        account_course(&app).await;
        invocations.extend(app.system().recorder.invocations());
        let app = TestApp::start_by_hand().await;
        usual_course(&app).await;
        invocations.extend(app.system().recorder.invocations());
    }
    let report = report(&invocations);
    beyond_the_goal(&invocations);

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/calls.txt");
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    if report != committed {
        std::fs::write(&file, &report).expect("the report can be written");
        panic!("what functions call has changed: infra/calls.txt is rewritten; look at the difference and commit it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_grant_is_used_and_every_function_is_walked_through() {
    let app = TestApp::start_by_hand().await;
    usual_course(&app).await;
    rare_courses(&app).await;
    let mut invocations = app.system().recorder.invocations();
    let app = TestApp::start_by_hand().await;
    account_course(&app).await;
    rare_account_courses(&app).await;
    invocations.extend(app.system().recorder.invocations());
    // What is asked of a maker of captchas.
    for maker in [CaptchaProvider::GeetestV3, CaptchaProvider::GeetestV4] {
        let app = TestApp::start_local_with(captcha::settings(maker)).await;
        app.captcha_token().await;
        invocations.extend(app.system().recorder.invocations());
    }

    let mut used: BTreeMap<&str, BTreeSet<Usage>> = BTreeMap::new();
    for invocation in invocations {
        used.entry(invocation.function).or_default().extend(&invocation.used);
    }
    let mut idle = Vec::new();
    // Who may touch nothing has nothing to be walked through.
    for (function, grants) in LocalSystem::grants().into_iter().filter(|(_, grants)| !grants.is_empty()) {
        assert!(used.contains_key(function), "{function} is not walked through: extend the walk");
        for grant in grants {
            for action in grant.actions.iter() {
                if !used[function].contains(&(grant.resource, action)) {
                    idle.push(format!("{function}: {} on {}", action.iam(), grant.resource));
                }
            }
        }
    }
    assert_eq!(idle, Vec::<String>::new(), "these grants allow what nothing does: take them away, or walk through it");
}

/// Two people sign up, one by phone and one by mail, and look at themselves.
async fn usual_course(app: &TestApp) {
    for (username, channel, queue, worker, target) in [
        ("walker_a", "sms", SMS_QUEUE, "send_sms", "+821000000101"),
        ("walker_b", "email", EMAIL_QUEUE, "send_email", "ana@campus.example"),
        ("walker_c", "sms", SMS_QUEUE, "send_sms", "+821000000102"),
        ("walker_d", "email", EMAIL_QUEUE, "send_email", "bo@campus.example"),
    ] {
        let asked = app.ask_for_code(channel, target).await;
        app.relay().await;
        app.work(queue, worker).await;
        let code = code_in(&app.outbox(target).await[0].text);
        let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
        let form = SignUp::with_proof(&proof).with("username", username);
        let signed_up = app.anonymous().post("/v1/users", &form.0).await;
        let me = app.anonymous().with_token(signed_up.text("/session/access_token"));
        me.get("/v1/users/me").await;
        for change in [json!({ "nickname": format!("{username} jr") }), json!({ "name": "김민지" })] {
            me.patch("/v1/users/me", &change).await;
        }
        notifications(app, &me, &signed_up.text("/user/id")).await;
        wishes(app, &me, &json!({ "sms": channel == "sms", "email": channel == "email" })).await;
        exports(app, &me, &signed_up.text("/user/id")).await;
        sessions(app, username).await;
        for body in [
            json!({ "kind": "username", "value": "someone" }),
            json!({ "kind": "phone", "value": "010-0000-0109", "captcha_token": app.captcha_token().await }),
        ] {
            app.anonymous().post("/v1/availability-checks", &body).await;
        }
        app.anonymous().get("/health").await;
        app.anonymous().get("/.well-known/jwks.json").await;
        app.system().call_worker("sweep_outbox", json!({ "id": "tick" })).await.expect("the sweep succeeds");
        season(app).await;
        schools(app).await;
    }
    for _ in 0..2 {
        operators(app).await;
    }
}

/// Staff add a school, look for it, rename it and delete it.
async fn schools(app: &TestApp) {
    let staff = app.staff().await;
    let form = json!({ "name": app.new_title(), "email_domains": ["hanbit.example"] });
    let path = path(SCHOOLS, &staff.post(SCHOOLS, &form).await.body);
    staff.patch(&path, &json!({ "name": app.new_title() })).await;
    for read in [&path, SCHOOLS, &format!("{SCHOOLS}?prefix=x")] {
        staff.get(read).await;
    }
    assert_eq!(staff.delete(&path).await.summary(), "204");
}

/// The day's tick finds nothing to do, and an operator replaces all keys.
async fn operators(app: &TestApp) {
    for name in ["rotate_keys", "revoke_signing_keys"] {
        app.system().call_worker(name, json!({})).await.expect("it succeeds");
    }
    // Until no instance goes by the revoked keys.
    app.advance(26);
}

/// Staff add a library, a film and screenings, change, show and take them away again.
async fn season(app: &TestApp) {
    let staff = app.staff().await;
    let library = staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await.body;
    let film = staff.post(FILMS, &json!({ "title": app.new_title() })).await.body;
    let (library_path, film_path) = (path(LIBRARIES, &library), path(FILMS, &film));
    let screening = screening(&staff, &library, &film, app.now().plus_seconds(3600)).await;
    let screening_path = path(SCREENINGS, &screening);
    staff.patch(&library_path, &json!({ "name": app.new_title() })).await;
    staff.patch(&film_path, &json!({ "title": app.new_title() })).await;
    staff.patch(&screening_path, &json!({ "starts_at": app.now().plus_seconds(7200).to_string() })).await;
    staff.put("/v1/admin/home", &json!({ "banners": [{ "title": "x" }], "navigation": [] })).await;
    let of_both = format!("{SCREENINGS}?film_id={}&library_id={}", text(&film, "id"), text(&library, "id"));
    let search = format!("{FILMS}?q=x");
    for read in
        [&library_path, &film_path, &screening_path, LIBRARIES, FILMS, &search, SCREENINGS, &of_both, "/v1/home"]
    {
        staff.get(read).await;
    }
    for deleted in [screening_path, film_path, library_path] {
        assert_eq!(staff.delete(&deleted).await.summary(), "204");
    }
    staff
        .put("/v1/admin/home", &json!({ "banners": [], "navigation": [{ "title": "x", "url": "https://a.example" }] }))
        .await;
}

/// Someone chooses what to be told, looks into their inbox, tidies it up, and has enough of mails; and a mailbox does
/// not exist.
async fn notifications(app: &TestApp, me: &Client, user_id: &str) {
    me.get("/v1/users/me/notification-preferences").await;
    for preferences in [json!({ "lead_minutes": 30 }), json!({ "kinds": { "screening_reminder": { "email": true } } })]
    {
        me.put("/v1/users/me/notification-preferences", &preferences).await;
    }
    let path = unsubscription_path(app, user_id, AlertKind::ScreeningReminder).await;
    app.anonymous().post(&path, &json!({})).await;

    let ids = [notify(app, user_id, 1).await, notify(app, user_id, 2).await];
    me.get("/v1/notifications").await;
    me.patch(&format!("/v1/notifications/{}", ids[0]), &json!({ "read": true })).await;
    me.put("/v1/notifications/read-marker", &json!({ "up_to": ids[1] })).await;
    me.delete(&format!("/v1/notifications/{}", ids[1])).await;
    me.get("/v1/users/me/deliveries").await;

    app.ask_for_code("email", &format!("bounce+{user_id}@simulator.amazonses.com")).await;
    app.relay().await;
    app.work(EMAIL_QUEUE, "send_email").await;
    app.advance(2);
    app.work(FEEDBACK_QUEUE, "take_mail_feedback").await;
}

/// Someone wishes for a film, is told of it in each way, thinks again, and moves to another zone.
async fn wishes(app: &TestApp, me: &Client, ways: &Value) {
    let staff = app.staff().await;
    let library = staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await.body;
    let film = staff.post(FILMS, &json!({ "title": app.new_title() })).await.body;
    let first = screening(&staff, &library, &film, app.now().plus_seconds(7200)).await;
    let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
    // Two hours before it begins, the reminder is due in a minute.
    let preferences = json!({ "kinds": kinds, "lead_minutes": 119 });
    me.put("/v1/users/me/notification-preferences", &preferences).await;
    let wish = format!("/v1/users/me/wishes/{}", text(&film, "id"));
    assert_eq!(me.put(&wish, &json!({})).await.summary(), "204");
    me.get("/v1/users/me/wishes").await;
    me.patch("/v1/users/me", &json!({ "time_zone": "Asia/Tokyo" })).await;
    told(app).await;
    app.advance(61);
    told(app).await;
    let quiet = json!({ "kinds": kinds, "quiet_hours": two_quiet_hours(app) });
    me.put("/v1/users/me/notification-preferences", &quiet).await;
    staff.patch(&path(SCREENINGS, &first), &json!({ "place": "본관" })).await;
    told(app).await;
    assert_eq!(me.delete(&wish).await.summary(), "204");
}

/// Someone who wishes for a film asks for all that is kept of them, downloads it, and is purged elsewhere.
async fn exports(app: &TestApp, me: &Client, user_id: &str) {
    let staff = app.staff().await;
    let (library, film) = (library(app, &staff).await, film(app, &staff).await);
    let screening = screening(&staff, &library, &film, app.now().plus_seconds(7200)).await;
    let wish = format!("/v1/users/me/wishes/{}", text(&film, "id"));
    assert_eq!(me.put(&wish, &json!({})).await.summary(), "204");
    notify(app, user_id, 3).await;

    let asked = me.post("/v1/users/me/exports", &json!({})).await;
    hear(app).await;
    me.get("/v1/users/me/exports").await;
    let linked = me.get(&format!("/v1/users/me/exports/{}", asked.text("/id"))).await;
    let downloaded = app.anonymous().get(&path_of_link(app, &linked)).await;
    assert_eq!(downloaded.summary(), "200");

    let user_id = UserId::parse(user_id).expect("it is an id");
    owe(app, AccountEvent::Purged { user_id }).await;
    hear(app).await;
    // Lists are as long as without it.
    assert_eq!(staff.delete(&path(SCREENINGS, &screening)).await.summary(), "204");
}

/// Everything that is owed, planned or due is dealt with.
async fn told(app: &TestApp) {
    app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
    app.relay().await;
    for (queue, worker) in
        [(PLANS_QUEUE, "plan_alerts"), (SHARDS_QUEUE, "dispatch_alerts"), (ALERTS_QUEUE, "send_alerts")]
    {
        while queued(app, queue.name) > 0 {
            app.work(queue, worker).await;
        }
    }
}

/// More than one call deals with, of everything that alerts can have many of; and a provider that takes no more.
async fn rare_alerts(app: &TestApp) {
    let staff = app.staff().await;
    let library = staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await.body;
    let film = staff.post(FILMS, &json!({ "title": app.new_title() })).await.body;
    let film_id = FilmId::parse(text(&film, "id")).expect("it is an id");
    for day in 1..=41 {
        screening(&staff, &library, &film, app.now().plus_seconds(day * 24 * 60 * 60)).await;
    }
    let wish = format!("/v1/users/me/wishes/{}", text(&film, "id"));
    assert_eq!(app.reader().await.put(&wish, &json!({})).await.summary(), "204");

    let store = Store::new(&app.clients);
    let mut writes = store.batch_write();
    for number in 0..1001_u64 {
        // Of one shard, as the end of an id says.
        let user_id = UserId::from_parts(number, [0; 10]);
        writes.put(&Wish { id: app.new_id(), user_id, film_id, created_at: app.now() });
    }
    writes.send().await.expect("wishes can be written");
    told(app).await;
    let mut due = Vec::new();
    for number in 0.. {
        let waits = DueAlert::new(alert(app, &UserId::from_parts(1, [1; 10]).to_string(), number), app.now());
        if waits.key().pk == DueAlert::partition(0) {
            due.push(waits);
        }
        if due.len() > 1000 {
            break;
        }
    }
    let mut writes = store.batch_write();
    due.iter().for_each(|due| writes.put(due));
    writes.send().await.expect("alerts can be written");
    told(app).await;
}

/// Someone signs in, refreshes, is made an admin, looks at their devices, ends the others and signs out.
async fn sessions(app: &TestApp, username: &str) {
    let form = json!({ "login": username, "password": "drie kleine eendjes" });
    let lost = app.anonymous().post("/v1/sessions", &form).await;
    let session = app.anonymous().post("/v1/sessions", &form).await;
    let token = json!({ "refresh_token": session.text("/session/refresh_token") });
    app.anonymous().post("/v1/token-refreshes", &token).await;
    let me = app.anonymous().with_token(session.text("/session/access_token"));
    app.system().call_worker("appoint_admin", json!({ "username": username })).await.expect("it succeeds");
    me.get("/v1/sessions").await;
    let end = async |path: &str| me.delete(path).await;
    end(&format!("/v1/sessions/{}", lost.text("/session/id"))).await;
    end("/v1/sessions").await;
    end("/v1/sessions/current").await;
}

/// What happens seldom to sessions: a captcha is used up, an ended one is deleted, a token is used twice, the ring
/// is not there yet.
async fn rare_sessions(app: &TestApp) {
    let sign_in = async || {
        let captcha_token = app.captcha_token().await;
        let form = json!({ "login": "walker_a", "password": "drie kleine eendjes", "captcha_token": captcha_token });
        app.anonymous().post("/v1/sessions", &form).await
    };
    let forget_ring = async || {
        app.advance(26);
        let store = Store::new(&app.clients);
        store.delete(KEYS, &Ring::location()).await.expect("the ring can be deleted");
    };
    forget_ring().await;
    let session = sign_in().await;
    forget_ring().await;
    let token = json!({ "refresh_token": session.text("/session/refresh_token") });
    app.anonymous().post("/v1/token-refreshes", &token).await;
    app.advance(12);
    app.anonymous().post("/v1/token-refreshes", &token).await;
    sign_in().await;
}

/// What happens seldom: a used proof, a provider that refuses, a relay that left something.
async fn rare_courses(app: &TestApp) {
    let (phone, other) = ("+821000000103", "+821000000104");
    let asked = app.ask_for_code("sms", phone).await;
    app.send_sms_by_hand().await;
    let code = code_in(&app.outbox(phone).await[0].text);
    let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
    for _ in 0..2 {
        app.anonymous().post("/v1/users", &SignUp::with_proof(&proof).0).await;
    }

    app.system().state.fail_next(Service::Sns, 1, 400, "InvalidParameter", "no");
    app.ask_for_code("sms", other).await;
    app.send_sms_by_hand().await;
    app.system().state.fail_next(Service::Ses, 1, 400, "MessageRejected", "no");
    app.ask_for_code("email", "cy@campus.example").await;
    app.relay().await;
    app.work(EMAIL_QUEUE, "send_email").await;

    for (channel, target) in [("sms", "+821000000105"), ("email", "di@campus.example")] {
        app.ask_for_code(channel, target).await;
    }
    let staff = app.staff().await;
    let library = staff.post(LIBRARIES, &json!({ "name": app.new_title() })).await.body;
    let film = staff.post(FILMS, &json!({ "title": app.new_title() })).await.body;
    screening(&staff, &library, &film, app.now().plus_seconds(7200)).await;
    owe(app, AccountEvent::Purged { user_id: app.new_id() }).await;
    app.advance(61);
    app.system().call_worker("sweep_outbox", json!({ "id": "tick" })).await.expect("the sweep succeeds");
    rare_sessions(app).await;
    rare_alerts(app).await;
    begin_a_record_at_each(app).await;
    // It is time for the next key.
    app.advance(90 * 24 * 60 * 60);
    app.system().call_worker("rotate_keys", json!({ "id": "tick" })).await.expect("the keys rotate");
}

/// A request under an idempotency key is recorded before its handler writes, whatever the handler says of it.
async fn begin_a_record_at_each(app: &TestApp) {
    let id = app.new_id::<kind::Code>();
    let nothing = "0".repeat(64);
    for (path, body) in [
        ("/v1/captcha-challenges".to_owned(), json!({})),
        (format!("/v1/captcha-challenges/{id}/solutions"), json!({})),
        (format!("/v1/verification-codes/{id}/confirmations"), json!({ "code": "000000" })),
        ("/v1/token-refreshes".to_owned(), json!({ "refresh_token": nothing })),
        ("/v1/users".to_owned(), SignUp::with_proof(&nothing).0),
        (format!("/v1/unsubscriptions/{nothing}"), json!({})),
    ] {
        app.anonymous().post_with_key(&path, &body, "walked through").await;
    }
    let staff = app.staff().await;
    let screening = json!({ "library_id": id, "film_id": id, "starts_at": app.now().to_string() });
    for (path, body) in [
        (LIBRARIES, json!({ "name": "도서관" })),
        (FILMS, json!({ "title": "영화" })),
        (SCREENINGS, screening),
        (SCHOOLS, json!({ "name": "학교" })),
    ] {
        staff.post_with_key(path, &body, "walked through").await;
    }
}

/// Endpoints that take one round trip more than the two for a read and three for a write that are the goal. Each says
/// why in its own file.
const ONE_MORE: [&str; 10] = [
    "create_identity",
    "create_oauth_session",
    "create_password_reset",
    "delete_film",
    "delete_library",
    "get_screening",
    "list_screenings",
    "list_wishes",
    "search_users",
    "update_screening",
];

/// Holds endpoints to the goal for round trips.
fn beyond_the_goal(invocations: &[Invocation]) {
    let mut most: BTreeMap<&str, (bool, u32)> = BTreeMap::new();
    for seen in invocations.iter().filter(|invocation| invocation.status < 300) {
        let Some(route) = seen.route else { continue };
        let (_, trips) = most.entry(seen.function).or_insert((route.method == "GET", 0));
        *trips = seen.round_trips().max(*trips);
    }
    let beyond = most.into_iter().filter(|(_, (is_read, trips))| *trips > if *is_read { 2 } else { 3 });
    let beyond: Vec<_> =
        beyond.map(|(function, (is_read, trips))| (function, trips - if is_read { 2 } else { 3 })).collect();
    assert_eq!(beyond, ONE_MORE.map(|function| (function, 1)));
}

/// The first cold and the second warm invocation of each function that succeeded.
fn report(invocations: &[Invocation]) -> String {
    let mut first: BTreeMap<(&str, bool), Vec<&Invocation>> = BTreeMap::new();
    for invocation in invocations.iter().filter(|invocation| invocation.status < 300) {
        first.entry((invocation.function, !invocation.cold)).or_default().push(invocation);
    }
    let mut report = HEADER.to_owned();
    for ((function, warm), seen) in first {
        let Some(dearest) = usual_of(seen) else { continue };
        let temperature = if warm { "warm" } else { "cold" };
        let units: f64 = dearest.calls.iter().map(|call| call.units).sum();
        writeln!(report, "\n{function} {temperature}: {} round trips, {units} units", dearest.round_trips())
            .expect("memory");
        let mut lines: Vec<String> = dearest
            .calls
            .iter()
            .map(|call| {
                let resources: Vec<String> = call.resources.iter().map(Resource::to_string).collect();
                format!("  {} {} {} {}", call.depth, call.operation, resources.join(", "), call.units)
            })
            .collect();
        // Calls in flight together have no order among themselves.
        lines.sort();
        writeln!(report, "{}", lines.join("\n")).expect("memory");
    }
    report
}

/// The dearest of several: a number's availability costs more than a name's. Of those with as many calls
/// the least deep: on a busy machine a call can be answered before its twin is even asked for.
fn usual_of(seen: Vec<&Invocation>) -> Option<&Invocation> {
    seen.into_iter().max_by_key(|invocation| (invocation.calls.len(), Reverse(invocation.round_trips())))
}
