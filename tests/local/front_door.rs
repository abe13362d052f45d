//! What the local front door hands on as it comes, and API Gateway does not.

use campus_endpoint::Describer;
use campus_testkit::TestApp;
use reqwest::Method;
use serde_json::json;

/// API Gateway takes whatever is sent as JSON for text, and a function is given text.
#[tokio::test(flavor = "multi_thread")]
async fn b1_25_a_text_that_is_not_utf8_is_malformed() {
    let app = TestApp::start_local().await;
    // Nobody else is let in everywhere.
    let admin = app.admin().await;
    let endpoints = campus_accounts::registry::<Describer>().endpoints.into_iter();
    let posts = endpoints.filter(|entry| entry.route.method == "POST" && (entry.describe)().body.is_some());
    for path in posts.map(|entry| entry.route.path().replace("{id}", "0199c0de-0000-7000-8000-000000000000")) {
        for body in [&b"{\"value\": \"\xff\xfe\"}"[..], b"{\"value\": \"\xed\xa0\x80\"}", b"{\"\xc0\xaf\": 1}"] {
            let reply = admin.post_raw(&path, body.to_vec()).await;
            assert_eq!(reply.summary(), "400 malformed_json", "{path} {}", body.escape_ascii());
        }
    }
}

/// API Gateway decodes a path before it routes it, so there an encoded slash is one.
#[tokio::test(flavor = "multi_thread")]
async fn an_encoded_slash_is_part_of_its_segment() {
    let app = TestApp::start_local().await;
    for id in ["%2F", "..%2F.."] {
        let reply = app.anonymous().post(&format!("/v1/captcha-challenges/{id}/solutions"), &json!({})).await;
        assert_eq!((reply.status, reply.fields()), (422, vec!["path:id id_format".to_owned()]), "{id}");
    }
    for method in [Method::GET, Method::POST] {
        let reply = app.anonymous().send(app.anonymous().request(method, "/v1%2Fusers")).await;
        assert_eq!(reply.summary(), "404 not_found");
    }
}

/// API Gateway makes text of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_variable_that_is_no_text_names_nothing() {
    let app = TestApp::start_local().await;
    let path = "/v1/captcha-challenges/%ff/solutions";
    assert_eq!(app.anonymous().post(path, &json!({})).await.summary(), "404 not_found");
    assert_eq!(app.anonymous().get(path).await.summary(), "405 method_not_allowed");
}

/// RFC 9110, 9.1. Gateways are known to raise the letters.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_in_small_letters_is_another() {
    let app = TestApp::start_local().await;
    let small = Method::from_bytes(b"post").expect("it is a method");
    let reply = app.anonymous().send(app.anonymous().request(small, "/v1/users")).await;
    assert_eq!((reply.summary(), reply.header("allow")), ("405 method_not_allowed".to_owned(), "POST"));
}
