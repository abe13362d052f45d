//! `POST /captcha-challenges`: begin to show that one is a person.

use campus_aws::{ACCOUNTS, Grant};
use campus_domain::CaptchaId;
use campus_endpoint::{Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Public, Request, Route, post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Captcha, Provider, store};
use crate::Error;

/// The endpoint.
pub struct CreateCaptchaChallenge;

/// Nothing is asked.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {}

impl Body for Input {}

/// A challenge for the page's widget.
#[derive(Serialize, ToSchema)]
pub struct ChallengeView {
    id: CaptchaId,
    provider: Provider,
    /// What the provider's widget needs.
    parameters: Parameters,
}

/// The parameters of the provider `none`: it has no widget.
#[derive(Serialize, ToSchema)]
#[schema(as = CaptchaParameters)]
pub struct Parameters {}

impl Endpoint for CreateCaptchaChallenge {
    const NAME: &'static str = "create_captcha_challenge";
    const SUMMARY: &'static str = "Begin a captcha challenge";
    const ROUTE: Route = post("/captcha-challenges");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.put()];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<ChallengeView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Created<ChallengeView>, Error> {
        let captcha = Captcha::new(cx.new_id(), Provider::None, cx.now());
        let created = Created {
            location: format!("/v1/captcha-challenges/{}", captcha.id),
            body: ChallengeView { id: captcha.id, provider: captcha.provider, parameters: Parameters {} },
        };
        store::insert_new(cx, &captcha, &created).await?;
        Ok(created)
    }
}
