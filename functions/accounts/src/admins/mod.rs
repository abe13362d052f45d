//! Who looks after everyone's accounts: how the first of them comes to it.

pub mod appoint_admin;
mod store;
