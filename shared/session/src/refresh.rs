//! Refresh tokens: opaque, derived, and each good once.
//!
//! A token is `user id · session id · count · expiry · tag`, in base64url. It is derived from the seed and
//! the session, so that a lost answer can be given again though only a hash is stored; and it tells of
//! itself, under the tag, what its session's item may be gone for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use campus_domain::{Id, SessionId, Timestamp, UserId};
use campus_secrets::mac;
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::session::{Session, SessionState};
use crate::tokens::{Issue, hash_of};

/// A token that was just rotated still gets its successor for this long: the answer may have been lost.
pub const GRACE_SECONDS: i64 = 10;

const ID_BYTES: usize = 16;
const COUNT_BYTES: usize = 4;
const TIME_BYTES: usize = 8;
const NAMED_BYTES: usize = 2 * ID_BYTES + COUNT_BYTES + TIME_BYTES;
const TAG_BYTES: usize = 32;

/// What a refresh token names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRefresh {
    /// Whose it is.
    pub user_id: UserId,
    /// Of which session.
    pub session_id: SessionId,
    count: u32,
    expires_at: Timestamp,
    hash: String,
}

/// How a refresh token stands to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the current one: rotate it.
    Current,
    /// It was the current one until a moment ago: its successor is to be given again.
    JustRotated,
    /// It was used before, longer ago: two parties have it, and nobody can tell which is the owner.
    UsedTwice,
    /// Its time, or its session's, is over.
    Expired,
    /// Its session has ended.
    Revoked,
    /// The account is suspended.
    Suspended,
    /// No such token was issued in this session.
    Unknown,
}

impl NamedRefresh {
    /// What a token names, whoever wrote it: to read the session while the seed is still being read.
    /// Nothing may be told or done by it before [`crate::Prepared::open_refresh_token`] agrees.
    #[must_use]
    pub fn peek(token: &str) -> Option<Self> {
        let bytes: [u8; NAMED_BYTES + TAG_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk::<ID_BYTES>()?;
        let (session, rest) = rest.split_first_chunk::<ID_BYTES>()?;
        let (count, rest) = rest.split_first_chunk::<COUNT_BYTES>()?;
        let (expires_at, _) = rest.split_first_chunk::<TIME_BYTES>()?;
        Some(Self {
            user_id: Id::from_uuid(Uuid::from_bytes(*user))?,
            session_id: Id::from_uuid(Uuid::from_bytes(*session))?,
            count: u32::from_be_bytes(*count),
            expires_at: Timestamp::from_epoch_seconds(i64::from_be_bytes(*expires_at)),
            hash: hash_of(token),
        })
    }

    /// How the token, which Campus issued, stands to its session as it is stored, if it is.
    #[must_use]
    pub fn standing(&self, session: Option<&Session>, now: Timestamp) -> Standing {
        let Some(session) = session else {
            return if self.expires_at <= now { Standing::Expired } else { Standing::Revoked };
        };
        if session.expires_at <= now {
            return Standing::Expired;
        }
        match session.state_at(now) {
            SessionState::Ended => return Standing::Revoked,
            SessionState::Suspended => return Standing::Suspended,
            SessionState::Active => {}
        }
        if self.count == session.refresh_count {
            let same = bool::from(self.hash.as_bytes().ct_eq(session.refresh_hash.as_bytes()));
            return if same { Standing::Current } else { Standing::Unknown };
        }
        if self.count > session.refresh_count {
            return Standing::Unknown;
        }
        let is_parent = self.count + 1 == session.refresh_count;
        // The other's clock may be ahead of ours: then less than nothing has passed.
        let in_grace = session.rotated_at.is_some_and(|rotated| rotated.seconds_until(now) <= GRACE_SECONDS);
        if is_parent && in_grace { Standing::JustRotated } else { Standing::UsedTwice }
    }
}

/// The refresh token of an issue.
pub(crate) fn token(seed: &SecretString, issue: &Issue) -> String {
    let count = issue.refresh_count.to_be_bytes();
    let expires_at = issue.expires_at.epoch_seconds().to_be_bytes();
    let named = [issue.user_id.as_bytes().as_slice(), issue.session_id.as_bytes(), &count, &expires_at].concat();
    let tag = mac(seed, &[b"refresh token", &named]);
    BASE64_URL_SAFE_NO_PAD.encode([named.as_slice(), &tag].concat())
}

/// What a token names, if it was derived from this seed. Compared in constant time.
pub(crate) fn open(seed: &SecretString, token: &str) -> Option<NamedRefresh> {
    let named = NamedRefresh::peek(token)?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (content, tag) = bytes.split_at_checked(NAMED_BYTES)?;
    let genuine = bool::from(mac(seed, &[b"refresh token", content]).ct_eq(tag));
    genuine.then_some(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn seed() -> SecretString {
        SecretString::from("a seed for tests".to_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(seconds)
    }

    fn current(session: &Session) -> String {
        token(&seed(), &Issue::new(session, at(0)))
    }

    /// A session of a day with its current token.
    fn session() -> (Session, NamedRefresh) {
        let mut session =
            Session::begin(SessionId::from_parts(1, [1; 10]), UserId::from_parts(2, [2; 10]), false, at(0));
        session.refresh_hash = hash_of(&current(&session));
        let named = open(&seed(), &current(&session)).expect("it is genuine");
        (session, named)
    }

    #[test]
    fn b2_33_a_token_that_is_altered_anywhere_or_of_another_seed_does_not_open() {
        let (session, _) = session();
        let token = current(&session);
        assert!(open(&SecretString::from("another".to_owned()), &token).is_none());
        for position in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[position] = if altered[position] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII stays UTF-8");
            assert!(open(&seed(), &altered).is_none(), "{position}");
        }
        for nonsense in ["", "a", "한글", &token[1..], &format!("{token}AAAA")] {
            assert!(open(&seed(), nonsense).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn b2_29_a_token_is_current_then_just_rotated_then_used_twice() {
        let (session, named) = session();
        assert_eq!(named.standing(Some(&session), at(5)), Standing::Current);
        let rotated = Session { refresh_count: 1, rotated_at: Some(at(5)), ..session.clone() };
        for (now, standing) in [
            (4, Standing::JustRotated),
            (5, Standing::JustRotated),
            (15, Standing::JustRotated),
            (16, Standing::UsedTwice),
        ] {
            assert_eq!(named.standing(Some(&rotated), at(now)), standing, "{now}");
        }
        let twice = Session { refresh_count: 2, rotated_at: Some(at(5)), ..session };
        assert_eq!(named.standing(Some(&twice), at(5)), Standing::UsedTwice, "only the parent has a grace");
    }

    #[test]
    fn b2_33_expired_and_revoked_are_told_apart_though_the_session_be_gone() {
        let (session, named) = session();
        assert_eq!(named.standing(Some(&session), at(DAY)), Standing::Expired);
        assert_eq!(named.standing(None, at(DAY)), Standing::Expired);
        assert_eq!(named.standing(None, at(DAY - 1)), Standing::Revoked);
        let of = |state| Session { state, ..session.clone() };
        assert_eq!(named.standing(Some(&of(SessionState::Ended)), at(1)), Standing::Revoked);
        assert_eq!(named.standing(Some(&of(SessionState::Suspended)), at(1)), Standing::Suspended);
    }

    #[test]
    fn a_token_that_the_session_never_had_is_unknown() {
        let (session, named) = session();
        let other = Session { refresh_hash: hash_of("another"), ..session.clone() };
        assert_eq!(named.standing(Some(&other), at(1)), Standing::Unknown);
        let later = open(&seed(), &current(&Session { refresh_count: 7, ..session.clone() }));
        assert_eq!(later.expect("it is genuine").standing(Some(&session), at(1)), Standing::Unknown);
    }
}
