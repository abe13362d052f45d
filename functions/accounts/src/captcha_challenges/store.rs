//! Captcha challenges, stored.
//!
//! Table `accounts`, `pk = CAPTCHA#<id>`. Patterns: one challenge by id, by solver and by token.
//! Solving, sending and checking are conditional updates, so that one solution is never good for more
//! than it allows, whoever uses it at once. TTL deletes late: each condition compares `expires_at`.

use campus_aws::{ACCOUNTS, CODE_SECRET, Table};
use campus_domain::{CaptchaId, Timestamp};
use campus_endpoint::Cx;
use campus_secrets::{Label, issue_token, open_token, peek_token};
use campus_store::{Item, Key, StoreError, Transaction, Update, Written, absent, attr, decode};

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

/// Stores a new challenge. A write that is sent twice finds its own item, which is as good.
pub(crate) async fn insert_new(cx: &Cx, captcha: &Captcha) -> Result<(), Error> {
    match cx.store().put(captcha, absent()).await? {
        Written::Done(_) | Written::Refused(Some(_)) => Ok(()),
        Written::Refused(None) => Err(Error::Raced),
    }
}

/// Marks a challenge as solved and returns the token of the solution, derived, never stored.
pub(crate) async fn solve(cx: &Cx, id: CaptchaId) -> Result<String, Error> {
    let now = cx.now();
    let request = cx.request_id().to_string();
    let update = Update::new()
        .set("solved", true)
        .set("solved_by", request.clone())
        .set("expires_at", now.plus_seconds(SOLVED_SECONDS));
    let open = attr("solved").eq(false).and(attr("expires_at").gt(now));
    // Holds again for a write that this very request has made, should its answer be lost.
    let condition = open.or(attr("solved_by").eq(request));
    let key = key(id);
    let (secret, written) =
        tokio::join!(cx.secrets().read(CODE_SECRET), cx.store().update(ACCOUNTS, &key, update, condition));
    match written? {
        Written::Done(_) => Ok(issue_token(&secret?, Label::Captcha, id)),
        Written::Refused(None) => Err(Error::CaptchaNotFound),
        Written::Refused(Some(stored)) => {
            decode::<Captcha>(stored)?;
            Err(Error::CaptchaExpired)
        }
    }
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

/// Uses up one of the checks that a solution allows. A call that is sent twice may use two.
pub(crate) async fn spend_check(cx: &Cx, id: CaptchaId) -> Result<(), Error> {
    let unused = attr("checks_left").gt(0_u32).and(attr("solved").eq(true)).and(attr("expires_at").gt(cx.now()));
    match cx.store().update(ACCOUNTS, &key(id), Update::new().add("checks_left", -1), unused).await? {
        Written::Done(_) => Ok(()),
        Written::Refused(_) => Err(Error::CaptchaRequired),
    }
}
