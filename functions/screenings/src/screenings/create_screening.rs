//! `POST /screenings`: announce a screening.

use campus_aws::{Grant, OUTBOX, SCREENINGS};
use campus_domain::{FilmId, LibraryId, Timestamp};
use campus_endpoint::{Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Request, Route, Staff, post};
use utoipa::ToSchema;

use super::{Note, Place, Screening, ScreeningView, SourceId, store};
use crate::Error;

/// The endpoint.
pub struct CreateScreening;

/// A screening. Those who wish for its film are told of it, unless it is over.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({
    "library_id": "0199c0de-0000-7000-8000-000000000000",
    "film_id": "0199c0de-0000-7000-8000-000000000000",
    "starts_at": "2026-11-20T18:00:00+09:00",
    "place": "지하 1층 시청각실",
}))]
pub struct Input {
    library_id: LibraryId,
    film_id: FilmId,
    /// When; also in the past.
    starts_at: Timestamp,
    /// Where in the library.
    place: Option<Place>,
    /// What else is to be known.
    note: Option<Note>,
    /// What the library's own programme calls it.
    source_id: Option<SourceId>,
}

impl Body for Input {}

impl Endpoint for CreateScreening {
    const NAME: &'static str = "create_screening";
    const SUMMARY: &'static str = "Announce a screening";
    const ROUTE: Route = post("/screenings");
    const GRANTS: &'static [Grant] = &[SCREENINGS.batch_get().put().update().check(), OUTBOX.put()];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<ScreeningView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { library_id, film_id, starts_at, place, note, source_id } = request.input;
        let named = store::find_named(cx, [film_id], [library_id]).await?;
        named.check(film_id, library_id)?;
        let screening = Screening {
            id: cx.new_id(),
            library_id,
            film_id,
            starts_at,
            place,
            note,
            source_id,
            cancelled: false,
            revision: 1,
            revised_at: cx.now(),
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
        };
        let location = format!("/v1/screenings/{}", screening.id);
        let answer = Created { location, body: named.view(screening.clone())? };
        store::insert_new(cx, &screening, &answer).await?;
        Ok(answer)
    }
}
