//! `POST /oauth/{provider}/sessions`: sign in by an account elsewhere; or be told what is missing to sign up by it.
//!
//! Four round trips: the visit, before the provider is asked; whose the identity is; the account; the session. Only the
//! first could be spared, where there is none.

use campus_aws::{
    ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, OUTBOX, PROFILES, PROVIDER_KEYS, SESSIONS, SIGNING_SEED,
};
use campus_domain::{EmailAddress, PersonName, UserId};
use campus_endpoint::{
    Body, Caller, Cx, Derived, Endpoint, Fine, NoQuery, OneOf, Public, Refusals, Request, Route, Settings, post,
};
use campus_messages::Recipient;
use campus_secrets::Label;
use campus_session::{Prepared, Transport};
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::store::Owner;
use super::{Evidence, Known, ProviderPath, Shown, TICKET_SECONDS, Ticket, check_shown, identify, keys, store};
use crate::Error;
use crate::identities::{self, Identity};
use crate::sessions::create_session::{self, Wish};
use crate::sessions::store::find_signing_in;
use crate::users::store::check_owner_in;

/// The endpoint.
pub struct CreateOauthSession;

/// Who signs in: `code` and `state`, or a token of the provider's. Anything else that names a person counts for
/// nothing.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = OauthSessionInput)]
pub struct Input {
    /// What the provider sent the person back with.
    #[schema(max_length = 8000, example = "the code that came back")]
    code: Option<String>,
    /// Likewise, and what the visit was begun with.
    #[schema(max_length = 8000, example = "the state of this visit")]
    state: Option<String>,
    /// The provider's, for one of this stage's own apps, where the front end did the exchange.
    #[schema(max_length = 8000)]
    access_token: Option<String>,
    /// Likewise; it tells less of a person than an access token.
    #[schema(max_length = 8000)]
    id_token: Option<String>,
    /// Whether the session lasts for 30 days without use instead of one.
    #[serde(default)]
    remember: bool,
    /// Whether the tokens come in the body or as cookies.
    #[eserde(compat)]
    #[serde(default)]
    transport: Transport,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        check_shown(sent, refusals);
    }
}

/// Someone new, who must add something before there is an account.
#[derive(Serialize, ToSchema)]
pub struct TicketView {
    /// For `POST /oauth/{provider}/registrations`, within ten minutes.
    #[schema(value_type = String, example = "the ticket of this sign-up")]
    ticket: Derived,
    profile: KnownView,
}

/// What the provider tells of them, to begin the form with.
#[derive(Serialize, ToSchema)]
#[schema(as = OauthProfileView)]
struct KnownView {
    #[schema(required, example = "minji@campus.example")]
    email: Option<EmailAddress>,
    /// Whether the provider vouches that the address is theirs, so that it needs no other proof.
    email_verified: bool,
    #[schema(required, example = "김민지")]
    name: Option<PersonName>,
}

impl From<Known> for KnownView {
    fn from(known: Known) -> Self {
        Self { email_verified: known.vouched_email().is_some(), email: known.email, name: known.name }
    }
}

impl Endpoint for CreateOauthSession {
    const NAME: &'static str = "create_oauth_session";
    const SUMMARY: &'static str = "Sign in by an account elsewhere";
    const ROUTE: Route = post("/oauth/{provider}/sessions");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update().delete().check(),
        PROFILES.put(),
        CONTACTS.put(),
        OUTBOX.put(),
        SESSIONS.batch_get().query().put().delete(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        PROVIDER_KEYS.read(),
        SIGNING_SEED.read(),
    ];
    const REFUSALS: &'static [Error] = &[
        Error::ProviderNotOffered,
        Error::ProviderUnavailable { retry_after: 0 },
        Error::ProviderTokenInvalid,
        Error::StateInvalid,
        Error::StateExpired,
        Error::AuthorizationCodeInvalid,
        Error::IdentityTaken,
        Error::CredentialsWrong,
        Error::AccountSuspended(None),
    ];
    type Access = Public;
    type Path = ProviderPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = OneOf<create_session::Answer, Fine<TicketView>>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let provider = request.path.offered(cx)?;
        let Input { code, state, access_token, id_token, remember, transport } = request.input;
        let shown = Shown { code, state, access_token, id_token };
        let (evidence, keys, signing) =
            tokio::join!(Evidence::find(cx, provider, shown), keys(cx), cx.signer().prepare(cx.store(), cx.secrets()),);
        let (evidence, keys, signing) = (evidence?, keys?, signing?);
        // The SDK's futures are large.
        let known = Box::pin(identify(cx, provider, &keys, &evidence)).await?;
        let wish = Wish { remember, transport };
        while_raced(|| Box::pin(sign_in(cx, &signing, &known, &evidence, wish))).await
    }
}

async fn sign_in(
    cx: &Cx,
    signing: &Prepared,
    known: &Known,
    evidence: &Evidence,
    wish: Wish,
) -> Result<OneOf<create_session::Answer, Fine<TicketView>>, Error> {
    match store::find_owner(cx, known).await? {
        Some(Owner::Linked(user_id)) => open(cx, signing, user_id, known, evidence, wish).await.map(OneOf::Usual),
        Some(Owner::Vouched(user_id)) => {
            let Some(email) = known.vouched_email() else { return Err(Error::Raced) };
            // By itself and before, so that the account is written once in each transaction; it may be done again.
            identities::store::link_vouched(cx, user_id, known, &Recipient::Email(email.clone()).into()).await?;
            open(cx, signing, user_id, known, evidence, wish).await.map(OneOf::Usual)
        }
        None => ticket(cx, known, evidence).await.map(OneOf::Other),
    }
}

/// Begins a session of the account that has the identity.
async fn open(
    cx: &Cx,
    signing: &Prepared,
    user_id: UserId,
    known: &Known,
    evidence: &Evidence,
    wish: Wish,
) -> Result<create_session::Answer, Error> {
    let mut found = find_signing_in(cx, user_id).await?;
    let account = found.account.take().ok_or(Error::Raced)?;
    create_session::open(cx, signing, &account, &found, wish, None, |transaction| {
        if let Some(authorization) = evidence.authorization() {
            store::spend_authorization_in(transaction, authorization, cx.now());
        }
        // It may have been unlinked since.
        check_owner_in(transaction, &Identity::guard_of(known.provider, &known.subject), account.id, || Error::Raced);
    })
    .await
}

/// B0.33, B0.34: someone new is given what they need to sign up, and what is known of them.
async fn ticket(cx: &Cx, known: &Known, evidence: &Evidence) -> Result<Fine<TicketView>, Error> {
    let ticket = Ticket { id: cx.new_id(), known: known.clone(), expires_at: cx.now().plus_seconds(TICKET_SECONDS) };
    let view = TicketView { ticket: Derived::token(Label::Ticket, ticket.id), profile: known.clone().into() };
    let answer = Fine::new(view);
    store::insert_ticket(cx, &ticket, evidence.authorization(), &answer).await?;
    Ok(answer)
}
