//! Secrets, and what is derived from them: verification codes, proofs, tokens, keys.
//!
//! What a person must show again (a code, a proof, a token) is never stored. It is derived from a
//! secret and an id, so that whoever may read the secret can derive it again, and whoever reads a
//! table, a queue or a log cannot.

mod code;
mod derive;
mod provider_keys;
mod secrets;
mod token;

pub use code::derive_code;
pub use derive::{derive_key, hex_mac, mac, verify_mac};
pub use provider_keys::{NoProviderKeys, ProviderKeys};
pub use secrets::{SecretError, Secrets};
pub use token::{Label, issue_expiring_token, issue_token, open_expiring_token, open_token, peek_token};
