//! `GET /films`: all films by title, or those with a text in one of their titles.
//!
//! A search looks through the list, which is one partition: a university shows hundreds of films, not millions. Beyond
//! a thousand that do not match, a page ends early and its cursor goes on.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::Line;
use campus_endpoint::{
    Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, PageLimit, Request, Route, get,
};
use utoipa::ToSchema;

use super::{FilmView, store};
use crate::Error;

/// The endpoint.
pub struct ListFilms;

/// Which films.
#[derive(eserde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// What a title has in it, in any case and width.
    q: Option<Line<100>>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items a page has at most.
    #[serde(default)]
    limit: PageLimit,
}

impl Endpoint for ListFilms {
    const NAME: &'static str = "list_films";
    const SUMMARY: &'static str = "Films, by title";
    const ROUTE: Route = get("/films");
    const GRANTS: &'static [Grant] = &[SCREENINGS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Search;
    type Input = NoBody;
    type Output = Fine<Listed<FilmView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Search { q, cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &q)?;
        let after = cx.open_cursor(&list, cursor.as_deref())?;
        let page = store::list(cx, q.as_ref(), after, limit.get()).await?;
        let items = page.items.into_iter().map(|listed| listed.film.into()).collect();
        Ok(Fine::new(cx.page(&list, items, page.next.map(|place| place.sk).as_ref())?))
    }
}
