//! `DELETE /users/me`: delete my account, by its password or the proof of a `delete_account` code.
//!
//! Nobody sees the person or writes to them any more, and every session ends, at once. Signing in takes the account
//! back until it is purged, a month later.

use campus_aws::{ACCOUNTS, CODE_SECRET, CONTACTS, Grant, OUTBOX, PASSWORD_PEPPER, PROFILES, REQUESTS, SESSIONS};
use campus_domain::{CodeId, Invalid, Password};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Member, NoContent, NoPath, NoQuery, Refusals, Request, Route, Settings, Tuning,
    WithCookies, delete,
};
use campus_messages::Purpose;
use campus_session::Session;
use campus_store::while_raced;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::store;
use crate::Error;
use crate::passwords::{self, Verdict};
use crate::verification_codes::{self, proven};

/// The endpoint.
pub struct DeleteCurrentUser;

/// What shows that it is the owner who wants it: `password` or `proof`.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = AccountDeletion)]
pub struct Input {
    #[schema(value_type = Option<String>, format = Password, example = "drie kleine eendjes")]
    password: Option<Password>,
    /// Of a confirmed `delete_account` code.
    proof: Option<String>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        if ["password", "proof"].into_iter().all(|name| sent.get(name).is_none_or(Value::is_null)) {
            refusals.add("/password", Invalid::Required);
        }
    }
}

impl Endpoint for DeleteCurrentUser {
    const NAME: &'static str = "delete_current_user";
    const SUMMARY: &'static str = "Delete my account";
    const ROUTE: Route = delete("/users/me");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().update(),
        SESSIONS.batch_get().query().update().check(),
        PROFILES.delete(),
        CONTACTS.delete(),
        OUTBOX.put(),
        REQUESTS.update(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::AccountNotFound,
        Error::AccountIsAdmin,
        Error::PasswordNotSet,
        Error::PasswordWrong,
        Error::PasswordChecksExhausted { retry_after: 0 },
        Error::ProofInvalid,
        Error::ProofMismatch,
        Error::ProofExpired,
        Error::ProofSpent,
    ];
    const TUNING: Tuning = Tuning::HASHING;
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = WithCookies<NoContent>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let named = request.input.proof.as_deref().map(verification_codes::named_by).transpose()?;
        let counted = OnceCell::new();
        // The SDK's futures are large.
        while_raced(|| Box::pin(remove(cx, caller.session(), &request.input, named, &counted))).await?;
        Ok(WithCookies::clearing(NoContent))
    }
}

async fn remove(
    cx: &Cx,
    session: &Session,
    input: &Input,
    named: Option<CodeId>,
    counted_before: &OnceCell<()>,
) -> Result<(), Error> {
    let (pepper, verified, counted, person) = tokio::join!(
        cx.secrets().read(PASSWORD_PEPPER),
        verification_codes::verify(cx, input.proof.as_deref()),
        async {
            match named {
                Some(_) => Ok(()),
                None => counted_before.get_or_try_init(|| passwords::count_check(cx, session.user_id)).await.map(drop),
            }
        },
        store::get_person(cx, session, named),
    );
    counted?;
    verified?;
    let (pepper, person) = (pepper?, person?);
    match (named, &input.password) {
        (None, Some(password)) => {
            let stored = person.account.password_hash.clone().ok_or(Error::PasswordNotSet)?;
            if passwords::verify(password.clone(), Some(stored), &pepper).await? == Verdict::Wrong {
                return Err(Error::PasswordWrong);
            }
        }
        _ => {
            proven(person.code.clone(), Purpose::DeleteAccount, Some(session.user_id), cx.now())?;
        }
    }
    let account = person.account.deleted_at(cx.now())?;
    store::delete(cx, &person, &account, named).await
}
