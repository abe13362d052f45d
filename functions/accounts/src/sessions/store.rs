//! Sessions, stored. Their keys are with their types in `campus_session`: `Session`, and `Devices`, the list that
//! every new session changes.
//!
//! Patterns: a person's sessions, by one query of their partition; one session by its ids. The partition stays
//! small: whoever signs in deletes what ended since the last time, and no more than ten are live.
//!
//! A new session is one transaction with whatever pays for it. It demands that the list of devices is as it was
//! read, so that sign-ins at once take turns and none is left over; a loser is told the list as it is now. Sent
//! twice it takes effect once, by the SDK's token. Ending is an update that may be made any number of times; it
//! demands that there is a session, or it would leave a piece of one. What changes them all demands that each is in
//! the state in which it was read, or one that ended meanwhile would begin again.

use campus_aws::SESSIONS;
use campus_domain::{CodeId, SchoolId, SessionId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::{Recipient, SecurityEventKind};
use campus_session::{Devices, Session, SessionState};
use campus_store::{Batch, Key, Slot, StoreError, Transaction, Update, Written, absent, attr, decode, exists};
use std::time::Duration;

use super::create_session;
use crate::Error;
use crate::error::Outrun;
use crate::schools::{self, School};
use crate::security_events;
use crate::users::Account;
use crate::users::store::{Guard, account_key};
use crate::verification_codes::{self, Code};

/// Far more than a partition holds; see above.
const SESSIONS_READ_MAX: usize = 1000;
/// Dead sessions that one sign-in deletes.
const SWEPT_MAX: usize = 30;
/// Sign-ins at once take turns this often at most, within the function's time.
const ROUNDS_MAX: u32 = 60;
const PAUSE_MS_MAX: u64 = 80;

/// The account of whoever has one of these, in their order.
pub(super) async fn find_owner(cx: &Cx, guards: &[Key]) -> Result<Option<UserId>, StoreError> {
    let mut batch = cx.store().batch();
    let slots: Vec<_> = guards.iter().map(|guard| batch.find::<Guard>(guard)).collect();
    let mut found = batch.send().await?;
    for slot in slots {
        if let Some(guard) = found.take(slot)? {
            return Ok(Some(guard.user_id));
        }
    }
    Ok(None)
}

/// The code that a proof names.
pub(super) async fn find_code(cx: &Cx, proof: CodeId) -> Result<Option<Code>, StoreError> {
    let mut batch = cx.store().batch();
    let code = batch.find::<Code>(&verification_codes::store::key(proof));
    batch.send().await?.take(code)
}

/// What a sign-in needs to know of a person.
pub(crate) struct SigningIn {
    pub(crate) account: Option<Account>,
    pub(crate) sessions: Sessions,
}

/// Reads it. Someone who is not there costs as much.
pub(crate) async fn find_signing_in(cx: &Cx, user_id: UserId) -> Result<SigningIn, StoreError> {
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(user_id));
    let devices = Sessions::find_in(&mut batch, user_id);
    let (found, all) = tokio::join!(batch.send(), list_all(cx, user_id));
    let mut found = found?;
    Ok(SigningIn { account: found.take(account)?, sessions: Sessions::of(user_id, found.take(devices)?, all?) })
}

/// A person's sessions, with the list that each new one changes: whoever holds to the list, and ends these, has ended
/// all of them.
pub(crate) struct Sessions {
    devices: Devices,
    all: Vec<Session>,
}

impl Sessions {
    /// Asks for the list, to be read beside [`list_all`].
    pub(crate) fn find_in(batch: &mut Batch<'_>, user_id: UserId) -> Slot<Devices> {
        batch.find::<Devices>(&Devices::key_of(user_id))
    }

    /// A person's list and sessions, read beside each other: for sign-ins, which count what is only listed.
    pub(super) fn of(user_id: UserId, devices: Option<Devices>, all: Vec<Session>) -> Self {
        Self { devices: devices.unwrap_or_else(|| Devices::none_of(user_id)), all }
    }

    /// The same for a change that must not miss one. Of two reads beside each other the list may be the later; then it
    /// has a session that the other lacks, which is read again, so that what is held to is never newer than what was
    /// seen.
    pub(crate) async fn complete(
        cx: &Cx,
        user_id: UserId,
        devices: Option<Devices>,
        all: Vec<Session>,
    ) -> Result<Self, StoreError> {
        let sessions = Self::of(user_id, devices, all);
        if sessions.devices.sessions.iter().all(|id| sessions.get(*id).is_some()) {
            return Ok(sessions);
        }
        // Or TTL has taken it; then this finds no more, either.
        Ok(Self { all: list_all(cx, user_id).await?, ..sessions })
    }

    /// Ends them all but one, and holds to there being no more.
    pub(crate) fn end_in(&self, transaction: &mut Transaction<'_, Error>, kept: Option<SessionId>, now: Timestamp) {
        self.update_in(transaction, ended, kept, now);
    }

    /// Changes what they all know of the account, and holds to there being no more, and to none having ended since: it
    /// must not begin again.
    pub(crate) fn update_in(
        &self,
        transaction: &mut Transaction<'_, Error>,
        update: impl Fn() -> Update,
        but: Option<SessionId>,
        now: Timestamp,
    ) {
        let user_id = self.devices.user_id;
        let held = transaction.check(SESSIONS, &Devices::key_of(user_id), self.devices.unchanged());
        held.or(|| Error::Raced);
        for session in self.all.iter().filter(|session| Some(session.id) != but && session.is_live(now)) {
            // One that is deleted meanwhile was swept by a sign-in, which changes the list.
            let key = Session::key_of(user_id, session.id);
            let unchanged = attr("state").eq(session.state.as_str());
            transaction.update(SESSIONS, &key, update(), unchanged).or(|| Error::Raced);
        }
    }

    /// Those that have ended among them.
    pub(crate) fn all(&self) -> &[Session] {
        &self.all
    }

    /// One of them.
    pub(crate) fn get(&self, id: SessionId) -> Option<&Session> {
        self.all.iter().find(|session| session.id == id)
    }
}

/// A person's sessions, oldest first, those that have ended among them.
pub(crate) async fn list_all(cx: &Cx, user_id: UserId) -> Result<Vec<Session>, StoreError> {
    let sessions = cx.store().query(Session::partition_of(user_id)).beginning_with(Session::PREFIX);
    sessions.all(SESSIONS_READ_MAX).await
}

/// The school of an account, by the same kind of call as what else is read.
pub(super) async fn find_school(cx: &Cx, id: Option<SchoolId>) -> Result<Option<School>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    let mut batch = cx.store().batch();
    let school = batch.find::<School>(&schools::store::key(id));
    Ok(batch.send().await?.take(school)?.filter(School::is_there))
}

/// Stores a new session, ends the oldest beyond ten, and deletes those that have ended. `pay` adds what must
/// happen with it, and comes first, so that its refusals are the ones that are told. `answer` is kept for repetitions.
pub(super) async fn insert_new(
    cx: &Cx,
    account: &Account,
    session: &Session,
    seen: &SigningIn,
    answer: Option<&create_session::Answer>,
    pay: impl Fn(&mut Transaction<'_, Outrun>) -> Result<(), StoreError>,
) -> Result<(), Error> {
    let now = cx.now();
    let mut devices = seen.sessions.devices.clone();
    for _ in 0..ROUNDS_MAX {
        let (next, surplus) = devices.with(session, &seen.sessions.all, now);
        let mut transaction = cx.store().transaction::<Outrun>();
        pay(&mut transaction)?;
        transaction.put(&next, devices.unchanged()).or_else(Outrun::Raced);
        transaction.put_new(session);
        if devices.is_news(session) {
            // By mail only: nobody should be texted as often as someone else's device can make us.
            let to = account.proven_email().cloned().map(Recipient::Email);
            security_events::store::tell_at_in(cx, &mut transaction, account, to, SecurityEventKind::NewDevice);
        }
        let dead = seen.sessions.all.iter().filter(|session| !session.is_live(now)).map(|session| session.id);
        for id in dead.take(SWEPT_MAX).chain(surplus) {
            // Gone is gone, whoever was first.
            transaction.delete(SESSIONS, &Session::key_of(session.user_id, id), absent().or(exists()));
        }
        let sent = match answer {
            Some(answer) => cx.commit(transaction, answer).await,
            None => transaction.send().await,
        };
        match sent {
            Ok(()) => return Ok(()),
            Err(Outrun::Told(error)) => return Err(error),
            Err(Outrun::Raced(stored)) => {
                let stored = stored.map(decode::<Devices>).transpose()?;
                devices = stored.unwrap_or_else(|| Devices::none_of(session.user_id));
                tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=PAUSE_MS_MAX))).await;
            }
        }
    }
    Err(Error::Raced)
}

/// Ends one of a person's sessions, ended already or not; false if there is none.
pub(super) async fn end(cx: &Cx, user_id: UserId, id: SessionId) -> Result<bool, StoreError> {
    let written = cx.store().update(SESSIONS, &Session::key_of(user_id, id), ended(), exists()).await?;
    Ok(matches!(written, Written::Done(_)))
}

/// Ends all of a person's sessions but one: those that there are now.
pub(super) async fn end_others(cx: &Cx, user_id: UserId, kept: SessionId) -> Result<(), Error> {
    let sessions = list_all(cx, user_id).await?;
    let others: Vec<_> = sessions.iter().filter(|other| other.id != kept && other.is_live(cx.now())).collect();
    for some in others.chunks(campus_store::TRANSACTION_PARTS_MAX) {
        let mut transaction = cx.store().transaction::<Error>();
        for other in some {
            // One that is deleted meanwhile has ended, too; the client asks again and it is not there any more.
            let key = Session::key_of(user_id, other.id);
            transaction.update(SESSIONS, &key, ended(), exists()).or(|| Error::Raced);
        }
        transaction.send().await?;
    }
    Ok(())
}

fn ended() -> Update {
    Update::new().set("state", SessionState::Ended.as_str())
}
