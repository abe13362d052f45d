//! Verification codes: sent, confirmed, and spent as a proof.
//!
//! One item goes through `sent`, `confirmed` and `spent`. The code and the proof are derived from its
//! id, and stored nowhere.

pub mod confirm_verification_code;
pub mod create_verification_code;
pub(crate) mod store;

use campus_domain::{CodeId, Timestamp, UserId};
use campus_messages::{CODE_SECONDS, Purpose, Target};
use serde::{Deserialize, Serialize};

/// A proof is good for ten minutes.
const PROOF_SECONDS: i64 = 600;

/// How far a code has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// It was sent, or will be.
    Sent,
    /// It was told back: the target is proven.
    Confirmed,
    /// The proof was used.
    Spent,
}

impl CodeState {
    /// As it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Spent => "spent",
        }
    }
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Its id.
    pub id: CodeId,
    /// What it is for.
    pub purpose: Purpose,
    /// What it was sent to.
    pub target: Target,
    /// Whose target it is, where the purpose needs an account; none for a target that no account has.
    pub account: Option<UserId>,
    /// How far it has come.
    pub state: CodeState,
    /// When the code is over.
    #[serde(with = "campus_domain::time::epoch")]
    pub code_expires_at: Timestamp,
    /// When the proof is over; the code's own end while there is none.
    #[serde(with = "campus_domain::time::epoch")]
    pub proof_expires_at: Timestamp,
    /// When the item may be deleted.
    #[serde(with = "campus_domain::time::epoch")]
    pub expires_at: Timestamp,
}

impl Code {
    /// A code that is sent now.
    pub(crate) fn new(id: CodeId, purpose: Purpose, target: Target, account: Option<UserId>, now: Timestamp) -> Self {
        let code_expires_at = now.plus_seconds(CODE_SECONDS);
        Self {
            id,
            purpose,
            target,
            account,
            state: CodeState::Sent,
            code_expires_at,
            proof_expires_at: code_expires_at,
            expires_at: code_expires_at.plus_seconds(PROOF_SECONDS),
        }
    }

    /// Whether it can (still) be told back, as far as the item itself knows.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.state == CodeState::Sent && self.code_expires_at > now
    }
}
