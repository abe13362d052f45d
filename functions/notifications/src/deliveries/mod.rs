//! Deliveries: each message is claimed in the ledger, handed to the provider once, and settled.

pub mod list_deliveries;
pub mod mail;
pub mod send_email;
pub mod send_sms;
pub(crate) mod sms;
mod store;

use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use campus_aws::CODE_SECRET;
use campus_domain::VerificationCode;
use campus_endpoint::{Cx, Limit, WorkError};
use campus_messages::{CODE_SECONDS, LinkPurpose, Message, RESTORABLE_DAYS, Recipient, Target, TargetState, Topic};
use campus_secrets::{Label, derive_code, issue_token};
use campus_text::Content;

pub(crate) use store::fail_sent;
pub use store::{Delivery, DeliveryStatus};
pub(crate) use store::{Parcel, claim, claim_new, list_by_owner, partition, settle_all};

use crate::feedback::store::find_suppression;

/// Texts a day that tell one account what happened to it. Whoever makes things happen to their own account would be
/// sent any number of them otherwise, and some earn by each; who reads their events misses none.
const NEWS_BY_TEXT: Limit = Limit { name: "security_texts", max: 5, window_seconds: 24 * 60 * 60 };

/// What a provider said when it did not take a message.
pub(crate) struct ProviderError {
    /// Its code, such as `Throttled`.
    pub(crate) code: String,
    /// Its words.
    pub(crate) message: String,
    /// Whether it may have taken the message all the same: it did not answer.
    pub(crate) in_doubt: bool,
}

impl ProviderError {
    /// What an SDK error tells; only a provider that answers has a code and words.
    pub(crate) fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        let refusal = error.as_service_error();
        Self {
            code: refusal.and_then(ProvideErrorMetadata::code).unwrap_or("unreachable").to_owned(),
            message: refusal
                .and_then(ProvideErrorMetadata::message)
                .unwrap_or("the provider did not answer")
                .to_owned(),
            in_doubt: refusal.is_none() && !matches!(error, SdkError::ConstructionFailure(_)),
        }
    }

    /// A message that cannot be handed over.
    pub(crate) fn unsendable(error: &impl std::fmt::Display) -> Self {
        Self { code: "unsendable".to_owned(), message: error.to_string(), in_doubt: false }
    }
}

/// What a message contains that is nowhere stored.
pub(crate) enum Derived {
    Nothing,
    Code(VerificationCode),
    /// A whole address.
    Link(String),
}

/// Sends one message unless the ledger says that it was sent.
///
/// `hand_over` gives the rendered message to the provider, which answers with its own id.
pub(crate) async fn deliver<F>(
    cx: &Cx,
    message: &Message,
    hand_over: impl FnOnce(Derived) -> F + Send,
) -> Result<(), WorkError>
where
    F: Future<Output = Result<String, ProviderError>> + Send,
{
    if is_for_nobody(message) {
        return Ok(());
    }
    let target = Target::from(message.to.clone());
    let parcel = Parcel::from(message);
    let (claimed, derived, unwanted) =
        tokio::join!(claim(cx, &parcel), derived(cx, message, &target), unwanted(cx, message, &target));
    let Some(mut delivery) = claimed? else { return Ok(()) };
    let (derived, unwanted) = match (derived, unwanted) {
        (Ok(derived), Ok(unwanted)) => (derived, unwanted),
        (derived, unwanted) => {
            // The claim is given back, or the code would count as lost after its lease.
            delivery.fail("unavailable", "what the message needs could not be read");
            store::settle(cx, &delivery).await?;
            derived?;
            unwanted?;
            return Err(WorkError::new("what the message needs could not be read"));
        }
    };
    if let Some((reason, words)) = unwanted {
        delivery.fail(reason, words);
        return Ok(store::settle(cx, &delivery).await?);
    }
    match hand_over(derived).await {
        Ok(provider_id) => {
            delivery.succeed(provider_id);
            Ok(store::settle(cx, &delivery).await?)
        }
        Err(ProviderError { code, message: words, in_doubt: true }) if !message.topic.survives_doubt() => {
            delivery.doubt(&code, &words);
            Ok(store::settle(cx, &delivery).await?)
        }
        // What nobody could ask for again is sent once more.
        Err(ProviderError { code, message: words, .. }) => {
            delivery.fail(&code, &words);
            let (settled, released) = tokio::join!(store::settle(cx, &delivery), release(cx, message, &target));
            settled?;
            released?;
            Err(WorkError::new(format!("the provider refused with {code}")))
        }
    }
}

/// Whether a code or a link was asked for something that no account has. Whoever asked must not be able to tell, so it
/// came all the way; here it ends, without a trace in the ledger, which is of what people were sent.
fn is_for_nobody(message: &Message) -> bool {
    match message.topic {
        Topic::VerificationCode { purpose, .. } => purpose.needs_account() && message.owner.is_none(),
        Topic::Link { .. } => message.owner.is_none(),
        Topic::Security { .. } => false,
    }
}

/// What a message contains that is nowhere stored.
async fn derived(cx: &Cx, message: &Message, target: &Target) -> Result<Derived, WorkError> {
    match message.topic {
        Topic::VerificationCode { code_id, purpose, .. } => {
            let secret = cx.secrets().read(CODE_SECRET).await.map_err(WorkError::new)?;
            Ok(Derived::Code(derive_code(&secret, code_id, purpose.as_str(), target.as_str())))
        }
        Topic::Link { link_id, purpose, .. } => {
            let secret = cx.secrets().read(CODE_SECRET).await.map_err(WorkError::new)?;
            let token = issue_token(&secret, label_of(purpose), link_id);
            // B0.5: the host is a parameter of the stage, whoever asked from wherever.
            Ok(Derived::Link(format!("{}/{}?token={token}", cx.settings().web_url, purpose.page())))
        }
        Topic::Security { .. } => Ok(Derived::Nothing),
    }
}

/// The person may ask for another code at once: the send of this one did not happen.
async fn release(cx: &Cx, message: &Message, target: &Target) -> Result<(), WorkError> {
    match message.topic {
        Topic::VerificationCode { code_id, .. } => {
            Ok(TargetState::release_interval(cx.store(), target, code_id, cx.now()).await?)
        }
        Topic::Link { .. } | Topic::Security { .. } => Ok(()),
    }
}

/// Why a message is not to be sent after all, as code and words.
///
/// A code that is worth nothing by now would only confuse: it is late, or a newer one was asked for. Mail to an address
/// that does not exist costs the sender's reputation. And whoever queued a text message, none leaves a stage for a
/// number that it does not send to.
async fn unwanted(
    cx: &Cx,
    message: &Message,
    target: &Target,
) -> Result<Option<(&'static str, &'static str)>, WorkError> {
    if let Recipient::Sms(phone) = target.recipient()
        && cx.settings().phones.check(phone).is_err()
    {
        return Ok(Some(("not_served", "this stage sends no text messages to the number")));
    }
    let (suppressed, outdated, repeated) =
        tokio::join!(suppressed(cx, target), outdated(cx, message, target), repeated(cx, message));
    Ok(suppressed?.or(outdated?).or(repeated?))
}

async fn suppressed(cx: &Cx, target: &Target) -> Result<Option<(&'static str, &'static str)>, WorkError> {
    let Recipient::Email(address) = target.recipient() else { return Ok(None) };
    let suppression = find_suppression(cx, address).await?;
    let stops = suppression.is_some_and(|suppression| suppression.stops_all());
    Ok(stops.then_some(("suppressed", "mail to the address came back before")))
}

/// Counts a text of what happened to an account, once more where it comes again.
async fn repeated(cx: &Cx, message: &Message) -> Result<Option<(&'static str, &'static str)>, WorkError> {
    let (Topic::Security { .. }, Recipient::Sms(_), Some(owner)) = (&message.topic, &message.to, message.owner) else {
        return Ok(None);
    };
    let wait = NEWS_BY_TEXT.spend(cx.store(), &owner.to_string(), cx.now()).await?;
    Ok(wait.map(|_| ("repeated", "the account was sent enough texts of what happened to it in a day")))
}

async fn outdated(
    cx: &Cx,
    message: &Message,
    target: &Target,
) -> Result<Option<(&'static str, &'static str)>, WorkError> {
    let (code_id, expires_at) = match message.topic {
        Topic::VerificationCode { code_id, expires_at, .. } => (Some(code_id), expires_at),
        Topic::Link { expires_at, .. } => (None, expires_at),
        Topic::Security { .. } => return Ok(None),
    };
    if expires_at <= cx.now() {
        return Ok(Some(("expired", "what the message is about was no longer valid")));
    }
    let Some(code_id) = code_id else { return Ok(None) };
    let state = cx.store().find::<TargetState>(&target.state_key()).await?;
    Ok(state.is_some_and(|state| state.code_id != code_id).then_some(("superseded", "a newer code was asked for")))
}

/// The content of a message. A code's minutes are those that it is checked by.
pub(crate) fn content<'a>(message: &Message, derived: &'a Derived) -> Content<'a> {
    match message.topic {
        Topic::VerificationCode { purpose, .. } => Content::VerificationCode {
            code: if let Derived::Code(code) = derived { code.as_str() } else { "" },
            purpose: purpose.as_str(),
            minutes: u32::try_from(CODE_SECONDS / 60).unwrap_or_default(),
        },
        Topic::Link { purpose, .. } => Content::Link {
            purpose: purpose.as_str(),
            url: if let Derived::Link(url) = derived { url } else { "" },
            seconds: purpose.seconds().unsigned_abs(),
        },
        Topic::Security { event } => Content::Security { event: event.as_str(), restorable_days: RESTORABLE_DAYS },
    }
}

/// What the tokens of links are sealed as, by what they are for.
const fn label_of(purpose: LinkPurpose) -> Label {
    match purpose {
        LinkPurpose::Activation => Label::Activation,
        LinkPurpose::PasswordReset => Label::PasswordReset,
    }
}
