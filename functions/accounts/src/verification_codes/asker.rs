//! Who asks for something to be sent: the captcha that they have solved, and the address that they ask from.

use campus_domain::CaptchaId;
use campus_endpoint::{Cx, Limit, Spend, Window};
use campus_messages::Target;
use campus_store::{Batch, Found, Slot, StoreError, Transaction};

use super::create_verification_code::taken;
use crate::Error;
use crate::captcha_challenges::{self, Captcha};

/// Accepted sends per client address.
fn address_limit(cx: &Cx) -> Limit {
    Limit { name: "code_sends", max: cx.settings().sends_per_address_per_hour, window_seconds: 60 * 60 }
}

/// Who asks.
pub(crate) struct Asker {
    /// None for someone who is signed in.
    captcha_id: Option<CaptchaId>,
    captcha: Option<Captcha>,
    window: Option<Window>,
}

/// What [`Asker::take`] takes.
pub(crate) struct AskerSlot {
    captcha_id: Option<CaptchaId>,
    captcha: Option<Slot<Captcha>>,
    window: Slot<Window>,
}

impl Asker {
    /// Asks for what is known of them.
    pub(crate) fn find_in(cx: &Cx, batch: &mut Batch<'_>, captcha_id: Option<CaptchaId>) -> AskerSlot {
        let captcha = captcha_id.map(|id| batch.find::<Captcha>(&captcha_challenges::store::key(id)));
        let window = batch.find::<Window>(&address_limit(cx).window_of(&cx.address_subject()));
        AskerSlot { captcha_id, captcha, window }
    }

    pub(crate) fn take(found: &mut Found, slot: AskerSlot) -> Result<Self, StoreError> {
        Ok(Self {
            captcha_id: slot.captcha_id,
            captcha: slot.captcha.map(|slot| found.take(slot)).transpose()?.flatten(),
            window: found.take(slot.window)?,
        })
    }

    /// Whether the captcha, where one is needed, allows a message.
    pub(crate) fn check_captcha(&self, cx: &Cx) -> Result<(), Error> {
        match (self.captcha_id, &self.captcha) {
            (None, _) => Ok(()),
            (Some(_), Some(captcha)) => captcha.check_send(cx.now()),
            (Some(_), None) => Err(Error::CaptchaRequired),
        }
    }

    /// Tells that someone has what is to be claimed; at the price of a check, or one captcha would tell of any number
    /// of targets.
    pub(crate) async fn tell_taken(&self, cx: &Cx, target: &Target) -> Error {
        match self.captcha_id {
            Some(id) => captcha_challenges::store::spend_check(cx, id).await.err().unwrap_or_else(|| taken(target)),
            None => taken(target),
        }
    }

    /// Whether the address may ask for more now. The write decides; this tells why not.
    pub(crate) fn check_address(&self, cx: &Cx) -> Result<(), Error> {
        match address_limit(cx).wait(self.window.as_ref(), cx.now()) {
            Some(retry_after) => Err(Error::AddressLimit { retry_after }),
            None => Ok(()),
        }
    }

    /// Counts what is sent for them, in the transaction that owes it.
    pub(crate) fn count_in(&self, cx: &Cx, transaction: &mut Transaction<'_, Error>) {
        if let Some(captcha) = self.captcha_id {
            captcha_challenges::store::spend_send_in(transaction, captcha, cx.now());
        }
        let (subject, seen) = (cx.address_subject(), self.window.as_ref());
        address_limit(cx).spend_in(transaction, &subject, seen, cx.now(), |spend| match spend {
            Spend::Exhausted { retry_after } => Error::AddressLimit { retry_after },
            Spend::Raced => Error::Raced,
        });
    }
}
