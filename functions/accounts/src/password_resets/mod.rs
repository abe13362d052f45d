//! New passwords for those who forgot theirs, by a mailed link or a code.

pub mod complete_password_reset;
pub mod create_password_reset;
mod store;
