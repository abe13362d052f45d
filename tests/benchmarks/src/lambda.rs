//! What a Lambda function talks to: the Runtime API, on loopback.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use crate::process::Running;

/// A function that has not polled, or answered, by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program to run as a Lambda function.
#[derive(Clone)]
pub(crate) struct Function {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// The binary.
    pub(crate) program: &'static str,
    /// `_HANDLER`.
    pub(crate) handler: &'static str,
}

/// What the function is to be told of the stage, beyond what Lambda tells it.
pub(crate) type Variables = Vec<(String, String)>;

/// A function that runs.
pub(crate) struct Instance {
    /// Its process.
    pub(crate) process: Running,
    /// From the start of the process until it first polled.
    pub(crate) started: Duration,
    polled: mpsc::Receiver<Instant>,
    events: mpsc::Sender<Bytes>,
    answered: mpsc::Receiver<(Instant, Bytes)>,
    /// Whether a poll waits for an event.
    waits: bool,
}

struct Api {
    polled: mpsc::Sender<Instant>,
    events: Mutex<mpsc::Receiver<Bytes>>,
    answered: mpsc::Sender<(Instant, Bytes)>,
}

impl Instance {
    /// Starts a function and waits until it polls.
    pub(crate) async fn start(function: &Function, stage: &Variables) -> anyhow::Result<Self> {
        let (polled_in, polled) = mpsc::channel(1);
        let (events, events_out) = mpsc::channel(1);
        let (answered_in, answered) = mpsc::channel(1);
        let api = Api { polled: polled_in, events: Mutex::new(events_out), answered: answered_in };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let app = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .with_state(Arc::new(api));
        tokio::spawn(async move { axum::serve(listener, app).await });

        let lambda = [
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("_HANDLER", function.handler),
            ("AWS_LAMBDA_FUNCTION_NAME", function.name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "benchmark"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "benchmark"),
            ("AWS_REGION", "ap-northeast-2"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
        ];
        let mut variables: Variables = lambda.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        variables.extend(stage.iter().cloned());
        let began = Instant::now();
        let process = Running::start(function.program, &[], &variables, Path::new("/"))?;
        let mut instance = Self { process, started: Duration::ZERO, polled, events, answered, waits: true };
        let polled = timeout(PATIENCE, instance.polled.recv()).await;
        let polled = polled.ok().flatten().with_context(|| format!("{} does not poll", function.name))?;
        instance.started = polled - began;
        Ok(instance)
    }

    /// Hands it an event. Returns how long it took to answer, and the answer.
    pub(crate) async fn call(&mut self, event: &Bytes) -> anyhow::Result<(Duration, Value)> {
        if !self.waits {
            timeout(PATIENCE, self.polled.recv()).await.ok().flatten().context("it does not poll")?;
        }
        self.waits = false;
        let began = Instant::now();
        self.events.send(event.clone()).await?;
        let (at, answer) =
            timeout(PATIENCE, self.answered.recv()).await.ok().flatten().context("it does not answer")?;
        Ok((at - began, serde_json::from_slice(&answer)?))
    }

    /// Waits until it polls again, so that all its work is done.
    pub(crate) async fn settle(&mut self) -> anyhow::Result<()> {
        if !self.waits {
            timeout(PATIENCE, self.polled.recv()).await.ok().flatten().context("it does not poll")?;
            self.waits = true;
        }
        Ok(())
    }
}

async fn next(State(api): State<Arc<Api>>) -> impl IntoResponse {
    // Fails when nobody measures any more.
    api.polled.send(Instant::now()).await.ok();
    let event = api.events.lock().await.recv().await.unwrap_or_default();
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ap-northeast-2:000000000000:function:benchmark"),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
    ];
    (headers, event)
}

async fn response(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    api.answered.send((Instant::now(), body)).await.ok();
    StatusCode::ACCEPTED
}

/// API Gateway's event of a request.
pub(crate) fn event(method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Bytes {
    let mut headers = json!({ "accept": "*/*", "host": "localhost", "user-agent": "benchmark" });
    if let Some(token) = token {
        headers["authorization"] = format!("Bearer {token}").into();
    }
    if body.is_some() {
        headers["content-type"] = "application/json".into();
    }
    let event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "benchmark",
            "domainName": "localhost",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "benchmark",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1_773_119_783_291_u64,
        },
        "body": body.map(Value::to_string),
        "isBase64Encoded": false,
    });
    Bytes::from(event.to_string())
}

/// Makes sure that an answer is what was hoped for, or a benchmark would measure refusals.
pub(crate) fn ensure_status(answer: &Value, expected: u16, of: &str) -> anyhow::Result<()> {
    ensure!(answer["statusCode"] == expected, "{of} answered {answer}");
    Ok(())
}
