//! `GET /.well-known/jwks.json`: the keys that verify access tokens, RFC 7517.

use campus_aws::{Grant, KEYS};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, NoBody, NoPath, NoQuery, Public, Request, Route, get_at_root};
use campus_session::Ring;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Error;

/// The endpoint.
pub struct GetKeySet;

/// Keys are published a day before they sign, so five minutes late is early enough.
const CACHED_FOR_SECONDS: u32 = 300;

/// The keys.
#[derive(Serialize, ToSchema)]
pub struct KeySetView {
    keys: Vec<KeyView>,
}

/// A public key, RFC 8037.
#[derive(Serialize, ToSchema)]
pub struct KeyView {
    #[schema(example = "OKP")]
    kty: &'static str,
    #[schema(example = "Ed25519")]
    crv: &'static str,
    #[schema(example = "EdDSA")]
    alg: &'static str,
    #[schema(example = "sig")]
    r#use: &'static str,
    #[schema(example = "0199c0de-0000-7000-8000-000000000000")]
    kid: String,
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
}

impl Endpoint for GetKeySet {
    const NAME: &'static str = "get_key_set";
    const SUMMARY: &'static str = "The keys that verify access tokens";
    const ROUTE: Route = get_at_root("/.well-known/jwks.json");
    const GRANTS: &'static [Grant] = &[KEYS.get()];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<KeySetView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Fine<KeySetView>, Error> {
        let ring = cx.store().find::<Ring>(&Ring::location()).await?.unwrap_or_default();
        let keys = ring.keys.into_iter().map(|(kid, key)| KeyView {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            kid,
            x: key.x,
        });
        Ok(Fine::cached(KeySetView { keys: keys.collect() }, CACHED_FOR_SECONDS))
    }
}
