//! The end of accounts: of those that were deleted a month ago, and of those that were never activated.

pub mod purge_accounts;
pub(crate) mod store;

use campus_domain::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// An account that is to be purged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purge {
    /// Which account.
    pub user_id: UserId,
    /// When.
    pub due_at: Timestamp,
}
