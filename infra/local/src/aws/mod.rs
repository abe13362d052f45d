//! Local stand-ins for SQS, SNS, SES and Secrets Manager, small but speaking the real wire protocols, so that the real
//! SDK clients are part of what runs and is tested locally.

mod mime;
mod query;
mod sqs;
mod state;
#[cfg(test)]
pub(crate) mod tests;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, DefaultBodyLimit};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use sqs::system_attributes;
pub use state::{Addressee, Message, NewMessage, QueueDepth, Sent, Service, State, Waiting};

/// The region that every local ARN names.
pub const REGION: &str = "ap-northeast-2";

/// The account that every local ARN and queue URL names.
pub const ACCOUNT: &str = "000000000000";

/// SES takes 10 MiB of mail, which base64 inside a form makes a third larger.
const REQUEST_BYTES_MAX: usize = 14 * 1024 * 1024;

/// Why a call did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The answer that AWS would give, or that a test asked for with [`State::fail_next`].
    #[error("{code}: {message}")]
    Refused {
        /// HTTP status. The SDK retries 5xx by itself.
        status: u16,
        /// The code as the SDK reports it.
        code: String,
        /// For people.
        message: String,
    },
    /// The state's file could not be read or written.
    #[error("the local state failed")]
    Storage(#[from] rusqlite::Error),
}

impl Error {
    /// The caller's mistake: status 400.
    fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { status: 400, code: code.to_owned(), message: message.into() }
    }

    /// Status, code and message for the wire. Details of the storage go to the log only.
    fn into_parts(self) -> (StatusCode, String, String) {
        match self {
            Self::Refused { status, code, message } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                (status, code, message)
            }
            Self::Storage(error) => {
                tracing::error!(%error, "the local AWS state failed");
                let message = "The local state failed; see the log.".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure".to_owned(), message)
            }
        }
    }
}

/// The URL of a queue. Only its last segment matters here: whatever the host, the SDK calls its configured endpoint.
pub fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// The ARN of a queue.
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// The endpoint for all four services: `POST /`, told apart as AWS does, by the `x-amz-target` header or the `Action`
/// in the form. Credentials are not checked.
pub fn router(state: State) -> Router {
    Router::new().route("/", post(answer)).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX)).with_state(state)
}

async fn answer(extract::State(state): extract::State<State>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(target) = headers.get("x-amz-target").and_then(|value| value.to_str().ok()) else {
        return query::answer(&state, &body);
    };
    let result = match (target.split_once('.'), serde_json::from_slice(&body)) {
        (_, Err(error)) => Err(Error::refused("SerializationException", error.to_string())),
        (Some(("AmazonSQS", operation)), Ok(input)) => sqs::answer(&state, operation, input).await,
        (Some(("secretsmanager", "GetSecretValue")), Ok(input)) => get_secret_value(&state, &input),
        _ => Err(Error::refused("UnknownOperationException", format!("{target} is not available locally."))),
    };
    let (status, body) = match result {
        Ok(value) => (StatusCode::OK, value),
        Err(error) => {
            let (status, code, message) = error.into_parts();
            (status, json!({ "__type": code, "message": message }))
        }
    };
    let headers = [
        (header::CONTENT_TYPE.as_str(), "application/x-amz-json-1.0".to_owned()),
        ("x-amzn-requestid", Uuid::new_v4().to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}

fn get_secret_value(state: &State, input: &Value) -> Result<Value, Error> {
    state.take_fault(Service::SecretsManager)?;
    let name = input["SecretId"].as_str().unwrap_or_default();
    if name.is_empty() {
        return Err(Error::refused("InvalidParameterException", "SecretId is required."));
    }
    // A local secret is never rotated, so it has one version.
    if input["VersionStage"].as_str().is_some_and(|stage| stage != "AWSCURRENT") {
        let message = "Secrets Manager can't find the specified secret value for that staging label.";
        return Err(Error::refused("ResourceNotFoundException", message));
    }
    Ok(json!({
        "ARN": format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"),
        "Name": name,
        "SecretString": state.secret(name)?,
        "VersionStages": ["AWSCURRENT"],
    }))
}
