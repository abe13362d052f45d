//! `PUT /notifications/read-marker`: everything up to one entry of my inbox is read.

use campus_aws::{CONTACTS, Grant, NOTIFICATIONS};
use campus_domain::NotificationId;
use campus_endpoint::{Body, Caller, Cx, Endpoint, Member, NoContent, NoPath, NoQuery, Request, Route, put};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::store;
use crate::Error;

/// The endpoint.
pub struct ReplaceReadMarker;

/// Up to where the inbox is read.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    /// The newest entry that was read; what came before it is, too.
    up_to: NotificationId,
}

impl Body for Input {}

impl Endpoint for ReplaceReadMarker {
    const NAME: &'static str = "replace_read_marker";
    const SUMMARY: &'static str = "Mark my inbox as read, up to an entry";
    const ROUTE: Route = put("/notifications/read-marker");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.batch_get().put(), CONTACTS.batch_get()];
    const REFUSALS: &'static [Error] = &[Error::NotificationNotFound];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let (entry, reader) = store::get(cx, caller.user_id(), request.input.up_to).await?;
            // It is never moved back: what was read stays so. Set to where it is, it goes before what was said of
            // single entries in between.
            if let Some(wished) = reader.marker.moved_to(&entry) {
                store::replace_seen(cx, &reader.marker, &wished).await?;
            }
            Ok(NoContent)
        })
        .await
    }
}
