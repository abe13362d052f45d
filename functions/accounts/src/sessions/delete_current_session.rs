//! `DELETE /sessions/current`: sign out.

use campus_aws::{Grant, SESSIONS};
use campus_endpoint::{
    Caller, Cx, Endpoint, Member, NoBody, NoContent, NoPath, NoQuery, Request, Route, WithCookies, delete,
};

use super::store;
use crate::Error;

/// The endpoint.
pub struct DeleteCurrentSession;

impl Endpoint for DeleteCurrentSession {
    const NAME: &'static str = "delete_current_session";
    const SUMMARY: &'static str = "Sign out";
    const ROUTE: Route = delete("/sessions/current");
    const GRANTS: &'static [Grant] = &[SESSIONS.update()];
    /// Whoever is locked out still wants their session gone from a device that others use.
    const SUSPENDED_TOO: bool = true;
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = WithCookies<NoContent>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<WithCookies<NoContent>, Error> {
        // One that is gone by now has ended, too.
        store::end(cx, caller.user_id(), caller.session().id).await?;
        Ok(WithCookies::clearing(NoContent))
    }
}
