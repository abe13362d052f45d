//! Deliveries: each message is claimed in the ledger, handed to the provider once, and settled.

pub mod send_email;
pub mod send_sms;
mod store;

use campus_aws::CODE_SECRET;
use campus_domain::Timestamp;
use campus_endpoint::{Cx, WorkError};
use campus_messages::{CODE_SECONDS, Message, Recipient, Target, TargetState, Topic};
use campus_secrets::derive_code;
use campus_text::Content;

pub use store::{Delivery, DeliveryStatus};

/// What a provider said when it did not take a message.
pub(crate) struct ProviderError {
    /// Its code, such as `Throttled`.
    pub(crate) code: String,
    /// Its words.
    pub(crate) message: String,
}

impl ProviderError {
    /// The code and message of an SDK error; one that never reached the provider has neither.
    pub(crate) fn of<E: aws_sdk_sns::error::ProvideErrorMetadata>(error: &E) -> Self {
        Self {
            code: error.code().unwrap_or("unreachable").to_owned(),
            message: error.message().unwrap_or("the provider could not be reached").to_owned(),
        }
    }
}

/// Sends one message unless the ledger says that it was sent.
///
/// `hand_over` gives the rendered message to the provider, which answers with its own id.
pub(crate) async fn deliver<F>(
    cx: &Cx,
    message: &Message,
    hand_over: impl FnOnce(campus_domain::VerificationCode) -> F + Send,
) -> Result<(), WorkError>
where
    F: Future<Output = Result<String, ProviderError>> + Send,
{
    let Topic::VerificationCode { code_id, purpose, expires_at } = message.topic.clone();
    let target = Target::from(message.to.clone());
    let (claimed, secret, unwanted) = tokio::join!(
        store::claim(cx, message),
        cx.secrets().read(CODE_SECRET),
        unwanted(cx, &target, code_id, expires_at),
    );
    let Some(mut delivery) = claimed? else { return Ok(()) };
    let (secret, unwanted) = match (secret, unwanted) {
        (Ok(secret), Ok(unwanted)) => (secret, unwanted),
        (secret, unwanted) => {
            // The claim is given back, or the code would count as lost after its lease.
            delivery.fail("unavailable", "what the message needs could not be read");
            store::settle(cx, &delivery).await?;
            secret.map_err(WorkError::new)?;
            unwanted?;
            return Err(WorkError::new("what the message needs could not be read"));
        }
    };
    if let Some((reason, words)) = unwanted {
        delivery.fail(reason, words);
        return Ok(store::settle(cx, &delivery).await?);
    }
    let code = derive_code(&secret, code_id, purpose.as_str(), target.as_str());
    match hand_over(code).await {
        Ok(provider_id) => {
            delivery.succeed(provider_id);
            Ok(store::settle(cx, &delivery).await?)
        }
        Err(ProviderError { code, message }) => {
            delivery.fail(&code, &message);
            // The person may ask again at once: this send did not happen.
            let release = TargetState::release_interval(cx.store(), &target, code_id, cx.now());
            let (settled, released) = tokio::join!(store::settle(cx, &delivery), release);
            settled?;
            released?;
            Err(WorkError::new(format!("the provider refused with {code}")))
        }
    }
}

/// Why a message is not to be sent after all, as code and words.
///
/// A code that is worth nothing by now would only confuse: it is late, or a newer one was asked for. And
/// whoever queued a text message, none leaves a stage for a number that it does not send to.
async fn unwanted(
    cx: &Cx,
    target: &Target,
    code_id: campus_domain::CodeId,
    expires_at: Timestamp,
) -> Result<Option<(&'static str, &'static str)>, WorkError> {
    if let Recipient::Sms(phone) = target.recipient()
        && cx.settings().phones.check(phone).is_err()
    {
        return Ok(Some(("not_served", "this stage sends no text messages to the number")));
    }
    if expires_at <= cx.now() {
        return Ok(Some(("expired", "the code was no longer valid")));
    }
    let state = cx.store().find::<TargetState>(&target.state_key()).await?;
    Ok(state.is_some_and(|state| state.code_id != code_id).then_some(("superseded", "a newer code was asked for")))
}

/// The content of a verification code's message. Its minutes are those that the code is checked by.
pub(crate) fn content<'a>(message: &Message, code: &'a campus_domain::VerificationCode) -> Content<'a> {
    let Topic::VerificationCode { purpose, .. } = &message.topic;
    Content::VerificationCode {
        code: code.as_str(),
        purpose: purpose.as_str(),
        minutes: u32::try_from(CODE_SECONDS / 60).unwrap_or_default(),
    }
}
