//! Token refreshes: a refresh token for new tokens, once.

pub mod create_token_refresh;
pub(crate) mod store;
