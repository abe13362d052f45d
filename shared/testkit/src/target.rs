//! A deployed stage as the target of the tests, described by the environment.
//!
//! | variable | what |
//! |---|---|
//! | `CAMPUS_TARGET_URL` | where the API is; without it every test has a local system of its own |
//! | `CAMPUS_TARGET_PREFIX` | what physical names begin with: the stack's name and a hyphen |
//! | `CAMPUS_TARGET_OUTBOX` | the emulator's URL, where sent messages can be read; none for a stage on AWS |
//! | `CAMPUS_TARGET_PROVIDERS_URL` | where the stand-ins are that the stage asks: `cargo run -- --stand-ins` |
//! | `CAMPUS_TARGET_ISSUER` | the issuer of its tokens; the API's URL without it |
//! | `CAMPUS_TARGET_SENDS_PER_ADDRESS_PER_HOUR`, `…_SMS_PER_HOUR`, `…_SMS_PER_DAY`, `…_PASSWORD_MINIMUM` | what the stage was deployed with; the parameters' defaults without them |
//!
//! Region, credentials and endpoint of the operator, who looks behind HTTP, are the SDK's usual variables.
//! The stage has to be of the kind `test`: others do not let a request say when and from where it comes.

use std::env;

use campus_endpoint::{Settings, Stage};
use campus_local::aws::Sent as SentLocally;
use serde_json::Value;

/// A deployed stage.
pub(crate) struct Deployment {
    /// Where its API is, without a slash at its end.
    pub(crate) url: String,
    /// What its physical names begin with.
    pub(crate) prefix: String,
    /// Where what it sent can be read.
    pub(crate) outbox: Option<Outbox>,
    /// What it was deployed with, as far as tests ask for it.
    pub(crate) settings: Settings,
}

/// A text message or mail that a provider accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The provider's id.
    pub id: String,
    /// `sms` or `email`.
    pub channel: String,
    /// Mail only.
    pub subject: Option<String>,
    /// The plain text.
    pub text: String,
    /// Mail only.
    pub html: Option<String>,
    /// The sender's own id of this delivery, where the provider keeps it.
    pub delivery_id: Option<String>,
}

/// Whether the environment names a deployed stage.
pub(crate) fn is_deployed() -> bool {
    variable("URL").is_some()
}

impl Deployment {
    /// The stage that the environment names, if it names one.
    pub(crate) fn named() -> Option<Self> {
        let url = variable("URL")?.trim_end_matches('/').to_owned();
        let usual = Settings::local();
        let settings = Settings {
            stage: Stage::Test,
            issuer: variable("ISSUER").unwrap_or_else(|| url.clone()),
            sends_per_address_per_hour: number("SENDS_PER_ADDRESS_PER_HOUR", usual.sends_per_address_per_hour),
            sms_per_hour: number("SMS_PER_HOUR", usual.sms_per_hour),
            sms_per_day: number("SMS_PER_DAY", usual.sms_per_day),
            password_minimum: number("PASSWORD_MINIMUM", usual.password_minimum),
            providers_url: variable("PROVIDERS_URL"),
            ..usual
        };
        Some(Self {
            url,
            prefix: variable("PREFIX").expect("CAMPUS_TARGET_PREFIX says what physical names begin with"),
            outbox: variable("OUTBOX").map(Outbox::at),
            settings,
        })
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(format!("CAMPUS_TARGET_{name}")).ok().filter(|value| !value.is_empty())
}

fn number(name: &str, usual: u32) -> u32 {
    variable(name).map_or(usual, |value| value.parse().unwrap_or_else(|_| panic!("CAMPUS_TARGET_{name} is a number")))
}

/// The emulator's own record of what its SNS and SES took.
pub(crate) struct Outbox {
    url: String,
    http: reqwest::Client,
}

impl Outbox {
    fn at(url: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client can be made");
        Self { url: url.trim_end_matches('/').to_owned(), http }
    }

    /// What was sent to someone, newest first.
    pub(crate) async fn sent(&self, to: &str) -> Vec<Sent> {
        let mut sent = if to.contains('@') { self.mail(to).await } else { self.texts(to).await };
        sent.reverse();
        sent
    }

    async fn texts(&self, phone: &str) -> Vec<Sent> {
        let path = format!("/_ministack/sns/sms-messages?phoneNumber={}", phone.replace('+', "%2B"));
        let record = self.read(&path).await;
        let sent = record["sms_messages"][phone].as_array().expect("the texts to a number are a list");
        sent.iter()
            .map(|sent| Sent {
                id: text(&sent["MessageId"]),
                channel: "sms".to_owned(),
                subject: None,
                text: text(&sent["Message"]),
                html: None,
                delivery_id: None,
            })
            .collect()
    }

    async fn mail(&self, address: &str) -> Vec<Sent> {
        let record = self.read("/_ministack/ses/messages").await;
        let accounts = record["messages"].as_object().expect("there is mail by account");
        let sent = accounts.values().flat_map(|sent| sent.as_array().expect("the mail of an account is a list"));
        sent.filter(|sent| sent["To"].as_array().is_some_and(|to| to.iter().any(|to| to == address)))
            .map(|sent| Sent {
                id: text(&sent["MessageId"]),
                channel: "email".to_owned(),
                subject: Some(text(&sent["Subject"])),
                text: text(&sent["BodyText"]),
                html: sent["BodyHtml"].as_str().map(str::to_owned),
                delivery_id: None,
            })
            .collect()
    }

    async fn read(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await.expect("the emulator answers");
        answer.error_for_status().expect("the emulator shows what was sent").json().await.expect("it is JSON")
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is text").to_owned()
}

impl From<SentLocally> for Sent {
    fn from(sent: SentLocally) -> Self {
        let SentLocally { id, channel, subject, text, html, delivery_id, .. } = sent;
        Self { id, channel, subject, text, html, delivery_id }
    }
}
