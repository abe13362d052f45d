//! `POST /sessions`: sign in, with a password or the proof of a `sign_in` code.
//!
//! Three round trips: whose the login is; the account, while the attempt is counted; the session.

use std::sync::{Mutex, PoisonError};

use campus_aws::{
    ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, OUTBOX, PASSWORD_PEPPER, PROFILES, REQUESTS, SESSIONS, SIGNING_SEED,
};
use campus_domain::{CodeId, Invalid, Password, UserId};
use campus_endpoint::{
    Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Public, Refusals, Request, Route, Settings, TokenView,
    Tuning, WithCookies, post,
};
use campus_messages::Purpose;
use campus_secrets::{Label, open_token, peek_token};
use campus_session::{Issue, Prepared, Transport};
use campus_store::{Transaction, while_raced};
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::login::Login;
use super::store::{self, SigningIn};
use super::throttle::{Attempt, Subject};
use crate::Error;
use crate::error::Outrun;
use crate::passwords::{self, Verdict};
use crate::users::store::{Compared, check_owner_in, guard_of, sign_in_in};
use crate::users::{Account, UserView};
use crate::verification_codes::{self, proven};

/// The endpoint.
pub struct CreateSession;

/// Who signs in: `login` and `password`, or `proof`.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    /// A username, a phone number in any writing, or a mail address.
    #[schema(min_length = 1, max_length = 254, example = "minji_26")]
    login: Option<String>,
    #[schema(value_type = Option<String>, format = Password, example = "drie kleine eendjes")]
    password: Option<Password>,
    /// Of a confirmed `sign_in` code.
    proof: Option<String>,
    /// Whether the session lasts for 30 days without use instead of one.
    #[serde(default)]
    remember: bool,
    /// Whether the tokens come in the body or as cookies.
    #[eserde(compat)]
    #[serde(default)]
    transport: Transport,
    /// Of a solved captcha; needed after three failures, and used up by the attempt.
    captcha_token: Option<String>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        let is_absent = |name: &str| sent.get(name).is_none_or(Value::is_null);
        if is_absent("proof") {
            for field in ["login", "password"].into_iter().filter(|field| is_absent(field)) {
                refusals.add(&format!("/{field}"), Invalid::Required);
            }
            // What nobody can have is told like a wrong password.
            if let Some(Err(invalid)) = sent.get("login").and_then(Value::as_str).map(Login::check) {
                refusals.add("/login", invalid);
            }
        }
    }
}

/// The account, signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedInView {
    session: TokenView,
    user: UserView,
}

/// How the session is wished for.
#[derive(Clone, Copy)]
pub(crate) struct Wish {
    pub(crate) remember: bool,
    pub(crate) transport: Transport,
}

pub(crate) type Answer = WithCookies<Created<SignedInView>>;

/// An account like others, to be read where there is none: reading numbers and names takes a while.
const STAND_IN: &str = r#"{
    "id": "00000000-0000-7000-8000-000000000000", "username": "nobody_26", "nickname": "아무도 아닌 사람", "name": null,
    "phone": { "value": "+821000000000", "verified": true }, "email": null, "password_hash": null,
    "admission_year": null, "school_id": null, "school_verified": false, "roles": ["member"], "locale": "ko",
    "time_zone": "Asia/Seoul", "terms_accepted_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z"
}"#;

impl Endpoint for CreateSession {
    const NAME: &'static str = "create_session";
    const SUMMARY: &'static str = "Sign in";
    const ROUTE: Route = post("/sessions");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().update().delete().check(),
        PROFILES.put(),
        CONTACTS.put(),
        OUTBOX.put(),
        SESSIONS.batch_get().query().put().delete(),
        REQUESTS.update().delete(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
        SIGNING_SEED.read(),
    ];
    const REFUSALS: &'static [Error] = &[
        Error::CredentialsWrong,
        Error::CaptchaRequired,
        Error::SignInDelayed { retry_after: 0 },
        Error::SignInCodeRequired,
        Error::ActivationRequired,
        Error::AccountSuspended(None),
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
    type Output = Answer;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { login, password, proof, remember, transport, captcha_token } = request.input;
        let wish = Wish { remember, transport };
        match (proof, login, password) {
            // The SDK's futures are large.
            (Some(proof), ..) => Box::pin(by_proof(cx, &proof, wish)).await,
            (None, Some(login), Some(password)) => {
                Box::pin(by_password(cx, &login, password, captcha_token.as_deref(), wish)).await
            }
            (None, ..) => Err(Error::CredentialsWrong),
        }
    }
}

/// Unknown logins, accounts without a password and wrong passwords cost the same calls and the same hash, and are
/// told alike.
async fn by_password(
    cx: &Cx,
    login: &str,
    password: Password,
    captcha_token: Option<&str>,
    wish: Wish,
) -> Result<Answer, Error> {
    let login = Login::parse(login);
    let guards = login.guards();
    let (secret, pepper, signing, owner) = tokio::join!(
        cx.secrets().read(CODE_SECRET),
        cx.secrets().read(PASSWORD_PEPPER),
        cx.signer().prepare(cx.store(), cx.secrets()),
        store::find_owner(cx, &guards),
    );
    let (secret, pepper, signing, owner) = (secret?, pepper?, signing?, owner?);
    let captcha = captcha_token.map(|token| open_token(&secret, Label::Captcha, token).ok_or(Error::CaptchaRequired));
    let captcha = captcha.transpose()?;

    let normalised = login.normalised();
    let attempt = Attempt::new(cx, &secret, owner.map_or(Subject::Login(&normalised), Subject::Account));
    let (counted, found) =
        tokio::join!(attempt.count(cx, captcha), store::find_signing_in(cx, owner.unwrap_or_else(super::nobody)));
    counted?;
    let mut found = found?;
    if found.account.is_none() {
        let stand_in: Account = serde_json::from_str(STAND_IN).map_err(anyhow::Error::from)?;
        std::hint::black_box(stand_in);
    }
    let account = found.account.take().filter(|account| login.names(account));
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let compared = compare(&password, stored, &pepper).await?;
    let (Some(account), Some(compared)) = (account, compared) else { return Err(Error::CredentialsWrong) };
    let account_id = account.id;
    let first = Mutex::new(Some((account, found)));
    // Whatever has changed since it was read is read again. It may be what the login was, and then every session has
    // ended; and where it is the hash, it may be another one of the same password, by a sign-in beside this one.
    while_raced(|| async {
        let seen = first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (account, found) = match seen {
            Some(seen) => seen,
            None => read_again(cx, account_id, &login).await?,
        };
        let compared = match &account.password_hash {
            Some(hash) if *hash == compared.stored => compared.clone(),
            hash => compare(&password, hash.clone(), &pepper).await?.ok_or(Error::CredentialsWrong)?,
        };
        open(cx, &signing, &account, &found, wish, Some(&compared), |transaction| {
            attempt.forgive_in(transaction, cx.now());
        })
        .await
    })
    .await
}

/// Nothing if the password is wrong.
async fn compare(
    password: &Password,
    stored: Option<String>,
    pepper: &SecretString,
) -> Result<Option<Compared>, Error> {
    let verdict = passwords::verify(password.clone(), stored.clone(), pepper).await?;
    Ok(match (stored, verdict) {
        (Some(stored), Verdict::Right { rehashed }) => Some(Compared { stored, rehashed }),
        _ => None,
    })
}

async fn read_again(cx: &Cx, id: UserId, login: &Login) -> Result<(Account, SigningIn), Error> {
    let mut found = store::find_signing_in(cx, id).await?;
    let account = found.account.take().filter(|account| login.names(account)).ok_or(Error::CredentialsWrong)?;
    Ok((account, found))
}

/// A code is sent to owners of accounts only, whose proof it then is.
async fn by_proof(cx: &Cx, proof_token: &str, wish: Wish) -> Result<Answer, Error> {
    let proof: CodeId = peek_token(proof_token).ok_or(Error::ProofInvalid)?;
    let (secret, signing, code) = tokio::join!(
        cx.secrets().read(CODE_SECRET),
        cx.signer().prepare(cx.store(), cx.secrets()),
        store::find_code(cx, proof),
    );
    let secret = secret?;
    if open_token(&secret, Label::Proof, proof_token) != Some(proof) {
        return Err(Error::ProofInvalid);
    }
    let (signing, code) = (signing?, proven(code?, Purpose::SignIn, None, cx.now())?);
    // Nobody was sent the code of a target that no account has: this one was guessed.
    let owner = code.account.ok_or(Error::ProofInvalid)?;
    let attempt = Attempt::new(cx, &secret, Subject::Account(owner));
    while_raced(|| async {
        let mut found = store::find_signing_in(cx, owner).await?;
        let account = found.account.take().ok_or(Error::ProofInvalid)?;
        open(cx, &signing, &account, &found, wish, None, |transaction| {
            verification_codes::store::spend_in(transaction, proof, cx.now());
            // The number may have changed hands since.
            check_owner_in(transaction, &guard_of(&code.target), account.id, || Error::ProofInvalid);
            attempt.forget_in(transaction);
        })
        .await
    })
    .await
}

/// Begins a session, and puts the account in its owner's view.
pub(crate) async fn open(
    cx: &Cx,
    signing: &Prepared,
    seen: &Account,
    found: &SigningIn,
    wish: Wish,
    password: Option<&Compared>,
    pay: impl Fn(&mut Transaction<'_, Outrun>),
) -> Result<Answer, Error> {
    let account = seen.signed_in_at(cx.now())?;
    let begun = signing.start(cx.new_id(), account.id, wish.remember, cx.now());
    let session = super::of_account(cx, &account, begun);
    let issue = Issue::new(&session, cx.now());
    let answer = |school| {
        let body = SignedInView {
            session: TokenView::new(&issue, wish.transport),
            user: UserView::new(account.clone(), school),
        };
        let location = format!("/v1/sessions/{}", session.id);
        WithCookies::issuing(Created { location, body }, &issue, wish.transport)
    };
    let pay = |transaction: &mut Transaction<'_, Outrun>| {
        sign_in_in(cx, transaction, seen, &account, password)?;
        pay(transaction);
        Ok(())
    };
    let school = store::find_school(cx, account.school_id);
    if cx.is_repeatable() {
        // What repetitions are answered is stored with the session, so it must be complete before.
        let answer = answer(school.await?);
        store::insert_new(cx, &account, &session, found, Some(&answer), pay).await?;
        return Ok(answer);
    }
    let (inserted, school) = tokio::join!(store::insert_new(cx, &account, &session, found, None, pay), school);
    inserted?;
    Ok(answer(school?))
}
