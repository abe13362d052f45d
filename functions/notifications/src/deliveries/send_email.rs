//! `send_email`: hands mail to SES.

use aws_sdk_ses::error::BuildError;
use aws_sdk_ses::types::{Body, Content, Destination, Message as Mail, MessageTag};
use campus_aws::{CODE_SECRET, EMAIL, EMAIL_QUEUE, Grant, NOTIFICATIONS, REQUESTS};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::Message;
use futures::future::join_all;

use super::{ProviderError, content, deliver};

/// The worker.
pub struct SendEmail;

impl Worker for SendEmail {
    const NAME: &'static str = "send_email";
    const SOURCE: Source = Source::Queue(EMAIL_QUEUE, 10);
    const GRANTS: &'static [Grant] =
        &[NOTIFICATIONS.get().put(), REQUESTS.get().update(), CODE_SECRET.read(), EMAIL.send_email()];
    type Message = Message;

    async fn handle(cx: &Cx, batch: Vec<Message>) -> Vec<Result<(), WorkError>> {
        join_all(batch.iter().map(|message| send(cx, message))).await
    }
}

async fn send(cx: &Cx, message: &Message) -> Result<(), WorkError> {
    // The SDK's futures are large, and a batch holds ten.
    Box::pin(deliver(cx, message, |derived| async move {
        let rendered = campus_text::email(message.locale, &content(message, &derived));
        let unsendable = |error: BuildError| ProviderError::unsendable(&error);
        let utf8 = |text: String| Content::builder().data(text).charset("UTF-8").build();
        let body = Body::builder()
            .text(utf8(rendered.text).map_err(unsendable)?)
            .html(utf8(rendered.html).map_err(unsendable)?)
            .build();
        let mail = Mail::builder().subject(utf8(rendered.subject).map_err(unsendable)?).body(body).build();
        let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build();
        // By these, what mailbox providers say of the mail finds its way back.
        let owner = message.owner.map(|owner| tag("owner", &owner.to_string())).transpose();
        let mut request = cx.clients().ses().send_email();
        if let Some(owner) = owner.map_err(unsendable)? {
            request = request.tags(owner);
        }
        let answer = request
            .configuration_set_name(cx.clients().mail_configuration())
            .source(&cx.settings().email_sender)
            .destination(Destination::builder().to_addresses(message.to.as_str()).build())
            .message(mail)
            .tags(tag("kind", message.topic.kind()).map_err(unsendable)?)
            .tags(tag("delivery", &message.id.to_string()).map_err(unsendable)?)
            .send()
            .await
            .map_err(|error| ProviderError::of(&error))?;
        Ok(answer.message_id)
    }))
    .await
}
