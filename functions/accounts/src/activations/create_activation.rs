//! `POST /activations`: the token of a mailed link, for an account that can be used and its first session.
//!
//! Three round trips: the link; the account and its school; everything that an account in use has, in one transaction.

use campus_aws::{ACCOUNTS, CODE_SECRET, CONTACTS, Grant, KEYS, PROFILES, SESSIONS, SIGNING_SEED};
use campus_domain::LinkId;
use campus_endpoint::{
    Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Public, Request, Route, TokenView, WithCookies, post,
};
use campus_secrets::{Label, open_token, peek_token};
use campus_session::{Issue, Transport};
use campus_store::while_raced;
use utoipa::ToSchema;

use crate::Error;
use crate::links::{self, Link};
use crate::sessions::of_account;
use crate::users::create_user::SignedUpView;
use crate::users::{Account, AccountState, Contact, UserView, store};

/// The endpoint.
pub struct CreateActivation;

/// The link.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = Activation)]
pub struct Input {
    /// What stands behind `?token=` in the link.
    #[schema(example = "the token of the link in the mail")]
    token: String,
    /// Whether the tokens come in the body or as cookies.
    #[eserde(compat)]
    #[serde(default)]
    transport: Transport,
}

impl Body for Input {}

impl Endpoint for CreateActivation {
    const NAME: &'static str = "create_activation";
    const SUMMARY: &'static str = "Activate an account by the link in its mail";
    const ROUTE: Route = post("/activations");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.get().batch_get().put().update().delete(),
        PROFILES.put(),
        CONTACTS.put(),
        SESSIONS.put(),
        KEYS.get().put(),
        CODE_SECRET.read(),
        SIGNING_SEED.read(),
    ];
    const REFUSALS: &'static [Error] = &[Error::LinkInvalid, Error::LinkExpired, Error::LinkSpent, Error::EmailTaken];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = WithCookies<Created<SignedUpView>>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { token, transport } = request.input;
        let id: LinkId = peek_token(&token).ok_or(Error::LinkInvalid)?;
        let (secret, signing, link) = tokio::join!(
            cx.secrets().read(CODE_SECRET),
            cx.signer().prepare(cx.store(), cx.secrets()),
            links::store::find(cx, id),
        );
        if open_token(&secret?, Label::Activation, &token) != Some(id) {
            return Err(Error::LinkInvalid);
        }
        let (signing, (link, user_id)) = (signing?, Link::judge(link?, cx.now())?);
        while_raced(|| async {
            let found = store::get_with_school(cx, user_id, link.school_id).await;
            let (seen, school) = found.map_err(|error| match error {
                // Purged, since it was not activated in time.
                Error::AccountNotFound => Error::LinkExpired,
                error => error,
            })?;
            let is_the_same = seen.email.as_ref().is_some_and(|email| email.value == link.email);
            if seen.state != AccountState::Pending || !is_the_same {
                return Err(Error::LinkSpent);
            }
            let account = Account {
                email: Some(Contact { value: link.email.clone(), verified: true }),
                state: AccountState::Active,
                purge_at: None,
                updated_at: cx.now(),
                version: seen.version + 1,
                ..seen.clone()
            };
            let session = of_account(cx, &account, signing.start(cx.new_id(), account.id, false, cx.now()));
            let issue = Issue::new(&session, cx.now());
            let view = UserView::new(account.clone(), school);
            let body = SignedUpView::new(view, TokenView::new(&issue, transport));
            let created = Created { location: "/v1/users/me".to_owned(), body };
            let answer = WithCookies::issuing(created, &issue, transport);
            store::activate(cx, &seen, &account, &link, &session, &answer).await?;
            Ok(answer)
        })
        .await
    }
}
