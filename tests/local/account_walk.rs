//! The walk through what changes, recovers and deletes accounts, and through what admins do: see `calls`.
//!
//! Its clock moves by less than a warm instance keeps a secret, however slow the machine is, so that what is warm stays
//! so; and once by more than an instance keeps a session.

use campus_aws::{EMAIL_QUEUE, KEYS, SMS_QUEUE};
use campus_messages::Purpose;
use campus_session::{CursorSecret, Ring};
use campus_store::Store;
use campus_testkit::{Client, Reply, SignUp, TestApp, code_in, token_in};
use serde_json::{Value, json};

use crate::accounts::schools::SCHOOLS;
use crate::accounts::signing_in::PASSWORD;
use crate::notifications::queued;

const ME: &str = "/v1/users/me";
const SESSIONS: &str = "/v1/sessions";
const RESETS: &str = "/v1/password-resets";
const COMPLETIONS: &str = "/v1/password-reset-completions";
const SEARCHES: &str = "/v1/admin/user-searches";
const IDENTITIES: &str = "/v1/users/me/identities";
const NEW: &str = "vier kleine eendjes";

/// Everything that is owed is sent.
async fn send(app: &TestApp) {
    app.relay().await;
    for (queue, worker) in [(SMS_QUEUE, "send_sms"), (EMAIL_QUEUE, "send_email")] {
        while queued(app, queue.name) > 0 {
            app.work(queue, worker).await;
        }
    }
}

async fn proof_as(app: &TestApp, client: &Client, purpose: Purpose, channel: &str, target: &str) -> String {
    let asked = app.ask_for_code_as(client, purpose, channel, target).await;
    assert_eq!(asked.summary(), "202", "{asked:?}");
    send(app).await;
    app.confirm(&asked.text("/id"), &code_in(&app.outbox(target).await[0].text)).await.text("/proof")
}

async fn link(app: &TestApp, address: &str) -> String {
    token_in(&app.outbox(address).await[0].text)
}

fn signed_in(app: &TestApp, reply: &Reply) -> Client {
    app.anonymous().with_token(reply.text("/session/access_token"))
}

/// Someone who has signed up by mail alone, and where their mailbox is.
async fn pending(app: &TestApp, username: &str) -> String {
    let address = format!("{}@campus.example", username.replace('_', "."));
    let form = SignUp::with_proof("").with("proof", Value::Null).with("email", address.as_str());
    let form = form.with("username", username).with("captcha_token", app.captcha_token().await);
    done(app, app.anonymous().post("/v1/users", &form.0).await, "202").await;
    address
}

/// The same, and has followed the link.
async fn activated(app: &TestApp, username: &str) -> (Client, String) {
    let address = pending(app, username).await;
    let activated = app.anonymous().post("/v1/activations", &json!({ "token": link(app, &address).await })).await;
    assert_eq!(activated.summary(), "201");
    (signed_in(app, &activated), address)
}

async fn asks_for_reset(app: &TestApp, login: &str) {
    let form = json!({ "login": login, "captcha_token": app.captcha_token().await });
    let asked = app.anonymous().post(RESETS, &form).await;
    done(app, asked, "202").await;
}

async fn signs_in(app: &TestApp, login: &str, password: &str) -> Client {
    let reply = app.anonymous().post(SESSIONS, &json!({ "login": login, "password": password })).await;
    let client = signed_in(app, &reply);
    done(app, reply, "201").await;
    client
}

/// What of the two ways goes into a form for a new password.
fn new_password(by: &str, secret: &str, new: &str) -> Value {
    json!({ by: secret, "new_password": new, "new_password_confirmation": new })
}

/// What was asked for is done, and what is owed for it sent at once: a sender that is given several messages makes more
/// calls.
async fn done(app: &TestApp, reply: Reply, told: &str) {
    assert_eq!(reply.summary(), told, "{reply:?}");
    send(app).await;
}

/// Two rounds of it: the second finds instances warm, and what they know of sessions too old.
pub(super) async fn account_course(app: &TestApp) {
    // Elsewhere the ring is there, too, and whoever makes it does so once.
    app.admin().await;
    for round in ["one", "two"] {
        changes(app, round).await;
        recovery(app, round).await;
        looked_after(app, round).await;
        elsewhere(app).await;
        app.advance(26);
    }
}

/// Someone signs up and in by accounts elsewhere, links another one and unlinks the first.
async fn elsewhere(app: &TestApp) {
    let person = app.acquaintance("google").with("email", Value::Null);
    let signed_up = app.sign_up_by(&person).await;
    done(app, signed_up, "201").await;
    let signed_in_by = app.sign_in_by(&person).await;
    let me = signed_in(app, &signed_in_by);
    done(app, signed_in_by, "201").await;

    let other = app.acquaintance("kakao");
    let visit = app.visit(&me, &other).await;
    done(app, me.put(&format!("{IDENTITIES}/kakao"), &visit.shown()).await, "204").await;
    done(app, me.get(IDENTITIES).await, "200").await;
    done(app, me.delete(&format!("{IDENTITIES}/google")).await, "204").await;
}

/// Someone changes everything that is theirs, deletes the account, and takes it back.
async fn changes(app: &TestApp, round: &str) {
    let username = format!("mover_{round}");
    let (me, address) = activated(app, &username).await;
    // Another device, whose session ends.
    signs_in(app, &username, PASSWORD).await;
    let number = |last: u8| format!("+82100000{}{last}", if round == "one" { "020" } else { "021" });
    for target in [number(1), number(2)] {
        let proof = proof_as(app, &me, Purpose::ChangePhone, "sms", &target).await;
        done(app, me.put(&format!("{ME}/phone"), &json!({ "proof": proof })).await, "200").await;
        signs_in(app, &username, PASSWORD).await;
    }
    done(app, me.delete(&format!("{ME}/phone")).await, "204").await;

    let staff = app.staff().await;
    let domain = format!("{round}.hanbit.example");
    let school = staff.post(SCHOOLS, &json!({ "name": app.new_title(), "email_domains": [domain] })).await.text("/id");
    let path = format!("{ME}/school");
    done(app, me.put(&path, &json!({ "school_id": school })).await, "200").await;
    let proof = proof_as(app, &me, Purpose::JoinSchool, "email", &format!("minji@{domain}")).await;
    done(app, me.put(&path, &json!({ "school_id": school, "proof": proof })).await, "200").await;
    // Who leaves gives the claim up.
    let other = staff.post(SCHOOLS, &json!({ "name": app.new_title() })).await.text("/id");
    done(app, me.put(&path, &json!({ "school_id": other })).await, "200").await;

    let path = format!("{ME}/password");
    done(app, me.put(&path, &new_password("current_password", PASSWORD, NEW)).await, "200").await;
    let proof = proof_as(app, &me, Purpose::ChangePassword, "email", &address).await;
    done(app, me.put(&path, &new_password("proof", &proof, PASSWORD)).await, "200").await;
    signs_in(app, &username, PASSWORD).await;
    let moved = format!("moved.{address}");
    let proof = proof_as(app, &me, Purpose::ChangeEmail, "email", &moved).await;
    done(app, me.put(&format!("{ME}/email"), &json!({ "proof": proof })).await, "200").await;
    done(app, me.get(&format!("{ME}/security-events")).await, "200").await;

    let delete = async |me: &Client, form: Value| {
        done(app, me.delete_with(ME, &form).await, "204").await;
    };
    delete(&me, json!({ "password": PASSWORD })).await;
    let me = signs_in(app, &username, PASSWORD).await;
    let (me_too, address) = activated(app, &format!("leaver_{round}")).await;
    let proof = proof_as(app, &me_too, Purpose::DeleteAccount, "email", &address).await;
    delete(&me_too, json!({ "proof": proof })).await;
    done(app, me.get(ME).await, "200").await;
}

/// People who have forgotten their password, and one who has lost the link for a new account.
async fn recovery(app: &TestApp, round: &str) {
    let username = format!("loser_{round}");
    let (_, address) = activated(app, &username).await;
    // A mailbox is sent one link a minute, and one that is new gets its first now.
    let lost = pending(app, &format!("waiter_{round}")).await;
    asks_for_reset(app, "nobody_at_all").await;
    app.advance(61);
    asks_for_reset(app, &username).await;
    let token = link(app, &address).await;
    done(app, app.anonymous().post(COMPLETIONS, &new_password("token", &token, NEW)).await, "204").await;
    // A code of the second in which a password was set is as old as that.
    app.advance(1);
    let proof = proof_as(app, &app.anonymous(), Purpose::ResetPassword, "email", &address).await;
    done(app, app.anonymous().post(COMPLETIONS, &new_password("proof", &proof, PASSWORD)).await, "204").await;
    asks_for_reset(app, &format!("waiter_{round}")).await;
    let token = link(app, &lost).await;
    done(app, app.anonymous().post("/v1/activations", &json!({ "token": token })).await, "201").await;
}

/// An admin looks someone up, trusts them, suspends them, thinks again, and purges them.
async fn looked_after(app: &TestApp, round: &str) {
    let username = format!("target_{round}");
    activated(app, &username).await;
    let admin = app.admin().await;
    let found = admin.post(SEARCHES, &json!({ "username": username })).await;
    let path = format!("/v1/admin/users/{}", found.text("/items/0/id"));
    for change in [
        json!({ "roles": ["staff"] }),
        json!({ "suspended": { "reason": "광고", "until": "2099-01-01T00:00:00Z" } }),
        json!({ "suspended": null }),
    ] {
        done(app, admin.patch(&path, &change).await, "200").await;
    }
    done(app, admin.delete(&path).await, "204").await;
    app.system().call_worker("purge_accounts", json!({ "id": "tick" })).await.expect("it purges");
}

/// What happens seldom: requests under an idempotency key, an admin who purges what would be purged, and keys that are
/// not there yet.
pub(super) async fn rare_account_courses(app: &TestApp) {
    let nothing = "0".repeat(64);
    for (path, body) in [
        ("/v1/activations", json!({ "token": nothing })),
        (RESETS, json!({ "login": "nobody_at_all", "captcha_token": nothing })),
        (COMPLETIONS, new_password("token", &nothing, NEW)),
        ("/v1/oauth/google/authorizations", json!({ "redirect_uri": "https://elsewhere.com/" })),
        ("/v1/oauth/google/sessions", json!({ "code": nothing, "state": nothing })),
        ("/v1/oauth/google/registrations", json!({ "ticket": nothing, "terms_accepted": true })),
    ] {
        app.anonymous().post_with_key(path, &body, "walked through").await;
    }
    app.admin().await.post_with_key(SEARCHES, &json!({ "username": "nobody_at_all" }), "walked through").await;

    // Its end was planned before.
    pending(app, "goner_one").await;
    let admin = app.admin().await;
    let found = admin.post(SEARCHES, &json!({ "username": "goner_one" })).await;
    done(app, admin.delete(&format!("/v1/admin/users/{}", found.text("/items/0/id"))).await, "204").await;

    let store = Store::new(&app.clients);
    let (me, _) = activated(app, "keeper_one").await;
    app.advance(26);
    store.delete(KEYS, &CursorSecret::location()).await.expect("the key of cursors can be deleted");
    done(app, me.put(&format!("{ME}/password"), &new_password("current_password", PASSWORD, NEW)).await, "200").await;
    // The provider vouches for the address of an account.
    let (_, address) = activated(app, "vouched_one").await;
    let known = app.sign_in_by(&app.acquaintance("google").with("email", address)).await;
    done(app, known, "201").await;

    // Someone with a proven number and an account elsewhere deletes the account and takes it back; the proof is used
    // twice.
    let person = app.acquaintance("facebook");
    let ticket = app.sign_in_by(&person).await.text("/ticket");
    let proof = proof_as(app, &app.anonymous(), Purpose::SignUp, "sms", "+821000000291").await;
    let form = json!({ "ticket": ticket, "proof": proof, "password": PASSWORD, "password_confirmation": PASSWORD,
        "terms_accepted": true });
    app.advance(26);
    store.delete(KEYS, &Ring::location()).await.expect("the ring can be deleted");
    let signed_up = app.anonymous().post(&person.path("registrations"), &form).await;
    let me = signed_in(app, &signed_up);
    done(app, signed_up, "201").await;
    let ticket = app.sign_in_by(&app.acquaintance("facebook")).await.text("/ticket");
    let again = json!({ "ticket": ticket, "proof": proof, "terms_accepted": true });
    done(app, app.anonymous().post(&person.path("registrations"), &again).await, "409 phone_taken").await;
    // Another one takes the place of the first.
    for other in [app.acquaintance("google"), app.acquaintance("google")] {
        let shown = app.visit(&me, &other).await.shown();
        done(app, me.put(&format!("{IDENTITIES}/google"), &shown).await, "204").await;
    }
    done(app, me.delete(&format!("{IDENTITIES}/google")).await, "204").await;
    done(app, me.delete_with(ME, &json!({ "password": PASSWORD })).await, "204").await;
    app.advance(26);
    store.delete(KEYS, &Ring::location()).await.expect("the ring can be deleted");
    let back = app.sign_in_by(&person).await;
    done(app, back, "201").await;

    let address = pending(app, "keeper_two").await;
    let token = link(app, &address).await;
    app.advance(26);
    store.delete(KEYS, &Ring::location()).await.expect("the ring can be deleted");
    done(app, app.anonymous().post("/v1/activations", &json!({ "token": token })).await, "201").await;
}
