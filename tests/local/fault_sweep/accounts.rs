//! What the sweep asks of changes of accounts: recovery, proofs, deletion, and what admins do.

use campus_aws::{EMAIL_QUEUE, SMS_QUEUE};
use campus_messages::Purpose;
use campus_testkit::{Acquaintance, REDIRECT_URI, Reply, SignUp, TestApp, code_in, token_in};
use futures::FutureExt;
use reqwest::Method;
use serde_json::{Value, json};

use super::people::{EMAIL, PHONE, USERNAME, person, proof, school, sign_up_form, token_of};
use super::scenario::{Act, Exception, Scenario, post, request, request_with, scenario};
use crate::accounts::signing_in::PASSWORD;
use crate::screenings::DAY;

const ME: &str = "/v1/users/me";
const IDENTITIES: &str = "/v1/users/me/identities";
const OTHER_PHONE: &str = "+821000000302";
const OTHER_EMAIL: &str = "minji.kim@campus.example";
const NEW_PASSWORD: &str = "vier kleine eendjes";
const RESETS: &str = "/v1/password-resets";
const COMPLETIONS: &str = "/v1/password-reset-completions";
/// Until another code may be sent to the same number or address.
const RESEND: u64 = 61;

/// Everything that is owed is sent.
async fn send(app: &TestApp) {
    app.relay().await;
    app.work(SMS_QUEUE, "send_sms").await;
    app.work(EMAIL_QUEUE, "send_email").await;
}

/// The proof of something for whoever is signed in.
async fn proof_for(app: &TestApp, token: Option<&String>, purpose: Purpose, channel: &str, target: &str) -> String {
    let client = token.map_or_else(|| app.anonymous(), |token| app.anonymous().with_token(token));
    let asked = app.ask_for_code_as(&client, purpose, channel, target).await;
    assert_eq!(asked.summary(), "202");
    send(app).await;
    app.confirm(&asked.text("/id"), &code_in(&app.outbox(target).await[0].text)).await.text("/proof")
}

/// The token of the link that was mailed last.
async fn link(app: &TestApp) -> String {
    token_in(&app.outbox(EMAIL).await[0].text)
}

/// Signs up with a mail address alone.
async fn mailed_form(app: &TestApp) -> Value {
    let form = SignUp(sign_up_form("")).with("proof", Value::Null).with("email", EMAIL);
    form.with("captcha_token", app.captcha_token().await).0
}

/// Someone who has signed up so, and not followed the link.
async fn pending(app: &TestApp) {
    let form = mailed_form(app).await;
    assert_eq!(app.anonymous().post("/v1/users", &form).await.summary(), "202");
}

/// Someone's first session, on a device that has a name; they have a proven mail address.
async fn mailed_person(app: &TestApp) -> Reply {
    let form = sign_up_form(&proof(app, "email", EMAIL, "sign_up").await);
    let request = app.anonymous().request(Method::POST, "/v1/users").header("user-agent", "phone");
    app.anonymous().send(request.json(&form)).await
}

/// Someone with a second session, who can be sent another code: a token of the first, and their id.
async fn person_of_two_sessions(app: &TestApp) -> (Option<String>, String) {
    let session = person(app).await;
    let form = json!({ "login": USERNAME, "password": PASSWORD });
    assert_eq!(app.anonymous().post("/v1/sessions", &form).await.summary(), "201");
    app.advance(RESEND);
    (token_of(&session), session.text("/user/id"))
}

/// Asks for a new password.
async fn reset_form(app: &TestApp, login: &str) -> Value {
    json!({ "login": login, "captcha_token": app.captcha_token().await })
}

fn completion(by: &str, secret: &str) -> Act {
    post(COMPLETIONS, json!({ by: secret, "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD }))
}

/// Changes the password by one of the two ways.
fn password_change(token: Option<String>, by: &str, secret: &str) -> Act {
    let form = json!({ by: secret, "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD });
    request_with(token, Method::PUT, format!("{ME}/password"), form)
}

/// Changes a number or an address.
fn contact_change(token: Option<String>, what: &str, proof: &str) -> Act {
    request_with(token, Method::PUT, format!("{ME}/{what}"), json!({ "proof": proof }))
}

/// Someone has deleted their account.
async fn deleted(app: &TestApp) {
    let (token, _) = person_of_two_sessions(app).await;
    let client = app.anonymous().with_token(token.unwrap_or_default());
    assert_eq!(client.delete_with(ME, &json!({ "password": PASSWORD })).await.summary(), "204");
}

/// A token of an admin's.
async fn admin(app: &TestApp) -> Option<String> {
    app.admin().await.token().map(str::to_owned)
}

/// What an admin asks of the account of someone with two sessions.
async fn of_user(app: &TestApp, method: Method, body: Option<Value>) -> Act {
    let (_, id) = person_of_two_sessions(app).await;
    Act::Request { token: admin(app).await, method, path: format!("/v1/admin/users/{id}"), body }
}

fn suspension() -> Value {
    json!({ "suspended": { "reason": "광고", "until": "2099-01-01T00:00:00Z" } })
}

/// A client that has no answer asks again, with a proof that the change has used up.
const PROOF_IS_SPENT: Exception = (
    "TransactWriteItems",
    "loses its answers",
    "answer: 410 proof_spent",
    "the change is made, and its proof used up with it; the client looks and sees it",
);
/// The same of the password that was the current one.
const PASSWORD_IS_NEW: Exception = (
    "TransactWriteItems",
    "loses its answers",
    "answer: 400 password_wrong",
    "the change is made, so the old password is wrong by now; the client looks and sees it",
);
/// The same of a session that the deletion has ended.
const SESSION_IS_OVER: Exception = (
    "TransactWriteItems",
    "loses its answers",
    "answer: 401 token_revoked",
    "the account is deleted, and its sessions with it",
);
/// Passwords that are compared are counted.
const COMPARED_TWICE: Exception =
    ("", "", "limit: count", "each comparison of the password counts, so the one that was tried again counts, too");

/// A provider takes a code once, so what fails after that begins again with another visit.
const CODE_IS_SPENT: &[Exception] = &[
    ("", "", "answer: 400 authorization_code_invalid", "the provider took the code once; the person goes there again"),
    ("", "", "less: sessions", "and no session has begun"),
    ("", "", "authorization: spent", "nor is the visit used up"),
    ("", "", "devices: ", "nor is there one more device"),
    ("", "", "idempotency: answer", "and repetitions are told so"),
];

/// What a front end shows that did the exchange itself. It is good in any copy of the system.
async fn access_token(app: &TestApp, person: &Acquaintance) -> Value {
    json!({ "access_token": app.tokens_of(person).await["access_token"] })
}

/// A token of someone with two sessions who has linked an account at Kakao.
async fn linked(app: &TestApp) -> Option<String> {
    let (token, _) = person_of_two_sessions(app).await;
    let client = app.anonymous().with_token(token.clone().unwrap_or_default());
    let shown = access_token(app, &app.acquaintance("kakao")).await;
    assert_eq!(client.put(&format!("{IDENTITIES}/kakao"), &shown).await.summary(), "204");
    token
}

/// The scenarios.
pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario!("create_user", "by mail alone", async |app: &TestApp| post("/v1/users", mailed_form(app).await)),
        scenario!("create_activation", "by the link", async |app: &TestApp| {
            pending(app).await;
            send(app).await;
            post("/v1/activations", json!({ "token": link(app).await }))
        }),
        scenario!("create_password_reset", "by mail", async |app: &TestApp| {
            mailed_person(app).await;
            post(RESETS, reset_form(app, USERNAME).await)
        }),
        scenario!("create_password_reset", "by SMS", async |app: &TestApp| {
            person(app).await;
            app.advance(RESEND);
            post(RESETS, reset_form(app, PHONE).await)
        }),
        scenario!("create_password_reset", "of nobody", async |app: &TestApp| {
            post(RESETS, reset_form(app, USERNAME).await)
        }),
        scenario!("create_password_reset", "of someone who waits for the link", async |app: &TestApp| {
            pending(app).await;
            app.advance(RESEND);
            post(RESETS, reset_form(app, USERNAME).await)
        }),
        scenario!("complete_password_reset", "by the link", async |app: &TestApp| {
            mailed_person(app).await;
            app.anonymous().post(RESETS, &reset_form(app, USERNAME).await).await;
            send(app).await;
            completion("token", &link(app).await)
        }),
        scenario!("complete_password_reset", "by a code", async |app: &TestApp| {
            person_of_two_sessions(app).await;
            completion("proof", &proof_for(app, None, Purpose::ResetPassword, "sms", PHONE).await)
        }),
        scenario!(
            "replace_password",
            "by the current one",
            async |app: &TestApp| {
                let (token, _) = person_of_two_sessions(app).await;
                password_change(token, "current_password", PASSWORD)
            },
            &[PASSWORD_IS_NEW, COMPARED_TWICE]
        ),
        scenario!(
            "replace_password",
            "by a code",
            async |app: &TestApp| {
                let (token, _) = person_of_two_sessions(app).await;
                let proof = proof_for(app, token.as_ref(), Purpose::ChangePassword, "sms", PHONE).await;
                password_change(token, "proof", &proof)
            },
            &[PROOF_IS_SPENT]
        ),
        scenario!(
            "replace_email",
            "another one",
            async |app: &TestApp| {
                let token = token_of(&mailed_person(app).await);
                let proof = proof_for(app, token.as_ref(), Purpose::ChangeEmail, "email", OTHER_EMAIL).await;
                contact_change(token, "email", &proof)
            },
            &[PROOF_IS_SPENT]
        ),
        scenario!(
            "replace_phone",
            "another one",
            async |app: &TestApp| {
                let (token, _) = person_of_two_sessions(app).await;
                let proof = proof_for(app, token.as_ref(), Purpose::ChangePhone, "sms", OTHER_PHONE).await;
                contact_change(token, "phone", &proof)
            },
            &[PROOF_IS_SPENT]
        ),
        scenario!("delete_phone", "taken off", async |app: &TestApp| {
            request(person_of_two_sessions(app).await.0, Method::DELETE, format!("{ME}/phone"))
        }),
        scenario!("replace_school", "chosen", async |app: &TestApp| {
            let (_, path) = school(app).await;
            let id = path.rsplit('/').next().unwrap_or_default();
            let (token, _) = person_of_two_sessions(app).await;
            request_with(token, Method::PUT, format!("{ME}/school"), json!({ "school_id": id }))
        }),
        scenario!(
            "replace_school",
            "proven",
            async |app: &TestApp| {
                let (_, path) = school(app).await;
                let id = path.rsplit('/').next().unwrap_or_default();
                let (token, _) = person_of_two_sessions(app).await;
                let proof = proof_for(app, token.as_ref(), Purpose::JoinSchool, "email", "minji@hanbit.example").await;
                request_with(token, Method::PUT, format!("{ME}/school"), json!({ "school_id": id, "proof": proof }))
            },
            &[PROOF_IS_SPENT]
        ),
        scenario!(
            "delete_current_user",
            "by the password",
            async |app: &TestApp| {
                let (token, _) = person_of_two_sessions(app).await;
                request_with(token, Method::DELETE, ME, json!({ "password": PASSWORD }))
            },
            &[SESSION_IS_OVER, COMPARED_TWICE]
        ),
        scenario!(
            "delete_current_user",
            "by a code",
            async |app: &TestApp| {
                let (token, _) = person_of_two_sessions(app).await;
                let proof = proof_for(app, token.as_ref(), Purpose::DeleteAccount, "sms", PHONE).await;
                request_with(token, Method::DELETE, ME, json!({ "proof": proof }))
            },
            &[SESSION_IS_OVER]
        ),
        scenario!("create_session", "that takes a deleted account back", async |app: &TestApp| {
            deleted(app).await;
            post("/v1/sessions", json!({ "login": USERNAME, "password": PASSWORD }))
        }),
        scenario!("create_session", "on a new device", async |app: &TestApp| {
            mailed_person(app).await;
            post("/v1/sessions", json!({ "login": USERNAME, "password": PASSWORD }))
        }),
        scenario!("list_security_events", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, format!("{ME}/security-events"))
        }),
        scenario!("create_verification_code", "for another number", async |app: &TestApp| {
            let form = json!({ "channel": "sms", "target": OTHER_PHONE, "purpose": "change_phone" });
            request_with(token_of(&person(app).await), Method::POST, "/v1/verification-codes", form)
        }),
        scenario!("search_users", "by name", async |app: &TestApp| {
            person(app).await;
            request_with(admin(app).await, Method::POST, "/v1/admin/user-searches", json!({ "username": USERNAME }))
        }),
        scenario!("update_user", "other roles", async |app: &TestApp| {
            of_user(app, Method::PATCH, Some(json!({ "roles": ["staff"] }))).await
        }),
        scenario!("update_user", "suspended", async |app: &TestApp| {
            of_user(app, Method::PATCH, Some(suspension())).await
        }),
        scenario!("update_user", "free again", async |app: &TestApp| {
            let (_, id) = person_of_two_sessions(app).await;
            let (admin, path) = (app.admin().await, format!("/v1/admin/users/{id}"));
            assert_eq!(admin.patch(&path, &suspension()).await.summary(), "200");
            request_with(admin.token().map(str::to_owned), Method::PATCH, path, json!({ "suspended": null }))
        }),
        scenario!(
            "purge_accounts",
            "one that was deleted, and one whose link was not followed",
            async |app: &TestApp| {
                deleted(app).await;
                let form = mailed_form(app).await;
                let form = SignUp(form).with("username", "other_301").with("nickname", "민지 303").0;
                assert_eq!(app.anonymous().post("/v1/users", &form).await.summary(), "202");
                app.advance(30 * DAY.unsigned_abs());
                Act::Schedule("purge_accounts")
            }
        ),
        scenario!("create_oauth_authorization", "begun", async |_: &TestApp| {
            post("/v1/oauth/google/authorizations", json!({ "redirect_uri": REDIRECT_URI }))
        }),
        scenario!("create_oauth_session", "of someone new", async |app: &TestApp| {
            let person = app.acquaintance("kakao");
            post(person.path("sessions"), access_token(app, &person).await)
        }),
        scenario!("create_oauth_session", "of someone known", async |app: &TestApp| {
            let person = app.acquaintance("kakao");
            assert_eq!(app.sign_up_by(&person).await.summary(), "201");
            post(person.path("sessions"), access_token(app, &person).await)
        }),
        scenario!("create_oauth_session", "of someone whom the provider vouches for", async |app: &TestApp| {
            mailed_person(app).await;
            let person = app.acquaintance("google").with("email", EMAIL);
            post(person.path("sessions"), access_token(app, &person).await)
        }),
        scenario!(
            "create_oauth_session",
            "by a code",
            async |app: &TestApp| {
                let person = app.acquaintance("google");
                assert_eq!(app.sign_up_by(&person).await.summary(), "201");
                post(person.path("sessions"), app.visit(&app.anonymous(), &person).await.shown())
            },
            CODE_IS_SPENT
        ),
        scenario!("create_oauth_registration", "with a proof", async |app: &TestApp| {
            let person = app.acquaintance("google");
            let proof = proof(app, "sms", PHONE, "sign_up").await;
            let form = SignUp(sign_up_form(&proof)).with("ticket", app.sign_in_by(&person).await.text("/ticket"));
            post(person.path("registrations"), form.0)
        }),
        scenario!("list_identities", "asked for", async |app: &TestApp| {
            request(token_of(&person(app).await), Method::GET, IDENTITIES)
        }),
        scenario!("create_identity", "in the place of another", async |app: &TestApp| {
            let token = linked(app).await;
            let other = app.acquaintance("kakao");
            request_with(token, Method::PUT, format!("{IDENTITIES}/kakao"), access_token(app, &other).await)
        }),
        scenario!("delete_identity", "unlinked", async |app: &TestApp| {
            request(linked(app).await, Method::DELETE, format!("{IDENTITIES}/kakao"))
        }),
        scenario!("delete_user", "purged", async |app: &TestApp| of_user(app, Method::DELETE, None).await),
    ]
}
