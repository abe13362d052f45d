//! `GET /sessions`: my devices.

use campus_aws::{Grant, SESSIONS};
use campus_domain::SessionId;
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};

use super::{SessionView, store};
use crate::Error;

/// The endpoint.
pub struct ListSessions;

impl Endpoint for ListSessions {
    const NAME: &'static str = "list_sessions";
    const SUMMARY: &'static str = "My devices";
    const ROUTE: Route = get("/sessions");
    const GRANTS: &'static [Grant] = &[SESSIONS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<SessionView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<SessionId> = cx.open_cursor(&list, cursor.as_deref())?;
        // Nobody has more than ten that are live, so all are read at once. Newest first, as ids are in order of time.
        let mut sessions = store::list_all(cx, caller.user_id()).await?;
        sessions.retain(|session| session.is_live(cx.now()) && after.is_none_or(|after| session.id < after));
        sessions.reverse();
        let is_last = sessions.len() <= limit.get().into();
        sessions.truncate(limit.get().into());
        let next = sessions.last().filter(|_| !is_last).map(|session| session.id);
        let current = caller.session().id;
        let items = sessions.into_iter().map(|session| SessionView::seen_by(current, session)).collect();
        Ok(Fine::new(cx.page(&list, items, next.as_ref())?))
    }
}
