//! Alerts that are due, as those who dispatch and send them see them. Keys and patterns: `campus_messages::DueAlert`.
//! Beside them `pk = SHARD#<shard>`: the lease of whoever empties the shard.
//!
//! Deleting a due alert needs no condition: it is queued by then, and what is planned again for the same time is the
//! same. One that has to wait is written again for its new time, without a condition for the same reason.

use std::collections::HashMap;

use campus_aws::{ALERTS, SCREENINGS, Table};
use campus_domain::{Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::{Alert, ContactCard, DueAlert, Needed, Preferences};
use campus_store::{Item, Key, StoreError, Update, Written, absent, attr};
use serde::{Deserialize, Serialize};

use super::LEASE_SECONDS;

/// The alerts of a shard that are due by then, oldest first.
pub(super) async fn list_due(cx: &Cx, shard: u8, by: Timestamp, limit: u16) -> Result<Vec<DueAlert>, StoreError> {
    let due = cx.store().query(DueAlert::partition(shard)).between("0", DueAlert::due_by(by));
    Ok(due.page(limit).await?.items)
}

/// Deletes alerts that are queued.
pub(super) async fn delete_due(cx: &Cx, due: impl Iterator<Item = &DueAlert>) -> Result<(), StoreError> {
    let mut writes = cx.store().batch_write();
    for alert in due {
        writes.delete(ALERTS, &alert.key());
    }
    writes.send().await
}

/// Has alerts wait for a later time.
pub(super) async fn put_due(cx: &Cx, due: &[DueAlert]) -> Result<(), StoreError> {
    let mut writes = cx.store().batch_write();
    for alert in due {
        writes.put(alert);
    }
    writes.send().await
}

fn lease_key(shard: u8) -> Key {
    Key::alone(format!("SHARD#{shard:02}"))
}

/// Takes the lease of a shard; false while another worker has it. Sent twice, the second attempt finds its own mark.
pub(super) async fn take_lease(cx: &Cx, shard: u8) -> Result<bool, StoreError> {
    let now = cx.now();
    let mark = cx.request_id().to_string();
    let free = absent().or(attr("lease_ends_at").at_most(now)).or(attr("holder").eq(mark.as_str()));
    let update =
        Update::new().set("kind", "shard").set("holder", mark).set("lease_ends_at", now.plus_seconds(LEASE_SECONDS));
    Ok(matches!(cx.store().update(ALERTS, &lease_key(shard), update, free).await?, Written::Done(_)))
}

/// Gives the lease back: nobody else can have it while it counts, and when it does not count any more, losing it costs
/// work and nothing else.
pub(super) async fn give_back_lease(cx: &Cx, shard: u8) -> Result<(), StoreError> {
    cx.store().delete(ALERTS, &lease_key(shard)).await
}

/// What an alert depends on, as it is now.
pub(super) struct Circumstances {
    pub(super) card: Option<ContactCard>,
    pub(super) preferences: Preferences,
    pub(super) is_wished: bool,
    pub(super) revision: Option<u32>,
    pub(super) film_title: Option<String>,
    pub(super) library_name: Option<String>,
}

/// As much of any item of the table `screenings` as alerts need.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Present {
    pk: String,
    sk: String,
    revision: Option<u32>,
    title: Option<String>,
    name: Option<String>,
}

impl Item for Present {
    const TABLE: Table = SCREENINGS;
    const KIND: &'static str = "present";

    fn key(&self) -> Key {
        Key::new(self.pk.clone(), self.sk.clone())
    }
}

/// Reads what alerts depend on, in one round trip.
pub(super) async fn find_circumstances(cx: &Cx, alerts: &[Alert]) -> Result<Vec<Circumstances>, StoreError> {
    let mut batch = cx.store().batch();
    let mut people = HashMap::new();
    let mut present = HashMap::new();
    for alert in alerts {
        people.entry(alert.user_id).or_insert_with(|| {
            let card = batch.find::<ContactCard>(&ContactCard::key_of(alert.user_id));
            (card, batch.find::<Preferences>(&Preferences::key_of(alert.user_id)))
        });
        let needs = &alert.needs;
        for needed in [&needs.wish, &needs.screening, &needs.film, &needs.library] {
            present.entry(needed.clone()).or_insert_with(|| batch.find::<Present>(&needed.into()));
        }
    }
    let mut found = batch.send().await?;
    let mut people_found = HashMap::<UserId, (Option<ContactCard>, Option<Preferences>)>::new();
    for (id, (card, preferences)) in people {
        people_found.insert(id, (found.take(card)?, found.take(preferences)?));
    }
    let mut present_found = HashMap::<Needed, Present>::new();
    for (needed, slot) in present {
        if let Some(item) = found.take(slot)? {
            present_found.insert(needed, item);
        }
    }
    let circumstances = alerts.iter().map(|alert| {
        let (card, preferences) = people_found.get(&alert.user_id).cloned().unwrap_or_default();
        let at = |needed: &Needed| present_found.get(needed);
        Circumstances {
            card,
            preferences: preferences.unwrap_or_else(|| Preferences::default_of(alert.user_id)),
            is_wished: at(&alert.needs.wish).is_some(),
            revision: at(&alert.needs.screening).and_then(|screening| screening.revision),
            film_title: at(&alert.needs.film).and_then(|film| film.title.clone()),
            library_name: at(&alert.needs.library).and_then(|library| library.name.clone()),
        }
    });
    Ok(circumstances.collect())
}
