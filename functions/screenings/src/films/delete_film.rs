//! `DELETE /films/{id}`: hide a film from all but staff.
//!
//! Four round trips, one over the goal: screenings are looked for when that is known which the deletion holds to, or
//! one could come in between.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, NoBody, NoContent, NoQuery, Request, Route, Staff, delete};
use campus_store::while_raced;

use super::{FilmPath, store};
use crate::Error;
use crate::screenings::store::{List, has_upcoming};

/// The endpoint.
pub struct DeleteFilm;

impl Endpoint for DeleteFilm {
    const NAME: &'static str = "delete_film";
    const SUMMARY: &'static str = "Delete a film without screenings to come";
    const ROUTE: Route = delete("/films/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.batch_get().query().put().delete().check()];
    const REFUSALS: &'static [Error] = &[Error::FilmNotFound, Error::FilmInUse];
    type Access = Staff;
    type Path = FilmPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Deleted again, it stays deleted.
    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let seen = store::get_with_heads(cx, request.path.id).await?;
            if seen.film.deleted {
                return Ok(NoContent);
            }
            if has_upcoming(cx, List::Film(seen.film.id)).await? {
                return Err(Error::FilmInUse);
            }
            store::delete_seen(cx, &seen).await?;
            Ok(NoContent)
        })
        .await
    }
}
