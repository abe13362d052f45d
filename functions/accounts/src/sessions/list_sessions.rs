//! `GET /sessions`: my devices.

use campus_aws::{Grant, SESSIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, Member, NoBody, NoPath, NoQuery, Request, Route, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{SessionView, store};
use crate::Error;

/// The endpoint.
pub struct ListSessions;

/// All of them: nobody has more than ten, so there is no other page.
#[derive(Serialize, ToSchema)]
pub struct SessionsView {
    /// Newest first.
    items: Vec<SessionView>,
    /// Always null.
    next_cursor: Option<String>,
}

impl Endpoint for ListSessions {
    const NAME: &'static str = "list_sessions";
    const SUMMARY: &'static str = "My devices";
    const ROUTE: Route = get("/sessions");
    const GRANTS: &'static [Grant] = &[SESSIONS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<SessionsView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<Fine<SessionsView>, Error> {
        let mut sessions = store::list_all(cx, caller.user_id()).await?;
        sessions.retain(|session| session.is_live(cx.now()));
        sessions.reverse();
        let current = caller.session().id;
        let items = sessions.into_iter().map(|session| SessionView::seen_by(current, session)).collect();
        Ok(Fine::new(SessionsView { items, next_cursor: None }))
    }
}
