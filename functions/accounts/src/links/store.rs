//! Links, stored.
//!
//! Table `accounts`, `pk = LINK#<id>`. Pattern: one link, by the token that names it. Using one is conditional on its
//! not being used, in the transaction of what it allows. TTL deletes late: each condition compares `expires_at`. One
//! that is deleted is told like an expired one, as one becomes the other.

use campus_aws::{ACCOUNTS, Table};
use campus_domain::{CaptchaId, EmailAddress, LinkId, Timestamp};
use campus_endpoint::{Cx, Limit, Window};
use campus_messages::{LinkPurpose, RESEND_SECONDS, Recipient, SEND_WINDOW_SECONDS, SENDS_PER_DAY_MAX};
use campus_session::hash_of;
use campus_store::{Batch, Found, Item, Key, Slot, StoreError, Transaction, Update, attr};

use super::Link;
use crate::Error;
use crate::users::store::{Guard, guard_of};
use crate::verification_codes::asker::Asker;

/// Links of one purpose to one mailbox in a minute.
const PER_MINUTE: Limit = Limit { name: "links_a_minute", max: 1, window_seconds: RESEND_SECONDS };
/// Links of one purpose to one mailbox in a day.
const PER_DAY: Limit = Limit { name: "links_a_day", max: SENDS_PER_DAY_MAX, window_seconds: SEND_WINDOW_SECONDS };

/// How many links of one purpose a mailbox was sent: as many as codes, and counted apart from them, since who has just
/// proven an address may have forgotten the password.
pub(crate) struct Sends {
    subject: String,
    minute: Option<Window>,
    day: Option<Window>,
}

/// What [`Sends::take`] takes.
pub(crate) struct SendsSlot {
    subject: String,
    minute: Slot<Window>,
    day: Slot<Window>,
}

impl Sends {
    /// Asks for it.
    pub(crate) fn find_in(batch: &mut Batch<'_>, purpose: LinkPurpose, mailbox: &EmailAddress) -> SendsSlot {
        let subject = subject(purpose, mailbox);
        let minute = batch.find::<Window>(&PER_MINUTE.window_of(&subject));
        let day = batch.find::<Window>(&PER_DAY.window_of(&subject));
        SendsSlot { subject, minute, day }
    }

    pub(crate) fn take(found: &mut Found, slot: SendsSlot) -> Result<Self, StoreError> {
        Ok(Self { minute: found.take(slot.minute)?, day: found.take(slot.day)?, subject: slot.subject })
    }

    /// Of a mailbox that is new.
    pub(crate) fn none_of(purpose: LinkPurpose, mailbox: &EmailAddress) -> Self {
        Self { subject: subject(purpose, mailbox), minute: None, day: None }
    }

    /// Whether the mailbox may be sent one now. The write decides; this tells why not.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Error> {
        if let Some(retry_after) = PER_DAY.wait(self.day.as_ref(), now) {
            return Err(Error::DailyLimit { retry_after });
        }
        match PER_MINUTE.wait(self.minute.as_ref(), now) {
            Some(retry_after) => Err(Error::ResendTooSoon { retry_after }),
            None => Ok(()),
        }
    }

    /// Counts one in the transaction that owes it.
    pub(crate) fn count_in(&self, transaction: &mut Transaction<'_, Error>, now: Timestamp) {
        for (limit, seen) in [(PER_MINUTE, &self.minute), (PER_DAY, &self.day)] {
            limit.spend_in(transaction, &self.subject, seen.as_ref(), now, |_| Error::Raced);
        }
    }
}

/// What is counted. A stored name is no place for an address.
fn subject(purpose: LinkPurpose, mailbox: &EmailAddress) -> String {
    format!("{}#{}", purpose.as_str(), hash_of(mailbox.as_str()))
}

/// Everything that decides whether someone who signs up may be mailed a link.
pub(crate) struct Mailing {
    pub(crate) asker: Asker,
    /// Whether someone has proven the address.
    pub(crate) is_taken: bool,
    pub(crate) sends: Sends,
}

pub(crate) async fn find_mailing(cx: &Cx, captcha: CaptchaId, mailbox: &EmailAddress) -> Result<Mailing, StoreError> {
    let mut batch = cx.store().batch();
    let asker = Asker::find_in(cx, &mut batch, Some(captcha));
    let guard = batch.find::<Guard>(&guard_of(&Recipient::Email(mailbox.clone()).into()));
    let sends = Sends::find_in(&mut batch, LinkPurpose::Activation, mailbox);
    let mut found = batch.send().await?;
    Ok(Mailing {
        asker: Asker::take(&mut found, asker)?,
        is_taken: found.take(guard)?.is_some(),
        sends: Sends::take(&mut found, sends)?,
    })
}

impl Item for Link {
    const TABLE: Table = ACCOUNTS;
    const KIND: &'static str = "link";

    fn key(&self) -> Key {
        key(self.id)
    }
}

fn key(id: LinkId) -> Key {
    Key::alone(format!("LINK#{id}"))
}

pub(crate) async fn find(cx: &Cx, id: LinkId) -> Result<Option<Link>, StoreError> {
    cx.store().find(&key(id)).await
}

/// Uses up a link in the transaction of what it allows.
pub(crate) fn spend_in<E: From<Error> + From<StoreError>>(
    transaction: &mut Transaction<'_, E>,
    id: LinkId,
    now: Timestamp,
) {
    let good = attr("spent").eq(false).and(attr("expires_at").gt(now));
    transaction.update(ACCOUNTS, &key(id), Update::new().set("spent", true), good).or(|| Error::LinkSpent.into());
}
