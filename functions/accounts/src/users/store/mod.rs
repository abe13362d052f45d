//! Accounts, stored: their keys and claims, how they begin, and what people tell of themselves. What concerns their
//! safety is in `changes`.
//!
//! Table `accounts`: the account at `pk = USER#<id>`, `sk = ACCOUNT`; a guard for each thing that is
//! unique at `pk = UNIQUE#<what>#<value>`; whom an unproven address leads to at `pk = PENDING#<hash of it>`. Table
//! `profiles`: `pk = USER#<id>`. Table `contacts`: see `campus_messages::ContactCard`. Patterns: one account by id;
//! whether something is taken, by its guard.
//!
//! Uniqueness is the guard, written in the transaction of the account with the condition that there is
//! none: of any number of sign-ups at once with the same name or number, one succeeds.
//!
//! A change sets the attributes that it is about and no others, so that changes of different ones do not
//! undo each other, and raises the version. A change that depends on what was read holds to that version.

mod changes;

use campus_aws::{ACCOUNTS, PROFILES, Table};
use campus_domain::{
    AdmissionYear, CodeId, EmailAddress, Nickname, PersonName, SchoolId, TicketId, Timestamp, UserId, Username,
};
use campus_endpoint::{Answer, Cx};
use campus_messages::{Channel, ContactCard, LinkPurpose, OutboxItem, Plan, Recipient, SecurityEventKind, Target};
use campus_session::{Devices, Session, hash_of};
use campus_store::{Condition, Item, Key, StoreError, Transaction, Update, Value, Written, absent, attr, exists};
use serde::{Deserialize, Serialize};

use super::newcomer::Newcomer;
use super::update_current_user::Input;
use super::{Account, AccountState, Profile};
use crate::Error;
use crate::links::store::Mailing;
use crate::links::{self, Link};
use crate::oauth;
use crate::purges;
use crate::schools::{self, School};
use crate::security_events;
use crate::verification_codes::create_verification_code::taken;
use crate::verification_codes::{self, Code};

pub(crate) use changes::{
    Person, change, claims_of, delete, deletion, find_person, find_school, get_person, move_claim_in, remove_phone,
    replace_contact, replace_in, replace_password, replace_school,
};

/// A claim of something unique.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    name: String,
    /// Who has it.
    pub user_id: UserId,
}

impl Guard {
    /// The claim of an account to what a guard's key stands for.
    #[must_use]
    pub fn new(key: Key, user_id: UserId) -> Self {
        Self { name: key.pk, user_id }
    }
}

impl Item for Guard {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "guard";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// The guard of a username.
#[must_use]
pub fn username_guard(username: &Username) -> Key {
    Key::alone(format!("UNIQUE#username#{}", username.key()))
}

/// The guard of a nickname.
#[must_use]
pub fn nickname_guard(nickname: &Nickname) -> Key {
    Key::alone(format!("UNIQUE#nickname#{}", nickname.key()))
}

/// The guard of a proven number or address.
#[must_use]
pub fn guard_of(target: &Target) -> Key {
    let what = match target.recipient().channel() {
        Channel::Sms => "phone",
        Channel::Email => "email",
    };
    Key::alone(format!("UNIQUE#{what}#{}", target.as_str()))
}

/// Whom an address leads to that nobody has proven: the pending account that was mailed a link there last, whose owner
/// may never have seen the username that was made up for it. It claims nothing, and is read like a guard, behind that
/// of the address. It ends with the link; what it leads to until TTL takes it, the account itself tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pending {
    name: String,
    user_id: UserId,
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
}

impl Item for Pending {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "pending";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// Where stands whom an unproven address leads to. It outlives the account by days, so it does not name the address.
#[must_use]
pub(crate) fn pending_key(email: &EmailAddress) -> Key {
    Key::alone(format!("PENDING#{}", hash_of(email.as_str())))
}

/// Has an address lead to the pending account that is mailed this link, in its transaction: the latest counts.
pub(crate) fn lead_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, account: &Account, link: &Link) {
    let name = pending_key(&link.email).pk;
    let pending = Pending { name, user_id: account.id, expires_at: link.expires_at };
    transaction.put(&pending, absent().or(exists()));
}

impl Item for Account {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "account";

    fn key(&self) -> Key {
        account_key(self.id)
    }
}

/// Where an account is stored.
pub(crate) fn account_key(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), "ACCOUNT")
}

impl Item for Profile {
    const TABLE: Table = PROFILES;
    const KIND: &'static str = "profile";

    fn key(&self) -> Key {
        profile_key(self.user_id)
    }
}

pub(crate) fn profile_key(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), "PROFILE")
}

/// An account with its school.
pub(crate) async fn get_with_school(
    cx: &Cx,
    id: UserId,
    school_id: Option<SchoolId>,
) -> Result<(Account, Option<School>), Error> {
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(id));
    let school = school_id.map(|id| batch.find::<School>(&schools::store::key(id)));
    let mut found = batch.send().await?;
    let account = found.take(account)?.ok_or(Error::AccountNotFound)?;
    let school = school.map(|slot| found.take(slot)).transpose()?.flatten().filter(School::is_there);
    Ok((account, school))
}

/// An account with its school, whatever its session knows of that; for workers, which have time to read one after the
/// other.
pub(crate) async fn find_with_school(cx: &Cx, id: UserId) -> Result<Option<(Account, Option<School>)>, StoreError> {
    let Some(account) = cx.store().find::<Account>(&account_key(id)).await? else { return Ok(None) };
    let school = match account.school_id {
        Some(school_id) => cx.store().find::<School>(&schools::store::key(school_id)).await?,
        None => None,
    };
    Ok(Some((account, school)))
}

/// What decides whether a sign-up is possible, read together.
pub(crate) struct SigningUp {
    pub(crate) code: Option<Code>,
    pub(crate) school: Option<School>,
    pub(crate) username_taken: bool,
    pub(crate) nickname_taken: bool,
}

pub(crate) async fn find_signing_up(cx: &Cx, proof: Option<CodeId>, newcomer: &Newcomer) -> Result<SigningUp, Error> {
    let Newcomer { username, nickname, school_id, .. } = newcomer;
    let mut batch = cx.store().batch();
    let code = proof.map(|id| batch.find::<Code>(&verification_codes::store::key(id)));
    let username = username.as_ref().map(|username| batch.find::<Guard>(&username_guard(username)));
    let nickname = nickname.as_ref().map(|nickname| batch.find::<Guard>(&nickname_guard(nickname)));
    let school = school_id.map(|id| batch.find::<School>(&schools::store::key(id)));
    let mut found = batch.send().await?;
    Ok(SigningUp {
        code: code.map(|slot| found.take(slot)).transpose()?.flatten(),
        username_taken: username.map(|slot| found.take(slot)).transpose()?.flatten().is_some(),
        nickname_taken: nickname.map(|slot| found.take(slot)).transpose()?.flatten().is_some(),
        school: school.map(|slot| found.take(slot)).transpose()?.flatten().filter(School::is_there),
    })
}

/// Whether a proven target belongs to an account already.
pub(crate) async fn is_taken(cx: &Cx, target: &Target) -> Result<bool, Error> {
    Ok(cx.store().find::<Guard>(&guard_of(target)).await?.is_some())
}

/// Stores a new account with its guards, profile and first session, and uses up the proof and the ticket that it is
/// made by.
pub(crate) async fn insert_new(
    cx: &Cx,
    account: &Account,
    proof: Option<CodeId>,
    ticket: Option<TicketId>,
    session: &Session,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    // The guards of what is proven come before the proofs: of two sign-ups with the same proof the later is
    // told that the number is taken, which is what its user can act on.
    for proven in account.proven() {
        let guard = Guard::new(guard_of(&proven), account.id);
        transaction.put_new(&guard).or(move || taken(&proven));
    }
    for identity in &account.identities {
        transaction.put_new(&Guard::new(identity.guard(), account.id)).or(|| Error::IdentityTaken);
    }
    if let Some(proof) = proof {
        verification_codes::store::spend_in(&mut transaction, proof, cx.now());
    }
    if let Some(ticket) = ticket {
        oauth::store::spend_ticket_in(&mut transaction, ticket, cx.now());
    }
    transaction.put_new(&Guard::new(username_guard(&account.username), account.id)).or(|| Error::UsernameTaken);
    transaction.put_new(&Guard::new(nickname_guard(&account.nickname), account.id)).or(|| Error::NicknameTaken);
    transaction.put_new(account);
    transaction.put_new(&profile_of(account));
    transaction.put_new(&card_of(account));
    transaction.put_new(session);
    let (devices, _) = Devices::none_of(account.id).with(session, &[], cx.now());
    transaction.put_new(&devices);
    security_events::store::add_in(cx, &mut transaction, account.id, SecurityEventKind::SignedUp);
    cx.commit(transaction, answer).await
}

/// Stores a new account that waits for its activation, with the guards of its names, the link and the mail that is
/// owed, by whose address it is found; and plans its end, which its activation takes back.
pub(crate) async fn insert_pending(
    cx: &Cx,
    account: &Account,
    email: &EmailAddress,
    seen: &Mailing,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    seen.asker.count_in(cx, &mut transaction);
    seen.sends.count_in(&mut transaction, cx.now());
    transaction.put_new(&Guard::new(username_guard(&account.username), account.id)).or(|| Error::UsernameTaken);
    transaction.put_new(&Guard::new(nickname_guard(&account.nickname), account.id)).or(|| Error::NicknameTaken);
    transaction.put_new(account);
    purges::store::plan_in(&mut transaction, account);
    let link = Link::new(cx, LinkPurpose::Activation, Some(account), email.clone());
    transaction.put_new(&link);
    lead_in(&mut transaction, account, &link);
    transaction.put_new(&OutboxItem::message(link.message(cx, Some(account))));
    security_events::store::add_in(cx, &mut transaction, account.id, SecurityEventKind::SignedUp);
    cx.commit(transaction, answer).await
}

/// Stores an account whose link was followed, with the guard of its address, profile and first session, uses up the
/// link and takes back the account's end.
pub(crate) async fn activate(
    cx: &Cx,
    seen: &Account,
    wished: &Account,
    link: &Link,
    session: &Session,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    links::store::spend_in(&mut transaction, link.id, cx.now());
    replace_in(&mut transaction, seen, wished);
    let claimed = Target::from(Recipient::Email(link.email.clone()));
    move_claim_in(&mut transaction, wished.id, None, Some(claimed));
    // Whomever it led to: from now on the address is someone's.
    transaction.delete(ACCOUNTS, &pending_key(&link.email), absent().or(exists()));
    show_in(&mut transaction, wished);
    purges::store::cancel_in(&mut transaction, seen);
    transaction.put_new(session);
    let (devices, _) = Devices::none_of(wished.id).with(session, &[], cx.now());
    transaction.put_new(&devices);
    security_events::store::add_in(cx, &mut transaction, wished.id, SecurityEventKind::Activated);
    cx.commit(transaction, answer).await
}

/// What everyone may see of the owner of an account.
#[must_use]
pub fn profile_of(account: &Account) -> Profile {
    Profile {
        user_id: account.id,
        nickname: account.nickname.clone(),
        school_id: account.school_id,
        created_at: account.created_at,
    }
}

/// How the owner of an account is reached, for those who write to people.
#[must_use]
pub fn card_of(account: &Account) -> ContactCard {
    ContactCard {
        user_id: account.id,
        phone: account.proven_phone().cloned(),
        email: account.proven_email().cloned(),
        locale: account.locale,
        time_zone: account.time_zone.clone(),
    }
}

/// The password that someone signs in with.
#[derive(Clone)]
pub(crate) struct Compared {
    /// The hash that it was compared with.
    pub(crate) stored: String,
    /// Its hash by today's parameters, if that is another one.
    pub(crate) rehashed: Option<String>,
}

/// Makes a sign-in depend on the account being as it was judged, in all that it was found by and that the session
/// copies of it, and writes what the sign-in changes: the same password by another hash, and that the account is in use
/// again.
///
/// [`Error::Raced`] when the account has changed since it was read: what the sign-in is worth then, a second look
/// tells.
///
/// # Errors
///
/// Any [`StoreError`], before anything is added.
pub(crate) fn sign_in_in<E: From<Error> + From<StoreError>>(
    cx: &Cx,
    transaction: &mut Transaction<'_, E>,
    seen: &Account,
    signed_in: &Account,
    password: Option<&Compared>,
) -> Result<(), StoreError> {
    let is_taken_back = seen.state != signed_in.state;
    let mut unchanged = exists().and(attr("roles").eq(Value::of(&seen.roles)?)).and(is_at_school_of(seen)?);
    unchanged = unchanged.and(is_reached_as(seen)?);
    unchanged = unchanged.and(match seen.state {
        AccountState::Active => attr("state").is_missing().or(attr("state").eq(seen.state.as_str())),
        state => attr("state").eq(state.as_str()),
    });
    let mut update = Update::new().add("version", 1);
    if let Some(password) = password {
        unchanged = unchanged.and(attr("password_hash").eq(password.stored.as_str()));
        update = update.set_or_keep("password_hash", password.rehashed.as_deref());
    }
    if is_taken_back {
        unchanged = unchanged.and(is_still(seen));
        update = update.set("state", signed_in.state.as_str()).set("updated_at", signed_in.updated_at.to_string());
        update = update.remove("purge_at").remove("suspension");
    }
    if !is_taken_back && password.is_none_or(|password| password.rehashed.is_none()) {
        transaction.check(ACCOUNTS, &seen.key(), unchanged).or(|| Error::Raced.into());
        return Ok(());
    }
    transaction.update(ACCOUNTS, &seen.key(), update, unchanged).or(|| Error::Raced.into());
    if seen.state == AccountState::Deleted {
        show_in(transaction, signed_in);
        purges::store::cancel_in(transaction, seen);
        security_events::store::tell_in(cx, transaction, signed_in, SecurityEventKind::Restored);
        // Nobody planned reminders for them while they were away.
        transaction.put_new(&OutboxItem::plan(cx.new_id(), Plan::Person { user_id: seen.id, after: None }));
    }
    Ok(())
}

/// Holds while the account is at the school, and as proven, that a session of it says.
fn is_at_school_of(seen: &Account) -> Result<Condition, StoreError> {
    let school = attr("school_id").eq(Value::of(&seen.school_id)?);
    let school = if seen.school_id.is_none() { school.or(attr("school_id").is_missing()) } else { school };
    Ok(school.and(attr("school_verified").eq(seen.school_verified)))
}

/// Holds while the account has the number and the address that it was seen with: who signs in may have named it by one.
fn is_reached_as(seen: &Account) -> Result<Condition, StoreError> {
    let as_seen = |name, value, is_none| {
        let same = attr(name).eq(value);
        if is_none { same.or(attr(name).is_missing()) } else { same }
    };
    let phone = as_seen("phone", Value::of(&seen.phone)?, seen.phone.is_none());
    Ok(phone.and(as_seen("email", Value::of(&seen.email)?, seen.email.is_none())))
}

/// Writes what others may know of a person who is there (again).
fn show_in<E: From<StoreError>>(transaction: &mut Transaction<'_, E>, account: &Account) {
    // Derived from the account, which the transaction holds to.
    transaction.put(&profile_of(account), absent().or(exists()));
    transaction.put(&card_of(account), absent().or(exists()));
}

/// Makes a transaction depend on a claim being an account's.
pub(crate) fn check_owner_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    guard: &Key,
    id: UserId,
    refusal: fn() -> Error,
) {
    transaction.check(ACCOUNTS, guard, attr("user_id").eq(id.to_string())).or(move || refusal().into());
}

/// Changes what a person tells of themselves, but for what stands elsewhere, too (see [`stands_elsewhere`]), whatever
/// else was changed since it was read.
/// Returns the account as it is then. Sent twice, it is made once, by the request's mark.
pub(crate) async fn update_told(cx: &Cx, wished: &Account, input: &Input) -> Result<Account, Error> {
    let mark = cx.mark();
    let update = told(wished, input).set("changed_by", mark.as_str());
    let condition = exists().and(attr("changed_by").differs(mark));
    match cx.store().update(ACCOUNTS, &wished.key(), update, condition).await? {
        // Refused to this very request, whose first attempt was not answered.
        Written::Done(stored) | Written::Refused(Some(stored)) => Ok(campus_store::decode(stored)?),
        Written::Refused(None) => Err(Error::AccountNotFound),
    }
}

/// Whether a change is of something that others than the account hold, too: the nickname, and how the person is
/// reached.
pub(crate) fn stands_elsewhere(seen: &Account, wished: &Account) -> bool {
    wished.nickname != seen.nickname || card_of(wished) != card_of(seen)
}

/// Changes what a person tells of themselves, wherever it stands, if the account is still as it was seen.
pub(crate) async fn replace_seen(cx: &Cx, seen: &Account, wished: &Account, input: &Input) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    let update = told(wished, input).set("nickname", wished.nickname.as_str());
    // The account comes before the guards: when another device took the same nickname for the same person just
    // now, the next look finds nothing left to change, rather than the nickname taken.
    transaction.update(ACCOUNTS, &seen.key(), update, is_still(seen)).or(|| Error::Raced);
    let (old, new) = (nickname_guard(&seen.nickname), nickname_guard(&wished.nickname));
    if old != new {
        transaction.put_new(&Guard::new(new, seen.id)).or(|| Error::NicknameTaken);
        // Held by this account as long as the account is as it was seen.
        transaction.delete(ACCOUNTS, &old, attr("user_id").eq(seen.id.to_string()));
    }
    if seen.nickname != wished.nickname {
        let nickname = Update::new().set("nickname", wished.nickname.as_str());
        transaction.update(PROFILES, &profile_key(seen.id), nickname, exists());
    }
    if card_of(seen) != card_of(wished) {
        // As good as the account, whose version the transaction holds to.
        transaction.put(&card_of(wished), exists());
    }
    if seen.time_zone != wished.time_zone {
        transaction.put_new(&OutboxItem::plan(cx.new_id(), Plan::Person { user_id: seen.id, after: None }));
    }
    transaction.send().await
}

/// The attributes that are sent, but for the nickname, which has a guard.
fn told(wished: &Account, input: &Input) -> Update {
    let mut update = Update::new().set("updated_at", wished.updated_at.to_string()).add("version", 1);
    if let Some(name) = input.name.sent() {
        update = update.set_or_remove("name", name.as_ref().map(PersonName::as_str));
    }
    if let Some(year) = input.admission_year.sent() {
        update = update.set_or_remove("admission_year", year.map(AdmissionYear::get));
    }
    if let Some(locale) = input.locale.sent() {
        update = update.set("locale", locale.as_str());
    }
    if let Some(time_zone) = input.time_zone.sent() {
        update = update.set("time_zone", time_zone.as_str());
    }
    update
}

/// The account is there and was not changed since.
pub(crate) fn is_still(seen: &Account) -> Condition {
    let version = attr("version");
    let unchanged = if seen.version == 0 { version.is_missing() } else { version.eq(seen.version) };
    exists().and(unchanged)
}
