//! `GET /screenings/{id}`: one screening.
//!
//! Three round trips, one over the goal: which film and library it is of is known when it is read, and their names are
//! read anew, since they may change.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoQuery, Request, Route, Whole, get};

use super::{ScreeningPath, ScreeningView, store};
use crate::Error;

/// The endpoint.
pub struct GetScreening;

impl Endpoint for GetScreening {
    const NAME: &'static str = "get_screening";
    const SUMMARY: &'static str = "A screening";
    const ROUTE: Route = get("/screenings/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().batch_get()];
    const REFUSALS: &'static [Error] = &[Error::ScreeningNotFound];
    type Access = Member;
    type Path = ScreeningPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<ScreeningView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let screening = store::get_seen_by(cx, &caller, request.path.id).await?;
        let named = store::find_named(cx, [screening.film_id], [screening.library_id]).await?;
        Ok(Whole(named.view(screening)?))
    }
}
