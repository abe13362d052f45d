//! `GET /screenings`: screenings in the order of their beginnings, from now on unless asked otherwise.
//!
//! Three round trips, one over the goal: which films and libraries they are of is known when they are read, and the
//! names are read anew, since they may change. Of one film in one library it takes more where the film has hundreds of
//! screenings elsewhere.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{FilmId, Invalid, LibraryId, Moment, TimeZoneName, Timestamp};
use campus_endpoint::{
    Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, PageLimit, Request, Route, get,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ScreeningView;
use super::store::{self, Wanted};
use crate::Error;

/// The endpoint.
pub struct ListScreenings;

/// Which screenings: those that everything given is true of.
#[derive(eserde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of this library.
    library_id: Option<LibraryId>,
    /// Of this film.
    film_id: Option<FilmId>,
    /// That begin then or later; from now on by default.
    from: Option<Moment>,
    /// That begin then or earlier.
    to: Option<Moment>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items a page has at most.
    #[serde(default)]
    limit: PageLimit,
}

/// Where a page begins: in a list that begins where it began for the first page, however late that is by now.
#[derive(Serialize, Deserialize)]
struct Place {
    from: Timestamp,
    after: String,
}

impl Endpoint for ListScreenings {
    const NAME: &'static str = "list_screenings";
    const SUMMARY: &'static str = "Screenings, by time";
    const ROUTE: Route = get("/screenings");
    const GRANTS: &'static [Grant] = &[SCREENINGS.query().batch_get()];
    type Access = Member;
    type Path = NoPath;
    type Query = Filter;
    type Input = NoBody;
    type Output = Fine<Listed<ScreeningView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Filter { library_id, film_id, from, to, cursor, limit } = request.query;
        let zone = TimeZoneName::default();
        let (from, to) = (from.map(|from| from.first(&zone)), to.map(|to| to.last(&zone)));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(Error::Fields(vec![("query:to", Invalid::EndsBeforeStart)]));
        }
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &(library_id, film_id, from, to))?;
        let place: Option<Place> = cx.open_cursor(&list, cursor.as_deref())?;
        let (from, after) = match place {
            Some(place) => (place.from, Some(place.after)),
            None => (from.unwrap_or(cx.now()), None),
        };
        // What ended before now has nothing from now on; DynamoDB refuses to look.
        if to.is_some_and(|to| to < from) {
            return Ok(Fine::new(cx.page(&list, Vec::new(), None::<&Place>)?));
        }
        let page = store::list(cx, &Wanted { film_id, library_id, from, to }, after, limit.get()).await?;
        let next = page.next.map(|place| Place { from, after: place.sk });
        let items = store::views(cx, page.items).await?;
        Ok(Fine::new(cx.page(&list, items, next.as_ref())?))
    }
}
