//! `GET /notifications`: my inbox, newest first.

use campus_aws::{CONTACTS, Grant, NOTIFICATIONS};
use campus_domain::{NotificationId, Timestamp};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{NotificationView, store};
use crate::Error;

/// The endpoint.
pub struct ListNotifications;

/// A page of an inbox.
#[derive(Serialize, ToSchema)]
pub struct InboxPage {
    items: Vec<NotificationView>,
    /// For the page after this one; null at the end.
    #[schema(required, example = json!(null))]
    next_cursor: Option<String>,
    /// How many entries of the whole inbox are not read.
    #[schema(example = 1, minimum = 0)]
    unread_count: usize,
}

impl Endpoint for ListNotifications {
    const NAME: &'static str = "list_notifications";
    const SUMMARY: &'static str = "My inbox, newest first";
    const ROUTE: Route = get("/notifications");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.query().batch_get(), CONTACTS.batch_get()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<InboxPage>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<(Timestamp, NotificationId)> = cx.open_cursor(&list, cursor.as_deref())?;
        // All that an inbox shows is read at once, also to count what is unread.
        let (mut entries, reader) = store::list_newest(cx, caller.user_id()).await?;
        let unread_count = entries.iter().filter(|entry| !entry.is_read(&reader.marker)).count();
        entries.retain(|entry| after.is_none_or(|after| (entry.arrived_at, entry.id) < after));
        let is_last = entries.len() <= limit.get().into();
        entries.truncate(limit.get().into());
        let next = entries.last().filter(|_| !is_last).map(|entry| (entry.arrived_at, entry.id));
        let items = entries.into_iter().map(|entry| NotificationView::new(entry, &reader, cx.locale())).collect();
        let Listed { items, next_cursor } = cx.page(&list, items, next.as_ref())?;
        Ok(Fine::new(InboxPage { items, next_cursor, unread_count }))
    }
}
