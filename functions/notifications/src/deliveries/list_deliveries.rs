//! `GET /users/me/deliveries`: what was sent to me, newest first.

use campus_aws::{Grant, NOTIFICATIONS};
use campus_domain::{DeliveryId, Timestamp};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};
use campus_messages::Channel;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Delivery, DeliveryStatus, store};
use crate::Error;

/// The endpoint.
pub struct ListDeliveries;

/// What is known of a message to a person.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryStatus)]
enum StatusView {
    /// It is on its way to the provider.
    Queued,
    /// The provider took it.
    Sent,
    /// The provider refused it or could not deliver it, or it came too late.
    Failed,
    /// The provider did not answer: it may have been sent.
    Unknown,
}

impl From<DeliveryStatus> for StatusView {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Sending => Self::Queued,
            DeliveryStatus::Sent => Self::Sent,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Unknown => Self::Unknown,
        }
    }
}

/// A message as the person that it went to sees it: neither what it said nor where it went.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    id: DeliveryId,
    channel: Channel,
    /// What kind of message it is.
    #[schema(example = "verification_code")]
    kind: String,
    status: StatusView,
    /// The provider's code of the latest error, or ours: such as `bounced`.
    #[schema(required, example = json!(null))]
    provider_code: Option<String>,
    /// The provider's words for it.
    #[schema(required, example = json!(null))]
    provider_message: Option<String>,
    /// How often it was handed to the provider.
    #[schema(example = 1, minimum = 1)]
    attempts: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            channel: delivery.channel,
            kind: delivery.topic,
            status: delivery.status.into(),
            provider_code: delivery.provider_code,
            provider_message: delivery.provider_message,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
        }
    }
}

impl Endpoint for ListDeliveries {
    const NAME: &'static str = "list_deliveries";
    const SUMMARY: &'static str = "What was sent to me, newest first";
    const ROUTE: Route = get("/users/me/deliveries");
    const GRANTS: &'static [Grant] = &[NOTIFICATIONS.query()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<DeliveryView>>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<DeliveryId> = cx.open_cursor(&list, cursor.as_deref())?;
        // One more than is shown says whether there are more.
        let mut deliveries = store::list_by_owner(cx, caller.user_id(), after, limit.get() + 1).await?;
        let is_last = deliveries.len() <= limit.get().into();
        deliveries.truncate(limit.get().into());
        let next = deliveries.last().filter(|_| !is_last).map(|delivery| delivery.id);
        let items = deliveries.into_iter().map(DeliveryView::from).collect();
        Ok(Fine::new(cx.page(&list, items, next.as_ref())?))
    }
}
