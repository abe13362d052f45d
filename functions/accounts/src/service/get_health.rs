//! `GET /health`: whether everything that Campus needs is there.

use campus_aws::{CODE_SECRET, Grant, KEYS};
use campus_endpoint::{
    Caller, Cx, Endpoint, Fine, IntoProblem, NoBody, NoPath, NoQuery, Problem, Public, Request, Route, get_at_root,
    problem,
};
use campus_session::Ring;
use serde::Serialize;
use utoipa::ToSchema;

/// The endpoint.
pub struct GetHealth;

/// All is well.
#[derive(Serialize, ToSchema)]
pub struct HealthView {
    #[schema(example = "ok")]
    status: &'static str,
}

/// What is down.
pub struct Down(Vec<&'static str>);

impl IntoProblem for Down {
    fn problem(&self) -> Problem {
        problem(503, "service_unavailable").retry_after(1).with_member("down", self.0.clone())
    }
}

impl Endpoint for GetHealth {
    const NAME: &'static str = "get_health";
    const SUMMARY: &'static str = "Whether the service is up";
    const ROUTE: Route = get_at_root("/health");
    const GRANTS: &'static [Grant] = &[KEYS.get(), CODE_SECRET.read()];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<HealthView>;
    type Error = Down;

    async fn handle(cx: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Fine<HealthView>, Down> {
        let location = Ring::location();
        let (database, secrets) = tokio::join!(cx.store().find::<Ring>(&location), cx.secrets().read(CODE_SECRET));
        let down: Vec<&str> = [("database", database.is_err()), ("secrets", secrets.is_err())]
            .into_iter()
            .filter_map(|(name, is_down)| is_down.then_some(name))
            .collect();
        if down.is_empty() { Ok(Fine::new(HealthView { status: "ok" })) } else { Err(Down(down)) }
    }
}
