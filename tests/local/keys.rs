//! Keys that sign: rotation and revocation under load, what instances go by, and the audit of it.
//!
//! Each function has a runtime of its own, with its own cache, so several endpoints are several instances.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::{KEYS, SIGNING_SEED};
use campus_domain::Timestamp;
use campus_session::Ring;
use campus_store::{Store, exists};
use campus_testkit::{Client, Reply, TestApp, eventually};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::accounts::signing_in::{PASSWORD, Person, at_address, person, refresh, session_of, signed_in};
use crate::local::admins::audited;

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
/// People who use the system all the time.
const PEOPLE: u8 = 3;
/// The clock moves so far at a time while they do.
const STEP_SECONDS: u64 = 20;
/// A token that is younger is good by all means, whatever a step adds while it travels.
const GOOD_FOR_SECONDS: i64 = 14 * 60;

/// People at work, and the clock that moves beneath them.
struct Load {
    /// Whether an access token may be refused as invalid. A refresh never may.
    tokens_may_be_refused: AtomicBool,
    is_over: AtomicBool,
    /// Held by whoever is at work; the clock leaps only when nobody is.
    leaping: RwLock<usize>,
    rounds: [AtomicUsize; PEOPLE as usize],
}

impl Load {
    fn new() -> Self {
        Self {
            tokens_may_be_refused: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            leaping: RwLock::new(0),
            rounds: Default::default(),
        }
    }

    /// What one of the people does until the load is over: refreshes, uses the new token and the oldest that is good,
    /// and now and then signs in elsewhere and out again. Everyone has an address of their own.
    async fn work(&self, app: &TestApp, person: &Person, number: u8) {
        let client = at_address(app, number);
        let (mut session, mut leaps) = (signed_in_anew(&client, person).await, 0);
        let mut kept = VecDeque::new();
        for round in 0.. {
            let leapt = self.leaping.read().await;
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            if *leapt != leaps {
                (session, leaps) = (signed_in_anew(&client, person).await, *leapt);
                kept.clear();
            }
            if round % 4 == 3 {
                let elsewhere = signed_in_anew(&client, person).await;
                let elsewhere = client.with_token(elsewhere.text("/session/access_token"));
                self.expect(&elsewhere.get("/v1/users/me").await, "200");
                self.expect(&elsewhere.delete("/v1/sessions/current").await, "204");
            }
            let asked_at = app.now();
            session = refresh(&client, &session.text("/session/refresh_token")).await;
            assert_eq!(session.summary(), "201", "a refresh is never refused: {session:?}");
            kept.push_back((asked_at, session.text("/session/access_token")));
            kept.retain(|(at, _): &(Timestamp, String)| at.seconds_until(app.now()) < GOOD_FOR_SECONDS);
            for (_, token) in kept.front().into_iter().chain(kept.back()) {
                self.expect(&client.with_token(token).get("/v1/users/me").await, "200");
            }
            self.rounds[usize::from(number)].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn expect(&self, reply: &Reply, summary: &str) {
        let is_refused = reply.summary() == "401 token_invalid" && self.tokens_may_be_refused.load(Ordering::Relaxed);
        assert!(reply.summary() == summary || is_refused, "{summary} is expected: {reply:?}");
    }

    /// Moves the clock a step, and waits until everyone has done something since.
    async fn step(&self, app: &TestApp) {
        app.advance(STEP_SECONDS);
        self.everyone_works_on().await;
    }

    async fn everyone_works_on(&self) {
        let done = || self.rounds.each_ref().map(|rounds| rounds.load(Ordering::Relaxed));
        let before = done();
        eventually("everyone to work on", async || {
            done().iter().zip(before).all(|(now, before)| *now >= before + 2).then_some(())
        })
        .await;
    }

    /// Moves the clock to some time, while nobody is at work; then everyone signs in anew.
    async fn leap_to(&self, app: &TestApp, at: Timestamp) {
        let mut leaps = self.leaping.write().await;
        app.advance(u64::try_from(app.now().seconds_until(at)).expect("it lies ahead"));
        *leaps += 1;
        drop(leaps);
        self.everyone_works_on().await;
    }

    /// Moves the clock to two minutes before some time and two minutes over it, step by step, and calls the worker at
    /// each. Returns the published keys as they were, one after the other.
    async fn pass(&self, app: &TestApp, at: Timestamp) -> Vec<BTreeSet<String>> {
        self.leap_to(app, at.plus_seconds(-120)).await;
        let mut published = vec![key_set(app).await];
        while app.now() < at.plus_seconds(120) {
            self.step(app).await;
            rotate(app).await;
            published.push(key_set(app).await);
        }
        published.dedup();
        published
    }
}

async fn signed_in_anew(client: &Client, person: &Person) -> Reply {
    let form = json!({ "login": person.username, "password": PASSWORD, "remember": true });
    let reply = client.post("/v1/sessions", &form).await;
    assert_eq!(reply.summary(), "201", "{reply:?}");
    reply
}

async fn rotate(app: &TestApp) {
    app.system().call_worker("rotate_keys", json!({ "id": "tick" })).await.expect("the keys rotate");
}

async fn revoke(app: &TestApp) {
    let report = app.system().call_worker("revoke_signing_keys", json!({})).await.expect("the command answers");
    assert_eq!(report["outcome"], "done", "{report}");
}

/// The ids of the published keys.
async fn key_set(app: &TestApp) -> BTreeSet<String> {
    let reply = app.anonymous().get("/.well-known/jwks.json").await;
    let keys = reply.body["keys"].as_array().expect("there are keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a key has an id").to_owned()).collect()
}

async fn ring(app: &TestApp) -> Ring {
    let ring = Store::new(&app.clients).find::<Ring>(&Ring::location()).await;
    ring.expect("it can be read").expect("there is a ring")
}

/// The id of the key that signed a reply's access token.
fn signed_by(reply: &Reply) -> String {
    let token = reply.text("/session/access_token");
    let header = token.split('.').next().expect("it has parts");
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).expect("it is base64url");
    let header: Value = serde_json::from_slice(&header).expect("it is JSON");
    header["kid"].as_str().expect("it names its key").to_owned()
}

/// The people, at work while something happens.
async fn under_load(app: &TestApp, load: &Load, happens: impl AsyncFnOnce()) {
    let people = join_all((0..PEOPLE).map(|_| person(app))).await;
    let work = join_all(people.iter().zip(0..).map(|(person, number)| load.work(app, person, number)));
    let happening = async {
        load.everyone_works_on().await;
        happens().await;
        load.is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(work, happening);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_keys_rotate_under_load_no_request_is_refused() {
    let app = TestApp::start_local().await;
    let load = Load::new();
    under_load(&app, &load, async || {
        let (first, began) =
            ring(&app).await.keys.into_iter().map(|(kid, key)| (kid, key.signs_from)).next().expect("one");

        let published = load.pass(&app, began.plus_seconds(89 * DAY)).await;
        assert_eq!(published.len(), 2, "the next key is published: {published:?}");
        assert_eq!(published[0], BTreeSet::from([first.clone()]));
        assert!(published[1].len() == 2 && published[1].contains(&first));
        let second = published[1].iter().find(|kid| **kid != first).expect("the next").clone();
        let signs_from = ring(&app).await.keys[&second].signs_from;
        assert!(app.now().seconds_until(signs_from) >= DAY - 300, "a day before it signs");

        let someone = person(&app).await;
        assert_eq!(signed_by(&session_of(&app, &someone, false).await), first);
        let published = load.pass(&app, signs_from).await;
        assert_eq!(published, [BTreeSet::from([first.clone(), second.clone()])], "the old one is still good");
        assert_eq!(signed_by(&session_of(&app, &someone, false).await), second);

        let published = load.pass(&app, signs_from.plus_seconds(HOUR)).await;
        assert_eq!(published, [BTreeSet::from([first, second.clone()]), BTreeSet::from([second])], "the old one goes");
    })
    .await;
    let entries = audited(&app, "rotate_keys").await;
    let told: Vec<_> = entries.iter().map(|entry| (entry["actor"].clone(), entry["details"].clone())).collect();
    let schedule = json!("schedule");
    assert_eq!(
        told,
        [
            (schedule.clone(), json!({ "published": [2], "removed": [] })),
            (schedule, json!({ "published": [], "removed": [1] })),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_keys_are_refused_within_a_minute_under_load_and_refreshes_go_on() {
    let app = TestApp::start_local().await;
    let load = Load::new();
    under_load(&app, &load, async || {
        let someone = person(&app).await;
        let session = session_of(&app, &someone, false).await;
        let old = signed_in(&app, &session);
        let seen_by = ["/v1/users/me", "/v1/sessions", "/v1/notifications", "/v1/films"];
        for path in seen_by {
            assert_eq!(old.get(path).await.summary(), "200", "{path}");
        }
        let before = key_set(&app).await;

        load.tokens_may_be_refused.store(true, Ordering::Relaxed);
        revoke(&app).await;
        let after = key_set(&app).await;
        assert!(after.len() == 1 && after.is_disjoint(&before), "{after:?} in the place of {before:?}");
        for _ in 0..3 {
            load.step(&app).await;
        }

        for path in seen_by {
            assert_eq!(old.get(path).await.summary(), "401 token_invalid", "{path}");
        }
        let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
        assert_eq!(refreshed.summary(), "201");
        assert!(after.contains(&signed_by(&refreshed)));
        assert_eq!(signed_in(&app, &refreshed).get("/v1/users/me").await.summary(), "200");

        // Whatever was signed before is given up, and from here on nothing is refused.
        load.leap_to(&app, app.now().plus_seconds(60)).await;
        load.tokens_may_be_refused.store(false, Ordering::Relaxed);
        for _ in 0..3 {
            load.step(&app).await;
            rotate(&app).await;
        }
        assert_eq!(key_set(&app).await, after, "nothing publishes a revoked key again");
    })
    .await;
    let entries = audited(&app, "revoke_signing_keys").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (&entries[0]["actor"], &entries[0]["details"]),
        (&json!("operator"), &json!({ "published": [2], "removed": [1] }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_again_and_again_no_epoch_is_ever_used_twice() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let mut seen = key_set(&app).await;
    for epoch in 2..6 {
        revoke(&app).await;
        app.advance(26);
        let signed = signed_by(&session_of(&app, &person, false).await);
        assert!(seen.insert(signed), "a new key signs");
        let ring = ring(&app).await;
        assert_eq!((ring.keys.len(), ring.latest_epoch), (1, epoch));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_rotate_and_revoke_at_once_each_change_is_made_once() {
    let app = TestApp::start_local().await;
    person(&app).await;
    app.advance(u64::try_from(89 * DAY).expect("it is ahead"));
    join_all((0..20).map(|_| rotate(&app))).await;
    let published = ring(&app).await;
    assert_eq!((published.version, published.keys.len()), (2, 2));
    assert_eq!(audited(&app, "rotate_keys").await.len(), 1);

    join_all((0..5).map(|_| revoke(&app))).await;
    let revoked = ring(&app).await;
    assert_eq!((revoked.version, revoked.latest_epoch, revoked.keys.len()), (7, 7, 1));
    assert_eq!(audited(&app, "revoke_signing_keys").await.len(), 5);
}

/// The seed leaked: it is replaced, and the keys are revoked.
#[tokio::test(flavor = "multi_thread")]
async fn after_the_seed_is_replaced_and_the_keys_are_revoked_nothing_of_the_old_seed_is_good_or_published() {
    let app = TestApp::start_local().await;
    let someone = person(&app).await;
    let session = session_of(&app, &someone, false).await;
    // Instances that issue tokens have the old seed cached for five minutes.
    replace_seed(&app, "another seed of sixty-four characters, which nobody else has seen").await;
    revoke(&app).await;
    let after = key_set(&app).await;
    app.advance(26);

    assert_eq!(signed_in(&app, &session).get("/v1/users/me").await.summary(), "401 token_invalid");
    let anew = session_of(&app, &someone, false).await;
    assert!(after.contains(&signed_by(&anew)), "the cached seed is not gone by");
    assert_eq!(signed_in(&app, &anew).get("/v1/users/me").await.summary(), "200");
    let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refreshed.summary(), "401 refresh_token_invalid", "everyone signs in again");
    let refreshed = refresh(&app.anonymous(), &anew.text("/session/refresh_token")).await;
    assert_eq!(refreshed.summary(), "201");
    assert_eq!(key_set(&app).await, after, "nobody has published a key of the old seed");
}

/// As long as nothing is revoked, a replaced seed is taken up by itself, by everyone's instances at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_seed_takes_over_once_and_the_tokens_of_the_old_one_are_good_to_their_end() {
    let app = TestApp::start_local().await;
    let someone = person(&app).await;
    let session = session_of(&app, &someone, false).await;
    app.advance(301);
    replace_seed(&app, "another seed of sixty-four characters, which nobody else has seen").await;
    let anew = session_of(&app, &someone, false).await;
    app.advance(26);
    let refreshed = refresh(&app.anonymous(), &anew.text("/session/refresh_token")).await;
    assert_eq!(refreshed.summary(), "201");
    assert_eq!(signed_by(&refreshed), signed_by(&anew));
    for session in [&session, &anew, &refreshed] {
        assert_eq!(signed_in(&app, session).get("/v1/users/me").await.summary(), "200");
    }
    let ring = ring(&app).await;
    assert_eq!((ring.version, ring.keys.len()), (2, 2));
}

/// A ring that was written before there was a highest epoch goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_ring_of_before_is_rotated_and_revoked_like_any() {
    let app = TestApp::start_local().await;
    person(&app).await;
    let store = Store::new(&app.clients);
    let old = Ring { latest_epoch: 0, ..ring(&app).await };
    store.put(&old, exists()).await.expect("it can be written");
    let forgotten = campus_store::Update::new().remove("latest_epoch");
    store.update(KEYS, &Ring::location(), forgotten, exists()).await.expect("it can be written");
    revoke(&app).await;
    assert_eq!(ring(&app).await.latest_epoch, 2);
}

async fn replace_seed(app: &TestApp, seed: &str) {
    let name = format!("{}{}", app.clients.prefix(), SIGNING_SEED.name);
    app.system().state.replace_secret(&name, seed).expect("the secret can be replaced");
}
