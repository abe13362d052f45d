//! Who and what has to be there before something is asked.

use campus_aws::{EMAIL_QUEUE, PLANS_QUEUE, SMS_QUEUE};
use campus_domain::UserId;
use campus_messages::AccountEvent;
use campus_testkit::{Client, Reply, SignUp, TestApp, code_in};
use reqwest::Method;
use serde_json::{Value, json};

use super::super::account_events::{hear, owe};
use super::scenario::{Act, post};
use crate::accounts::schools::SCHOOLS;
use crate::accounts::signing_in::PASSWORD;
use crate::notifications::{self, arriving, notify, put_entry, queued};
use crate::screenings::{self, DAY, FILMS, LIBRARIES, SCREENINGS};

pub(super) const PHONE: &str = "+821000000301";
pub(super) const EMAIL: &str = "minji@campus.example";
pub(super) const USERNAME: &str = "minji_301";
pub(super) const EXPORTS: &str = "/v1/users/me/exports";
pub(super) const PREFERENCES: &str = "/v1/users/me/notification-preferences";

/// A library, a film, and a screening of it.
pub(super) struct Season {
    pub(super) staff: Client,
    pub(super) library: Value,
    pub(super) film: Value,
    pub(super) screening: Value,
}

impl Season {
    pub(super) async fn new(app: &TestApp) -> Self {
        let staff = app.staff().await;
        let library = staff.post(LIBRARIES, &json!({ "name": "한빛도서관" })).await.body;
        let film = staff.post(FILMS, &json!({ "title": "리틀 포레스트" })).await.body;
        let screening = screenings::screening(&staff, &library, &film, app.now().plus_seconds(2 * DAY)).await;
        Self { staff, library, film, screening }
    }

    /// The same without its screening.
    pub(super) async fn over(app: &TestApp) -> Self {
        let season = Self::new(app).await;
        season.staff.delete(&screenings::path(SCREENINGS, &season.screening)).await;
        season
    }

    pub(super) fn asks(&self, method: Method, path: impl Into<String>, body: Option<Value>) -> Act {
        Act::Request { token: self.staff.token().map(str::to_owned), method, path: path.into(), body }
    }

    pub(super) fn of_one(&self, method: Method, list: &str, thing: &Value, body: Option<Value>) -> Act {
        self.asks(method, screenings::path(list, thing), body)
    }
}

/// What staff ask of a school that they added.
pub(super) async fn of_school(app: &TestApp, method: Method, body: Option<Value>) -> Act {
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

/// Someone with an entry in their inbox: a token, and the entry's id.
pub(super) async fn person_told(app: &TestApp) -> (Option<String>, String) {
    let session = person(app).await;
    let id = notify(app, &session.text("/user/id"), 1).await;
    (token_of(&session), id)
}

/// Someone who wants mails of all kinds: a token, and whose it is.
pub(super) async fn person_mailed(app: &TestApp) -> (Option<String>, String) {
    let session = person(app).await;
    let token = token_of(&session);
    let ways = json!({ "email": true });
    let kinds = json!({ "screening_announced": ways, "screening_reminder": ways, "screening_changed": ways });
    let client = app.anonymous().with_token(token.clone().unwrap_or_default());
    assert_eq!(client.put(PREFERENCES, &json!({ "kinds": kinds })).await.summary(), "200");
    (token, session.text("/user/id"))
}

/// Someone who wants alerts by all ways, and wishes for the film of a season.
pub(super) async fn fan(app: &TestApp, season: &Season, channel: &str, target: &str) -> Client {
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
pub(super) async fn fan_who_asks(app: &TestApp) -> (Option<String>, String) {
    let fan = fan(app, &Season::new(app).await, "sms", PHONE).await;
    let me = fan.get("/v1/users/me").await.text("/id");
    // Long enough ago for what they are told in the run to be later in any list, whose times are seconds.
    put_entry(app, &arriving(&notifications::alert(app, &me, 1), app.now().plus_seconds(-60))).await;
    let asked = fan.post(EXPORTS, &json!({})).await;
    (fan.token().map(str::to_owned), format!("{EXPORTS}/{}", asked.text("/id")))
}

/// The same, and who hears of their purge has written the export before.
pub(super) async fn fan_who_is_purged(app: &TestApp) {
    let (token, _) = fan_who_asks(app).await;
    hear(app).await;
    let me = app.anonymous().with_token(token.unwrap_or_default()).get("/v1/users/me").await.text("/id");
    owe(app, AccountEvent::Purged { user_id: UserId::parse(&me).expect("it is an id") }).await;
    app.relay().await;
}

pub(super) fn wish_for(season: &Season) -> String {
    format!("/v1/users/me/wishes/{}", screenings::text(&season.film, "id"))
}

/// A screening was announced to someone who wished for its film, and their alert is queued.
pub(super) async fn alert(app: &TestApp, channel: &str, target: &str) {
    let season = Season::new(app).await;
    fan(app, &season, channel, target).await;
    let starts_at = app.now().plus_seconds(3 * DAY);
    screenings::screening(&season.staff, &season.library, &season.film, starts_at).await;
    plan(app).await;
}

/// Everything that is owed is planned.
pub(super) async fn plan(app: &TestApp) {
    app.relay().await;
    while queued(app, PLANS_QUEUE.name) > 0 {
        app.work(PLANS_QUEUE, "plan_alerts").await;
    }
}

/// A reminder of someone's is due.
pub(super) async fn due(app: &TestApp) {
    let season = Season::new(app).await;
    fan(app, &season, "sms", PHONE).await;
    plan(app).await;
    app.advance(u64::try_from(DAY).unwrap_or_default());
}

/// A code that was asked for and sent: its id, and the code.
pub(super) async fn code(app: &TestApp, channel: &str, target: &str, purpose: &str) -> (String, String) {
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
pub(super) async fn person_twice(app: &TestApp) -> (Option<String>, String) {
    let token = token_of(&person(app).await);
    let form = json!({ "login": USERNAME, "password": PASSWORD });
    (token, app.anonymous().post("/v1/sessions", &form).await.text("/session/id"))
}

pub(super) fn token_of(session: &Reply) -> Option<String> {
    Some(session.text("/session/access_token"))
}

pub(super) async fn challenge(app: &TestApp) -> String {
    app.anonymous().post("/v1/captcha-challenges", &json!({})).await.text("/id")
}

pub(super) async fn ask(app: &TestApp, channel: &str, target: &str) {
    let asked = app.ask_for_code(channel, target).await;
    assert_eq!(asked.summary(), "202");
}

/// A challenge of the system's maker, solved by its widget.
pub(super) async fn widget(app: &TestApp) -> Act {
    let challenge = app.anonymous().post("/v1/captcha-challenges", &json!({})).await;
    let answer = app.widget_answer(&challenge).await;
    post(format!("/v1/captcha-challenges/{}/solutions", challenge.text("/id")), answer)
}
