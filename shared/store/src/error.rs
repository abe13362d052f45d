//! Why a call to the store failed, in the terms that its callers act on.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::CancellationReason;
use campus_aws::{Refused, cause_of};

/// Why a call to the store failed. A failed condition is not among them: it is an answer, see
/// [`crate::Written`] and [`crate::Part::or`].
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB is down, throttles, misses a table, or did not answer in time. The same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Other writers kept touching the same items until the time for retries was up.
    #[error("the database is contended")]
    Contended,
    /// The request took so long that a repetition of it was let through; that one carries it out.
    #[error("a repetition of the request was faster")]
    Overtaken,
    /// The function is not granted the call.
    #[error("the database refused: {0}")]
    Refused(String),
    /// An item is not of the type that the code expects.
    #[error("a stored item cannot be read or written: {0}")]
    Unreadable(#[from] serde_dynamo::Error),
    /// The call itself is wrong.
    #[error("the database call failed: {0}")]
    Invalid(String),
}

/// What a failed write means, before it is told to callers.
pub(crate) enum Failure {
    /// The condition of a single write did not hold; with the item as it is, where asked for.
    Condition(Option<crate::Attributes>),
    /// A transaction was cancelled; a reason for each part.
    Cancelled(Vec<CancellationReason>),
    /// A transaction was in the way.
    Conflict,
    /// Anything else.
    Error(StoreError),
}

impl Failure {
    /// Whether the same call may be made again at once.
    pub(crate) fn is_conflict(&self) -> bool {
        match self {
            Self::Conflict => true,
            // A failed condition settles the matter whatever else was in conflict.
            Self::Cancelled(reasons) => {
                let any = |code| reasons.iter().any(|reason| reason.code() == Some(code));
                any("TransactionConflict") && !any("ConditionalCheckFailed")
            }
            Self::Condition(_) | Self::Error(_) => false,
        }
    }
}

/// Sorts an SDK error. The caller has taken out what only its own operation can raise.
pub(crate) fn classify<E>(error: SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if refused(&error) {
        return Failure::Error(StoreError::Refused(cause_of(&error)));
    }
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).map(str::to_owned);
    Failure::Error(match (&error, code.as_deref()) {
        (_, Some("TransactionConflictException")) => return Failure::Conflict,
        (_, Some("AccessDeniedException")) => StoreError::Refused(cause_of(&error)),
        (_, Some("ValidationException" | "SerializationException" | "ItemCollectionSizeLimitExceededException"))
        | (SdkError::ConstructionFailure(_), _) => StoreError::Invalid(cause_of(&error)),
        // Throttling, a server error, a time-out, no connection, a missing table: a dependency is down.
        _ => StoreError::Unavailable(cause_of(&error)),
    })
}

fn refused(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<Refused>())
}
