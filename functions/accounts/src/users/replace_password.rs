//! `PUT /users/me/password`: change my password, by the current one or the proof of a `change_password` code.
//!
//! The session that changes it goes on with new tokens, so that a copy of its old refresh token is worth nothing; every
//! other session ends.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, KEYS, OUTBOX, PASSWORD_PEPPER, REQUESTS, SESSIONS, SIGNING_SEED};
use campus_domain::{CodeId, Invalid, Password};
use campus_endpoint::{
    ACCESS_COOKIE, Body, Caller, Cx, Endpoint, Fine, Member, NoPath, NoQuery, Refusals, Request, Route, Settings,
    TokenView, Tuning, WithCookies, put,
};
use campus_messages::Purpose;
use campus_session::{Issue, Session, Transport};
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::{Account, UserView, store};
use crate::Error;
use crate::passwords::{self, Verdict};
use crate::verification_codes::{self, proven};

/// The endpoint.
pub struct ReplacePassword;

/// The new password, and what shows that it is the owner who wants it: `current_password` or `proof`.
#[derive(Clone, eserde::Deserialize, ToSchema)]
#[schema(as = PasswordChange)]
pub struct Input {
    #[schema(value_type = Option<String>, format = Password, example = "drie kleine eendjes")]
    current_password: Option<Password>,
    /// Of a confirmed `change_password` code.
    proof: Option<String>,
    #[schema(example = "vier kleine eendjes")]
    new_password: Password,
    #[expect(dead_code, reason = "compared as it was sent, see `rules`")]
    #[schema(example = "vier kleine eendjes")]
    new_password_confirmation: Password,
    /// Whether the tokens come in the body or as cookies: as the access token came by default.
    #[eserde(compat)]
    #[schema(value_type = Option<Transport>)]
    transport: Option<Transport>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        passwords::check_new(sent, settings, refusals);
        let is_absent = |name: &str| sent.get(name).is_none_or(Value::is_null);
        if is_absent("current_password") && is_absent("proof") {
            refusals.add("/proof", Invalid::Required);
        }
    }
}

/// The session goes on.
#[derive(Serialize, ToSchema)]
pub struct GoneOnView {
    session: TokenView,
    user: UserView,
}

impl Endpoint for ReplacePassword {
    const NAME: &'static str = "replace_password";
    const SUMMARY: &'static str = "Change my password";
    const ROUTE: Route = put("/users/me/password");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().update(),
        SESSIONS.batch_get().query().update().check(),
        OUTBOX.put(),
        REQUESTS.update(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
        SIGNING_SEED.read(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::AccountNotFound,
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
    type Output = WithCookies<Fine<GoneOnView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let by_cookie = if cx.cookies().get(ACCESS_COOKIE).is_some() { Transport::Cookie } else { Transport::Bearer };
        let transport = request.input.transport.unwrap_or(by_cookie);
        let named = request.input.proof.as_deref().map(verification_codes::named_by).transpose()?;
        let counted = OnceCell::new();
        // The SDK's futures are large.
        while_raced(|| Box::pin(change(cx, caller.session(), &request.input, named, &counted, transport))).await
    }
}

type Answer = WithCookies<Fine<GoneOnView>>;

async fn change(
    cx: &Cx,
    session: &Session,
    input: &Input,
    named: Option<CodeId>,
    counted_before: &OnceCell<()>,
    transport: Transport,
) -> Result<Answer, Error> {
    let (pepper, signing, verified, counted, person) = tokio::join!(
        cx.secrets().read(PASSWORD_PEPPER),
        cx.signer().prepare(cx.store(), cx.secrets()),
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
    let (pepper, signing, person) = (pepper?, signing?, person?);
    let stored = person.account.password_hash.clone().ok_or(Error::PasswordNotSet)?;
    if named.is_some() {
        proven(person.code.clone(), Purpose::ChangePassword, Some(session.user_id), cx.now())?;
    }
    passwords::check_new_of(&input.new_password, &person.account)?;
    if let (None, Some(password)) = (named, &input.current_password)
        && passwords::verify(password.clone(), Some(stored), &pepper).await? == Verdict::Wrong
    {
        return Err(Error::PasswordWrong);
    }
    let seen = person.sessions.get(session.id).ok_or(Error::Raced)?;
    let next = signing.rotate(seen, cx.now());
    let account = Account {
        password_hash: Some(passwords::hash(input.new_password.clone(), &pepper).await?),
        password_set_at: Some(cx.now()),
        updated_at: cx.now(),
        version: person.account.version + 1,
        ..person.account.clone()
    };
    store::replace_password(cx, &person, &account, named, (seen, &next)).await?;
    let issue = Issue::new(&next, cx.now());
    let body = GoneOnView { session: TokenView::new(&issue, transport), user: person.view_of(account) };
    Ok(WithCookies::issuing(Fine::new(body), &issue, transport))
}
