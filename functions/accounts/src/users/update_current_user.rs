//! `PATCH /users/me`: change what one tells of oneself.

use campus_aws::{ACCOUNTS, CONTACTS, Grant, OUTBOX, PROFILES};
use campus_domain::{AdmissionYear, Locale, Nickname, PersonName, TimeZoneName};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Member, NoPath, NoQuery, Patch, PreconditionFailed, Request, Route, Whole, patch,
};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Account, UserView, store};
use crate::Error;

/// The endpoint.
pub struct UpdateCurrentUser;

/// A merge patch of one's own account.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "name": "김민지", "admission_year": 2026, "time_zone": "Asia/Seoul" }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = Nickname)]
    pub(super) nickname: Patch<Nickname>,
    #[serde(default)]
    #[schema(value_type = Option<PersonName>)]
    pub(super) name: Patch<Option<PersonName>>,
    #[serde(default)]
    #[schema(value_type = Option<AdmissionYear>)]
    pub(super) admission_year: Patch<Option<AdmissionYear>>,
    #[serde(default)]
    #[schema(value_type = Locale)]
    pub(super) locale: Patch<Locale>,
    #[serde(default)]
    #[schema(value_type = TimeZoneName)]
    pub(super) time_zone: Patch<TimeZoneName>,
}

impl Body for Input {}

impl Input {
    /// The account as it is wished for; none if it is so already.
    fn applied_to(&self, cx: &Cx, account: &Account) -> Option<Account> {
        let mut wished = account.clone();
        let changes = [
            self.nickname.apply(&mut wished.nickname),
            self.name.apply(&mut wished.name),
            self.admission_year.apply(&mut wished.admission_year),
            self.locale.apply(&mut wished.locale),
            self.time_zone.apply(&mut wished.time_zone),
        ];
        wished.updated_at = cx.now();
        wished.version = account.version + 1;
        changes.contains(&true).then_some(wished)
    }
}

impl Endpoint for UpdateCurrentUser {
    const NAME: &'static str = "update_current_user";
    const SUMMARY: &'static str = "Change my account";
    const ROUTE: Route = patch("/users/me");
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.batch_get().put().update().delete(), PROFILES.update(), CONTACTS.put(), OUTBOX.put()];
    const REFUSALS: &'static [Error] =
        &[Error::AccountNotFound, Error::NicknameTaken, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<UserView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Whole<UserView>, Error> {
        let Request { input, if_match, .. } = request;
        if let Some(Some(year)) = input.admission_year.sent() {
            year.check_by(cx.now().year()).map_err(|invalid| Error::Fields(vec![("/admission_year", invalid)]))?;
        }
        let school_id = caller.session().school.map(|school| school.id);
        while_raced(|| async {
            let (seen, school) = store::get_with_school(cx, caller.user_id(), school_id).await?;
            // The session may have ended a moment ago, and the account with it.
            if !seen.is_in_use_at(cx.now()) {
                return Err(Error::AccountNotFound);
            }
            let shown = UserView::new(seen.clone(), school.clone());
            if_match.check(&shown)?;
            // What changes nothing writes nothing, so the tag that others have seen stays good.
            let Some(wished) = input.applied_to(cx, &seen) else { return Ok(Whole(shown)) };
            let account = if if_match.is_given() || store::stands_elsewhere(&seen, &wished) {
                store::replace_seen(cx, &seen, &wished, &input).await?;
                wished
            } else {
                store::update_told(cx, &wished, &input).await?
            };
            Ok(Whole(UserView::new(account, school)))
        })
        .await
    }
}
