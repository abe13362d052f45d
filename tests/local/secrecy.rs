//! Secrets, which must be found nowhere: searched for everywhere.

use campus_store::Store;
use campus_testkit::{SignUp, TestApp, code_in};
use serde_json::Value;

use super::everything::{self, log};

#[tokio::test(flavor = "multi_thread")]
async fn b3_35_a_code_is_in_no_table_queue_stream_or_log_and_no_number_or_token_is_in_a_log() {
    log();
    let app = TestApp::start_by_hand().await;
    let phone = "+821000000201";

    let asked = app.ask_for_code("sms", phone).await;
    let owed = app.owed().await;
    app.relay().await;
    let queued = app.system().state.receive("campus-local-sms", 10, Some(0)).expect("the queue can be read");
    app.work(campus_aws::SMS_QUEUE, "send_sms").await;
    let code = code_in(&app.outbox(phone).await[0].text);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    app.confirm(&asked.text("/id"), wrong).await;
    // Under keys, so that the answers are kept for repetitions.
    let post = async |path: &str, body: Value| app.anonymous().post_with_key(path, &body, &app.new_key()).await;
    let confirmations = format!("/v1/verification-codes/{}/confirmations", asked.text("/id"));
    let proof = post(&confirmations, serde_json::json!({ "code": code })).await.text("/proof");
    let signed_up = post("/v1/users", SignUp::with_proof(&proof).0).await;
    let token = signed_up.text("/session/access_token");
    app.anonymous().with_token(&token).get("/v1/users/me").await;
    let form = serde_json::json!({ "login": phone, "password": "drie kleine eendjes", "transport": "cookie" });
    let signed_in = post("/v1/sessions", form).await;
    let csrf_token = signed_in.text("/session/csrf_token");
    let first = signed_up.text("/session/refresh_token");
    let refreshed = post("/v1/token-refreshes", serde_json::json!({ "refresh_token": first })).await;
    let refresh_token = refreshed.text("/session/refresh_token");

    assert_eq!((owed.len(), queued.len()), (1, 1));
    let mut places = vec![("outbox", format!("{owed:?}")), ("queue", queued[0].body.clone())];
    places.push(("tables", tables(&app).await));
    assert!(places[2].1.contains("IDEMPOTENCY#"), "answers were kept");
    places.push(("streams", streams(&app)));
    for (place, text) in &places {
        assert!(text.len() > 100, "{place} was read");
        for (what, secret) in [
            ("code", code.as_str()),
            ("proof", proof.as_str()),
            ("password", "drie kleine eendjes"),
            ("refresh token", first.as_str()),
            ("refresh token", refresh_token.as_str()),
            ("access token", token.as_str()),
            ("CSRF token", csrf_token.as_str()),
        ] {
            assert!(!numbers_and_words(text).any(|word| word == secret), "the {what} is in the {place}");
        }
    }
    let logged = log().text();
    assert!(logged.contains("create_user"), "the log was read");
    for line in logged.lines() {
        for secret in [
            code.as_str(),
            proof.as_str(),
            phone,
            "1000000201",
            token.as_str(),
            first.as_str(),
            refresh_token.as_str(),
            csrf_token.as_str(),
            "drie kleine eendjes",
        ] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_39_what_fails_has_a_request_id_under_which_the_log_tells_the_cause() {
    log();
    let app = TestApp::start().await;
    let table = Store::new(&app.clients).physical(campus_aws::ACCOUNTS);
    app.clients.dynamodb.delete_table().table_name(table).send().await.expect("the table goes");
    let reply = app.anonymous().post("/v1/captcha-challenges", &serde_json::json!({})).await;
    assert_eq!(reply.summary(), "503 service_unavailable");

    let (id, log) = (reply.text("/request_id"), log().text());
    let of_request = log.lines().filter(|line| line.contains(&id));
    let lines: Vec<Value> = of_request.map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let failed = lines.iter().find(|line| line["level"] == "ERROR").expect("the failure is logged");
    let cause = failed["fields"]["cause"].as_str().expect("with its cause");
    assert!(cause.contains("ResourceNotFoundException"), "{cause}");
    // The client is told the id, not the cause.
    assert!(!reply.body.to_string().contains(cause));
    let answered = lines.iter().find(|line| line["fields"]["message"] == "answered").expect("the answer is logged");
    assert_eq!(answered["fields"]["http.status"], 503);
}

/// Runs of letters and digits: a code that is part of a longer number is not the code.
fn numbers_and_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', ' ', '{', '}', '(', ')', ':', ','])
}

async fn tables(app: &TestApp) -> String {
    format!("{:?}", everything::items(app).await)
}

fn streams(app: &TestApp) -> String {
    let records = campus_local::sources::records(&app.system().database, "campus-local-outbox", None, 1000);
    format!("{:?}", records.expect("the stream can be read"))
}
