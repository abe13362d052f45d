//! Verification codes: sent, confirmed, and spent as a proof.
//!
//! One item goes through `sent`, `confirmed` and `spent`. The code and the proof are derived from its
//! id, and stored nowhere.

pub(crate) mod asker;
pub mod confirm_verification_code;
pub mod create_verification_code;
pub(crate) mod pumping;
pub(crate) mod store;

use campus_aws::CODE_SECRET;
use campus_domain::{CodeId, Timestamp, UserId};
use campus_endpoint::Cx;
use campus_messages::{Ask, CODE_SECONDS, Purpose, Target};
use campus_secrets::{Label, open_token, peek_token};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A proof is good for ten minutes.
const PROOF_SECONDS: i64 = 600;

/// The code that a proof names, not yet verified: see [`verify`].
pub(crate) fn named_by(proof: &str) -> Result<CodeId, Error> {
    peek_token(proof).ok_or(Error::ProofInvalid)
}

/// Whether Campus issued the proof, if one is given.
pub(crate) async fn verify(cx: &Cx, proof: Option<&str>) -> Result<(), Error> {
    let Some(proof) = proof else { return Ok(()) };
    let secret = cx.secrets().read(CODE_SECRET).await?;
    let opened: Option<CodeId> = open_token(&secret, Label::Proof, proof);
    opened.map(|_| ()).ok_or(Error::ProofInvalid)
}

/// Judges the code that a proof names, whose token is verified: whether it is good for this, and for this account where
/// its purpose needs one. What is refused is not spent.
pub(crate) fn proven(
    code: Option<Code>,
    purpose: Purpose,
    asked_by: Option<UserId>,
    now: Timestamp,
) -> Result<Code, Error> {
    let code = code.ok_or(Error::ProofExpired)?;
    if code.purpose != purpose || (purpose.ask() == Ask::Session && code.account != asked_by) {
        return Err(Error::ProofMismatch);
    }
    match code.state {
        CodeState::Sent => Err(Error::ProofInvalid),
        CodeState::Spent => Err(Error::ProofSpent),
        CodeState::Confirmed if code.proof_expires_at <= now => Err(Error::ProofExpired),
        CodeState::Confirmed => Ok(code),
    }
}

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
    /// Who asked for it, where the purpose needs a session; else whose target it is; none for a target that no account
    /// has.
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
