//! `POST /token-refreshes`.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_session::Session;
use campus_store::{Key, Store};
use campus_testkit::{Reply, SignUp, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use super::signing_in::*;

const DAY: u64 = 24 * 60 * 60;

/// The stored session.
async fn stored(app: &TestApp, person: &Person, session: &Reply) -> Session {
    let key = Key::new(format!("USER#{}", person.id), format!("SESSION#{}", session.text("/session/id")));
    let found = Store::new(&app.clients).find::<Session>(&key).await;
    found.expect("it can be read").expect("there is a session")
}

/// The claims of a reply's access token.
fn claims(reply: &Reply) -> Value {
    let token = reply.text("/session/access_token");
    let payload = token.split('.').nth(1).expect("it has three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("it is base64url")).expect("it is JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_b2_34_b4_20_each_refresh_brings_new_tokens_of_the_same_session_though_the_old_are_good() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, false).await;
    let mut token = session.text("/session/refresh_token");
    for _ in 0..3 {
        app.advance(11);
        let reply = refresh(&app.anonymous(), &token).await;
        assert_eq!(reply.summary(), "201");
        assert_eq!(reply.body["session"]["id"], session.body["session"]["id"]);
        assert_eq!(reply.header("location"), format!("/v1/sessions/{}", session.text("/session/id")));
        assert_ne!(reply.text("/session/refresh_token"), token);
        assert_eq!(signed_in(&app, &reply).get("/v1/users/me").await.summary(), "200");
        let (before, after) = (claims(&session), claims(&reply));
        for claim in ["iss", "sub", "aud", "sid"] {
            assert_eq!(before[claim], after[claim], "{claim}");
        }
        assert_eq!(after["exp"].as_i64().zip(after["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(900));
        token = reply.text("/session/refresh_token");
    }
    assert_eq!(signed_in(&app, &session).get("/v1/users/me").await.summary(), "200", "its own 15 minutes go on");
    let item = stored(&app, &person, &session).await;
    assert!(!format!("{item:?}").contains(&token), "only a hash is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_27_an_expired_access_token_is_replaced() {
    let app = TestApp::start().await;
    let session = session_of(&app, &person(&app).await, false).await;
    app.advance(901);
    assert_eq!(signed_in(&app, &session).get("/v1/users/me").await.summary(), "401 token_expired");
    let reply = refresh(&app.anonymous(), &session.text("/session/refresh_token")).await;
    assert_eq!(signed_in(&app, &reply).get("/v1/users/me").await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_the_same_token_within_ten_seconds_gets_the_same_successor() {
    let app = TestApp::start().await;
    let session = session_of(&app, &person(&app).await, false).await;
    let token = session.text("/session/refresh_token");
    let first = refresh(&app.anonymous(), &token).await.text("/session/refresh_token");
    app.advance(9);
    let again = refresh(&app.anonymous(), &token).await;
    assert_eq!((again.summary(), again.text("/session/refresh_token")), ("201".to_owned(), first.clone()));
    assert_eq!(refresh(&app.anonymous(), &first).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_a_token_used_again_later_ends_the_session_and_tells_its_owner_once() {
    let app = TestApp::start().await;
    let phone = app.new_phone();
    let form = SignUp::with_proof(&app.proof("sms", &phone).await).with("locale", "en");
    let session = app.anonymous().post("/v1/users", &form.0).await;
    let old = session.text("/session/refresh_token");
    let successor = refresh(&app.anonymous(), &old).await.text("/session/refresh_token");
    app.advance(12);
    for _ in 0..2 {
        assert_eq!(refresh(&app.anonymous(), &old).await.summary(), "401 refresh_token_revoked");
    }
    assert_eq!(refresh(&app.anonymous(), &successor).await.summary(), "401 refresh_token_revoked");
    let sent = app.messages(&phone, 2).await;
    assert_eq!(sent[0].text, "[Campus] A sign-in was ended: its key was used twice. Sign in again.");
    all_sent(&app).await;
    assert_eq!(app.outbox(&phone).await.len(), 2);
    app.advance(30);
    assert_eq!(signed_in(&app, &session).get("/v1/users/me").await.summary(), "401 token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_29_whoever_has_a_proven_address_is_told_by_mail_and_other_sessions_go_on() {
    let app = TestApp::start().await;
    let address = format!("{}@campus.example", username_of(&app.new_phone()));
    let form = SignUp::with_proof(&app.proof("email", &address).await).0;
    let stolen = app.anonymous().post("/v1/users", &form).await;
    let other = sign_in(&app.anonymous(), &address, PASSWORD).await;
    let old = stolen.text("/session/refresh_token");
    refresh(&app.anonymous(), &old).await;
    app.advance(12);
    assert_eq!(refresh(&app.anonymous(), &old).await.summary(), "401 refresh_token_revoked");
    let mail = app.messages(&address, 2).await.remove(0);
    assert_eq!(
        (mail.channel.as_str(), mail.subject.as_deref()),
        ("email", Some("[Campus] 계정 보호를 위해 한 기기에서 로그아웃했습니다"))
    );
    assert_eq!(refresh(&app.anonymous(), &other.text("/session/refresh_token")).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_33_missing_invalid_expired_and_revoked_refresh_tokens_have_codes_of_their_own() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let missing = app.anonymous().post("/v1/token-refreshes", &json!({})).await;
    assert_eq!(missing.summary(), "401 refresh_token_missing");
    let session = session_of(&app, &person, false).await;
    let access = session.text("/session/access_token");
    for invalid in ["", "x", access.as_str(), &app.captcha_token().await] {
        let reply = refresh(&app.anonymous(), invalid).await;
        assert_eq!(reply.summary(), "401 refresh_token_invalid", "{invalid}");
        assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""));
    }
    let ended = session_of(&app, &person, false).await;
    let me = signed_in(&app, &ended);
    me.delete("/v1/sessions/current").await;
    assert_eq!(
        refresh(&app.anonymous(), &ended.text("/session/refresh_token")).await.summary(),
        "401 refresh_token_revoked"
    );
    app.advance(DAY);
    assert_eq!(
        refresh(&app.anonymous(), &session.text("/session/refresh_token")).await.summary(),
        "401 refresh_token_expired"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_changes_nothing() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, false).await;
    let token = session.text("/session/refresh_token");
    app.advance(11);
    let before = stored(&app, &person, &session).await;
    for position in [0, 20, 43, 48, 60, token.len() - 2] {
        let mut forged = token.clone().into_bytes();
        forged[position] = if forged[position] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII stays UTF-8");
        assert_eq!(refresh(&app.anonymous(), &forged).await.summary(), "401 refresh_token_invalid", "{position}");
    }
    assert_eq!(stored(&app, &person, &session).await, before);
    assert_eq!(refresh(&app.anonymous(), &token).await.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_29_b4_19_a_remembered_session_lasts_30_days_without_use_another_one_and_neither_beyond_90() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let short = session_of(&app, &person, false).await.text("/session/refresh_token");
    let long = session_of(&app, &person, true).await.text("/session/refresh_token");
    let mut left = session_of(&app, &person, true).await.text("/session/refresh_token");
    app.advance(DAY - 60);
    let short = refresh(&app.anonymous(), &short).await.text("/session/refresh_token");
    app.advance(DAY);
    assert_eq!(refresh(&app.anonymous(), &short).await.summary(), "401 refresh_token_expired");
    // 29, 58 and 87 days after the sign-in.
    for days in [27, 29, 29] {
        app.advance(days * DAY);
        left = refresh(&app.anonymous(), &left).await.text("/session/refresh_token");
    }
    assert_eq!(refresh(&app.anonymous(), &long).await.summary(), "401 refresh_token_expired");
    app.advance(4 * DAY);
    assert_eq!(refresh(&app.anonymous(), &left).await.summary(), "401 refresh_token_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_36_b4_21_a_browser_refreshes_by_cookie_with_its_csrf_token() {
    let app = TestApp::start().await;
    let person = person(&app).await;
    let form = json!({ "login": person.username, "password": PASSWORD, "transport": "cookie" });
    let client = app.anonymous();
    let session = client.post("/v1/sessions", &form).await;
    let (token, csrf) = (cookie(&session, "refresh_token"), cookie(&session, "csrf_token"));
    let nothing = json!({});
    let by_cookie = async |token: &str, csrf: Option<&str>, header: Option<&str>| {
        let cookies: Vec<_> =
            [("refresh_token", token)].into_iter().chain(csrf.map(|csrf| ("csrf_token", csrf))).collect();
        browse(&client, Method::POST, "/v1/token-refreshes", &cookies, header, Some(&nothing)).await
    };
    app.advance(11);
    let before = stored(&app, &person, &session).await;
    for (cookie, header) in [(None, None), (Some(csrf.as_str()), None), (Some("planted"), Some("planted"))] {
        assert_eq!(by_cookie(&token, cookie, header).await.summary(), "403 csrf_required");
    }
    assert_eq!(stored(&app, &person, &session).await, before);

    let refreshed = by_cookie(&token, Some(&csrf), Some(&csrf)).await;
    assert_eq!(refreshed.summary(), "201");
    assert_eq!(refreshed.body["session"].get("refresh_token"), None);
    assert_eq!(cookie_lines(&refreshed).len(), 3);
    assert_eq!(cookie(&refreshed, "csrf_token"), csrf, "pages that are open go on");
    app.advance(12);
    // The cookie alone, which a foreign page could make the browser send, cannot end the session either.
    assert_eq!(by_cookie(&token, None, None).await.summary(), "403 csrf_required");
    let next = cookie(&refreshed, "refresh_token");
    assert_eq!(by_cookie(&next, Some(&csrf), Some(&csrf)).await.summary(), "201");
}
