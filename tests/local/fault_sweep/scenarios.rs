//! What is asked of each endpoint and worker in the sweep.

use std::fmt;

use campus_aws::{
    ACCOUNTS_EVENTS_QUEUE, ALERTS_QUEUE, EMAIL_QUEUE, FEEDBACK_QUEUE, NOTIFICATIONS_EVENTS_QUEUE, PLANS_QUEUE, Queue,
    SCREENINGS_EVENTS_QUEUE, SHARDS_QUEUE, SMS_QUEUE,
};
use campus_domain::UserId;
use campus_endpoint::CaptchaProvider;
use campus_messages::{AccountEvent, AlertKind};
use campus_testkit::{Client, Reply, SignUp, TestApp, code_in};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};

use super::super::account_events::{hear, owe};
use super::end_state::{is_visible_in, masked};
use crate::accounts::exports::path_of_link;
use crate::accounts::schools::SCHOOLS;
use crate::accounts::signing_in::PASSWORD;
use crate::notifications::{self, arriving, notify, put_entry, queued, unsubscription_path};
use crate::screenings::{self, DAY, FILMS, LIBRARIES, SCREENINGS};

pub(super) const PHONE: &str = "+821000000301";
pub(super) const EMAIL: &str = "minji@campus.example";
pub(super) const USERNAME: &str = "minji_301";
const EXPORTS: &str = "/v1/users/me/exports";
const PREFERENCES: &str = "/v1/users/me/notification-preferences";

/// How often a client, or a queue, tries at most.
const TRIES_MAX: usize = 20;

/// Something asked of a function, and what has to be there for it.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) function: &'static str,
    /// Who makes the system's captchas.
    pub(super) captcha: CaptchaProvider,
    pub(super) prepare: for<'a> fn(&'a TestApp) -> BoxFuture<'a, Act>,
    pub(super) exceptions: &'static [Exception],
}

/// An end that is right although it differs: the call, the fault, what the difference begins with, and why.
pub(super) type Exception = (&'static str, &'static str, &'static str, &'static str);

impl Scenario {
    /// Why this difference is right, if it is.
    pub(super) fn reason_for(&self, operation: &str, fault: &str, difference: &str) -> Option<&'static str> {
        let applies = |(at, by, shown, _): &&Exception| {
            operation.ends_with(at) && fault.contains(by) && difference.starts_with(shown)
        };
        self.exceptions.iter().find(applies).map(|(.., reason)| *reason)
    }
}

/// What is asked.
pub(super) enum Act {
    /// Of an endpoint.
    Request {
        token: Option<String>,
        method: Method,
        path: String,
        body: Option<Value>,
    },
    /// Of a worker, by its source.
    Stream,
    Queue(Queue, &'static str),
    Schedule(&'static str),
    /// Of a command, with its payload.
    Command(&'static str, Value),
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome(String);

impl Outcome {
    fn of(reply: &Reply) -> Self {
        let mut body = reply.body.clone();
        if reply.status >= 400 {
            body = Value::Null;
        }
        // Values that go with a time that went on.
        for member in ["/resend_after", "/session/expires_in"] {
            if let Some(value) = body.pointer_mut(member) {
                *value = Value::Null;
            }
        }
        Self(masked(&format!("{} {body}", reply.summary())))
    }

    /// Whether it is a success, or one of the refusals that change something or look at more than usual.
    pub(super) fn is_expected(&self) -> bool {
        let refusals = ["401 refresh_token_revoked", "409 phone_taken"];
        self.0.starts_with('2') || self.0 == "done" || refusals.iter().any(|refusal| self.0.starts_with(refusal))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.char_indices().nth(60).map_or(self.0.len(), |(end, _)| end);
        formatter.write_str(self.0[..end].trim())
    }
}

impl Act {
    /// Asks, and asks again for as long as the answer says so.
    pub(super) async fn carry_out(&self, app: &TestApp) -> Outcome {
        for _ in 0..TRIES_MAX {
            let done = match self {
                Self::Request { token, method, path, body } => {
                    let client = match token {
                        Some(token) => app.anonymous().with_token(token),
                        None => app.anonymous(),
                    };
                    let mut request = client.request(method.clone(), path);
                    if *method == Method::POST {
                        request = request.header("idempotency-key", "of-the-sweep");
                    }
                    if let Some(body) = body {
                        request = request.json(body);
                    }
                    let reply = client.send(request).await;
                    let again = reply.status == 503 || reply.summary() == "409 idempotency_in_progress";
                    if !again {
                        return Outcome::of(&reply);
                    }
                    app.advance(reply.retry_after());
                    false
                }
                Self::Stream => has_no_failures(&app.relay().await),
                Self::Queue(queue, worker) => {
                    let mut taken = true;
                    while is_visible_in(app, *queue) {
                        taken &= has_no_failures(&app.work(*queue, worker).await);
                    }
                    taken
                }
                Self::Command(name, payload) => {
                    let report = app.system().call_worker(name, payload.clone()).await;
                    report.is_ok_and(|report| report["outcome"] == "done")
                }
                Self::Schedule(worker) => app.system().call_worker(worker, json!({ "id": "tick" })).await.is_ok(),
            };
            if done {
                return Outcome("done".to_owned());
            }
            if !matches!(self, Self::Request { .. }) {
                app.advance(61);
            }
        }
        Outcome("never".to_owned())
    }
}

fn has_no_failures(answer: &Value) -> bool {
    answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty)
}

/// A library, a film, and a screening of it.
struct Season {
    staff: Client,
    library: Value,
    film: Value,
    screening: Value,
}

impl Season {
    async fn new(app: &TestApp) -> Self {
        let staff = app.staff().await;
        let library = staff.post(LIBRARIES, &json!({ "name": "한빛도서관" })).await.body;
        let film = staff.post(FILMS, &json!({ "title": "리틀 포레스트" })).await.body;
        let screening = screenings::screening(&staff, &library, &film, app.now().plus_seconds(2 * DAY)).await;
        Self { staff, library, film, screening }
    }

    /// The same without its screening.
    async fn over(app: &TestApp) -> Self {
        let season = Self::new(app).await;
        season.staff.delete(&screenings::path(SCREENINGS, &season.screening)).await;
        season
    }

    fn asks(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Act {
        Act::Request { token: self.staff.token().map(str::to_owned), method, path: path.into(), body }
    }

    fn of_one(&self, method: Method, list: &str, thing: &Value, body: Option<Value>) -> Act {
        self.asks(method, screenings::path(list, thing), body)
    }
}

/// What staff ask of a school that they added.
async fn of_school(app: &TestApp, method: Method, body: Option<Value>) -> Act {
    let (staff, path) = school(app).await;
    Act::Request { token: staff.token().map(str::to_owned), method, path, body }
}

/// Staff, and the path of a school that they added.
pub(super) async fn school(app: &TestApp) -> (Client, String) {
    let staff = app.staff().await;
    let form = json!({ "name": "한빛대학교", "email_domains": ["hanbit.example"] });
    let school = staff.post(SCHOOLS, &form).await.body;
    (staff, screenings::path(SCHOOLS, &school))
}

/// A request by nobody in particular.
pub(super) fn post(path: impl Into<String>, body: Value) -> Act {
    Act::Request { token: None, method: Method::POST, path: path.into(), body: Some(body) }
}

/// A request by whoever has the token.
pub(super) fn request(token: Option<String>, method: Method, path: impl Into<String>) -> Act {
    Act::Request { token, method, path: path.into(), body: None }
}

/// A change of oneself by whoever has the token.
fn change(token: Option<String>, body: Value) -> Act {
    Act::Request { token, method: Method::PATCH, path: "/v1/users/me".to_owned(), body: Some(body) }
}

/// A request with a body by whoever has the token.
pub(super) fn request_with(token: Option<String>, method: Method, path: impl Into<String>, body: Value) -> Act {
    Act::Request { token, method, path: path.into(), body: Some(body) }
}

/// Someone with an entry in their inbox: a token, and the entry's id.
async fn person_told(app: &TestApp) -> (Option<String>, String) {
    let session = person(app).await;
    let id = notify(app, &session.text("/user/id"), 1).await;
    (token_of(&session), id)
}

/// Someone who wants mails of all kinds: a token, and whose it is.
async fn person_mailed(app: &TestApp) -> (Option<String>, String) {
    let session = person(app).await;
    let token = token_of(&session);
    let ways = json!({ "email": true });
    let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
    let client = app.anonymous().with_token(token.clone().unwrap_or_default());
    let set = client.request(Method::PUT, PREFERENCES).json(&json!({ "kinds": kinds }));
    assert_eq!(client.send(set).await.summary(), "200");
    (token, session.text("/user/id"))
}

/// Someone who wants alerts by all ways, and wishes for the film of a season.
async fn fan(app: &TestApp, season: &Season, channel: &str, target: &str) -> Client {
    let form = sign_up_form(&proof(app, channel, target, "sign_up").await);
    let session = app.anonymous().post("/v1/users", &form).await;
    let client = app.anonymous().with_token(session.text("/session/access_token"));
    let ways = json!({ "email": true, "sms": channel == "sms" });
    let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
    assert_eq!(client.put(PREFERENCES, &json!({ "kinds": kinds })).await.summary(), "200");
    assert_eq!(client.put(&wish_for(season), &json!({})).await.summary(), "204");
    client
}

/// Someone of whom everything is kept asks for it: their token, and the path of the export.
async fn fan_who_asks(app: &TestApp) -> (Option<String>, String) {
    let fan = fan(app, &Season::new(app).await, "sms", PHONE).await;
    let me = fan.get("/v1/users/me").await.text("/id");
    // Long enough ago for what they are told in the run to be later in any list, whose times are seconds.
    put_entry(app, &arriving(&notifications::alert(app, &me, 1), app.now().plus_seconds(-60))).await;
    let asked = fan.post(EXPORTS, &json!({})).await;
    (fan.token().map(str::to_owned), format!("{EXPORTS}/{}", asked.text("/id")))
}

/// The same, and who hears of their purge has written the export before.
async fn fan_who_is_purged(app: &TestApp) {
    let (token, _) = fan_who_asks(app).await;
    hear(app).await;
    let me = app.anonymous().with_token(token.unwrap_or_default()).get("/v1/users/me").await.text("/id");
    owe(app, AccountEvent::Purged { user_id: UserId::parse(&me).expect("it is an id") }).await;
    app.relay().await;
}

fn wish_for(season: &Season) -> String {
    format!("/v1/users/me/wishes/{}", screenings::text(&season.film, "id"))
}

/// A screening was announced to someone who wished for its film, and their alert is queued.
async fn alert(app: &TestApp, channel: &str, target: &str) {
    let season = Season::new(app).await;
    fan(app, &season, channel, target).await;
    let starts_at = app.now().plus_seconds(3 * DAY);
    screenings::screening(&season.staff, &season.library, &season.film, starts_at).await;
    plan(app).await;
}

/// Everything that is owed is planned.
async fn plan(app: &TestApp) {
    app.relay().await;
    while queued(app, PLANS_QUEUE.name) > 0 {
        app.work(PLANS_QUEUE, "plan_alerts").await;
    }
}

/// A reminder of someone's is due.
async fn due(app: &TestApp) {
    let season = Season::new(app).await;
    fan(app, &season, "sms", PHONE).await;
    plan(app).await;
    app.advance(u64::try_from(DAY).unwrap_or_default());
}

/// A code that was asked for and sent: its id, and the code.
async fn code(app: &TestApp, channel: &str, target: &str, purpose: &str) -> (String, String) {
    let form = json!({
        "channel": channel, "target": target, "purpose": purpose, "captcha_token": app.captcha_token().await,
    });
    let asked = app.anonymous().post("/v1/verification-codes", &form).await;
    app.relay().await;
    app.work(SMS_QUEUE, "send_sms").await;
    app.work(EMAIL_QUEUE, "send_email").await;
    (asked.text("/id"), code_in(&app.outbox(target).await[0].text))
}

pub(super) async fn proof(app: &TestApp, channel: &str, target: &str, purpose: &str) -> String {
    let (id, code) = code(app, channel, target, purpose).await;
    app.confirm(&id, &code).await.text("/proof")
}

pub(super) fn sign_up_form(proof: &str) -> Value {
    SignUp::with_proof(proof).with("username", USERNAME).with("nickname", "민지 301").0
}

/// Someone's first session.
pub(super) async fn person(app: &TestApp) -> Reply {
    let form = sign_up_form(&proof(app, "sms", PHONE, "sign_up").await);
    app.anonymous().post("/v1/users", &form).await
}

/// Someone with two sessions: a token of the first, and the id of the second.
async fn person_twice(app: &TestApp) -> (Option<String>, String) {
    let token = token_of(&person(app).await);
    let form = json!({ "login": USERNAME, "password": PASSWORD });
    (token, app.anonymous().post("/v1/sessions", &form).await.text("/session/id"))
}

pub(super) fn token_of(session: &Reply) -> Option<String> {
    Some(session.text("/session/access_token"))
}

async fn challenge(app: &TestApp) -> String {
    app.anonymous().post("/v1/captcha-challenges", &json!({})).await.text("/id")
}

async fn ask(app: &TestApp, channel: &str, target: &str) {
    let asked = app.ask_for_code(channel, target).await;
    assert_eq!(asked.summary(), "202");
}

/// A challenge of the system's maker, solved by its widget.
async fn widget(app: &TestApp) -> Act {
    let challenge = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    let answer = app.widget_answer(&challenge).await;
    post(format!("/v1/captcha-challenges/{}/solutions", challenge.text("/id")), answer)
}

/// Geetest takes an answer once.
const ANSWER_IS_USED: &str = "nothing is solved, and Geetest has taken the answer; the person solves another challenge";
const NOT_SOLVED: Exception = ("TransactWriteItems", "", "answer: 400 captcha_failed", ANSWER_IS_USED);
const STILL_OPEN: Exception = ("TransactWriteItems", "", "captcha: ", ANSWER_IS_USED);
const REFUSED_FOR_GOOD: Exception = ("TransactWriteItems", "", "idempotency: answer", ANSWER_IS_USED);
const NOT_TAKEN: Exception = ("TransactWriteItems", "", "less: ", ANSWER_IS_USED);
/// A look that is not kept is taken again.
const NOT_KEPT: Exception =
    ("UpdateItem", "", "idempotency: answer n", "the answer is not kept; asked again, it is looked up again");
/// A marker that is set where it is goes before what was said of entries in between.
const SET_TWICE: Exception =
    ("TransactWriteItems", "loses its answers", "inbox_marker: version 2", "it is set twice, to the same place");
/// An operator who is not answered revokes once more.
const REVOKED_TWICE: &str = "the new key is revoked and replaced, too, which costs a refresh";
const REVOKED_AND_KEPT: Exception = ("TransactWriteItems", "loses its answers", "key_ring: ", REVOKED_TWICE);
const REVOKED_AND_TOLD: Exception = ("TransactWriteItems", "loses its answers", "more: accounts ", REVOKED_TWICE);
/// The ledger of deliveries counts attempts at a message.
const TRIED_TWICE: Exception = ("", "", "delivery: attempts 2", "the ledger counts the attempt that failed, too");
/// A worker that may have called the provider does not call it again for a code.
const UNKNOWN: &str =
    "the delivery is `unknown`: a code is never sent twice, and whoever waits for it asks for another";
const UNTOLD: Exception = ("TransactWriteItems", "loses its answers", "delivery: ", UNKNOWN);
const UNTOLD_AND_UNSENT: Exception = ("TransactWriteItems", "loses its answers", "less: ", UNKNOWN);
const UNSETTLED: Exception = ("PutItem", "", "delivery: ", UNKNOWN);
const UNANSWERED_SMS: Exception = ("SNS.Publish", "", "delivery: provider_code \"unreachable\"", UNKNOWN);
const UNSENT_SMS: Exception = ("SNS.Publish", "hangs", "less: sms", UNKNOWN);
const UNANSWERED_MAIL: Exception = ("SES.SendEmail", "", "delivery: provider_code \"unreachable\"", UNKNOWN);
const UNSENT_MAIL: Exception = ("SES.SendEmail", "hangs", "less: email", UNKNOWN);
const OF_SMS: &[Exception] = &[TRIED_TWICE, UNTOLD, UNTOLD_AND_UNSENT, UNSETTLED, UNANSWERED_SMS, UNSENT_SMS];
const OF_MAIL: &[Exception] = &[TRIED_TWICE, UNTOLD, UNTOLD_AND_UNSENT, UNSETTLED, UNANSWERED_MAIL, UNSENT_MAIL];

/// A purge is heard again later, by a message that a queue may take and not say so.
const HEARD_TWICE: Exception =
    ("SQS.SendMessageBatch", "", "more: queued", "the queue took the rest twice; hearing it once more is harmless");
const PURGES: &[Exception] = &[HEARD_TWICE];

/// An alert in doubt is sent once more, since nobody could ask for it again.
const TWICE: &str = "the provider's answer was lost, and two are better than none";
const TOLD_TWICE_BY_SMS: Exception = ("", "", "more: sms", TWICE);
const TOLD_TWICE_BY_MAIL: Exception = ("", "", "more: email", TWICE);
const OF_ALERTS: &[Exception] = &[TRIED_TWICE, TOLD_TWICE_BY_SMS, TOLD_TWICE_BY_MAIL];

macro_rules! scenario {
    ($function:literal, $name:literal, $prepare:expr) => {
        scenario!($function, $name, $prepare, &[])
    };
    ($function:literal, $name:literal, $prepare:expr, $exceptions:expr) => {
        Scenario {
            function: $function,
            name: concat!($function, ": ", $name),
            captcha: campus_endpoint::CaptchaProvider::None,
            prepare: |app| async move { ($prepare)(app).await }.boxed(),
            exceptions: $exceptions,
        }
    };
}
pub(super) use scenario;

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
            let fan = fan(app, &Season::new(app).await, "sms", PHONE).await;
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
