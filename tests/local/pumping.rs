//! The budget of text messages, with as little of it as a test can use up; and a pumping run.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use campus_aws::CODE_SECRET;
use campus_domain::{Clock, CodeId};
use campus_endpoint::{Dispatcher, Function, HttpRequest, Invocation, Measure, Recorder, Runtime, Settings};
use campus_messages::Purpose;
use campus_secrets::{Secrets, derive_code};
use campus_testkit::{Client, Reply, TestApp, counts, eventually, race};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::accounts::signing_in::{at_address, person};

/// A system that sends so many texts an hour and a day.
async fn with_budget(sms_per_hour: u32, sms_per_day: u32) -> TestApp {
    TestApp::start_with(Settings { sms_per_hour, sms_per_day, ..Settings::local() }).await
}

/// Asks for a code to a new number.
async fn ask(app: &TestApp, client: &Client) -> Reply {
    app.ask_for_code_as(client, Purpose::SignUp, "sms", &app.new_phone()).await
}

/// Has so many codes sent to new numbers, from an address each.
async fn send(app: &TestApp, count: u8) {
    for number in 0..count {
        assert_eq!(ask(app, &at_address(app, 100 + number)).await.summary(), "202");
    }
}

/// What was measured of a figure, oldest first.
fn measured(app: &TestApp, measure: Measure) -> Vec<u32> {
    let invocations = app.system().recorder.invocations();
    invocations.iter().filter_map(|invocation| invocation.measures.get(&measure).copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_hours_budget_is_for_anyone() {
    let app = with_budget(6, 100).await;
    send(&app, 3).await;
    let refused = ask(&app, &at_address(&app, 1)).await;
    assert_eq!(refused.summary(), "429 sms_budget_exhausted");
    assert!((3_500..=3_600).contains(&refused.retry_after()), "{refused:?}");
    assert!(refused.text("/detail").contains("이메일"), "there is another way: {refused:?}");
    assert_eq!(app.ask_for_code("email", &app.new_email()).await.summary(), "202");
    app.advance(refused.retry_after());
    assert_eq!(ask(&app, &at_address(&app, 1)).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_half_is_for_addresses_that_tell_codes_back() {
    let app = with_budget(8, 100).await;
    app.proof("sms", &app.new_phone()).await;
    send(&app, 3).await;
    assert_eq!(ask(&app, &at_address(&app, 1)).await.summary(), "429 sms_budget_exhausted");
    // One came back: of three that is a third.
    for expected in ["202", "202", "202", "429 sms_budget_exhausted"] {
        assert_eq!(ask(&app, &app.anonymous()).await.summary(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_than_the_budget() {
    let app = with_budget(100, 4).await;
    let person = person(&app).await;
    for _ in 0..3 {
        app.proof("sms", &app.new_phone()).await;
    }
    app.advance(60);
    let refused = ask(&app, &app.anonymous()).await;
    assert_eq!(refused.summary(), "429 sms_budget_exhausted", "whoever vouches");
    assert!((86_000..=86_400).contains(&refused.retry_after()), "the day's wait: {refused:?}");
    let known = app.ask_for_code_as(&app.anonymous(), Purpose::SignIn, "sms", &person.phone).await;
    assert_eq!(known.summary(), "429 sms_budget_exhausted", "proven or not");
    let unknown = app.ask_for_code_as(&app.anonymous(), Purpose::SignIn, "sms", &app.new_phone()).await;
    assert_eq!(unknown.summary(), "429 sms_budget_exhausted", "or it would tell who has an account");
    app.advance(refused.retry_after());
    assert_eq!(ask(&app, &app.anonymous()).await.summary(), "202");
}

#[tokio::test(flavor = "multi_thread")]
async fn proven_numbers_have_the_whole_budget_and_what_goes_to_nobody_uses_none() {
    let app = with_budget(5, 100).await;
    let person = person(&app).await;
    send(&app, 2).await;
    let stranger = at_address(&app, 1);
    assert_eq!(ask(&app, &stranger).await.summary(), "429 sms_budget_exhausted");
    for _ in 0..4 {
        let nobody = app.ask_for_code_as(&stranger, Purpose::SignIn, "sms", &app.new_phone()).await;
        assert_eq!(nobody.summary(), "202");
    }
    for _ in 0..2 {
        app.advance(60);
        let known = app.ask_for_code_as(&stranger, Purpose::SignIn, "sms", &person.phone).await;
        assert_eq!(known.summary(), "202");
    }
    app.advance(60);
    let known = app.ask_for_code_as(&stranger, Purpose::SignIn, "sms", &person.phone).await;
    assert_eq!(known.summary(), "429 sms_budget_exhausted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_answered_alike_when_the_budget_is_used_up_and_no_text_goes_out() {
    let app = with_budget(100, 2).await;
    let person = person(&app).await;
    app.advance(60);
    let reset = async |login: &str| {
        let form = json!({ "login": login, "captcha_token": app.captcha_token().await });
        app.anonymous().post("/v1/password-resets", &form).await.summary()
    };
    assert_eq!(reset("nobody_has_this").await, "202", "and uses no budget");
    assert_eq!(reset(&person.username).await, "202");
    assert_eq!(app.messages(&person.phone, 2).await.len(), 2);
    app.advance(60);
    for login in [person.username.as_str(), "nobody_has_this"] {
        assert_eq!(reset(login).await, "202", "{login}");
    }
    let address = app.new_email();
    app.receive_code("email", &address).await;
    assert_eq!(app.outbox(&person.phone).await.len(), 2);
    assert_eq!(measured(&app, Measure::SmsRefusals), [1], "whose phone it is, and nobody's is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_requests_at_once_as_many_are_accepted_as_the_budget_has() {
    let app = with_budget(20, 100).await;
    let tokens = futures::future::join_all((0..50).map(|_| app.captcha_token())).await;
    let race = race(50, async |number| {
        let form = json!({
            "channel": "sms", "target": app.new_phone(), "purpose": "sign_up", "captcha_token": tokens[number],
        });
        app.anonymous().post("/v1/verification-codes", &form).await
    });
    assert_eq!(race.await.tally(), counts([("202", 10), ("429 sms_budget_exhausted", 40)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_requests_at_once_to_a_block_twenty_are_accepted() {
    let app = TestApp::start_local().await;
    let block = app.new_phone()[..9].to_owned();
    let tokens = futures::future::join_all((0..50).map(|_| app.captcha_token())).await;
    let race = race(50, async |number| {
        let form = json!({
            "channel": "sms", "target": format!("{block}{number:04}"), "purpose": "sign_up",
            "captcha_token": tokens[number],
        });
        app.anonymous().post("/v1/verification-codes", &form).await
    });
    assert_eq!(race.await.tally(), counts([("202", 20), ("429 prefix_blocked", 30)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_confirmations_of_a_code_at_once_one_counts() {
    let app = with_budget(20, 100).await;
    let (id, code) = app.receive_code("sms", &app.new_phone()).await;
    let race = race(50, async |_| app.confirm(&id, &code).await);
    assert_eq!(race.await.tally().get("201"), Some(&1));
    send(&app, 9).await;
    // For three sends; two completions would vouch for six.
    for expected in ["202", "202", "202", "429 sms_budget_exhausted"] {
        assert_eq!(ask(&app, &app.anonymous()).await.summary(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_told_back_refused_and_used_of_the_day_is_measured() {
    let app = with_budget(100, 4).await;
    app.proof("sms", &app.new_phone()).await;
    app.proof("email", &app.new_email()).await;
    send(&app, 1).await;
    assert_eq!(ask(&app, &at_address(&app, 1)).await.summary(), "429 sms_budget_exhausted");
    assert_eq!(ask(&app, &app.anonymous()).await.summary(), "202");
    assert_eq!(ask(&app, &app.anonymous()).await.summary(), "202");

    assert_eq!(measured(&app, Measure::SmsSends), [1, 1, 1, 1]);
    assert_eq!(measured(&app, Measure::SmsCompletions), [1]);
    assert_eq!(measured(&app, Measure::SmsRefusals), [1]);
    assert_eq!(measured(&app, Measure::SmsHourUsed), [1, 2, 2, 3, 4], "50 raises an alarm");
    assert_eq!(measured(&app, Measure::SmsDayUsed), [25, 50, 50, 75, 100], "50 and 100 raise alarms");
}

// --- A pumping run --------------------------------------------------------------------------------------
//
// It goes through runner, handlers and tables, in two hours of a stage that is deployed with what is usual. Other runs
// are tried in memory, beside the rule.

/// Requests of whoever pumps.
const PUMPED: u32 = 10_000;
/// Of these for each of a hundred honest people.
const PUMPED_PER_HONEST: u32 = 100;
/// The addresses that the pumping rotates over. The first is the campus's, too.
const ADDRESSES: u32 = 200;
const CAMPUS: u32 = 0;
/// The blocks of its numbers.
const BLOCKS: u32 = 5_000;
/// The clock follows the run, which takes two hours, less what passes by itself.
const SECONDS_PER_HONEST: u64 = 70;
const HOURS: u32 = 2;

/// Who asks, and what of.
struct Run {
    app: TestApp,
    door: Dispatcher,
    secrets: Secrets,
    captcha: Option<String>,
}

/// What came of a run.
#[derive(Debug, Default)]
struct Outcome {
    /// Accepted requests of whoever pumps.
    pumped: u32,
    /// Honest people that got a code.
    served: u32,
    /// Refusals, by code.
    refused: std::collections::BTreeMap<String, u32>,
}

/// Calls are many, and looked at by nobody.
struct Unrecorded;

impl Recorder for Unrecorded {
    fn record(&self, _: Invocation) {}
}

struct SystemClock(campus_local::clock::Now);

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        (self.0)()
    }
}

impl Run {
    /// The endpoints of a local system behind a door of their own, where a request comes from any address. All else is
    /// as always.
    async fn start(settings: Settings) -> Self {
        let app = TestApp::start_with(settings).await;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock(app.system().clock.now()));
        let settings = Arc::clone(&app.system().settings);
        let runtime = || {
            let clients = app.clients.clone();
            Arc::new(Runtime::new(clients, Arc::clone(&settings), Arc::clone(&clock), Arc::new(Unrecorded)))
        };
        let endpoints = campus_accounts::registry::<()>().endpoints.into_iter();
        let door = Dispatcher::new(endpoints.map(|entry| Function::new(entry, runtime())).collect());
        let secrets = Secrets::new(&app.clients, clock);
        Self { app, door, secrets, captcha: None }
    }

    async fn post(&self, address: u32, path: &str, body: &Value) -> (u16, Value) {
        let json = HeaderValue::from_static("application/json");
        let request = HttpRequest {
            method: Method::POST,
            path: path.to_owned(),
            query: None,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
            body: body.to_string().into(),
            path_parameters: Vec::new(),
            client_address: IpAddr::V4(Ipv4Addr::from_bits(0xcb00_7100 + address)),
        };
        let response = self.door.call(request).await;
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }

    async fn solve(&self, address: u32) -> String {
        let (_, challenge) = self.post(address, "/v1/captcha-challenges", &json!({})).await;
        let path = format!("/v1/captcha-challenges/{}/solutions", challenge["id"].as_str().expect("it has an id"));
        let (_, solved) = self.post(address, &path, &json!({})).await;
        solved["captcha_token"].as_str().expect("it is solved").to_owned()
    }

    async fn ask(&self, address: u32, phone: &str, captcha_token: &str) -> (u16, Value) {
        let form = json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": captcha_token });
        self.post(address, "/v1/verification-codes", &form).await
    }

    /// Somebody asks for a code once, and most tell it back. Whether they got one.
    async fn honest(&self, phone: &str, tells: bool) -> bool {
        let captcha_token = self.solve(CAMPUS).await;
        let (status, answer) = self.ask(CAMPUS, phone, &captcha_token).await;
        if status == 202 && tells {
            let id = CodeId::parse(answer["id"].as_str().expect("it has an id")).expect("it is an id");
            let secret = self.secrets.read(CODE_SECRET).await.expect("there is a secret");
            let code = derive_code(&secret, id, Purpose::SignUp.as_str(), phone);
            let path = format!("/v1/verification-codes/{id}/confirmations");
            let (status, _) = self.post(CAMPUS, &path, &json!({ "code": code.as_str() })).await;
            assert_eq!(status, 201);
        }
        status == 202
    }

    /// Somebody who pumps asks, with a captcha that is solved anew whenever it was good for a text.
    async fn pump(&mut self, address: u32, phone: &str, outcome: &mut Outcome) {
        let captcha_token = match self.captcha.take() {
            Some(token) => token,
            None => self.solve(address).await,
        };
        let (status, answer) = self.ask(address, phone, &captcha_token).await;
        let code = answer["code"].as_str().unwrap_or_default();
        if status == 202 {
            outcome.pumped += 1;
            return;
        }
        *outcome.refused.entry(code.to_owned()).or_default() += 1;
        // An old one is solved anew.
        self.captcha = (code != "captcha_required").then_some(captcha_token);
    }

    /// Requests to numbers of all blocks and from all addresses in turn, and a hundred of honest people in between, on
    /// the campus. Nothing was sent before: neither the campus nor anyone is known.
    async fn pumped(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        for number in 0..PUMPED {
            if number % PUMPED_PER_HONEST == 0 {
                self.app.advance(SECONDS_PER_HONEST);
                let honest = number / PUMPED_PER_HONEST;
                // Everywhere, each tenth of them lost.
                let phone = format!("+8210{:08}", 40_009_999 + honest * 500_000);
                outcome.served += u32::from(self.honest(&phone, honest % 10 != 9).await);
            }
            let phone = format!("+8210{:04}{:04}", 4_000 + number % BLOCKS, number / BLOCKS);
            self.pump(number % ADDRESSES, &phone, &mut outcome).await;
        }
        outcome
    }

    /// Waits until as many texts went out as were accepted, and there is no more to send.
    async fn sent(&self, count: u32) {
        let sent = || self.app.system().state.sent(None, 10_000).expect("it can be read").len();
        eventually("the texts", async || (sent() >= count as usize).then_some(())).await;
        self.app.receive_code("email", &self.app.new_email()).await;
        assert_eq!(sent(), count as usize + 1, "and one mail");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pumping_run_stays_in_the_budget_and_95_of_100_honest_people_on_one_of_its_addresses_get_their_codes() {
    let usual = Settings::local();
    let mut run = Run::start(usual.clone()).await;
    let outcome = run.pumped().await;
    let accepted = outcome.pumped + outcome.served;
    assert!(accepted <= HOURS * usual.sms_per_hour && outcome.served >= 95, "{outcome:?}");
    assert_eq!(outcome.refused.values().sum::<u32>() + outcome.pumped, PUMPED, "{outcome:?}");
    assert!(outcome.refused["sms_budget_exhausted"] > PUMPED / 2, "{outcome:?}");
    run.sent(accepted).await;
}
