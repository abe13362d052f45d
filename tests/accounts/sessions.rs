//! `/sessions`: signing in, one's devices, and ending them.

use campus_accounts::users::Account;
use campus_session::{Session, SessionState};
use campus_store::{Key, Store, exists};
use campus_testkit::{Reply, SignUp, TestApp};
use reqwest::header::{COOKIE, ORIGIN};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::signing_in::*;
use crate::conventions::routing::FOREIGN;

#[tokio::test(flavor = "multi_thread")]
async fn b0_3_b1_26_b1_30_b2_27_b3_23_b4_16_people_sign_in_with_a_username_or_a_number_in_any_writing() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let national = format!("0{}-{}-{}", &person.phone[3..5], &person.phone[5..9], &person.phone[9..]);
    let full_width: String = person
        .phone
        .chars()
        .map(|c| if c == '+' { '＋' } else { char::from_u32(c as u32 + 0xfee0).expect("a digit") })
        .collect();
    for login in [&person.username, &person.username.to_uppercase(), &person.phone, &national, &full_width] {
        let reply = sign_in(&app.anonymous(), login, PASSWORD).await;
        assert_eq!(reply.summary(), "201", "{login}");
        assert_eq!(reply.text("/user/id"), person.id);
        assert_eq!(reply.header("location"), format!("/v1/sessions/{}", reply.text("/session/id")));
        assert_eq!(
            (&reply.body["session"]["token_type"], &reply.body["session"]["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        assert!(!reply.text("/session/refresh_token").is_empty());
        assert!(cookie_lines(&reply).is_empty(), "bearer tokens come without cookies");
        let me = signed_in(&app, &reply).get("/v1/users/me").await;
        assert_eq!(me.text("/id"), person.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_23_people_sign_in_with_their_address_and_b3_42_the_access_token_is_short() {
    let app = TestApp::start().await;
    let address = format!("{}@campus.example", username_of(&app.new_phone()));
    let form = SignUp::with_proof(&app.proof("email", &address).await).0;
    let id = app.anonymous().post("/v1/users", &form).await.text("/user/id");
    let reply = sign_in(&app.anonymous(), &address.to_uppercase(), PASSWORD).await;
    assert_eq!((reply.summary(), reply.text("/user/id")), ("201".to_owned(), id));
    assert!(reply.text("/session/access_token").len() <= 1024);
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_28_b4_14_b4_15_unknown_logins_wrong_passwords_and_accounts_without_one_are_told_alike() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let without = self::person(&app).await;
    let store = Store::new(&app.clients);
    let key = Key::new(format!("USER#{}", without.id), "ACCOUNT");
    let account = store.find::<Account>(&key).await.expect("it can be read").expect("it is there");
    store.put(&Account { password_hash: None, ..account }, exists()).await.expect("it can be written");
    let stranger = app.new_phone();

    // A first invocation reads the secrets, too.
    sign_in(&at_address(&app, 9), "whoever", "drie grote eendjes").await;
    let mut seen = Vec::new();
    for (number, login, password) in [
        (2, person.username.as_str(), "drie grote eendjes"),
        (3, without.username.as_str(), PASSWORD),
        (4, "nobody_of_note", PASSWORD),
    ] {
        let reply = sign_in(&at_address(&app, number), login, password).await;
        assert_eq!(reply.summary(), "401 credentials_wrong", "{login}");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"campus\"");
        seen.push((told(&reply), latest_calls(&app, "create_session")));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);

    let known = sign_in(&at_address(&app, 5), &person.phone, "drie grote eendjes").await;
    let known = (told(&known), latest_calls(&app, "create_session"));
    let unknown = sign_in(&at_address(&app, 6), &stranger, PASSWORD).await;
    assert_eq!(known, (told(&unknown), latest_calls(&app, "create_session")));
    let nonsense = sign_in(&at_address(&app, 7), "누구의 것도 아닌", PASSWORD).await;
    assert_eq!(known.1, latest_calls(&app, "create_session"));
    assert_eq!(known.0, told(&nonsense));
    let pending = app.new_email();
    let form = SignUp::with_proof("").with("proof", Value::Null).with("email", pending.as_str());
    let form = form.with("captcha_token", app.captcha_token().await);
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "202");
    for (number, address) in [(8, pending), (10, app.new_email())] {
        let reply = sign_in(&at_address(&app, number), &address, "drie grote eendjes").await;
        assert_eq!(known, (told(&reply), latest_calls(&app, "create_session")), "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_username_that_only_looks_like_ones_own_signs_nobody_in() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let username = format!("l{}", &phone[phone.len() - 8..]);
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).with("username", username.as_str());
    assert_eq!(app.anonymous().post("/v1/users", &form.0).await.summary(), "201");
    let look_alike = username.replacen('l', "i", 1);
    assert_eq!(sign_in(&app.anonymous(), &look_alike, PASSWORD).await.summary(), "401 credentials_wrong");
    assert_eq!(sign_in(&app.anonymous(), &username, PASSWORD).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_2_what_is_missing_for_signing_in_is_named() {
    let app = TestApp::start().await;
    let told = async |body: Value| app.anonymous().post("/v1/sessions", &body).await.fields();
    assert_eq!(told(json!({})).await, ["/login required", "/password required"]);
    assert_eq!(told(json!({ "login": "minji_26" })).await, ["/password required"]);
    assert_eq!(told(json!({ "login": "a".repeat(255), "password": "x" })).await, ["/login too_long"]);
    for blank in ["", " "] {
        assert_eq!(told(json!({ "login": blank, "password": "x" })).await, ["/login login_invalid"]);
    }
    assert_eq!(told(json!({ "proof": "x", "transport": "pigeon" })).await, ["/transport unknown_value"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_signs_in_once() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    let proof = sign_in_proof(&app, "sms", &person.phone).await;
    let text = app.outbox(&person.phone).await.remove(0).text;
    assert!(text.contains("로그인"), "{text}");
    let form = json!({ "proof": proof, "remember": true });
    let reply = app.anonymous().post("/v1/sessions", &form).await;
    assert_eq!((reply.summary(), reply.text("/user/id")), ("201".to_owned(), person.id));
    assert_eq!(signed_in(&app, &reply).get("/v1/users/me").await.summary(), "200");
    assert_eq!(app.anonymous().post("/v1/sessions", &form).await.summary(), "410 proof_spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_that_are_foreign_altered_or_of_another_purpose_sign_nobody_in_and_stay_good() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let proof = app.proof("sms", &phone).await;
    let told = async |proof: &str| app.anonymous().post("/v1/sessions", &json!({ "proof": proof })).await.summary();
    assert_eq!(told(&proof).await, "400 proof_mismatch");
    let altered = format!("{}{}", &proof[..63], if proof.ends_with('A') { 'B' } else { 'A' });
    for nonsense in [altered.as_str(), "", "x", &app.captcha_token().await] {
        assert_eq!(told(nonsense).await, "400 proof_invalid", "{nonsense}");
    }
    assert_eq!(app.anonymous().post("/v1/users", &SignUp::with_proof(&proof).0).await.summary(), "201");
    app.advance(61);
    let proof = sign_in_proof(&app, "sms", &phone).await;
    app.advance(601);
    assert_eq!(told(&proof).await, "410 proof_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_for_signing_in_are_asked_for_alike_by_known_and_unknown_and_only_the_known_are_sent_one() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(61);
    // A first invocation reads the secret, too, but the sign-up's was the first.
    let known = ask_for_sign_in_code(&app, "sms", &person.phone).await;
    let known_calls = latest_calls(&app, "create_verification_code");
    let stranger = app.new_phone();
    let unknown = ask_for_sign_in_code(&app, "sms", &stranger).await;
    assert_eq!(known.summary(), "202");
    assert_eq!(told(&known), told(&unknown));
    assert_eq!(known_calls, latest_calls(&app, "create_verification_code"));
    let nobody = format!("{}@campus.example", username_of(&stranger));
    assert_eq!(told(&known), told(&ask_for_sign_in_code(&app, "email", &nobody).await));

    for target in [&person.phone, &stranger] {
        assert_eq!(ask_for_sign_in_code(&app, "sms", target).await.summary(), "429 resend_too_soon");
    }
    let wrong = async |id: String| app.confirm(&id, "000000").await.summary();
    assert_eq!(wrong(known.text("/id")).await, wrong(unknown.text("/id")).await);
    all_sent(&app).await;
    assert_eq!(app.outbox(&person.phone).await.len(), 2, "of the sign-up and of the sign-in");
    assert_eq!((app.outbox(&stranger).await.len(), app.outbox(&nobody).await.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_24_a_code_for_signing_in_needs_a_captcha() {
    let app = TestApp::start().await;
    let form = json!({ "channel": "sms", "target": app.new_phone(), "purpose": "sign_in" });
    assert_eq!(app.anonymous().post("/v1/verification-codes", &form).await.summary(), "403 captcha_required");
}

async fn devices(app: &TestApp, session: &Reply) -> Vec<Value> {
    let list = signed_in(app, session).get("/v1/sessions").await;
    assert_eq!((list.summary(), &list.body["next_cursor"]), ("200".to_owned(), &Value::Null));
    list.body["items"].as_array().expect("it is a list").clone()
}

fn ids(devices: &[Value]) -> Vec<String> {
    devices.iter().map(|device| device["id"].as_str().expect("it is text").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_33_my_devices_are_listed_newest_first_and_tell_which_one_asks() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    app.advance(5);
    let client = app.anonymous();
    let form = json!({ "login": person.username, "password": PASSWORD });
    let request = client.request(Method::POST, "/v1/sessions").header("user-agent", "a phone").json(&form);
    let session = client.send(request).await;
    let listed = devices(&app, &session).await;
    assert_eq!(listed.len(), 2, "the other one is of the sign-up");
    assert_eq!(listed[0]["id"], session.body["session"]["id"]);
    assert_eq!(
        (&listed[0]["agent"], &listed[0]["place"], &listed[0]["current"]),
        (&json!("a phone"), &Value::Null, &json!(true))
    );
    assert_eq!(listed[1]["current"], false);
    assert!(listed[0]["created_at"].as_str() > listed[1]["created_at"].as_str());

    app.advance(60);
    let refreshed = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    let again = devices(&app, &refreshed).await;
    assert_eq!(again[0]["created_at"], listed[0]["created_at"]);
    assert!(again[0]["last_used_at"].as_str() > listed[0]["last_used_at"].as_str());
    assert_eq!(app.anonymous().get("/v1/sessions").await.summary(), "401 token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn my_devices_are_listed_a_page_at_a_time_and_a_cursor_is_good_for_my_list_only() {
    let app = TestApp::start().await;
    let (ana, bo) = (person(&app).await, person(&app).await);
    let mut ids = Vec::new();
    let mut latest = None;
    for _ in 0..4 {
        let session = session_of(&app, &ana, false).await;
        ids.insert(0, session.text("/session/id"));
        latest = Some(signed_in(&app, &session));
    }
    let client = latest.expect("there are four");

    let mut seen = Vec::new();
    let mut cursor = String::new();
    for (page, count) in [2, 2, 1].into_iter().enumerate() {
        let reply = client.get(&format!("/v1/sessions?limit=2{cursor}")).await;
        let items = reply.body["items"].as_array().expect("there are items");
        assert_eq!(items.len(), count, "page {page}");
        seen.extend(items.iter().map(|item| item["id"].as_str().expect("it has an id").to_owned()));
        if page == 0 {
            // What is added meanwhile moves nothing.
            session_of(&app, &ana, false).await;
            let others = signed_in(&app, &session_of(&app, &bo, false).await);
            let foreign = others.get(&format!("/v1/sessions?cursor={}", reply.text("/next_cursor"))).await;
            assert_eq!(foreign.summary(), "400 cursor_invalid");
        }
        assert_eq!(reply.body["next_cursor"].is_null(), page == 2, "page {page}");
        cursor = reply.body["next_cursor"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
    }
    assert_eq!(seen[..4], ids, "and the sign-up's at the end");

    for (query, refusal) in [
        ("cursor=x", "400 cursor_invalid"),
        ("limit=0", "422 validation_failed"),
        ("limit=101", "422 validation_failed"),
        ("limit=two", "422 validation_failed"),
        ("page=2", "400 unknown_query_parameter"),
    ] {
        assert_eq!(client.get(&format!("/v1/sessions?{query}")).await.summary(), refusal, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_30_b4_2_signing_out_ends_refreshing_at_once_and_everything_within_30_seconds() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, true).await;
    let me = signed_in(&app, &session);
    assert_eq!(me.get("/v1/users/me").await.summary(), "200");
    assert_eq!(me.delete("/v1/sessions/current").await.summary(), "204");
    let refused = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refused.summary(), "401 refresh_token_revoked");
    // Ending sessions reads the session anew.
    let others = me.delete("/v1/sessions").await;
    assert_eq!(others.summary(), "401 token_revoked");
    app.advance(30);
    assert_eq!(me.get("/v1/users/me").await.summary(), "401 token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_33_one_session_is_ended_from_another_device_as_often_as_is_asked() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let (mine, lost) = (session_of(&app, &person, false).await, session_of(&app, &person, false).await);
    let me = signed_in(&app, &mine);
    let end = async |id: &str| me.delete(&format!("/v1/sessions/{id}")).await.summary();
    let id = lost.text("/session/id");
    assert_eq!((end(&id).await, end(&id).await), ("204".to_owned(), "204".to_owned()));
    assert!(!ids(&devices(&app, &mine).await).contains(&id));
    assert_eq!(
        refresh(&app.anonymous(), &lost.text("/session/refresh_token")).await.summary(),
        "401 refresh_token_revoked"
    );
    assert_eq!(me.get("/v1/users/me").await.summary(), "200");

    let other = session_of(&app, &self::person(&app).await, false).await;
    for foreign in [other.text("/session/id"), "0199c0de-0000-7000-8000-000000000000".to_owned()] {
        assert_eq!(end(&foreign).await, "404 session_not_found");
    }
    assert_eq!(end("7").await, "422 validation_failed");
    assert_eq!(signed_in(&app, &other).get("/v1/users/me").await.summary(), "200");
    assert_eq!(refresh(&app.anonymous(), &other.text("/session/refresh_token")).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_other_sessions_are_ended_and_mine_goes_on() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(session_of(&app, &person, true).await);
    }
    let mine = session_of(&app, &person, true).await;
    let me = signed_in(&app, &mine);
    for _ in 0..2 {
        assert_eq!(me.delete("/v1/sessions").await.summary(), "204");
    }
    assert_eq!(ids(&devices(&app, &mine).await), [mine.text("/session/id")]);
    for other in others {
        let refused = refresh(&app.anonymous(), &other.text("/session/refresh_token")).await;
        assert_eq!(refused.summary(), "401 refresh_token_revoked");
    }
    assert_eq!(refresh(&app.anonymous(), &mine.text("/session/refresh_token")).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_session_ends_the_oldest_and_those_that_have_ended_do_not_count() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let mut sessions = Vec::new();
    // With that of the sign-up they are ten.
    for _ in 0..9 {
        app.advance(1);
        sessions.push(session_of(&app, &person, true).await);
    }
    let me = signed_in(&app, &sessions[8]);
    let ended = sessions[4].text("/session/id");
    assert_eq!(me.delete(&format!("/v1/sessions/{ended}")).await.summary(), "204");
    sessions.push(session_of(&app, &person, true).await);
    assert_eq!(devices(&app, &sessions[9]).await.len(), 10, "one had made room");
    app.advance(1);
    for _ in 0..2 {
        sessions.push(session_of(&app, &person, true).await);
    }
    let listed = ids(&devices(&app, &sessions[11]).await);
    assert_eq!(listed.len(), 10);
    assert!(!listed.contains(&sessions[0].text("/session/id")) && listed.contains(&sessions[1].text("/session/id")));
    let refused = refresh(&app.anonymous(), &sessions[0].text("/session/refresh_token")).await;
    assert_eq!(refused.summary(), "401 refresh_token_revoked");
    app.advance(30);
    assert_eq!(signed_in(&app, &sessions[0]).get("/v1/users/me").await.summary(), "401 token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_session_is_forbidden_to_refresh() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, true).await;
    let key = Key::new(format!("USER#{}", person.id), format!("SESSION#{}", session.text("/session/id")));
    let store = Store::new(&app.clients);
    let stored = store.find::<Session>(&key).await.expect("it can be read").expect("there is a session");
    store.put(&Session { state: SessionState::Suspended, ..stored }, exists()).await.expect("it can be written");
    let refused = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(refused.summary(), "403 session_suspended");
}

/// Someone who signed in with cookies: the reply, and the three cookies.
async fn browser(app: &TestApp) -> (Reply, String, String, String) {
    let person = person(app).await;
    let form = json!({ "login": person.username, "password": PASSWORD, "transport": "cookie", "remember": true });
    let reply = app.anonymous().post("/v1/sessions", &form).await;
    assert_eq!(reply.summary(), "201");
    let of = |name| cookie(&reply, name);
    let (access, refresh, csrf) = (of("access_token"), of("refresh_token"), of("csrf_token"));
    (reply, access, refresh, csrf)
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_36_b2_35_b4_17_tokens_come_as_cookies_and_not_in_the_body() {
    let app = TestApp::start().await;
    let (reply, access, _, csrf) = browser(&app).await;
    let session = reply.body["session"].as_object().expect("it is an object");
    assert_eq!(session.keys().collect::<Vec<_>>(), ["csrf_token", "expires_in", "id"]);
    assert_eq!(session["csrf_token"], csrf.as_str());
    let attributes: Vec<String> =
        cookie_lines(&reply).iter().map(|line| line.split_once("; ").expect("it has some").1.to_owned()).collect();
    assert_eq!(
        attributes,
        [
            "HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=900",
            "HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=2592000",
            "SameSite=None; Secure; Path=/; Max-Age=2592000",
        ]
    );
    let client = app.anonymous();
    let me = browse(&client, Method::GET, "/v1/users/me", &[("access_token", &access)], None, None).await;
    assert_eq!(me.text("/id"), reply.text("/user/id"));

    let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("transport", "cookie");
    let signed_up = client.post("/v1/users", &form.0).await;
    assert_eq!((signed_up.summary(), cookie_lines(&signed_up).len()), ("201".to_owned(), 3));
    assert_eq!(signed_up.body["session"].get("access_token"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_21_a_write_with_cookies_needs_the_sessions_own_token_in_header_and_cookie() {
    let app = TestApp::start().await;
    let (_, access, _, csrf) = browser(&app).await;
    let (_, _, _, other_csrf) = browser(&app).await;
    let client = app.anonymous();
    let end_others = async |cookies: &[(&str, &str)], header: Option<&str>| {
        browse(&client, Method::DELETE, "/v1/sessions", cookies, header, None).await.summary()
    };
    let access = ("access_token", access.as_str());
    for (cookie, header) in [
        (None, None),
        (Some(csrf.as_str()), None),
        (None, Some(csrf.as_str())),
        (Some("planted"), Some("planted")),
        (Some(&other_csrf), Some(other_csrf.as_str())),
        (Some(&csrf), Some("another")),
        (Some(""), Some("")),
    ] {
        let cookies: Vec<_> = [access].into_iter().chain(cookie.map(|cookie| ("csrf_token", cookie))).collect();
        assert_eq!(end_others(&cookies, header).await, "403 csrf_required", "{cookie:?} {header:?}");
    }
    assert_eq!(end_others(&[access, ("csrf_token", &csrf)], Some(&csrf)).await, "204");
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_21_a_write_with_cookies_is_refused_to_pages_of_another_site_unless_their_origin_is_allowed() {
    let app = TestApp::start().await;
    let (_, access, refresh, csrf) = browser(&app).await;
    let client = app.anonymous();
    let from = async |request: RequestBuilder, site: &str, origin: Option<&str>| {
        let cookies = format!("access_token={access}; refresh_token={refresh}; csrf_token={csrf}");
        let mut request = request.header(COOKIE, cookies).header("x-csrf-token", &csrf).header("sec-fetch-site", site);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        client.send(request).await.summary()
    };
    let end_others = || client.request(Method::DELETE, "/v1/sessions");
    let renew = || client.request(Method::POST, "/v1/token-refreshes").json(&json!({}));
    for origin in [None].into_iter().chain(FOREIGN.map(Some)) {
        assert_eq!(from(end_others(), "cross-site", origin).await, "403 csrf_required", "{origin:?}");
        assert_eq!(from(renew(), "cross-site", origin).await, "403 csrf_required", "{origin:?}");
    }
    // What changes nothing is not held to it: the answer cannot be read there.
    let look = client.request(Method::GET, "/v1/users/me");
    assert_eq!(from(look, "cross-site", Some("https://evil.example")).await, "200");
    // Nor is a client in charge of its tokens.
    let bearer = client.with_token(&access).request(Method::DELETE, "/v1/sessions");
    assert_eq!(from(bearer, "cross-site", Some("https://evil.example")).await, "204");

    assert_eq!(from(end_others(), "cross-site", Some("http://localhost:3000")).await, "204");
    for site in ["same-origin", "same-site", "none"] {
        assert_eq!(from(end_others(), site, None).await, "204", "{site}");
    }
    assert_eq!(from(renew(), "cross-site", Some("http://localhost:3000")).await, "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_counts_instead_of_cookies_and_a_second_cookie_of_a_name_spoils_both() {
    let app = TestApp::start().await;
    let (_, access, ..) = browser(&app).await;
    let bearer = session_of(&app, &person(&app).await, false).await;
    let me = signed_in(&app, &bearer);
    // No CSRF token is asked of a client that is in charge of its tokens, whatever cookies come along.
    let reply = browse(&me, Method::DELETE, "/v1/sessions", &[("access_token", &access)], None, None).await;
    assert_eq!(reply.summary(), "204");
    let wrong = app.anonymous().with_token("x.y.z");
    let reply = browse(&wrong, Method::GET, "/v1/users/me", &[("access_token", &access)], None, None).await;
    assert_eq!(reply.summary(), "401 token_invalid");
    let twice = [("access_token", access.as_str()), ("access_token", "planted")];
    let reply = browse(&app.anonymous(), Method::GET, "/v1/users/me", &twice, None, None).await;
    assert_eq!(reply.summary(), "401 token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_30_signing_out_clears_the_cookies() {
    let app = TestApp::start().await;
    let (_, access, _, csrf) = browser(&app).await;
    let cookies = [("access_token", access.as_str()), ("csrf_token", csrf.as_str())];
    let client = app.anonymous();
    let reply = browse(&client, Method::DELETE, "/v1/sessions/current", &cookies, Some(&csrf), None).await;
    assert_eq!(reply.summary(), "204");
    assert_eq!(
        cookie_lines(&reply),
        [
            "access_token=; HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=0",
            "refresh_token=; HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=0",
            "csrf_token=; SameSite=None; Secure; Path=/; Max-Age=0",
        ]
    );
}
