//! Text messages, as SNS takes them.

use aws_sdk_sns::types::MessageAttributeValue;
use campus_domain::PhoneNumber;
use campus_endpoint::Cx;

use super::{Parcel, ProviderError};

/// Hands a text message to SNS, and returns SNS's id of it.
pub(crate) async fn publish(
    cx: &Cx,
    phone: &PhoneNumber,
    text: String,
    parcel: &Parcel,
) -> Result<String, ProviderError> {
    let answer = cx
        .clients()
        .sns()
        .publish()
        .phone_number(phone.as_str())
        .message(text)
        // Codes, what concerns an account's safety and what someone asked to be told in time are worth a carrier's
        // reliable route.
        .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional")?)
        .message_attributes("campus.kind", attribute(parcel.topic)?)
        .message_attributes("campus.delivery", attribute(&parcel.id.to_string())?)
        .send()
        .await
        .map_err(|error| ProviderError::of(&error))?;
    Ok(answer.message_id.unwrap_or_default())
}

fn attribute(value: &str) -> Result<MessageAttributeValue, ProviderError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| ProviderError::unsendable(&error))
}
