//! `GET /openapi.json`: the API description.

use std::sync::LazyLock;

use campus_endpoint::{Caller, Cx, Endpoint, Fine, NoBody, NoPath, NoQuery, Public, Request, Route, get_at_root};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::Error;

/// Generated from the code, this endpoint included.
static DOCUMENT: LazyLock<Result<Value, serde_json::Error>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../infra/openapi.json")));
/// A deploy is seen by everyone after this long.
const CACHED_FOR_SECONDS: u32 = 300;

/// The endpoint.
pub struct GetApiDescription;

/// An OpenAPI 3.1 document.
#[derive(Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::BTreeMap<String, Value>)]
pub struct ApiDescription(&'static Value);

impl Endpoint for GetApiDescription {
    const NAME: &'static str = "get_api_description";
    const SUMMARY: &'static str = "This description";
    const ROUTE: Route = get_at_root("/openapi.json");
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<ApiDescription>;
    type Error = Error;

    async fn handle(_: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Fine<ApiDescription>, Error> {
        let document = DOCUMENT.as_ref().map_err(|error| Error::Internal(anyhow::Error::msg(error)))?;
        Ok(Fine::cached(ApiDescription(document), CACHED_FOR_SECONDS))
    }
}
