//! `GET /users/me/security-events`: what happened to my account, newest first.

use campus_aws::{ACCOUNTS, Grant};
use campus_domain::SecurityEventId;
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};

use super::{SecurityEventView, store};
use crate::Error;

/// The endpoint.
pub struct ListSecurityEvents;

impl Endpoint for ListSecurityEvents {
    const NAME: &'static str = "list_security_events";
    const SUMMARY: &'static str = "What happened to my account, newest first";
    const ROUTE: Route = get("/users/me/security-events");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<SecurityEventView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<SecurityEventId> = cx.open_cursor(&list, cursor.as_deref())?;
        // One more than is shown says whether there are more.
        let mut events = store::list_by_user(cx, caller.user_id(), after, limit.get() + 1).await?;
        let is_last = events.len() <= limit.get().into();
        events.truncate(limit.get().into());
        let next = events.last().filter(|_| !is_last).map(|event| event.id);
        let items = events.into_iter().map(SecurityEventView::from).collect();
        Ok(Fine::new(cx.page(&list, items, next.as_ref())?))
    }
}
