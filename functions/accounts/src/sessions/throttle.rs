//! Failed sign-ins: who must solve a captcha, who must wait, and when only a code will do.
//!
//! Table `requests`, one item each per account (`pk = SIGN_IN#account#…`), per client address
//! (`SIGN_IN#address#…`) and per both (`SIGN_IN#both#…`). Accounts stand there as HMACs, and so do logins that no
//! account has: what happens to them is the same, and nobody can tell which are which, here either.
//!
//! | failures | of the account | of the address | of both |
//! |---|---|---|---|
//! | from the 3rd | captcha | captcha (the number is a setting) | captcha |
//! | from the 5th | | | a wait of 2, 4, 8 … s, at most 15 min, after the latest |
//! | from the 100th | only a code signs in | | |
//! | forgotten after | 30 days without, or a sign-in | 15 min | a day without, or a sign-in |
//!
//! Nobody is locked out: waits are for whoever guesses at this account from this address, so the owner elsewhere
//! needs no more than a captcha, and at a hundred failures a code. An address never waits, since a campus sits
//! behind one.
//!
//! An attempt counts as a failure before its password is compared, in one transaction over all three (and the
//! captcha's use) whose conditions are these rules: of any number of guesses at once no more are compared than one
//! after another would be. A refused attempt counts nowhere and keeps its captcha. The transaction of a
//! sign-in that succeeds takes the account's and both's failures away, and this attempt from the address's.
//!
//! Sent twice, a transaction counts once: the SDK's token sees to it for ten minutes. A request that is repeated
//! under its idempotency key counts once, too, by its mark. A handler that dies leaves an attempt counted, which errs
//! on the safe side. TTL deletes late, so each condition compares `expires_at`,
//! and an item that is over begins anew.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_aws::{REQUESTS, Table};
use campus_domain::{CaptchaId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_secrets::mac;
use campus_store::{Attributes, Condition, Item, Key, StoreError, Transaction, Update, absent, attr, decode, exists};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::captcha_challenges;

/// Failures from which on an account, or an account from one address, needs a captcha.
const CAPTCHA_FROM: i64 = 3;
/// Failures from which on an account must be waited for, by the address that failed.
const WAIT_FROM: i64 = 5;
/// The longest wait.
const WAIT_SECONDS_MAX: i64 = 15 * 60;
/// Consecutive failures of an account after which no password is compared, as NIST SP 800-63B wants.
const CODE_FROM: i64 = 100;
/// An account's failures are forgotten so long after the latest.
const ACCOUNT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Those of an account from one address.
const BOTH_SECONDS: i64 = 24 * 60 * 60;
/// Those of an address, so long after the first.
const ADDRESS_SECONDS: i64 = 15 * 60;
/// Each of three items may have to begin anew; then it is settled, but for twins.
const ROUNDS_MAX: u32 = 8;

/// Who is signed in to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// An account.
    Account(UserId),
    /// A login that no account has.
    Login(&'a str),
}

/// The failures of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Failures {
    name: String,
    /// How many. An address's may be one short, where an attempt was taken back from a later window.
    count: i64,
    /// When the latest was.
    #[serde(with = "campus_domain::time::epoch")]
    last_at: Timestamp,
    /// When they are forgotten.
    #[serde(with = "campus_domain::time::epoch")]
    expires_at: Timestamp,
    /// The mark of the request that was counted last.
    #[serde(default)]
    counted_by: Option<String>,
}

impl Item for Failures {
    const TABLE: Table = REQUESTS;
    const KIND: &'static str = "sign_in_failures";

    fn key(&self) -> Key {
        Key::alone(self.name.clone())
    }
}

/// Where the failures that an attempt may add to are counted.
pub(crate) struct Attempt {
    account: String,
    address: String,
    both: String,
}

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    Account,
    Address,
    Both,
}

/// Why an attempt could not be counted.
enum Uncounted {
    /// The person is told.
    Told(Error),
    /// The counter is over since then, and begins anew.
    Over(Counter, Timestamp),
    /// The request is a repetition of one that was counted.
    Before,
}

impl From<StoreError> for Uncounted {
    fn from(error: StoreError) -> Self {
        Self::Told(error.into())
    }
}

impl From<Error> for Uncounted {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl Attempt {
    /// An attempt by the client to sign in to the subject.
    pub(crate) fn new(cx: &Cx, secret: &SecretString, subject: Subject<'_>) -> Self {
        let tag = match subject {
            Subject::Account(id) => mac(secret, &[b"sign-in throttle", b"account", id.as_bytes()]),
            Subject::Login(login) => mac(secret, &[b"sign-in throttle", b"login", login.as_bytes()]),
        };
        let account = BASE64_URL_SAFE_NO_PAD.encode(tag);
        let address = cx.address_subject();
        Self {
            both: format!("SIGN_IN#both#{account}#{address}"),
            account: format!("SIGN_IN#account#{account}"),
            address: format!("SIGN_IN#address#{address}"),
        }
    }

    fn name(&self, counter: Counter) -> &str {
        match counter {
            Counter::Account => &self.account,
            Counter::Address => &self.address,
            Counter::Both => &self.both,
        }
    }

    /// Counts the attempt as a failure, and uses up the captcha if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::SignInDelayed`], [`Error::SignInCodeRequired`] or [`Error::CaptchaRequired`] where the attempt is not
    /// to be made; then nothing is counted or used up.
    pub(crate) async fn count(&self, cx: &Cx, captcha: Option<CaptchaId>) -> Result<(), Error> {
        let now = cx.now();
        let address = cx.settings().sign_in_failures_per_address.into();
        let rules = Rules { now, captcha: captcha.is_some(), address, mark: cx.mark() };
        let mut over = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let mut transaction = cx.store().transaction::<Uncounted>();
            // The first refusal counts: whoever has to wait need not solve a captcha in vain.
            for counter in [Counter::Both, Counter::Account, Counter::Address] {
                let name = self.name(counter);
                let since = over.iter().rev().find(|(known, _)| *known == counter).map(|(_, since)| *since);
                let (update, condition) = match since {
                    Some(since) => rules.begin(counter, name, since),
                    None => rules.add(counter, name),
                };
                transaction.update(REQUESTS, &Key::alone(name), update, condition).or_else({
                    let rules = rules.clone();
                    move |stored| rules.judge(counter, stored)
                });
            }
            if let Some(captcha) = captcha {
                captcha_challenges::store::spend_attempt_in(&mut transaction, captcha, now);
            }
            match transaction.send().await {
                Ok(()) | Err(Uncounted::Before) => return Ok(()),
                Err(Uncounted::Told(error)) => return Err(error),
                Err(Uncounted::Over(counter, since)) => over.push((counter, since)),
            }
        }
        Err(Error::Raced)
    }

    /// Takes the failures of the account away, in the transaction of a session that a password began.
    pub(crate) fn forgive_in<E: From<StoreError>>(&self, transaction: &mut Transaction<'_, E>, now: Timestamp) {
        self.forget_in(transaction);
        // Whatever the item is by now: at most the next window allows one attempt more.
        let update = Update::new()
            .set_if_absent("name", self.address.as_str())
            .set_if_absent("kind", Failures::KIND)
            .set_if_absent("last_at", now)
            .set_if_absent("expires_at", now.plus_seconds(ADDRESS_SECONDS))
            .add("count", -1);
        transaction.update(REQUESTS, &Key::alone(self.address.as_str()), update, anyway());
    }

    /// The same in the transaction of a session that a code began: no attempt was counted for it.
    pub(crate) fn forget_in<E: From<StoreError>>(&self, transaction: &mut Transaction<'_, E>) {
        // Gone is gone, whoever counted in between.
        for name in [&self.account, &self.both] {
            transaction.delete(REQUESTS, &Key::alone(name.as_str()), anyway());
        }
    }
}

/// Holds for any item and for none.
fn anyway() -> Condition {
    absent().or(exists())
}

/// The rules for one attempt.
#[derive(Clone)]
struct Rules {
    now: Timestamp,
    /// Whether it brings a captcha.
    captcha: bool,
    /// Failures from which on the address needs one.
    address: i64,
    /// What names the request and its repetitions.
    mark: String,
}

impl Rules {
    /// Counts one more, if the rules allow an attempt.
    fn add(&self, counter: Counter, name: &str) -> (Update, Condition) {
        let update = Update::new().set("name", name).set("kind", Failures::KIND).set("last_at", self.now);
        let update = match counter {
            // An address's window begins with its first failure: on a campus there is always another.
            Counter::Address => update.set_if_absent("expires_at", self.expiry(counter)),
            Counter::Account | Counter::Both => update.set("expires_at", self.expiry(counter)),
        };
        let first = attr("counted_by").differs(self.mark.as_str());
        let counts = absent().or(attr("expires_at").gt(self.now).and(self.allowed(counter)).and(first));
        (update.add("count", 1).set("counted_by", self.mark.as_str()), counts)
    }

    /// Counts the first after those that are over.
    fn begin(&self, counter: Counter, name: &str, over_since: Timestamp) -> (Update, Condition) {
        let update = Update::new()
            .set("name", name)
            .set("kind", Failures::KIND)
            .set("last_at", self.now)
            .set("expires_at", self.expiry(counter))
            .set("counted_by", self.mark.as_str())
            .set("count", 1_i64);
        (update, absent().or(attr("expires_at").eq(over_since)))
    }

    fn expiry(&self, counter: Counter) -> Timestamp {
        self.now.plus_seconds(match counter {
            Counter::Account => ACCOUNT_SECONDS,
            Counter::Address => ADDRESS_SECONDS,
            Counter::Both => BOTH_SECONDS,
        })
    }

    /// Whether an attempt is allowed beside the failures that are stored.
    fn allowed(&self, counter: Counter) -> Condition {
        let fewer_than = |most: i64| attr("count").lt(most);
        match counter {
            Counter::Account => fewer_than(if self.captcha { CODE_FROM } else { CAPTCHA_FROM }),
            Counter::Address if self.captcha => exists(),
            Counter::Address => fewer_than(self.address),
            Counter::Both if !self.captcha => fewer_than(CAPTCHA_FROM),
            // Each number of failures has its wait, so that one condition can tell without reading first.
            Counter::Both => {
                let waited = |count| attr("last_at").lt(self.now.plus_seconds(1 - wait_after(count)));
                let longest = (WAIT_FROM..).find(|count| wait_after(*count) == WAIT_SECONDS_MAX).unwrap_or(WAIT_FROM);
                let each = (WAIT_FROM..longest).map(|count| attr("count").eq(count).and(waited(count)));
                let beyond = attr("count").gt(longest - 1).and(waited(longest));
                Condition::Any([fewer_than(WAIT_FROM)].into_iter().chain(each).chain([beyond]).collect())
            }
        }
    }

    /// Why an attempt is not allowed.
    fn judge(&self, counter: Counter, stored: Option<Attributes>) -> Uncounted {
        let Some(Ok(stored)) = stored.map(decode::<Failures>) else { return Uncounted::Told(Error::Raced) };
        if stored.expires_at <= self.now {
            return Uncounted::Over(counter, stored.expires_at);
        }
        if stored.counted_by.as_ref() == Some(&self.mark) {
            return Uncounted::Before;
        }
        let passed = stored.last_at.seconds_until(self.now);
        Uncounted::Told(match counter {
            Counter::Account if stored.count >= CODE_FROM => Error::SignInCodeRequired,
            Counter::Both if stored.count >= WAIT_FROM && passed < wait_after(stored.count) => {
                Error::SignInDelayed { retry_after: wait_after(stored.count) - passed }
            }
            _ => Error::CaptchaRequired,
        })
    }
}

/// Seconds to wait after so many failures.
fn wait_after(count: i64) -> i64 {
    let doublings = u32::try_from(count - WAIT_FROM + 1).unwrap_or_default();
    2_i64.checked_pow(doublings).unwrap_or(WAIT_SECONDS_MAX).min(WAIT_SECONDS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = (5..=15).map(wait_after).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(wait_after(1_000), 900);
    }
}
