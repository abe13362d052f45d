//! Faults on demand: the calls of a function fail as was asked for, and what comes of it is what a client would see.

use std::time::{Duration, Instant};

use campus_local::faults::{Attempts, Fault, Kind};
use campus_testkit::{Reply, TestApp, eventually};
use serde_json::json;

async fn ask(app: &TestApp) -> Reply {
    app.anonymous().post("/v1/captcha-challenges", &json!({})).await
}

/// A fault of the next write of a captcha challenge.
fn at_captcha(kind: Kind) -> Fault {
    Fault {
        operation: Some("DynamoDB.TransactWriteItems".to_owned()),
        function: Some("create_captcha_challenge".to_owned()),
        ..Fault::next(kind)
    }
}

fn runs_of(app: &TestApp, function: &str) -> usize {
    app.system().recorder.invocations().iter().filter(|invocation| invocation.function == function).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_is_seen_by_the_client_and_the_next_one_succeeds() {
    let app = TestApp::start_local().await;
    for kind in [Kind::Fail, Kind::Throttle] {
        app.system().faults.inject(at_captcha(kind));
        assert_eq!(ask(&app).await.summary(), "503 service_unavailable", "{kind:?}");
        assert_eq!(ask(&app).await.summary(), "201", "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_first_attempt_alone_is_mended_by_the_sdk() {
    let app = TestApp::start_local().await;
    let fault = |kind| Fault { attempts: Attempts::First, ..at_captcha(kind) };
    app.system().faults.inject(fault(Kind::Throttle));
    assert_eq!(ask(&app).await.summary(), "201");
    let began = Instant::now();
    app.system().faults.inject(fault(Kind::Hang));
    assert_eq!(ask(&app).await.summary(), "201");
    assert!(began.elapsed() >= Duration::from_secs(1), "an attempt that hangs takes its second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_spares_other_functions_other_operations_and_those_to_be_skipped() {
    let app = TestApp::start_local().await;
    let elsewhere = Fault { function: Some("create_user".to_owned()), ..at_captcha(Kind::Fail) };
    let otherwise = Fault { operation: Some("DynamoDB.GetItem".to_owned()), ..at_captcha(Kind::Fail) };
    app.system().faults.inject(elsewhere.clone());
    app.system().faults.inject(otherwise.clone());
    app.system().faults.inject(Fault { skip: 1, ..at_captcha(Kind::Fail) });
    assert_eq!(ask(&app).await.summary(), "201");
    assert_eq!(ask(&app).await.summary(), "503 service_unavailable");
    assert_eq!(app.system().faults.awaiting_calls(), [elsewhere, otherwise]);
    app.system().faults.clear();
    assert_eq!(app.system().faults.awaiting_calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_in_conflict_is_tried_again() {
    let app = TestApp::start_local().await;
    // Two kinds of writes, which are told of a conflict in different words.
    app.system()
        .faults
        .inject(Fault { function: Some("create_verification_code".to_owned()), ..Fault::next(Kind::Conflict) });
    let single = Fault { operation: Some("DynamoDB.UpdateItem".to_owned()), ..Fault::next(Kind::Conflict) };
    app.system().faults.inject(single);
    let check = json!({ "kind": "username", "value": "someone" });
    assert_eq!(app.anonymous().post("/v1/availability-checks", &check).await.summary(), "200");
    assert_eq!(app.ask_for_code("sms", &app.new_phone()).await.summary(), "202");
    assert_eq!(app.system().faults.awaiting_calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_is_lost_has_taken_effect() {
    let app = TestApp::start_local().await;
    let phone = app.new_phone();
    let function = Some("send_sms".to_owned());
    let operation = Some("SNS.Publish".to_owned());
    app.system().faults.inject(Fault {
        operation,
        function,
        attempts: Attempts::First,
        ..Fault::next(Kind::LoseAnswer)
    });
    assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
    app.messages(&phone, 1).await;
    assert_eq!(app.system().faults.awaiting_calls(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_delivered_twice_are_worked_on_twice_and_sent_once() {
    let app = TestApp::start_local().await;
    app.system().faults.deliver_twice("sms", 2);
    for deliveries in [2, 4, 5] {
        let phone = app.new_phone();
        assert_eq!(app.ask_for_code("sms", &phone).await.summary(), "202");
        eventually("the deliveries", async || (runs_of(&app, "send_sms") == deliveries).then_some(())).await;
        assert_eq!(app.messages(&phone, 1).await.len(), 1);
    }
    assert_eq!(app.system().faults.awaiting_messages(), []);
}
