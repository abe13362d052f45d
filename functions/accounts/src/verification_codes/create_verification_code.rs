//! `POST /verification-codes`: have a code sent.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, OUTBOX, REQUESTS};
use campus_domain::{CodeId, Invalid, PhoneNumber, Timestamp, UserId};
use campus_endpoint::{
    Accepted, Body, Caller, Cx, Endpoint, Measure, NoPath, NoQuery, OptionalSession, Refusals, Request, Route,
    Settings, post,
};
use campus_messages::{Ask, Channel, Purpose, RESEND_SECONDS, Target};
use campus_store::while_raced;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::store::Sending;
use super::{Code, store};
use crate::Error;
use crate::captcha_challenges;
use crate::users::contacts::unchanged;

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
    /// Of a solved captcha; needed for `sign_up`, `sign_in` and `reset_password`. The other purposes need a session.
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
        let purpose = sent.get("purpose").and_then(|purpose| Purpose::deserialize(purpose).ok());
        if let (Some(channel), Some(only)) = (channel, purpose.and_then(Purpose::channel))
            && channel != only
        {
            refusals.add("", Invalid::ChannelNotForPurpose);
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
        Error::CaptchaUnavailable,
        Error::SessionRequired,
        Error::AccountNotFound,
        Error::PhoneTaken,
        Error::EmailTaken,
        Error::PhoneUnchanged,
        Error::EmailUnchanged,
        Error::PasswordNotSet,
        Error::ResendTooSoon { retry_after: RESEND_SECONDS },
        Error::DailyLimit { retry_after: RESEND_SECONDS },
        Error::AddressLimit { retry_after: RESEND_SECONDS },
        Error::PrefixBlocked { retry_after: RESEND_SECONDS },
        Error::SmsBudgetExhausted { retry_after: RESEND_SECONDS },
    ];
    type Access = OptionalSession;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Accepted<CodeView>;
    type Error = Error;

    fn warm_up() {
        PhoneNumber::warm_up();
    }

    async fn handle(
        cx: &Cx,
        caller: Caller<OptionalSession>,
        request: Request<Self>,
    ) -> Result<Accepted<CodeView>, Error> {
        let Input { channel, target, purpose, captcha_token } = request.input;
        let phones = &cx.settings().phones;
        let target =
            Target::parse(channel, &target, phones).map_err(|invalid| Error::Fields(vec![("/target", invalid)]))?;
        let asking = match purpose.ask() {
            Ask::Captcha => Asking::Stranger { captcha_token: captcha_token.as_deref() },
            Ask::Session => Asking::Owner(caller.identity.as_ref().ok_or(Error::SessionRequired)?.user_id),
        };
        // The SDK's futures are large.
        let accepted = while_raced(|| Box::pin(send(cx, asking, purpose, &target))).await;
        if matches!(accepted, Err(Error::PrefixBlocked { .. } | Error::SmsBudgetExhausted { .. })) {
            cx.measure(Measure::SmsRefusals, 1);
        }
        accepted
    }
}

/// Who asks for a code.
#[derive(Clone, Copy)]
enum Asking<'a> {
    /// Someone who has solved a captcha.
    Stranger { captcha_token: Option<&'a str> },
    /// Someone who is signed in, for their own account.
    Owner(UserId),
}

/// The order is that of B3.8 to B3.11: nothing is told of a target before the captcha, or to anyone but a member.
async fn send(cx: &Cx, asking: Asking<'_>, purpose: Purpose, target: &Target) -> Result<Accepted<CodeView>, Error> {
    let (verified, named, caller) = match asking {
        Asking::Stranger { captcha_token } => {
            let captcha = captcha_challenges::store::named_by(captcha_token)?;
            (Some(captcha_token), Some(captcha), None)
        }
        Asking::Owner(user_id) => (None, None, Some(user_id)),
    };
    let verified = async {
        match verified {
            Some(token) => captcha_challenges::store::verify(cx, token).await,
            None => Ok(()),
        }
    };
    let (verified, seen) = tokio::join!(verified, store::find_sending(cx, named, caller, target, purpose));
    verified?;
    let seen = seen?;
    seen.asker.check_captcha(cx)?;
    if caller.is_none() && purpose.claims_target() && seen.owner.is_some() {
        return Err(seen.asker.tell_taken(cx, target).await);
    }
    if caller.is_some() {
        check_own(cx, purpose, target, &seen)?;
    }
    seen.check_limits(cx)?;
    // A code for signing in, or for a new password, is answered, counted and queued alike whether anyone has the
    // target: the sender drops what is for nobody.
    let code = Code::new(cx.new_id(), purpose, target.clone(), caller.or(seen.owner), cx.now());
    let accepted = Accepted(CodeView { id: code.id, expires_at: code.code_expires_at, resend_after: RESEND_SECONDS });
    store::insert_new(cx, &code, &seen, &accepted).await?;
    Ok(accepted)
}

/// Whether the target is one for what the account wants to do: a new one, or one that it has proven.
fn check_own(cx: &Cx, purpose: Purpose, target: &Target, seen: &Sending) -> Result<(), Error> {
    let account = seen.account.as_ref().filter(|account| account.is_in_use_at(cx.now()));
    let account = account.ok_or(Error::AccountNotFound)?;
    let is_own = account.has_proven(target);
    match purpose {
        Purpose::ChangePhone | Purpose::ChangeEmail if is_own => Err(unchanged(target)),
        Purpose::ChangePhone | Purpose::ChangeEmail if seen.owner.is_some() => Err(taken(target)),
        Purpose::ChangePassword | Purpose::DeleteAccount if !is_own => {
            Err(Error::Fields(vec![("/target", Invalid::TargetNotOwn)]))
        }
        // Before a message is sent that leads to this refusal.
        Purpose::ChangePassword if account.password_hash.is_none() => Err(Error::PasswordNotSet),
        _ => Ok(()),
    }
}

/// Someone has the target.
pub(crate) fn taken(target: &Target) -> Error {
    match target.recipient().channel() {
        Channel::Sms => Error::PhoneTaken,
        Channel::Email => Error::EmailTaken,
    }
}
