//! `DELETE /schools/{id}`: hide a school from all but staff.

use campus_aws::{ACCOUNTS, Grant, PROFILES};
use campus_endpoint::{Caller, Cx, Endpoint, NoBody, NoContent, NoQuery, Request, Route, Staff, delete};
use campus_store::while_raced;

use super::{School, SchoolPath, store};
use crate::Error;

/// The endpoint.
pub struct DeleteSchool;

impl Endpoint for DeleteSchool {
    const NAME: &'static str = "delete_school";
    const SUMMARY: &'static str = "Delete a school; its members are then of none";
    const ROUTE: Route = delete("/schools/{id}");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get().put().delete(), PROFILES.delete()];
    const REFUSALS: &'static [Error] = &[Error::SchoolNotFound];
    type Access = Staff;
    type Path = SchoolPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Deleted again, it stays deleted.
    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let seen = store::get_seen_by(cx, caller.is_staff(), request.path.id).await?;
            if seen.deleted {
                return Ok(NoContent);
            }
            let wished = School { deleted: true, updated_at: cx.now(), version: seen.version + 1, ..seen.clone() };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(NoContent)
        })
        .await
    }
}
