//! `GET /users/me`: one's own account.

use campus_aws::{ACCOUNTS, Grant};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoPath, NoQuery, Request, Route, Whole, get};

use super::{UserView, store};
use crate::Error;

/// The endpoint.
pub struct GetCurrentUser;

impl Endpoint for GetCurrentUser {
    const NAME: &'static str = "get_current_user";
    const SUMMARY: &'static str = "My account";
    const ROUTE: Route = get("/users/me");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.batch_get()];
    const REFUSALS: &'static [Error] = &[Error::AccountNotFound];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<UserView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<Whole<UserView>, Error> {
        let school_id = caller.session().school.map(|school| school.id);
        let (account, school) = store::get_with_school(cx, caller.user_id(), school_id).await?;
        Ok(Whole(UserView::new(account, school)))
    }
}
