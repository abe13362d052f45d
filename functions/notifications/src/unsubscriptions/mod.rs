//! Unsubscriptions: whoever has a mail can stop mails of its kind, without signing in (RFC 8058).
//!
//! The token of a mail is derived and not stored: whose mail, of which kind, and a tag over both. Its key comes from
//! the secret of cursors, an item that is written once and never changed, so that the links of old mails stay good
//! for as long as the stage lives. It can do this one thing, so who forwards a mail gives away no more.

pub mod create_unsubscription;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{Id, UserId};
use campus_messages::AlertKind;
use campus_secrets::{derive_key, mac, verify_mac};
use campus_session::CursorSecret;
use secrecy::SecretString;

const ID_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// What a token is for: whose mails, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsubscription {
    pub(crate) user_id: UserId,
    pub(crate) kind: AlertKind,
}

impl Unsubscription {
    /// What a token says, whoever wrote it: to look it up while the secret is still being read. Nothing may be told
    /// or done by it before [`opened`] agrees.
    pub(crate) fn peek(token: &str) -> Option<Self> {
        let (named, _) = parts(token)?;
        let (id, kind) = named.split_first_chunk::<ID_BYTES>()?;
        let kind = AlertKind::ALL.into_iter().find(|known| [mark_of(*known)] == kind)?;
        Some(Self { user_id: Id::from_uuid(uuid::Uuid::from_bytes(*id))?, kind })
    }

    fn named(&self) -> Vec<u8> {
        [self.user_id.as_bytes().as_slice(), &[mark_of(self.kind)]].concat()
    }
}

/// The token that stops the mails of one kind to one person: 66 characters of base64url, the same each time.
#[must_use]
pub fn unsubscription_token(secret: &CursorSecret, user_id: UserId, kind: AlertKind) -> String {
    let named = Unsubscription { user_id, kind }.named();
    let tag = mac(&key_of(secret), &[&named]);
    BASE64_URL_SAFE_NO_PAD.encode([named.as_slice(), &tag].concat())
}

/// Where a mail program posts to with one click.
#[must_use]
pub fn unsubscription_url(issuer: &str, token: &str) -> String {
    format!("{issuer}/v1/unsubscriptions/{token}")
}

/// What a token is for, if Campus made it. Compared in constant time.
pub(crate) fn opened(secret: &CursorSecret, token: &str) -> Option<Unsubscription> {
    let (named, tag) = parts(token)?;
    verify_mac(&key_of(secret), &[&named], &tag).then(|| Unsubscription::peek(token)).flatten()
}

/// What is named, and the tag over it.
fn parts(token: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut named = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let is_whole = named.len() == ID_BYTES + 1 + TAG_BYTES;
    is_whole.then(|| {
        let tag = named.split_off(ID_BYTES + 1);
        (named, tag)
    })
}

/// How a token writes a kind. Never changed, and never used for another: old mails have it.
const fn mark_of(kind: AlertKind) -> u8 {
    match kind {
        AlertKind::ScreeningAnnounced => 1,
        AlertKind::ScreeningReminder => 2,
        AlertKind::ScreeningChanged => 3,
    }
}

fn key_of(secret: &CursorSecret) -> SecretString {
    let secret = SecretString::from(secret.secret.as_str());
    SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(derive_key(&secret, "unsubscription")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret(text: &str) -> CursorSecret {
        CursorSecret { secret: text.to_owned() }
    }

    fn user(number: u64) -> UserId {
        UserId::from_parts(number, [1; 10])
    }

    #[test]
    fn a_token_says_whose_mails_of_which_kind_and_opens_with_its_own_secret_only() {
        let mut tokens = Vec::new();
        for kind in AlertKind::ALL {
            for user_id in [user(1), user(2)] {
                let token = unsubscription_token(&secret("one"), user_id, kind);
                assert_eq!(token.len(), 66);
                assert_eq!(Unsubscription::peek(&token), Some(Unsubscription { user_id, kind }));
                assert_eq!(opened(&secret("one"), &token), Some(Unsubscription { user_id, kind }));
                assert_eq!(opened(&secret("two"), &token), None);
                assert!(!tokens.contains(&token));
                tokens.push(token);
            }
        }
    }

    #[test]
    fn an_altered_token_does_not_open_wherever_it_is_altered() {
        let token = unsubscription_token(&secret("one"), user(1), AlertKind::ScreeningReminder);
        for position in 0..token.len() {
            for other in ["A", "B", "Q", "_"] {
                let mut altered = token.clone();
                altered.replace_range(position..=position, other);
                assert!(altered == token || opened(&secret("one"), &altered).is_none(), "{position}: {other}");
            }
        }
        for nonsense in ["", "a", "한글", &token[..65], &format!("{token}A"), &format!("{token}=")] {
            assert_eq!(opened(&secret("one"), nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_tag_of_one_kind_or_person_is_good_for_no_other() {
        let token = unsubscription_token(&secret("one"), user(1), AlertKind::ScreeningReminder);
        let (_, tag) = parts(&token).expect("it is whole");
        let others = [
            Unsubscription { user_id: user(1), kind: AlertKind::ScreeningAnnounced },
            Unsubscription { user_id: user(2), kind: AlertKind::ScreeningReminder },
        ];
        for other in others {
            let forged = BASE64_URL_SAFE_NO_PAD.encode([other.named().as_slice(), &tag].concat());
            assert_eq!(Unsubscription::peek(&forged), Some(other));
            assert_eq!(opened(&secret("one"), &forged), None, "{other:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_opens_or_panics(text in ".{0,80}", token in "[A-Za-z0-9_-]{66}") {
            prop_assert_eq!(opened(&secret("one"), &text), None);
            prop_assert_eq!(opened(&secret("one"), &token), None);
        }
    }
}
