//! The keys that sign access tokens: their rotation and revocation. The rules are the ring's, in `campus_session`.

pub mod revoke_signing_keys;
pub mod rotate_keys;
mod store;
