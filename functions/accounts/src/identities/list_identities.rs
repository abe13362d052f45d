//! `GET /users/me/identities`: the accounts elsewhere by which I sign in.

use campus_aws::{ACCOUNTS, Grant};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};

use super::{IdentityView, store};
use crate::Error;
use crate::oauth::Provider;

/// The endpoint.
pub struct ListIdentities;

impl Endpoint for ListIdentities {
    const NAME: &'static str = "list_identities";
    const SUMMARY: &'static str = "My accounts elsewhere";
    const ROUTE: Route = get("/users/me/identities");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<IdentityView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<Provider> = cx.open_cursor(&list, cursor.as_deref())?;
        // One of each provider at most, in the order of providers, so that nothing moves while the list is read.
        let linked = store::list_by_user(cx, caller.user_id()).await?;
        let mut rest = Provider::ALL.into_iter();
        if let Some(after) = after {
            rest.by_ref().take_while(|provider| *provider != after).for_each(drop);
        }
        let rest: Vec<_> =
            rest.filter_map(|provider| linked.iter().find(|identity| identity.provider == provider)).collect();
        let shown = &rest[..rest.len().min(limit.get().into())];
        let next = shown.last().filter(|_| shown.len() < rest.len()).map(|identity| identity.provider);
        let items = shown.iter().map(|identity| IdentityView::from((*identity).clone())).collect();
        Ok(Fine::new(cx.page(&list, items, next.as_ref())?))
    }
}
