//! `DELETE /sessions/{id}`: end one of my sessions.

use campus_aws::{Grant, SESSIONS};
use campus_domain::SessionId;
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoQuery, Request, Route, delete};
use utoipa::ToSchema;

use super::store;
use crate::Error;

/// The endpoint.
pub struct DeleteSession;

/// Which session.
#[derive(eserde::Deserialize, ToSchema)]
pub struct SessionPath {
    id: SessionId,
}

impl Endpoint for DeleteSession {
    const NAME: &'static str = "delete_session";
    const SUMMARY: &'static str = "End one of my sessions";
    const ROUTE: Route = delete("/sessions/{id}");
    const GRANTS: &'static [Grant] = &[SESSIONS.update()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[Error::SessionNotFound];
    type Access = Member;
    type Path = SessionPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Someone else's is as little found as nobody's: the key begins with the caller's own id.
    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        if store::end(cx, caller.user_id(), request.path.id).await? {
            Ok(NoContent)
        } else {
            Err(Error::SessionNotFound)
        }
    }
}
