//! Resets of passwords, stored: as links and codes, see `links` and `verification_codes`.
//!
//! Asking is one transaction: the captcha's use, the target's state, the address's limit, the budget of text messages,
//! the code, the link and what is owed. Completing is another: the link or the proof is used up, the password is set if
//! the account is as it was seen, and every session ends. So each happens once, or not at all. The account keeps when a
//! password was set, so every other link and code of before is over, too.

use campus_domain::{CaptchaId, EmailAddress, UserId, kind};
use campus_endpoint::{Answer, Cx, Measure, NoContent};
use campus_messages::{LinkPurpose, OutboxItem, Purpose, Recipient, SecurityEventKind, Target, TargetState};
use campus_store::StoreError;

use crate::Error;
use crate::links::store::Sends;
use crate::links::{self, Link};
use crate::purges;
use crate::sessions::login::Login;
use crate::sessions::throttle::Attempt;
use crate::users::store::{Guard, Person, account_key, change, lead_in, replace_in};
use crate::users::{Account, AccountState};
use crate::verification_codes::asker::Asker;
use crate::verification_codes::pumping::{Texts, Weight};
use crate::verification_codes::store::{message, put_new_in};
use crate::verification_codes::{self, Code};

/// What decides whether anything is done at all, which is told alike whatever the login; and whose the login is.
pub(super) async fn find_asker(
    cx: &Cx,
    captcha: CaptchaId,
    login: &Login,
) -> Result<(Asker, Option<UserId>), StoreError> {
    let mut batch = cx.store().batch();
    let asker = Asker::find_in(cx, &mut batch, Some(captcha));
    let guards: Vec<_> = login.guards().iter().map(|guard| batch.find::<Guard>(guard)).collect();
    let mut found = batch.send().await?;
    let mut owner = None;
    for guard in guards {
        owner = owner.or(found.take(guard)?.map(|guard| guard.user_id));
    }
    Ok((Asker::take(&mut found, asker)?, owner))
}

/// An account, read by the same call whether there is one or not.
pub(super) async fn find_account(cx: &Cx, owner: Option<UserId>) -> Result<Option<Account>, StoreError> {
    let mut batch = cx.store().batch();
    let account = batch.find::<Account>(&account_key(owner.unwrap_or_else(crate::sessions::nobody)));
    batch.send().await?.take(account)
}

/// What goes out to whom: a link by mail or a code by text message. What there is none of goes to nobody, so that each
/// reset is alike.
pub(super) struct Reset {
    /// Who is reached, if anyone.
    account: Option<Account>,
    /// What the link is for.
    purpose: LinkPurpose,
    /// Where the link goes.
    mailbox: EmailAddress,
    /// Where the code goes.
    phone: Option<Target>,
}

impl Reset {
    /// One that reaches the owner of an account, or nobody.
    pub(super) fn of(cx: &Cx, account: Option<Account>) -> Self {
        let account = account.filter(|account| !account.is_going());
        let (purpose, email) = match &account {
            Some(Account { state: AccountState::Pending, email, .. }) => {
                (LinkPurpose::Activation, email.as_ref().map(|email| email.value.clone()))
            }
            Some(account) => (LinkPurpose::PasswordReset, account.proven_email().cloned()),
            None => (LinkPurpose::PasswordReset, None),
        };
        let phone = account.as_ref().filter(|_| email.is_none()).and_then(|account| account.proven_phone().cloned());
        let phone = phone.map(|phone| Recipient::Sms(phone).into());
        let account = account.filter(|_| email.is_some() || phone.is_some());
        Self { account, purpose, mailbox: email.unwrap_or_else(|| nobodys(cx)), phone }
    }

    /// The code, for someone who has only a phone. Any other is nobody's: its proof, were it guessed, is good for
    /// nothing.
    pub(super) fn code(&self, cx: &Cx) -> Code {
        let target = self.phone.clone().unwrap_or_else(|| Recipient::Email(nobodys(cx)).into());
        let owner = self.account.as_ref().filter(|_| self.phone.is_some()).map(|account| account.id);
        Code::new(cx.new_id(), Purpose::ResetPassword, target, owner, cx.now())
    }
}

/// A mailbox that nobody has.
fn nobodys(cx: &Cx) -> EmailAddress {
    EmailAddress::of_nobody(cx.new_id::<kind::Request>())
}

/// How much what a reset goes to was sent.
pub(super) struct Sent {
    state: Option<TargetState>,
    sends: Sends,
    texts: Texts,
}

impl Sent {
    /// Whether it may be sent more now. Whoever asks is not told.
    pub(super) fn allows_more(&self, cx: &Cx, reset: &Reset) -> bool {
        let is_left = reset.phone.is_none() || self.texts.check(cx).is_ok();
        if !is_left {
            cx.measure(Measure::SmsRefusals, 1);
        }
        is_left
            && self.state.as_ref().is_none_or(|state| state.check_send(cx.now()).is_ok())
            && self.sends.check(cx.now()).is_ok()
    }
}

pub(super) async fn find_sent(cx: &Cx, reset: &Reset, code: &Code) -> Result<Sent, StoreError> {
    let mut batch = cx.store().batch();
    let state = batch.find::<TargetState>(&code.target.state_key());
    let sends = Sends::find_in(&mut batch, reset.purpose, &reset.mailbox);
    let texts = Texts::find_proven_in(cx, &mut batch);
    let mut found = batch.send().await?;
    let texts = Texts::take(&mut found, texts)?;
    Ok(Sent { state: found.take(state)?, sends: Sends::take(&mut found, sends)?, texts })
}

impl Sent {
    /// The same of nobody, who was sent nothing.
    pub(super) fn of_nobody(self, reset: &Reset) -> Self {
        Self { state: None, sends: Sends::none_of(reset.purpose, &reset.mailbox), texts: self.texts }
    }
}

/// Stores a reset and what is owed for it, and counts it against its limits.
///
/// [`Error::Raced`] when another send to the same, or from the address, came in between.
pub(super) async fn insert_new(
    cx: &Cx,
    asker: &Asker,
    reset: &Reset,
    code: &Code,
    seen: &Sent,
    answer: &impl Answer,
) -> Result<(), Error> {
    let mut transaction = cx.store().transaction::<Error>();
    asker.count_in(cx, &mut transaction);
    seen.sends.count_in(&mut transaction, cx.now());
    let weight = if reset.phone.is_some() { Weight::Text } else { Weight::Other };
    seen.texts.count_in(cx, &mut transaction, weight);
    put_new_in(cx, &mut transaction, code, seen.state.as_ref());
    let by_mail = reset.account.as_ref().filter(|_| reset.phone.is_none());
    let link = Link::new(cx, reset.purpose, by_mail, reset.mailbox.clone());
    transaction.put_new(&link);
    let owed = if reset.phone.is_some() { message(cx, code) } else { link.message(cx, by_mail) };
    transaction.put_new(&OutboxItem::message(owed));
    if let Some(seen) = by_mail.filter(|account| account.state == AccountState::Pending) {
        // As long as its new link is good.
        let wished = Account { purge_at: Some(link.expires_at), version: seen.version + 1, ..seen.clone() };
        replace_in(&mut transaction, seen, &wished);
        purges::store::replan_in(&mut transaction, seen, &wished);
        lead_in(&mut transaction, seen, &link);
    }
    cx.commit(transaction, answer).await.map_err(|error| match error {
        // Told nobody: begun anew, the reset is nobody's.
        Error::SmsBudgetExhausted { .. } => Error::Raced,
        error => error,
    })?;
    seen.texts.measure(cx, weight);
    Ok(())
}

/// What a reset is completed by: the link in a mail, or the proof of a code.
#[derive(Clone)]
pub(super) enum By {
    Link(Link),
    Proof(Code),
}

impl By {
    /// Whether what it proves is still the account's, which may have changed hands since the message went out.
    pub(super) fn reaches(&self, account: &Account) -> bool {
        match self {
            Self::Link(link) => account.proven_email() == Some(&link.email),
            Self::Proof(code) => account.has_proven(&code.target),
        }
    }

    /// Refuses one that was made before a password was set, by whatever: whoever comes by an older message must not
    /// undo what the owner did since. Times are kept in seconds; one of the same second is good, since it may be the
    /// next.
    ///
    /// # Errors
    ///
    /// As if it had been used itself.
    pub(super) fn check_newer_than_password(&self, account: &Account) -> Result<(), Error> {
        let (made_at, refusal) = match self {
            Self::Link(link) => (link.id.made_at(), Error::LinkSpent),
            Self::Proof(code) => (code.id.made_at(), Error::ProofSpent),
        };
        if account.password_set_at.is_some_and(|set_at| made_at < set_at) { Err(refusal) } else { Ok(()) }
    }
}

/// Stores the new password of an account, uses up what it is set by, forgets failed sign-ins, and ends every session.
pub(super) async fn complete(
    cx: &Cx,
    seen: &Person,
    wished: &Account,
    by: &By,
    attempt: &Attempt,
) -> Result<(), Error> {
    let mut transaction = change(cx, seen, wished, None, SecurityEventKind::PasswordReset, wished.reached_by());
    match by {
        By::Link(link) => links::store::spend_in(&mut transaction, link.id, cx.now()),
        By::Proof(code) => verification_codes::store::spend_in(&mut transaction, code.id, cx.now()),
    }
    attempt.forget_in(&mut transaction);
    cx.commit(transaction, &NoContent).await
}
