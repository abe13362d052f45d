//! `appoint_admin`: gives an account the roles of an admin, in its live sessions, too. For the first one: who is an
//! admin appoints others.
//!
//! Three round trips, of which the first finds whose the username is. A sign-in at the same moment has the new roles:
//! it demands those that it has read.

use campus_aws::{ACCOUNTS, Grant, SESSIONS};
use campus_domain::Username;
use campus_endpoint::{Body, Command, Cx, Report, WorkError};
use campus_session::{Role, Roles};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::store;
use crate::Error;
use crate::audit::{Action, Entry};
use crate::users::AccountState;

/// The command.
pub struct AppointAdmin;

/// Whom.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Message {
    /// The name that the account signs in with. What cannot be one is nobody's.
    username: String,
}

impl Body for Message {}

impl Command for AppointAdmin {
    const NAME: &'static str = "appoint_admin";
    const SUMMARY: &'static str = "make an account an admin's, by its username";
    const GRANTS: &'static [Grant] =
        &[ACCOUNTS.get().batch_get().put().update(), SESSIONS.batch_get().query().update().check()];
    type Message = Message;

    async fn handle(cx: &Cx, Message { username }: Message) -> Result<Report, WorkError> {
        let Ok(username) = Username::parse_even_reserved(username.trim()) else { return Ok(unknown()) };
        Ok(while_raced(|| appoint(cx, &username)).await?)
    }
}

async fn appoint(cx: &Cx, username: &Username) -> Result<Report, Error> {
    let Some(seen) = store::find_by_username(cx, username).await? else { return Ok(unknown()) };
    let account = &seen.account;
    if account.state != AccountState::Active {
        return Ok(Report::Refused(format!("The account {} is {}.", account.id, account.state.as_str())));
    }
    let roles = with_admins(&account.roles);
    if account.roles == roles && seen.live.iter().all(|session| session.roles == roles) {
        return Ok(Report::Done(format!("The account {} is an admin's already.", account.id)));
    }
    let action = Action::AppointAdmin { roles_before: account.roles.clone(), roles_after: roles.clone() };
    let entry = Entry::by_operator(cx, action, Some(account.id));
    store::appoint(cx, &seen, &roles, &entry).await?;
    let told =
        format!("The account {} is an admin's now, and so are its live sessions: {}.", account.id, seen.live.len());
    Ok(Report::Done(told))
}

/// These roles with an admin's, each once, least first.
fn with_admins(roles: &Roles) -> Roles {
    let mut roles: Roles = roles.iter().copied().chain([Role::Member, Role::Staff, Role::Admin]).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Without the name, which is a person's.
fn unknown() -> Report {
    Report::Refused("No account has this username.".to_owned())
}
