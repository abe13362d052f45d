//! `DELETE /notifications/{id}`: take one entry out of my inbox.

use campus_aws::{Grant, NOTIFICATIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoQuery, Request, Route, delete};

use super::{NotificationPath, store};
use crate::Error;

/// The endpoint.
pub struct DeleteNotification;

impl Endpoint for DeleteNotification {
    const NAME: &'static str = "delete_notification";
    const SUMMARY: &'static str = "Take an entry out of my inbox";
    const ROUTE: Route = delete("/notifications/{id}");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.update()];
    const REFUSALS: &'static [Error] = &[Error::NotificationNotFound];
    type Access = Member;
    type Path = NotificationPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// Deleted again, it stays deleted: a client whose answer was lost is told the same once more.
    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        if store::delete(cx, caller.user_id(), request.path.id).await? {
            Ok(NoContent)
        } else {
            Err(Error::NotificationNotFound)
        }
    }
}
