//! Whether the time that a refused sign-in takes tells if the login exists: 200 interleaved tries, of which every
//! other is of a known login. `cargo run -p campus-testkit --example sign_in_timing`, on a quiet machine.
//!
//! It is no test, since a busy machine would fail it by chance. That both sorts make the same calls and the same
//! hash is one, in `tests/accounts/sessions.rs`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use campus_endpoint::Settings;
use campus_testkit::{Client, SignUp, TestApp};
use serde_json::json;

/// Tries of each sort.
const TRIES: usize = 100;
/// Tries at one login, so that none needs a captcha.
const TRIES_PER_LOGIN: usize = 2;
/// How far the medians may be apart.
const TOLERANCE: f64 = 0.05;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings { sign_in_failures_per_address: u32::MAX, ..Settings::local() };
    let app = TestApp::start_with(settings).await;
    let client = app.anonymous();
    let mut known = Vec::new();
    for number in 0..TRIES / TRIES_PER_LOGIN {
        let username = format!("known_{number:04}");
        let form = SignUp::with_proof(&app.proof("sms", &app.new_phone()).await).with("username", username.as_str());
        let signed_up = client.post("/v1/users", &form.0).await;
        ensure!(signed_up.status == 201, "nobody signed up");
        known.push(username);
    }
    let unknown: Vec<String> = known.iter().map(|username| username.replace("known", "guess")).collect();
    refused_in(&client, "warm_up").await?;

    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for _ in 0..TRIES_PER_LOGIN {
        for (known, unknown) in known.iter().zip(&unknown) {
            of_known.push(refused_in(&client, known).await?);
            of_unknown.push(refused_in(&client, unknown).await?);
        }
    }
    let (known, unknown) = (median(of_known)?, median(of_unknown)?);
    let apart = known.as_secs_f64() / unknown.as_secs_f64() - 1.0;
    writeln!(std::io::stdout(), "known {known:?}, unknown {unknown:?}, apart by {:.1} %", 100.0 * apart)?;
    ensure!(apart.abs() <= TOLERANCE, "the medians are more than 5 % apart");
    Ok(())
}

async fn refused_in(client: &Client, login: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let reply = client.post("/v1/sessions", &json!({ "login": login, "password": "drie grote eendjes" })).await;
    let took = began.elapsed();
    ensure!(reply.summary() == "401 credentials_wrong", "{}", reply.summary());
    Ok(took)
}

fn median(mut times: Vec<Duration>) -> anyhow::Result<Duration> {
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("nothing was tried")
}
