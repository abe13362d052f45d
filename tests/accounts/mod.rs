//! Accounts.

mod captcha_challenges;
