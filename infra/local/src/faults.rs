//! Faults on demand: what AWS does on a bad day, done to the calls of endpoints and workers.
//!
//! They strike where a call leaves the SDK, so that its time-outs and retries are part of what is seen, and only calls
//! that a function makes: pages, the seeder and tests are spared. Faults are gone with the process.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use campus_aws::{ATTEMPT_TIMEOUT, current_function};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

/// Every operation that a function calls, as a [`Fault`] names it.
pub const OPERATIONS: [&str; 14] = [
    "DynamoDB.BatchGetItem",
    "DynamoDB.BatchWriteItem",
    "DynamoDB.DeleteItem",
    "DynamoDB.GetItem",
    "DynamoDB.PutItem",
    "DynamoDB.Query",
    "DynamoDB.TransactWriteItems",
    "DynamoDB.UpdateItem",
    "SES.SendEmail",
    "SES.SendRawEmail",
    "SNS.Publish",
    "SQS.SendMessage",
    "SQS.SendMessageBatch",
    "SecretsManager.GetSecretValue",
];

/// Those of them that another transaction can be in the way of.
pub const CONFLICTING: [&str; 4] =
    ["DynamoDB.DeleteItem", "DynamoDB.PutItem", "DynamoDB.TransactWriteItems", "DynamoDB.UpdateItem"];

/// Struck calls whose further attempts are awaited; older ones are forgotten.
const STRUCK_MAX: usize = 256;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is refused with a server error, and has no effect.
    Fail,
    /// It is refused because there are too many, and has no effect.
    Throttle,
    /// It is refused because another transaction is in the way, and has no effect. Only those of [`CONFLICTING`].
    Conflict,
    /// It is never answered, until the caller gives the attempt up, and has no effect.
    Hang,
    /// It takes effect, but the connection breaks before the answer.
    LoseAnswer,
    /// It takes effect, and the function dies before it sees the answer.
    Crash,
}

/// Which attempts at a struck call suffer. The SDK makes three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempts {
    /// The first alone, so that the SDK's own retry sees what it left behind.
    First,
    /// All, so that the caller is told.
    All,
}

/// A fault that awaits calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// What happens.
    pub kind: Kind,
    /// One of [`OPERATIONS`]; none for any of them.
    pub operation: Option<String>,
    /// The endpoint or worker whose calls it strikes; none for any.
    pub function: Option<String>,
    /// Calls that match but are spared first.
    pub skip: u32,
    /// Calls still to be struck.
    pub times: u32,
    /// Which attempts at them.
    pub attempts: Attempts,
}

impl Fault {
    /// One that strikes the next matching call, every attempt at it.
    #[must_use]
    pub fn next(kind: Kind) -> Self {
        Self { kind, operation: None, function: None, skip: 0, times: 1, attempts: Attempts::All }
    }

    fn matches(&self, operation: &str, function: &str) -> bool {
        self.operation.as_deref().is_none_or(|named| named == operation)
            && self.function.as_deref().is_none_or(|named| named == function)
            && (self.kind != Kind::Conflict || CONFLICTING.contains(&operation))
    }
}

/// Messages of a queue that will come again although they were dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Redelivery {
    /// The queue's logical name.
    pub queue: String,
    /// Messages still to be delivered twice.
    pub times: u32,
}

/// The faults that await calls and messages. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Awaiting>>);

#[derive(Debug, Default)]
struct Awaiting {
    faults: Vec<Fault>,
    redeliveries: Vec<Redelivery>,
    /// Calls whose further attempts suffer, too, by the SDK's id of the call.
    struck: VecDeque<(String, Kind)>,
}

impl Faults {
    /// Adds a fault. Of several that match a call the oldest strikes, and only it counts the call.
    pub fn inject(&self, fault: Fault) {
        self.awaiting().faults.push(fault);
    }

    /// Lets the next so many messages that are taken from a queue, by its logical name, come a second time.
    pub fn deliver_twice(&self, queue: &str, times: u32) {
        self.awaiting().redeliveries.push(Redelivery { queue: queue.to_owned(), times });
    }

    /// The faults that have not struck as often as they shall, oldest first.
    #[must_use]
    pub fn awaiting_calls(&self) -> Vec<Fault> {
        self.awaiting().faults.clone()
    }

    /// The redeliveries that are still to come, oldest first.
    #[must_use]
    pub fn awaiting_messages(&self) -> Vec<Redelivery> {
        self.awaiting().redeliveries.clone()
    }

    /// Forgets all.
    pub fn clear(&self) {
        *self.awaiting() = Awaiting::default();
    }

    /// An HTTP client whose calls suffer the faults, if a function makes them.
    #[must_use]
    pub fn over(&self, http: SharedHttpClient) -> SharedHttpClient {
        SharedHttpClient::new(Struck { faults: self.clone(), inner: http })
    }

    /// Whether a message that was dealt with comes again, which uses that up.
    pub(crate) fn takes_redelivery(&self, queue: &str) -> bool {
        let redeliveries = &mut self.awaiting().redeliveries;
        let Some(place) = redeliveries.iter().position(|redelivery| redelivery.queue == queue) else { return false };
        redeliveries[place].times -= 1;
        if redeliveries[place].times == 0 {
            redeliveries.remove(place);
        }
        true
    }

    /// What this attempt at a call has to suffer.
    fn strike(&self, call: &Call, function: &str) -> Option<Kind> {
        let awaiting = &mut *self.awaiting();
        if !call.is_first_attempt {
            return awaiting.struck.iter().find(|(id, _)| *id == call.id).map(|(_, kind)| *kind);
        }
        let place = awaiting.faults.iter().position(|fault| fault.matches(&call.operation, function))?;
        let fault = &mut awaiting.faults[place];
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let (kind, attempts) = (fault.kind, fault.attempts);
        fault.times -= 1;
        if fault.times == 0 {
            awaiting.faults.remove(place);
        }
        if attempts == Attempts::All {
            awaiting.struck.truncate(STRUCK_MAX - 1);
            awaiting.struck.push_front((call.id.clone(), kind));
        }
        Some(kind)
    }

    fn awaiting(&self) -> MutexGuard<'_, Awaiting> {
        // A panic elsewhere leaves the lists as they were.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An HTTP client, or the connector that it hands out, under the faults.
#[derive(Debug)]
struct Struck<T> {
    faults: Faults,
    inner: T,
}

impl HttpClient for Struck<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Struck { faults: self.faults.clone(), inner })
    }
}

impl HttpConnector for Struck<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some((call, function)) = Call::of(&request).zip(current_function()) else {
            return self.inner.call(request);
        };
        let broken = |cause: &str| ConnectorError::io(cause.into());
        match self.faults.strike(&call, function) {
            None => self.inner.call(request),
            Some(Kind::LoseAnswer) => {
                let answered = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    answered.await?;
                    Err(broken("the connection broke before the answer, as was asked for"))
                })
            }
            #[expect(clippy::panic, reason = "this is what was asked for; whoever runs the function notes it")]
            Some(Kind::Crash) => {
                let answered = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    drop(answered.await);
                    panic!("the function died, as was asked for")
                })
            }
            Some(Kind::Hang) => HttpConnectorFuture::new(async {
                tokio::time::sleep(ATTEMPT_TIMEOUT).await;
                Err(ConnectorError::timeout("no answer in time, as was asked for".into()))
            }),
            Some(Kind::Fail) => {
                HttpConnectorFuture::ready(Ok(call.refusal(StatusCode::INTERNAL_SERVER_ERROR, call.words().failure)))
            }
            Some(Kind::Throttle) => {
                HttpConnectorFuture::ready(Ok(call.refusal(StatusCode::BAD_REQUEST, call.words().throttled)))
            }
            Some(Kind::Conflict) => HttpConnectorFuture::ready(Ok(call.conflict(&request))),
        }
    }
}

/// One attempt at a call, as far as faults look at it.
#[derive(Debug)]
struct Call {
    service: &'static str,
    operation: String,
    /// The same for all attempts.
    id: String,
    is_first_attempt: bool,
}

/// A service's codes for a failure of its own and for too many calls.
struct Words {
    failure: &'static str,
    throttled: &'static str,
}

impl Call {
    fn of(request: &HttpRequest) -> Option<Self> {
        let headers = request.headers();
        let (service, operation) = match headers.get("x-amz-target").and_then(|target| target.split_once('.')) {
            Some((target, operation)) => {
                let service = match target {
                    "AmazonSQS" => "SQS",
                    "secretsmanager" => "SecretsManager",
                    _ => "DynamoDB",
                };
                (service, operation.to_owned())
            }
            None => {
                let mut form = form_urlencoded::parse(request.body().bytes()?);
                let (_, action) = form.find(|(name, _)| name == "Action")?;
                (if action == "Publish" { "SNS" } else { "SES" }, action.into_owned())
            }
        };
        Some(Self {
            service,
            operation: format!("{service}.{operation}"),
            id: headers.get("amz-sdk-invocation-id")?.to_owned(),
            is_first_attempt: headers.get("amz-sdk-request")?.starts_with("attempt=1;"),
        })
    }

    fn words(&self) -> Words {
        let (failure, throttled) = match self.service {
            "DynamoDB" => ("InternalServerError", "ThrottlingException"),
            "SQS" => ("InternalFailure", "RequestThrottled"),
            "SecretsManager" => ("InternalServiceError", "ThrottlingException"),
            _ => ("InternalFailure", "Throttling"),
        };
        Words { failure, throttled }
    }

    /// The service's refusal, in its protocol.
    fn refusal(&self, status: StatusCode, code: &str) -> HttpResponse {
        if matches!(self.service, "SNS" | "SES") {
            let kind = if status.is_client_error() { "Sender" } else { "Receiver" };
            let error = format!("<Type>{kind}</Type><Code>{code}</Code><Message>As was asked for</Message>");
            return respond(status, "text/xml", format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"));
        }
        respond_json(status, &json!({ "__type": code, "message": "As was asked for" }))
    }

    fn conflict(&self, request: &HttpRequest) -> HttpResponse {
        if self.operation != "DynamoDB.TransactWriteItems" {
            return self.refusal(StatusCode::BAD_REQUEST, "TransactionConflictException");
        }
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let parts = body["TransactItems"].as_array().map_or(0, Vec::len);
        let reasons: Vec<Value> =
            (0..parts).map(|part| json!({ "Code": if part == 0 { "TransactionConflict" } else { "None" } })).collect();
        let code = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        respond_json(
            StatusCode::BAD_REQUEST,
            &json!({ "__type": code, "Message": "As was asked for", "CancellationReasons": reasons }),
        )
    }
}

fn respond_json(status: StatusCode, document: &Value) -> HttpResponse {
    respond(status, "application/x-amz-json-1.0", document.to_string())
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> HttpResponse {
    let mut response = HttpResponse::new(status.into(), SdkBody::from(body));
    response.headers_mut().insert("content-type", content_type);
    response
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ProvideErrorMetadata;
    use aws_sdk_dynamodb::types::AttributeValue;
    use aws_smithy_http_client::Builder;
    use campus_aws::{CallScope, Clients, Endpoints, scoped};

    use super::*;

    /// Clients of services that are not there: whatever they answer is a fault's doing.
    fn clients(faults: &Faults) -> Clients {
        let nowhere = "http://127.0.0.1:9".to_owned();
        let http = faults.over(Builder::new().build_http());
        Clients::unguarded(&Endpoints { dynamodb: nowhere.clone(), messaging: nowhere, http }, String::new())
    }

    /// What each service's SDK makes of a fault of this kind.
    async fn codes(kind: Kind) -> [Option<String>; 5] {
        let faults = Faults::default();
        for operation in
            ["DynamoDB.GetItem", "SQS.SendMessage", "SNS.Publish", "SES.SendEmail", "SecretsManager.GetSecretValue"]
        {
            assert!(OPERATIONS.contains(&operation));
            faults.inject(Fault { operation: Some(operation.to_owned()), ..Fault::next(kind) });
        }
        let clients = clients(&faults);
        let message = aws_sdk_ses::types::Message::builder().build();
        let to = aws_sdk_ses::types::Destination::builder().build();
        #[expect(clippy::disallowed_methods, reason = "it is the call itself that is tried")]
        let calls = async {
            let (table, queue, text, mail, secret) = tokio::join!(
                clients.dynamodb.get_item().table_name("t").key("pk", AttributeValue::S("x".to_owned())).send(),
                clients.sqs().send_message().queue_url("q").message_body("x").send(),
                clients.sns().publish().phone_number("+82").message("x").send(),
                clients.ses().send_email().source("x").destination(to).message(message).send(),
                clients.secrets.get_secret_value().secret_id("s").send(),
            );
            [
                table.unwrap_err().code().map(str::to_owned),
                queue.unwrap_err().code().map(str::to_owned),
                text.unwrap_err().code().map(str::to_owned),
                mail.unwrap_err().code().map(str::to_owned),
                secret.unwrap_err().code().map(str::to_owned),
            ]
        };
        let codes = scoped(CallScope::new("probe", []), Box::pin(calls)).await;
        assert_eq!(faults.awaiting_calls(), [], "each struck once, and all attempts at its call");
        codes
    }

    #[tokio::test]
    async fn each_service_fails_and_throttles_in_its_own_words() {
        let (failed, throttled) = tokio::join!(codes(Kind::Fail), codes(Kind::Throttle));
        let expected =
            ["InternalServerError", "InternalFailure", "InternalFailure", "InternalFailure", "InternalServiceError"];
        assert_eq!(failed.map(Option::unwrap), expected);
        let expected = ["ThrottlingException", "RequestThrottled", "Throttling", "Throttling", "ThrottlingException"];
        assert_eq!(throttled.map(Option::unwrap), expected);
    }
}
