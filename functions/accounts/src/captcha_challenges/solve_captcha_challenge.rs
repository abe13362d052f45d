//! `POST /captcha-challenges/{id}/solutions`: show it.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, PROVIDER_KEYS};
use campus_domain::CaptchaId;
use campus_endpoint::{Caller, CaptchaProvider, Created, Cx, Derived, Endpoint, NoQuery, Public, Request, Route, post};
use campus_secrets::Label;
use serde::Serialize;
use utoipa::ToSchema;

use super::provider::{self, WidgetAnswer};
use super::store::{self, Solution};
use crate::Error;

/// The endpoint.
pub struct SolveCaptchaChallenge;

/// Which challenge.
#[derive(eserde::Deserialize, ToSchema)]
pub struct ChallengePath {
    id: CaptchaId,
}

/// What a solution is good for.
#[derive(Serialize, ToSchema)]
pub struct SolutionView {
    /// Good for five minutes, for one message and five checks of numbers or addresses; for a sign-in alone while the
    /// maker of captchas is down: see `success` of the challenge's parameters.
    #[schema(value_type = String, example = "the captcha_token of the next request")]
    captcha_token: Derived,
}

impl Endpoint for SolveCaptchaChallenge {
    const NAME: &'static str = "solve_captcha_challenge";
    const SUMMARY: &'static str = "Solve a captcha challenge";
    const ROUTE: Route = post("/captcha-challenges/{id}/solutions");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.put().update(), CODE_SECRET.read(), PROVIDER_KEYS.read()];
    const REFUSALS: &'static [Error] =
        &[Error::CaptchaFailed, Error::CaptchaNotFound, Error::CaptchaExpired, Error::CaptchaUnavailable];
    type Access = Public;
    type Path = ChallengePath;
    type Query = NoQuery;
    type Input = WidgetAnswer;
    type Output = Created<SolutionView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, request: Request<Self>) -> Result<Created<SolutionView>, Error> {
        let (id, answer) = (request.path.id, request.input);
        let solution = match cx.settings().captcha_provider {
            CaptchaProvider::None => Solution::of_anything(cx),
            _ => judged(cx, id, &answer).await?,
        };
        let body = SolutionView { captcha_token: Derived::token(Label::Captcha, id) };
        let solved = Created { location: format!("/v1/captcha-challenges/{id}"), body };
        store::solve(cx, id, solution, &solved).await?;
        Ok(solved)
    }
}

/// A try is counted before the maker is asked: of any number of answers at once, few cost us a question.
async fn judged(cx: &Cx, id: CaptchaId, answer: &WidgetAnswer) -> Result<Solution, Error> {
    let (captcha, key) = tokio::join!(store::count_try(cx, id), provider::key(cx));
    let (captcha, key) = (captcha?, key?);
    provider::judge(cx, &key, &captcha, answer).await?;
    Ok(Solution { usable_until: captcha.usable_until(cx.now()), good_once: provider::good_once(answer, cx.settings()) })
}
