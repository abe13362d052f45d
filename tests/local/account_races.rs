//! Sign-ins at once with a change of the account that no session may miss, and claims of one thing by several people.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_sdk_dynamodb::types::AttributeValue;
use campus_aws::{ACCOUNTS, PASSWORD_PEPPER};
use campus_domain::{SystemClock, UserId};
use campus_local::faults::{Attempts, Fault, Kind};
use campus_messages::Purpose;
use campus_secrets::{Secrets, derive_key};
use campus_session::{Role, Session, SessionState};
use campus_store::Store;
use campus_testkit::{Client, Reply, SignUp, TestApp, counts, eventually, race};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::accounts::admin::change;
use crate::accounts::signing_in::{PASSWORD, at_address, person, session_of, sign_in, sign_in_solving, signed_in};

const SIGN_INS: usize = 20;
/// With the sign-up's and the changer's these are ten, so that no sign-in ends the session that makes the change.
const SIGN_INS_BESIDE_ANOTHER: usize = 8;
/// Before their outcome is known, they count like failures, and the sixth is delayed.
const SIGN_INS_UNDELAYED: usize = 5;
const NEW_PASSWORD: &str = "vier kleine eendjes";

/// The live sessions of a person.
async fn live(app: &TestApp, id: &str) -> Vec<Session> {
    let id = UserId::parse(id).expect("it is an id");
    let store = Store::new(&app.clients);
    let query = store.query(Session::partition_of(id)).beginning_with(Session::PREFIX);
    let mut sessions: Vec<Session> = query.all(1000).await.expect("sessions can be read");
    sessions.retain(|session| session.is_live(app.now()));
    sessions
}

/// What is wanted again as long as too many others are at it.
async fn until_done(request: impl AsyncFn() -> Reply) -> Reply {
    loop {
        let reply = request().await;
        if reply.status != 503 {
            return reply;
        }
    }
}

/// Signs in so many times at once, each from an address and with a captcha of its own, and makes a change when a third
/// of them have.
async fn beside_sign_ins(
    app: &TestApp,
    count: usize,
    login: &str,
    changes: impl AsyncFn() -> Reply,
) -> (Vec<Reply>, Reply) {
    let tokens = join_all((0..count).map(|_| app.captcha_token())).await;
    let forms: Vec<_> =
        tokens.iter().map(|token| json!({ "login": login, "password": PASSWORD, "captcha_token": token })).collect();
    let clients: Vec<Client> = (10..).take(count).map(|number| at_address(app, number)).collect();
    let done = AtomicUsize::new(0);
    let sign_ins = race(count, async |number| {
        let reply = until_done(async || clients[number].post("/v1/sessions", &forms[number]).await).await;
        done.fetch_add(1, Ordering::Relaxed);
        reply
    });
    let change = async {
        eventually("some sign-ins", async || (done.load(Ordering::Relaxed) >= count / 3).then_some(())).await;
        until_done(&changes).await
    };
    let (sign_ins, changed) = tokio::join!(sign_ins, change);
    (sign_ins.replies, changed)
}

fn tally(replies: Vec<Reply>) -> campus_testkit::Tally {
    campus_testkit::Race { replies }.tally()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_has_a_role_that_was_taken_away_while_it_began() {
    let app = TestApp::start_local().await;
    let (person, admin) = (person(&app).await, app.admin().await);
    assert_eq!(change(&admin, &person.id, &json!({ "roles": ["staff"] })).await.status, 200);
    let demotion = async || change(&admin, &person.id, &json!({ "roles": [] })).await;
    let (signed_in, demoted) = beside_sign_ins(&app, SIGN_INS, &person.username, demotion).await;
    assert_eq!(demoted.summary(), "200");
    assert_eq!(tally(signed_in), counts([("201", SIGN_INS)]));
    let live = live(&app, &person.id).await;
    assert_eq!(live.len(), campus_session::SESSIONS_MAX);
    assert!(live.iter().all(|session| session.roles == [Role::Member]), "{live:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_good_that_began_while_its_account_was_suspended() {
    let app = TestApp::start_local().await;
    let (person, admin) = (person(&app).await, app.admin().await);
    let suspension = async || change(&admin, &person.id, &json!({ "suspended": { "reason": "x" } })).await;
    let (signed_in, suspended) = beside_sign_ins(&app, SIGN_INS, &person.username, suspension).await;
    assert_eq!(suspended.summary(), "200");
    let mut told = tally(signed_in);
    told.remove("201");
    told.remove("403 account_suspended");
    assert_eq!(told, counts([]));
    let live = live(&app, &person.id).await;
    assert!(!live.is_empty() && live.iter().all(|session| session.state == SessionState::Suspended), "{live:?}");
    app.advance(26);
    assert_eq!(change(&admin, &person.id, &json!({ "suspended": null })).await.status, 200);
    assert!(self::live(&app, &person.id).await.iter().all(|session| session.state == SessionState::Active));
}

/// A change reads the list of devices and the sessions beside each other; here it reads the list a second later.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_begins_between_the_reads_of_a_change_is_not_missed() {
    let app = TestApp::start_local().await;
    let (person, admin) = (person(&app).await, app.admin().await);
    // The first batch is of the session that makes the change.
    app.system().faults.inject(Fault {
        operation: Some("DynamoDB.BatchGetItem".to_owned()),
        function: Some("update_user".to_owned()),
        skip: 1,
        attempts: Attempts::First,
        ..Fault::next(Kind::Hang)
    });
    let suspension = json!({ "suspended": { "reason": "x" } });
    let (suspended, session) = tokio::join!(change(&admin, &person.id, &suspension), async {
        eventually("the reads", async || app.system().faults.awaiting_calls().is_empty().then_some(())).await;
        session_of(&app, &person, false).await
    });
    assert_eq!(suspended.summary(), "200");
    assert_eq!(signed_in(&app, &session).get("/v1/users/me").await.summary(), "403 session_suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_while_an_admin_changes_its_account_stays_ended() {
    let app = TestApp::start_local().await;
    let (person, admin) = (person(&app).await, app.admin().await);
    let session = session_of(&app, &person, false).await;
    let client = signed_in(&app, &session);
    // What was read is about to be written.
    app.system().faults.inject(Fault {
        operation: Some("DynamoDB.TransactWriteItems".to_owned()),
        function: Some("update_user".to_owned()),
        attempts: Attempts::First,
        ..Fault::next(Kind::Hang)
    });
    let roles = json!({ "roles": ["staff"] });
    let (changed, ended) = tokio::join!(change(&admin, &person.id, &roles), async {
        eventually("the write", async || app.system().faults.awaiting_calls().is_empty().then_some(())).await;
        client.delete("/v1/sessions/current").await
    });
    assert_eq!((changed.summary(), ended.summary()), ("200".to_owned(), "204".to_owned()));
    let id = session.text("/session/id");
    assert!(live(&app, &person.id).await.iter().all(|live| live.id.to_string() != id), "it began again");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_left_of_sign_ins_by_a_password_that_was_changed_meanwhile() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    let session = session_of(&app, &person, true).await;
    let client = signed_in(&app, &session);
    let form = json!({
        "current_password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_confirmation": NEW_PASSWORD,
    });
    let replacement = async || client.put("/v1/users/me/password", &form).await;
    let (signed_in, replaced) = beside_sign_ins(&app, SIGN_INS_BESIDE_ANOTHER, &person.username, replacement).await;
    let mut told = tally(signed_in);
    told.remove("201");
    told.remove("401 credentials_wrong");
    assert_eq!(told, counts([]));
    assert_eq!(replaced.summary(), "200", "{replaced:?}");
    assert_eq!(ids(&live(&app, &person.id).await), [session.text("/session/id")]);
}

/// Makes a person's password one that was hashed before the parameters were raised.
#[expect(clippy::disallowed_methods, reason = "no code of today writes it")]
async fn age_password(app: &TestApp, id: &str) {
    let pepper = Secrets::new(&app.clients, Arc::new(SystemClock)).read(PASSWORD_PEPPER).await;
    let pepper = derive_key(&pepper.expect("there is a pepper"), "password pepper 1");
    let params = Params::new(8 * 1024, 1, 1, None).expect("they are parameters");
    let hasher = Argon2::new_with_secret(&pepper, Algorithm::Argon2id, Version::V0x13, params);
    let hash = hasher.expect("it can be set up").hash_password(PASSWORD.as_bytes()).expect("there is memory");
    let key = |part: &str| AttributeValue::S(part.to_owned());
    let update = app.clients.dynamodb.update_item().table_name(Store::new(&app.clients).physical(ACCOUNTS));
    let update = update.key("pk", key(&format!("USER#{id}"))).key("sk", key("ACCOUNT"));
    let update = update.update_expression("SET password_hash = :hash").condition_expression("attribute_exists(pk)");
    update.expression_attribute_values(":hash", key(&hash.to_string())).send().await.expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_at_once_by_a_password_that_is_hashed_anew_all_succeed() {
    let app = TestApp::start_local().await;
    let person = person(&app).await;
    age_password(&app, &person.id).await;
    let race = race(SIGN_INS_UNDELAYED, async |_| {
        until_done(async || sign_in_solving(&app, &app.anonymous(), &person.username, PASSWORD).await).await
    });
    assert_eq!(race.await.tally(), counts([("201", SIGN_INS_UNDELAYED)]));
    assert_eq!(sign_in(&app.anonymous(), &person.username, NEW_PASSWORD).await.summary(), "401 credentials_wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_left_of_sign_ins_by_an_address_that_was_changed_meanwhile() {
    let app = TestApp::start_local().await;
    let (old, new) = (app.new_email(), app.new_email());
    let form = SignUp::with_proof(&app.proof("email", &old).await);
    let session = app.anonymous().post("/v1/users", &form.0).await;
    let client = signed_in(&app, &session);
    let proof = app.proof_as(&client, Purpose::ChangeEmail, "email", &new).await;
    let replacement = async || client.put("/v1/users/me/email", &json!({ "proof": proof })).await;
    let (signed_in, replaced) = beside_sign_ins(&app, SIGN_INS_BESIDE_ANOTHER, &old, replacement).await;
    let mut told = tally(signed_in);
    told.remove("201");
    told.remove("401 credentials_wrong");
    assert_eq!(told, counts([]));
    assert_eq!(replaced.summary(), "200", "{replaced:?}");
    assert_eq!(ids(&live(&app, &session.text("/user/id")).await), [session.text("/session/id")]);
}

fn ids(sessions: &[Session]) -> Vec<String> {
    sessions.iter().map(|session| session.id.to_string()).collect()
}

/// Of two who take each other's rights, or suspend each other, one stays: someone must look after accounts.
#[tokio::test(flavor = "multi_thread")]
async fn two_admins_do_not_end_each_other_at_once() {
    let app = TestApp::start_local().await;
    let first = app.admin().await;
    for wish in [json!({ "roles": [] }), json!({ "suspended": { "reason": "x" } })] {
        let people = join_all((0..2).map(|_| app.member())).await;
        let id = |number: usize| people[number].user["id"].as_str().expect("an account has an id");
        for number in 0..2 {
            assert_eq!(change(&first, id(number), &json!({ "roles": ["admin"] })).await.status, 200);
        }
        app.advance(26);
        let race = race(2, async |number| change(&people[number].client, id(1 - number), &wish).await).await;
        let mut told = race.tally();
        assert_eq!(told.remove("200"), Some(1), "{told:?}");
        let late = ["403 forbidden", "403 session_suspended"];
        assert!(told.keys().all(|told| late.contains(&told.as_str())), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_people_with_proofs_of_one_school_address_one_has_it() {
    let app = TestApp::start_local().await;
    let people = join_all((0..10).map(|_| app.member())).await;
    let form = json!({ "name": app.new_title(), "email_domains": ["hanbit.ac.example"] });
    let school = app.staff().await.post("/v1/schools", &form).await.text("/id");
    let mut proofs = Vec::new();
    for (number, person) in people.iter().enumerate() {
        // A minute after another's, and the first must still be good when the last is there.
        app.advance(if number == 0 { 0 } else { 60 });
        proofs.push(app.proof_as(&person.client, Purpose::JoinSchool, "email", "minji@hanbit.ac.example").await);
    }
    let race = race(10, async |number| {
        people[number].client.put("/v1/users/me/school", &json!({ "school_id": school, "proof": proofs[number] })).await
    })
    .await;
    assert_eq!(race.tally(), counts([("200", 1), ("409 school_email_taken", 9)]));
    for (person, reply) in people.iter().zip(&race.replies) {
        let me = person.client.get("/v1/users/me").await;
        let is_proven = if reply.status == 200 { json!(true) } else { Value::Null };
        assert_eq!(me.body.pointer("/school/verified").cloned().unwrap_or_default(), is_proven);
    }
}
