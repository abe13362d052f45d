//! `PATCH /films/{id}`: change a film, or restore a deleted one.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoQuery, Patch, PreconditionFailed, Request, Route, Staff, Whole, patch,
};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Film, FilmPath, FilmTitle, FilmView, FilmYear, Rating, RunningMinutes, Synopsis, store};
use crate::Error;
use crate::error::only_restored;

/// The endpoint.
pub struct UpdateFilm;

/// A merge patch of a film.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "rating": "12세이상관람가", "running_minutes": 104 }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = FilmTitle)]
    title: Patch<FilmTitle>,
    #[serde(default)]
    #[schema(value_type = Option<FilmTitle>)]
    original_title: Patch<Option<FilmTitle>>,
    #[serde(default)]
    #[schema(value_type = Option<FilmYear>)]
    year: Patch<Option<FilmYear>>,
    #[serde(default)]
    #[schema(value_type = Option<Rating>)]
    rating: Patch<Option<Rating>>,
    #[serde(default)]
    #[schema(value_type = Option<RunningMinutes>)]
    running_minutes: Patch<Option<RunningMinutes>>,
    #[serde(default)]
    #[schema(value_type = Option<Synopsis>)]
    synopsis: Patch<Option<Synopsis>>,
    /// `false` restores a deleted film; deleting is not a change.
    #[serde(default)]
    #[schema(value_type = bool)]
    deleted: Patch<bool>,
}

impl Body for Input {}

impl Input {
    /// The film as it is wished for; none if it is so already.
    fn applied_to(&self, cx: &Cx, seen: &Film) -> Option<Film> {
        let mut wished = seen.clone();
        let changes = [
            self.title.apply(&mut wished.title),
            self.original_title.apply(&mut wished.original_title),
            self.year.apply(&mut wished.year),
            self.rating.apply(&mut wished.rating),
            self.running_minutes.apply(&mut wished.running_minutes),
            self.synopsis.apply(&mut wished.synopsis),
            self.deleted.apply(&mut wished.deleted),
        ];
        wished.updated_at = cx.now();
        wished.version = seen.version + 1;
        changes.contains(&true).then_some(wished)
    }
}

impl Endpoint for UpdateFilm {
    const NAME: &'static str = "update_film";
    const SUMMARY: &'static str = "Change or restore a film";
    const ROUTE: Route = patch("/films/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().put().delete()];
    const REFUSALS: &'static [Error] = &[Error::FilmNotFound, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Staff;
    type Path = FilmPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<FilmView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        while_raced(|| async {
            let seen = store::get_seen_by(cx, &caller, path.id).await?;
            let shown = FilmView::from(seen.clone());
            if_match.check(&shown)?;
            only_restored(seen.deleted, &input.deleted)?;
            // What changes nothing writes nothing, so the tag that others have seen stays good.
            let Some(wished) = input.applied_to(cx, &seen) else { return Ok(Whole(shown)) };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(Whole(wished.into()))
        })
        .await
    }
}
