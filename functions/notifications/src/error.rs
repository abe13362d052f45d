//! How notifications can refuse, and how each refusal is told: the domain's one table to HTTP.

use campus_endpoint::{CursorInvalid, IntoProblem, PreconditionFailed, Problem, problem};
use campus_store::{MayRace, StoreError};

/// A refusal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such entry in the caller's inbox.
    #[error("no such notification")]
    NotificationNotFound,
    /// Nobody can be texted at a number that is not proven.
    #[error("no proven phone")]
    PhoneNotVerified,
    /// The token of an unsubscription is not one that Campus made.
    #[error("no such unsubscription")]
    UnsubscriptionNotFound,
    /// What the client has seen is not what is stored.
    #[error(transparent)]
    PreconditionFailed(#[from] PreconditionFailed),
    /// The cursor is of another list, or made up.
    #[error(transparent)]
    CursorInvalid(#[from] CursorInvalid),
    /// Another request was faster.
    #[error("raced by another request")]
    Raced,
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else.
    #[error(transparent)]
    Internal(#[from] anyhow::Error),
}

impl IntoProblem for Error {
    fn problem(&self) -> Problem {
        match self {
            Self::NotificationNotFound => problem(404, "notification_not_found"),
            Self::PhoneNotVerified => problem(409, "phone_not_verified"),
            Self::UnsubscriptionNotFound => problem(404, "unsubscription_not_found"),
            Self::PreconditionFailed(failed) => failed.problem(),
            Self::CursorInvalid(invalid) => invalid.problem(),
            // Eight races lost in a row: as good as down.
            Self::Raced => StoreError::Contended.problem(),
            Self::Store(error) => error.problem(),
            Self::Internal(error) => Problem::internal(error),
        }
    }
}

impl MayRace for Error {
    fn is_raced(&self) -> bool {
        matches!(self, Self::Raced)
    }
}
