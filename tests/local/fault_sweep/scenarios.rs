//! What is asked of each endpoint and worker in the sweep.

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, ALERTS_QUEUE, EMAIL_QUEUE, FEEDBACK_QUEUE, NOTIFICATIONS_EVENTS_QUEUE, PLANS_QUEUE,
    SCREENINGS_EVENTS_QUEUE, SHARDS_QUEUE, SMS_QUEUE,
};
use campus_endpoint::CaptchaProvider;
use campus_messages::AlertKind;
use campus_testkit::TestApp;
use futures::FutureExt;
use reqwest::Method;
use serde_json::json;

use super::super::account_events::hear;
use super::exceptions::*;
use super::people::*;
use super::scenario::{Act, Scenario, change, post, request, request_with, scenario};
use crate::accounts::exports::path_of_link;
use crate::accounts::schools::SCHOOLS;
use crate::accounts::signing_in::PASSWORD;
use crate::notifications::unsubscription_path;
use crate::screenings::{self, DAY, FILMS, LIBRARIES, SCREENINGS};

/// Every function's usual course, and the rarer ones that write something else.
pub(super) fn scenarios() -> Vec<Scenario> {
    let mut scenarios = vec![
        scenario!("get_key_set", "asked for", async |app: &TestApp| {
            person(app).await;
            request(None, Method::GET, "/.well-known/jwks.json")
        }),
        scenario!("get_health", "asked for", async |_: &TestApp| request(None, Method::GET, "/health")),
        scenario!("create_captcha_challenge", "begun", async |_: &TestApp| post("/v1/captcha-challenges", json!({}))),
        scenario!("solve_captcha_challenge", "solved", async |app: &TestApp| {
            let id = challenge(app).await;
            post(format!("/v1/captcha-challenges/{id}/solutions"), json!({}))
        }),
        Scenario {
            captcha: CaptchaProvider::GeetestV3,
            ..scenario!("create_captcha_challenge", "registered at Geetest", async |_: &TestApp| {
                post("/v1/captcha-challenges", json!({}))
            })
        },
        Scenario {
            captcha: CaptchaProvider::GeetestV4,
            ..scenario!(
                "solve_captcha_challenge",
                "judged by Geetest",
                widget,
                &[NOT_SOLVED, REFUSED_FOR_GOOD, STILL_OPEN, NOT_TAKEN]
            )
        },
        Scenario {
            captcha: CaptchaProvider::Turnstile,
            ..scenario!("solve_captcha_challenge", "judged by Turnstile", widget)
        },
        scenario!(
            "check_availability",
            "of a number",
            async |app: &TestApp| {
                let captcha_token = app.captcha_token().await;
                let body = json!({ "kind": "phone", "value": PHONE, "captcha_token": captcha_token });
                post("/v1/availability-checks", body)
            },
            &[NOT_KEPT]
        ),
        scenario!("create_verification_code", "by SMS", async |app: &TestApp| {
            let captcha_token = app.captcha_token().await;
            let body = json!({
                "channel": "sms", "target": PHONE, "purpose": "sign_up", "captcha_token": captcha_token,
            });
            post("/v1/verification-codes", body)
        }),
        scenario!(
            "create_verification_code",
            "for a number that is taken",
            async |app: &TestApp| {
                person(app).await;
                let captcha_token = app.captcha_token().await;
                let body = json!({
                    "channel": "sms", "target": PHONE, "purpose": "sign_up", "captcha_token": captcha_token,
                });
                post("/v1/verification-codes", body)
            },
            &[NOT_KEPT]
        ),
        scenario!("confirm_verification_code", "the right one", async |app: &TestApp| {
            let (id, code) = code(app, "email", EMAIL, "sign_up").await;
            post(format!("/v1/verification-codes/{id}/confirmations"), json!({ "code": code }))
        }),
        scenario!("confirm_verification_code", "the right one, by SMS", async |app: &TestApp| {
            let (id, code) = code(app, "sms", PHONE, "sign_up").await;
            post(format!("/v1/verification-codes/{id}/confirmations"), json!({ "code": code }))
        }),
        scenario!("create_user", "by phone", async |app: &TestApp| {
            let form = sign_up_form(&proof(app, "sms", PHONE, "sign_up").await);
            post("/v1/users", form)
        }),
        scenario!(
            "create_user",
            "with a proof that was used",
            async |app: &TestApp| {
                let form = sign_up_form(&proof(app, "sms", PHONE, "sign_up").await);
                app.anonymous().post("/v1/users", &form).await;
                post("/v1/users", form)
            },
            &[NOT_KEPT]
        ),
        scenario!("create_session", "by password", async |app: &TestApp| {
            person(app).await;
            post("/v1/sessions", json!({ "login": PHONE, "password": PASSWORD }))
        }),
        scenario!("create_session", "by code, as cookies", async |app: &TestApp| {
            person(app).await;
            app.advance(61);
            let proof = proof(app, "sms", PHONE, "sign_in").await;
            post("/v1/sessions", json!({ "proof": proof, "transport": "cookie" }))
        }),
        scenario!("create_token_refresh", "of a current token", async |app: &TestApp| {
            let token = person(app).await.text("/session/refresh_token");
            post("/v1/token-refreshes", json!({ "refresh_token": token }))
        }),
        scenario!("create_token_refresh", "of a token used twice", async |app: &TestApp| {
            let body = json!({ "refresh_token": person(app).await.text("/session/refresh_token") });
            app.anonymous().post("/v1/token-refreshes", &body).await;
            app.advance(12);
            post("/v1/token-refreshes", body)
        }),
        scenario!("get_current_user", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, "/v1/users/me")
        }),
        scenario!("update_current_user", "another name", async |app: &TestApp| {
            change(token_of(&person(app).await), json!({ "name": "김민지" }))
        }),
        scenario!("update_current_user", "another nickname", async |app: &TestApp| {
            change(token_of(&person(app).await), json!({ "nickname": "민지 302" }))
        }),
        scenario!("list_sessions", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, "/v1/sessions")
        }),
        scenario!("delete_session", "another one", async |app: &TestApp| {
            let (token, other) = person_twice(app).await;
            request(token, Method::DELETE, format!("/v1/sessions/{other}"))
        }),
        scenario!("delete_other_sessions", "of two", async |app: &TestApp| {
            request(person_twice(app).await.0, Method::DELETE, "/v1/sessions")
        }),
        scenario!("delete_current_session", "signed out", async |app: &TestApp| request(
            token_of(&person(app).await),
            Method::DELETE,
            "/v1/sessions/current"
        )),
        scenario!("list_schools", "looked for", async |app: &TestApp| {
            school(app).await;
            request(None, Method::GET, format!("{SCHOOLS}?prefix=한빛"))
        }),
        scenario!("create_school", "added", async |app: &TestApp| {
            let token = school(app).await.0.token().map(str::to_owned);
            request_with(token, Method::POST, SCHOOLS, json!({ "name": "별빛대학교" }))
        }),
        scenario!("get_school", "asked for by staff", async |app: &TestApp| of_school(app, Method::GET, None).await),
        scenario!("update_school", "another name", async |app: &TestApp| {
            of_school(app, Method::PATCH, Some(json!({ "name": "별빛대학교" }))).await
        }),
        scenario!("update_school", "restored", async |app: &TestApp| {
            let (staff, path) = school(app).await;
            assert_eq!(staff.delete(&path).await.summary(), "204");
            request_with(staff.token().map(str::to_owned), Method::PATCH, path, json!({ "deleted": false }))
        }),
        scenario!("delete_school", "deleted", async |app: &TestApp| of_school(app, Method::DELETE, None).await),
        scenario!("create_library", "added", async |app: &TestApp| {
            Season::new(app).await.asks(Method::POST, LIBRARIES, Some(json!({ "name": "별빛도서관" })))
        }),
        scenario!("list_libraries", "asked for", async |app: &TestApp| {
            Season::new(app).await.asks(Method::GET, LIBRARIES, None)
        }),
        scenario!("get_library", "asked for", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::GET, LIBRARIES, &season.library, None)
        }),
        scenario!("update_library", "another name", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::PATCH, LIBRARIES, &season.library, Some(json!({ "name": "별빛도서관" })))
        }),
        scenario!("delete_library", "whose screenings are over", async |app: &TestApp| {
            let season = Season::over(app).await;
            season.of_one(Method::DELETE, LIBRARIES, &season.library, None)
        }),
        scenario!("create_film", "added", async |app: &TestApp| {
            Season::new(app).await.asks(Method::POST, FILMS, Some(json!({ "title": "소공녀" })))
        }),
        scenario!("list_films", "searched for", async |app: &TestApp| {
            Season::new(app).await.asks(Method::GET, format!("{FILMS}?q=리틀"), None)
        }),
        scenario!("get_film", "asked for", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::GET, FILMS, &season.film, None)
        }),
        scenario!("update_film", "another title", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::PATCH, FILMS, &season.film, Some(json!({ "title": "소공녀" })))
        }),
        scenario!("delete_film", "whose screenings are over", async |app: &TestApp| {
            let season = Season::over(app).await;
            season.of_one(Method::DELETE, FILMS, &season.film, None)
        }),
        scenario!("create_screening", "announced", async |app: &TestApp| {
            let season = Season::new(app).await;
            let form = screenings::form(&season.library, &season.film, app.now().plus_seconds(DAY));
            season.asks(Method::POST, SCREENINGS, Some(form))
        }),
        scenario!("list_screenings", "asked for", async |app: &TestApp| {
            Season::new(app).await.asks(Method::GET, SCREENINGS, None)
        }),
        scenario!("get_screening", "asked for", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::GET, SCREENINGS, &season.screening, None)
        }),
        scenario!("update_screening", "moved", async |app: &TestApp| {
            let season = Season::new(app).await;
            let later = json!({ "starts_at": app.now().plus_seconds(3 * DAY).to_string(), "place": "별관" });
            season.of_one(Method::PATCH, SCREENINGS, &season.screening, Some(later))
        }),
        scenario!("update_screening", "noted", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::PATCH, SCREENINGS, &season.screening, Some(json!({ "note": "40명" })))
        }),
        scenario!("delete_screening", "cancelled", async |app: &TestApp| {
            let season = Season::new(app).await;
            season.of_one(Method::DELETE, SCREENINGS, &season.screening, None)
        }),
        scenario!("get_home", "asked for", async |app: &TestApp| {
            Season::new(app).await;
            request(None, Method::GET, "/v1/home")
        }),
        scenario!("replace_home", "put", async |app: &TestApp| {
            let link = json!({ "title": "도서관", "url": "https://library.example/" });
            let page = json!({ "banners": [], "navigation": [link] });
            Season::new(app).await.asks(Method::PUT, "/v1/admin/home", Some(page))
        }),
        scenario!("rotate_keys", "on the day before the next key signs", async |app: &TestApp| {
            person(app).await;
            app.advance(89 * DAY.unsigned_abs());
            Act::Schedule("rotate_keys")
        }),
        scenario!(
            "revoke_signing_keys",
            "of two",
            async |app: &TestApp| {
                person(app).await;
                app.advance(89 * DAY.unsigned_abs());
                app.system().call_worker("rotate_keys", json!({ "id": "tick" })).await.expect("it rotates");
                Act::Command("revoke_signing_keys", json!({}))
            },
            &[REVOKED_AND_KEPT, REVOKED_AND_TOLD]
        ),
        scenario!("appoint_admin", "someone who is signed in twice", async |app: &TestApp| {
            person_twice(app).await;
            Act::Command("appoint_admin", json!({ "username": USERNAME }))
        }),
        scenario!("relay_outbox", "one of each", async |app: &TestApp| {
            ask(app, "sms", PHONE).await;
            ask(app, "email", EMAIL).await;
            Act::Stream
        }),
        scenario!("sweep_outbox", "one of each", async |app: &TestApp| {
            ask(app, "sms", PHONE).await;
            ask(app, "email", EMAIL).await;
            app.advance(61);
            Act::Schedule("sweep_outbox")
        }),
        scenario!("relay_outbox", "what all domains hear", async |app: &TestApp| {
            fan_who_asks(app).await;
            Act::Stream
        }),
        scenario!("create_export", "asked for", async |app: &TestApp| {
            let body = json!({});
            request_with(token_of(&person(app).await), Method::POST, EXPORTS, body)
        }),
        scenario!("list_exports", "one of them", async |app: &TestApp| {
            request(fan_who_asks(app).await.0, Method::GET, EXPORTS)
        }),
        scenario!("get_export", "a ready one", async |app: &TestApp| {
            let (token, export) = fan_who_asks(app).await;
            hear(app).await;
            request(token, Method::GET, export)
        }),
        scenario!("download_export", "by its link", async |app: &TestApp| {
            let (token, export) = fan_who_asks(app).await;
            hear(app).await;
            let linked = app.anonymous().with_token(token.unwrap_or_default()).get(&export).await;
            request(None, Method::GET, path_of_link(app, &linked))
        }),
        scenario!("hear_in_accounts", "of an export", async |app: &TestApp| {
            fan_who_asks(app).await;
            app.relay().await;
            Act::Queue(ACCOUNTS_EVENTS_QUEUE, "hear_in_accounts")
        }),
        scenario!(
            "hear_in_accounts",
            "of a purge",
            async |app: &TestApp| {
                fan_who_is_purged(app).await;
                Act::Queue(ACCOUNTS_EVENTS_QUEUE, "hear_in_accounts")
            },
            PURGES
        ),
        scenario!("hear_in_notifications", "of an export", async |app: &TestApp| {
            fan_who_asks(app).await;
            app.relay().await;
            Act::Queue(NOTIFICATIONS_EVENTS_QUEUE, "hear_in_notifications")
        }),
        scenario!(
            "hear_in_notifications",
            "of a purge",
            async |app: &TestApp| {
                fan_who_is_purged(app).await;
                Act::Queue(NOTIFICATIONS_EVENTS_QUEUE, "hear_in_notifications")
            },
            PURGES
        ),
        scenario!("hear_in_screenings", "of an export", async |app: &TestApp| {
            fan_who_asks(app).await;
            app.relay().await;
            Act::Queue(SCREENINGS_EVENTS_QUEUE, "hear_in_screenings")
        }),
        scenario!(
            "hear_in_screenings",
            "of a purge",
            async |app: &TestApp| {
                fan_who_is_purged(app).await;
                Act::Queue(SCREENINGS_EVENTS_QUEUE, "hear_in_screenings")
            },
            PURGES
        ),
        scenario!(
            "send_sms",
            "a code",
            async |app: &TestApp| {
                ask(app, "sms", PHONE).await;
                app.relay().await;
                Act::Queue(SMS_QUEUE, "send_sms")
            },
            OF_SMS
        ),
        scenario!(
            "send_email",
            "a code",
            async |app: &TestApp| {
                ask(app, "email", EMAIL).await;
                app.relay().await;
                Act::Queue(EMAIL_QUEUE, "send_email")
            },
            OF_MAIL
        ),
        scenario!(
            "send_email",
            "to an address that bounced",
            async |app: &TestApp| {
                let bounces = "bounce@simulator.amazonses.com";
                ask(app, "email", bounces).await;
                app.relay().await;
                app.work(EMAIL_QUEUE, "send_email").await;
                app.advance(61);
                app.work(FEEDBACK_QUEUE, "take_mail_feedback").await;
                ask(app, "email", bounces).await;
                app.relay().await;
                Act::Queue(EMAIL_QUEUE, "send_email")
            },
            OF_MAIL
        ),
        scenario!("take_mail_feedback", "a bounce and a complaint", async |app: &TestApp| {
            for mailbox in ["bounce", "complaint"] {
                ask(app, "email", &format!("{mailbox}@simulator.amazonses.com")).await;
            }
            app.relay().await;
            app.work(EMAIL_QUEUE, "send_email").await;
            app.advance(2);
            Act::Queue(FEEDBACK_QUEUE, "take_mail_feedback")
        }),
        scenario!("get_notification_preferences", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, PREFERENCES)
        }),
        scenario!("replace_notification_preferences", "another lead time", async |app: &TestApp| {
            let body = json!({ "kinds": { "screening_reminder": { "sms": true } }, "lead_minutes": 120 });
            request_with(token_of(&person(app).await), Method::PUT, PREFERENCES, body)
        }),
        scenario!("list_notifications", "one entry", async |app: &TestApp| {
            request(person_told(app).await.0, Method::GET, "/v1/notifications")
        }),
        scenario!("update_notification", "read", async |app: &TestApp| {
            let (token, id) = person_told(app).await;
            request_with(token, Method::PATCH, format!("/v1/notifications/{id}"), json!({ "read": true }))
        }),
        scenario!("delete_notification", "one of one", async |app: &TestApp| {
            let (token, id) = person_told(app).await;
            request(token, Method::DELETE, format!("/v1/notifications/{id}"))
        }),
        scenario!(
            "replace_read_marker",
            "to the newest",
            async |app: &TestApp| {
                let (token, id) = person_told(app).await;
                request_with(token, Method::PUT, "/v1/notifications/read-marker", json!({ "up_to": id }))
            },
            &[SET_TWICE]
        ),
        scenario!("list_deliveries", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, "/v1/users/me/deliveries")
        }),
        scenario!("create_unsubscription", "by one click", async |app: &TestApp| {
            let (_, user_id) = person_mailed(app).await;
            post(unsubscription_path(app, &user_id, AlertKind::ScreeningReminder).await, json!({}))
        }),
        scenario!("create_wish", "for a film that is announced", async |app: &TestApp| {
            let season = Season::new(app).await;
            request(token_of(&person(app).await), Method::PUT, wish_for(&season))
        }),
        scenario!("list_wishes", "one of them", async |app: &TestApp| {
            let fan = fan(app, &Season::new(app).await, "sms", PHONE).await;
            request(fan.token().map(str::to_owned), Method::GET, "/v1/users/me/wishes")
        }),
        scenario!("delete_wish", "one of them", async |app: &TestApp| {
            let season = Season::new(app).await;
            let fan = fan(app, &season, "sms", PHONE).await;
            request(fan.token().map(str::to_owned), Method::DELETE, wish_for(&season))
        }),
        scenario!("plan_alerts", "of a new screening", async |app: &TestApp| {
            let season = Season::new(app).await;
            fan(app, &season, "sms", PHONE).await;
            let starts_at = app.now().plus_seconds(3 * DAY);
            screenings::screening(&season.staff, &season.library, &season.film, starts_at).await;
            app.relay().await;
            Act::Queue(PLANS_QUEUE, "plan_alerts")
        }),
        scenario!("plan_alerts", "by another lead time", async |app: &TestApp| {
            let season = Season::new(app).await;
            // A screening of the same second is news to whoever wishes for it.
            app.advance(1);
            let fan = fan(app, &season, "sms", PHONE).await;
            fan.put(PREFERENCES, &json!({ "lead_minutes": 120 })).await;
            app.relay().await;
            Act::Queue(PLANS_QUEUE, "plan_alerts")
        }),
        scenario!("tick_alerts", "with one that is due", async |app: &TestApp| {
            due(app).await;
            Act::Schedule("tick_alerts")
        }),
        scenario!("dispatch_alerts", "one that is due", async |app: &TestApp| {
            due(app).await;
            app.system().call_worker("tick_alerts", json!({ "id": "tick" })).await.expect("it ticks");
            Act::Queue(SHARDS_QUEUE, "dispatch_alerts")
        }),
        scenario!(
            "send_alerts",
            "by SMS",
            async |app: &TestApp| {
                alert(app, "sms", PHONE).await;
                Act::Queue(ALERTS_QUEUE, "send_alerts")
            },
            OF_ALERTS
        ),
        scenario!(
            "send_alerts",
            "by mail",
            async |app: &TestApp| {
                alert(app, "email", EMAIL).await;
                Act::Queue(ALERTS_QUEUE, "send_alerts")
            },
            OF_ALERTS
        ),
    ];
    scenarios.extend(super::accounts::scenarios());
    scenarios
}
