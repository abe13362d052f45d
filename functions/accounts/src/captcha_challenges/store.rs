//! Captcha challenges, stored.
//!
//! Table `accounts`, `pk = CAPTCHA#<id>`. Patterns: one challenge by id, by solver and by token.
//! Solving, sending and checking are conditional, so that one solution is never good for more
//! than it allows, whoever uses it at once. TTL deletes late: each condition compares `expires_at`.

use campus_aws::{ACCOUNTS, CODE_SECRET, Table};
use campus_domain::{CaptchaId, Timestamp};
use campus_endpoint::{Answer, Cx};
use campus_secrets::{Label, open_token, peek_token};
use campus_store::{Item, Key, StoreError, Transaction, Update, Written, attr, decode};

use super::{Captcha, SOLVED_SECONDS};
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

/// Stores a new challenge.
pub(crate) async fn insert_new(cx: &Cx, captcha: &Captcha, answer: &impl Answer) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    transaction.put_new(captcha);
    cx.commit(transaction, answer).await
}

/// Marks a challenge as solved.
pub(crate) async fn solve(cx: &Cx, id: CaptchaId, answer: &impl Answer) -> Result<(), Error> {
    let now = cx.now();
    let update = Update::new().set("solved", true).set("expires_at", now.plus_seconds(SOLVED_SECONDS));
    let open = attr("solved").eq(false).and(attr("expires_at").gt(now));
    let mut transaction = cx.store().transaction::<Error>();
    transaction.update(ACCOUNTS, &key(id), update, open).or_else(|stored| match stored {
        None => Error::CaptchaNotFound,
        Some(_) => Error::CaptchaExpired,
    });
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

/// Uses up the message that a solution allows, in the transaction that sends it, or the attempt to sign in
/// that it allows instead, in the transaction that counts it.
pub(crate) fn spend_send_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    id: CaptchaId,
    now: Timestamp,
) {
    let unused = attr("sends_left").gt(0_u32).and(attr("solved").eq(true)).and(attr("expires_at").gt(now));
    transaction
        .update(ACCOUNTS, &key(id), Update::new().add("sends_left", -1), unused)
        .or(|| Error::CaptchaRequired.into());
}

/// Uses up one of the checks that a solution allows; none for the repetition of a request whose check was used up.
pub(crate) async fn spend_check(cx: &Cx, id: CaptchaId) -> Result<(), Error> {
    let mark = cx.mark();
    let unused = attr("checks_left").gt(0_u32).and(attr("solved").eq(true)).and(attr("expires_at").gt(cx.now()));
    let first = attr("checked_by").differs(mark.as_str());
    let update = Update::new().add("checks_left", -1).set("checked_by", mark.as_str());
    match cx.store().update(ACCOUNTS, &key(id), update, unused.and(first)).await? {
        Written::Done(_) => Ok(()),
        Written::Refused(stored) => match stored.map(decode::<Captcha>).transpose()? {
            Some(stored) if stored.was_checked_by(&mark, cx.now()) => Ok(()),
            _ => Err(Error::CaptchaRequired),
        },
    }
}
