//! Changes of accounts that concern their safety, stored: what they have in common, and each of them.
//!
//! Each is one transaction that holds to the version of the account and to the list of its sessions, as they were read.

use campus_aws::{ACCOUNTS, CONTACTS, PROFILES};
use campus_domain::{CodeId, EmailAddress, SchoolId, SessionId, UserId};
use campus_endpoint::Cx;
use campus_messages::{ContactCard, Recipient, SecurityEventKind, Target};
use campus_session::{Session, SessionSchool};
use campus_store::{Key, StoreError, Transaction, Update, Value, absent, attr, exists};

use super::{Guard, account_key, card_of, guard_of, is_still, nickname_guard, profile_key, username_guard};
use crate::Error;
use crate::identities::Identity;
use crate::passwords;
use crate::purges;
use crate::schools::{self, School};
use crate::security_events;
use crate::sessions::store::Sessions;
use crate::users::{Account, UserView};
use crate::verification_codes::create_verification_code::taken;
use crate::verification_codes::{self, Code};
use crate::{sessions, token_refreshes};

/// Everything that decides about a change of an account, as one look.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) school: Option<School>,
    pub(crate) sessions: Sessions,
    /// The code that the given proof names.
    pub(crate) code: Option<Code>,
}

impl Person {
    /// The account as its owner sees it after a change.
    pub(crate) fn view_of(self, account: Account) -> UserView {
        UserView::new(account, self.school)
    }
}

/// Reads an account with all that a change of it concerns.
pub(crate) async fn find_person(
    cx: &Cx,
    user_id: UserId,
    school_id: Option<SchoolId>,
    proof: Option<CodeId>,
) -> Result<Option<Person>, StoreError> {
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(user_id));
    let school = school_id.map(|id| batch.find::<School>(&schools::store::key(id)));
    let devices = Sessions::find_in(&mut batch, user_id);
    let code = proof.map(|id| batch.find::<Code>(&verification_codes::store::key(id)));
    let (found, sessions) = tokio::join!(batch.send(), sessions::store::list_all(cx, user_id));
    let mut found = found?;
    let Some(account) = found.take(account)? else { return Ok(None) };
    Ok(Some(Person {
        account,
        school: school.map(|slot| found.take(slot)).transpose()?.flatten().filter(School::is_there),
        sessions: Sessions::complete(cx, user_id, found.take(devices)?, sessions?).await?,
        code: code.map(|slot| found.take(slot)).transpose()?.flatten(),
    }))
}

/// The same of the account of a session.
pub(crate) async fn get_person(cx: &Cx, session: &Session, proof: Option<CodeId>) -> Result<Person, Error> {
    let school_id = session.school.map(|school| school.id);
    let person = find_person(cx, session.user_id, school_id, proof).await?;
    // Of an account that is not in use no good session is left; one may just be ending.
    person.filter(|person| person.account.is_in_use_at(cx.now())).ok_or(Error::AccountNotFound)
}

/// Stores an account in the place of the one that was seen.
pub(crate) fn replace_in(transaction: &mut Transaction<'_, Error>, seen: &Account, wished: &Account) {
    transaction.put(wished, is_still(seen)).or(|| Error::Raced);
}

/// Begins the transaction of a change that concerns an account's safety: the account, if it is as it was seen; the end
/// of its other sessions, of which none may begin meanwhile; how the person is reached; the event, and the news of it.
///
/// Whoever adds to it must not touch the account, and is heard after: of what is refused, the first counts.
pub(crate) fn change<'a>(
    cx: &'a Cx,
    seen: &Person,
    wished: &Account,
    kept: Option<SessionId>,
    event: SecurityEventKind,
    told: Option<Recipient>,
) -> Transaction<'a, Error> {
    let mut transaction = cx.store().transaction::<Error>();
    replace_in(&mut transaction, &seen.account, wished);
    seen.sessions.end_in(&mut transaction, kept, cx.now());
    if card_of(&seen.account) != card_of(wished) {
        // As good as the account, whose version the transaction holds to.
        transaction.put(&card_of(wished), absent().or(exists()));
    }
    security_events::store::tell_at_in(cx, &mut transaction, wished, told, event);
    transaction
}

/// Stores a new password, uses up its proof if it was by one, and ends every other session. The one that goes on is
/// rotated, if it is as it was seen.
pub(crate) async fn replace_password(
    cx: &Cx,
    seen: &Person,
    wished: &Account,
    proof: Option<CodeId>,
    (session, next): (&Session, &Session),
) -> Result<(), Error> {
    let (event, told) = (SecurityEventKind::PasswordChanged, wished.reached_by());
    let mut transaction = change(cx, seen, wished, Some(session.id), event, told);
    token_refreshes::store::rotate_in(&mut transaction, session, next).or(|| Error::Raced);
    spend_in(cx, &mut transaction, wished.id, proof);
    transaction.send().await
}

/// Stores another mail address or phone number, claims it and gives up the claim of the old one, uses up its proof and
/// ends every other session. The old one is told; of the first one, which is another way in, the owner is told where
/// else they are reached.
pub(crate) async fn replace_contact(
    cx: &Cx,
    seen: &Person,
    wished: &Account,
    kept: SessionId,
    code: &Code,
) -> Result<(), Error> {
    let (event, old) = match code.target.recipient() {
        Recipient::Sms(_) => {
            (SecurityEventKind::PhoneChanged, seen.account.proven_phone().cloned().map(Recipient::Sms))
        }
        Recipient::Email(_) => {
            (SecurityEventKind::EmailChanged, seen.account.proven_email().cloned().map(Recipient::Email))
        }
    };
    let told = old.clone().or_else(|| seen.account.reached_by());
    let mut transaction = change(cx, seen, wished, Some(kept), event, told);
    move_claim_in(&mut transaction, wished.id, old.map(Target::from), Some(code.target.clone()));
    verification_codes::store::spend_in(&mut transaction, code.id, cx.now());
    transaction.send().await
}

/// Takes the phone number off an account, gives up its claim and ends every other session. The number is told.
pub(crate) async fn remove_phone(cx: &Cx, seen: &Person, wished: &Account, kept: SessionId) -> Result<(), Error> {
    let old = seen.account.proven_phone().cloned().map(Recipient::Sms);
    let mut transaction = change(cx, seen, wished, Some(kept), SecurityEventKind::PhoneRemoved, old.clone());
    move_claim_in(&mut transaction, wished.id, old.map(Target::from), None);
    transaction.send().await
}

/// Stores that an account is deleted, uses up the proof if it was by one, plans its purge, and takes away what others
/// know of the person. Every session ends; the owner is told.
pub(crate) async fn delete(cx: &Cx, seen: &Person, wished: &Account, proof: Option<CodeId>) -> Result<(), Error> {
    let mut transaction = deletion(cx, seen, wished, wished.reached_by());
    spend_in(cx, &mut transaction, wished.id, proof);
    transaction.send().await
}

/// Uses up the proof that shows that it is the owner who asks; without one it was their password, which then does not
/// count against them.
fn spend_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, id: UserId, proof: Option<CodeId>) {
    match proof {
        Some(proof) => verification_codes::store::spend_in(transaction, proof, cx.now()),
        None => passwords::uncount_check_in(cx, transaction, id),
    }
}

/// Begins the transaction of a deletion.
pub(crate) fn deletion<'a>(
    cx: &'a Cx,
    seen: &Person,
    wished: &Account,
    told: Option<Recipient>,
) -> Transaction<'a, Error> {
    let mut transaction = change(cx, seen, wished, None, SecurityEventKind::Deleted, told);
    purges::store::replan_in(&mut transaction, &seen.account, wished);
    hide_in(&mut transaction, wished.id);
    transaction
}

/// Takes away what others may know of a person: neither do they see them, nor can they write to them.
fn hide_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, id: UserId) {
    // Gone is gone: the account, which the transaction holds to, says why.
    transaction.delete(PROFILES, &profile_key(id), absent().or(exists()));
    transaction.delete(CONTACTS, &ContactCard::key_of(id), absent().or(exists()));
}

/// A school.
pub(crate) async fn find_school(cx: &Cx, id: SchoolId) -> Result<Option<School>, StoreError> {
    let school = cx.store().find::<School>(&schools::store::key(id)).await?;
    Ok(school.filter(School::is_there))
}

/// Everything unique that an account has claimed.
pub(crate) fn claims_of(account: &Account) -> Vec<Key> {
    let names = [username_guard(&account.username), nickname_guard(&account.nickname)].into_iter();
    let proven = account.proven().into_iter().map(|target| guard_of(&target));
    let identities = account.identities.iter().map(Identity::guard);
    names.chain(proven).chain(identities).chain(account.school_email.as_ref().map(school_email_guard)).collect()
}

/// The claim to be the one who has this address at a school: a mailbox proves one person to belong there.
fn school_email_guard(email: &EmailAddress) -> Key {
    Key::alone(format!("UNIQUE#school_email#{}", email.as_str()))
}

/// Stores another school, or that belonging to it is proven, wherever it is known, and uses up the proof.
pub(crate) async fn replace_school(
    cx: &Cx,
    seen: &Person,
    wished: &Account,
    proof: Option<CodeId>,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    replace_in(&mut transaction, &seen.account, wished);
    let school = wished.school_id.map(|id| SessionSchool { id, verified: wished.school_verified });
    let school = Value::of(&school)?;
    seen.sessions.update_in(&mut transaction, || Update::new().set("school", school.clone()), None, cx.now());
    if seen.account.school_id != wished.school_id {
        let school_id = Update::new().set_or_remove("school_id", wished.school_id.map(|id| id.to_string()));
        transaction.update(PROFILES, &profile_key(wished.id), school_id, exists());
    }
    let (old, new) = (seen.account.school_email.as_ref(), wished.school_email.as_ref());
    if let Some(old) = old.filter(|old| Some(*old) != new) {
        let ours = attr("user_id").eq(wished.id.to_string());
        // Held by this account as long as the account is as it was seen.
        transaction.delete(ACCOUNTS, &school_email_guard(old), ours).or(|| Error::Raced);
    }
    if let Some(new) = new.filter(|new| Some(*new) != old) {
        transaction.put_new(&Guard::new(school_email_guard(new), wished.id)).or(|| Error::SchoolEmailTaken);
    }
    if let Some(proof) = proof {
        verification_codes::store::spend_in(&mut transaction, proof, cx.now());
    }
    security_events::store::add_in(cx, &mut transaction, wished.id, SecurityEventKind::SchoolChanged);
    transaction.send().await
}

/// Moves a claim from what an account had to what it has now; either may be nothing.
pub(crate) fn move_claim_in(
    transaction: &mut Transaction<'_, Error>,
    user_id: UserId,
    old: Option<Target>,
    new: Option<Target>,
) {
    if let Some(old) = old {
        // Held by this account as long as the account is as it was seen.
        transaction.delete(ACCOUNTS, &guard_of(&old), attr("user_id").eq(user_id.to_string())).or(|| Error::Raced);
    }
    if let Some(new) = new {
        transaction.put_new(&Guard::new(guard_of(&new), user_id)).or(move || taken(&new));
    }
}
