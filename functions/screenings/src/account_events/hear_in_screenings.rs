//! `hear_in_screenings`: writes the part of screenings in an export, and deletes the wishes of who was purged.

use campus_aws::{ALERTS, EXPORTS, Grant, NOTIFICATIONS, SCREENINGS, SCREENINGS_EVENTS_QUEUE};
use campus_domain::{ExportId, FilmId, Timestamp, UserId};
use campus_endpoint::{Cx, Source, WorkError, Worker};
use campus_messages::{AccountEvent, AccountNews, Hearer, write_part};
use serde::Serialize;
use serde_json::Map;

use super::store;
use crate::films::{Film, FilmTitle, FilmYear};
use crate::wishes::store::WishedByUser;

/// The worker.
pub struct HearInScreenings;

impl Worker for HearInScreenings {
    const NAME: &'static str = "hear_in_screenings";
    const SOURCE: Source = Source::Queue(SCREENINGS_EVENTS_QUEUE, 1);
    const GRANTS: &'static [Grant] = &[
        SCREENINGS.batch_get().query().batch_write(),
        NOTIFICATIONS.get(),
        ALERTS.batch_write(),
        EXPORTS.put().update(),
        SCREENINGS_EVENTS_QUEUE.send(),
    ];
    type Message = AccountNews;

    async fn handle(cx: &Cx, batch: Vec<AccountNews>) -> Vec<Result<(), WorkError>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for news in batch {
            outcomes.push(hear(cx, &news).await);
        }
        outcomes
    }
}

async fn hear(cx: &Cx, news: &AccountNews) -> Result<(), WorkError> {
    match news.event {
        AccountEvent::Purged { user_id } => {
            let purge = store::purge(cx, user_id).await?;
            news.go_on(cx.clients(), Hearer::SCREENINGS, purge, cx.now()).await.map_err(WorkError::new)
        }
        AccountEvent::ExportRequested { user_id, export_id, expires_at } => {
            export(cx, user_id, export_id, expires_at).await
        }
    }
}

/// What is kept of what a person wants to see.
#[derive(Serialize)]
struct Record {
    wishes: Vec<WishRecord>,
}

#[derive(Serialize)]
struct WishRecord {
    film: FilmRecord,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct FilmRecord {
    id: FilmId,
    title: Option<FilmTitle>,
    original_title: Option<FilmTitle>,
    year: Option<FilmYear>,
}

impl WishRecord {
    fn new(wish: &WishedByUser, film: Option<Film>) -> Self {
        let (title, original_title, year) = match film {
            Some(film) => (Some(film.title), film.original_title, film.year),
            None => (None, None, None),
        };
        Self { film: FilmRecord { id: wish.film_id, title, original_title, year }, created_at: wish.created_at }
    }
}

async fn export(cx: &Cx, user_id: UserId, export_id: ExportId, expires_at: Timestamp) -> Result<(), WorkError> {
    let kept = store::list_kept(cx, user_id).await?;
    let wishes = kept.into_iter().map(|(wish, film)| WishRecord::new(&wish, film)).collect();
    let record = serde_json::to_value(Record { wishes }).map_err(|error| WorkError::new(error.to_string()))?;
    let members = Map::from_iter([(Hearer::SCREENINGS.domain.to_owned(), record)]);
    Ok(write_part(cx.store(), Hearer::SCREENINGS, user_id, export_id, expires_at, members).await?)
}
