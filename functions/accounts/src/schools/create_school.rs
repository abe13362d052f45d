//! `POST /schools`: add a school.

use campus_aws::{ACCOUNTS, Grant, PROFILES};
use campus_domain::MailDomain;
use campus_endpoint::{
    Body, Caller, Created, Cx, Endpoint, NoPath, NoQuery, Refusals, Request, Route, Settings, Staff, post,
};
use campus_messages::SchoolName;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{School, SchoolView, check_count, each_once, store};
use crate::Error;

/// The endpoint.
pub struct CreateSchool;

/// A school.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "name": "한빛대학교", "email_domains": ["hanbit.example"] }))]
pub struct Input {
    name: SchoolName,
    /// Domains of mail addresses that prove to belong to it; none by default.
    #[serde(default)]
    #[schema(max_items = 20)]
    email_domains: Vec<MailDomain>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        check_count(sent, refusals);
    }
}

impl Endpoint for CreateSchool {
    const NAME: &'static str = "create_school";
    const SUMMARY: &'static str = "Add a school";
    const ROUTE: Route = post("/schools");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.put(), PROFILES.put()];
    const REFUSALS: &'static [Error] = &[Error::SchoolNameTaken];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Created<SchoolView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { name, email_domains } = request.input;
        let school = School {
            id: cx.new_id(),
            name,
            email_domains: each_once(&email_domains),
            deleted: false,
            created_at: cx.now(),
            updated_at: cx.now(),
            version: 1,
        };
        let answer = Created { location: format!("/v1/schools/{}", school.id), body: school.clone().into() };
        store::insert_new(cx, &school, &answer).await?;
        Ok(answer)
    }
}
