//! `GET /users/me/exports`: the exports that I asked for, newest first.

use campus_aws::{EXPORTS, Grant};
use campus_domain::ExportId;
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};

use super::{ExportView, store};
use crate::Error;

/// The endpoint.
pub struct ListExports;

impl Endpoint for ListExports {
    const NAME: &'static str = "list_exports";
    const SUMMARY: &'static str = "The exports that I asked for, newest first";
    const ROUTE: Route = get("/users/me/exports");
    const GRANTS: &'static [Grant] = &[EXPORTS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<ExportView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<ExportId> = cx.open_cursor(&list, cursor.as_deref())?;
        // The day's limit keeps them few, so all are read at once.
        let mut exports = store::list_by_user(cx, caller.user_id()).await?;
        exports.retain(|export| after.is_none_or(|after| export.id < after));
        let is_last = exports.len() <= limit.get().into();
        exports.truncate(limit.get().into());
        let next = exports.last().filter(|_| !is_last).map(|export| export.id);
        Ok(Fine::new(cx.page(&list, exports.iter().map(ExportView::from).collect(), next.as_ref())?))
    }
}
