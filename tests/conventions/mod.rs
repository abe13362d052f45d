//! What holds for every endpoint.

mod authorization;
mod bad_input;
mod description;
mod hosts;
mod idempotency;
pub(crate) mod routing;
mod tokens;
