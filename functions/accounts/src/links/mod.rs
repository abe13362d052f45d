//! Links that are mailed: to activate an account, and to set a new password.
//!
//! The token in a link is derived from its id and stored nowhere, and says nothing of whose it is.

pub(crate) mod store;

use campus_domain::{EmailAddress, LinkId, SchoolId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::{LinkPurpose, Message, Recipient, Topic};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::users::Account;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whose account; none where it was asked for a login that nobody has.
    pub user_id: Option<UserId>,
    /// The account's school, to be read beside it.
    pub school_id: Option<SchoolId>,
    /// Where it was sent: following it proves this address and no other.
    pub email: EmailAddress,
    /// Whether it was used.
    pub spent: bool,
    /// When it is over, and may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Link {
    /// A link that is mailed now.
    #[must_use]
    pub(crate) fn new(cx: &Cx, purpose: LinkPurpose, account: Option<&Account>, email: EmailAddress) -> Self {
        let expires_at = cx.now().plus_seconds(purpose.seconds());
        let (user_id, school_id) = (account.map(|account| account.id), account.and_then(|account| account.school_id));
        Self { id: cx.new_id(), purpose, user_id, school_id, email, spent: false, expires_at }
    }

    /// The mail that it goes out with.
    #[must_use]
    pub(crate) fn message(&self, cx: &Cx, account: Option<&Account>) -> Message {
        let topic = Topic::Link { link_id: self.id, purpose: self.purpose, expires_at: self.expires_at };
        let locale = account.map_or(cx.locale(), |account| account.locale);
        Message { id: cx.new_id(), owner: self.user_id, to: Recipient::Email(self.email.clone()), locale, topic }
    }

    /// Whose account it is good for.
    ///
    /// # Errors
    ///
    /// Why it is good for none. What is refused is not spent.
    pub(crate) fn judge(stored: Option<Self>, now: Timestamp) -> Result<(Self, UserId), Error> {
        let link = stored.filter(|link| link.expires_at > now).ok_or(Error::LinkExpired)?;
        if link.spent {
            return Err(Error::LinkSpent);
        }
        // Nobody was sent the link of a login that nobody has: its id became known otherwise, and its token was
        // guessed.
        let user_id = link.user_id.ok_or(Error::LinkInvalid)?;
        Ok((link, user_id))
    }
}
