//! `GET /schools`: all schools by name, or those whose names have one beginning, for everyone.

use campus_aws::{ACCOUNTS, Grant};
use campus_endpoint::{
    Caller, Cx, Endpoint, Fine, ListKey, Listed, NoBody, NoPath, PageLimit, Public, Request, Route, get,
};
use campus_messages::SchoolName;
use utoipa::ToSchema;

use super::{SchoolView, store};
use crate::Error;

/// The endpoint.
pub struct ListSchools;

/// Which schools.
#[derive(eserde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// What a name begins with, in any case and width.
    prefix: Option<SchoolName>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items a page has at most.
    #[serde(default)]
    limit: PageLimit,
}

impl Endpoint for ListSchools {
    const NAME: &'static str = "list_schools";
    const SUMMARY: &'static str = "Schools, by name";
    const ROUTE: Route = get("/schools");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.query()];
    type Access = Public;
    type Path = NoPath;
    type Query = Search;
    type Input = NoBody;
    type Output = Fine<Listed<SchoolView>>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Search { prefix, cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, None, &prefix)?;
        let after = cx.open_cursor(&list, cursor.as_deref())?;
        let page = store::list(cx, prefix.as_ref(), after, limit.get()).await?;
        let items = page.items.into_iter().map(|listed| listed.school.into()).collect();
        Ok(Fine::new(cx.page(&list, items, page.next.map(|place| place.sk).as_ref())?))
    }
}
