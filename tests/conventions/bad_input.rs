//! Whatever a client sends, the answer is its own fault and never a 500 (which the kit refuses for every reply).

use campus_testkit::{Client, Reply, TestApp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

const SOME_ID: &str = "0199c0de-0000-7000-8000-000000000000";
const BODY_MAX: usize = 256 * 1024;

/// Every field that any `POST` endpoint knows, so that what is sent gets beyond the first look.
const FIELDS: [&str; 21] = [
    "username",
    "password",
    "password_confirmation",
    "nickname",
    "name",
    "email",
    "phone",
    "proof",
    "admission_year",
    "school_id",
    "locale",
    "time_zone",
    "terms_accepted",
    "channel",
    "target",
    "purpose",
    "captcha_token",
    "code",
    "kind",
    "value",
    "email_domains",
];

/// The paths of all `POST` endpoints of accounts that take a body. Nobody but admins is let in everywhere.
fn paths() -> Vec<String> {
    let endpoints = campus_accounts::registry::<()>().endpoints.into_iter();
    let posts = endpoints.filter(|entry| entry.route.method == "POST" && entry.route.path() != "/v1/users/me/exports");
    let paths: Vec<String> = posts.map(|entry| entry.route.path().replace("{id}", SOME_ID)).collect();
    assert!(paths.len() >= 6, "{paths:?}");
    paths
}

async fn post_typed(client: &Client, path: &str, media_type: Option<&str>, body: &'static str) -> Reply {
    let request = client.request(Method::POST, path).body(body);
    let request = match media_type {
        Some(media_type) => request.header("content-type", media_type),
        None => request,
    };
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_25_what_is_not_json_is_malformed() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    let nested = format!("{{\"a\":{}1{}}}", "[".repeat(2000), "]".repeat(2000));
    let objects = format!("{}1{}", "{\"a\":".repeat(2000), "}".repeat(2000));
    let bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "}",
        "{\"a\"}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "{\"a\": 01}",
        "{\"a\": NaN}",
        "{\"a\": 1} {\"a\": 2}",
        "a=1&b=2",
        "<a/>",
        "nul",
        "\u{feff}{}",
        "{\"a\": \"\n\"}",
        "{\"value\": \"\\ud800\"}",
        "{\"value\": \"\\udc00\\ud800\"}",
        "{\"\\ud800\": 1}",
        &nested,
        &objects,
        &"[".repeat(2000),
    ]
    .iter()
    .map(|body| body.as_bytes().to_vec())
    // Not UTF-8, where no text can be; tests/local has it within texts.
    .chain([b"\xff\xfe{}".to_vec(), b"{\xc0\xaf: 1}".to_vec()])
    .collect();
    for path in paths() {
        for body in &bodies {
            let reply = admin.post_raw(&path, body.clone()).await;
            let start = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
            assert_eq!(reply.summary(), "400 malformed_json", "{path} {start}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_25_another_media_type_or_none_is_415() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for path in paths() {
        for media_type in [
            None,
            Some(""),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/jsonp"),
            Some("application/merge-patch+json"),
            Some("text/plain; application/json"),
        ] {
            let reply = post_typed(&admin, &path, media_type, "{}").await;
            assert_eq!(reply.summary(), "415 unsupported_media_type", "{path} {media_type:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_media_type_is_known_in_any_case_and_with_parameters() {
    let app = TestApp::start().await;
    for media_type in ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;"] {
        let reply = post_typed(&app.anonymous(), "/v1/captcha-challenges", Some(media_type), "{}").await;
        assert_eq!(reply.summary(), "201", "{media_type}");
    }
}

/// JSON of exactly so many bytes.
fn of_length(length: usize) -> String {
    let frame = "{\"value\":\"\"}".len();
    format!("{{\"value\":\"{}\"}}", "a".repeat(length - frame))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_more_than_256_kib_is_413() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for path in paths() {
        let reply = admin.post_raw(&path, of_length(BODY_MAX + 1)).await;
        assert_eq!(reply.summary(), "413 payload_too_large", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_256_kib_is_read() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post_raw("/v1/availability-checks", of_length(BODY_MAX)).await;
    assert_eq!((reply.status, reply.fields()), (422, vec!["/kind required".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_what_the_door_reads_is_413() {
    let app = TestApp::start().await;
    let reply = app.anonymous().post_raw("/v1/users", of_length(7 * 1024 * 1024)).await;
    assert_eq!(reply.summary(), "413 payload_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_object_is_of_the_wrong_type() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    for path in paths() {
        for body in [json!([]), json!([{}]), json!("text"), json!(7), json!(-0.5), json!(true), Value::Null] {
            let reply = admin.post(&path, &body).await;
            assert_eq!((reply.status, reply.fields()), (422, vec![" wrong_type".to_owned()]), "{path} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_23_null_is_told_where_it_is_not_allowed() {
    let app = TestApp::start().await;
    let nothing: serde_json::Map<String, Value> =
        FIELDS.map(|field| (field.to_owned(), Value::Null)).into_iter().collect();
    for (path, fields) in [
        (
            "/v1/users",
            vec![
                "/password null_not_allowed",
                "/password_confirmation null_not_allowed",
                "/proof proof_required",
                "/terms_accepted null_not_allowed",
            ],
        ),
        (
            "/v1/verification-codes",
            vec!["/channel null_not_allowed", "/purpose null_not_allowed", "/target null_not_allowed"],
        ),
        ("/v1/availability-checks", vec!["/kind null_not_allowed", "/value null_not_allowed"]),
        (&format!("/v1/verification-codes/{SOME_ID}/confirmations"), vec!["/code null_not_allowed"]),
    ] {
        let reply = app.anonymous().post(path, &Value::Object(nothing.clone())).await;
        assert_eq!((reply.status, reply.fields()), (422, fields.into_iter().map(str::to_owned).collect()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b0_2_every_wrong_field_is_told_at_once() {
    let app = TestApp::start().await;
    let form = json!({
        "username": "x", "password": "short", "password_confirmation": 7, "nickname": "운영자", "name": "",
        "email": "minji", "phone": "+1 202 555 0100", "proof": [], "admission_year": "2026", "school_id": "1",
        "locale": "fr", "time_zone": "Mars/Olympus", "terms_accepted": false,
    });
    let reply = app.anonymous().post("/v1/users", &form).await;
    assert_eq!(reply.summary(), "422 validation_failed");
    let fields = [
        "/admission_year wrong_type",
        "/email email_invalid",
        "/locale locale_unknown",
        "/name too_short",
        "/nickname reserved",
        "/password too_short",
        "/password_confirmation wrong_type",
        "/phone phone_country_not_allowed",
        "/proof wrong_type",
        "/school_id id_format",
        "/terms_accepted terms_not_accepted",
        "/time_zone time_zone_unknown",
        "/username too_short",
    ];
    assert_eq!(reply.fields(), fields);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_type_is_told_for_every_field() {
    let app = TestApp::start().await;
    for wrong in [json!(7), json!(-1), json!(0.5), json!(1e308), json!([]), json!([1]), json!({}), json!({ "a": {} })] {
        let all: serde_json::Map<String, Value> =
            FIELDS.map(|field| (field.to_owned(), wrong.clone())).into_iter().collect();
        for (path, pointers) in [
            ("/v1/users", 12),
            ("/v1/verification-codes", 4),
            ("/v1/availability-checks", 3),
            (&format!("/v1/verification-codes/{SOME_ID}/confirmations"), 1),
        ] {
            let reply = app.anonymous().post(path, &Value::Object(all.clone())).await;
            let told = reply.fields();
            assert_eq!(reply.status, 422, "{path} {wrong}");
            assert!(
                told.iter().filter(|field| !field.starts_with("/admission_year")).count() >= pointers,
                "{path} {wrong} {told:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_fits_nowhere_is_refused() {
    let app = TestApp::start().await;
    for number in [
        "99999999999999999999999999",
        "-99999999999999999999999999",
        "1e999",
        "-1e999",
        "1e-999",
        "2026.5",
        "-0.0",
        "9223372036854775808",
    ] {
        let reply = app.anonymous().post_raw("/v1/users", format!("{{\"admission_year\":{number}}}")).await;
        let named = reply.fields().iter().any(|field| field.starts_with("/admission_year "));
        assert!(named || reply.summary() == "400 malformed_json", "{number} {reply:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_sent_twice_is_refused() {
    let app = TestApp::start().await;
    let admin = app.admin().await;
    // What a refresh takes may all be left out: it is asked below for a field of its own.
    let needs_fields = |path: &String| !path.contains("captcha") && !path.contains("token-refreshes");
    for path in paths().into_iter().filter(needs_fields) {
        for field in ["password", "value", "code", "target"] {
            let reply = admin.post_raw(&path, format!("{{\"{field}\":\"minji_26\",\"{field}\":\"junho_26\"}}")).await;
            assert_eq!(reply.status, 422, "{path} {field}");
        }
    }
    let complete = r#"{"kind":"username","value":"minji_26","value":"junho_26"}"#;
    assert_eq!(app.anonymous().post_raw("/v1/availability-checks", complete).await.fields(), ["/value repeated"]);
    let complete = r#"{"refresh_token":"x","refresh_token":"y"}"#;
    assert_eq!(app.anonymous().post_raw("/v1/token-refreshes", complete).await.fields(), ["/refresh_token repeated"]);
    let nested = r#"{"lead_minutes":0,"kinds":{"screening_reminder":{"sms":true,"sms":false}}}"#;
    let reply = admin.request(Method::PUT, "/v1/users/me/notification-preferences");
    let reply = admin.send(reply.header("content-type", "application/json").body(nested)).await;
    assert_eq!(reply.fields(), ["/kinds/screening_reminder/sms repeated", "/lead_minutes out_of_range"]);
    let twice = app.anonymous().get("/v1/schools?limit=x&limit=1").await;
    assert_eq!(twice.fields(), ["query:limit repeated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nul_character_is_refused_in_every_text() {
    let app = TestApp::start().await;
    let form = json!({
        "username": "min\u{0}ji", "password": "drie kleine\u{0} eendjes", "password_confirmation": "drie kleine\u{0} eendjes",
        "nickname": "민\u{0}지", "name": "김\u{0}민지", "email": "min\u{0}ji@campus.example", "phone": "010-0000\u{0}-0000",
        "proof": "\u{0}", "school_id": "\u{0}", "locale": "\u{0}", "time_zone": "Asia/Seoul\u{0}", "terms_accepted": true,
    });
    let fields = [
        "/email email_invalid",
        "/locale locale_unknown",
        "/name character_not_allowed",
        "/nickname character_not_allowed",
        "/password character_not_allowed",
        "/password_confirmation character_not_allowed",
        "/phone phone_invalid",
        "/school_id id_format",
        "/time_zone time_zone_unknown",
        "/username character_not_allowed",
    ];
    assert_eq!(app.anonymous().post("/v1/users", &form).await.fields(), fields);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_id_of_another_form_is_told() {
    let app = TestApp::start().await;
    let long = "a".repeat(5000);
    for id in [
        "7",
        "-1",
        "me",
        "0199c0de000070008000000000000000",
        "%7B0199c0de-0000-7000-8000-000000000000%7D",
        "urn:uuid:0199c0de-0000-7000-8000-000000000000",
        "0199c0de-0000-4000-8000-000000000000",
        "00000000-0000-0000-0000-000000000000",
        "0199c0de-0000-7000-8000-00000000000g",
        "0199c0de-0000-7000-8000-000000000000%00",
        "%EF%BC%90199c0de-0000-7000-8000-000000000000",
        &long,
    ] {
        for (path, body) in [
            (format!("/v1/captcha-challenges/{id}/solutions"), json!({})),
            (format!("/v1/verification-codes/{id}/confirmations"), json!({ "code": "123456" })),
        ] {
            let reply = app.anonymous().post(&path, &body).await;
            assert_eq!((reply.status, reply.fields()), (422, vec!["path:id id_format".to_owned()]), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_8_an_unknown_query_parameter_is_400_and_named() {
    let app = TestApp::start().await;
    // Nobody else is let in everywhere.
    let admin = app.as_admin(&app.member().await).await;
    for entry in campus_accounts::registry::<()>().endpoints {
        let path = entry.route.path().replace("{id}", SOME_ID);
        let method = Method::from_bytes(entry.route.method.as_bytes()).expect("it is a method");
        let request = admin.request(method, &format!("{path}?q=1&%ED%95%9C%0Ax=2")).json(&json!({}));
        let reply = admin.send(request).await;
        assert_eq!(reply.summary(), "400 unknown_query_parameter", "{}", entry.name);
        assert_eq!(reply.fields(), ["query:q unknown_value", "query:x unknown_value"], "{}", entry.name);
    }
}

/// JSON of any shape; half of the objects use names that the endpoints know.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "\\PC{0,40}",
        Just("sms".to_owned()),
        Just("sign_up".to_owned()),
        Just("phone".to_owned()),
        Just("minji@campus.example".to_owned()),
        Just(SOME_ID.to_owned()),
        "[0-9]{6}",
        "\\+?[0-9 ()-]{6,20}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let known = prop::collection::hash_map(prop::sample::select(FIELDS.to_vec()), inner.clone(), 0..FIELDS.len())
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    prop_oneof![3 => known, 1 => inner]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_json_makes_any_endpoint_fail() {
    let app = TestApp::start().await;
    let client = app.admin().await.from_address(app.another_address());
    let mut runner = TestRunner::deterministic();
    for _ in 0..60 {
        let body = any_json().new_tree(&mut runner).expect("there is JSON").current();
        for path in paths() {
            let reply = client.post(&path, &body).await;
            assert!(reply.status < 500, "{path} {body}: {reply:?}");
        }
    }
}

/// The paths of all `PATCH` endpoints.
fn patched() -> Vec<String> {
    let endpoints = campus_local::registries().into_iter().flat_map(|registry| registry.endpoints);
    let patches = endpoints.filter(|entry| entry.route.method == "PATCH");
    let paths: Vec<String> = patches.map(|entry| entry.route.path().replace("{id}", SOME_ID)).collect();
    assert!(!paths.is_empty());
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn b1_25_a_patch_is_read_as_carefully_as_what_is_posted() {
    let app = TestApp::start().await;
    // Nobody else is let in everywhere.
    let client = app.as_admin(&app.member().await).await;
    let send = async |path: &str, body: String| {
        let request = client.request(Method::PATCH, path).header("content-type", "application/merge-patch+json");
        client.send(request.body(body)).await
    };
    for path in patched() {
        for body in ["", "{", "nul", "{\"name\": \"\\ud800\"}", "{} {}", &"[".repeat(2000)] {
            assert_eq!(send(&path, body.to_owned()).await.summary(), "400 malformed_json", "{path} {body}");
        }
        for body in ["[]", "[{\"op\": \"remove\", \"path\": \"/name\"}]", "null", "7", "\"text\""] {
            let reply = send(&path, body.to_owned()).await;
            assert_eq!((reply.status, reply.fields()), (422, vec![" wrong_type".to_owned()]), "{path} {body}");
        }
        assert_eq!(send(&path, of_length(BODY_MAX + 1)).await.summary(), "413 payload_too_large", "{path}");
        assert_ne!(send(&path, of_length(BODY_MAX)).await.status, 413, "{path}");
        let mut runner = TestRunner::deterministic();
        for _ in 0..60 {
            let mut body = any_json().new_tree(&mut runner).expect("there is JSON").current();
            // A nickname that is chosen stays taken, also from another run on the same stage.
            if body["nickname"].is_string() {
                body["nickname"] = app.new_nickname().into();
            }
            let reply = send(&path, body.to_string()).await;
            assert!(reply.status < 500, "{path} {body}: {reply:?}");
        }
    }
}
