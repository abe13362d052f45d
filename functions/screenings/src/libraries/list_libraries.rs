//! `GET /libraries`: all libraries, by name.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};

use super::{LibraryView, store};
use crate::Error;

/// The endpoint.
pub struct ListLibraries;

impl Endpoint for ListLibraries {
    const NAME: &'static str = "list_libraries";
    const SUMMARY: &'static str = "Libraries, by name";
    const ROUTE: Route = get("/libraries");
    const GRANTS: &'static [Grant] = &[SCREENINGS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<LibraryView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after = cx.open_cursor(&list, cursor.as_deref())?;
        let page = store::list(cx, after, limit.get()).await?;
        let items = page.items.into_iter().map(|listed| listed.library.into()).collect();
        Ok(Fine::new(cx.page(&list, items, page.next.map(|place| place.sk).as_ref())?))
    }
}
