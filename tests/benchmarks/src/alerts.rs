//! A film with 100,000 wishes: its screening is announced, and its reminders are all due in one minute, while workers
//! are killed and ticks come twice or not at all.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use campus_aws::{ALERTS_QUEUE, PLANS_QUEUE, Queue, SHARDS_QUEUE};
use campus_domain::{
    FilmId, LibraryId, Line, Locale, PhoneNumber, ScreeningId, TimeZoneName, Timestamp, UserId, WishId,
};
use campus_endpoint::Settings;
use campus_local::faults::{Fault, Kind};
use campus_local::{Data, LocalSystem, Options};
use campus_messages::{ContactCard, Kinds, LeadMinutes, Plan, PlanJob, Preferences, ScreeningEvent, Ways};
use campus_screenings::films::Film;
use campus_screenings::libraries::Library;
use campus_screenings::screenings::Screening;
use campus_screenings::wishes::Wish;
use campus_screenings::wishes::store::WISH_SHARDS;
use campus_store::{Store, absent};
use serde_json::json;

use crate::table::Row;

/// Those who wish for the film.
const PEOPLE: usize = 100_000;
/// Written together.
const CHUNK: usize = 500;
/// Workers that die.
const KILLS: u32 = 3;
/// Messages that a worker has at once.
const BATCH: u32 = 10;
/// Within which all must be told, of when they are due.
const WITHIN_SECONDS: f64 = 120.0;
/// Beyond which nobody waits.
const PATIENCE: Duration = Duration::from_secs(900);
const HOUR: i64 = 60 * 60;

/// Announces a screening to all, lets its reminders be due, and tells how long each took.
pub(crate) async fn told() -> anyhow::Result<Vec<Row>> {
    let options =
        Options { data: Data::Memory, port: 0, url: None, demo: false, feeds: true, settings: Settings::local() };
    let system = LocalSystem::start(options).await?;
    let store = Store::new(&system.clients);
    let now: Timestamp = (system.clock.now())().into();
    let screening = seed(&store, now).await?;

    let began = Instant::now();
    announce(&system, &screening).await?;
    settled(&system, &[PLANS_QUEUE, ALERTS_QUEUE]).await?;
    let planned = began.elapsed().as_secs_f64();

    // A worker dies after a call that took effect, at a moment that nobody chose.
    for kill in 0..KILLS {
        let function = if kill == 0 { "dispatch_alerts" } else { "send_alerts" };
        let calls = if kill == 0 { 100 } else { 50_000 };
        system.faults.inject(Fault {
            function: Some(function.to_owned()),
            skip: fastrand::u32(0..calls),
            ..Fault::next(Kind::Crash)
        });
    }
    let due_at = screening.starts_at.plus_seconds(-HOUR);
    let began = Instant::now();
    // The schedule ticks when the clock crosses a minute, and once more by hand; the next tick fails.
    let ahead = Timestamp::from((system.clock.now())()).seconds_until(due_at);
    system.clock.advance(u64::try_from(ahead)?)?;
    system.call_worker("tick_alerts", json!({ "id": "twice" })).await?;
    system.faults.inject(Fault { function: Some("tick_alerts".to_owned()), times: 16, ..Fault::next(Kind::Fail) });
    settled(&system, &[SHARDS_QUEUE, ALERTS_QUEUE]).await?;
    let took = began.elapsed().as_secs_f64();

    let mut told = HashMap::<String, u32>::new();
    let mut latest = 0.0_f64;
    for sent in system.state.sent(None, u32::MAX)? {
        *told.entry(sent.to).or_default() += 1;
        latest = latest.max(due_at.seconds_until(sent.sent_at.into()) as f64);
    }
    let lost = PEOPLE - told.len();
    let twice: u32 = told.values().map(|times| times - 1).sum();
    let alive = system.faults.awaiting_calls().iter().filter(|fault| fault.kind == Kind::Crash).count();
    system.stop().await;
    ensure!(told.len() <= PEOPLE, "someone was told who did not wish");
    Ok(vec![
        Row::plain(
            format!("a screening announced to {PEOPLE} people, their reminders planned, s"),
            format!("{planned:.1}"),
            "",
        ),
        Row::bounded(
            format!("{PEOPLE} reminders due in one minute: until the last was sent, s"),
            latest.max(took),
            WITHIN_SECONDS,
        ),
        Row::bounded("… lost", lost as f64, 0.0),
        Row::bounded(
            format!("… sent twice, after {} kills", KILLS as usize - alive),
            f64::from(twice),
            f64::from(KILLS * BATCH),
        ),
    ])
}

/// A film, a library, a screening in three hours, and everyone who wishes for it.
async fn seed(store: &Store, now: Timestamp) -> anyhow::Result<Screening> {
    let library = Library {
        id: LibraryId::from_parts(1, [0; 10]),
        name: Line::parse("한빛도서관")?,
        address: None,
        programme_url: None,
        deleted: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let film = Film {
        id: FilmId::from_parts(1, [0; 10]),
        title: Line::parse("오래된 정원")?,
        original_title: None,
        year: None,
        rating: None,
        running_minutes: None,
        synopsis: None,
        deleted: false,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let screening = Screening {
        id: ScreeningId::from_parts(1, [0; 10]),
        library_id: library.id,
        film_id: film.id,
        starts_at: now.plus_seconds(3 * HOUR),
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
    store.put(&library, absent()).await?;
    store.put(&film, absent()).await?;
    store.put(&screening, absent()).await?;
    let by_sms = Ways { email: false, sms: true, inbox: false };
    let not_at_all = Ways { sms: false, ..by_sms };
    let kinds = Kinds { screening_announced: not_at_all, screening_reminder: by_sms, screening_changed: not_at_all };
    let numbers: Vec<usize> = (0..PEOPLE).collect();
    for chunk in numbers.chunks(CHUNK) {
        let mut writes = store.batch_write();
        for number in chunk {
            let user_id = person(*number);
            writes.put(&ContactCard {
                user_id,
                phone: Some(PhoneNumber::parse(&format!("010{:08}", 20_000_000 + number))?),
                email: None,
                locale: Locale::Ko,
                time_zone: TimeZoneName::default(),
            });
            writes.put(&Preferences { user_id, kinds, quiet_hours: None, lead_minutes: LeadMinutes(60), version: 1 });
            let id = WishId::from_parts(1, *user_id.as_bytes().last_chunk().unwrap_or(&[0; 10]));
            writes.put(&Wish { id, user_id, film_id: screening.film_id, created_at: now });
        }
        writes.send().await?;
    }
    Ok(screening)
}

fn person(number: usize) -> UserId {
    let [a, b, c, d] = u32::try_from(number).unwrap_or_default().to_be_bytes();
    // Bits of the first three are the id's own; the last byte spreads people over shards.
    UserId::from_parts(1, [0, 0, 0, a, b, c, d, 0, 0, d])
}

/// Queues what a new screening owes.
async fn announce(system: &LocalSystem, screening: &Screening) -> anyhow::Result<()> {
    for shard in 0..WISH_SHARDS {
        let plan = Plan::Screening {
            screening_id: screening.id,
            revision: screening.revision,
            event: ScreeningEvent::Announced,
            shard,
            after: None,
        };
        let body = serde_json::to_string(&PlanJob(plan))?;
        let taken = system.clients.enqueue(PLANS_QUEUE, &[((), body)]).await;
        ensure!(!taken.is_empty(), "a plan was not queued");
    }
    Ok(())
}

/// Waits until queues have been empty for a moment.
async fn settled(system: &LocalSystem, queues: &[Queue]) -> anyhow::Result<()> {
    let names: Vec<String> = queues.iter().map(|queue| format!("{}{}", system.clients.prefix(), queue.name)).collect();
    let began = Instant::now();
    let mut empty_since = None;
    while began.elapsed() < PATIENCE {
        let depths = system.state.queue_depths()?;
        let waiting: u64 = depths
            .iter()
            .filter(|depth| names.contains(&depth.name))
            .map(|depth| depth.visible + depth.in_flight + depth.delayed)
            .sum();
        match (waiting, empty_since) {
            (0, None) => empty_since = Some(Instant::now()),
            (0, Some(since)) if since.elapsed() > Duration::from_millis(500) => return Ok(()),
            (0, Some(_)) => {}
            _ => empty_since = None,
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None.context("the queues do not become empty")
}
