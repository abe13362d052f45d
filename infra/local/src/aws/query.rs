//! SNS and SES: forms in, XML out. What they accept goes into the outbox instead of to a person.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::state::{NewMessage, Sent, Service, State};
use super::{Error, mime};

/// SNS cuts longer texts into several messages, and refuses anything beyond this many characters.
const SMS_CHARS_MAX: usize = 1600;
/// SES: recipients of one mail.
const RECIPIENTS_MAX: usize = 50;

const SNS_NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";
const SES_NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

/// A decoded form. Lists and structures are flattened into names with dots.
struct Form(BTreeMap<String, String>);

impl Form {
    fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The values of a list, counted from one, each with `field` behind its number.
    fn list<'a>(&'a self, name: &'a str, field: &'a str) -> impl Iterator<Item = &'a str> {
        (1..).map_while(move |number| self.find(&format!("{name}.{number}{field}")))
    }

    /// A list of names and values.
    fn pairs<'a>(&'a self, list: &'a str, value: &'a str) -> BTreeMap<&'a str, &'a str> {
        self.list(list, ".Name").zip(self.list(list, value)).collect()
    }
}

pub(super) fn answer(state: &State, body: &Bytes) -> Response {
    let form = Form(form_urlencoded::parse(body).into_owned().collect());
    let action = form.get("Action");
    let (namespace, result) = match action {
        "Publish" => (SNS_NAMESPACE, publish(state, &form)),
        "SendEmail" => (SES_NAMESPACE, send_email(state, &form)),
        "SendRawEmail" => (SES_NAMESPACE, send_raw_email(state, &form)),
        _ => {
            let message = format!("The action {action} is not available locally.");
            (SES_NAMESPACE, Err(Error::refused("InvalidAction", message)))
        }
    };

    let request_id = Uuid::new_v4();
    let (status, body) = match result {
        Ok(message_id) => (
            axum::http::StatusCode::OK,
            format!(
                "<{action}Response xmlns=\"{namespace}\"><{action}Result><MessageId>{message_id}</MessageId>\
                 </{action}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
                 </{action}Response>"
            ),
        ),
        Err(error) => {
            let (status, code, message) = error.into_parts();
            let fault = if status.is_client_error() { "Sender" } else { "Receiver" };
            let body = format!(
                "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{}</Code>\
                 <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                escape(&code),
                escape(&message),
            );
            (status, body)
        }
    };
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

/// Returns the message id, like the two below.
fn publish(state: &State, form: &Form) -> Result<String, Error> {
    state.take_fault(Service::Sns)?;
    let (to, text) = (form.get("PhoneNumber"), form.get("Message"));
    if !is_e164(to) {
        return Err(Error::refused("InvalidParameter", "Invalid parameter: PhoneNumber is not in E.164 form."));
    }
    if text.is_empty() {
        return Err(Error::refused("InvalidParameter", "Invalid parameter: Empty message"));
    }
    if text.chars().count() > SMS_CHARS_MAX {
        return Err(Error::refused("InvalidParameter", "Invalid parameter: Message too long"));
    }
    let attributes = form.pairs("MessageAttributes.entry", ".Value.StringValue");
    if attributes.values().any(|value| value.is_empty()) {
        let message = "The message attribute must contain a non-empty value.";
        return Err(Error::refused("ParameterValueInvalid", message));
    }

    let id = Uuid::new_v4().to_string();
    state.keep_sent(&Sent {
        id: id.clone(),
        channel: "sms".to_owned(),
        kind: owned(&attributes, "campus.kind").unwrap_or_default(),
        to: to.to_owned(),
        subject: None,
        text: text.to_owned(),
        html: None,
        sent_at: in_whole_seconds(state.now()),
        delivery_id: owned(&attributes, "campus.delivery"),
        headers: BTreeMap::new(),
    })?;
    Ok(id)
}

fn send_email(state: &State, form: &Form) -> Result<String, Error> {
    state.take_fault(Service::Ses)?;
    let mail = mime::Mail {
        headers: BTreeMap::new(),
        text: form.find("Message.Body.Text.Data").map(str::to_owned),
        html: form.find("Message.Body.Html.Data").map(str::to_owned),
    };
    let Some(subject) = form.find("Message.Subject.Data") else {
        return Err(Error::refused("ValidationError", "Message.Subject is required."));
    };
    let to = form.list("Destination.ToAddresses.member", "").map(str::to_owned).collect();
    keep_mail(state, form, form.get("Source"), to, subject, mail)
}

fn send_raw_email(state: &State, form: &Form) -> Result<String, Error> {
    state.take_fault(Service::Ses)?;
    let raw = STANDARD
        .decode(form.get("RawMessage.Data"))
        .map_err(|error| Error::refused("ValidationError", format!("RawMessage.Data: {error}")))?;
    let mut mail = mime::parse(&String::from_utf8_lossy(&raw));
    let header = |name: &str| mail.headers.get(name).cloned().unwrap_or_default();
    let (from, subject) = (header("from"), header("subject"));

    // The envelope goes before what the header says, as in any mail system.
    let mut to: Vec<String> = form.list("Destinations.member", "").map(str::to_owned).collect();
    if to.is_empty() {
        to = header("to").split(',').map(str::to_owned).collect();
    }
    for shown_otherwise in ["subject", "to", "content-type", "content-transfer-encoding", "mime-version"] {
        mail.headers.remove(shown_otherwise);
    }
    let source = form.find("Source").unwrap_or(&from);
    keep_mail(state, form, source, to, &subject, mail)
}

fn keep_mail(
    state: &State,
    form: &Form,
    from: &str,
    to: Vec<String>,
    subject: &str,
    mail: mime::Mail,
) -> Result<String, Error> {
    let refuse = |message: &str| Err(Error::refused("InvalidParameterValue", message));
    if !is_address(address(from)) {
        return refuse("Missing or illegal sender address");
    }
    if to.is_empty() || to.len() > RECIPIENTS_MAX || !to.iter().all(|to| is_address(address(to))) {
        return refuse("There must be 1 to 50 recipients, each with a legal address");
    }
    if mail.text.is_none() && mail.html.is_none() {
        return refuse("The mail has neither text nor HTML");
    }
    let tags = form.pairs("Tags.member", ".Value");
    // Easily overlooked, since SNS is not so strict: a dot in a tag makes SES refuse the mail.
    let word = |tag: &str| {
        (1..=256).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if !tags.iter().all(|(name, value)| word(name) && word(value)) {
        return refuse("Tags may contain only letters, digits, hyphens and underscores");
    }

    let id = Uuid::new_v4().to_string();
    if let Some(set) = form.find("ConfigurationSetName") {
        for to in &to {
            simulate_feedback(state, set, &id, address(to), &tags)?;
        }
    }
    for to in to {
        state.keep_sent(&Sent {
            id: id.clone(),
            channel: "email".to_owned(),
            kind: owned(&tags, "kind").unwrap_or_default(),
            to: address(&to).to_owned(),
            subject: Some(subject.to_owned()),
            text: mail.text.clone().unwrap_or_default(),
            html: mail.html.clone(),
            sent_at: in_whole_seconds(state.now()),
            delivery_id: owned(&tags, "delivery"),
            headers: mail.headers.clone(),
        })?;
    }
    Ok(id)
}

/// Tells of mail to SES's mailbox simulator what a provider would, as the configuration set `…mail` does on AWS:
/// through a topic, into the queue `…feedback`. Of anything else nothing is told, since it arrives.
fn simulate_feedback(state: &State, set: &str, id: &str, to: &str, tags: &BTreeMap<&str, &str>) -> Result<(), Error> {
    let stage = set.strip_suffix("mail").filter(|stage| state.queue(&format!("{stage}feedback")).is_ok());
    let Some(stage) = stage else {
        let message = format!("Configuration set <{set}> does not exist.");
        return Err(Error::refused("ConfigurationSetDoesNotExist", message));
    };
    let (local, domain) = to.rsplit_once('@').unwrap_or_default();
    if !domain.eq_ignore_ascii_case("simulator.amazonses.com") {
        return Ok(());
    }
    let recipients = json!([{ "emailAddress": to }]);
    let now = state.now().to_string();
    let (kind, name, said) = match local.split('+').next().unwrap_or_default() {
        "bounce" => {
            let said = json!({
                "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients,
                "timestamp": now, "feedbackId": Uuid::new_v4(),
            });
            ("Bounce", "bounce", said)
        }
        // A mailbox that is full, as its owner being away would be.
        "ooto" => {
            let said = json!({
                "bounceType": "Transient", "bounceSubType": "General", "bouncedRecipients": recipients,
                "timestamp": now, "feedbackId": Uuid::new_v4(),
            });
            ("Bounce", "bounce", said)
        }
        "complaint" => {
            let said = json!({
                "complainedRecipients": recipients, "complaintFeedbackType": "abuse",
                "timestamp": now, "feedbackId": Uuid::new_v4(),
            });
            ("Complaint", "complaint", said)
        }
        _ => return Ok(()),
    };
    let tags: BTreeMap<&str, [&str; 1]> = tags.iter().map(|(name, value)| (*name, [*value])).collect();
    let mail = json!({ "timestamp": now, "messageId": id, "destination": [to], "tags": tags });
    let event = json!({ "eventType": kind, name: said, "mail": mail });
    let envelope: Value = json!({
        "Type": "Notification", "MessageId": Uuid::new_v4(), "Timestamp": now,
        "TopicArn": format!("arn:aws:sns:{}:{}:{set}", super::REGION, super::ACCOUNT),
        "Subject": "Amazon SES Email Event Notification", "Message": event.to_string(),
    });
    // No provider is as fast as the sender's own note that the mail was taken.
    let message = NewMessage { body: envelope.to_string(), delay_seconds: 1, ..NewMessage::default() };
    state.send(&format!("{stage}feedback"), &[message]).map(|_| ())
}

fn owned(pairs: &BTreeMap<&str, &str>, name: &str) -> Option<String> {
    pairs.get(name).map(|value| (*value).to_owned())
}

fn is_e164(phone: &str) -> bool {
    phone.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The address alone, without a display name.
fn address(mailbox: &str) -> &str {
    let mailbox = mailbox.trim();
    match mailbox.rsplit_once('<') {
        Some((_, address)) => address.trim_end_matches('>'),
        None => mailbox,
    }
}

/// As much as SES looks at before it tries to deliver.
fn is_address(address: &str) -> bool {
    let parts = address.rsplit_once('@');
    address.is_ascii()
        && !address.contains(|c: char| c.is_whitespace() || c.is_control())
        && parts.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As all instants of Campus are written.
fn in_whole_seconds(instant: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}
