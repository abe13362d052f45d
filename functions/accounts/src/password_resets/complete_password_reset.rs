//! `POST /password-reset-completions`: set a new password, by the token of a mailed link or the proof of a
//! `reset_password` code. Every session ends.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, OUTBOX, PASSWORD_PEPPER, REQUESTS, SESSIONS};
use campus_domain::{Invalid, LinkId, Password, UserId};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoContent, NoPath, NoQuery, Public, Refusals, Request, Route, Settings, Tuning, post,
};
use campus_messages::Purpose;
use campus_secrets::{Label, open_token, peek_token};
use campus_store::while_raced;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::store::{self, By};
use crate::Error;
use crate::links::{self, Link};
use crate::passwords;
use crate::sessions::throttle::{Attempt, Subject};
use crate::users::Account;
use crate::users::store::{Person, find_person};
use crate::verification_codes::{self, proven};

/// The endpoint.
pub struct CompletePasswordReset;

/// The new password, and what shows that it is the owner who sets it: `token` or `proof`.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = PasswordResetCompletion)]
pub struct Input {
    /// What stands behind `?token=` in the link.
    #[schema(example = "the token of the link in the mail")]
    token: Option<String>,
    /// Of a confirmed `reset_password` code.
    proof: Option<String>,
    #[schema(example = "vier kleine eendjes")]
    new_password: Password,
    #[expect(dead_code, reason = "compared as it was sent, see `rules`")]
    #[schema(example = "vier kleine eendjes")]
    new_password_confirmation: Password,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        passwords::check_new(sent, settings, refusals);
        let is_absent = |name: &str| sent.get(name).is_none_or(Value::is_null);
        if is_absent("token") && is_absent("proof") {
            refusals.add("/token", Invalid::Required);
        }
    }
}

impl Endpoint for CompletePasswordReset {
    const NAME: &'static str = "complete_password_reset";
    const SUMMARY: &'static str = "Set a new password";
    const ROUTE: Route = post("/password-reset-completions");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update(),
        SESSIONS.batch_get().query().update().check(),
        OUTBOX.put(),
        REQUESTS.delete(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
    ];
    const REFUSALS: &'static [Error] = &[
        Error::LinkInvalid,
        Error::LinkExpired,
        Error::LinkSpent,
        Error::ProofInvalid,
        Error::ProofMismatch,
        Error::ProofExpired,
        Error::ProofSpent,
    ];
    const TUNING: Tuning = Tuning::HASHING;
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<NoContent, Error> {
        let Input { token, proof, new_password, .. } = request.input;
        let (secret, pepper, by) =
            tokio::join!(cx.secrets().read(CODE_SECRET), cx.secrets().read(PASSWORD_PEPPER), async {
                match (&token, &proof) {
                    (Some(token), _) => by_link(cx, token).await,
                    (None, Some(proof)) => by_proof(cx, proof).await,
                    (None, None) => Err(Error::LinkInvalid),
                }
            });
        let (secret, pepper, (user_id, by)) = (secret?, pepper?, by?);
        let attempt = Attempt::new(cx, &secret, Subject::Account(user_id));
        // The SDK's futures are large.
        while_raced(|| {
            Box::pin(async {
                let person = find_person(cx, user_id, None, None).await?;
                let is_good = |person: &Person| by.reaches(&person.account) && !person.account.is_going();
                let person = person.filter(is_good).ok_or(Error::LinkExpired)?;
                by.check_newer_than_password(&person.account)?;
                passwords::check_new_of(&new_password, &person.account)?;
                let account = Account {
                    password_hash: Some(passwords::hash(new_password.clone(), &pepper).await?),
                    password_set_at: Some(cx.now()),
                    updated_at: cx.now(),
                    version: person.account.version + 1,
                    ..person.account.clone()
                };
                store::complete(cx, &person, &account, &by, &attempt).await?;
                Ok(NoContent)
            })
        })
        .await
    }
}

async fn by_link(cx: &Cx, token: &str) -> Result<(UserId, By), Error> {
    let id: LinkId = peek_token(token).ok_or(Error::LinkInvalid)?;
    let (secret, link) = tokio::join!(cx.secrets().read(CODE_SECRET), links::store::find(cx, id));
    if open_token(&secret?, Label::PasswordReset, token) != Some(id) {
        return Err(Error::LinkInvalid);
    }
    let (link, user_id) = Link::judge(link?, cx.now())?;
    Ok((user_id, By::Link(link)))
}

async fn by_proof(cx: &Cx, proof: &str) -> Result<(UserId, By), Error> {
    let id = verification_codes::named_by(proof)?;
    let (verified, code) =
        tokio::join!(verification_codes::verify(cx, Some(proof)), verification_codes::store::find(cx, id));
    verified?;
    let code = proven(code?, Purpose::ResetPassword, None, cx.now())?;
    // Nobody was sent the code of a target that no account has: this one was guessed.
    let user_id = code.account.ok_or(Error::ProofInvalid)?;
    Ok((user_id, By::Proof(code)))
}
