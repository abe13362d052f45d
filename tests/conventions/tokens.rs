//! Access tokens: what is refused, and that each refusal is told apart.

use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::SIGNING_SEED;
use campus_domain::{SystemClock, Timestamp};
use campus_secrets::{Secrets, derive_key};
use campus_session::{Session, SessionState};
use campus_store::{Key, Store, exists};
use campus_testkit::{Member, Reply, TestApp};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde_json::{Value, json};

/// A member's own token taken apart, and the key that signed it.
struct Mint {
    key: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

impl Mint {
    async fn of(app: &TestApp, member: &Member) -> Self {
        let secrets = Secrets::new(&app.clients, Arc::new(SystemClock));
        let seed = secrets.read(SIGNING_SEED).await.expect("there is a seed");
        let token = member.client.token().expect("there is a token");
        let part = |index| decoded(token.split('.').nth(index).expect("it has three parts"));
        Self { key: key_of(&derive_key(&seed, "access token key 1")), header: part(0), claims: part(1) }
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        signed(header, claims, |input| self.key.sign(input).as_ref().to_vec())
    }

    fn with_header(&self, field: &str, value: Value) -> String {
        self.sign(&with(&self.header, field, value), &self.claims)
    }

    fn with_claim(&self, field: &str, value: Value) -> String {
        self.sign(&self.header, &with(&self.claims, field, value))
    }
}

fn key_of(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("it is a seed")
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).expect("it is base64url")).expect("it is JSON")
}

fn signed(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// The object with one member changed; null takes it away.
fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    let members = object.as_object_mut().expect("it is an object");
    match value {
        Value::Null => members.remove(field),
        value => members.insert(field.to_owned(), value),
    };
    object
}

async fn me(app: &TestApp, token: &str) -> Reply {
    app.anonymous().with_token(token).get("/v1/users/me").await
}

async fn authorized(app: &TestApp, authorization: HeaderValue) -> Reply {
    let client = app.anonymous();
    client.send(client.request(Method::GET, "/v1/users/me").header(AUTHORIZATION, authorization)).await
}

/// Holds a token to be refused as not one of ours.
async fn assert_invalid(app: &TestApp, why: &str, token: &str) {
    let reply = me(app, token).await;
    assert_eq!(reply.summary(), "401 token_invalid", "{why}");
    assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_26_every_endpoint_that_is_not_public_is_401_without_a_token() {
    let app = TestApp::start().await;
    let closed: Vec<_> = campus_local::registries()
        .into_iter()
        .flat_map(|registry| registry.endpoints)
        .filter(|entry| entry.access.needs_session)
        .collect();
    assert!(!closed.is_empty());
    for entry in closed {
        let path = entry.route.path().replace("{id}", "0199c0de-0000-7000-8000-000000000000");
        let method = Method::from_bytes(entry.route.method.as_bytes()).expect("it is a method");
        let reply = app.anonymous().send(app.anonymous().request(method, &path).json(&json!({}))).await;
        assert_eq!(reply.summary(), "401 token_missing", "{}", entry.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_26_a_public_endpoint_takes_no_notice_of_a_token() {
    let app = TestApp::start().await;
    let reply = app.anonymous().with_token("nonsense").post("/v1/captcha-challenges", &json!({})).await;
    assert_eq!(reply.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_32_a_missing_token_is_told_the_scheme_and_no_error() {
    let app = TestApp::start().await;
    let reply = app.anonymous().get("/v1/users/me").await;
    assert_eq!(reply.summary(), "401 token_missing");
    assert_eq!(reply.header("www-authenticate"), r#"Bearer realm="campus""#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_query_is_no_token() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let token = member.client.token().expect("there is a token");
    let reply = app.anonymous().get(&format!("/v1/users/me?access_token={token}")).await;
    assert_eq!(reply.summary(), "401 token_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_32_a_malformed_header_is_401() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let token = member.client.token().expect("there is a token");
    let mut malformed: Vec<HeaderValue> = [
        "",
        " ",
        "Bearer",
        "Bearer ",
        token,
        &format!("Bearer{token}"),
        &format!("Bearer  {token}"),
        &format!("Bearer {token} {token}"),
        &format!("Bearer {token},Bearer {token}"),
        &format!("Bearer \"{token}\""),
        &format!("Basic {token}"),
        &format!("Token {token}"),
        &format!("DPoP {token}"),
        "Basic bWluamk6cGFzc3dvcmQ=",
        "Bearer null",
        "Bearer ..",
        "Bearer .",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        "Bearer e30.e30.e30",
    ]
    .iter()
    .map(|text| HeaderValue::from_str(text).expect("it is a header"))
    .collect();
    malformed.push(HeaderValue::from_bytes(b"Bearer \xff\xfe").expect("it is a header"));
    for header in malformed {
        assert_eq!(authorized(&app, header.clone()).await.summary(), "401 token_invalid", "{header:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheme_is_known_in_any_case() {
    let app = TestApp::start().await;
    let member = app.member().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let header = format!("{scheme} {}", member.client.token().expect("there is a token"));
        let header = HeaderValue::from_str(&header).expect("it is a header");
        assert_eq!(authorized(&app, header).await.summary(), "200", "{scheme}");
    }
}

/// Without this, what the tests below refuse could be refused for another reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_made_here_as_campus_makes_it_is_taken() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    assert_eq!(me(&app, &mint.sign(&mint.header, &mint.claims)).await.summary(), "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_29_another_algorithm_is_refused() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let mint = Mint::of(&app, &member).await;
    let genuine = member.client.token().expect("there is a token");
    let (payload, signature) = genuine.split_once('.').expect("it has parts").1.split_once('.').expect("it has three");

    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = with(&mint.header, "alg", json!(none));
        assert_invalid(&app, none, &signed(&header, &mint.claims, |_| Vec::new())).await;
        let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        assert_invalid(&app, none, &format!("{header}.{payload}.{signature}")).await;
    }
    for other in ["HS256", "ES256", "RS256", "PS256"] {
        assert_invalid(&app, other, &mint.with_header("alg", json!(other))).await;
    }
    assert_invalid(&app, "no algorithm", &mint.with_header("alg", Value::Null)).await;
}

/// RFC 8725, 2.1.
#[tokio::test(flavor = "multi_thread")]
async fn b1_29_an_hmac_keyed_with_the_public_key_is_refused() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let public = mint.key.public_key().as_ref().to_vec();
    let x = BASE64_URL_SAFE_NO_PAD.encode(&public);
    for secret in [public, x.into_bytes()] {
        for (name, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS512", hmac::HMAC_SHA512)] {
            let key = hmac::Key::new(algorithm, &secret);
            let header = with(&mint.header, "alg", json!(name));
            let token = signed(&header, &mint.claims, |input| hmac::sign(&key, input).as_ref().to_vec());
            assert_invalid(&app, name, &token).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_29_a_signature_by_another_key_is_refused() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let another = key_of(&[7; 32]);
    let token = signed(&mint.header, &mint.claims, |input| another.sign(input).as_ref().to_vec());
    assert_invalid(&app, "another key", &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_header_brings_or_points_to_is_not_used() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let another = key_of(&[7; 32]);
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64_URL_SAFE_NO_PAD.encode(another.public_key()) });
    for (field, value) in
        [("jwk", jwk), ("jku", json!("http://127.0.0.1:1/jwks.json")), ("x5u", json!("http://127.0.0.1:1/x.pem"))]
    {
        for kid in [mint.header["kid"].clone(), Value::Null] {
            let header = with(&with(&mint.header, field, value.clone()), "kid", kid);
            let token = signed(&header, &mint.claims, |input| another.sign(input).as_ref().to_vec());
            assert_invalid(&app, field, &token).await;
        }
        assert_invalid(&app, field, &mint.with_header(field, value)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_campus_does_not_write_is_refused() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    for (field, value) in [
        ("kid", Value::Null),
        ("kid", json!("")),
        ("kid", json!("unknown")),
        ("kid", json!("../../dev/null")),
        ("kid", json!(7)),
        ("typ", Value::Null),
        ("typ", json!("JWT")),
        ("typ", json!("refresh+jwt")),
    ] {
        let why = format!("{field} {value}");
        assert_invalid(&app, &why, &mint.with_header(field, value)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_18_a_wrong_or_missing_claim_is_refused() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let later = mint.claims["nbf"].as_i64().expect("it is a number") + 3600;
    for (field, value) in [
        ("iss", json!("http://elsewhere.example")),
        ("iss", Value::Null),
        ("aud", json!("another")),
        ("aud", json!(["another"])),
        ("aud", Value::Null),
        ("sub", json!("1")),
        ("sub", json!("*")),
        ("sub", Value::Null),
        ("sid", json!("1")),
        ("sid", Value::Null),
        ("jti", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("nbf", Value::Null),
        ("nbf", json!(later)),
        ("iat", Value::Null),
        ("iat", json!(later)),
    ] {
        let why = format!("{field} {value}");
        assert_invalid(&app, &why, &mint.with_claim(field, value)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_18_a_session_of_someone_else_or_of_nobody_is_revoked() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let other = app.member().await;
    let unknown = json!("0199c0de-0000-7000-8000-000000000000");
    for (field, value) in [("sub", other.user["id"].clone()), ("sub", unknown.clone()), ("sid", unknown)] {
        assert_eq!(me(&app, &mint.with_claim(field, value)).await.summary(), "401 token_revoked", "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_longer_than_any_of_campus_is_refused() {
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    for padding in [1024, 10_000] {
        assert_invalid(&app, "padded", &mint.with_claim("padding", json!("a".repeat(padding)))).await;
    }
    assert_eq!(me(&app, &mint.with_claim("padding", json!("a"))).await.summary(), "200", "length is what was wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_29_an_altered_token_is_refused_wherever_it_is_altered() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let token = member.client.token().expect("there is a token");
    let dots: Vec<usize> = token.match_indices('.').map(|(at, _)| at).collect();
    for at in [dots[0] + 20, dots[1] - 5, dots[1] + 1, dots[1] + 43, token.len() - 2, token.len() - 1] {
        let mut altered = token.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("ASCII stays UTF-8");
        assert_invalid(&app, &format!("at {at} of {}", token.len()), &altered).await;
    }
    for cut in
        [&token[..token.len() - 1], &token[..dots[1]], &token[..=dots[1]], &format!("{token}A"), &format!("{token}=")]
    {
        assert_invalid(&app, "of another length", cut).await;
    }
}

/// RFC 8032, 5.1.7: S is less than the order L, or a signature could be written in several ways.
#[tokio::test(flavor = "multi_thread")]
async fn b1_29_a_signature_whose_s_is_not_reduced_is_refused() {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let app = TestApp::start().await;
    let mint = Mint::of(&app, &app.member().await).await;
    let token = signed(&mint.header, &mint.claims, |input| {
        let mut signature = mint.key.sign(input).as_ref().to_vec();
        let mut carry = 0;
        for (digit, addend) in signature[32..].iter_mut().zip(L) {
            let sum = u16::from(*digit) + u16::from(addend) + carry;
            *digit = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        signature
    });
    assert_invalid(&app, "S + L", &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_33_a_token_expires_after_15_minutes() {
    let app = TestApp::start().await;
    let member = app.member().await;
    app.advance(880);
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "200");
    app.advance(21);
    let reply = member.client.get("/v1/users/me").await;
    assert_eq!(reply.summary(), "401 token_expired");
    assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{reply:?}");
}

/// Changes a member's session behind HTTP, as other endpoints will.
async fn change_session(app: &TestApp, member: &Member, change: impl FnOnce(&mut Session)) {
    let claims = decoded(member.client.token().and_then(|token| token.split('.').nth(1)).expect("it has parts"));
    let text = |name: &str| claims[name].as_str().expect("it is text").to_owned();
    let key = Key::new(format!("USER#{}", text("sub")), format!("SESSION#{}", text("sid")));
    let store = Store::new(&app.clients);
    let mut session = store.find::<Session>(&key).await.expect("it can be read").expect("there is a session");
    change(&mut session);
    store.put(&session, exists()).await.expect("it can be written");
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_18_a_session_that_has_ended_is_revoked_within_30_seconds() {
    let app = TestApp::start().await;
    let member = app.member().await;
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "200");
    change_session(&app, &member, |session| session.state = SessionState::Ended).await;
    app.advance(30);
    let reply = member.client.get("/v1/users/me").await;
    assert_eq!(reply.summary(), "401 token_revoked");
    assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_33_a_session_whose_time_is_over_is_revoked() {
    let app = TestApp::start().await;
    let member = app.member().await;
    change_session(&app, &member, |session| session.expires_at = Timestamp::from_epoch_seconds(1)).await;
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "401 token_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_session_is_forbidden_within_30_seconds() {
    let app = TestApp::start().await;
    let member = app.member().await;
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "200");
    change_session(&app, &member, |session| session.state = SessionState::Suspended).await;
    app.advance(30);
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "403 session_suspended");
}
