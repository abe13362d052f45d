//! Accounts.

mod activations;
pub(crate) mod admin;
mod availability_checks;
mod captcha_challenges;
mod contacts;
mod current_user;
mod current_user_changes;
mod deletion;
pub(crate) mod exports;
mod identities;
mod oauth;
mod own_school;
mod password_resets;
mod passwords;
mod pumping;
pub(crate) mod schools;
mod security_events;
mod service;
mod sessions;
pub(crate) mod signing_in;
mod throttling;
mod token_refreshes;
mod users;
mod verification_codes;
