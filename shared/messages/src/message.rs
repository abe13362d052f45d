//! One message to one person, from the outbox to the provider.

use campus_domain::{CodeId, DeliveryId, EmailAddress, LinkId, Locale, PhoneNumber, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::security::SecurityEventKind;

/// Raised when a field changes its meaning. A sender that does not know a version fails the message,
/// so that one from a newer deploy waits in the dead-letter queue instead of being misread.
const VERSION: u8 = 1;

/// How a message reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A mail.
    Email,
}

impl Channel {
    /// Its name, as in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

/// Who a message goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A phone.
    Sms(PhoneNumber),
    /// A mailbox.
    Email(EmailAddress),
}

impl Recipient {
    /// The channel that it is reached by.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Sms(_) => Channel::Sms,
            Self::Email(_) => Channel::Email,
        }
    }

    /// The number or the address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sms(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }
}

/// What a verification code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A new account.
    SignUp,
    /// A new session.
    SignIn,
    /// Another phone number for the account that asks.
    ChangePhone,
    /// Another mail address for the account that asks.
    ChangeEmail,
    /// Another password for the account that asks.
    ChangePassword,
    /// A new password for whoever has the target.
    ResetPassword,
    /// Belonging to the school that has the address.
    JoinSchool,
    /// The end of the account that asks.
    DeleteAccount,
}

/// What admits someone who asks for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A solved captcha.
    Captcha,
    /// A session, whose account the proof is bound to.
    Session,
}

impl Purpose {
    /// Its name, as in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::SignIn => "sign_in",
            Self::ChangePhone => "change_phone",
            Self::ChangeEmail => "change_email",
            Self::ChangePassword => "change_password",
            Self::ResetPassword => "reset_password",
            Self::JoinSchool => "join_school",
            Self::DeleteAccount => "delete_account",
        }
    }

    /// What admits someone who asks for a code of this purpose.
    #[must_use]
    pub const fn ask(self) -> Ask {
        match self {
            Self::SignUp | Self::SignIn | Self::ResetPassword => Ask::Captcha,
            Self::ChangePhone | Self::ChangeEmail | Self::ChangePassword | Self::JoinSchool | Self::DeleteAccount => {
                Ask::Session
            }
        }
    }

    /// The only channel that codes of this purpose go by, where the purpose is about what it reaches.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::ChangePhone => Some(Channel::Sms),
            Self::ChangeEmail | Self::JoinSchool => Some(Channel::Email),
            Self::SignUp | Self::SignIn | Self::ChangePassword | Self::ResetPassword | Self::DeleteAccount => None,
        }
    }

    /// Whether what the code goes to must be nobody's yet, as it will be claimed by the proof.
    #[must_use]
    pub const fn claims_target(self) -> bool {
        matches!(self, Self::SignUp | Self::ChangePhone | Self::ChangeEmail)
    }

    /// Whether a code of this purpose is for the owner of an account only. One that was asked for a stranger's
    /// target is written and queued like any other, so that nobody can tell, but not sent.
    #[must_use]
    pub const fn needs_account(self) -> bool {
        matches!(self, Self::SignIn | Self::ResetPassword)
    }
}

/// What a mailed link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// The first sign-in of an account that was made with a mail address.
    Activation,
    /// A new password.
    PasswordReset,
}

impl LinkPurpose {
    /// How long such a link is good, in seconds. Mails say so from this constant: three days for someone who signs up,
    /// after which their names are free again; an hour for someone who waits for the mail.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Activation => 3 * 24 * 60 * 60,
            Self::PasswordReset => 60 * 60,
        }
    }

    /// Its name in ledgers and texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activation => "activation_link",
            Self::PasswordReset => "password_reset_link",
        }
    }

    /// The page of the front end that the link leads to.
    #[must_use]
    pub const fn page(self) -> &'static str {
        match self {
            Self::Activation => "activate",
            Self::PasswordReset => "reset-password",
        }
    }
}

/// What a message is about. Holds no secret: the sender derives a code again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Topic {
    /// A verification code.
    VerificationCode {
        /// Which code.
        code_id: CodeId,
        /// What it is for.
        purpose: Purpose,
        /// When it is worth nothing any more.
        #[serde(with = "campus_domain::time::epoch")]
        expires_at: Timestamp,
    },
    /// A link.
    Link {
        /// Which link.
        link_id: LinkId,
        /// What it is for.
        purpose: LinkPurpose,
        /// When it is worth nothing any more.
        #[serde(with = "campus_domain::time::epoch")]
        expires_at: Timestamp,
    },
    /// Something happened to the account that its owner should know of.
    Security {
        /// What happened.
        event: SecurityEventKind,
    },
}

impl Topic {
    /// The kind of message, as the ledger and the outbox page show it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VerificationCode { .. } => "verification_code",
            Self::Link { purpose, .. } => purpose.as_str(),
            Self::Security { event } => event.as_str(),
        }
    }

    /// Whether it is sent again when nobody knows if it was sent: two are better than none, unless it is a code,
    /// of which its owner can ask for another. The second mail of a link has the same link.
    #[must_use]
    pub const fn survives_doubt(&self) -> bool {
        match self {
            Self::VerificationCode { .. } => false,
            Self::Link { .. } | Self::Security { .. } => true,
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct Message {
    /// Names the delivery: the same message delivered twice has the same id.
    pub id: DeliveryId,
    /// Whose account it concerns, where there is one.
    pub owner: Option<UserId>,
    /// Who it goes to.
    pub to: Recipient,
    /// In which language.
    pub locale: Locale,
    /// What it is about.
    pub topic: Topic,
}

/// A message as it is stored and queued.
#[derive(Clone, Serialize, Deserialize)]
struct Versioned {
    version: u8,
    id: DeliveryId,
    owner: Option<UserId>,
    to: Recipient,
    locale: Locale,
    topic: Topic,
}

/// The message is of a version that this code does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownVersion(u8);

impl UnknownVersion {
    /// Holds a version to the one that this code knows.
    pub(crate) fn check(version: u8, known: u8) -> Result<(), Self> {
        if version == known { Ok(()) } else { Err(Self(version)) }
    }
}

impl std::fmt::Display for UnknownVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "message version {} is unknown", self.0)
    }
}

impl From<Message> for Versioned {
    fn from(message: Message) -> Self {
        let Message { id, owner, to, locale, topic } = message;
        Self { version: VERSION, id, owner, to, locale, topic }
    }
}

impl TryFrom<Versioned> for Message {
    type Error = UnknownVersion;

    fn try_from(versioned: Versioned) -> Result<Self, UnknownVersion> {
        let Versioned { version, id, owner, to, locale, topic } = versioned;
        UnknownVersion::check(version, VERSION)?;
        Ok(Self { id, owner, to, locale, topic })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_of_an_unknown_version_is_refused_and_one_of_ours_is_read_back() {
        let message = Message {
            id: DeliveryId::from_parts(1, [1; 10]),
            owner: None,
            to: Recipient::Sms(PhoneNumber::parse("010-1234-5678").expect("it is a number")),
            locale: Locale::Ko,
            topic: Topic::VerificationCode {
                code_id: CodeId::from_parts(2, [2; 10]),
                purpose: Purpose::SignUp,
                expires_at: Timestamp::from_epoch_seconds(300),
            },
        };
        let mut stored = serde_json::to_value(&message).expect("it can be written");
        assert_eq!(serde_json::from_value::<Message>(stored.clone()).expect("it can be read"), message);

        stored["version"] = json!(2);
        assert!(serde_json::from_value::<Message>(stored).is_err());
    }
}
