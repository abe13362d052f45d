//! The guard: sees each SDK call before it goes on the wire, refuses what the current scope's grants
//! lack, and records the rest.
//!
//! On AWS the function's role refuses; there the guard only records. So least privilege holds on a
//! laptop and on AWS alike, from the same declaration.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde_json::Value;

use crate::call::{Usage, current};
use crate::grant::Action;
use crate::resource::{EMAIL, QUEUES, Resource, SECRETS, SMS, TABLES};

/// A call was refused because the scope's grants lack it: the local form of IAM's `AccessDeniedException`.
#[derive(Debug, thiserror::Error)]
#[error("{function} is not granted {} on {resource} ({operation})", action.iam())]
pub struct Refused {
    function: &'static str,
    operation: String,
    resource: Resource,
    action: Action,
}

/// The interceptor. One serves all clients of a process.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// What the physical names begin with.
    pub(crate) prefix: String,
    /// Refuse what is not granted, and whatever is called outside any scope.
    pub(crate) enforce: bool,
}

/// The number of the running call, carried from the first hook to the last.
#[derive(Debug)]
struct CallNumber(usize);

impl Storable for CallNumber {
    type Storer = StoreReplace<Self>;
}

/// The depth of a call, taken when it is asked for: later, a twin may have finished in between.
#[derive(Debug)]
struct Depth(u32);

impl Storable for Depth {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "campus guard"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(scope) = current() {
            config.interceptor_state().store_put(Depth(scope.next_depth()));
        }
        Ok(())
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(scope) = current() else {
            let operation = operation_of(context.request());
            return if self.enforce { Err(format!("{operation} outside any function").into()) } else { Ok(()) };
        };
        let operation = operation_of(context.request());
        // Where IAM refuses, nobody asks what a call touched, and reading its body again would cost each of them.
        let needs = if self.enforce { self.needs(&operation, context.request()) } else { Vec::new() };
        if self.enforce {
            if needs.is_empty() {
                return Err(format!("{operation} is not known to the guard").into());
            }
            if let Some((resource, action)) = needs.iter().copied().find(|need| !scope.allows(*need)) {
                return Err(Refused { function: scope.name(), operation, resource, action }.into());
            }
        }
        let depth = config.load::<Depth>().map_or(1, |Depth(depth)| *depth);
        let number = scope.begin(operation, &needs, depth);
        config.interceptor_state().store_put(CallNumber(number));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(scope), Some(CallNumber(number))) = (current(), config.load::<CallNumber>()) {
            let answer = context.response().filter(|_| self.enforce).and_then(|response| response.body().bytes());
            let units = answer.map_or(0.0, consumed_units);
            let succeeded = matches!(context.output_or_error(), Some(Ok(_)));
            scope.finish(*number, units, succeeded);
        }
        Ok(())
    }
}

impl Guard {
    /// Every grant that an operation needs.
    fn needs(&self, operation: &str, request: &Request) -> Vec<Usage> {
        match operation {
            "Publish" => vec![(SMS, Action::Publish)],
            "SendEmail" => vec![(EMAIL, Action::SendEmail)],
            "SendRawEmail" => vec![(EMAIL, Action::SendRawEmail)],
            _ => {
                let body = request.body().bytes().unwrap_or_default();
                self.json_needs(operation, &serde_json::from_slice(body).unwrap_or_default())
            }
        }
    }

    fn json_needs(&self, operation: &str, body: &Value) -> Vec<Usage> {
        let on_table = |name: &Value, action| self.table(name).map(|table| (table, action));
        let single = |action| on_table(&body["TableName"], action).into_iter().collect();
        match operation {
            "GetItem" => single(Action::Get),
            "Query" => single(Action::Query),
            "PutItem" => single(Action::Put),
            "UpdateItem" => single(Action::Update),
            "DeleteItem" => single(Action::Delete),
            "BatchGetItem" | "BatchWriteItem" => {
                let action = if operation == "BatchGetItem" { Action::BatchGet } else { Action::BatchWrite };
                let tables = body["RequestItems"].as_object().into_iter().flatten();
                tables.filter_map(|(name, _)| on_table(&Value::from(name.as_str()), action)).collect()
            }
            "TransactWriteItems" => {
                let parts = body["TransactItems"].as_array().into_iter().flatten();
                parts
                    .filter_map(|part| part.as_object()?.iter().next())
                    .filter_map(|(kind, part)| {
                        let action = match kind.as_str() {
                            "Put" => Action::Put,
                            "Update" => Action::Update,
                            "Delete" => Action::Delete,
                            "ConditionCheck" => Action::Check,
                            _ => return None,
                        };
                        on_table(&part["TableName"], action)
                    })
                    .collect()
            }
            "SendMessage" | "SendMessageBatch" => {
                let name = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
                let queue = QUEUES.into_iter().find(|queue| self.is_named(name, queue.name));
                queue.map(|queue| (Resource::Queue(queue), Action::Send)).into_iter().collect()
            }
            "GetSecretValue" => {
                let id = body["SecretId"].as_str().unwrap_or_default();
                // On AWS the id is an ARN that ends in the name and a random suffix; the guard then
                // only records.
                let secret =
                    SECRETS.into_iter().find(|secret| self.is_named(id, secret.name) || id.contains(secret.name));
                secret.map(|secret| (Resource::Secret(secret), Action::Read)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn table(&self, name: &Value) -> Option<Resource> {
        let name = name.as_str()?;
        TABLES.into_iter().find(|table| self.is_named(name, table.name)).map(Resource::Table)
    }

    fn is_named(&self, physical: &str, logical: &str) -> bool {
        physical.strip_prefix(self.prefix.as_str()) == Some(logical)
    }
}

/// The operation's name.
fn operation_of(request: &Request) -> String {
    match request.headers().get("x-amz-target").and_then(|target| target.rsplit_once('.')) {
        Some((_, operation)) => operation.to_owned(),
        // SNS and SES speak the older query protocol.
        None => form_urlencoded::parse(request.body().bytes().unwrap_or_default())
            .find_map(|(name, value)| (name == "Action").then(|| value.into_owned()))
            .unwrap_or_default(),
    }
}

/// The sum of the capacity units in a DynamoDB answer. They are there because the store asks for them.
fn consumed_units(body: &[u8]) -> f64 {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return 0.0 };
    let units = |consumed: &Value| consumed["CapacityUnits"].as_f64().unwrap_or_default();
    match &body["ConsumedCapacity"] {
        Value::Array(tables) => tables.iter().map(units).sum(),
        consumed => units(consumed),
    }
}
