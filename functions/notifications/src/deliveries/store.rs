//! The ledger of deliveries.
//!
//! Table `notifications`, `pk = RECIPIENT#<user id, or the delivery's own id>`, `sk = DELIVERY#<delivery
//! id>`. Patterns: one delivery by the message that asks for it; a person's deliveries, newest last.
//!
//! A delivery is claimed before the provider is called (`SENDING`, for 60 s) and settled after. Each
//! is one conditional write, so that of two workers with the same message one calls the provider. A
//! worker that dies in between leaves the claim: nobody knows whether the provider took the message.
//! A code is then not sent again (its owner can ask for another), and its delivery is `unknown`; what
//! nobody could ask for again is sent once more for each such death, rather than never.

use campus_aws::{NOTIFICATIONS, Table};
use campus_domain::{DeliveryId, Timestamp, UserId};
use campus_endpoint::{Cx, WorkError};
use campus_messages::{Channel, Message};
use campus_store::{Attributes, Condition, Item, Key, StoreError, Update, Written, absent, attr, decode};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

/// A worker has this long to call the provider and settle a message; its own time-out is below it.
const LEASE_SECONDS: i64 = 60;
/// The ledger is kept for a year.
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;

/// What is known of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// A worker is at it.
    Sending,
    /// The provider took it.
    Sent,
    /// The provider refused it, or it came too late.
    Failed,
    /// A worker died at it, or the provider did not answer: it may have been sent.
    Unknown,
}

impl DeliveryStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the ledger. Holds neither the message nor whom it went to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose account it concerns, where there is one.
    pub owner: Option<UserId>,
    /// How it goes.
    pub channel: Channel,
    /// What kind of message it is; not `kind`, which every item has.
    pub topic: String,
    /// What is known of it.
    pub status: DeliveryStatus,
    /// How often the provider was to be called.
    pub attempts: u32,
    /// The provider's id of the message.
    pub provider_id: Option<String>,
    /// The provider's code of the latest error.
    pub provider_code: Option<String>,
    /// The provider's words for the latest error.
    pub provider_message: Option<String>,
    /// Until when the claim counts.
    #[serde(with = "campus_domain::time::epoch")]
    pub lease_ends_at: Timestamp,
    /// When it was claimed first.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Item for Delivery {
    const TABLE: Table = NOTIFICATIONS;
    const KIND: &'static str = "delivery";

    fn key(&self) -> Key {
        Self::key_of(self.owner, self.id)
    }
}

pub(crate) fn partition(owner: UserId) -> String {
    format!("RECIPIENT#{owner}")
}

impl Delivery {
    /// What the sort keys of deliveries begin with: a person's partition holds more.
    const PREFIX: &'static str = "DELIVERY#";

    /// Where a delivery is stored.
    fn key_of(owner: Option<UserId>, id: DeliveryId) -> Key {
        let pk = owner.map_or_else(|| format!("RECIPIENT#{id}"), partition);
        Key::new(pk, format!("{}{id}", Self::PREFIX))
    }
}

/// Something to be delivered, as the ledger sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parcel {
    /// The same for the same message, however often it is queued.
    pub(crate) id: DeliveryId,
    pub(crate) owner: Option<UserId>,
    pub(crate) channel: Channel,
    pub(crate) topic: &'static str,
    /// Whether it is sent again when nobody knows if it was sent.
    pub(crate) survives_doubt: bool,
    /// For how long a worker's claim counts: longer than it can run.
    pub(crate) lease_seconds: i64,
}

impl From<&Message> for Parcel {
    fn from(message: &Message) -> Self {
        Self {
            id: message.id,
            owner: message.owner,
            channel: message.to.channel(),
            topic: message.topic.kind(),
            survives_doubt: message.topic.survives_doubt(),
            lease_seconds: LEASE_SECONDS,
        }
    }
}

impl Delivery {
    fn first(parcel: &Parcel, now: Timestamp) -> Self {
        Self {
            id: parcel.id,
            owner: parcel.owner,
            channel: parcel.channel,
            topic: parcel.topic.to_owned(),
            status: DeliveryStatus::Sending,
            attempts: 1,
            provider_id: None,
            provider_code: None,
            provider_message: None,
            lease_ends_at: now.plus_seconds(parcel.lease_seconds),
            created_at: now,
            updated_at: now,
            expires_at: now.plus_seconds(KEPT_SECONDS),
        }
    }

    pub(crate) fn succeed(&mut self, provider_id: String) {
        self.status = DeliveryStatus::Sent;
        self.provider_id = Some(provider_id);
        self.provider_code = None;
        self.provider_message = None;
    }

    /// Nobody can tell whether the provider took it.
    pub(super) fn doubt(&mut self, code: &str, message: &str) {
        self.fail(code, message);
        self.status = DeliveryStatus::Unknown;
    }

    pub(crate) fn fail(&mut self, code: &str, message: &str) {
        self.status = DeliveryStatus::Failed;
        self.provider_code = Some(code.to_owned());
        self.provider_message = Some(message.to_owned());
    }

    /// The claim is still the one that was made.
    fn is_ours(&self) -> Condition {
        attr("attempts").eq(self.attempts)
    }

    /// The stored delivery is still the one that this is a change of.
    fn unchanged(&self) -> Condition {
        attr("status").eq(self.status.as_str()).and(attr("attempts").eq(self.attempts))
    }
}

/// Why a claim was not written.
enum Unwritten {
    Failed(StoreError),
    /// The condition does not hold; with the item as it is, if there is one.
    Refused(Option<Attributes>),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// Writes a claim: as a transaction, since a single write whose answer is lost would be sent again by the SDK and find
/// its own claim, which looks like another worker's.
async fn put(cx: &Cx, delivery: &Delivery, condition: Condition) -> Result<(), Unwritten> {
    let mut transaction = cx.store().transaction::<Unwritten>();
    transaction.put(delivery, condition).or_else(Unwritten::Refused);
    transaction.send().await
}

/// Claims deliveries for this worker, and writes what goes with them, in one transaction: of new ones, as nearly all
/// are. False if any of them is not new.
pub(crate) async fn claim_new(cx: &Cx, parcels: &[Parcel]) -> Result<Option<Vec<Delivery>>, StoreError> {
    let claimed: Vec<Delivery> = parcels.iter().map(|parcel| Delivery::first(parcel, cx.now())).collect();
    let mut transaction = cx.store().transaction::<Unwritten>();
    for delivery in &claimed {
        transaction.put(delivery, absent()).or_else(Unwritten::Refused);
    }
    match transaction.send().await {
        Ok(()) => Ok(Some(claimed)),
        Err(Unwritten::Refused(_)) => Ok(None),
        Err(Unwritten::Failed(error)) => Err(error),
    }
}

/// Claims the delivery of a message for this worker; `None` when there is nothing to send (any more).
///
/// # Errors
///
/// [`WorkError`] while another worker's claim counts: the message comes again after it.
pub(crate) async fn claim(cx: &Cx, parcel: &Parcel) -> Result<Option<Delivery>, WorkError> {
    let now = cx.now();
    let mut delivery = Delivery::first(parcel, now);
    let mut condition = absent();
    loop {
        let stored = match put(cx, &delivery, condition).await {
            Ok(()) => return Ok(Some(delivery)),
            Err(Unwritten::Failed(error)) => return Err(error.into()),
            Err(Unwritten::Refused(Some(stored))) => decode::<Delivery>(stored)?,
            Err(Unwritten::Refused(None)) => {
                condition = absent();
                continue;
            }
        };
        match stored.status {
            DeliveryStatus::Sent | DeliveryStatus::Unknown => return Ok(None),
            DeliveryStatus::Sending if stored.lease_ends_at > now => {
                return Err(WorkError::new("another worker is sending this message"));
            }
            DeliveryStatus::Sending if parcel.survives_doubt => {
                condition = stored.unchanged();
                delivery = Delivery {
                    attempts: stored.attempts + 1,
                    lease_ends_at: now.plus_seconds(parcel.lease_seconds),
                    updated_at: now,
                    ..stored
                };
            }
            DeliveryStatus::Sending => {
                condition = stored.unchanged();
                let lost = Delivery { status: DeliveryStatus::Unknown, updated_at: now, ..stored };
                match put(cx, &lost, condition.clone()).await {
                    Ok(()) => return Ok(None),
                    Err(Unwritten::Failed(error)) => return Err(error.into()),
                    Err(Unwritten::Refused(_)) => delivery = lost,
                }
            }
            DeliveryStatus::Failed => {
                condition = stored.unchanged();
                delivery = Delivery {
                    status: DeliveryStatus::Sending,
                    attempts: stored.attempts + 1,
                    lease_ends_at: now.plus_seconds(parcel.lease_seconds),
                    updated_at: now,
                    ..stored
                };
            }
        }
    }
}

/// Writes what came of a claimed delivery. Holds when the claim is still this worker's, or when this
/// very write took effect before its answer was lost.
pub(super) async fn settle(cx: &Cx, delivery: &Delivery) -> Result<(), StoreError> {
    let settled = Delivery { updated_at: cx.now(), ..delivery.clone() };
    cx.store().put(&settled, delivery.is_ours()).await.map(|_| ())
}

/// The same of several deliveries, in one transaction if all claims are still this worker's, as nearly always.
pub(crate) async fn settle_all(cx: &Cx, deliveries: &[&Delivery]) -> Result<(), StoreError> {
    let mut transaction = cx.store().transaction::<Unwritten>();
    for delivery in deliveries {
        let settled = Delivery { updated_at: cx.now(), ..(*delivery).clone() };
        transaction.put(&settled, delivery.is_ours()).or_else(Unwritten::Refused);
    }
    match transaction.send().await {
        Ok(()) => Ok(()),
        Err(Unwritten::Failed(error)) => Err(error),
        Err(Unwritten::Refused(_)) => {
            try_join_all(deliveries.iter().map(|delivery| settle(cx, delivery))).await.map(drop)
        }
    }
}

/// A person's deliveries behind this one, newest first, as many at most.
pub(crate) async fn list_by_owner(
    cx: &Cx,
    owner: UserId,
    after: Option<DeliveryId>,
    limit: u16,
) -> Result<Vec<Delivery>, StoreError> {
    let after = after.map(|id| Delivery::key_of(Some(owner), id));
    let query = cx.store().query(partition(owner)).beginning_with(Delivery::PREFIX).after(after).backward();
    // TTL deletes late by days at most, of a year.
    Ok(query.page::<Delivery>(limit).await?.items)
}

/// Writes that a mail which the provider had taken did not arrive, or was not welcome. Holds for the attempt that the
/// provider speaks of: a later one has another id at the provider. Of one that was in doubt it tells that it was sent.
///
/// # Errors
///
/// [`WorkError`] while a worker is still at it: it will write that the mail was sent, and must be heard first.
pub(crate) async fn fail_sent(
    cx: &Cx,
    owner: Option<UserId>,
    id: DeliveryId,
    provider_id: &str,
    code: &str,
    message: Option<&str>,
) -> Result<(), WorkError> {
    let update = Update::new()
        .set("status", DeliveryStatus::Failed.as_str())
        .set("provider_code", code)
        .set_or_keep("provider_message", message)
        .set("updated_at", cx.now().to_string());
    let spoken_of = attr("provider_id").eq(provider_id).or(attr("status").eq(DeliveryStatus::Unknown.as_str()));
    match cx.store().update(NOTIFICATIONS, &Delivery::key_of(owner, id), update, spoken_of).await? {
        Written::Refused(Some(stored)) => match decode::<Delivery>(stored)?.status {
            DeliveryStatus::Sending => Err(WorkError::new("a worker is still sending this mail")),
            // Of another attempt.
            DeliveryStatus::Sent | DeliveryStatus::Failed | DeliveryStatus::Unknown => Ok(()),
        },
        Written::Done(_) | Written::Refused(None) => Ok(()),
    }
}
