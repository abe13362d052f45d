//! Visits to providers, and tickets, stored.
//!
//! Table `accounts`: `pk = AUTHORIZATION#<id>` and `pk = TICKET#<id>`. Patterns: one by its id, which a derived token
//! names. A visit is used up by a condition in the transaction of what comes of it, a ticket is deleted in that of the
//! account that it makes, so that each is good once whoever uses it at once, and a refused use spends nothing. TTL
//! deletes late: each condition compares `expires_at`.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{AuthorizationId, TicketId, Timestamp, UserId};
use campus_endpoint::{Answer, Cx};
use campus_store::{Condition, Item, Key, StoreError, Transaction, Update, attr};

use super::{Authorization, Known, Ticket};
use crate::Error;
use crate::identities::Identity;
use crate::users::store::{Guard, guard_of};

impl Item for Authorization {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "authorization";

    fn key(&self) -> Key {
        authorization_key(self.id)
    }
}

fn authorization_key(id: AuthorizationId) -> Key {
    Key::alone(format!("AUTHORIZATION#{id}"))
}

impl Item for Ticket {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "ticket";

    fn key(&self) -> Key {
        ticket_key(self.id)
    }
}

fn ticket_key(id: TicketId) -> Key {
    Key::alone(format!("TICKET#{id}"))
}

/// Stores the beginning of a visit.
pub(super) async fn insert_authorization(
    cx: &Cx,
    authorization: &Authorization,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put_new(authorization);
    cx.commit(transaction, answer).await
}

/// A visit, over or not.
pub(super) async fn find_authorization(cx: &Cx, id: AuthorizationId) -> Result<Option<Authorization>, StoreError> {
    let mut batch = cx.store().batch();
    let authorization = batch.find::<Authorization>(&authorization_key(id));
    batch.send().await?.take(authorization)
}

/// Uses up a visit, in the transaction of what comes of it.
pub(crate) fn spend_authorization_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    authorization: &Authorization,
    now: Timestamp,
) {
    let unused = attr("spent").eq(false).and(is_live(now));
    let spent = Update::new().set("spent", true);
    transaction.update(ACCOUNTS, &authorization.key(), spent, unused).or(|| Error::StateExpired.into());
}

/// Stores a ticket, and uses up the visit that it comes of.
pub(super) async fn insert_ticket(
    cx: &Cx,
    ticket: &Ticket,
    authorization: Option<&Authorization>,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    if let Some(authorization) = authorization {
        spend_authorization_in(&mut transaction, authorization, cx.now());
    }
    transaction.put_new(ticket);
    cx.commit(transaction, answer).await
}

/// A ticket that is good still.
pub(super) async fn find_ticket(cx: &Cx, id: TicketId) -> Result<Option<Ticket>, StoreError> {
    let mut batch = cx.store().batch();
    let ticket = batch.find::<Ticket>(&ticket_key(id));
    Ok(batch.send().await?.take(ticket)?.filter(|ticket| ticket.expires_at > cx.now()))
}

/// Uses up a ticket, and forgets what it holds, in the transaction of the account that it makes.
pub(crate) fn spend_ticket_in(transaction: &mut Transaction<'_, Error>, id: TicketId, now: Timestamp) {
    transaction.delete(ACCOUNTS, &ticket_key(id), is_live(now)).or(|| Error::TicketExpired);
}

fn is_live(now: Timestamp) -> Condition {
    attr("expires_at").gt(now)
}

/// Whose account it is.
pub(super) enum Owner {
    /// They have signed in by this identity before, or linked it.
    Linked(UserId),
    /// They have proven the address that the provider vouches for.
    Vouched(UserId),
}

/// The account of someone whom a provider tells of, if there is one.
pub(super) async fn find_owner(cx: &Cx, known: &Known) -> Result<Option<Owner>, StoreError> {
    let mut batch = cx.store().batch();
    let identity = batch.find::<Guard>(&Identity::guard_of(known.provider, &known.subject));
    let email = known.vouched_email().map(|email| {
        let target = campus_messages::Recipient::Email(email.clone()).into();
        batch.find::<Guard>(&guard_of(&target))
    });
    let mut found = batch.send().await?;
    let linked = found.take(identity)?.map(|guard| Owner::Linked(guard.user_id));
    let vouched = email.map(|slot| found.take(slot)).transpose()?.flatten().map(|guard| Owner::Vouched(guard.user_id));
    Ok(linked.or(vouched))
}
