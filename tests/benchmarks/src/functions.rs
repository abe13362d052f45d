//! The functions, each as a process of its own that talks to a stub of Lambda's Runtime API, and to the local
//! system's stand-ins for AWS.

use std::time::Duration;

use anyhow::{Context, ensure};
use axum::body::Bytes;
use serde_json::json;

use crate::lambda::{Function, Instance, Variables, ensure_status, event};
use crate::local::{Local, PASSWORD, argon2_alone};
use crate::process::program;
use crate::table::{Row, figure, median, ms, quantile};

/// How much longer a function may take to start than one with nothing but a DynamoDB client.
const START_MOST: f64 = 1.3;
/// How much more processor time a call may cost than the same calls to AWS alone.
const WARM_MOST: f64 = 1.25;
/// The same for signing in, and hashing the password alone.
pub(crate) const SIGN_IN_MOST: f64 = 1.1;
const SIZE_MOST_MB: f64 = 8.0;
const STARTS: usize = 25;
const ROUNDS: usize = 10;
const WARM_UP: usize = 50;

const HELLO: Function = Function { name: "bare hello", program: "campus-bare-hello", handler: "bare.hello" };
const CLIENT: Function =
    Function { name: "bare DynamoDB client", program: "campus-bare-dynamodb", handler: "get_item" };

const fn accounts(handler: &'static str) -> Function {
    Function { name: handler, program: "campus-accounts", handler }
}

const FALLBACK: Function =
    Function { name: "fallback.fallback", program: "campus-fallback", handler: "fallback.fallback" };

/// From the start of a process until it asks for its first event, and what memory it then has.
pub(crate) async fn starts(local: &Local) -> anyhow::Result<Vec<Row>> {
    let functions = [
        HELLO,
        CLIENT,
        FALLBACK,
        accounts("accounts.get_current_user"),
        accounts("accounts.create_session"),
        accounts("accounts.create_verification_code"),
        Function { name: "notifications.send_sms", program: "campus-notifications", handler: "notifications.send_sms" },
    ];
    let stage = local.stage();
    let mut seen = vec![(Vec::new(), Vec::new(), Vec::new()); functions.len()];
    for _ in 0..STARTS {
        for (function, (times, cpu, memory)) in functions.iter().zip(&mut seen) {
            let instance = Instance::start(function, &stage).await?;
            times.push(ms(instance.started));
            cpu.push(ms(instance.process.cpu_of_threads()?));
            memory.push(instance.process.memory()?);
            instance.process.stop().await?;
        }
    }
    let [_, (time, _, memory), ..] = seen.as_slice() else { return Ok(Vec::new()) };
    let (bare_time, bare_memory) = (median(time), median(memory));
    let mut rows = Vec::new();
    for (function, (times, cpu, memory)) in functions.iter().zip(&seen) {
        let what = format!("start of {}, ms", function.name);
        let (time, cpu, memory) = (median(times), median(cpu), median(memory));
        if [HELLO.name, CLIENT.name].contains(&function.name) {
            rows.push(Row::plain(what, "", figure(time)));
            rows.push(Row::plain(
                "… its processor time, ms, and memory, MB",
                "",
                format!("{}, {}", figure(cpu), figure(memory)),
            ));
        } else {
            rows.push(Row::ratio(what, time, bare_time, START_MOST));
            rows.push(Row::plain("… its processor time, ms", figure(cpu), ""));
            rows.push(Row::ratio("… its memory, MB", memory, bare_memory, START_MOST));
        }
    }
    Ok(rows)
}

/// A function and its bare counterpart.
struct Pair {
    function: Function,
    event: Bytes,
    status: u16,
    bare: Function,
    bare_stage: Variables,
    bare_status: u16,
    calls: usize,
}

/// Calls of functions that have run before: processor time of the function, and the time until the answer.
pub(crate) async fn warm(local: &Local) -> anyhow::Result<Vec<Row>> {
    let session = local.sign_in("minji", PASSWORD).await?;
    let token = session["session"]["access_token"].as_str().context("a token")?;
    let user = session["user"]["id"].as_str().context("an id")?;
    let school = session["user"]["school"]["id"].as_str().context("a school")?;
    let bare = |operation: &'static str, table: &str, keys: serde_json::Value| {
        let mut stage = local.stage();
        stage.push(("BARE_TABLE".to_owned(), format!("{}{table}", local.prefix())));
        stage.push(("BARE_KEYS".to_owned(), keys.to_string()));
        (Function { name: operation, program: CLIENT.program, handler: operation }, stage)
    };
    let (get_item, ring) = bare("get_item", "keys", json!([["RING", "-"]]));
    let keys = json!([[format!("USER#{user}"), "ACCOUNT"], [format!("SCHOOL#{school}"), "-"]]);
    let (batch_get_item, account) = bare("batch_get_item", "accounts", keys);
    let (transact, written) = bare("transact_write_items", "accounts", json!([]));
    let pairs = [
        Pair {
            function: FALLBACK,
            event: event("GET", "/v1/nothing", None, None),
            status: 404,
            bare: HELLO,
            bare_stage: Vec::new(),
            bare_status: 404,
            calls: 300,
        },
        Pair {
            function: accounts("accounts.get_key_set"),
            event: event("GET", "/.well-known/jwks.json", None, None),
            status: 200,
            bare: get_item,
            bare_stage: ring,
            bare_status: 200,
            calls: 200,
        },
        Pair {
            function: accounts("accounts.get_current_user"),
            event: event("GET", "/v1/users/me", Some(token), None),
            status: 200,
            bare: batch_get_item,
            bare_stage: account,
            bare_status: 200,
            calls: 200,
        },
        Pair {
            function: accounts("accounts.create_captcha_challenge"),
            event: event("POST", "/v1/captcha-challenges", None, Some(&json!({}))),
            status: 201,
            bare: transact,
            bare_stage: written,
            bare_status: 200,
            calls: 200,
        },
    ];
    let mut rows = Vec::new();
    for pair in &pairs {
        rows.extend(compare(local, pair).await?);
    }
    rows.push(signing_in(local).await?);
    Ok(rows)
}

async fn compare(local: &Local, pair: &Pair) -> anyhow::Result<Vec<Row>> {
    let mut ours = Warm::start(&pair.function, &local.stage(), &pair.event, pair.status).await?;
    let mut bare = Warm::start(&pair.bare, &pair.bare_stage, &pair.event, pair.bare_status).await?;
    for _ in 0..ROUNDS {
        ours.round(pair.calls).await?;
        bare.round(pair.calls).await?;
    }
    let quantiles = |warm: &Warm| format!("{} / {}", figure(median(&warm.times)), figure(quantile(&warm.times, 0.99)));
    let what = format!("warm {} and {}, processor time per call, ms", pair.function.name, pair.bare.name);
    let rows = vec![
        Row::ratio(what, median(&ours.cpu), median(&bare.cpu), WARM_MOST),
        Row::plain("… p50 / p99, ms", quantiles(&ours), quantiles(&bare)),
    ];
    ours.instance.process.stop().await?;
    bare.instance.process.stop().await?;
    Ok(rows)
}

/// A function that has been called before.
struct Warm<'a> {
    instance: Instance,
    event: &'a Bytes,
    /// Milliseconds per call, of each round.
    cpu: Vec<f64>,
    /// Milliseconds until the answer, of each call.
    times: Vec<f64>,
}

impl<'a> Warm<'a> {
    async fn start(function: &Function, stage: &Variables, event: &'a Bytes, status: u16) -> anyhow::Result<Self> {
        let mut instance = Instance::start(function, stage).await?;
        for _ in 0..WARM_UP {
            let (_, answer) = instance.call(event).await?;
            ensure_status(&answer, status, function.name)?;
        }
        Ok(Self { instance, event, cpu: Vec::new(), times: Vec::new() })
    }

    async fn round(&mut self, calls: usize) -> anyhow::Result<()> {
        self.instance.settle().await?;
        let before = self.instance.process.cpu_of_threads()?;
        for _ in 0..calls {
            self.times.push(ms(self.instance.call(self.event).await?.0));
        }
        self.instance.settle().await?;
        let spent = self.instance.process.cpu_of_threads()?.saturating_sub(before);
        self.cpu.push(ms(spent) / calls as f64);
        Ok(())
    }
}

/// Signing in as a function, which has no database inside, and hashing alone.
async fn signing_in(local: &Local) -> anyhow::Result<Row> {
    let event = event("POST", "/v1/sessions", None, Some(&json!({ "login": "junho", "password": PASSWORD })));
    let function = accounts("accounts.create_session");
    let mut instance = Instance::start(&function, &local.stage()).await?;
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for round in 0..40 {
        instance.settle().await?;
        let before = instance.process.cpu_of_threads()?;
        let (_, answer) = instance.call(&event).await?;
        ensure_status(&answer, 201, function.name)?;
        instance.settle().await?;
        // The threads that hashed are still there: they wait for more for ten seconds.
        let spent: Duration = instance.process.cpu_of_threads()?.saturating_sub(before);
        let hash = argon2_alone().await?;
        if round >= 5 {
            ours.push(ms(spent));
            alone.push(ms(hash));
        }
    }
    instance.process.stop().await?;
    let what = "warm accounts.create_session and argon2id alone, processor time per call, ms";
    Ok(Row::ratio(what, median(&ours), median(&alone), SIGN_IN_MOST))
}

/// The binaries, stripped as cargo leaves them.
pub(crate) fn sizes() -> anyhow::Result<Vec<Row>> {
    let size = |name: &str| -> anyhow::Result<f64> { Ok(std::fs::metadata(program(name)?)?.len() as f64 / 1e6) };
    let mut rows = Vec::new();
    for name in ["campus-accounts", "campus-notifications", "campus-screenings", "campus-fallback"] {
        rows.push(Row::bounded(format!("size of {name}, MB"), size(name)?, SIZE_MOST_MB));
    }
    for name in [HELLO.program, CLIENT.program] {
        rows.push(Row::plain(format!("size of {name}, MB"), "", figure(size(name)?)));
    }
    ensure!(!rows.is_empty(), "nothing is built");
    Ok(rows)
}
