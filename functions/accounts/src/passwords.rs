//! Hashing passwords: argon2id with OWASP's parameters and a pepper.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use campus_domain::Password;
use campus_secrets::derive_key;
use secrecy::SecretString;
use tokio::sync::Semaphore;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at once in one process. On Lambda there is one request at a time; a laptop has other work, too.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Hashes a password into a PHC string with a salt of its own.
///
/// # Errors
///
/// When the system has no randomness or no memory to give.
pub async fn hash(password: Password, pepper: &SecretString) -> anyhow::Result<String> {
    let pepper = derive_key(pepper, "password pepper 1");
    let _turn = AT_ONCE.acquire().await?;
    // Away from the threads that serve other requests: this takes 20 ms of a core.
    tokio::task::spawn_blocking(move || {
        let hashed = hasher(&pepper)?.hash_password(password.expose().as_bytes());
        hashed.map(|hash| hash.to_string()).map_err(|error| anyhow::anyhow!("hashing failed: {error}"))
    })
    .await?
}

fn hasher(pepper: &[u8]) -> anyhow::Result<Argon2<'_>> {
    let failed = |error| anyhow::anyhow!("hashing cannot be set up: {error}");
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).map_err(failed)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[tokio::test]
    async fn a_hash_states_its_parameters_and_verifies_with_its_pepper_only() {
        let pepper = SecretString::from("pepper".to_owned());
        let password = Password::parse("drie kleine eendjes").expect("it is a password");
        let hashed = hash(password, &pepper).await.expect("there is memory");

        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        let parsed = PasswordHash::new(&hashed).expect("it is a PHC string");
        let verifies = |pepper: &str| {
            let key = derive_key(&SecretString::from(pepper.to_owned()), "password pepper 1");
            hasher(&key).expect("it can be set up").verify_password(b"drie kleine eendjes", &parsed).is_ok()
        };
        assert!(verifies("pepper"));
        assert!(!verifies("another"));
    }
}
