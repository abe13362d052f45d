//! `DELETE /screenings/{id}`: cancel a screening, of which people are told.

use campus_aws::{Grant, OUTBOX, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, NoBody, NoContent, NoQuery, Request, Route, Staff, delete};
use campus_store::while_raced;

use super::{Screening, ScreeningPath, store};
use crate::Error;

/// The endpoint.
pub struct DeleteScreening;

impl Endpoint for DeleteScreening {
    const NAME: &'static str = "delete_screening";
    const SUMMARY: &'static str = "Cancel a screening";
    const ROUTE: Route = delete("/screenings/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().put().update().delete(), OUTBOX.put()];
    const REFUSALS: &'static [Error] = &[Error::ScreeningNotFound];
    type Access = Staff;
    type Path = ScreeningPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Cancelled again, it stays cancelled, and people are told once.
    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let seen = store::get_seen_by(cx, &caller, request.path.id).await?;
            if !seen.cancelled {
                let wished = Screening { cancelled: true, ..seen.clone() }.changed(true, cx.now());
                store::replace_seen(cx, &seen, &wished).await?;
            }
            Ok(NoContent)
        })
        .await
    }
}
