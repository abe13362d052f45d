//! Paths, methods, languages, and the headers of every response.

use campus_testkit::TestApp;
use reqwest::{Method, Response};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn b4_22_a_trailing_slash_is_redirected_and_the_query_kept() {
    let app = TestApp::start().await;
    for (path, location) in [
        ("/v1/users/", "/v1/users"),
        ("/v1/users//", "/v1/users"),
        ("/v1/users/me/?a=1&b=%2F", "/v1/users/me?a=1&b=%2F"),
        ("/health/?q=", "/health?q="),
    ] {
        for method in [Method::GET, Method::POST] {
            let reply = app.anonymous().send(app.anonymous().request(method, path)).await;
            assert_eq!((reply.status, reply.header("location")), (308, location), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_nothing_has_is_404() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/nothing/",
        "/users",
        "/V1/users",
        "/v2/users",
        "/v1/users/me/more",
        "/v1/health",
        "/v1//users",
        "/v1/users//me",
        "//evil.example/",
        "/v1/users%0A",
        "/%ff",
        "/v1/captcha-challenges//solutions",
    ] {
        for method in [Method::GET, Method::POST] {
            let reply = app.anonymous().send(app.anonymous().request(method, path)).await;
            assert_eq!(reply.summary(), "404 not_found", "{path}");
        }
    }
}

/// API Gateway routes them so. A redirect must not lead to another host.
#[tokio::test(flavor = "multi_thread")]
async fn extra_slashes_in_front_are_one() {
    let app = TestApp::start().await;
    assert_eq!(app.anonymous().post("//v1/users", &json!({})).await.summary(), "422 validation_failed");
    assert_eq!(app.anonymous().get("//v1/users").await.summary(), "405 method_not_allowed");
    let slash_behind = app.anonymous().get("//v1/users/").await;
    assert_eq!((slash_behind.status, slash_behind.header("location")), (308, "/v1/users"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_28_another_method_is_405_and_told_which_are_allowed() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/v1/verification-codes", "POST"),
        (Method::GET, "/v1/users", "POST"),
        (Method::PUT, "/v1/users", "POST"),
        (Method::POST, "/health", "GET"),
        (Method::TRACE, "/health", "GET"),
        (Method::from_bytes(b"BREW").expect("it is a method"), "/health", "GET"),
    ] {
        let reply = app.anonymous().send(app.anonymous().request(method.clone(), path)).await;
        assert_eq!(reply.summary(), "405 method_not_allowed", "{method} {path}");
        assert!(reply.header("allow").split(", ").any(|method| method == allowed), "{method} {path}: {reply:?}");
    }
}

/// API Gateway has no route for `HEAD` either.
#[tokio::test(flavor = "multi_thread")]
async fn head_is_405_without_a_body() {
    let app = TestApp::start().await;
    let response = app.anonymous().request(Method::HEAD, "/health").send().await.expect("the system answers");
    assert_eq!(response.status(), 405);
    assert_eq!(header(&response, "allow"), "GET");
    assert_eq!(header(&response, "x-request-id").len(), 36);
    assert!(response.bytes().await.expect("it ends").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoded_path_variable_is_decoded_once() {
    let app = TestApp::start().await;
    for id in ["%252F", "%00", "%zz", "%", "a%20b", "%ED%95%9C"] {
        let reply = app.anonymous().post(&format!("/v1/captcha-challenges/{id}/solutions"), &json!({})).await;
        assert_eq!((reply.status, reply.fields()), (422, vec!["path:id id_format".to_owned()]), "{id}");
    }
    let challenge = app.anonymous().post("/v1/captcha-challenges", &json!({})).await.text("/id");
    let encoded = challenge.replace('-', "%2D");
    let reply = app.anonymous().post(&format!("/v1/captcha-challenges/{encoded}/solutions"), &json!({})).await;
    assert_eq!(reply.summary(), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_is_told_in_the_language_asked_for_and_its_code_in_none() {
    let app = TestApp::start().await;
    let told = async |path: &str, language: Option<&[u8]>| {
        let request = app.anonymous().request(Method::GET, path);
        let request = match language {
            Some(language) => request.header("accept-language", language),
            None => request,
        };
        let reply = app.anonymous().send(request).await;
        (reply.summary(), reply.text("/title"), reply.text("/detail"))
    };
    // One that the door tells, and one that an endpoint does.
    for (path, summary) in [("/v1/nothing", "404 not_found"), ("/v1/users/me", "401 token_missing")] {
        let korean = told(path, Some(b"ko-KR")).await;
        let english = told(path, Some(b"en-US,en;q=0.9")).await;
        let chinese = told(path, Some(b"zh-Hans-CN")).await;
        for reply in [&korean, &english, &chinese] {
            assert_eq!(reply.0, summary);
        }
        assert!(english.1.is_ascii(), "{english:?}");
        assert!(korean.1.chars().any(|c| ('가'..='힣').contains(&c)), "{korean:?}");
        assert!(chinese.1.chars().any(|c| ('一'..='鿿').contains(&c)), "{chinese:?}");
        assert_ne!(english.2, chinese.2);
        for other in [None, Some(&b"fr"[..]), Some(b""), Some(b"\xff;q=,,"), Some(b"en;q=0")] {
            assert_eq!(told(path, other).await, korean, "{other:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_field_is_told_in_the_language_asked_for() {
    let app = TestApp::start().await;
    let message = async |language: &str| {
        let request = app.anonymous().request(Method::POST, "/v1/users").json(&json!({}));
        app.anonymous().send(request.header("accept-language", language)).await.text("/errors/0/message")
    };
    let (korean, english, chinese) = (message("ko").await, message("en").await, message("zh").await);
    assert!(english.is_ascii() && !korean.is_ascii() && !chinese.is_ascii() && korean != chinese);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_has_the_security_headers() {
    let app = TestApp::start().await;
    for path in ["/health", "/v1/nothing", "/v1/users/", "/v1/users", "/v1/users/me"] {
        let reply = app.anonymous().get(path).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(reply.header(name), value, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_has_an_id_of_its_own_whatever_the_client_sends() {
    let app = TestApp::start().await;
    for path in ["/health", "/v1/nothing"] {
        let sent = "0199c0de-0000-7000-8000-000000000000";
        let request = || app.anonymous().request(Method::GET, path).header("x-request-id", sent);
        let (one, two) = (app.anonymous().send(request()).await, app.anonymous().send(request()).await);
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        assert_ne!(one.header("x-request-id"), sent);
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A preflight is answered by the gateway, not by Campus.
async fn preflight(app: &TestApp, origin: &str) -> Response {
    app.anonymous()
        .request(Method::OPTIONS, "/v1/users/me")
        .header("origin", origin)
        .header("access-control-request-method", "PATCH")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .expect("the system answers")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_from_a_known_origin_is_allowed() {
    let app = TestApp::start().await;
    let response = preflight(&app, "http://localhost:3000").await;
    assert!(response.status().is_success());
    assert_eq!(header(&response, "access-control-allow-origin"), "http://localhost:3000");
    assert_eq!(header(&response, "access-control-allow-credentials"), "true");
    assert!(header(&response, "access-control-allow-methods").contains("PATCH"));
    for name in ["authorization", "content-type", "idempotency-key", "x-csrf-token"] {
        assert!(header(&response, "access-control-allow-headers").contains(name), "{name}");
    }
}

/// Origins that no stage lists.
pub(crate) const FOREIGN: [&str; 7] = [
    "https://evil.example",
    "http://evil.example:3000",
    "http://localhost.evil.example",
    "http://localhost:3000.evil.example",
    "http://evil.example/http://localhost",
    "https://localhost:3000",
    "null",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_from_another_origin_is_not_allowed() {
    let app = TestApp::start().await;
    for origin in FOREIGN {
        assert_eq!(header(&preflight(&app, origin).await, "access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_readable_for_pages_of_a_known_origin_only() {
    let app = TestApp::start().await;
    for path in ["/health", "/v1/nothing", "/v1/users/me"] {
        let from = async |origin: &str| {
            app.anonymous().send(app.anonymous().request(Method::GET, path).header("origin", origin)).await
        };
        let known = from("http://localhost:3000").await;
        assert_eq!(known.header("access-control-allow-origin"), "http://localhost:3000");
        assert!(known.header("access-control-expose-headers").contains("x-request-id"));
        assert!(known.header("vary").to_ascii_lowercase().contains("origin"));
        for origin in FOREIGN {
            assert_eq!(from(origin).await.header("access-control-allow-origin"), "", "{origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_22_reading_is_200_making_is_201_queueing_is_202_and_what_is_not_there_is_404() {
    let app = TestApp::start().await;
    let member = app.member().await;

    assert_eq!(member.client.get("/v1/users/me").await.summary(), "200");
    let made = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    assert_eq!(made.summary(), "201");
    assert_eq!(made.header("location"), format!("/v1/captcha-challenges/{}", made.text("/id")));
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
    let nowhere = "/v1/captcha-challenges/0199c0de-0000-7000-8000-000000000000/solutions";
    assert_eq!(app.anonymous().post(nowhere, &json!({})).await.summary(), "404 captcha_not_found");
}
