//! Accounts.

mod availability_checks;
mod captcha_challenges;
mod current_user;
mod current_user_changes;
pub(crate) mod schools;
mod service;
mod sessions;
pub(crate) mod signing_in;
mod throttling;
mod token_refreshes;
mod users;
mod verification_codes;
