//! `PATCH /admin/users/{id}`: change what an account may do, suspend it, or lift its suspension.
//!
//! The account's sessions know at once. Nobody changes their own account here, and of two who change each other's one
//! is late, so that someone always looks after accounts.

use campus_aws::{ACCOUNTS, CODE_SECRET, Grant, SESSIONS};
use campus_domain::{Invalid, UserId};
use campus_endpoint::{
    Admin, Body, Caller, Cx, Endpoint, NoQuery, Patch, PreconditionFailed, Request, Route, Whole, patch,
};
use campus_messages::SecurityEventKind;
use campus_session::{Role, Roles};
use campus_store::while_raced;
use secrecy::SecretString;
use utoipa::ToSchema;

use super::store::{self, Change};
use super::{AdminUserView, UserPath};
use crate::Error;
use crate::audit::{Action, Entry};
use crate::users::store::find_person;
use crate::users::{Account, AccountState, Suspension};

/// The endpoint.
pub struct UpdateUser;

/// A merge patch of someone's account.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(as = UserPatch, example = json!({ "suspended": { "reason": "Advertising", "until": "2027-01-01T00:00:00Z" } }))]
pub struct Input {
    /// All of them: they take the place of those that there are. Everyone is a member.
    #[eserde(compat)]
    #[serde(default)]
    #[schema(value_type = Vec<Role>)]
    roles: Patch<Vec<Role>>,
    /// Null lifts a suspension.
    #[serde(default)]
    #[schema(value_type = Option<Suspension>)]
    suspended: Patch<Option<Suspension>>,
}

impl Body for Input {}

impl Endpoint for UpdateUser {
    const NAME: &'static str = "update_user";
    const SUMMARY: &'static str = "Change someone's roles, or suspend them";
    const ROUTE: Route = patch("/admin/users/{id}");
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.batch_get().put(), SESSIONS.batch_get().query().update().check(), CODE_SECRET.read()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[
        Error::AccountNotFound,
        Error::OwnAccount,
        Error::NoAdminAnyMore,
        Error::AccountNotActive,
        Error::PreconditionFailed(PreconditionFailed),
    ];
    type Access = Admin;
    type Path = UserPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<AdminUserView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Admin>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        if let Some(Some(Suspension { until: Some(until), .. })) = input.suspended.sent()
            && *until <= cx.now()
        {
            return Err(Error::Fields(vec![("/suspended/until", Invalid::Past)]));
        }
        if path.id == caller.user_id() {
            return Err(Error::OwnAccount);
        }
        while_raced(|| async {
            let (secret, person) = tokio::join!(cx.secrets().read(CODE_SECRET), find_person(cx, path.id, None, None));
            let person = person?.filter(|person| !person.account.is_going()).ok_or(Error::AccountNotFound)?;
            let shown = AdminUserView::new(person.account.clone(), cx.now());
            if_match.check(&shown)?;
            let Some((wished, events)) = applied(cx, &input, &person.account)? else { return Ok(Whole(shown)) };
            let entry = audited(cx, caller.user_id(), &secret?, &person.account, &wished);
            let by = caller.session();
            store::replace(cx, &Change { seen: &person, wished: &wished, events: &events, entry: &entry, by }).await?;
            Ok(Whole(AdminUserView::new(wished, cx.now())))
        })
        .await
    }
}

/// The account as it is wished for, and what that means to its owner; none if it is so already.
fn applied(cx: &Cx, input: &Input, seen: &Account) -> Result<Option<(Account, Vec<SecurityEventKind>)>, Error> {
    let mut wished = seen.clone();
    let mut events = Vec::new();
    if let Some(roles) = input.roles.sent() {
        wished.roles = each_once(roles);
        if wished.roles != seen.roles {
            events.push(SecurityEventKind::RolesChanged);
        }
    }
    if let Some(suspension) = input.suspended.sent()
        && *suspension != seen.suspension
    {
        wished.suspension.clone_from(suspension);
        let (state, event) = match suspension {
            Some(_) => (AccountState::Suspended, SecurityEventKind::Suspended),
            None => (AccountState::Active, SecurityEventKind::Reinstated),
        };
        wished.state = state;
        events.push(event);
    }
    if events.is_empty() {
        return Ok(None);
    }
    if !matches!(seen.state, AccountState::Active | AccountState::Suspended) {
        return Err(Error::AccountNotActive);
    }
    wished.updated_at = cx.now();
    wished.version = seen.version + 1;
    Ok(Some((wished, events)))
}

/// These and a member's, each once, least first.
fn each_once(roles: &Roles) -> Roles {
    let mut roles: Roles = roles.iter().copied().chain([Role::Member]).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

fn audited(cx: &Cx, actor: UserId, secret: &SecretString, seen: &Account, wished: &Account) -> Entry {
    let action = Action::UpdateUser {
        roles_before: seen.roles.clone(),
        roles_after: wished.roles.clone(),
        suspended_before: seen.suspension.is_some(),
        suspended_after: wished.suspension.is_some(),
    };
    Entry::by_user(cx, actor, secret, action, Some(seen.id))
}
