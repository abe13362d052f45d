//! `POST /users`: sign up, with the proof of a phone number or a mail address; or with a mail address alone, to which
//! a link is sent that activates the account.

use campus_aws::{
    ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, OUTBOX, PASSWORD_PEPPER, PROFILES, REQUESTS, SESSIONS, SIGNING_SEED,
};
use campus_domain::{
    AdmissionYear, EmailAddress, Invalid, Locale, Nickname, Password, PasswordPolicy, PersonName, PhoneNumber,
    SchoolId, TimeZoneName, Timestamp, UserId, Username,
};
use campus_endpoint::{
    Accepted, Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, OneOf, Public, Refusals, Request, Route, Settings,
    TokenView, Tuning, WithCookies, post,
};
use campus_messages::{LinkPurpose, Purpose, Recipient, Target};
use campus_session::{Issue, Role, Transport};
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::store::SigningUp;
use super::{Account, AccountState, Contact, UserView, store};
use crate::Error;
use crate::captcha_challenges;
use crate::links;
use crate::passwords;
use crate::sessions::of_account;
use crate::verification_codes::create_verification_code::taken;
use crate::verification_codes::{self, Code, CodeState};

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

impl Body for Input {
    fn rules(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
        let text = |name: &str| sent.get(name).and_then(Value::as_str);
        if let Some(phone) = text("phone").and_then(|phone| PhoneNumber::parse(phone).ok())
            && let Err(invalid) = settings.phones.check(&phone)
        {
            refusals.add("/phone", invalid);
        }
        if let Some(Ok(password)) = text("password").map(Password::parse) {
            let own_words = own_words(text("username"), text("phone"), text("email"));
            let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
            let policy = PasswordPolicy { minimum: settings.password_minimum };
            if let Err(invalid) = policy.check(&password, &own_words) {
                refusals.add("/password", invalid);
            }
        }
        if let (Some(password), Some(confirmation)) = (text("password"), text("password_confirmation"))
            && password != confirmation
        {
            refusals.add("", Invalid::PasswordMismatch);
        }
        if sent.get("terms_accepted") == Some(&Value::Bool(false)) {
            refusals.add("/terms_accepted", Invalid::TermsNotAccepted);
        }
        if sent.get("proof").is_none_or(Value::is_null) && sent.get("email").is_none_or(Value::is_null) {
            refusals.add("/proof", Invalid::ProofRequired);
        }
    }
}

/// Words of a person's own that are no good in their password.
fn own_words(username: Option<&str>, phone: Option<&str>, email: Option<&str>) -> Vec<String> {
    let phone = phone.and_then(|phone| PhoneNumber::parse(phone).ok());
    let email = email.and_then(|email| EmailAddress::parse(email).ok());
    let words = [
        username.map(str::to_owned),
        phone.map(|phone| phone.national_digits()),
        email.map(|email| email.local_part().to_owned()),
    ];
    words.into_iter().flatten().collect()
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
    let proof = verification_codes::named_by(proof_token)?;
    let (verified, found, signing, pepper) = tokio::join!(
        verification_codes::verify(cx, Some(proof_token)),
        store::find_signing_up(cx, Some(proof), input.username.as_ref(), input.nickname.as_ref(), input.school_id),
        cx.signer().prepare(cx.store(), cx.secrets()),
        cx.secrets().read(PASSWORD_PEPPER),
    );
    verified?;
    let (found, signing, pepper) = (found?, signing?, pepper?);
    let proven = proven_target(cx, found.code.clone(), input).await?;
    check_against_stored(cx, input, Some(&proven), &found)?;

    let password_hash = passwords::hash(input.password.clone(), &pepper).await?;
    while_raced(|| async {
        let account = account(cx, input, Some(&proven), password_hash.clone());
        let session = of_account(cx, &account, signing.start(cx.new_id(), account.id, false, cx.now()));
        let issue = Issue::new(&session, cx.now());
        let user = UserView::new(account.clone(), found.school.clone());
        let body = SignedUpView { user, session: TokenView::new(&issue, input.transport) };
        let created = Created { location: "/v1/users/me".to_owned(), body };
        let answer = WithCookies::issuing(created, &issue, input.transport);
        let inserted = store::insert_new(cx, &account, &proven, proof, &session, &answer).await;
        unless_made_up(input, inserted).map(|()| answer)
    })
    .await
}

/// B0.4: an account that nobody can use before the link in its mail is followed. Its address is as good as unproven
/// until then, and claims nothing.
async fn by_mail(cx: &Cx, input: &Input) -> Result<Accepted<MailedView>, Error> {
    let email = input.email.as_ref().ok_or_else(|| Error::Fields(vec![("/proof", Invalid::ProofRequired)]))?;
    let captcha = captcha_challenges::store::named_by(input.captcha_token.as_deref())?;
    let password_hash = OnceCell::new();
    while_raced(|| async {
        let (verified, mailing, found, pepper) = tokio::join!(
            captcha_challenges::store::verify(cx, input.captcha_token.as_deref()),
            links::store::find_mailing(cx, captcha, email),
            store::find_signing_up(cx, None, input.username.as_ref(), input.nickname.as_ref(), input.school_id),
            cx.secrets().read(PASSWORD_PEPPER),
        );
        verified?;
        let (mailing, found, pepper) = (mailing?, found?, pepper?);
        mailing.asker.check_captcha(cx)?;
        if mailing.is_taken {
            return Err(mailing.asker.tell_taken(cx, &Recipient::Email(email.clone()).into()).await);
        }
        check_against_stored(cx, input, None, &found)?;
        mailing.sends.check(cx.now())?;
        mailing.asker.check_address(cx)?;

        let hashed = password_hash.get_or_try_init(|| passwords::hash(input.password.clone(), &pepper)).await?;
        let account = account(cx, input, None, hashed.clone());
        let Some(purge_at) = account.purge_at else { return Err(Error::LinkExpired) };
        let answer = Accepted(MailedView { expires_at: purge_at });
        let inserted = store::insert_pending(cx, &account, email, &mailing, &answer).await;
        unless_made_up(input, inserted).map(|()| answer)
    })
    .await
}

/// A name that was made up is nobody's wish: where it is taken, make up another.
fn unless_made_up(input: &Input, inserted: Result<(), Error>) -> Result<(), Error> {
    match inserted {
        Err(Error::UsernameTaken) if input.username.is_none() => Err(Error::Raced),
        Err(Error::NicknameTaken) if input.nickname.is_none() => Err(Error::Raced),
        inserted => inserted,
    }
}

/// The rules that the time, the proof and what is stored decide: all wrong fields at once, then what is taken. The
/// transaction decides about the latter; this only spares a hash.
fn check_against_stored(cx: &Cx, input: &Input, proven: Option<&Target>, found: &SigningUp) -> Result<(), Error> {
    let year = input.admission_year.map_or(Ok(()), |year| year.check_by(cx.now().year()));
    let is_unknown = input.school_id.is_some() && found.school.is_none();
    let school_known = if is_unknown { Err(Invalid::SchoolUnknown) } else { Ok(()) };
    // The rest of the policy was judged with the body; only the proven word is new.
    let word = proven.map(|proven| match proven.recipient() {
        Recipient::Sms(phone) => phone.national_digits(),
        Recipient::Email(email) => email.local_part().to_owned(),
    });
    let password = word.map_or(Ok(()), |word| input.password.check_own_words(&[&word]));
    let checks = [("/admission_year", year), ("/school_id", school_known), ("/password", password)];
    let wrong: Vec<_> =
        checks.into_iter().filter_map(|(pointer, check)| check.err().map(|invalid| (pointer, invalid))).collect();
    if !wrong.is_empty() {
        return Err(Error::Fields(wrong));
    }
    if found.username_taken {
        return Err(Error::UsernameTaken);
    }
    if found.nickname_taken { Err(Error::NicknameTaken) } else { Ok(()) }
}

/// The target that the proof proves, if the proof is good for this sign-up.
async fn proven_target(cx: &Cx, code: Option<Code>, input: &Input) -> Result<Target, Error> {
    let code = code.ok_or(Error::ProofExpired)?;
    if code.purpose != Purpose::SignUp {
        return Err(Error::ProofMismatch);
    }
    let given_differs = match code.target.recipient() {
        Recipient::Sms(phone) => input.phone.as_ref().is_some_and(|given| given != phone),
        Recipient::Email(email) => input.email.as_ref().is_some_and(|given| given != email),
    };
    if given_differs {
        return Err(Error::ProofMismatch);
    }
    match code.state {
        CodeState::Sent => Err(Error::ProofInvalid),
        CodeState::Spent if store::is_taken(cx, &code.target).await? => Err(taken(&code.target)),
        CodeState::Spent => Err(Error::ProofSpent),
        CodeState::Confirmed if code.proof_expires_at <= cx.now() => Err(Error::ProofExpired),
        CodeState::Confirmed => Ok(code.target),
    }
}

/// The new account; without a proven target one that waits for its activation.
fn account(cx: &Cx, input: &Input, proven: Option<&Target>, password_hash: String) -> Account {
    let id: UserId = cx.new_id();
    let locale = input.locale.unwrap_or(cx.locale());
    let unproven_phone = input.phone.clone().map(|value| Contact { value, verified: false });
    let unproven_email = input.email.clone().map(|value| Contact { value, verified: false });
    let (phone, email) = match proven.map(|proven| proven.recipient().clone()) {
        Some(Recipient::Sms(value)) => (Some(Contact { value, verified: true }), unproven_email),
        Some(Recipient::Email(value)) => (unproven_phone, Some(Contact { value, verified: true })),
        None => (unproven_phone, unproven_email),
    };
    let (state, purge_at) = match proven {
        Some(_) => (AccountState::Active, None),
        // As long as its link is good.
        None => (AccountState::Pending, Some(cx.now().plus_seconds(LinkPurpose::Activation.seconds()))),
    };
    Account {
        id,
        username: input.username.clone().unwrap_or_else(made_up_username),
        nickname: input.nickname.clone().unwrap_or_else(|| made_up_nickname(locale)),
        name: input.name.clone(),
        phone,
        email,
        password_hash: Some(password_hash),
        admission_year: input.admission_year,
        school_id: input.school_id,
        school_verified: false,
        roles: vec![Role::Member],
        locale,
        time_zone: input.time_zone.clone().unwrap_or_default(),
        terms_accepted_at: cx.now(),
        created_at: cx.now(),
        updated_at: cx.now(),
        state,
        suspension: None,
        purge_at,
        school_email: None,
        version: 1,
    }
}

/// Letters and digits that are not taken for one another.
const CLEAR: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

fn made_up(length: usize) -> String {
    std::iter::repeat_with(|| char::from(CLEAR[fastrand::usize(..CLEAR.len())])).take(length).collect()
}

/// B3.3: a name that tells nothing of its owner.
fn made_up_username() -> Username {
    loop {
        if let Ok(username) = Username::parse(&format!("u_{}", made_up(10))) {
            return username;
        }
    }
}

fn made_up_nickname(locale: Locale) -> Nickname {
    let newcomer = match locale {
        Locale::Ko => "새내기",
        Locale::En => "Newcomer",
        Locale::Zh => "新同学",
    };
    loop {
        if let Ok(nickname) = Nickname::parse(&format!("{newcomer} {}", made_up(6))) {
            return nickname;
        }
    }
}
