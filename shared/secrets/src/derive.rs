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

/// The tag of a message under a secret as other companies write it: of the message alone, hexadecimal.
#[must_use]
pub fn hex_mac(secret: &SecretString, message: &str) -> String {
    let mut mac = keyed(secret);
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn started(secret: &SecretString, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = keyed(secret);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length, RFC 2104 section 2")]
fn keyed(secret: &SecretString) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes a key of any length")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hexadecimal_tag_is_that_of_rfc_4231() {
        let tag = hex_mac(&SecretString::from("Jefe"), "what do ya want for nothing?");
        assert_eq!(tag, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
