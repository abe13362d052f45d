//! Providers of accounts that fare badly, what is kept of what they give, and people who come at once.

use std::time::{Duration, Instant};

use campus_testkit::{TestApp, race};
use serde_json::json;

use super::everything::places_of;

#[tokio::test]
async fn a_provider_that_is_down_slow_or_makes_no_sense_is_503_in_time_and_nothing_is_spent() {
    let app = TestApp::start_local().await;
    for provider in ["google", "kakao", "facebook"] {
        let person = app.acquaintance(provider);
        let visit = app.visit(&app.anonymous(), &person).await;
        let tokens = app.tokens_of(&person).await;
        for kind in ["down", "slow", "nonsense"] {
            app.trouble(provider, Some(kind)).await;
            let shown = [visit.shown(), json!({ "access_token": tokens["access_token"] })];
            for shown in shown {
                let began = Instant::now();
                let told = app.anonymous().post(&person.path("sessions"), &shown).await;
                assert_eq!(told.summary(), "503 provider_unavailable", "{provider} {kind}");
                assert!(!told.header("retry-after").is_empty(), "{provider} {kind}");
                // Its own five seconds, and what a busy machine adds.
                assert!(began.elapsed() < Duration::from_secs(9), "{provider} {kind}: {:?}", began.elapsed());
            }
        }
        app.trouble(provider, None).await;
        let told = app.anonymous().post(&person.path("sessions"), &visit.shown()).await;
        assert_eq!(told.status, 200, "{provider}: {told:?}");
    }
}

#[tokio::test]
async fn a_provider_that_tells_of_two_people_or_gives_no_id_token_is_not_believed() {
    let app = TestApp::start_local().await;
    for (provider, flaw, told) in [
        ("kakao", "other_subject", "503 provider_unavailable"),
        ("facebook", "other_subject", "503 provider_unavailable"),
        ("google", "no_id_token", "503 provider_unavailable"),
        ("kakao", "no_id_token", "503 provider_unavailable"),
    ] {
        let person = app.acquaintance(provider).with("flaw", flaw);
        assert_eq!(app.sign_in_by(&person).await.summary(), told, "{provider} {flaw}");
    }
}

#[tokio::test]
async fn b0_44_no_token_or_code_of_a_provider_is_kept_anywhere() {
    let app = TestApp::start_local().await;
    for provider in ["google", "kakao", "facebook"] {
        let person = app.acquaintance(provider);
        let tokens = app.tokens_of(&person).await;
        let visit = app.visit(&app.anonymous(), &person).await;
        for shown in [visit.shown(), json!({ "access_token": tokens["access_token"] })] {
            assert_eq!(app.anonymous().post(&person.path("sessions"), &shown).await.status, 200);
        }
        let access_token = tokens["access_token"].as_str().expect("it is text");
        let found = places_of(&app, &[access_token, &visit.code, &visit.state]).await;
        assert_eq!(found, Vec::<String>::new(), "{provider}");
    }
}

#[tokio::test]
async fn of_any_number_of_registrations_at_once_one_makes_an_account() {
    let app = TestApp::start_local().await;
    let person = app.acquaintance("google").with("email", json!(null));
    let mut tickets = Vec::new();
    for _ in 0..2 {
        tickets.push(app.sign_in_by(&person).await.text("/ticket"));
    }
    let race = race(20, async |number| {
        let form = json!({ "ticket": tickets[number % 2], "terms_accepted": true });
        app.anonymous().post(&person.path("registrations"), &form).await
    })
    .await;
    // Whose ticket it was is told that it is over, the other that the identity is taken.
    let tally = race.tally();
    assert_eq!(tally.get("201"), Some(&1), "{tally:?}");
    assert_eq!(
        tally.get("409 identity_taken").copied().unwrap_or_default(),
        19 - tally.get("410 ticket_expired").copied().unwrap_or_default(),
        "{tally:?}"
    );
    assert_eq!(app.sign_in_by(&person).await.status, 201);
}
