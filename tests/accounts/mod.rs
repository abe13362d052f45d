//! Accounts.

mod availability_checks;
mod captcha_challenges;
mod current_user;
mod current_user_changes;
mod service;
mod users;
mod verification_codes;
