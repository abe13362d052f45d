//! `PATCH /schools/{id}`: change a school, or restore a deleted one.

use campus_aws::{ACCOUNTS, Grant, PROFILES};
use campus_domain::MailDomain;
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoQuery, Patch, PreconditionFailed, Refusals, Request, Route, Settings, Staff, Whole,
    patch,
};
use campus_messages::SchoolName;
use campus_store::while_raced;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{School, SchoolPath, SchoolView, check_count, each_once, store};
use crate::Error;

/// The endpoint.
pub struct UpdateSchool;

/// A merge patch of a school.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "email_domains": ["hanbit.example", "student.hanbit.example"] }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = SchoolName)]
    name: Patch<SchoolName>,
    /// All of them: they take the place of those that there are.
    #[serde(default)]
    #[schema(value_type = Vec<MailDomain>, max_items = 20)]
    email_domains: Patch<Vec<MailDomain>>,
    /// `false` restores a deleted school; deleting is not a change.
    #[serde(default)]
    #[schema(value_type = bool)]
    deleted: Patch<bool>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        check_count(sent, refusals);
    }
}

impl Input {
    /// The school as it is wished for; none if it is so already.
    fn applied_to(&self, cx: &Cx, seen: &School) -> Option<School> {
        let mut wished = seen.clone();
        self.name.apply(&mut wished.name);
        if let Some(domains) = self.email_domains.sent() {
            wished.email_domains = each_once(domains);
        }
        self.deleted.apply(&mut wished.deleted);
        (wished != *seen).then(|| School { updated_at: cx.now(), version: seen.version + 1, ..wished })
    }
}

impl Endpoint for UpdateSchool {
    const NAME: &'static str = "update_school";
    const SUMMARY: &'static str = "Change or restore a school";
    const ROUTE: Route = patch("/schools/{id}");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.get().put().delete(), PROFILES.put()];
    const REFUSALS: &'static [Error] =
        &[Error::SchoolNotFound, Error::SchoolNameTaken, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Staff;
    type Path = SchoolPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<SchoolView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        while_raced(|| async {
            let seen = store::get_seen_by(cx, caller.is_staff(), path.id).await?;
            let shown = SchoolView::from(seen.clone());
            if_match.check(&shown)?;
            let only_restored = input.deleted.only_restores(seen.deleted);
            only_restored.map_err(|invalid| Error::Fields(vec![("/deleted", invalid)]))?;
            // What changes nothing writes nothing, so the tag that others have seen stays good.
            let Some(wished) = input.applied_to(cx, &seen) else { return Ok(Whole(shown)) };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(Whole(wished.into()))
        })
        .await
    }
}
