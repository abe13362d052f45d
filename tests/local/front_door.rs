//! What the local front door hands on as it comes, and API Gateway does not.

use campus_endpoint::Describer;
use campus_testkit::TestApp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// A browser does so for any site that a developer visits, and asks nobody before.
#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_make_no_stand_in_send_anything() {
    let app = TestApp::start_local().await;
    let client = app.anonymous();
    let asked = client.request(Method::GET, "/_local/aws.json").send().await.expect("the system answers");
    let stand_ins: Value = asked.json().await.expect("it is JSON");
    let url = stand_ins["AWS_ENDPOINT_URL"].as_str().expect("it says where they are");
    let phone = app.new_phone();
    let publish = |origin: Option<&str>| {
        let form = [("Action", "Publish"), ("Version", "2010-03-31"), ("Message", "hi"), ("PhoneNumber", &phone)];
        let request = reqwest::Client::new().post(url).form(&form);
        origin.map_or(request.try_clone().expect("it is short"), |origin| request.header("origin", origin)).send()
    };
    assert_eq!(publish(Some("https://evil.example")).await.expect("it answers").status(), 403);
    assert!(app.outbox(&phone).await.is_empty());
    assert_eq!(publish(None).await.expect("it answers").status(), 200);
    assert_eq!(app.outbox(&phone).await.len(), 1);
}

/// As the API's own paths do.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_found_with_a_slash_behind_it_too() {
    let app = TestApp::start_local().await;
    for page in ["", "/docs", "/outbox", "/queues", "/faults"] {
        let answer = app.anonymous().request(Method::GET, &format!("/_local{page}/")).send().await;
        let answer = answer.expect("the system answers");
        let (status, location) = (answer.status(), answer.headers().get("location").cloned());
        let found = status == 200 || location.is_some_and(|location| location == format!("/_local{page}"));
        assert!(found, "{page} {status}");
    }
    let unknown = app.anonymous().request(Method::GET, "/_local/nothing/").send().await;
    assert_eq!(unknown.expect("the system answers").status(), 404);
}

/// Its sender has gone, or counts wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_no_body_that_is_too_large() {
    let app = TestApp::start_local().await;
    let mut connection = TcpStream::connect(app.system().address).await.expect("it listens");
    let request = "POST /v1/sessions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    connection.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("it answers and closes");
    assert!(answer.starts_with(b"HTTP/1.1 400 "), "{}", answer.escape_ascii());
}
