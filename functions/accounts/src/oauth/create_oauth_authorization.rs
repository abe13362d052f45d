//! `POST /oauth/{provider}/authorizations`: go to a provider, to sign in or to link an account there.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant};
use campus_domain::{Invalid, RedirectUri};
use campus_endpoint::{
    Body, Caller, Created, Cx, Derived, EndingDerived, Endpoint, NoQuery, OptionalSession, Request, Route, Stage, post,
};
use campus_secrets::Label;
use serde::Serialize;
use url::{Host, Url};
use utoipa::ToSchema;

use super::places::Places;
use super::{AUTHORIZATION_SECONDS, Authorization, Provider, ProviderPath, challenge, nonce, store, verifier};
use crate::Error;

/// The endpoint.
pub struct CreateOauthAuthorization;

/// Where the provider is to send the person back to.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = OauthAuthorizationInput)]
pub struct Input {
    /// The front end's page for it, exactly: `WebUrl` with `/oauth/{provider}`. On a laptop and in stages for tests,
    /// any page of that machine, or at a name that is for examples only.
    redirect_uri: RedirectUri,
}

impl Body for Input {}

/// Where to go, and what to come back with.
#[derive(Serialize, ToSchema)]
pub struct AuthorizationView {
    /// Good for ten minutes. The provider asks the person, and sends them back with a code.
    #[schema(value_type = String, example = "https://accounts.google.com/o/oauth2/v2/auth?client_id=…&state=…")]
    authorization_url: EndingDerived,
    /// What the provider sends back beside the code. The page must compare it with this, and hand both to the API.
    #[schema(value_type = String, example = "the state of this visit")]
    state: Derived,
}

impl Endpoint for CreateOauthAuthorization {
    const NAME: &'static str = "create_oauth_authorization";
    const SUMMARY: &'static str = "Go to a provider to sign in";
    const ROUTE: Route = post("/oauth/{provider}/authorizations");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.put(), CODE_SECRET.read()];
    const REFUSALS: &'static [Error] = &[Error::ProviderNotOffered];
    type Access = OptionalSession;
    type Path = ProviderPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<AuthorizationView>;
    type Error = Error;

    async fn handle(
        cx: &Cx,
        caller: Caller<OptionalSession>,
        request: Request<Self>,
    ) -> Result<Created<AuthorizationView>, Error> {
        let provider = request.path.offered(cx)?;
        let Input { redirect_uri } = request.input;
        if !may_return_to(cx, provider, &redirect_uri) {
            return Err(Error::Fields(vec![("/redirect_uri", Invalid::UnknownValue)]));
        }
        let secret = cx.secrets().read(CODE_SECRET).await?;
        let authorization = Authorization {
            id: cx.new_id(),
            provider,
            redirect_uri,
            user_id: caller.identity.as_ref().map(|session| session.user_id),
            spent: false,
            expires_at: cx.now().plus_seconds(AUTHORIZATION_SECONDS),
        };
        let places = Places::of(provider, cx.settings().providers_url.as_deref());
        let client = provider.clients(&cx.settings().social).first().ok_or(Error::ProviderNotOffered)?;
        let mut url = Url::parse(&places.authorize).map_err(anyhow::Error::from)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client)
            .append_pair("redirect_uri", authorization.redirect_uri.as_str())
            .append_pair("scope", scope(provider))
            .append_pair("code_challenge", &challenge(&verifier(&secret, authorization.id)))
            .append_pair("code_challenge_method", "S256")
            .append_pair("nonce", &nonce(&secret, authorization.id));
        let state = Derived::token(Label::Authorization, authorization.id);
        let created = Created {
            location: format!("/v1/oauth/{}/authorizations/{}", provider.as_str(), authorization.id),
            body: AuthorizationView {
                authorization_url: EndingDerived::new(format!("{url}&state="), state.clone()),
                state,
            },
        };
        store::insert_authorization(cx, &authorization, &created).await?;
        Ok(created)
    }
}

/// What the provider is asked to tell.
const fn scope(provider: Provider) -> &'static str {
    match provider {
        Provider::Google => "openid email profile",
        Provider::Kakao => "openid account_email profile_nickname",
        Provider::Facebook => "openid email public_profile",
    }
}

/// Whether a provider may send people there. An address that anyone could choose would bring codes to strangers.
fn may_return_to(cx: &Cx, provider: Provider, redirect_uri: &RedirectUri) -> bool {
    let settings = cx.settings();
    if redirect_uri.as_str() == format!("{}/oauth/{}", settings.web_url, provider.as_str()) {
        return true;
    }
    matches!(settings.stage, Stage::Local | Stage::Test) && is_nobodys(redirect_uri)
}

/// Whether it is on this machine, or at a name that nobody can have, RFC 2606 and RFC 6761.
fn is_nobodys(redirect_uri: &RedirectUri) -> bool {
    match Url::parse(redirect_uri.as_str()).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => {
            name == "localhost" || [".localhost", ".example", ".test"].iter().any(|end| name.ends_with(end))
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        RedirectUri::parse(text).expect(text)
    }

    #[test]
    fn only_pages_of_this_machine_and_of_examples_are_nobodys() {
        for fine in [
            "http://localhost:3000/oauth/google",
            "http://127.0.0.1/",
            "http://[::1]:8080/x?y=z",
            "https://app.campus.example/oauth/kakao",
        ] {
            assert!(is_nobodys(&uri(fine)), "{fine}");
        }
        for wrong in [
            "https://example.com/",
            "https://localhost.evil.com/",
            "https://evil.com/?localhost",
            "https://evil.com/.example",
            "http://192.0.2.1/",
        ] {
            assert!(!is_nobodys(&uri(wrong)), "{wrong}");
        }
    }
}
