//! `POST /captcha-challenges`: begin to show that one is a person.
//!
//! One round trip more while Geetest's version 3 is down: whether it may be done without.

use campus_aws::{ACCOUNTS, Grant, PROVIDER_KEYS};
use campus_domain::CaptchaId;
use campus_endpoint::{
    Body, Caller, CaptchaProvider, Created, Cx, Endpoint, NoPath, NoQuery, Public, Request, Route, post,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::provider::{self, Parameters};
use super::{Captcha, store};
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
    provider: CaptchaProvider,
    parameters: Parameters,
}

impl Endpoint for CreateCaptchaChallenge {
    const NAME: &'static str = "create_captcha_challenge";
    const SUMMARY: &'static str = "Begin a captcha challenge";
    const ROUTE: Route = post("/captcha-challenges");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.put(), PROVIDER_KEYS.read()];
    const REFUSALS: &'static [Error] = &[Error::CaptchaUnavailable];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<ChallengeView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Created<ChallengeView>, Error> {
        let captcha = Captcha::new(cx.new_id(), provider::begin(cx).await?, cx.now());
        let parameters = Parameters::of(&captcha, cx.settings());
        let created = Created {
            location: format!("/v1/captcha-challenges/{}", captcha.id),
            body: ChallengeView { id: captcha.id, provider: captcha.provider, parameters },
        };
        store::insert_new(cx, &captcha, &created).await?;
        Ok(created)
    }
}
