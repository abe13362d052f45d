//! `plan_alerts`: plans the alerts of all who wish for a film, or all of one person's.
//!
//! A job deals with some pages and then queues one for the rest, so that a film with any number of wishes is dealt
//! with, each shard by itself. Killed halfway it comes again, and plans the same alerts, which have the same ids.

use campus_aws::{ALERTS, ALERTS_QUEUE, CONTACTS, Grant, NOTIFICATIONS, PLANS_QUEUE, SCREENINGS};
use campus_domain::{ScreeningId, Timestamp, UserId};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::{Alert, DueAlert, Plan, PlanJob, ScreeningEvent};
use futures::future::{join_all, try_join_all};

use super::{Late, alert, reminders, store};
use crate::screenings::{self, Screening};
use crate::wishes::store::WishedByUser;

/// Quiet hours end within a day.
const HELD_SECONDS_MAX: i64 = 24 * 60 * 60;
/// Pages that one job deals with: a few seconds of work, within the worker's time-out.
const PAGES_PER_JOB: u8 = 10;

/// The worker.
pub struct PlanAlerts;

impl Worker for PlanAlerts {
    const NAME: &'static str = "plan_alerts";
    const SOURCE: Source = Source::Queue(PLANS_QUEUE, 1);
    const GRANTS: &'static [Grant] = &[
        SCREENINGS.get().query(),
        CONTACTS.batch_get(),
        NOTIFICATIONS.batch_get(),
        ALERTS.batch_write(),
        ALERTS_QUEUE.send(),
        PLANS_QUEUE.send(),
    ];
    type Message = PlanJob;

    async fn handle(cx: &Cx, batch: Vec<PlanJob>) -> Vec<Result<(), WorkError>> {
        join_all(batch.into_iter().map(|PlanJob(plan)| async move {
            match plan {
                Plan::Screening { screening_id, revision, event, shard, after } => {
                    of_screening(cx, screening_id, revision, event, shard, after).await
                }
                Plan::Person { user_id, after } => of_person(cx, user_id, after).await,
            }
        }))
        .await
    }
}

async fn of_screening(
    cx: &Cx,
    screening_id: ScreeningId,
    revision: u32,
    event: ScreeningEvent,
    shard: u8,
    mut after: Option<String>,
) -> Result<(), WorkError> {
    let screening = cx.store().find::<Screening>(&screenings::store::key(screening_id)).await?;
    // A later revision has a plan of its own.
    let Some(screening) = screening.filter(|screening| screening.revision == revision) else { return Ok(()) };
    for _ in 0..PAGES_PER_JOB {
        let wishes = store::list_wishes(cx, screening.film_id, shard, after.as_deref()).await?;
        let people: Vec<UserId> = wishes.items.iter().map(|wish| wish.user_id).collect();
        if !people.is_empty() {
            plan_page(cx, &screening, event, &people).await?;
        }
        after = wishes.next.map(|key| key.sk);
        if after.is_none() {
            return Ok(());
        }
    }
    go_on(cx, Plan::Screening { screening_id, revision, event, shard, after }).await
}

/// Tells a page of people what happened, and plans their reminders.
async fn plan_page(cx: &Cx, screening: &Screening, event: ScreeningEvent, people: &[UserId]) -> Result<(), WorkError> {
    let timings = store::find_timings(cx, people).await?;
    let told_at = screening.revised_at;
    let due = timings
        .iter()
        .flat_map(|(id, timing)| reminders(*id, screening, timing, Late::DroppedBefore(told_at), cx.now()))
        .collect();
    let news = timings.keys().map(|id| alert(*id, event, screening)).collect();
    plan(cx, due, news).await
}

/// Has alerts wait for their time, and queues those that are to be told now, or are due already.
async fn plan(cx: &Cx, due: Vec<DueAlert>, mut alerts: Vec<Alert>) -> Result<(), WorkError> {
    let (waiting, late): (Vec<_>, Vec<_>) = due.into_iter().partition(|due| due.due_at > cx.now());
    store::put_due(cx, &waiting).await?;
    alerts.extend(late.into_iter().map(|due| due.alert));
    let bodies: Result<Vec<_>, _> =
        alerts.iter().map(|alert| serde_json::to_string(alert).map(|body| (alert.id(), body))).collect();
    let bodies = bodies.map_err(|error| WorkError::new(error.to_string()))?;
    let taken = cx.clients().enqueue(ALERTS_QUEUE, &bodies).await;
    if taken.len() == bodies.len() { Ok(()) } else { Err(WorkError::new("alerts were not queued")) }
}

async fn of_person(cx: &Cx, user_id: UserId, mut after: Option<String>) -> Result<(), WorkError> {
    for _ in 0..PAGES_PER_JOB {
        let person = [user_id];
        let (timings, wishes) =
            tokio::try_join!(store::find_timings(cx, &person), store::list_wished(cx, user_id, after.as_deref()))?;
        // Without a card there is no such person any more.
        let Some(timing) = timings.get(&user_id) else { return Ok(()) };
        let upcoming = wishes.items.iter().map(|wish| store::list_upcoming(cx, wish.film_id, cx.now()));
        let upcoming = try_join_all(upcoming).await?;
        let due = upcoming
            .iter()
            .flatten()
            .flat_map(|screening| reminders(user_id, screening, timing, Late::DueNow, cx.now()))
            .collect();
        let news =
            wishes.items.iter().zip(&upcoming).flat_map(|(wish, screenings)| held_news(wish, screenings, cx.now()));
        plan(cx, due, news.collect()).await?;
        after = wishes.next.map(|key| key.sk);
        if after.is_none() {
            return Ok(());
        }
    }
    go_on(cx, Plan::Person { user_id, after }).await
}

/// What a person may not have been told yet, since it came in quiet hours or while they were away. It has the ids that
/// it had then, so nobody is told twice.
fn held_news(wish: &WishedByUser, screenings: &[Screening], now: Timestamp) -> Vec<Alert> {
    let since = wish.created_at.max(now.plus_seconds(-HELD_SECONDS_MAX));
    let news = screenings.iter().filter(|screening| screening.revised_at >= since).map(|screening| {
        let event = match screening {
            Screening { cancelled: true, .. } => ScreeningEvent::Cancelled,
            Screening { revision: 1, .. } => ScreeningEvent::Announced,
            _ => ScreeningEvent::Moved,
        };
        alert(wish.user_id, event, screening)
    });
    news.collect()
}

/// Leaves the rest to another job.
async fn go_on(cx: &Cx, plan: Plan) -> Result<(), WorkError> {
    let body = serde_json::to_string(&PlanJob(plan)).map_err(|error| WorkError::new(error.to_string()))?;
    let taken = cx.clients().enqueue(PLANS_QUEUE, &[((), body)]).await;
    if taken.is_empty() { Err(WorkError::new("the rest of a plan was not queued")) } else { Ok(()) }
}
