//! What a person signs in with: a username, a number in any writing, or a mail address.

use campus_domain::{EmailAddress, Invalid, PhoneNumber, Username};
use campus_messages::{Recipient, Target};
use campus_store::Key;

use crate::users::store::{guard_of, pending_key, username_guard};
use crate::users::{Account, AccountState};

/// Bytes that a login has at most: those of the longest mail address.
const LOGIN_BYTES_MAX: usize = 254;

/// A login, read in each way that it can be meant.
pub(crate) struct Login {
    username: Option<Username>,
    target: Option<Target>,
    /// What it was, for want of a reading.
    folded: String,
}

impl Login {
    /// Refuses what is no login, whoever might have it: what is too long, or blank.
    ///
    /// # Errors
    ///
    /// Which of them.
    pub(crate) fn check(text: &str) -> Result<(), Invalid> {
        if text.len() > LOGIN_BYTES_MAX {
            return Err(Invalid::TooLong { max: 254 });
        }
        if text.trim().is_empty() { Err(Invalid::LoginInvalid) } else { Ok(()) }
    }

    /// Refuses also what can be nobody's, where that is of more use than to be told like others.
    ///
    /// # Errors
    ///
    /// As before.
    pub(crate) fn check_possible(text: &str) -> Result<(), Invalid> {
        Self::check(text)?;
        let Self { username, target, .. } = Self::parse(text);
        if username.is_none() && target.is_none() { Err(Invalid::LoginInvalid) } else { Ok(()) }
    }

    /// Reads a login. Whatever it is, it is one: that nobody can have it is told like a wrong password.
    pub(crate) fn parse(text: &str) -> Self {
        let target = if text.contains('@') {
            EmailAddress::parse(text).ok().map(Recipient::Email)
        } else {
            PhoneNumber::parse(text).ok().map(Recipient::Sms)
        };
        // The demo's people have reserved names.
        let username = Username::parse_even_reserved(text.trim()).ok();
        Self { username, target: target.map(Target::from), folded: text.trim().to_lowercase() }
    }

    /// Where its owner would be found. A number goes before a username of the same digits, or someone could take
    /// the username to keep the number's owner out; who has proven an address goes before who waits for a link there.
    /// There is always something to look for, so that a login that nobody can have costs what another does.
    pub(crate) fn guards(&self) -> Vec<Key> {
        let target = self.target.as_ref().map(guard_of);
        let pending = self.address().map(pending_key);
        let username = self.username.as_ref().map(username_guard);
        let mut guards: Vec<Key> = target.into_iter().chain(pending).chain(username).collect();
        if guards.is_empty() {
            guards.push(Key::alone("UNIQUE#nobody"));
        }
        guards
    }

    /// Whether the account that the guard led to is the one that is meant: the guard of a username is also that of
    /// those which look like it.
    pub(crate) fn names(&self, account: &Account) -> bool {
        let waits_at = |address: &EmailAddress| {
            account.state == AccountState::Pending && account.email.as_ref().is_some_and(|own| own.value == *address)
        };
        self.username.as_ref() == Some(&account.username)
            || self.target.as_ref().is_some_and(|target| account.has_proven(target))
            || self.address().is_some_and(waits_at)
    }

    /// The mail address that it may be.
    fn address(&self) -> Option<&EmailAddress> {
        match self.target.as_ref()?.recipient() {
            Recipient::Email(address) => Some(address),
            Recipient::Sms(_) => None,
        }
    }

    /// The same text for every writing of one login.
    pub(crate) fn normalised(&self) -> String {
        match (&self.target, &self.username) {
            (Some(target), _) => target.as_str().to_owned(),
            (None, Some(username)) => username.as_str().to_owned(),
            (None, None) => self.folded.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b3_23_every_writing_of_a_number_an_address_or_a_username_is_one_login() {
        for (writings, one) in [
            (&["010-1234-5678", "+82 10 1234 5678", "０１０１２３４５６７８"][..], "+821012345678"),
            (&["Minji@Campus.example", " minji@campus.example "], "minji@campus.example"),
            (&["minji_26", " MINJI_26", "ｍｉｎｊｉ_26"], "minji_26"),
            (&["누군가", " 누군가 "], "누군가"),
        ] {
            for writing in writings {
                assert_eq!(Login::parse(writing).normalised(), one, "{writing}");
            }
        }
    }

    #[test]
    fn what_is_no_username_no_number_and_no_address_can_be_nobodys() {
        for text in ["", " ", "\u{3000}", "@", "\0", "누군가", "abc", "minji@", "@campus.example", "02-123"] {
            assert_eq!(Login::check_possible(text), Err(Invalid::LoginInvalid), "{text}");
            assert_eq!(Login::check(text).is_err(), text.trim().is_empty(), "{text}");
        }
        for text in ["minji_26", " MINJI_26", "ｍｉｎｊｉ_26", "admin", "0101", "010-1234-5678", "minji@campus.example"]
        {
            assert_eq!(Login::check_possible(text), Ok(()), "{text}");
        }
        assert_eq!(Login::check_possible(&"a".repeat(255)), Err(Invalid::TooLong { max: 254 }));
    }

    #[test]
    fn a_number_goes_before_a_username_of_the_same_digits() {
        let guards: Vec<String> = Login::parse("01012345678").guards().into_iter().map(|key| key.pk).collect();
        assert_eq!(guards.len(), 2);
        assert_eq!(guards[0], "UNIQUE#phone#+821012345678");
        assert_eq!(Login::parse("").guards().len(), 1);
    }
}
