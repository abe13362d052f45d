//! Verification codes, stored.
//!
//! Table `accounts`, `pk = CODE#<id>`. Patterns: one code by id, and by the proof that names it. The
//! state of a target's codes (interval, counts, guesses) is `campus_messages::TargetState`.
//!
//! A send is one transaction: the captcha's use, the target's state, the address's limit, what keeps text messages from
//! being pumped (`pumping`), the code and the message that is owed happen together or not at all. Confirming and
//! spending are conditional on the code's state, so that each happens once, and is counted once.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{CaptchaId, CodeId, DeliveryId, Timestamp, UserId};
use campus_endpoint::{Answer, Cx, Measure};
use campus_messages::{Channel, Message, OutboxItem, Purpose, SendRefused, Target, TargetState, Topic};
use campus_store::{Item, Key, StoreError, Transaction, Update, attr};

use super::asker::Asker;
use super::pumping::{self, Texts, Weight};
use super::{Code, CodeState, PROOF_SECONDS};
use crate::Error;
use crate::users::Account;
use crate::users::store::{Guard, account_key, guard_of};

impl Item for Code {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "code";

    fn key(&self) -> Key {
        key(self.id)
    }
}

pub(crate) fn key(id: CodeId) -> Key {
    Key::alone(format!("CODE#{id}"))
}

/// Everything that decides whether a code may be sent, read together.
pub(crate) struct Sending {
    pub(crate) asker: Asker,
    /// The account that has proven the target, if one has.
    pub(crate) owner: Option<UserId>,
    /// The account that asks, if one does.
    pub(crate) account: Option<Account>,
    state: Option<TargetState>,
    /// None for a code that goes by mail.
    texts: Option<Texts>,
}

impl Sending {
    /// Whether the target may be sent more now, the address may ask for more, and text messages are left. The write
    /// decides; this tells why not.
    pub(crate) fn check_limits(&self, cx: &Cx) -> Result<(), Error> {
        if let Some(state) = &self.state {
            state.check_send(cx.now()).map_err(|refused| match refused {
                SendRefused::TooSoon { retry_after } => Error::ResendTooSoon { retry_after },
                SendRefused::DailyLimit { retry_after } => Error::DailyLimit { retry_after },
            })?;
        }
        self.asker.check_address(cx)?;
        self.texts.as_ref().map_or(Ok(()), |texts| texts.check(cx))
    }
}

pub(crate) async fn find_sending(
    cx: &Cx,
    captcha: Option<CaptchaId>,
    caller: Option<UserId>,
    target: &Target,
    purpose: Purpose,
) -> Result<Sending, Error> {
    let mut batch = cx.store().batch();
    let asker = Asker::find_in(cx, &mut batch, captcha);
    let account = caller.map(|id| batch.find::<Account>(&account_key(id)));
    let guard = batch.find::<Guard>(&guard_of(target));
    let state = batch.find::<TargetState>(&target.state_key());
    let texts = Texts::find_in(cx, &mut batch, target, purpose);
    let mut found = batch.send().await?;
    Ok(Sending {
        asker: Asker::take(&mut found, asker)?,
        account: account.map(|slot| found.take(slot)).transpose()?.flatten(),
        owner: found.take(guard)?.map(|guard| guard.user_id),
        state: found.take(state)?,
        texts: texts.map(|slot| Texts::take(&mut found, slot)).transpose()?,
    })
}

/// Stores a new code and the message that is owed, and counts both against their limits.
///
/// [`Error::Raced`] when another send to the target, or from the address, came in between.
pub(crate) async fn insert_new(cx: &Cx, code: &Code, seen: &Sending, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    seen.asker.count_in(cx, &mut transaction);
    let is_for_nobody = code.purpose.needs_account() && code.account.is_none();
    let weight = if is_for_nobody { Weight::Nothing } else { Weight::Text };
    if let Some(texts) = &seen.texts {
        texts.count_in(cx, &mut transaction, weight);
    }
    put_new_in(cx, &mut transaction, code, seen.state.as_ref());
    transaction.put_new(&OutboxItem::message(message(cx, code)));
    cx.commit(transaction, answer).await?;
    if let Some(texts) = &seen.texts {
        texts.measure(cx, weight);
    }
    Ok(())
}

/// Stores a new code, which is its target's latest from now on, if that is as it was seen.
pub(crate) fn put_new_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, code: &Code, seen: Option<&TargetState>) {
    TargetState::send_in(transaction, &code.target, seen, code.id, cx.now(), || Error::Raced);
    transaction.put_new(code);
}

pub(crate) fn message(cx: &Cx, code: &Code) -> Message {
    let id: DeliveryId = cx.new_id();
    let topic = Topic::VerificationCode { code_id: code.id, purpose: code.purpose, expires_at: code.code_expires_at };
    Message { id, owner: code.account, to: code.target.recipient().clone(), locale: cx.locale(), topic }
}

pub(crate) async fn find(cx: &Cx, id: CodeId) -> Result<Option<Code>, Error> {
    Ok(cx.store().find(&key(id)).await?)
}

/// Until when the proof of a code that is told back now is good.
pub(crate) fn proof_expiry(now: Timestamp) -> Timestamp {
    now.plus_seconds(PROOF_SECONDS)
}

/// Marks a code as told back.
pub(crate) async fn confirm(cx: &Cx, code: &Code, answer: &impl Answer) -> Result<(), Error> {
    let now = cx.now();
    let update = Update::new()
        .set("state", CodeState::Confirmed.as_str())
        .set("proof_expires_at", proof_expiry(now))
        .set("expires_at", proof_expiry(now));
    let open = attr("state").eq(CodeState::Sent.as_str()).and(attr("code_expires_at").gt(now));
    let mut transaction = cx.store().transaction::<Error>();
    transaction.update(ACCOUNTS, &key(code.id), update, open).or(|| Error::CodeExpired);
    pumping::complete_in(cx, &mut transaction, &code.target, code.purpose);
    cx.commit(transaction, answer).await?;
    if code.target.recipient().channel() == Channel::Sms {
        cx.measure(Measure::SmsCompletions, 1);
    }
    Ok(())
}

/// Uses up a proof in the transaction of what it allows.
pub(crate) fn spend_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    id: CodeId,
    now: Timestamp,
) {
    let good = attr("state").eq(CodeState::Confirmed.as_str()).and(attr("proof_expires_at").gt(now));
    let update = Update::new().set("state", CodeState::Spent.as_str());
    transaction.update(ACCOUNTS, &key(id), update, good).or(|| Error::ProofSpent.into());
}
