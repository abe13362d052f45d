//! `GET /films/{id}`: one film.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoQuery, Request, Route, Whole, get};

use super::{FilmPath, FilmView, store};
use crate::Error;

/// The endpoint.
pub struct GetFilm;

impl Endpoint for GetFilm {
    const NAME: &'static str = "get_film";
    const SUMMARY: &'static str = "A film";
    const ROUTE: Route = get("/films/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get()];
    const REFUSALS: &'static [Error] = &[Error::FilmNotFound];
    type Access = Member;
    type Path = FilmPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<FilmView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        Ok(Whole(store::get_seen_by(cx, &caller, request.path.id).await?.into()))
    }
}
