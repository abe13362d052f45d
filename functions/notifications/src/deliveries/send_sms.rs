//! `send_sms`: hands text messages to SNS.

use campus_aws::{CODE_SECRET, Grant, NOTIFICATIONS, REQUESTS, SMS, SMS_QUEUE};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::{Message, Recipient};
use futures::future::join_all;

use super::sms::publish;
use super::{Parcel, ProviderError, content, deliver};

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
        match &message.to {
            Recipient::Sms(phone) => {
                let text = campus_text::sms(message.locale, phone, &content(message, &derived));
                publish(cx, phone, text, &Parcel::from(message)).await
            }
            Recipient::Email(_) => Err(ProviderError::unsendable(&"a mail in the queue of text messages")),
        }
    }))
    .await
}
