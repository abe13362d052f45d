//! People, and how they come to be members.

use std::sync::Arc;

use campus_aws::CODE_SECRET;
use campus_domain::{CodeId, SystemClock};
use campus_messages::{Ask, Purpose};
use campus_secrets::{Secrets, derive_code};
use serde_json::{Value, json};

use crate::app::{TestApp, eventually};
use crate::client::Client;
use crate::reply::Reply;

/// A form for `POST /users`, complete but for its proof.
#[derive(Debug, Clone)]
pub struct SignUp(pub Value);

impl SignUp {
    /// A valid form with a proof.
    #[must_use]
    pub fn with_proof(proof: &str) -> Self {
        Self(json!({
            "password": "drie kleine eendjes",
            "password_confirmation": "drie kleine eendjes",
            "proof": proof,
            "terms_accepted": true,
        }))
    }

    /// The same with one field changed; null takes it away.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => {
                self.0.as_object_mut().expect("a form is an object").remove(field);
            }
            value => self.0[field] = value,
        }
        self
    }
}

/// A person with an account, signed in.
#[derive(Debug, Clone)]
pub struct Member {
    /// How they call the API.
    pub client: Client,
    /// Their account as the API showed it.
    pub user: Value,
    /// Their number, E.164.
    pub phone: String,
}

impl TestApp {
    /// The token of a solved captcha.
    pub async fn captcha_token(&self) -> String {
        let client = self.anonymous();
        let challenge = client.post("/v1/captcha-challenges", &json!({})).await;
        let solutions = format!("/v1/captcha-challenges/{}/solutions", challenge.text("/id"));
        let answer = self.widget_answer(&challenge).await;
        client.post(&solutions, &answer).await.text("/captcha_token")
    }

    /// Asks for a `sign_up` code with a captcha of its own.
    pub async fn ask_for_code(&self, channel: &str, target: &str) -> Reply {
        self.ask_for_code_as(&self.anonymous(), Purpose::SignUp, channel, target).await
    }

    /// Asks for a code of any purpose, with a captcha of its own where the purpose needs one.
    pub async fn ask_for_code_as(&self, client: &Client, purpose: Purpose, channel: &str, target: &str) -> Reply {
        let mut form = json!({ "channel": channel, "target": target, "purpose": purpose.as_str() });
        if purpose.ask() == Ask::Captcha {
            form["captcha_token"] = self.captcha_token().await.into();
        }
        client.post("/v1/verification-codes", &form).await
    }

    /// The proof of a number or an address for any purpose.
    ///
    /// # Panics
    ///
    /// When no code comes.
    pub async fn proof_as(&self, client: &Client, purpose: Purpose, channel: &str, target: &str) -> String {
        let before = if self.has_outbox() { self.outbox(target).await.len() } else { 0 };
        let asked = self.ask_for_code_as(client, purpose, channel, target).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        let code = self.code_for(purpose, &asked, target, before + 1).await;
        self.confirm(&asked.text("/id"), &code).await.text("/proof")
    }

    /// The token in the newest of so many links that an address was sent, whatever else it was.
    ///
    /// # Panics
    ///
    /// When so many do not come.
    pub async fn link_token(&self, address: &str, links: usize) -> String {
        eventually(&format!("{links} links to {address}"), async || {
            let sent = self.outbox(address).await;
            let tokens: Vec<_> = sent.iter().filter_map(|message| link_token_in(&message.text)).collect();
            (tokens.len() >= links).then(|| tokens[0].clone())
        })
        .await
    }

    /// Has a code sent and reads it in the outbox. Returns the code's id and the code.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn receive_code(&self, channel: &str, target: &str) -> (String, String) {
        let before = if self.has_outbox() { self.outbox(target).await.len() } else { 0 };
        let asked = self.ask_for_code(channel, target).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        let code = self.code_of(&asked, target, before + 1).await;
        (asked.text("/id"), code)
    }

    /// The code of a send that was accepted: that of so many messages to the target.
    ///
    /// Where nobody but the addressee can read what was sent, it is derived as the sender does it; then the
    /// target has to be written as it is stored.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn code_of(&self, asked: &Reply, target: &str, count: usize) -> String {
        self.code_for(Purpose::SignUp, asked, target, count).await
    }

    /// The same of any purpose.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn code_for(&self, purpose: Purpose, asked: &Reply, target: &str, count: usize) -> String {
        if self.has_outbox() {
            return code_in(&self.messages(target, count).await[0].text);
        }
        let secret = Secrets::new(&self.clients, Arc::new(SystemClock)).read(CODE_SECRET).await;
        let id = CodeId::parse(&asked.text("/id")).expect("it is an id");
        derive_code(&secret.expect("there is a secret"), id, purpose.as_str(), target).as_str().to_owned()
    }

    /// Tells a code back.
    pub async fn confirm(&self, id: &str, code: &str) -> Reply {
        self.anonymous().post(&format!("/v1/verification-codes/{id}/confirmations"), &json!({ "code": code })).await
    }

    /// The proof of a number or an address.
    pub async fn proof(&self, channel: &str, target: &str) -> String {
        let (id, code) = self.receive_code(channel, target).await;
        self.confirm(&id, &code).await.text("/proof")
    }

    /// Someone new, signed up by phone.
    pub async fn member(&self) -> Member {
        let phone = self.new_phone();
        let proof = self.proof("sms", &phone).await;
        self.member_with(phone, &proof).await
    }

    /// The same where no worker runs by itself.
    pub async fn member_by_hand(&self) -> Member {
        let phone = self.new_phone();
        let asked = self.ask_for_code("sms", &phone).await;
        self.send_sms_by_hand().await;
        let code = code_in(&self.outbox(&phone).await[0].text);
        let proof = self.confirm(&asked.text("/id"), &code).await.text("/proof");
        self.member_with(phone, &proof).await
    }

    async fn member_with(&self, phone: String, proof: &str) -> Member {
        let reply = self.anonymous().post("/v1/users", &SignUp::with_proof(proof).0).await;
        Member {
            client: self.anonymous().with_token(reply.text("/session/access_token")),
            user: reply.body["user"].clone(),
            phone,
        }
    }
}

/// The six digits in a message.
///
/// # Panics
///
/// When there are none.
#[must_use]
pub fn code_in(text: &str) -> String {
    let mut runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6);
    runs.next().unwrap_or_else(|| panic!("no code in a message")).to_owned()
}

/// The token of the link in a message.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn token_in(text: &str) -> String {
    link_token_in(text).expect("the mail has a link")
}

fn link_token_in(text: &str) -> Option<String> {
    text.split_once("?token=").map(|(_, rest)| rest.chars().take_while(|c| !c.is_whitespace()).collect())
}
