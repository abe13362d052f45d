//! `POST /libraries`: add a library.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{Line, WebAddress};
use campus_endpoint::{Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Request, Route, Staff, post};
use utoipa::ToSchema;

use super::{Library, LibraryName, LibraryView, store};
use crate::Error;

/// The endpoint.
pub struct CreateLibrary;

/// A library.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({
    "name": "한빛도서관",
    "address": "서울특별시 서대문구 한빛로 1",
    "programme_url": "https://library.example/films",
}))]
pub struct Input {
    name: LibraryName,
    /// Where it is.
    address: Option<Line<200>>,
    /// Where its programme is on the web.
    programme_url: Option<WebAddress>,
}

impl Body for Input {}

impl Endpoint for CreateLibrary {
    const NAME: &'static str = "create_library";
    const SUMMARY: &'static str = "Add a library";
    const ROUTE: Route = post("/libraries");
    const GRANTS: &'static [Grant] = &[SCREENINGS.put()];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<LibraryView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { name, address, programme_url } = request.input;
        let library = Library {
            id: cx.new_id(),
            name,
            address,
            programme_url,
            deleted: false,
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
        };
        let answer = Created { location: format!("/v1/libraries/{}", library.id), body: library.clone().into() };
        store::insert_new(cx, &library, &answer).await?;
        Ok(answer)
    }
}
