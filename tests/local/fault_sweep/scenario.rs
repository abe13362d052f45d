//! What a scenario of the sweep is: what has to be there, what is asked, and how it ends.

use std::fmt;

use campus_aws::Queue;
use campus_endpoint::CaptchaProvider;
use campus_testkit::{Reply, TestApp};
use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::{Value, json};

use super::end_state::{is_visible_in, masked};

/// How often a client, or a queue, tries at most.
const TRIES_MAX: usize = 20;

/// Something asked of a function, and what has to be there for it.
#[derive(Clone, Copy)]
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

/// A request by nobody in particular.
pub(super) fn post(path: impl Into<String>, body: Value) -> Act {
    Act::Request { token: None, method: Method::POST, path: path.into(), body: Some(body) }
}

/// A request by whoever has the token.
pub(super) fn request(token: Option<String>, method: Method, path: impl Into<String>) -> Act {
    Act::Request { token, method, path: path.into(), body: None }
}

/// A change of oneself by whoever has the token.
pub(super) fn change(token: Option<String>, body: Value) -> Act {
    Act::Request { token, method: Method::PATCH, path: "/v1/users/me".to_owned(), body: Some(body) }
}

/// A request with a body by whoever has the token.
pub(super) fn request_with(token: Option<String>, method: Method, path: impl Into<String>, body: Value) -> Act {
    Act::Request { token, method, path: path.into(), body: Some(body) }
}

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
