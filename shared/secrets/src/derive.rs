//! Derivation: HMAC-SHA-256 (RFC 2104) for tags, HKDF-SHA-256 (RFC 5869) for keys.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The tag of the parts under the secret.
///
/// The parts are separated by their lengths, so that no two lists of parts give the same input.
#[must_use]
pub fn mac(secret: &SecretString, parts: &[&[u8]]) -> [u8; 32] {
    started(secret, parts).finalize().into_bytes().into()
}

/// Whether it is the tag of the parts under the secret. Compared in constant time.
#[must_use]
pub fn verify_mac(secret: &SecretString, parts: &[&[u8]], tag: &[u8]) -> bool {
    started(secret, parts).verify_slice(tag).is_ok()
}

pub(crate) fn started(secret: &SecretString, parts: &[&[u8]]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length, RFC 2104 section 2")]
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

/// A key of 32 bytes for one purpose.
#[must_use]
pub fn derive_key(secret: &SecretString, purpose: &str) -> [u8; 32] {
    let mut key = [0; 32];
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 255 times 32 bytes, RFC 5869 section 2.3")]
    Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes())
        .expand(purpose.as_bytes(), &mut key)
        .expect("32 bytes are within what HKDF gives");
    key
}
