//! Captcha challenges, stored.
//!
//! Table `accounts`, `pk = CAPTCHA#<id>`. Patterns: one challenge by id, by solver and by token.
//! `pk = CAPTCHA_ANSWER#<lot number>`: an answer of Geetest's that has solved a challenge.
//! `pk = CAPTCHA_FALLBACK`: since when challenges are begun without their maker; one for all.
//!
//! Trying, solving, sending and checking are conditional, so that one challenge is never tried more often, nor one
//! solution good for more than it allows, whoever uses it at once. Tries and checks are counted apart from what they
//! are for, so they have the request's mark: a repetition counts once. TTL deletes late: each condition compares
//! `expires_at`.

use campus_aws::{ACCOUNTS, CODE_SECRET, Table};
use campus_domain::{CaptchaId, Timestamp};
use campus_endpoint::{Answer, Cx};
use campus_secrets::{Label, open_token, peek_token};
use campus_store::{Condition, Item, Key, StoreError, Transaction, Update, Value, Written, absent, attr, decode};
use serde::{Deserialize, Serialize};

use super::{Captcha, FALLBACK_EVERY_SECONDS, FALLBACK_SECONDS, SOLVABLE_SECONDS, SOLVED_SECONDS};
use crate::Error;

impl Item for Captcha {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "captcha";

    fn key(&self) -> Key {
        key(self.id)
    }
}

pub(crate) fn key(id: CaptchaId) -> Key {
    Key::alone(format!("CAPTCHA#{id}"))
}

/// The latest time for which challenges were begun without their maker.
#[derive(Debug, Serialize, Deserialize)]
struct Fallback {
    #[serde(with = "campus_domain::time::epoch")]
    closes_at: Timestamp,
    /// When another may begin.
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
}

impl Item for Fallback {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "captcha_fallback";

    fn key(&self) -> Key {
        Key::alone("CAPTCHA_FALLBACK")
    }
}

/// Until when challenges may be begun without their maker. Whoever needs one first opens the fallback for ten minutes;
/// then it is closed, whether the maker is up again or not, until an hour has passed since it was opened. Nothing else
/// moves these times, so that it is open for ten minutes in any hour, who asks however often. Of many at once, one
/// opens it, and the others have its time; so has a write that is sent twice.
///
/// # Errors
///
/// [`Error::CaptchaUnavailable`] while it is closed.
pub(super) async fn open_fallback(cx: &Cx) -> Result<Timestamp, Error> {
    let now = cx.now();
    let (closes_at, expires_at) = (now.plus_seconds(FALLBACK_SECONDS), now.plus_seconds(FALLBACK_EVERY_SECONDS));
    let is_over = absent().or(attr("expires_at").at_most(now));
    let open = match cx.store().put(&Fallback { closes_at, expires_at }, is_over).await? {
        Written::Done(stored) => Some(decode::<Fallback>(stored)?),
        Written::Refused(stored) => stored.map(decode::<Fallback>).transpose()?,
    };
    open.map(|open| open.closes_at).filter(|closes_at| *closes_at > now).ok_or(Error::CaptchaUnavailable)
}

/// Stores a new challenge.
pub(crate) async fn insert_new(cx: &Cx, captcha: &Captcha, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put_new(captcha);
    cx.commit(transaction, answer).await
}

/// Counts an answer before the challenge's maker is asked about it; not for the repetition of a request whose answer
/// was counted.
///
/// # Errors
///
/// [`Error::CaptchaExpired`] where no more are to be judged: it is over, solved, tried too often, or made by someone
/// whom the stage has parted with.
pub(crate) async fn count_try(cx: &Cx, id: CaptchaId) -> Result<Captcha, Error> {
    let (now, mark, provider) = (cx.now(), cx.mark(), cx.settings().captcha_provider);
    let open = is_open(cx)?.and(attr("tries_left").gt(0_u32)).and(attr("tried_by").differs(mark.as_str()));
    let update = Update::new().add("tries_left", -1).set("tried_by", mark.as_str());
    match cx.store().update(ACCOUNTS, &key(id), update, open).await? {
        Written::Done(stored) => Ok(decode(stored)?),
        Written::Refused(stored) => match stored.map(decode::<Captcha>).transpose()? {
            None => Err(Error::CaptchaNotFound),
            Some(stored) if stored.was_tried_by(&mark, provider, now) => Ok(stored),
            Some(_) => Err(Error::CaptchaExpired),
        },
    }
}

/// A challenge that can be solved, of the stage's present maker.
fn is_open(cx: &Cx) -> Result<Condition, StoreError> {
    let own = attr("provider").eq(Value::of(&cx.settings().captcha_provider)?);
    Ok(attr("solved").eq(false).and(attr("expires_at").gt(cx.now())).and(own))
}

/// A right answer.
pub(crate) struct Solution {
    /// Until when it can be used.
    pub(crate) usable_until: Timestamp,
    /// What must not be answered again, on any challenge.
    pub(crate) good_once: Option<String>,
}

impl Solution {
    /// Of a challenge that nobody made.
    pub(crate) fn of_anything(cx: &Cx) -> Self {
        Self { usable_until: cx.now().plus_seconds(SOLVED_SECONDS), good_once: None }
    }
}

/// An answer that was taken, for as long as its maker might take it again.
#[derive(Debug, Serialize, Deserialize)]
struct Taken {
    answer: String,
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
}

impl Item for Taken {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "captcha_answer";

    fn key(&self) -> Key {
        Key::alone(format!("CAPTCHA_ANSWER#{}", self.answer))
    }
}

/// Marks a challenge as solved, by an answer that solves no other.
pub(crate) async fn solve(cx: &Cx, id: CaptchaId, solution: Solution, answer: &impl Answer) -> Result<(), Error> {
    let now = cx.now();
    let update = Update::new().set("solved", true).set("expires_at", solution.usable_until);
    let mut transaction = cx.store().transaction::<Error>();
    transaction.update(ACCOUNTS, &key(id), update, is_open(cx)?).or_else(|stored| match stored {
        None => Error::CaptchaNotFound,
        Some(_) => Error::CaptchaExpired,
    });
    if let Some(given) = solution.good_once {
        let taken = Taken { answer: given, expires_at: now.plus_seconds(SOLVABLE_SECONDS) };
        let is_new = absent().or(attr("expires_at").at_most(now));
        transaction.put(&taken, is_new).or(|| Error::CaptchaFailed);
    }
    cx.commit(transaction, answer).await
}

/// The challenge that a token names, not yet proven: see [`verify`].
pub(crate) fn named_by(token: Option<&str>) -> Result<CaptchaId, Error> {
    token.and_then(peek_token).ok_or(Error::CaptchaRequired)
}

/// Whether Campus issued the token.
pub(crate) async fn verify(cx: &Cx, token: Option<&str>) -> Result<(), Error> {
    let secret = cx.secrets().read(CODE_SECRET).await?;
    let opened: Option<CaptchaId> = open_token(&secret, Label::Captcha, token.unwrap_or_default());
    opened.map(|_| ()).ok_or(Error::CaptchaRequired)
}

/// Uses up the message that a solution allows, in the transaction that sends it.
pub(crate) fn spend_send_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    id: CaptchaId,
    now: Timestamp,
) {
    // Of a solution in fallback mode the sender was told before.
    spend_in(transaction, id, is_usable(now).and(attr("is_fallback").differs(true)));
}

/// Uses up the attempt to sign in that a solution allows instead of a message, in the transaction that counts it.
pub(crate) fn spend_attempt_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    id: CaptchaId,
    now: Timestamp,
) {
    spend_in(transaction, id, is_usable(now));
}

fn spend_in<E: From<Error> + From<StoreError>>(transaction: &mut Transaction<'_, E>, id: CaptchaId, usable: Condition) {
    let unused = attr("sends_left").gt(0_u32).and(usable);
    transaction
        .update(ACCOUNTS, &key(id), Update::new().add("sends_left", -1), unused)
        .or(|| Error::CaptchaRequired.into());
}

fn is_usable(now: Timestamp) -> Condition {
    attr("solved").eq(true).and(attr("expires_at").gt(now))
}

/// Uses up one of the checks that a solution allows; none for the repetition of a request whose check was used up.
///
/// # Errors
///
/// [`Error::CaptchaRequired`]; [`Error::CaptchaUnavailable`] for a solution in fallback mode, by which any program
/// could learn who is registered.
pub(crate) async fn spend_check(cx: &Cx, id: CaptchaId) -> Result<(), Error> {
    let mark = cx.mark();
    let judged = is_usable(cx.now()).and(attr("is_fallback").differs(true));
    let unused = attr("checks_left").gt(0_u32).and(judged);
    let first = attr("checked_by").differs(mark.as_str());
    let update = Update::new().add("checks_left", -1).set("checked_by", mark.as_str());
    match cx.store().update(ACCOUNTS, &key(id), update, unused.and(first)).await? {
        Written::Done(_) => Ok(()),
        Written::Refused(stored) => match stored.map(decode::<Captcha>).transpose()? {
            Some(stored) if stored.is_unjudged(cx.now()) => Err(Error::CaptchaUnavailable),
            Some(stored) if stored.was_checked_by(&mark, cx.now()) => Ok(()),
            _ => Err(Error::CaptchaRequired),
        },
    }
}
