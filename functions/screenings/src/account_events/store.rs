//! All that is kept of one person: what they wish for, and what waits in the table `alerts` to be told them of it.
//!
//! A purge goes through a person's wishes in pages, and deletes of each page the reminders, then the wishes, then the
//! copies by which it found them; so whoever dies halfway leaves what the next one begins with. Nothing has a
//! condition: everything deleted is this one person's, and deleting twice is deleting once. A wish that is made at the
//! same moment is deleted when the purge is heard again.
//!
//! A reminder's key has its time, which was by a zone and a lead time. Those of all zones, of the person's lead time
//! and of the usual one are found. What was planned by an earlier lead time, or waits for the end of quiet hours, is
//! not: it holds ids and nothing else of a person, and is dropped when its time comes, since there is no wish.

use campus_aws::{ALERTS, SCREENINGS};
use campus_domain::UserId;
use campus_endpoint::Cx;
use campus_messages::{DueAlert, LeadMinutes, Preferences, Purge, ScreeningEvent};
use campus_store::{Item, Key, StoreError};
use futures::future::try_join_all;

use crate::films::{self, Film};
use crate::plans::{alert, store as plans};
use crate::screenings::Screening;
use crate::wishes::store::{WishedByUser, key, user_partition};

/// Pages of wishes that one call deletes: a few seconds of work, within the worker's time-out. The rest is left to
/// another call.
const PAGES_PER_CALL: u8 = 4;
/// How long before a screening the same time of the day before can be: a day, longer or shorter by what clocks are put
/// back or forward, which is half an hour in one zone.
const DAYS_BEFORE_MINUTES: [i64; 5] = [24 * 60, 23 * 60, 25 * 60, 23 * 60 + 30, 24 * 60 + 30];

/// Deletes what is kept of a person, as much as one call can.
pub(super) async fn purge(cx: &Cx, user_id: UserId) -> Result<Purge, StoreError> {
    let preferences = cx.store().find::<Preferences>(&Preferences::key_of(user_id)).await?;
    let leads = [preferences.map(|preferences| preferences.lead_minutes).unwrap_or_default(), LeadMinutes::default()];
    for _ in 0..PAGES_PER_CALL {
        let wishes = plans::list_wished(cx, user_id, None).await?;
        let upcoming = wishes.items.iter().map(|wish| plans::list_upcoming(cx, wish.film_id, cx.now()));
        for screenings in try_join_all(upcoming).await? {
            let mut writes = cx.store().batch_write();
            for reminder in screenings.iter().flat_map(|screening| reminders(user_id, screening, &leads)) {
                writes.delete(ALERTS, &reminder);
            }
            writes.send().await?;
        }
        delete(cx, wishes.items.iter().map(|wish| key(wish.film_id, user_id))).await?;
        delete(cx, wishes.items.iter().map(Item::key)).await?;
        if wishes.next.is_none() {
            return Ok(Purge::Finished);
        }
    }
    Ok(Purge::Unfinished)
}

async fn delete(cx: &Cx, keys: impl Iterator<Item = Key>) -> Result<(), StoreError> {
    let mut writes = cx.store().batch_write();
    for key in keys {
        writes.delete(SCREENINGS, &key);
    }
    writes.send().await
}

/// Where the reminders of a screening can be.
fn reminders(user_id: UserId, screening: &Screening, leads: &[LeadMinutes]) -> Vec<Key> {
    let before = |event, minutes: i64| {
        let due_at = screening.starts_at.plus_seconds(-60 * minutes);
        DueAlert::new(alert(user_id, event, screening), due_at).key()
    };
    let tomorrow = DAYS_BEFORE_MINUTES.into_iter().map(|minutes| before(ScreeningEvent::Tomorrow, minutes));
    let soon = leads.iter().map(|lead| before(ScreeningEvent::Soon, i64::from(lead.0)));
    tomorrow.chain(soon).collect()
}

/// The wishes of an export: more than anyone has made.
const WISHES_MAX: usize = 3000;

/// What a person wishes for, newest first, with the films, of which none was ever taken away.
pub(super) async fn list_kept(cx: &Cx, user_id: UserId) -> Result<Vec<(WishedByUser, Option<Film>)>, StoreError> {
    let wishes = cx.store().query(user_partition(user_id)).beginning_with("WISH#").backward();
    let wishes: Vec<WishedByUser> = wishes.all(WISHES_MAX).await?;
    let mut batch = cx.store().batch();
    let films: Vec<_> = wishes.iter().map(|wish| batch.find::<Film>(&films::store::key(wish.film_id))).collect();
    let mut found = batch.send().await?;
    wishes.into_iter().zip(films).map(|(wish, slot)| Ok((wish, found.take(slot)?))).collect()
}

#[cfg(test)]
mod tests {
    use campus_domain::{FilmId, LibraryId, ScreeningId, TimeZoneName, Timestamp};

    use super::*;
    use crate::plans::{self, Late, Timing};

    #[test]
    fn the_reminders_of_every_zone_and_of_a_known_lead_time_are_found() {
        let user_id = UserId::from_parts(1, [4; 10]);
        let now = Timestamp::from_epoch_seconds(1_790_000_000);
        // A year of screenings, so that the clocks of every zone are put forward and back.
        for day in 2..367 {
            let screening = Screening {
                id: ScreeningId::from_parts(1, [1; 10]),
                library_id: LibraryId::from_parts(1, [2; 10]),
                film_id: FilmId::from_parts(1, [3; 10]),
                starts_at: now.plus_seconds(day * 24 * 60 * 60),
                place: None,
                note: None,
                source_id: None,
                cancelled: false,
                revision: 1,
                revised_at: now,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let found = reminders(user_id, &screening, &[LeadMinutes(90), LeadMinutes::default()]);
            for (zone, lead) in [
                ("Asia/Seoul", LeadMinutes::default()),
                ("America/New_York", LeadMinutes(90)),
                ("Europe/London", LeadMinutes(90)),
                ("Australia/Lord_Howe", LeadMinutes(90)),
            ] {
                let timing = Timing { zone: TimeZoneName::parse(zone).expect("it is a zone"), lead };
                for due in plans::reminders(user_id, &screening, &timing, Late::DroppedBefore(now), now) {
                    assert!(found.contains(&due.key()), "{zone}, day {day}: {}", due.due_at);
                }
            }
        }
    }
}
