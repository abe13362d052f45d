//! What happens to an account that concerns its safety.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A deleted account can be taken back for so many days; then it is purged. Mails say so from this constant.
pub const RESTORABLE_DAYS: u32 = 30;

/// Something that happened to an account: its owner can read of it, and is written to of most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEventKind {
    /// The account was made.
    SignedUp,
    /// The link in its first mail was followed.
    Activated,
    /// Someone signed in on a device that was not seen before.
    NewDevice,
    /// A session was ended because one of its refresh tokens was used a second time, when its owner had long been given
    /// the next: one of the two is a thief.
    TokenReused,
    /// The password was changed by someone who was signed in.
    PasswordChanged,
    /// The password was set anew by a link or a code.
    PasswordReset,
    /// Another mail address was proven.
    EmailChanged,
    /// Another phone number was proven.
    PhoneChanged,
    /// The phone number was taken off the account.
    PhoneRemoved,
    /// An account elsewhere was linked, and signs in since.
    IdentityLinked,
    /// An account elsewhere was unlinked.
    IdentityUnlinked,
    /// The school was changed, or belonging to it was proven.
    SchoolChanged,
    /// An admin changed what the account may do.
    RolesChanged,
    /// An admin suspended the account.
    Suspended,
    /// An admin lifted its suspension.
    Reinstated,
    /// The account was deleted, to be purged in a month.
    Deleted,
    /// It was taken back by signing in.
    Restored,
    /// A copy of all its data was asked for.
    ExportRequested,
}

impl SecurityEventKind {
    /// Its name, as in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::Activated => "activated",
            Self::NewDevice => "new_device",
            Self::TokenReused => "token_reused",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChanged => "email_changed",
            Self::PhoneChanged => "phone_changed",
            Self::PhoneRemoved => "phone_removed",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::SchoolChanged => "school_changed",
            Self::RolesChanged => "roles_changed",
            Self::Suspended => "suspended",
            Self::Reinstated => "reinstated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::ExportRequested => "export_requested",
        }
    }
}
