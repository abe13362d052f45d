//! `DELETE /libraries/{id}`: hide a library from all but staff.
//!
//! Four round trips, one over the goal: screenings are looked for when the version is known that the deletion holds to,
//! or one could come in between.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, NoBody, NoContent, NoQuery, Request, Route, Staff, delete};
use campus_store::while_raced;

use super::{Library, LibraryPath, store};
use crate::Error;
use crate::screenings::store::{List, has_upcoming};

/// The endpoint.
pub struct DeleteLibrary;

impl Endpoint for DeleteLibrary {
    const NAME: &'static str = "delete_library";
    const SUMMARY: &'static str = "Delete a library without screenings to come";
    const ROUTE: Route = delete("/libraries/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().query().put().delete()];
    const REFUSALS: &'static [Error] = &[Error::LibraryNotFound, Error::LibraryInUse];
    type Access = Staff;
    type Path = LibraryPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Deleted again, it stays deleted.
    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let seen = store::get_seen_by(cx, &caller, request.path.id).await?;
            if seen.deleted {
                return Ok(NoContent);
            }
            if has_upcoming(cx, List::Library(seen.id)).await? {
                return Err(Error::LibraryInUse);
            }
            let wished = Library { deleted: true, updated_at: cx.now(), version: seen.version + 1, ..seen.clone() };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(NoContent)
        })
        .await
    }
}
