//! `/health` and `/.well-known/jwks.json`.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::{ACCOUNTS, KEYS, REQUESTS, SESSIONS, Table};
use campus_store::Store;
use campus_testkit::TestApp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

/// Takes a table away: only ever from a local system, or everyone would lose it.
async fn lose(app: &TestApp, table: Table) {
    let clients = &app.system().clients;
    let name = Store::new(clients).physical(table);
    clients.dynamodb.delete_table().table_name(name).send().await.expect("the table goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_28_health_is_200_when_everything_is_there() {
    let app = TestApp::start().await;
    let reply = app.anonymous().get("/health").await;
    assert_eq!((reply.status, reply.body), (200, json!({ "status": "ok" })));
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_28_health_is_503_and_names_the_database_when_it_is_down() {
    let app = TestApp::start().await;
    lose(&app, KEYS).await;
    let reply = app.anonymous().get("/health").await;
    assert_eq!(reply.summary(), "503 service_unavailable");
    assert_eq!(reply.body["down"], json!(["database"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_a_write_is_503_when_its_table_is_down() {
    let app = TestApp::start().await;
    lose(&app, ACCOUNTS).await;
    let reply = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    assert_eq!(reply.summary(), "503 service_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_a_transaction_is_503_when_one_of_its_tables_is_down() {
    let app = TestApp::start().await;
    let proof = app.proof("sms", &app.new_phone()).await;
    lose(&app, SESSIONS).await;
    let reply = app.anonymous().post("/v1/users", &campus_testkit::SignUp::with_proof(&proof).0).await;
    assert_eq!(reply.summary(), "503 service_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_a_limit_that_cannot_be_counted_is_503() {
    let app = TestApp::start().await;
    lose(&app, REQUESTS).await;
    let reply =
        app.anonymous().post("/v1/availability-checks", &json!({ "kind": "username", "value": "minji1" })).await;
    assert_eq!(reply.summary(), "503 service_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_17_a_session_that_cannot_be_read_is_503_and_not_401() {
    let app = TestApp::start().await;
    let member = app.member().await;
    lose(&app, SESSIONS).await;
    assert_eq!(member.client.get("/v1/users/me").await.summary(), "503 service_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_has_the_one_key_that_signs() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let keys = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(keys.header("cache-control"), "public, max-age=300");
    let header = jsonwebtoken::decode_header(member.client.token().expect("there is a token")).expect("it is a JWT");
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
        "kid": header.kid, "x": keys.text("/keys/0/x"),
    });
    assert_eq!(keys.body, json!({ "keys": [key] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn b4_18_b4_19_a_token_verifies_by_the_key_set_and_has_every_claim() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let keys = app.anonymous().get("/.well-known/jwks.json").await;
    let key = DecodingKey::from_ed_components(&keys.text("/keys/0/x")).expect("it is a key");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["campus"]);
    validation.set_issuer(&[&app.settings.issuer]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp", "nbf"]);
    let token = member.client.token().expect("there is a token");
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).expect("it verifies").claims;

    assert_eq!(claims["sub"], member.user["id"]);
    assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(900));
    assert!(claims["jti"].is_string() && claims["sid"].is_string(), "{claims}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_42_an_access_token_has_1024_characters_at_most() {
    let app = TestApp::start().await;
    let member = app.member().await;
    let token = member.client.token().expect("there is a token");
    assert!(token.len() <= 1024, "{}", token.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_holds_no_private_key() {
    let app = TestApp::start().await;
    app.member().await;
    let keys = app.anonymous().get("/.well-known/jwks.json").await;
    assert_eq!(keys.body["keys"][0]["d"], Value::Null);
    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(keys.text("/keys/0/x")).map(|key| key.len()), Ok(32));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_describes_itself_to_anyone() {
    let app = TestApp::start().await;
    let reply = app.anonymous().get("/openapi.json").await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(reply.body["openapi"], "3.1.0");
    for entry in campus_local::registries().into_iter().flat_map(|registry| registry.endpoints) {
        let operation = &reply.body["paths"][entry.route.path()][entry.route.method.to_ascii_lowercase()];
        assert_eq!(operation["operationId"], entry.name);
    }
}
