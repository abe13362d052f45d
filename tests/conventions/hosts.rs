//! The host that a request names is the client's word: nothing that Campus says depends on it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_testkit::{Client, Reply, SignUp, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

const FORGED: [(&str, &str); 5] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "gopher"),
    ("x-original-url", "//evil.example/"),
    ("forwarded", "host=evil.example;proto=gopher"),
];

async fn post_forged(client: &Client, path: &str, body: &Value) -> Reply {
    let request = client.request(Method::POST, path).json(body);
    client.send(FORGED.into_iter().fold(request, |request, (name, value)| request.header(name, value))).await
}

fn issuer(token: &str) -> String {
    let claims = token.split('.').nth(1).expect("it has three parts");
    let claims: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).expect("it is base64url")).expect("it is JSON");
    claims["iss"].as_str().expect("there is an issuer").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_5_a_forged_host_is_in_no_answer_token_or_message() {
    let app = TestApp::start().await;
    let (client, address) = (app.anonymous(), app.new_email());
    let form = json!({
        "channel": "email", "target": address, "purpose": "sign_up", "captcha_token": app.captcha_token().await,
    });
    let asked = post_forged(&client, "/v1/verification-codes", &form).await;
    assert_eq!(asked.summary(), "202");
    let mail = app.messages(&address, 1).await.remove(0);
    let code = campus_testkit::code_in(&mail.text);
    let proof = app.confirm(&asked.text("/id"), &code).await.text("/proof");
    let signed_up = post_forged(&client, "/v1/users", &SignUp::with_proof(&proof).0).await;
    let refused = post_forged(&client, "/v1/users", &json!({})).await;

    let genuine = app.member().await;
    let token = genuine.client.token().expect("there is a token");
    assert_eq!(issuer(&signed_up.text("/session/access_token")), issuer(token));
    for said in [format!("{signed_up:?}"), format!("{refused:?}"), format!("{asked:?}"), format!("{mail:?}")] {
        assert!(!said.contains("evil.example") && !said.contains("gopher"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_5_a_redirect_stays_with_the_host_whatever_the_request_names() {
    let app = TestApp::start().await;
    let reply = post_forged(&app.anonymous(), "/v1/users/", &json!({})).await;
    assert_eq!((reply.status, reply.header("location")), (308, "/v1/users"));
}
