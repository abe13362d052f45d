//! `PATCH /screenings/{id}`: change a screening. Another time, place or library is a move, of which people are told.
//!
//! Four round trips, one over the goal: what the client has seen, which `If-Match` is about, has the names of film and
//! library, and those are read when it is known which.

use campus_aws::{Grant, OUTBOX, SCREENINGS};
use campus_domain::{LibraryId, Timestamp};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoQuery, Patch, PreconditionFailed, Request, Route, Staff, Whole, patch,
};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Note, Place, Screening, ScreeningPath, ScreeningView, SourceId, store};
use crate::Error;

/// The endpoint.
pub struct UpdateScreening;

/// A merge patch of a screening. It stays one of the same film.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "starts_at": "2026-11-20T19:00:00+09:00", "place": "지하 1층 시청각실" }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = LibraryId)]
    library_id: Patch<LibraryId>,
    #[serde(default)]
    #[schema(value_type = Timestamp)]
    starts_at: Patch<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<Place>)]
    place: Patch<Option<Place>>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    note: Patch<Option<Note>>,
    #[serde(default)]
    #[schema(value_type = Option<SourceId>)]
    source_id: Patch<Option<SourceId>>,
}

impl Body for Input {}

impl Input {
    /// The screening as it is wished for; none if it is so already.
    fn applied_to(&self, cx: &Cx, seen: &Screening) -> Option<Screening> {
        let mut wished = seen.clone();
        let moves = [
            self.library_id.apply(&mut wished.library_id),
            self.starts_at.apply(&mut wished.starts_at),
            self.place.apply(&mut wished.place),
        ];
        let others = [self.note.apply(&mut wished.note), self.source_id.apply(&mut wished.source_id)];
        let is_moved = moves.contains(&true);
        (is_moved || others.contains(&true)).then(|| wished.changed(is_moved, cx.now()))
    }
}

impl Endpoint for UpdateScreening {
    const NAME: &'static str = "update_screening";
    const SUMMARY: &'static str = "Change or move a screening";
    const ROUTE: Route = patch("/screenings/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().batch_get().put().update().delete().check(), OUTBOX.put()];
    const REFUSALS: &'static [Error] =
        &[Error::ScreeningNotFound, Error::ScreeningCancelled, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Staff;
    type Path = ScreeningPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<ScreeningView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        while_raced(|| async {
            let seen = store::get_seen_by(cx, &caller, path.id).await?;
            let libraries = [Some(&seen.library_id), input.library_id.sent()].into_iter().flatten().copied();
            let named = store::find_named(cx, [seen.film_id], libraries).await?;
            let shown = named.view(seen.clone())?;
            if_match.check(&shown)?;
            // What changes nothing writes nothing, so the tag that others have seen stays good.
            let Some(wished) = input.applied_to(cx, &seen) else { return Ok(Whole(shown)) };
            if seen.cancelled {
                return Err(Error::ScreeningCancelled);
            }
            if wished.news_since(Some(&seen)).is_some() {
                named.check(wished.film_id, wished.library_id)?;
            }
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(Whole(named.view(wished)?))
        })
        .await
    }
}
