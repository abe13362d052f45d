//! `POST /oauth/{provider}/registrations`: sign up by an account elsewhere.

use campus_aws::{ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, PASSWORD_PEPPER, PROFILES, SESSIONS, SIGNING_SEED};
use campus_domain::{
    AdmissionYear, EmailAddress, Invalid, Locale, Nickname, Password, PersonName, PhoneNumber, SchoolId, TicketId,
    TimeZoneName, Username,
};
use campus_endpoint::{
    Body, Caller, Created, Cx, Endpoint, NoQuery, Public, Refusals, Request, Route, Settings, TokenView, Tuning,
    WithCookies, post,
};
use campus_secrets::{Label, open_token, peek_token};
use campus_session::{Issue, Transport};
use campus_store::while_raced;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Known, ProviderPath, store};
use crate::Error;
use crate::identities::Identity;
use crate::passwords;
use crate::sessions::of_account;
use crate::users::create_user::SignedUpView;
use crate::users::newcomer::{self, Newcomer};
use crate::users::store::{find_signing_up, insert_new};
use crate::users::{Account, Contact, UserView};
use crate::verification_codes;

/// The endpoint.
pub struct CreateOauthRegistration;

/// Who signs up.
#[derive(Clone, eserde::Deserialize, ToSchema)]
#[schema(as = OauthRegistrationInput)]
pub struct Input {
    /// What signing in answered.
    #[schema(example = "the ticket of this sign-up")]
    ticket: String,
    /// Made up when left out.
    username: Option<Username>,
    /// Another way in. Without it there is none that could be guessed.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Password>,
    /// With a password, the same; without one, nothing.
    #[expect(dead_code, reason = "compared as it was sent, see `rules`")]
    #[schema(value_type = Option<String>, format = Password)]
    password_confirmation: Option<Password>,
    /// Made up when left out.
    nickname: Option<Nickname>,
    name: Option<PersonName>,
    /// The provider's by default. Another one is kept as not proven, unless the proof is of it.
    email: Option<EmailAddress>,
    /// Kept as not proven, unless the proof is of it.
    phone: Option<PhoneNumber>,
    /// Of a confirmed `sign_up` code.
    proof: Option<String>,
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
        let is_absent = |name: &str| sent.get(name).is_none_or(Value::is_null);
        // B3.38: either is nothing without the other.
        for (given, needed) in [("password", "password_confirmation"), ("password_confirmation", "password")] {
            if !is_absent(given) && is_absent(needed) {
                refusals.add(&format!("/{needed}"), Invalid::Required);
            }
        }
    }
}

impl Endpoint for CreateOauthRegistration {
    const NAME: &'static str = "create_oauth_registration";
    const SUMMARY: &'static str = "Sign up by an account elsewhere";
    const ROUTE: Route = post("/oauth/{provider}/registrations");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update().delete(),
        PROFILES.put(),
        CONTACTS.put(),
        SESSIONS.put(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        PASSWORD_PEPPER.read(),
        SIGNING_SEED.read(),
    ];
    const REFUSALS: &'static [Error] = &[
        Error::ProviderNotOffered,
        Error::TicketInvalid,
        Error::TicketExpired,
        Error::ProofInvalid,
        Error::ProofMismatch,
        Error::ProofExpired,
        Error::ProofSpent,
        Error::IdentityTaken,
        Error::PhoneTaken,
        Error::EmailTaken,
        Error::UsernameTaken,
        Error::NicknameTaken,
    ];
    const TUNING: Tuning = Tuning::HASHING;
    type Access = Public;
    type Path = ProviderPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = WithCookies<Created<SignedUpView>>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let provider = request.path.offered(cx)?;
        let input = request.input;
        let ticket_id: TicketId = peek_token(&input.ticket).ok_or(Error::TicketInvalid)?;
        let proof = input.proof.as_deref().map(verification_codes::named_by).transpose()?;
        let (secret, verified, ticket, signing) = tokio::join!(
            cx.secrets().read(CODE_SECRET),
            verification_codes::verify(cx, input.proof.as_deref()),
            store::find_ticket(cx, ticket_id),
            cx.signer().prepare(cx.store(), cx.secrets()),
        );
        if open_token(&secret?, Label::Ticket, &input.ticket) != Some(ticket_id) {
            return Err(Error::TicketInvalid);
        }
        let (ticket, signing) = (ticket?.ok_or(Error::TicketExpired)?, signing?);
        if ticket.known.provider != provider {
            return Err(Error::TicketInvalid);
        }
        verified?;
        let mut newcomer = input.newcomer();
        let found = find_signing_up(cx, proof, &newcomer).await?;
        let proven = match proof {
            Some(_) => Some(newcomer.proven_by(cx, found.code.clone()).await?),
            None => None,
        };
        // After the proof, which may be of another address and then is what they chose.
        newcomer.email = newcomer.email.or_else(|| ticket.known.email.clone());
        newcomer.check_against_stored(cx, input.password.as_ref(), proven.as_ref(), &found)?;
        let password_hash = match input.password.clone() {
            Some(password) => Some(passwords::hash(password, &cx.secrets().read(PASSWORD_PEPPER).await?).await?),
            None => None,
        };
        // The SDK's futures are large.
        let signed_up = while_raced(|| {
            Box::pin(async {
                let account = newcomer.account(cx, proven.as_ref());
                let account = Account {
                    password_hash: password_hash.clone(),
                    email: vouched(account.email.clone(), &ticket.known),
                    identities: vec![Identity::new(&ticket.known, cx.now())],
                    ..account
                };
                let session = of_account(cx, &account, signing.start(cx.new_id(), account.id, false, cx.now()));
                let issue = Issue::new(&session, cx.now());
                let user = UserView::new(account.clone(), found.school.clone());
                let body = SignedUpView::new(user, TokenView::new(&issue, input.transport));
                let created = Created { location: "/v1/users/me".to_owned(), body };
                let answer = WithCookies::issuing(created, &issue, input.transport);
                let inserted = insert_new(cx, &account, proof, Some(ticket_id), &session, &answer).await;
                newcomer.unless_made_up(inserted).map(|()| answer)
            })
        });
        signed_up.await
    }
}

/// The address is proven, too, if it is the one that the provider vouches for.
fn vouched(email: Option<Contact<EmailAddress>>, known: &Known) -> Option<Contact<EmailAddress>> {
    email.map(|email| Contact { verified: email.verified || known.vouched_email() == Some(&email.value), ..email })
}
