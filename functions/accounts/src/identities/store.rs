//! Identities, stored: a part of the account, and a guard at `pk = UNIQUE#identity#<issuer>#<subject>`.
//!
//! Linking and unlinking hold to the version of the account, and change the guard in the same transaction, so that an
//! identity is of one account, and an account keeps a way in, whatever happens at once. Done again, they change
//! nothing.

use campus_aws::ACCOUNTS;
use campus_domain::{SessionId, UserId};
use campus_endpoint::Cx;
use campus_messages::{SecurityEventKind, Target};
use campus_store::{StoreError, Transaction, attr};

use super::Identity;
use crate::Error;
use crate::oauth::store::spend_authorization_in;
use crate::oauth::{Authorization, Known};
use crate::security_events;
use crate::users::Account;
use crate::users::store::{Guard, Person, account_key, change, check_owner_in, guard_of, replace_in};

/// The account with another identity in the place of what it had at that provider.
fn linked(account: &Account, identity: Identity, now: campus_domain::Timestamp) -> Account {
    let others = account.identities.iter().filter(|other| other.provider != identity.provider).cloned();
    Account {
        identities: others.chain([identity.clone()]).collect(),
        updated_at: now,
        version: account.version + 1,
        ..account.clone()
    }
}

/// Writes the account and the guards of an identity that is linked, gives up what it had at that provider, and tells
/// the owner.
fn link_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, seen: &Account, identity: Identity) {
    let wished = linked(seen, identity.clone(), cx.now());
    replace_in(transaction, seen, &wished);
    if let Some(old) = seen.identity_at(identity.provider) {
        give_up_in(transaction, seen.id, old);
    }
    transaction.put_new(&Guard::new(identity.guard(), seen.id)).or(|| Error::IdentityTaken);
    security_events::store::tell_in(cx, transaction, &wished, SecurityEventKind::IdentityLinked);
}

fn give_up_in(transaction: &mut Transaction<'_, Error>, user_id: UserId, identity: &Identity) {
    // Held by this account as long as the account is as it was seen.
    transaction.delete(ACCOUNTS, &identity.guard(), attr("user_id").eq(user_id.to_string())).or(|| Error::Raced);
}

/// The identities of a person.
pub(super) async fn list_by_user(cx: &Cx, user_id: UserId) -> Result<Vec<Identity>, StoreError> {
    let account = cx.store().find::<Account>(&account_key(user_id)).await?;
    Ok(account.map(|account| account.identities).unwrap_or_default())
}

/// Links an identity to the account of a person who is signed in, and uses up the visit that shows it.
pub(super) async fn link(
    cx: &Cx,
    seen: &Account,
    known: &Known,
    authorization: Option<&Authorization>,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    link_in(cx, &mut transaction, seen, Identity::new(known, cx.now()));
    if let Some(authorization) = authorization {
        spend_authorization_in(&mut transaction, authorization, cx.now());
    }
    transaction.send().await
}

/// Links an identity to the account whose proven address the provider vouches for, if that may be used and has none of
/// that provider.
///
/// # Errors
///
/// [`Error::Raced`] when the account is not what it was found by any more; why it may not be used;
/// [`Error::IdentityTaken`] when it has another identity of that provider, which is the one that signs in.
pub(crate) async fn link_vouched(cx: &Cx, user_id: UserId, known: &Known, email: &Target) -> Result<(), Error> {
    let account = cx.store().find::<Account>(&account_key(user_id)).await?.ok_or(Error::Raced)?;
    account.signed_in_at(cx.now())?;
    if account.identity_at(known.provider).is_some() {
        return Err(Error::IdentityTaken);
    }
    let mut transaction = cx.store().transaction::<Error>();
    // The account may have lost the address since the guard was read, and then somebody else may have it.
    check_owner_in(&mut transaction, &guard_of(email), user_id, || Error::Raced);
    link_in(cx, &mut transaction, &account, Identity::new(known, cx.now()));
    match transaction.send().await {
        // Somebody links it at this moment, perhaps this person on another device: the next look tells.
        Err(Error::IdentityTaken) => Err(Error::Raced),
        sent => sent,
    }
}

/// Takes an identity off an account, and ends every other session: one may have been begun by it.
pub(super) async fn unlink(cx: &Cx, seen: &Person, identity: &Identity, kept: SessionId) -> Result<(), Error> {
    let account = &seen.account;
    let wished = Account {
        identities: account.identities.iter().filter(|other| *other != identity).cloned().collect(),
        updated_at: cx.now(),
        version: account.version + 1,
        ..account.clone()
    };
    if !wished.has_way_in() {
        return Err(Error::LastWayIn);
    }
    let told = wished.reached_by();
    let mut transaction = change(cx, seen, &wished, Some(kept), SecurityEventKind::IdentityUnlinked, told);
    give_up_in(&mut transaction, account.id, identity);
    transaction.send().await
}
