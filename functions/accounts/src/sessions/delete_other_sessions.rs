//! `DELETE /sessions`: end all my sessions but this one.

use campus_aws::{Grant, SESSIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoPath, NoQuery, Request, Route, delete};

use super::store;
use crate::Error;
use campus_store::while_raced;

/// The endpoint.
pub struct DeleteOtherSessions;

impl Endpoint for DeleteOtherSessions {
    const NAME: &'static str = "delete_other_sessions";
    const SUMMARY: &'static str = "End all my other sessions";
    const ROUTE: Route = delete("/sessions");
    const GRANTS: &'static [Grant] = &[SESSIONS.query().update()];
    const FRESH_SESSION: bool = true;
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| store::end_others(cx, caller.user_id(), caller.session().id)).await?;
        Ok(NoContent)
    }
}
