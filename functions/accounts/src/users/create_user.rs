//! `POST /users`: sign up, with the proof of a phone number or a mail address; or with a mail address alone, to which
//! a link is sent that activates the account.

use campus_aws::{
    ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, OUTBOX, PASSWORD_PEPPER, PROFILES, REQUESTS, SESSIONS, SIGNING_SEED,
};
use campus_domain::{
    AdmissionYear, EmailAddress, Invalid, Locale, Nickname, Password, PersonName, PhoneNumber, SchoolId, TimeZoneName,
    Timestamp, Username,
};
use campus_endpoint::{
    Accepted, Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, OneOf, Public, Refusals, Request, Route, Settings,
    TokenView, Tuning, WithCookies, post,
};
use campus_messages::{LinkPurpose, Recipient};
use campus_session::{Issue, Transport};
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::newcomer::{self, Newcomer};
use super::{Account, AccountState, UserView, store};
use crate::Error;
use crate::captcha_challenges;
use crate::links;
use crate::passwords;
use crate::sessions::of_account;
use crate::verification_codes;

/// The endpoint.
pub struct CreateUser;

/// Who signs up.
#[derive(Clone, eserde::Deserialize, ToSchema)]
pub struct Input {
    /// Made up when left out.
    username: Option<Username>,
    password: Password,
    #[expect(dead_code, reason = "compared as it was sent, see `rules`")]
    password_confirmation: Password,
    /// Made up when left out.
    nickname: Option<Nickname>,
    name: Option<PersonName>,
    /// The proven address; or one that is kept as not proven.
    email: Option<EmailAddress>,
    /// The proven number; or one that is kept as not proven.
    phone: Option<PhoneNumber>,
    /// Of a confirmed `sign_up` code. Without it the account is activated by a link that is mailed to `email`.
    #[schema(value_type = Option<String>, example = "the proof that the confirmation answered")]
    proof: Option<String>,
    /// Of a solved captcha; needed without a proof.
    captcha_token: Option<String>,
    admission_year: Option<AdmissionYear>,
    school_id: Option<SchoolId>,
    /// The language of the request by default.
    locale: Option<Locale>,
    /// `Asia/Seoul` by default.
    time_zone: Option<TimeZoneName>,
    /// Whether the tokens come in the body or as cookies.
    #[eserde(compat)]
    #[serde(default)]
    transport: Transport,
    /// Must be `true`.
    #[schema(example = true)]
    #[expect(dead_code, reason = "checked as it was sent, see `rules`")]
    terms_accepted: bool,
}

impl Input {
    fn newcomer(&self) -> Newcomer {
        Newcomer {
            username: self.username.clone(),
            nickname: self.nickname.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            admission_year: self.admission_year,
            school_id: self.school_id,
            locale: self.locale,
            time_zone: self.time_zone.clone(),
        }
    }
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        newcomer::check_sent(sent, settings, refusals);
        if sent.get("proof").is_none_or(Value::is_null) && sent.get("email").is_none_or(Value::is_null) {
            refusals.add("/proof", Invalid::ProofRequired);
        }
    }
}

/// The new account, signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedUpView {
    user: UserView,
    session: TokenView,
}

impl SignedUpView {
    /// What a first sign-in is answered.
    pub(crate) fn new(user: UserView, session: TokenView) -> Self {
        Self { user, session }
    }
}

/// A mail with a link is on its way, which activates the account.
#[derive(Serialize, ToSchema)]
pub struct MailedView {
    /// Until when the link is good. After that the names of the account are free again.
    expires_at: Timestamp,
}

impl Endpoint for CreateUser {
    const NAME: &'static str = "create_user";
    const SUMMARY: &'static str = "Sign up";
    const ROUTE: Route = post("/users");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update(),
        PROFILES.put(),
        CONTACTS.put(),
        OUTBOX.put(),
        REQUESTS.batch_get().update(),
        SESSIONS.put(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
        SIGNING_SEED.read(),
    ];
    const REFUSALS: &'static [Error] = &[
        Error::CaptchaRequired,
        Error::CaptchaUnavailable,
        Error::ResendTooSoon { retry_after: 0 },
        Error::DailyLimit { retry_after: 0 },
        Error::AddressLimit { retry_after: 0 },
        Error::ProofInvalid,
        Error::ProofMismatch,
        Error::ProofExpired,
        Error::ProofSpent,
        Error::PhoneTaken,
        Error::EmailTaken,
        Error::UsernameTaken,
        Error::NicknameTaken,
    ];
    const TUNING: Tuning = Tuning::HASHING;
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = OneOf<SignedUp, Accepted<MailedView>>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let input = request.input;
        // The SDK's futures are large.
        match &input.proof {
            Some(proof) => Box::pin(by_proof(cx, &input, proof)).await.map(OneOf::Usual),
            None => Box::pin(by_mail(cx, &input)).await.map(OneOf::Other),
        }
    }
}

type SignedUp = WithCookies<Created<SignedUpView>>;

async fn by_proof(cx: &Cx, input: &Input, proof_token: &str) -> Result<SignedUp, Error> {
    let newcomer = input.newcomer();
    let proof = verification_codes::named_by(proof_token)?;
    let (verified, found, signing, pepper) = tokio::join!(
        verification_codes::verify(cx, Some(proof_token)),
        store::find_signing_up(cx, Some(proof), &newcomer),
        cx.signer().prepare(cx.store(), cx.secrets()),
        cx.secrets().read(PASSWORD_PEPPER),
    );
    verified?;
    let (found, signing, pepper) = (found?, signing?, pepper?);
    let proven = newcomer.proven_by(cx, found.code.clone()).await?;
    newcomer.check_against_stored(cx, Some(&input.password), Some(&proven), &found)?;

    let password_hash = passwords::hash(input.password.clone(), &pepper).await?;
    while_raced(|| async {
        let account = Account { password_hash: Some(password_hash.clone()), ..newcomer.account(cx, Some(&proven)) };
        let session = of_account(cx, &account, signing.start(cx.new_id(), account.id, false, cx.now()));
        let issue = Issue::new(&session, cx.now());
        let user = UserView::new(account.clone(), found.school.clone());
        let body = SignedUpView { user, session: TokenView::new(&issue, input.transport) };
        let created = Created { location: "/v1/users/me".to_owned(), body };
        let answer = WithCookies::issuing(created, &issue, input.transport);
        let inserted = store::insert_new(cx, &account, Some(proof), None, &session, &answer).await;
        newcomer.unless_made_up(inserted).map(|()| answer)
    })
    .await
}

/// B0.4: an account that nobody can use before the link in its mail is followed. Its address is as good as unproven
/// until then, and claims nothing.
async fn by_mail(cx: &Cx, input: &Input) -> Result<Accepted<MailedView>, Error> {
    let email = input.email.as_ref().ok_or_else(|| Error::Fields(vec![("/proof", Invalid::ProofRequired)]))?;
    let captcha = captcha_challenges::store::named_by(input.captcha_token.as_deref())?;
    let (newcomer, password_hash) = (input.newcomer(), OnceCell::new());
    while_raced(|| async {
        let (verified, mailing, found, pepper) = tokio::join!(
            captcha_challenges::store::verify(cx, input.captcha_token.as_deref()),
            links::store::find_mailing(cx, captcha, email),
            store::find_signing_up(cx, None, &newcomer),
            cx.secrets().read(PASSWORD_PEPPER),
        );
        verified?;
        let (mailing, found, pepper) = (mailing?, found?, pepper?);
        mailing.asker.check_captcha(cx)?;
        if mailing.is_taken {
            return Err(mailing.asker.tell_taken(cx, &Recipient::Email(email.clone()).into()).await);
        }
        newcomer.check_against_stored(cx, Some(&input.password), None, &found)?;
        mailing.sends.check(cx.now())?;
        mailing.asker.check_address(cx)?;

        let hashed = password_hash.get_or_try_init(|| passwords::hash(input.password.clone(), &pepper)).await?;
        // As long as its link is good.
        let expires_at = cx.now().plus_seconds(LinkPurpose::Activation.seconds());
        let account = Account {
            password_hash: Some(hashed.clone()),
            state: AccountState::Pending,
            purge_at: Some(expires_at),
            ..newcomer.account(cx, None)
        };
        let answer = Accepted(MailedView { expires_at });
        let inserted = store::insert_pending(cx, &account, email, &mailing, &answer).await;
        newcomer.unless_made_up(inserted).map(|()| answer)
    })
    .await
}
