//! `POST /verification-codes`: have a code sent.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, OUTBOX, REQUESTS};
use campus_domain::{CodeId, PhoneNumber, Timestamp};
use campus_endpoint::{
    Accepted, Body, Caller, Cx, Endpoint, NoPath, NoQuery, Public, Refusals, Request, Route, Settings, post,
};
use campus_messages::{Channel, Purpose, RESEND_SECONDS, SendRefused, Target};
use campus_store::while_raced;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Code, store};
use crate::Error;
use crate::captcha_challenges;

/// The endpoint.
pub struct CreateVerificationCode;

/// What to send where.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    #[eserde(compat)]
    channel: Channel,
    /// A phone number for `sms`, a mail address for `email`.
    #[schema(example = "010-1234-5678")]
    target: String,
    #[eserde(compat)]
    purpose: Purpose,
    /// Of a solved captcha; needed where nobody is signed in.
    #[schema(example = "the captcha_token that the solution answered")]
    captcha_token: Option<String>,
}

impl Body for Input {
    /// What a target is depends on the channel.
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        let channel = sent.get("channel").and_then(|channel| Channel::deserialize(channel).ok());
        let target = sent.get("target").and_then(Value::as_str);
        if let (Some(channel), Some(target)) = (channel, target)
            && let Err(invalid) = Target::parse(channel, target, &settings.phones)
        {
            refusals.add("/target", invalid);
        }
    }
}

/// A code that is on its way.
#[derive(Serialize, ToSchema)]
pub struct CodeView {
    id: CodeId,
    expires_at: Timestamp,
    /// Seconds until another may be asked for.
    #[schema(example = 60)]
    resend_after: i64,
}

impl Endpoint for CreateVerificationCode {
    const NAME: &'static str = "create_verification_code";
    const SUMMARY: &'static str = "Send a verification code";
    const ROUTE: Route = post("/verification-codes");
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.batch_get().put().update(), OUTBOX.put(), REQUESTS.batch_get().update(), CODE_SECRET.read()];
    const REFUSALS: &'static [Error] = &[
        Error::CaptchaRequired,
        Error::PhoneTaken,
        Error::EmailTaken,
        Error::ResendTooSoon { retry_after: RESEND_SECONDS },
        Error::DailyLimit { retry_after: RESEND_SECONDS },
        Error::AddressLimit { retry_after: RESEND_SECONDS },
    ];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Accepted<CodeView>;
    type Error = Error;

    fn warm_up() {
        PhoneNumber::warm_up();
    }

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Accepted<CodeView>, Error> {
        let Input { channel, target, purpose, captcha_token } = request.input;
        let phones = &cx.settings().phones;
        let target =
            Target::parse(channel, &target, phones).map_err(|invalid| Error::Fields(vec![("/target", invalid)]))?;
        while_raced(|| send(cx, captcha_token.as_deref(), purpose, &target)).await
    }
}

/// The order is that of B3.8 to B3.11: nothing is told of a target before the captcha.
async fn send(
    cx: &Cx,
    captcha_token: Option<&str>,
    purpose: Purpose,
    target: &Target,
) -> Result<Accepted<CodeView>, Error> {
    let captcha = captcha_challenges::store::named_by(captcha_token)?;
    let (verified, seen) =
        tokio::join!(captcha_challenges::store::verify(cx, captcha_token), store::find_sending(cx, captcha, target),);
    verified?;
    let seen = seen?;
    if !seen.captcha.as_ref().is_some_and(|captcha| captcha.allows_send(cx.now())) {
        return Err(Error::CaptchaRequired);
    }
    // A code for signing in is answered, counted and queued alike whether anyone has the target: the sender
    // drops what is for nobody.
    if !purpose.needs_account() && seen.owner.is_some() {
        // Told at the price of a check, or one captcha would tell of any number of targets.
        captcha_challenges::store::spend_check(cx, captcha).await?;
        return Err(taken(target));
    }
    if let Some(state) = &seen.state {
        state.check_send(cx.now()).map_err(|refused| match refused {
            SendRefused::TooSoon { retry_after } => Error::ResendTooSoon { retry_after },
            SendRefused::DailyLimit { retry_after } => Error::DailyLimit { retry_after },
        })?;
    }
    if let Some(retry_after) = store::address_limit(cx).wait(seen.window.as_ref(), cx.now()) {
        return Err(Error::AddressLimit { retry_after });
    }
    let code = Code::new(cx.new_id(), purpose, target.clone(), seen.owner, cx.now());
    let accepted = Accepted(CodeView { id: code.id, expires_at: code.code_expires_at, resend_after: RESEND_SECONDS });
    store::insert_new(cx, &code, captcha, &seen, &accepted).await?;
    Ok(accepted)
}

/// Someone has the target.
pub(crate) fn taken(target: &Target) -> Error {
    match target.recipient().channel() {
        Channel::Sms => Error::PhoneTaken,
        Channel::Email => Error::EmailTaken,
    }
}
