//! Why an SDK call failed, for the log.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// AWS's code for the failure, or what stood in the way of an answer.
///
/// AWS's own words are left out: they may repeat what was sent, such as a key with a phone number in it.
#[must_use]
pub fn cause_of<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> String {
    match error {
        SdkError::ServiceError(context) => context.err().code().unwrap_or("an error without a code").to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::ResponseError(_) => "an answer that cannot be read".to_owned(),
        // No connection, or a call that the guard refused: only the innermost error says which.
        other => {
            let innermost = std::iter::successors(std::error::Error::source(other), |error| error.source()).last();
            innermost.map_or_else(|| other.to_string(), ToString::to_string)
        }
    }
}
