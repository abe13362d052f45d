//! `POST /films`: add a film.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Request, Route, Staff, post};
use utoipa::ToSchema;

use super::{Film, FilmTitle, FilmView, FilmYear, Rating, RunningMinutes, Synopsis, store};
use crate::Error;

/// The endpoint.
pub struct CreateFilm;

/// A film.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({
    "title": "리틀 포레스트",
    "year": 2018,
    "rating": "전체관람가",
    "running_minutes": 103,
    "synopsis": "고향으로 돌아온 혜원이 사계절을 보낸다.",
}))]
pub struct Input {
    title: FilmTitle,
    /// What it is called where it was made.
    original_title: Option<FilmTitle>,
    /// The year of its first showing anywhere.
    year: Option<FilmYear>,
    /// For whom it is suitable, in the words of the country's board.
    rating: Option<Rating>,
    running_minutes: Option<RunningMinutes>,
    synopsis: Option<Synopsis>,
}

impl Body for Input {}

impl Endpoint for CreateFilm {
    const NAME: &'static str = "create_film";
    const SUMMARY: &'static str = "Add a film";
    const ROUTE: Route = post("/films");
    const GRANTS: &'static [Grant] = &[SCREENINGS.put()];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<FilmView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { title, original_title, year, rating, running_minutes, synopsis } = request.input;
        let film = Film {
            id: cx.new_id(),
            title,
            original_title,
            year,
            rating,
            running_minutes,
            synopsis,
            deleted: false,
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
        };
        let answer = Created { location: format!("/v1/films/{}", film.id), body: film.clone().into() };
        store::insert_new(cx, &film, &answer).await?;
        Ok(answer)
    }
}
