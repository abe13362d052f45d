//! `POST /captcha-challenges/{id}/solutions`: show it.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant};
use campus_domain::CaptchaId;
use campus_endpoint::{Body, Caller, Created, Cx, Derived, Endpoint, NoQuery, Public, Request, Route, post};
use campus_secrets::Label;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::Error;

/// The endpoint.
pub struct SolveCaptchaChallenge;

/// Which challenge.
#[derive(eserde::Deserialize, ToSchema)]
pub struct ChallengePath {
    id: CaptchaId,
}

/// The answer that the provider `none` takes: anything.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {}

impl Body for Input {}

/// What a solution is good for.
#[derive(Serialize, ToSchema)]
pub struct SolutionView {
    /// Good for five minutes, for one message and five checks of numbers or addresses.
    #[schema(value_type = String, example = "the captcha_token of the next request")]
    captcha_token: Derived,
}

impl Endpoint for SolveCaptchaChallenge {
    const NAME: &'static str = "solve_captcha_challenge";
    const SUMMARY: &'static str = "Solve a captcha challenge";
    const ROUTE: Route = post("/captcha-challenges/{id}/solutions");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.update(), CODE_SECRET.read()];
    const REFUSALS: &'static [Error] = &[Error::CaptchaNotFound, Error::CaptchaExpired];
    type Access = Public;
    type Path = ChallengePath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<SolutionView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Created<SolutionView>, Error> {
        let id = request.path.id;
        let body = SolutionView { captcha_token: Derived::token(Label::Captcha, id) };
        let solved = Created { location: format!("/v1/captcha-challenges/{id}"), body };
        store::solve(cx, id, &solved).await?;
        Ok(solved)
    }
}
