//! Opaque tokens that name an id and prove that Campus issued them for it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{Id, Timestamp};
use hmac::Mac;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::derive::{mac, started};

/// What a token is good for; a token of one label never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// A captcha was solved.
    Captcha,
    /// A verification code was confirmed.
    Proof,
    /// A mail was read, of an account that is to be activated.
    Activation,
    /// A mail was read, of an account whose password is to be set.
    PasswordReset,
    /// An export may be downloaded.
    Export,
    /// A visit to a provider of accounts was begun: its `state`.
    Authorization,
    /// A provider of accounts vouched for who signs up.
    Ticket,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Captcha => b"captcha token",
            Self::Proof => b"proof",
            Self::Activation => b"activation",
            Self::PasswordReset => b"password reset",
            Self::Export => b"export link",
            Self::Authorization => b"authorization",
            Self::Ticket => b"ticket",
        }
    }
}

const ID_BYTES: usize = 16;
const EXPIRY_BYTES: usize = 8;
const TAG_BYTES: usize = 32;

/// The token of an id: 64 characters of base64url. The same each time, so that a lost answer can be given again.
#[must_use]
pub fn issue_token(secret: &SecretString, label: Label, id: impl Into<Uuid>) -> String {
    let id: Uuid = id.into();
    let tag = mac(secret, &[label.bytes(), id.as_bytes()]);
    BASE64_URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &tag].concat())
}

/// The id that the token names, whoever wrote it: to look it up while the secret is still being read.
/// Nothing may be told or done by it before [`open_token`] agrees.
#[must_use]
pub fn peek_token<K>(token: &str) -> Option<Id<K>> {
    let bytes: [u8; ID_BYTES + TAG_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    Id::from_uuid(Uuid::from_bytes(*bytes.first_chunk()?))
}

/// The id that the token names, if Campus issued it with this label. Compared in constant time.
#[must_use]
pub fn open_token<K>(secret: &SecretString, label: Label, token: &str) -> Option<Id<K>> {
    let bytes: [u8; ID_BYTES + TAG_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let (id, tag) = bytes.split_first_chunk::<ID_BYTES>()?;
    started(secret, &[label.bytes(), id]).verify_slice(tag).ok()?;
    Id::from_uuid(Uuid::from_bytes(*id))
}

/// The token of an id that is good until then: 75 characters of base64url.
#[must_use]
pub fn issue_expiring_token(secret: &SecretString, label: Label, id: impl Into<Uuid>, until: Timestamp) -> String {
    let id: Uuid = id.into();
    let until = until.epoch_seconds().to_be_bytes();
    let tag = mac(secret, &[label.bytes(), id.as_bytes(), &until]);
    BASE64_URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &until, &tag].concat())
}

/// The id that the token names and until when it is good, if Campus issued it with this label. Compared in constant
/// time. Whether that time is over is for the caller to say.
#[must_use]
pub fn open_expiring_token<K>(secret: &SecretString, label: Label, token: &str) -> Option<(Id<K>, Timestamp)> {
    let bytes: [u8; ID_BYTES + EXPIRY_BYTES + TAG_BYTES] =
        BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
    let (id, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
    let (until, tag) = rest.split_first_chunk::<EXPIRY_BYTES>()?;
    started(secret, &[label.bytes(), id, until]).verify_slice(tag).ok()?;
    Some((Id::from_uuid(Uuid::from_bytes(*id))?, Timestamp::from_epoch_seconds(i64::from_be_bytes(*until))))
}

#[cfg(test)]
mod tests {
    use campus_domain::CodeId;

    use super::*;

    #[test]
    fn a_token_opens_with_its_own_secret_and_label_only() {
        let secret = SecretString::from("one".to_owned());
        let id = CodeId::from_parts(7, [7; 10]);
        let token = issue_token(&secret, Label::Proof, id);

        assert_eq!(token.len(), 64);
        assert_eq!(open_token(&secret, Label::Proof, &token), Some(id));
        assert_eq!(open_token::<campus_domain::kind::Code>(&secret, Label::Captcha, &token), None);
        let other = SecretString::from("two".to_owned());
        assert_eq!(open_token::<campus_domain::kind::Code>(&other, Label::Proof, &token), None);
    }

    #[test]
    fn an_altered_token_does_not_open() {
        let secret = SecretString::from("one".to_owned());
        let token = issue_token(&secret, Label::Proof, CodeId::from_parts(7, [7; 10]));
        for position in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII stays UTF-8");
            assert_eq!(open_token::<campus_domain::kind::Code>(&secret, Label::Proof, &altered), None, "{position}");
        }
        for nonsense in ["", "a", "한글", &token[..63], &format!("{token}A")] {
            assert_eq!(open_token::<campus_domain::kind::Code>(&secret, Label::Proof, nonsense), None);
        }
    }
    #[test]
    fn an_expiring_token_says_until_when_and_is_good_for_no_other_time_label_or_id() {
        let secret = SecretString::from("one".to_owned());
        let (id, until) = (CodeId::from_parts(7, [7; 10]), Timestamp::from_epoch_seconds(1_800_000_000));
        let open = |token: &str| open_expiring_token::<campus_domain::kind::Code>(&secret, Label::Export, token);
        let token = issue_expiring_token(&secret, Label::Export, id, until);
        assert_eq!(token.len(), 75);
        assert_eq!(open(&token), Some((id, until)));
        assert_eq!(open(&issue_expiring_token(&secret, Label::Proof, id, until)), None);
        assert_eq!(open(&issue_token(&secret, Label::Export, id)), None);
        let other = SecretString::from("two".to_owned());
        assert_eq!(open(&issue_expiring_token(&other, Label::Export, id, until)), None);
        // Every character counts, those of the time among them.
        for position in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(open(&String::from_utf8(altered).expect("ASCII stays UTF-8")), None, "{position}");
        }
    }
}
