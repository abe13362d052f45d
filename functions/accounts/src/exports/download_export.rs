//! `GET /exports/{file}`: all that Campus keeps of a person, by the link that they were given.
//!
//! The link's last segment is its secret, so nothing logs it: what is logged is the route.

use campus_aws::{CODE_SECRET, EXPORTS, Grant};
use campus_domain::Timestamp;
use campus_endpoint::{
    Answer, Caller, Cx, Endpoint, HttpResponse, NoBody, NoQuery, Public, Request, Route, Tuning, get,
};
use campus_messages::read_parts;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::opened;
use super::own::{AccountRecord, SessionRecord};
use crate::Error;
use crate::security_events::SecurityEventView;

/// The endpoint.
pub struct DownloadExport;

/// Which export.
#[derive(eserde::Deserialize, ToSchema)]
pub struct FilePath {
    /// The end of the link.
    #[schema(example = "the-secret-of-the-link.json")]
    file: String,
}

/// All that Campus keeps of a person. Of what is too much, the newest; `left_out` then says how much else there is.
#[derive(ToSchema)]
#[schema(as = ExportDocument)]
#[expect(dead_code, reason = "it describes what the domains have written")]
pub struct DocumentView {
    /// When it was asked for.
    exported_at: Timestamp,
    account: AccountRecord,
    /// The devices that are or were signed in.
    sessions: Vec<SessionRecord>,
    /// What happened to the account that concerns its safety.
    security_events: Vec<SecurityEventView>,
    /// Preferences, inbox and deliveries.
    #[schema(example = json!({ "preferences": {}, "inbox": [], "deliveries": [] }))]
    notifications: std::collections::BTreeMap<String, Value>,
    /// Wishes.
    #[schema(example = json!({ "wishes": [] }))]
    screenings: std::collections::BTreeMap<String, Value>,
    /// How many of which were too many for one document.
    #[schema(value_type = std::collections::BTreeMap<String, u64>, required = false, example = json!({}))]
    left_out: Option<std::collections::BTreeMap<String, u64>>,
}

/// 200 with a document to be saved.
pub struct Attachment(Map<String, Value>);

impl Answer for Attachment {
    const STATUS: u16 = 200;
    type Content = DocumentView;
    const HEADERS: &'static [HeaderName] = &[CONTENT_DISPOSITION];

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = HttpResponse::new(serde_json::to_vec(&self.0)?.into());
        for (name, value) in
            [(CONTENT_TYPE, "application/json"), (CONTENT_DISPOSITION, "attachment; filename=\"campus.json\"")]
        {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        Ok(response)
    }
}

impl Endpoint for DownloadExport {
    const NAME: &'static str = "download_export";
    const SUMMARY: &'static str = "Download an export by its link";
    const ROUTE: Route = get("/exports/{file}");
    const GRANTS: &'static [Grant] = &[CODE_SECRET.read(), EXPORTS.query()];
    const REFUSALS: &'static [Error] = &[Error::ExportNotFound, Error::ExportExpired];
    /// The document is in memory several times over.
    const TUNING: Tuning = Tuning { memory_mb: 512, ..Tuning::STANDARD };
    type Access = Public;
    type Path = FilePath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Attachment;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Attachment, Error> {
        let secret = cx.secrets().read(CODE_SECRET).await?;
        let (id, until) = opened(&secret, &request.path.file).ok_or(Error::ExportNotFound)?;
        if until <= cx.now() {
            return Err(Error::ExportExpired);
        }
        // A purge, or the person, may have taken it away before its time.
        let members = read_parts(cx.store(), id).await?.ok_or(Error::ExportExpired)?;
        let mut document = Map::from_iter([("exported_at".to_owned(), id.made_at().to_string().into())]);
        document.extend(members);
        Ok(Attachment(document))
    }
}
