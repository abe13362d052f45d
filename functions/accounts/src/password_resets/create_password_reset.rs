//! `POST /password-resets`: have a link mailed that sets a new password, or a code sent where there is only a phone.
//!
//! Whatever the login, whoever has it and however it can be reached: the answer is the same after the same calls, and
//! the sender drops what is for nobody. An account that waits for its activation is mailed the link for that again.
//!
//! Four round trips: whose the login is; the account; the state of what reaches it, which only the account tells; and
//! the write.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, OUTBOX, REQUESTS};
use campus_domain::{CodeId, PhoneNumber, Timestamp};
use campus_endpoint::{
    Accepted, Body, Caller, Cx, Endpoint, NoPath, NoQuery, Public, Refusals, Request, Route, Settings, post,
};
use campus_messages::RESEND_SECONDS;
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::store::{self, Reset};
use crate::Error;
use crate::captcha_challenges;
use crate::sessions::login::Login;
use crate::users::Account;
use crate::verification_codes::Code;

/// The endpoint.
pub struct CreatePasswordReset;

/// Whose password.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = PasswordReset)]
pub struct Input {
    /// A username, a phone number in any writing, or a mail address.
    #[schema(min_length = 1, max_length = 254, example = "minji_26")]
    login: String,
    /// Of a solved captcha.
    #[schema(example = "the captcha_token that the solution answered")]
    captcha_token: Option<String>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        // A slip is told before it costs a captcha, and tells of nobody.
        if let Some(Err(invalid)) = sent.get("login").and_then(Value::as_str).map(Login::check_possible) {
            refusals.add("/login", invalid);
        }
    }
}

/// If someone has the login, a link is on its way to their mail address; or, if they have only a phone, this code is.
#[derive(Serialize, ToSchema)]
pub struct PasswordResetView {
    /// To be confirmed like any code, if one arrives.
    id: CodeId,
    expires_at: Timestamp,
    /// Seconds until asking again can bring another.
    #[schema(example = 60)]
    resend_after: i64,
}

impl Endpoint for CreatePasswordReset {
    const NAME: &'static str = "create_password_reset";
    const SUMMARY: &'static str = "Ask for a new password";
    const ROUTE: Route = post("/password-resets");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().update().delete(),
        OUTBOX.put(),
        REQUESTS.batch_get().update(),
        CODE_SECRET.read(),
    ];
    const REFUSALS: &'static [Error] =
        &[Error::CaptchaRequired, Error::CaptchaUnavailable, Error::AddressLimit { retry_after: RESEND_SECONDS }];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Accepted<PasswordResetView>;
    type Error = Error;

    fn warm_up() {
        PhoneNumber::warm_up();
    }

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { login, captcha_token } = request.input;
        let (login, captcha_token) = (Login::parse(&login), captcha_token.as_deref());
        // The SDK's futures are large.
        while_raced(|| Box::pin(ask(cx, &login, captcha_token))).await
    }
}

async fn ask(cx: &Cx, login: &Login, captcha_token: Option<&str>) -> Result<Accepted<PasswordResetView>, Error> {
    let captcha = captcha_challenges::store::named_by(captcha_token)?;
    let (verified, asker) =
        tokio::join!(captcha_challenges::store::verify(cx, captcha_token), store::find_asker(cx, captcha, login));
    verified?;
    let (asker, owner) = asker?;
    asker.check_captcha(cx)?;
    asker.check_address(cx)?;
    let account = store::find_account(cx, owner).await?.filter(|account| login.names(account));
    let (mut reset, mut code) = wanted(cx, account);
    let mut sent = store::find_sent(cx, &reset, &code).await?;
    if !sent.allows_more(cx, &reset) {
        // Told as little as what is nobody's.
        (reset, code) = wanted(cx, None);
        sent = sent.of_nobody(&reset);
    }
    let view = PasswordResetView { id: code.id, expires_at: code.code_expires_at, resend_after: RESEND_SECONDS };
    let accepted = Accepted(view);
    store::insert_new(cx, &asker, &reset, &code, &sent, &accepted).await?;
    Ok(accepted)
}

fn wanted(cx: &Cx, account: Option<Account>) -> (Reset, Code) {
    let reset = Reset::of(cx, account);
    let code = reset.code(cx);
    (reset, code)
}
