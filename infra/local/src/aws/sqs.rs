//! SQS: the JSON protocol over [`State`].
//!
//! The SDK still knows many of its errors by the names that they had in the protocol before, hence the long codes.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::{Message, NewMessage, Service, State};
use super::{Error, queue_arn, queue_url};

// SQS's own limits.
const BODY_BYTES_MAX: usize = 256 * 1024;
const BATCH_MAX: usize = 10;
const DELAY_SECONDS_MAX: u32 = 15 * 60;
const VISIBILITY_SECONDS_MAX: u32 = 12 * 60 * 60;
const WAIT_SECONDS_MAX: u32 = 20;

/// One request; each operation reads its own fields.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Input {
    queue_url: String,
    queue_name: String,
    source_arn: String,
    destination_arn: Option<String>,
    message_body: String,
    delay_seconds: u32,
    message_attributes: Value,
    receipt_handle: String,
    visibility_timeout: Option<u32>,
    max_number_of_messages: Option<usize>,
    wait_time_seconds: u32,
    message_attribute_names: Vec<String>,
    // The first is the older name of the second.
    attribute_names: Vec<String>,
    message_system_attribute_names: Vec<String>,
    entries: Vec<Entry>,
}

/// One entry of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    #[serde(default)]
    message_body: String,
    #[serde(default)]
    delay_seconds: u32,
    #[serde(default)]
    message_attributes: Value,
    #[serde(default)]
    receipt_handle: String,
}

pub(super) async fn answer(state: &State, operation: &str, input: Value) -> Result<Value, Error> {
    state.take_fault(Service::Sqs)?;
    let input: Input =
        serde_json::from_value(input).map_err(|error| Error::refused("InvalidParameterValue", error.to_string()))?;
    // Only the last segment says which queue; see `queue_url`.
    let queue = input.queue_url.rsplit('/').next().unwrap_or_default();

    match operation {
        "GetQueueUrl" => {
            state.queue(&input.queue_name)?;
            Ok(json!({ "QueueUrl": queue_url(&input.queue_name) }))
        }
        "GetQueueAttributes" => attributes(state, queue, &input.attribute_names),
        "SendMessage" => {
            let message = check_message(NewMessage {
                body: input.message_body,
                delay_seconds: input.delay_seconds,
                attributes: input.message_attributes,
            })?;
            Ok(json!({ "MessageId": state.send(queue, &[message])?.first() }))
        }
        "SendMessageBatch" => send_batch(state, queue, input.entries),
        "ReceiveMessage" => receive(state, queue, &input).await,
        "ChangeMessageVisibility" => {
            let seconds = check_visibility(input.visibility_timeout.unwrap_or_default())?;
            state.change_visibility(queue, &input.receipt_handle, seconds)?;
            Ok(json!({}))
        }
        "DeleteMessage" => {
            state.delete(queue, &input.receipt_handle)?;
            Ok(json!({}))
        }
        "DeleteMessageBatch" => {
            check_batch(&input.entries)?;
            state.queue(queue)?;
            Ok(batch(input.entries, |entry| {
                state.delete(queue, &entry.receipt_handle)?;
                Ok(json!({}))
            }))
        }
        "StartMessageMoveTask" => {
            if input.destination_arn.is_some() {
                let message = "Locally messages move back to their source only.";
                return Err(Error::refused("AWS.SimpleQueueService.UnsupportedOperation", message));
            }
            state.redrive(input.source_arn.rsplit(':').next().unwrap_or_default())?;
            Ok(json!({ "TaskHandle": Uuid::new_v4().to_string() }))
        }
        _ => Err(Error::refused("InvalidAction", format!("{operation} is not available locally."))),
    }
}

fn send_batch(state: &State, queue: &str, entries: Vec<Entry>) -> Result<Value, Error> {
    check_batch(&entries)?;
    if entries.iter().map(|entry| entry.message_body.len()).sum::<usize>() > BODY_BYTES_MAX {
        let message = format!("The bodies of a batch must be at most {BODY_BYTES_MAX} bytes together.");
        return Err(Error::refused("AWS.SimpleQueueService.BatchRequestTooLong", message));
    }
    state.queue(queue)?;
    Ok(batch(entries, |entry| {
        let message = check_message(NewMessage {
            body: entry.message_body,
            delay_seconds: entry.delay_seconds,
            attributes: entry.message_attributes,
        })?;
        Ok(json!({ "MessageId": state.send(queue, &[message])?.first() }))
    }))
}

/// Does each entry by itself, and reports it under its id as done or failed.
fn batch(entries: Vec<Entry>, mut each: impl FnMut(Entry) -> Result<Value, Error>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = entry.id.clone();
        match each(entry) {
            Ok(mut done) => {
                done["Id"] = id.into();
                successful.push(done);
            }
            Err(error) => {
                let (status, code, message) = error.into_parts();
                let sender_fault = status.is_client_error();
                failed.push(json!({ "Id": id, "Code": code, "Message": message, "SenderFault": sender_fault }));
            }
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}

async fn receive(state: &State, queue: &str, input: &Input) -> Result<Value, Error> {
    let count_max = input.max_number_of_messages.unwrap_or(1);
    if !(1..=BATCH_MAX).contains(&count_max) {
        return Err(Error::refused("InvalidParameterValue", "MaxNumberOfMessages must be between 1 and 10."));
    }
    if input.wait_time_seconds > WAIT_SECONDS_MAX {
        return Err(Error::refused("InvalidParameterValue", "WaitTimeSeconds must be between 0 and 20."));
    }
    let timeout = input.visibility_timeout.map(check_visibility).transpose()?;
    let wait = Duration::from_secs(input.wait_time_seconds.into());
    let messages = state.receive_waiting(queue, count_max, timeout, wait).await?;

    let asked_for = |name: &str| {
        let mut names = input.attribute_names.iter().chain(&input.message_system_attribute_names);
        names.any(|asked| asked == "All" || asked == name)
    };
    let messages = messages.into_iter().map(|message| {
        let mut attributes = system_attributes(&message);
        if let Value::Object(attributes) = &mut attributes {
            attributes.retain(|name, _| asked_for(name));
        }
        let mut answer = json!({
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "Body": message.body,
            "Attributes": attributes,
        });
        if !input.message_attribute_names.is_empty() && message.attributes.is_object() {
            answer["MessageAttributes"] = message.attributes;
        }
        answer
    });
    Ok(json!({ "Messages": messages.collect::<Vec<_>>() }))
}

/// What SQS itself says of a received message; numbers are strings there.
pub(crate) fn system_attributes(message: &Message) -> Value {
    json!({
        "ApproximateFirstReceiveTimestamp": message.first_received_ms.to_string(),
        "ApproximateReceiveCount": message.receive_count.to_string(),
        "SenderId": "LOCAL",
        "SentTimestamp": message.sent_ms.to_string(),
    })
}

fn attributes(state: &State, queue: &str, names: &[String]) -> Result<Value, Error> {
    let settings = state.queue(queue)?;
    let depths = state.queue_depths()?;
    let depth = depths.iter().find(|depth| depth.name == queue);
    let count = |of: fn(&super::QueueDepth) -> u64| depth.map_or(0, of).to_string();
    let mut attributes = json!({
        "ApproximateNumberOfMessages": count(|depth| depth.visible),
        "ApproximateNumberOfMessagesDelayed": count(|depth| depth.delayed),
        "ApproximateNumberOfMessagesNotVisible": count(|depth| depth.in_flight),
        "QueueArn": queue_arn(queue),
        "VisibilityTimeout": settings.visibility_timeout_seconds.to_string(),
    });
    if let Some((receive_count_max, dead_letter_queue)) = settings.redrive {
        let policy =
            json!({ "deadLetterTargetArn": queue_arn(&dead_letter_queue), "maxReceiveCount": receive_count_max });
        attributes["RedrivePolicy"] = policy.to_string().into();
    }
    if let Value::Object(attributes) = &mut attributes {
        attributes.retain(|name, _| names.iter().any(|asked| asked == "All" || asked == name));
    }
    Ok(json!({ "Attributes": attributes }))
}

fn check_message(message: NewMessage) -> Result<NewMessage, Error> {
    // The characters that XML 1.0 allows, which SQS keeps to.
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    if message.body.is_empty() {
        Err(Error::refused("MissingParameter", "The request must contain the parameter MessageBody."))
    } else if message.body.len() > BODY_BYTES_MAX {
        let text = format!("The body must be at most {BODY_BYTES_MAX} bytes.");
        Err(Error::refused("InvalidParameterValue", text))
    } else if !message.body.chars().all(allowed) {
        Err(Error::refused("InvalidMessageContents", "The body has characters that are not allowed."))
    } else if message.delay_seconds > DELAY_SECONDS_MAX {
        Err(Error::refused("InvalidParameterValue", "DelaySeconds must be between 0 and 900."))
    } else {
        Ok(message)
    }
}

fn check_visibility(seconds: u32) -> Result<u32, Error> {
    if seconds > VISIBILITY_SECONDS_MAX {
        return Err(Error::refused("InvalidParameterValue", "VisibilityTimeout must be between 0 and 43200."));
    }
    Ok(seconds)
}

fn check_batch(entries: &[Entry]) -> Result<(), Error> {
    let refuse = |code, message| Err(Error::refused(code, message));
    let valid_id = |id: &str| {
        (1..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if entries.is_empty() {
        refuse("AWS.SimpleQueueService.EmptyBatchRequest", "There must be at least one entry in the request.")
    } else if entries.len() > BATCH_MAX {
        refuse("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "There can be at most 10 entries in a batch.")
    } else if !entries.iter().all(|entry| valid_id(&entry.id)) {
        refuse(
            "AWS.SimpleQueueService.InvalidBatchEntryId",
            "An entry's id must be 1 to 80 letters, digits, hyphens and underscores.",
        )
    } else if entries.iter().map(|entry| &entry.id).collect::<BTreeSet<_>>().len() < entries.len() {
        refuse("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "Two entries of the batch have the same id.")
    } else {
        Ok(())
    }
}
