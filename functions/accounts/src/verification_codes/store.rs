//! Verification codes, stored.
//!
//! Table `accounts`, `pk = CODE#<id>`. Patterns: one code by id, and by the proof that names it. The
//! state of a target's codes (interval, counts, guesses) is `campus_messages::TargetState`.
//!
//! A send is one transaction: the captcha's use, the target's state, the address's limit, the code and
//! the message that is owed happen together or not at all. Confirming and spending are conditional
//! on the code's state, so that each happens once.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{CodeId, DeliveryId, Timestamp, UserId};
use campus_endpoint::{Answer, Cx, Limit, Spend, Window};
use campus_messages::{Message, OutboxItem, Target, TargetState, Topic};
use campus_store::{Item, Key, StoreError, Transaction, Update, attr};

use super::{Code, CodeState, PROOF_SECONDS};
use crate::Error;
use crate::captcha_challenges::{self, Captcha};
use crate::users::store::{Guard, guard_of};

/// Accepted sends per client address.
pub(crate) fn address_limit(cx: &Cx) -> Limit {
    Limit { name: "code_sends", max: cx.settings().sends_per_address_per_hour, window_seconds: 60 * 60 }
}

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
    pub(crate) captcha: Option<Captcha>,
    /// The account that has proven the target, if one has.
    pub(crate) owner: Option<UserId>,
    pub(crate) state: Option<TargetState>,
    pub(crate) window: Option<Window>,
}

pub(crate) async fn find_sending(
    cx: &Cx,
    captcha: campus_domain::CaptchaId,
    target: &Target,
) -> Result<Sending, Error> {
    let mut batch = cx.store().batch();
    let captcha = batch.find::<Captcha>(&captcha_challenges::store::key(captcha));
    let guard = batch.find::<Guard>(&guard_of(target));
    let state = batch.find::<TargetState>(&target.state_key());
    let window = batch.find::<Window>(&address_limit(cx).window_of(&cx.address_subject()));
    let mut found = batch.send().await?;
    Ok(Sending {
        captcha: found.take(captcha)?,
        owner: found.take(guard)?.map(|guard| guard.user_id),
        state: found.take(state)?,
        window: found.take(window)?,
    })
}

/// Stores a new code and the message that is owed, and counts both against their limits.
///
/// [`Error::Raced`] when another send to the target, or from the address, came in between.
pub(crate) async fn insert_new(
    cx: &Cx,
    code: &Code,
    captcha: campus_domain::CaptchaId,
    seen: &Sending,
    answer: &impl Answer,
) -> Result<(), Error> {
    let now = cx.now();
    let mut transaction = cx.store().transaction::<Error>();
    captcha_challenges::store::spend_send_in(&mut transaction, captcha, now);
    TargetState::send_in(&mut transaction, &code.target, seen.state.as_ref(), code.id, now, || Error::Raced);
    let subject = cx.address_subject();
    address_limit(cx).spend_in(&mut transaction, &subject, seen.window.as_ref(), now, |spend| match spend {
        Spend::Exhausted { retry_after } => Error::AddressLimit { retry_after },
        Spend::Raced => Error::Raced,
    });
    transaction.put_new(code);
    transaction.put_new(&OutboxItem::message(message(cx, code)));
    cx.commit(transaction, answer).await
}

fn message(cx: &Cx, code: &Code) -> Message {
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
    cx.commit(transaction, answer).await
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
