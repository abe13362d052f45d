//! `DELETE /users/me/identities/{provider}`: unlink an account elsewhere.
//!
//! The caller stays signed in; every other session ends. What would leave no way in is refused: neither a password, nor
//! another account elsewhere, nor a proven number or address that a code could go to.

use campus_aws::{ACCOUNTS, Grant, OUTBOX, SESSIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoQuery, Request, Route, delete};
use campus_store::while_raced;

use super::store;
use crate::Error;
use crate::oauth::ProviderPath;
use crate::users::store::get_person;

/// The endpoint.
pub struct DeleteIdentity;

impl Endpoint for DeleteIdentity {
    const NAME: &'static str = "delete_identity";
    const SUMMARY: &'static str = "Unlink an account elsewhere";
    const ROUTE: Route = delete("/users/me/identities/{provider}");
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.batch_get().put().delete(), SESSIONS.batch_get().query().update().check(), OUTBOX.put()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[Error::ProviderNotOffered, Error::AccountNotFound, Error::LastWayIn];
    type Access = Member;
    type Path = ProviderPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        // One that is not offered any more can be unlinked still.
        let provider = request.path.named().ok_or(Error::ProviderNotOffered)?;
        while_raced(|| {
            Box::pin(async {
                let person = get_person(cx, caller.session(), None).await?;
                // As a client repeats it that had no answer, where there is none any more.
                if let Some(identity) = person.account.identity_at(provider).cloned() {
                    store::unlink(cx, &person, &identity, caller.session().id).await?;
                }
                Ok(NoContent)
            })
        })
        .await
    }
}
