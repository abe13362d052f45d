//! `DELETE /admin/users/{id}`: purge someone's account. Unlike a deletion by its owner nothing takes it back: it is
//! purged at the next run of the worker that purges.

use campus_aws::{ACCOUNTS, CODE_SECRET, CONTACTS, Grant, PROFILES, SESSIONS};
use campus_endpoint::{Admin, Caller, Cx, Endpoint, NoBody, NoContent, NoQuery, Request, Route, delete};
use campus_store::while_raced;

use super::{UserPath, store};
use crate::Error;
use crate::audit::{Action, Entry};
use crate::users::store::find_person;

/// The endpoint.
pub struct DeleteUser;

impl Endpoint for DeleteUser {
    const NAME: &'static str = "delete_user";
    const SUMMARY: &'static str = "Purge someone's account";
    const ROUTE: Route = delete("/admin/users/{id}");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().delete(),
        SESSIONS.batch_get().query().update().check(),
        PROFILES.delete(),
        CONTACTS.delete(),
        CODE_SECRET.read(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[Error::AccountNotFound, Error::AccountIsAdmin];
    type Access = Admin;
    type Path = UserPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Admin>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let id = request.path.id;
            let (secret, person) = tokio::join!(cx.secrets().read(CODE_SECRET), find_person(cx, id, None, None));
            let person = person?.ok_or(Error::AccountNotFound)?;
            if person.account.is_due_at(cx.now()) {
                return Ok(NoContent);
            }
            let wished = person.account.deleted_until(cx.now(), cx.now())?;
            let entry = Entry::by_user(cx, caller.user_id(), &secret?, Action::PurgeUser, Some(id));
            store::purge(cx, &person, &wished, &entry).await?;
            Ok(NoContent)
        })
        .await
    }
}
