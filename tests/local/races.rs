//! Many requests at once for what only one may have.

use std::collections::{BTreeMap, BTreeSet};

use campus_aws::{ACCOUNTS, PROFILES, Table};
use campus_domain::Nickname;
use campus_store::{Attributes, Store};
use campus_testkit::{SignUp, TestApp, counts, race};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::accounts::signing_in::{PASSWORD, at_address, person, refresh, session_of, sign_in, signed_in};
use crate::notifications::all_dealt_with;
use crate::screenings::{DAY, FILMS, LIBRARIES, SCREENINGS, all, film, form, library, path, screening};

/// The stored items of a kind.
async fn items(app: &TestApp, kind: &str) -> Vec<Attributes> {
    items_of(app, ACCOUNTS, kind).await
}

#[expect(clippy::disallowed_methods, reason = "a test looks at whole tables")]
async fn items_of(app: &TestApp, table: Table, kind: &str) -> Vec<Attributes> {
    let clients = &app.clients;
    let page = clients.dynamodb.scan().table_name(Store::new(clients).physical(table)).send().await;
    let mut items = page.expect("the table can be read").items.unwrap_or_default();
    items.retain(|item| text(item, "kind") == kind);
    items
}

fn text<'a>(item: &'a Attributes, name: &str) -> &'a str {
    item[name].as_s().expect("it is text")
}

/// Whose the claims of unique things are, sorted.
async fn claimants(app: &TestApp) -> Vec<String> {
    let mut claimants: Vec<_> =
        items(app, "guard").await.iter().map(|guard| text(guard, "user_id").to_owned()).collect();
    claimants.sort();
    claimants
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_15_of_fifty_requests_at_once_for_one_number_one_sends_a_code() {
    let app = TestApp::start_local().await;
    let (client, phone) = (app.anonymous(), app.new_phone());
    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": token }))
        .collect();
    let race = race(50, async |number| client.post("/v1/verification-codes", &forms[number]).await).await;

    assert_eq!(race.tally(), counts([("202", 1), ("429 resend_too_soon", 49)]));
    assert!(race.replies.iter().all(|reply| reply.status == 202 || reply.retry_after() <= 60));
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_of_fifty_sends_at_once_with_one_captcha_one_is_accepted() {
    let app = TestApp::start_local().await;
    let (client, token) = (app.anonymous(), app.captcha_token().await);
    let race = race(50, async |_| {
        let form = json!({ "channel": "sms", "target": app.new_phone(), "purpose": "sign_up", "captcha_token": token });
        client.post("/v1/verification-codes", &form).await
    });
    assert_eq!(race.await.tally(), counts([("202", 1), ("403 captcha_required", 49)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_21_of_fifty_wrong_guesses_at_once_five_are_compared() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let race = race(50, async |_| app.confirm(&id, wrong).await).await;
    assert_eq!(race.tally(), counts([("400 code_mismatch", 5), ("429 guesses_exhausted", 45)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_20_of_fifty_right_guesses_at_once_one_gets_the_proof() {
    let app = TestApp::start_local().await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let mut tally = race(50, async |_| app.confirm(&id, &code).await).await.tally();
    assert_eq!(tally.remove("201"), Some(1));
    tally.remove("410 code_expired");
    tally.remove("429 guesses_exhausted");
    assert_eq!(tally, counts([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_fifty_sign_ups_at_once_with_one_number_one_succeeds() {
    let app = TestApp::start_local().await;
    let (client, phone) = (app.anonymous(), app.new_phone());
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).0;
    let race = race(50, async |_| client.post("/v1/users", &form).await).await;

    assert_eq!(race.tally(), counts([("201", 1), ("409 phone_taken", 49)]));
    let user = race.only(201).text("/user/id");
    assert_eq!(items(&app, "account").await.len(), 1);
    // Number, username and nickname; nothing is left of the others.
    assert_eq!(claimants(&app).await, [user.clone(), user.clone(), user]);
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_fifty_sign_ups_at_once_with_one_username_one_succeeds_and_the_others_may_choose_another() {
    let app = TestApp::start_local().await;
    let client = app.anonymous();
    let phones: Vec<_> = (0..50).map(|_| app.new_phone()).collect();
    let proofs = join_all(phones.iter().map(|phone| app.proof("sms", phone))).await;
    let forms: Vec<_> = proofs.iter().map(|proof| SignUp::with_proof(proof).with("username", "minji_26").0).collect();
    let first = race(50, async |number| client.post("/v1/users", &forms[number]).await).await;

    assert_eq!(first.tally(), counts([("201", 1), ("409 username_taken", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (1, 3));

    let refused = proofs.iter().zip(&first.replies).filter(|(_, reply)| reply.status == 409);
    let forms: Vec<_> = refused.map(|(proof, _)| SignUp::with_proof(proof).0).collect();
    let second = race(forms.len(), async |number| client.post("/v1/users", &forms[number]).await).await;
    assert_eq!(second.tally(), counts([("201", 49)]));
    assert_eq!((items(&app, "account").await.len(), claimants(&app).await.len()), (50, 150));
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_of_twenty_refreshes_at_once_of_one_token_all_get_the_one_successor() {
    let app = TestApp::start().await;
    let session = session_of(&app, &person(&app).await, true).await;
    let (client, token) = (app.anonymous(), session.text("/session/refresh_token"));
    let race = race(20, async |_| refresh(&client, &token).await).await;
    assert_eq!(race.tally(), counts([("201", 20)]));
    let mut successors: Vec<_> = race.replies.iter().map(|reply| reply.text("/session/refresh_token")).collect();
    successors.sort();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_ne!(successors[0], token);
    assert_eq!(refresh(&client, &successors[0]).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_of_twenty_late_replays_at_once_one_ends_the_session_and_one_message_is_sent() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, true).await;
    let (client, token) = (app.anonymous(), session.text("/session/refresh_token"));
    refresh(&client, &token).await;
    app.advance(12);
    let race = race(20, async |_| refresh(&client, &token).await).await;
    assert_eq!(race.tally(), counts([("401 refresh_token_revoked", 20)]));
    app.messages(&person.phone, 2).await;
    all_dealt_with(&app).await;
    assert_eq!(app.outbox(&person.phone).await.len(), 2, "that of the sign-up, and the news");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_wrong_passwords_at_once_three_are_compared_and_with_captchas_five() {
    let app = TestApp::start().await;
    let (first, second) = (person(&app).await, person(&app).await);
    let client = at_address(&app, 2);
    let without = race(50, async |_| sign_in(&client, &first.username, "drie grote eendjes").await).await;
    assert_eq!(without.tally(), counts([("401 credentials_wrong", 3), ("403 captcha_required", 47)]));

    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "login": second.username, "password": "drie grote eendjes", "captcha_token": token }))
        .collect();
    let client = at_address(&app, 3);
    let race = race(50, async |number| client.post("/v1/sessions", &forms[number]).await).await;
    let mut tally = race.tally();
    // Each wait that runs out meanwhile lets one more through: after 2 s, then 4, then 8.
    let compared = tally.remove("401 credentials_wrong").unwrap_or_default();
    assert!((5..=8).contains(&compared), "{compared} were compared");
    assert_eq!(tally, counts([("429 sign_in_delayed", 50 - compared)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_attempts_at_once_with_one_captcha_one_is_made() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    for number in [2, 3, 4] {
        sign_in(&at_address(&app, number), &person.username, "drie grote eendjes").await;
    }
    let token = app.captcha_token().await;
    let form = json!({ "login": person.username, "password": "drie grote eendjes", "captcha_token": token });
    let clients: Vec<_> = (10..60).map(|number| at_address(&app, number)).collect();
    let race = race(50, async |number| clients[number].post("/v1/sessions", &form).await).await;
    assert_eq!(race.tally(), counts([("401 credentials_wrong", 1), ("403 captcha_required", 49)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_sign_ins_at_once_leave_ten_sessions() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let tokens = join_all((0..50).map(|_| app.captcha_token())).await;
    // From as many addresses, or most would have to wait.
    let clients: Vec<_> = (10..60).map(|number| at_address(&app, number)).collect();
    let forms: Vec<_> = tokens
        .iter()
        .map(|token| json!({ "login": person.username, "password": PASSWORD, "captcha_token": token }))
        .collect();
    let race = race(50, async |number| clients[number].post("/v1/sessions", &forms[number]).await).await;
    assert_eq!(race.tally(), counts([("201", 50)]));

    let refresh_tokens: Vec<_> = race.replies.iter().map(|reply| reply.text("/session/refresh_token")).collect();
    let client = app.anonymous();
    let refreshed = campus_testkit::race(50, async |number| refresh(&client, &refresh_tokens[number]).await).await;
    assert_eq!(refreshed.tally(), counts([("201", 10), ("401 refresh_token_revoked", 40)]));
    let live = refreshed.replies.iter().find(|reply| reply.status == 201).expect("ten are live");
    let listed = signed_in(&app, live).get("/v1/sessions").await;
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_sign_ins_at_once_with_one_proof_one_succeeds() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let proof = crate::accounts::signing_in::sign_in_proof(&app, "sms", &person.phone).await;
    let (client, form) = (app.anonymous(), json!({ "proof": proof }));
    let race = race(50, async |_| client.post("/v1/sessions", &form).await).await;
    assert_eq!(race.tally(), counts([("201", 1), ("410 proof_spent", 49)]));
}

/// Holds every nickname to be claimed by the one account that has it, claimed by nobody else, and shown alike
/// to everyone. Returns the accounts, by id, with their nicknames.
async fn nicknames(app: &TestApp) -> BTreeMap<String, String> {
    let by_id = |items: Vec<Attributes>, id: &str| -> BTreeMap<String, String> {
        items.iter().map(|item| (text(item, id).to_owned(), text(item, "nickname").to_owned())).collect()
    };
    let accounts = by_id(items(app, "account").await, "id");
    assert_eq!(by_id(items_of(app, PROFILES, "profile").await, "user_id"), accounts);
    let guards = items(app, "guard").await;
    let claimed: BTreeSet<_> = guards
        .iter()
        .filter_map(|guard| Some((text(guard, "pk").strip_prefix("UNIQUE#nickname#")?, text(guard, "user_id"))))
        .collect();
    let keys: Vec<(String, &String)> = accounts
        .iter()
        .map(|(id, nickname)| (Nickname::parse(nickname).expect("it is a nickname").key(), id))
        .collect();
    assert_eq!(claimed, keys.iter().map(|(key, id)| (key.as_str(), id.as_str())).collect());
    accounts
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_of_twenty_people_who_want_one_nickname_at_once_one_gets_it() {
    let app = TestApp::start_local().await;
    let people = join_all((0..20).map(|_| app.member())).await;
    let change = json!({ "nickname": app.new_nickname() });
    let race = race(20, async |number| people[number].client.patch("/v1/users/me", &change).await).await;

    assert_eq!(race.tally(), counts([("200", 1), ("409 nickname_taken", 19)]));
    let mut expected: BTreeMap<_, _> = people.iter().map(|person| names(&person.user)).collect();
    expected.extend([names(&race.only(200).body)]);
    assert_eq!(nicknames(&app).await, expected);
}

/// Id and nickname of an account as its owner sees it.
fn names(user: &Value) -> (String, String) {
    let text = |name: &str| user[name].as_str().expect("it is text").to_owned();
    (text("id"), text("nickname"))
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_30_of_fifty_changes_at_once_to_different_fields_none_is_lost() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    let changes = [
        json!({ "nickname": app.new_nickname() }),
        json!({ "name": "김민지" }),
        json!({ "admission_year": 2025 }),
        json!({ "locale": "en" }),
        json!({ "time_zone": "America/New_York" }),
    ];
    let race = race(50, async |number| member.client.patch("/v1/users/me", &changes[number % 5]).await).await;

    assert_eq!(race.tally(), counts([("200", 50)]));
    let me = member.client.get("/v1/users/me").await.body;
    for (number, reply) in race.replies.iter().enumerate() {
        for (field, value) in changes[number % 5].as_object().expect("it is an object") {
            // What was answered was true, and still is.
            assert_eq!((&reply.body[field], &me[field]), (value, value), "{field}");
        }
    }
    nicknames(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_9_a_person_who_chooses_several_nicknames_at_once_ends_up_with_one() {
    let app = TestApp::start_local().await;
    let member = app.member().await;
    let wishes: Vec<_> = (0..5).map(|_| app.new_nickname()).collect();
    let race =
        race(5, async |number| member.client.patch("/v1/users/me", &json!({ "nickname": wishes[number] })).await);
    assert_eq!(race.await.tally(), counts([("200", 5)]));
    let nicknames = nicknames(&app).await;
    assert!(nicknames.values().eq([&member.client.get("/v1/users/me").await.text("/nickname")]));
    assert!(nicknames.values().all(|nickname| wishes.contains(nickname)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_changes_at_once_to_what_was_seen_one_is_made() {
    let app = TestApp::start_local().await;
    let client = app.member().await.client;
    let seen = client.get("/v1/users/me").await.text("/etag");
    let race = race(50, async |number| {
        let request = client.request(Method::PATCH, "/v1/users/me").header("if-match", &seen);
        client.send(request.json(&json!({ "name": format!("김민지 {number}") }))).await
    });
    let race = race.await;
    assert_eq!(race.tally(), counts([("200", 1), ("412 precondition_failed", 49)]));
    assert_eq!(client.get("/v1/users/me").await.body, race.only(200).body);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_changes_at_once_to_one_screening_all_are_made_one_after_the_other() {
    let app = TestApp::start_by_hand().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let announced = screening(&staff, &library, &film, app.now().plus_seconds(DAY)).await;
    let path = path(SCREENINGS, &announced);
    let change = |number: usize| match number % 2 {
        0 => json!({ "note": format!("{number}") }),
        _ => json!({ "starts_at": app.now().plus_seconds(DAY + 60 * (1 + number as i64)).to_string() }),
    };
    // On a machine with more to do it may take longer than the server tries; then the client is told to come again.
    let race = race(50, async |number| {
        loop {
            let reply = staff.patch(&path, &change(number)).await;
            if reply.status != 503 {
                return reply;
            }
        }
    })
    .await;
    assert_eq!(race.tally(), counts([("200", 50)]));

    let screening = staff.get(&path).await.body;
    assert!(race.replies.iter().any(|reply| reply.body == screening), "the last one is what is shown");
    assert_eq!(all(&staff, SCREENINGS, 100).await, [screening], "it stands in the list once");
    // It was announced and moved 25 times; every time each shard was told, and its head raised.
    assert_eq!(app.owed().await.len(), 4 * 26);
    let heads = items_of(&app, campus_aws::SCREENINGS, "wish_head").await;
    assert_eq!(
        heads.iter().map(|head| head["revision"].as_n().expect("it is a number").as_str()).collect::<Vec<_>>(),
        ["26"; 4]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_changes_at_once_to_a_screening_as_it_was_seen_one_is_made() {
    let app = TestApp::start_by_hand().await;
    let staff = app.staff().await;
    let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
    let seen = screening(&staff, &library, &film, app.now().plus_seconds(DAY)).await;
    let (path, tag) = (path(SCREENINGS, &seen), seen["etag"].as_str().expect("there is a tag"));
    let race = race(50, async |number| staff.patch_if(&path, tag, &json!({ "note": format!("{number}") })).await).await;
    assert_eq!(race.tally(), counts([("200", 1), ("412 precondition_failed", 49)]));
    assert_eq!(staff.get(&path).await.body, race.only(200).body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_or_a_library_is_deleted_or_gets_screenings_but_never_both() {
    let app = TestApp::start_by_hand().await;
    let staff = app.staff().await;
    let (mut deleted, mut refused) = (0, 0);
    for round in 0..12 {
        let (library, film) = (library(&app, &staff).await, film(&app, &staff).await);
        let (target, in_use, unknown) = match round % 2 {
            0 => (path(FILMS, &film), "409 film_in_use", "/film_id film_unknown"),
            _ => (path(LIBRARIES, &library), "409 library_in_use", "/library_id library_unknown"),
        };
        let form = form(&library, &film, app.now().plus_seconds(DAY));
        // The deletion among several announcements, ever earlier.
        let place = round / 2;
        let race =
            race(
                6,
                async |number| {
                    if number == place { staff.delete(&target).await } else { staff.post(SCREENINGS, &form).await }
                },
            )
            .await;
        let announced = race.replies.iter().filter(|reply| reply.status == 201).count();
        let told = race.replies.iter().filter(|reply| reply.fields() == [unknown]).count();
        match race.replies[place].summary().as_str() {
            "204" => {
                assert_eq!((announced, told), (0, 5), "{:?}", race.tally());
                deleted += 1;
            }
            summary => {
                assert_eq!((summary, announced), (in_use, 5), "{:?}", race.tally());
                refused += 1;
            }
        }
        let is_deleted = staff.get(&target).await.body["deleted"] == true;
        assert_eq!(is_deleted, announced == 0);
    }
    assert_eq!(deleted + refused, 12);
}
