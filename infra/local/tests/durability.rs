//! Killed at any moment, the local system loses nothing that it said yes to.
//!
//! The real program, 16 writers, `kill -9` at 20 random moments. After each restart every account whose
//! sign-up was answered with 201 can be read, and in the end every code whose request was answered with
//! 202 is in the outbox, once.

#![expect(clippy::print_stdout, reason = "how much was written says how much was tried")]

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};

const KILLS: u32 = 20;
const WRITERS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(30);

/// What was answered with yes.
#[derive(Default)]
struct Promised {
    /// Numbers that a code is owed to.
    codes: Mutex<Vec<String>>,
    /// Access tokens of accounts.
    accounts: Mutex<Vec<String>>,
}

struct Running {
    child: Child,
    url: String,
}

/// A port that was free a moment ago: one for all lives, since tokens name the address that issued them.
fn free_port() -> u16 {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("it").port()
}

impl Running {
    async fn start(folder: &Path, port: u16) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_campus-local"))
            .args(["--no-demo", "--port", &port.to_string()])
            .current_dir(folder)
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let running = Self { child, url: format!("http://127.0.0.1:{port}") };
        let (client, began) = (client(0), Instant::now());
        while client.get(format!("{}/health", running.url)).send().await.is_err() {
            assert!(began.elapsed() < PATIENCE, "the program does not answer");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: the process gets no say.
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("it ends");
    }
}

/// A client from an address of its own, so that the limit per address does not end the writing.
fn client(number: u32) -> Client {
    let [_, a, b, c] = number.to_be_bytes();
    let address = if number == 0 { Ipv4Addr::LOCALHOST } else { Ipv4Addr::new(127, a.wrapping_add(1), b, c) };
    Client::builder().local_address(IpAddr::V4(address)).no_proxy().build().expect("a client")
}

static NEXT: AtomicU32 = AtomicU32::new(1);

/// Signs people up until the system is gone, and notes each yes.
async fn write(url: String, promised: Arc<Promised>) -> Option<()> {
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let client = client(number);
        // Of another block than the one before: one whose codes are not told back, as when the system is killed, is
        // closed.
        let phone = format!("+8210{:04}{:04}", 3_000 + number % 1_000, number / 1_000);
        let challenge = post(&client, &url, "/v1/captcha-challenges", &json!({}), 201).await?;
        let solutions = format!("/v1/captcha-challenges/{}/solutions", challenge["id"].as_str()?);
        let solution = post(&client, &url, &solutions, &json!({}), 201).await?;
        let wanted = json!({ "channel": "sms", "target": phone, "purpose": "sign_up", "captcha_token": solution["captcha_token"] });
        let code = post(&client, &url, "/v1/verification-codes", &wanted, 202).await?;
        note(&promised.codes, phone.clone());

        let digits = loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let Some(text) = outbox(&client, &url, &phone).await?.first() {
                break text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6)?.to_owned();
            }
        };
        let confirmations = format!("/v1/verification-codes/{}/confirmations", code["id"].as_str()?);
        let proof = post(&client, &url, &confirmations, &json!({ "code": digits }), 201).await?;
        let form = json!({
            "password": "drie kleine eendjes", "password_confirmation": "drie kleine eendjes",
            "proof": proof["proof"], "terms_accepted": true,
        });
        let signed_up = post(&client, &url, "/v1/users", &form, 201).await?;
        note(&promised.accounts, signed_up["session"]["access_token"].as_str()?.to_owned());
    }
}

/// The answer, or nothing when the system is gone. Anything but what was expected is a failure of the test.
async fn post(client: &Client, url: &str, path: &str, body: &Value, expected: u16) -> Option<Value> {
    let response = client.post(format!("{url}{path}")).json(body).send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?;
    assert_eq!(status, expected, "{path}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).ok()
}

async fn outbox(client: &Client, url: &str, phone: &str) -> Option<Vec<String>> {
    let response =
        client.get(format!("{url}/_local/outbox.json?to={}", phone.replace('+', "%2B"))).send().await.ok()?;
    let outbox: Value = serde_json::from_slice(&response.bytes().await.ok()?).ok()?;
    Some(outbox["items"].as_array()?.iter().filter_map(|sent| sent["text"].as_str().map(str::to_owned)).collect())
}

fn note(list: &Mutex<Vec<String>>, promise: String) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
}

fn noted(list: &Mutex<Vec<String>>) -> Vec<String> {
    list.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_with_yes_survives_twenty_kills_under_sixteen_writers() {
    let folder = std::env::temp_dir().join(format!("campus-durability-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let promised = Arc::new(Promised::default());
    let port = free_port();
    // On a machine that is so busy that nobody got through, there is more of it.
    let mut kills = 0_u32;
    while kills < KILLS || noted(&promised.accounts).is_empty() {
        kills += 1;
        assert!(kills <= 3 * KILLS, "nobody gets through");
        let running = Running::start(&folder, port).await;
        let writers: Vec<_> =
            (0..WRITERS).map(|_| tokio::spawn(write(running.url.clone(), Arc::clone(&promised)))).collect();
        // Up to two and a half seconds: some kills come while it starts, some when it is well under way.
        let slower = u64::from(1 + kills / (KILLS + 1) * 4);
        let moment = Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 10 * slower);
        tokio::time::sleep(moment).await;
        drop(running);
        for writer in writers {
            writer.await.expect("no writer was answered with no");
        }
    }

    let running = Running::start(&folder, port).await;
    let client = client(0);
    let (accounts, codes) = (noted(&promised.accounts), noted(&promised.codes));
    assert!(
        !accounts.is_empty() && codes.len() >= accounts.len(),
        "{} codes, {} accounts",
        codes.len(),
        accounts.len()
    );
    println!("{} codes and {} accounts were promised", codes.len(), accounts.len());
    for token in &accounts {
        let reply =
            client.get(format!("{}/v1/users/me", running.url)).bearer_auth(token).send().await.expect("it answers");
        assert_eq!(reply.status(), 200, "an account that was promised is there");
    }
    for phone in &codes {
        let began = Instant::now();
        let sent = loop {
            let sent = outbox(&client, &running.url, phone).await.expect("it answers");
            if !sent.is_empty() {
                break sent;
            }
            assert!(began.elapsed() < PATIENCE, "a code that was promised is not sent");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(sent.len(), 1, "a code is sent once");
    }
    drop(running);
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
