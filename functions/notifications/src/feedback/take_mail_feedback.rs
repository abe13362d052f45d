//! `take_mail_feedback`: takes note of mail that did not arrive or was not wanted, so that no more is sent there.

use std::collections::HashMap;

use campus_aws::{FEEDBACK_QUEUE, Grant, NOTIFICATIONS};
use campus_domain::{DeliveryId, UserId};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use futures::future::{join_all, try_join_all};
use serde::Deserialize;

use super::{Verdict, store};
use crate::deliveries;

/// The worker.
pub struct TakeMailFeedback;

/// What SNS puts in a queue: the event is a text within.
#[derive(Deserialize)]
pub struct Envelope {
    #[serde(rename = "Message")]
    message: String,
}

/// An event of SES, as far as it concerns us.
/// See <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    mail: Mail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    /// `Permanent`, `Transient` or `Undetermined`.
    bounce_type: String,
    /// Such as `General` or `NoEmail`.
    bounce_sub_type: Option<String>,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complained_recipients: Vec<Recipient>,
    /// Such as `abuse`; some providers say nothing.
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
    /// The code of RFC 3463, such as 5.1.1. What the other server says beside it mostly repeats the address.
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

impl Worker for TakeMailFeedback {
    const NAME: &'static str = "take_mail_feedback";
    const SOURCE: Source = Source::Queue(FEEDBACK_QUEUE, 10);
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.update()];
    type Message = Envelope;

    async fn handle(cx: &Cx, batch: Vec<Envelope>) -> Vec<Result<(), WorkError>> {
        join_all(batch.iter().map(|envelope| take(cx, envelope))).await
    }
}

async fn take(cx: &Cx, envelope: &Envelope) -> Result<(), WorkError> {
    // Without serde's words, which may repeat an address.
    let event: Event =
        serde_json::from_str(&envelope.message).map_err(|_| WorkError::new("it is no event of a mail"))?;
    let Some((verdict, recipients)) = event.verdict() else { return Ok(()) };
    let suppressed = try_join_all(recipients.iter().map(|to| store::suppress(cx, &to.email_address, verdict)));
    let (suppressed, marked) = tokio::join!(suppressed, event.mail.mark(cx, verdict, event.message()));
    suppressed?;
    marked
}

impl Event {
    /// What is said, and of whom; nothing for what need not be acted on: a mailbox that is full is tried again by SES
    /// itself, and a reader who says that a mail was wanted after all complains of nothing.
    fn verdict(&self) -> Option<(Verdict, &[Recipient])> {
        match (self.event_type.as_str(), &self.bounce, &self.complaint) {
            ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
                Some((Verdict::Bounced, &bounce.bounced_recipients))
            }
            ("Complaint", _, Some(complaint)) if complaint.complaint_feedback_type.as_deref() != Some("not-spam") => {
                Some((Verdict::Complained, &complaint.complained_recipients))
            }
            _ => None,
        }
    }

    /// What the provider says about it.
    fn message(&self) -> Option<String> {
        let words = match (&self.bounce, &self.complaint) {
            (Some(bounce), _) => {
                let status = bounce.bounced_recipients.first().and_then(|recipient| recipient.status.clone());
                [Some(bounce.bounce_type.clone()), bounce.bounce_sub_type.clone(), status]
            }
            (None, Some(complaint)) => [complaint.complaint_feedback_type.clone(), None, None],
            (None, None) => return None,
        };
        let words: Vec<String> = words.into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

impl Mail {
    /// Writes it into the ledger, if the mail is of one that its sender labelled.
    async fn mark(&self, cx: &Cx, verdict: Verdict, message: Option<String>) -> Result<(), WorkError> {
        let tag = |name: &str| self.tags.get(name)?.first();
        let Some(id) = tag("delivery").and_then(|id| DeliveryId::parse(id).ok()) else { return Ok(()) };
        let owner = tag("owner").and_then(|owner| UserId::parse(owner).ok());
        deliveries::fail_sent(cx, owner, id, &self.message_id, verdict.code(), message.as_deref()).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verdict_of(event: &Value) -> Option<(Verdict, Vec<String>)> {
        let event: Event = serde_json::from_value(event.clone()).expect("it is an event");
        let (verdict, recipients) = event.verdict()?;
        Some((verdict, recipients.iter().map(|recipient| recipient.email_address.clone()).collect()))
    }

    #[test]
    fn what_bounced_for_good_or_was_complained_of_counts_and_nothing_else() {
        let bounce = |bounce_type: &str| {
            json!({
                "eventType": "Bounce",
                "bounce": {
                    "bounceType": bounce_type, "bounceSubType": "General",
                    "bouncedRecipients": [{ "emailAddress": "a@campus.example", "status": "5.1.1" }]
                },
                "mail": { "messageId": "1", "destination": ["a@campus.example"] }
            })
        };
        let bounced = Some((Verdict::Bounced, vec!["a@campus.example".to_owned()]));
        assert_eq!(verdict_of(&bounce("Permanent")), bounced);
        assert_eq!(verdict_of(&bounce("Transient")), None);
        assert_eq!(verdict_of(&bounce("Undetermined")), None);

        let complaint = |kind: Value| {
            json!({
                "eventType": "Complaint",
                "complaint": {
                    "complainedRecipients": [{ "emailAddress": "a@campus.example" }], "complaintFeedbackType": kind
                },
                "mail": { "messageId": "1", "tags": { "delivery": ["x"] } }
            })
        };
        let complained = Some((Verdict::Complained, vec!["a@campus.example".to_owned()]));
        assert_eq!(verdict_of(&complaint("abuse".into())), complained);
        assert_eq!(verdict_of(&complaint(Value::Null)), complained);
        assert_eq!(verdict_of(&complaint("not-spam".into())), None);
        assert_eq!(verdict_of(&json!({ "eventType": "Delivery", "mail": { "messageId": "1" } })), None);
    }
}
