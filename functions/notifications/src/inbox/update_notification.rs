//! `PATCH /notifications/{id}`: mark one entry of my inbox as read, or as unread.

use campus_aws::{CONTACTS, Grant, NOTIFICATIONS};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Member, NoQuery, Patch, PreconditionFailed, Request, Route, Whole, patch,
};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{NotificationPath, NotificationView, store};
use crate::Error;

/// The endpoint.
pub struct UpdateNotification;

/// A merge patch of an entry.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "read": true }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = bool)]
    read: Patch<bool>,
}

impl Body for Input {}

impl Endpoint for UpdateNotification {
    const NAME: &'static str = "update_notification";
    const SUMMARY: &'static str = "Mark an entry of my inbox as read, or as unread";
    const ROUTE: Route = patch("/notifications/{id}");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.batch_get().update().check(), CONTACTS.batch_get()];
    const REFUSALS: &'static [Error] = &[Error::NotificationNotFound, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Member;
    type Path = NotificationPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<NotificationView>;
    type Error = Error;

    /// Someone else's is as little found as nobody's: the key begins with the caller's own id.
    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        while_raced(|| async {
            let (seen, reader) = store::get(cx, caller.user_id(), path.id).await?;
            let shown = NotificationView::new(seen.clone(), &reader, cx.locale());
            if_match.check(&shown)?;
            match input.read.sent() {
                Some(read) if *read != shown.read => {
                    let marked = store::mark(cx, &seen, &reader.marker, *read).await?;
                    Ok(Whole(NotificationView::new(marked, &reader, cx.locale())))
                }
                _ => Ok(Whole(shown)),
            }
        })
        .await
    }
}
