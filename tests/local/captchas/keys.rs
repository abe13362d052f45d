//! The keys of makers of captchas: who needs them, and what is done without.

use std::sync::Arc;

use campus_aws::PROVIDER_KEYS;
use campus_domain::SystemClock;
use campus_endpoint::{CaptchaProvider, Function, KeyError, Runtime, Settings, SocialClients};
use campus_local::{LocalSystem, providers, registries};
use serde_json::json;

use super::{CHALLENGES, MAKERS, begin, solve, start};
use crate::accounts::signing_in::latest_calls;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_maker_no_key_is_read() {
    for (maker, is_read) in [(CaptchaProvider::None, false), (CaptchaProvider::GeetestV3, true)] {
        let app = start(maker).await;
        app.captcha_token().await;
        for function in ["create_captcha_challenge", "solve_captcha_challenge"] {
            let calls = latest_calls(&app, function);
            assert_eq!(calls.iter().any(|call| call.contains("provider-keys")), is_read, "{maker:?} {calls:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_functions_that_need_the_key_of_a_maker_do_not_start_without() {
    let app = start(CaptchaProvider::Turnstile).await;
    let secret = format!("{}{}", app.clients.prefix(), PROVIDER_KEYS.name);
    let checked = async |captcha_provider, value: &str| {
        app.system().state.replace_secret(&secret, value).expect("the secret can be replaced");
        let mut missing = Vec::new();
        for entry in registries().into_iter().flat_map(|registry| registry.endpoints) {
            // What is cached is cached by the instance.
            let settings = Settings { captcha_provider, social: SocialClients::default(), ..app.settings.clone() };
            let recorder = Arc::clone(&app.system().recorder);
            let runtime = Runtime::new(app.clients.clone(), Arc::new(settings), Arc::new(SystemClock), recorder);
            let (name, is_granted) = (entry.name, entry.grants.contains(&PROVIDER_KEYS.read()));
            match Function::new(entry, Arc::new(runtime)).check_keys().await {
                Ok(()) => {}
                Err(KeyError::Missing("captcha") | KeyError::NoKeys(_)) if is_granted => missing.push(name),
                Err(error) => panic!("{name}: {error}"),
            }
        }
        missing
    };
    let needed = ["create_captcha_challenge", "solve_captcha_challenge"];
    for maker in MAKERS {
        assert_eq!(checked(maker, providers::KEYS).await, Vec::<&str>::new());
        for value in ["{}", r#"{"captcha": ""}"#, r#"{"google": "key"}"#, "Zm9vYmFyMTIz"] {
            let missing = checked(maker, value).await;
            assert!(needed.iter().all(|name| missing.contains(name)), "{maker:?} {value}: {missing:?}");
        }
    }
    assert_eq!(checked(CaptchaProvider::None, "{}").await, Vec::<&str>::new());
    let granted = LocalSystem::grants().into_iter().filter(|(_, grants)| grants.contains(&PROVIDER_KEYS.read()));
    let granted: Vec<_> = granted.map(|(name, _)| name).collect();
    assert!(needed.iter().all(|name| granted.contains(name)), "{granted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_27_a_key_that_is_taken_away_later_is_a_maker_that_is_down() {
    for maker in MAKERS {
        let app = start(maker).await;
        let challenge = begin(&app).await;
        let answer = app.widget_answer(&challenge).await;
        let secret = format!("{}{}", app.clients.prefix(), PROVIDER_KEYS.name);
        app.system().state.replace_secret(&secret, "{}").expect("the secret can be replaced");
        // Until then the old one is cached.
        app.advance(301);
        assert_eq!(solve(&app, &challenge, &answer).await.summary(), "503 captcha_unavailable", "{maker:?}");
        let begun = app.anonymous().post(CHALLENGES, &json!({})).await.summary();
        let expected = if maker == CaptchaProvider::GeetestV3 { "503 captcha_unavailable" } else { "201" };
        assert_eq!(begun, expected, "{maker:?}");
    }
}
