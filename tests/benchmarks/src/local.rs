//! The local system, as `cargo run --release` starts it, under load.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use argon2::{Algorithm, Argon2, Params, Version};
use campus_endpoint::Settings;
use futures::future::try_join_all;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::functions::SIGN_IN_MOST;
use crate::lambda::Variables;
use crate::process::Running;
use crate::table::{Row, figure, median, ms, quantile};

/// The demo users' password.
pub(crate) const PASSWORD: &str = "campus-demo-2026";
const SIGNED_UP_WITH: &str = "drie kleine eendjes";
const MEMORY_MOST_MB: f64 = 120.0;
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// One for each connection, since sign-ins of one person take turns.
const PEOPLE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes numbers, and addresses to call from, that nothing has counted yet.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A local system that runs.
pub(crate) struct Local {
    process: Running,
    url: String,
    client: Client,
    /// Where its stand-ins for AWS are.
    aws: Value,
}

impl Local {
    /// Starts one with its data in memory, or in a new folder.
    pub(crate) async fn start(in_memory: bool) -> anyhow::Result<Self> {
        // A port that was free a moment ago.
        let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port().to_string();
        let folder = folder()?;
        let mut arguments = vec!["--port", &port];
        if in_memory {
            arguments.push("--memory");
        }
        let process = Running::start("campus-local", &arguments, &[], &folder)?;
        let url = format!("http://127.0.0.1:{port}");
        let (client, began) = (client()?, Instant::now());
        let aws = loop {
            match client.get(format!("{url}/_local/aws.json")).send().await {
                Ok(answer) => break answer.json().await?,
                Err(_) if began.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(10)).await,
                Err(error) => return Err(error).context("the local system does not answer"),
            }
        };
        Ok(Self { process, url, client, aws })
    }

    /// What the names of tables begin with.
    pub(crate) fn prefix(&self) -> &str {
        self.aws["prefix"].as_str().unwrap_or_default()
    }

    /// The environment of a function whose AWS this is.
    pub(crate) fn stage(&self) -> Variables {
        let url = |name: &str| self.aws[name].as_str().unwrap_or_default().to_owned();
        let (messaging, dynamodb) = (url("AWS_ENDPOINT_URL"), url("AWS_ENDPOINT_URL_DYNAMODB"));
        let queues = format!("{messaging}/000000000000/");
        // As many as there are, or it does not compile.
        let settings: [(&str, &str); Settings::VARIABLES.len()] = [
            ("STAGE", "test"),
            ("ISSUER", &self.url),
            ("ALLOWED_ORIGINS", "http://localhost:3000"),
            ("PHONE_COUNTRIES", "82,86"),
            ("TEST_NUMBERS", ""),
            ("SENDS_PER_ADDRESS_PER_HOUR", "100"),
            ("SMS_PER_HOUR", "500"),
            ("SMS_PER_DAY", "2000"),
            ("SIGN_IN_FAILURES_PER_ADDRESS", "3"),
            ("PASSWORD_MINIMUM", "8"),
            ("EMAIL_SENDER", "campus@campus.example"),
            ("WEB_URL", "http://localhost"),
            ("CAPTCHA_PROVIDER", "none"),
            ("CAPTCHA_ID", ""),
            ("GOOGLE_CLIENTS", ""),
            ("KAKAO_CLIENTS", ""),
            ("KAKAO_APP", ""),
            ("FACEBOOK_APP", ""),
            ("PROVIDERS_URL", ""),
        ];
        let aws = [
            ("AWS_ENDPOINT_URL", messaging.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", &dynamodb),
            ("CAMPUS_PREFIX", self.prefix()),
            ("CAMPUS_QUEUE_URLS", &queues),
        ];
        let aws = aws.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = settings.map(|(name, value)| (format!("CAMPUS_{name}"), value.to_owned()));
        aws.into_iter().chain(settings).collect()
    }

    /// Signs somebody in, and returns what they are answered.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> anyhow::Result<Value> {
        self.post(&self.client, "/v1/sessions", &json!({ "login": login, "password": password })).await
    }

    async fn post(&self, client: &Client, path: &str, body: &Value) -> anyhow::Result<Value> {
        let answer = client.post(format!("{}{path}", self.url)).json(body).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status.is_success(), "{path} answered {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }

    async fn captcha_token(&self, client: &Client) -> anyhow::Result<Value> {
        let challenge = self.post(client, "/v1/captcha-challenges", &json!({})).await?;
        let id = challenge["id"].as_str().context("an id")?;
        let solution = self.post(client, &format!("/v1/captcha-challenges/{id}/solutions"), &json!({})).await?;
        Ok(solution["captcha_token"].clone())
    }

    async fn ask_for_code(&self, client: &Client, number: &str, captcha_token: &Value) -> anyhow::Result<Value> {
        let wish = json!({ "channel": "sms", "target": number, "purpose": "sign_up", "captcha_token": captcha_token });
        self.post(client, "/v1/verification-codes", &wish).await
    }

    /// The text message to a number, once it was handed to the provider.
    async fn message(&self, number: &str) -> anyhow::Result<String> {
        let url = format!("{}/_local/outbox.json?to=%2B{}", self.url, number.trim_start_matches('+'));
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let sent: Value = self.client.get(&url).send().await?.json().await?;
            if let Some(text) = sent["items"][0]["text"].as_str() {
                return Ok(text.to_owned());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        bail!("nothing was sent to {number}")
    }

    /// Signs somebody new up, and returns their number.
    async fn sign_up(&self) -> anyhow::Result<String> {
        let (client, number) = (client()?, number());
        let asked = self.ask_for_code(&client, &number, &self.captcha_token(&client).await?).await?;
        let text = self.message(&number).await?;
        let mut runs = text.split(|letter: char| !letter.is_ascii_digit());
        let code = runs.find(|run| run.len() == 6).context("a code")?;
        let id = asked["id"].as_str().context("an id")?;
        let confirmations = format!("/v1/verification-codes/{id}/confirmations");
        let confirmed = self.post(&client, &confirmations, &json!({ "code": code })).await?;
        let form = json!({
            "password": SIGNED_UP_WITH, "password_confirmation": SIGNED_UP_WITH, "proof": confirmed["proof"],
            "terms_accepted": true,
        });
        self.post(&client, "/v1/users", &form).await?;
        Ok(number)
    }

    /// Sends the requests of each connection one after the other, all connections at once.
    async fn load(&self, connections: Vec<Vec<RequestBuilder>>) -> anyhow::Result<Load> {
        let (before, began) = (self.process.cpu()?, Instant::now());
        let times = try_join_all(connections.into_iter().map(|requests| async move {
            let mut times = Vec::new();
            for request in requests {
                let sent = Instant::now();
                let answer = request.send().await?.error_for_status()?;
                answer.bytes().await?;
                times.push(ms(sent.elapsed()));
            }
            anyhow::Ok(times)
        }))
        .await?
        .concat();
        let (took, cpu) = (began.elapsed(), self.process.cpu()?.saturating_sub(before));
        Ok(Load { per_second: times.len() as f64 / took.as_secs_f64(), cpu: ms(cpu) / times.len() as f64, times })
    }

    fn request(&self, client: &Client, path: &str, body: &Value) -> RequestBuilder {
        client.post(format!("{}{path}", self.url)).json(body)
    }
}

/// What came of a load.
struct Load {
    per_second: f64,
    /// Milliseconds per request.
    cpu: f64,
    times: Vec<f64>,
}

impl Load {
    fn row(&self, what: &str, connections: usize) -> Row {
        let quantiles = format!("{} / {}", figure(median(&self.times)), figure(quantile(&self.times, 0.99)));
        let (per_second, cpu) = (figure(self.per_second), figure(self.cpu));
        let measured = format!("{quantiles} ms, {per_second} a second, {cpu} ms of processor time each");
        Row::plain(format!("local {what}, {connections} connections, p50 / p99"), measured, "")
    }
}

/// The local system under load.
pub(crate) async fn under_load(local: &Local) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    let session = local.sign_in("minji", PASSWORD).await?;
    let token = session["session"]["access_token"].as_str().context("a token")?;
    for connections in CONNECTIONS {
        let each = if connections == 1 { 1500 } else { 8000 / connections };
        let requests = (0..connections).map(|_| {
            let client = client()?;
            let request = || client.get(format!("{}/v1/users/me", local.url)).bearer_auth(token);
            anyhow::Ok((0..each).map(|_| request()).collect())
        });
        let load = local.load(requests.collect::<anyhow::Result<_>>()?).await?;
        rows.push(load.row("GET /users/me", connections));
    }
    for connections in CONNECTIONS {
        let each = if connections == 1 { 90 } else { 480 / connections };
        let requests = try_join_all((0..connections).map(|_| async {
            let client = client()?;
            let mut requests = Vec::new();
            for _ in 0..each {
                let wish = json!({
                    "channel": "sms", "target": number(), "purpose": "sign_up",
                    "captcha_token": local.captcha_token(&client).await?,
                });
                requests.push(local.request(&client, "/v1/verification-codes", &wish));
            }
            anyhow::Ok(requests)
        }));
        let load = local.load(requests.await?).await?;
        rows.push(load.row("POST /verification-codes", connections));
    }
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(local.sign_up().await?);
    }
    for connections in CONNECTIONS {
        let each = if connections == 1 { 60 } else { 192 / connections };
        let requests = people.iter().take(connections).map(|login| {
            let (client, form) = (client()?, json!({ "login": login, "password": SIGNED_UP_WITH }));
            anyhow::Ok((0..each).map(|_| local.request(&client, "/v1/sessions", &form)).collect())
        });
        let requests = requests.collect::<anyhow::Result<_>>()?;
        let mut alone = vec![ms(argon2_alone().await?)];
        let load = local.load(requests).await?;
        for _ in 0..10 {
            alone.push(ms(argon2_alone().await?));
        }
        rows.push(load.row("POST /sessions", connections));
        rows.push(Row::ratio("… its processor time, and argon2id alone, ms", load.cpu, median(&alone), SIGN_IN_MOST));
    }
    rows.push(Row::plain("local system's memory after that, MB", figure(local.process.memory()?), ""));
    Ok(rows)
}

/// From asking for a code until the provider has the message.
pub(crate) async fn codes(local: &Local) -> anyhow::Result<Vec<Row>> {
    let client = client()?;
    let mut times = Vec::new();
    for _ in 0..40 {
        let (number, captcha_token) = (number(), local.captcha_token(&client).await?);
        let began = Instant::now();
        local.ask_for_code(&client, &number, &captcha_token).await?;
        local.message(&number).await?;
        times.push(ms(began.elapsed()));
    }
    let quantiles = format!("{} / {}", figure(median(&times)), figure(quantile(&times, 0.99)));
    Ok(vec![Row::plain("local: code asked to code handed to the provider, p50 / p99, ms", quantiles, "")])
}

/// What the local system needs while nobody asks it anything, its data in files.
pub(crate) async fn idle() -> anyhow::Result<Vec<Row>> {
    let local = Local::start(false).await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (memory, before) = (local.process.memory()?, local.process.cpu()?);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let cpu = ms(local.process.cpu()?.saturating_sub(before)) / 5.0;
    local.process.stop().await?;
    Ok(vec![
        Row::bounded("local system's memory, idle, MB", memory, MEMORY_MOST_MB),
        Row::plain("… its processor time, ms a second", figure(cpu), ""),
    ])
}

/// The processor time of one hash as Campus makes them.
pub(crate) async fn argon2_alone() -> anyhow::Result<Duration> {
    let hash = || -> anyhow::Result<Duration> {
        let cpu = || -> anyhow::Result<u64> {
            let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
            Ok(text.split_whitespace().next().context("this thread has run")?.parse()?)
        };
        let before = cpu()?;
        let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut hash = [0; 32];
        hasher
            .hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes it", &mut hash)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Duration::from_nanos(cpu()? - before))
    };
    tokio::task::spawn_blocking(hash).await?
}

/// Somebody at an address of their own, since limits are per address.
fn client() -> anyhow::Result<Client> {
    let [_, a, b, c] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let address = IpAddr::V4(Ipv4Addr::new(127, a.wrapping_add(1), b, c));
    Ok(Client::builder().local_address(address).no_proxy().timeout(PATIENCE).build()?)
}

/// A number that nobody has, of another block than the one before: one whose codes nobody tells back is closed.
fn number() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("+8210{:04}{:04}", 4_000 + number % 4_000, number / 4_000 % 10_000)
}

/// A new folder for the local system's data, beside the programs.
fn folder() -> anyhow::Result<PathBuf> {
    let folder = std::env::current_exe()?.with_file_name("campus-benchmarks-data");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
