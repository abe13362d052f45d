//! What plans read of others, and write.
//!
//! Due alerts are written without conditions: an alert's key is made of what it is about and when it is due, so that
//! the same plan, carried out twice or halfway, writes the same items. One that another plan made meanwhile is not
//! overwritten but stands beside; whoever sends them finds out which holds.

use std::collections::HashMap;

use campus_domain::{Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::{ContactCard, DueAlert, Preferences};
use campus_store::{Key, Page, StoreError};

use super::Timing;
use crate::screenings::Screening;
use crate::screenings::store::{List, ListedScreening, listed_at};
use crate::wishes::Wish;
use crate::wishes::store::{WishedByUser, partition, user_partition};

/// People whose settings are read in one batch, of a hundred items at most.
pub(super) const PEOPLE_PER_PAGE: u16 = 50;
/// Wishes of one person that are planned together: each asks for its film's screenings.
const WISHES_PER_PAGE: u16 = 25;
/// Screenings of one film that are planned; the nearest.
const SCREENINGS_MAX: usize = 100;

/// A page of those who wish for a film.
pub(super) async fn list_wishes(
    cx: &Cx,
    film_id: campus_domain::FilmId,
    shard: u8,
    after: Option<&str>,
) -> Result<Page<Wish>, StoreError> {
    let pk = partition(film_id, shard);
    let after = after.map(|sk| Key::new(pk.clone(), sk));
    cx.store().query(pk).beginning_with("USER#").after(after).page(PEOPLE_PER_PAGE).await
}

/// A page of what a person wishes for.
pub(crate) async fn list_wished(
    cx: &Cx,
    user_id: UserId,
    after: Option<&str>,
) -> Result<Page<WishedByUser>, StoreError> {
    let pk = user_partition(user_id);
    let after = after.map(|sk| Key::new(pk.clone(), sk));
    cx.store().query(pk).beginning_with("WISH#").after(after).page(WISHES_PER_PAGE).await
}

/// The screenings of a film that are still to come.
pub(crate) async fn list_upcoming(
    cx: &Cx,
    film_id: campus_domain::FilmId,
    now: Timestamp,
) -> Result<Vec<Screening>, StoreError> {
    let upcoming = cx.store().query(List::Film(film_id).partition()).between(listed_at(now), listed_at(Timestamp::MAX));
    let listed: Vec<ListedScreening> = upcoming.all(SCREENINGS_MAX).await?;
    Ok(listed.into_iter().map(|listed| listed.screening).collect())
}

/// When these people are reminded. Who has no card has no account any more, and is not among them.
pub(super) async fn find_timings(cx: &Cx, people: &[UserId]) -> Result<HashMap<UserId, Timing>, StoreError> {
    let mut batch = cx.store().batch();
    let slots: Vec<_> = people
        .iter()
        .map(|id| {
            let card = batch.find::<ContactCard>(&ContactCard::key_of(*id));
            (*id, card, batch.find::<Preferences>(&Preferences::key_of(*id)))
        })
        .collect();
    let mut found = batch.send().await?;
    let mut timings = HashMap::new();
    for (id, card, preferences) in slots {
        let (card, preferences) = (found.take(card)?, found.take(preferences)?);
        if let Some(card) = card {
            let lead = preferences.map(|preferences| preferences.lead_minutes).unwrap_or_default();
            timings.insert(id, Timing { zone: card.time_zone, lead });
        }
    }
    Ok(timings)
}

/// Writes what is due.
pub(super) async fn put_due(cx: &Cx, due: &[DueAlert]) -> Result<(), StoreError> {
    let mut writes = cx.store().batch_write();
    for alert in due {
        writes.put(alert);
    }
    writes.send().await
}
