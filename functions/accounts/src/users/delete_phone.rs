//! `DELETE /users/me/phone`: take my phone number off my account.
//!
//! The caller stays signed in; every other session ends, and the number is told, if it was proven. Who has no number
//! signs in by username or mail address.

use campus_aws::{ACCOUNTS, CONTACTS, Grant, OUTBOX, SESSIONS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoPath, NoQuery, Request, Route, delete};
use campus_store::while_raced;

use super::{Account, store};
use crate::Error;

/// The endpoint.
pub struct DeletePhone;

impl Endpoint for DeletePhone {
    const NAME: &'static str = "delete_phone";
    const SUMMARY: &'static str = "Remove my phone number";
    const ROUTE: Route = delete("/users/me/phone");
    const GRANTS: &'static [Grant] = &[
        ACCOUNTS.batch_get().put().delete(),
        SESSIONS.batch_get().query().update().check(),
        CONTACTS.put(),
        OUTBOX.put(),
    ];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] = &[Error::AccountNotFound, Error::LastWayIn];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let person = store::get_person(cx, caller.session(), None).await?;
            // As a client repeats it that had no answer.
            if person.account.phone.is_none() {
                return Ok(NoContent);
            }
            let account = Account {
                phone: None,
                updated_at: cx.now(),
                version: person.account.version + 1,
                ..person.account.clone()
            };
            if !account.has_way_in() {
                return Err(Error::LastWayIn);
            }
            store::remove_phone(cx, &person, &account, caller.session().id).await?;
            Ok(NoContent)
        })
        .await
    }
}
