//! People, and how they come to be members.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::Client;
use crate::reply::Reply;

static NEXT: AtomicU32 = AtomicU32::new(1);

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
    /// A Korean mobile number that nobody else has, E.164.
    #[must_use]
    pub fn new_phone(&self) -> String {
        format!("+8210{:08}", 20_000_000 + NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The token of a solved captcha.
    pub async fn captcha_token(&self) -> String {
        let client = self.anonymous();
        let challenge = client.post("/v1/captcha-challenges", &json!({})).await;
        let solutions = format!("/v1/captcha-challenges/{}/solutions", challenge.text("/id"));
        client.post(&solutions, &json!({})).await.text("/captcha_token")
    }

    /// Asks for a `sign_up` code with a captcha of its own.
    pub async fn ask_for_code(&self, channel: &str, target: &str) -> Reply {
        let captcha_token = self.captcha_token().await;
        self.anonymous()
            .post(
                "/v1/verification-codes",
                &json!({ "channel": channel, "target": target, "purpose": "sign_up", "captcha_token": captcha_token }),
            )
            .await
    }

    /// Has a code sent and reads it in the outbox. Returns the code's id and the code.
    ///
    /// # Panics
    ///
    /// When none comes.
    pub async fn receive_code(&self, channel: &str, target: &str) -> (String, String) {
        let before = self.outbox(target).len();
        let asked = self.ask_for_code(channel, target).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        let sent = self.messages(target, before + 1).await;
        (asked.text("/id"), code_in(&sent[0].text))
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
        let reply = self.anonymous().post("/v1/users", &SignUp::with_proof(&proof).0).await;
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
