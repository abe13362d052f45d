//! `GET /libraries/{id}`: one library.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoQuery, Request, Route, Whole, get};

use super::{LibraryPath, LibraryView, store};
use crate::Error;

/// The endpoint.
pub struct GetLibrary;

impl Endpoint for GetLibrary {
    const NAME: &'static str = "get_library";
    const SUMMARY: &'static str = "A library";
    const ROUTE: Route = get("/libraries/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get()];
    const REFUSALS: &'static [Error] = &[Error::LibraryNotFound];
    type Access = Member;
    type Path = LibraryPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<LibraryView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        Ok(Whole(store::get_seen_by(cx, &caller, request.path.id).await?.into()))
    }
}
