//! `GET /users/me/notification-preferences`: what I want to be told, and how.

use campus_aws::{Grant, NOTIFICATIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoPath, NoQuery, Request, Route, Whole, get};

use super::{NotificationPreferencesView, store};
use crate::Error;

/// The endpoint.
pub struct GetNotificationPreferences;

impl Endpoint for GetNotificationPreferences {
    const NAME: &'static str = "get_notification_preferences";
    const SUMMARY: &'static str = "What I want to be told, and how";
    const ROUTE: Route = get("/users/me/notification-preferences");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.get()];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<NotificationPreferencesView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<Self::Output, Error> {
        Ok(Whole(store::get(cx, caller.user_id()).await?.into()))
    }
}
