//! `GET /schools/{id}`: one school, for everyone.

use campus_aws::{ACCOUNTS, Grant};
use campus_endpoint::{Caller, Cx, Endpoint, NoBody, NoQuery, OptionalSession, Request, Route, Whole, get};

use super::{SchoolPath, SchoolView, store};
use crate::Error;

/// The endpoint.
pub struct GetSchool;

impl Endpoint for GetSchool {
    const NAME: &'static str = "get_school";
    const SUMMARY: &'static str = "A school";
    const ROUTE: Route = get("/schools/{id}");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get()];
    const REFUSALS: &'static [Error] = &[Error::SchoolNotFound];
    /// A session tells staff, who also see what is deleted.
    type Access = OptionalSession;
    type Path = SchoolPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Whole<SchoolView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<OptionalSession>, request: Request<Self>) -> Result<Self::Output, Error> {
        Ok(Whole(store::get_seen_by(cx, caller.is_staff(), request.path.id).await?.into()))
    }
}
