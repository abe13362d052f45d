//! `GET /users/me/exports/{id}`: how far an export is, and where it can be downloaded.

use campus_aws::{CODE_SECRET, EXPORTS, Grant};
use campus_domain::{ExportId, Timestamp};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, Member, NoBody, NoQuery, Request, Route, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ExportStatus, link, link_expiry, store};
use crate::Error;

/// The endpoint.
pub struct GetExport;

/// Which export.
#[derive(eserde::Deserialize, ToSchema)]
pub struct ExportPath {
    id: ExportId,
}

/// An export with its link.
#[derive(Serialize, ToSchema)]
pub struct LinkedExportView {
    id: ExportId,
    status: ExportStatus,
    created_at: Timestamp,
    /// When it is deleted.
    expires_at: Timestamp,
    /// Where it is, once it is ready. Whoever has the link can read the document, so keep it to yourself.
    #[schema(required, example = "https://api.campus.example/v1/exports/the-secret-of-the-link.json")]
    url: Option<String>,
    /// Until when the link is good; ask again for another.
    #[schema(required)]
    url_expires_at: Option<Timestamp>,
}

impl Endpoint for GetExport {
    const NAME: &'static str = "get_export";
    const SUMMARY: &'static str = "An export that I asked for, with its link";
    const ROUTE: Route = get("/users/me/exports/{id}");
    const GRANTS: &'static [Grant] = &[EXPORTS.get(), CODE_SECRET.read()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[Error::ExportNotFound];
    type Access = Member;
    type Path = ExportPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<LinkedExportView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let (secret, export) =
            tokio::join!(cx.secrets().read(CODE_SECRET), store::get(cx, caller.user_id(), request.path.id));
        let (secret, export) = (secret?, export?);
        let until = export.is_ready().then(|| link_expiry(&export, cx.now()));
        Ok(Fine::new(LinkedExportView {
            id: export.id,
            status: ExportStatus::of(&export),
            created_at: export.created_at,
            expires_at: export.expires_at,
            url: until.map(|until| link(&cx.settings().issuer, &secret, export.id, until)),
            url_expires_at: until,
        }))
    }
}
