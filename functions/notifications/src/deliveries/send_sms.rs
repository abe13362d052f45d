//! `send_sms`: hands text messages to SNS.

use aws_sdk_sns::types::MessageAttributeValue;
use campus_aws::{CODE_SECRET, Grant, NOTIFICATIONS, REQUESTS, SMS, SMS_QUEUE};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::Message;
use futures::future::join_all;

use super::{ProviderError, content, deliver};

/// The worker.
pub struct SendSms;

impl Worker for SendSms {
    const NAME: &'static str = "send_sms";
    const SOURCE: Source = Source::Queue(SMS_QUEUE, 10);
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.put(), REQUESTS.get().update(), CODE_SECRET.read(), SMS.publish()];
    type Message = Message;

    async fn handle(cx: &Cx, batch: Vec<Message>) -> Vec<Result<(), WorkError>> {
        join_all(batch.iter().map(|message| send(cx, message))).await
    }
}

async fn send(cx: &Cx, message: &Message) -> Result<(), WorkError> {
    // The SDK's futures are large, and a batch holds ten.
    Box::pin(deliver(cx, message, |derived| async move {
        let text = campus_text::sms(message.locale, &content(message, &derived));
        let answer = cx
            .clients()
            .sns()
            .publish()
            .phone_number(message.to.as_str())
            .message(text)
            // Codes, and what concerns an account's safety, are worth a carrier's reliable route.
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional")?)
            .message_attributes("campus.kind", attribute(message.topic.kind())?)
            .message_attributes("campus.delivery", attribute(&message.id.to_string())?)
            .send()
            .await
            .map_err(|error| ProviderError::of(&error))?;
        Ok(answer.message_id.unwrap_or_default())
    }))
    .await
}

fn attribute(value: &str) -> Result<MessageAttributeValue, ProviderError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| ProviderError::unsendable(&error))
}
