//! `PUT /users/me/identities/{provider}`: link an account elsewhere, to sign in by it.
//!
//! One round trip more than others: the visit is read before the provider is asked.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, OUTBOX, PROVIDER_KEYS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoContent, NoQuery, Request, Route, put};
use campus_store::while_raced;

use super::store;
use crate::Error;
use crate::oauth::{Evidence, ProviderPath, Shown, identify, keys};
use crate::users::store::get_with_school;

/// The endpoint.
pub struct CreateIdentity;

impl Endpoint for CreateIdentity {
    const NAME: &'static str = "create_identity";
    const SUMMARY: &'static str = "Link an account elsewhere";
    const ROUTE: Route = put("/users/me/identities/{provider}");
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.batch_get().put().update().delete(), OUTBOX.put(), CODE_SECRET.read(), PROVIDER_KEYS.read()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::ProviderNotOffered,
        Error::ProviderUnavailable { retry_after: 0 },
        Error::ProviderTokenInvalid,
        Error::StateInvalid,
        Error::StateExpired,
        Error::AuthorizationCodeInvalid,
        Error::AccountNotFound,
        Error::IdentityTaken,
    ];
    type Access = Member;
    type Path = ProviderPath;
    type Query = NoQuery;
    type Input = Shown;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        let provider = request.path.offered(cx)?;
        let (evidence, keys) = tokio::join!(Evidence::find(cx, provider, request.input), keys(cx));
        let (evidence, keys) = (evidence?, keys?);
        // Or a stranger could have someone link the stranger's account by a link to the page of the front end.
        let is_own = |user_id| user_id == Some(caller.user_id());
        if evidence.authorization().is_some_and(|authorization| !is_own(authorization.user_id)) {
            return Err(Error::StateInvalid);
        }
        // The SDK's futures are large.
        let known = Box::pin(identify(cx, provider, &keys, &evidence)).await?;
        while_raced(|| {
            Box::pin(async {
                let (account, _) = get_with_school(cx, caller.user_id(), None).await?;
                // As a client repeats it that had no answer.
                if account.identity_at(provider).is_some_and(|identity| identity.subject == known.subject) {
                    return Ok(NoContent);
                }
                store::link(cx, &account, &known, evidence.authorization()).await?;
                Ok(NoContent)
            })
        })
        .await
    }
}
