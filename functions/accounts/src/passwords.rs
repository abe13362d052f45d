//! Hashing passwords: argon2id with OWASP's parameters and a pepper.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error as HashError, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use campus_domain::{Invalid, Password, PasswordPolicy, UserId};
use campus_endpoint::{Cx, Limit, Refusals, Settings};
use campus_secrets::derive_key;
use campus_store::Transaction;
use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::Error;
use crate::users::Account;

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

/// The rules of a new password and its confirmation that the body alone can break.
pub(crate) fn check_new(sent: &Map<String, Value>, settings: &Settings, refusals: &mut Refusals) {
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    if let Some(Ok(password)) = text("new_password").map(Password::parse)
        && let Err(invalid) = (PasswordPolicy { minimum: settings.password_minimum }).check(&password, &[])
    {
        refusals.add("/new_password", invalid);
    }
    if let (Some(new), Some(confirmation)) = (text("new_password"), text("new_password_confirmation"))
        && !Password::is_same(new, confirmation)
    {
        refusals.add("", Invalid::PasswordMismatch);
    }
}

/// The rules of a new password that only the account can tell.
pub(crate) fn check_new_of(password: &Password, account: &Account) -> Result<(), Error> {
    let own_words = account.own_words();
    let own_words: Vec<&str> = own_words.iter().map(String::as_str).collect();
    password.check_own_words(&own_words).map_err(|invalid| Error::Fields(vec![("/new_password", invalid)]))
}

/// Wrong passwords that one account has compared in an hour outside of signing in: someone who has a device of its
/// owner in hand has few guesses.
const CHECKS: Limit = Limit { name: "password_checks", max: 10, window_seconds: 60 * 60 };

/// Counts a password that is about to be compared, so that of many at once no more are compared.
pub(crate) async fn count_check(cx: &Cx, id: UserId) -> Result<(), Error> {
    match CHECKS.spend(cx.store(), &id.to_string(), cx.now()).await? {
        Some(retry_after) => Err(Error::PasswordChecksExhausted { retry_after }),
        None => Ok(()),
    }
}

/// Takes back the count of a password that was right, in the transaction that it allows.
pub(crate) fn uncount_check_in(cx: &Cx, transaction: &mut Transaction<'_, Error>, id: UserId) {
    CHECKS.give_back_in(transaction, &id.to_string(), cx.now());
}

/// What comes of comparing a password.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another one, or there is none to compare it with.
    Wrong,
    /// It is the one.
    Right {
        /// Its hash by today's parameters, if it is stored by older ones.
        rehashed: Option<String>,
    },
}

/// Compares a password with its hash. Without one the answer is [`Verdict::Wrong`] at the same price: a hash by
/// today's parameters.
///
/// # Errors
///
/// When the stored hash is none, or the system has no memory to give.
pub async fn verify(password: Password, stored: Option<String>, pepper: &SecretString) -> anyhow::Result<Verdict> {
    let pepper = derive_key(pepper, "password pepper 1");
    let _turn = AT_ONCE.acquire().await?;
    tokio::task::spawn_blocking(move || {
        let failed = |error| anyhow::anyhow!("a stored hash cannot be compared: {error}");
        let hasher = hasher(&pepper)?;
        let compared = stored.clone().unwrap_or_else(of_nothing);
        let compared =
            PasswordHash::new(&compared).map_err(|error| anyhow::anyhow!("a stored hash is none: {error}"))?;
        match hasher.verify_password(password.expose().as_bytes(), &compared) {
            Err(HashError::PasswordInvalid) => return Ok(Verdict::Wrong),
            outcome => outcome.map_err(failed)?,
        }
        let Some(stored) = stored else { return Ok(Verdict::Wrong) };
        if stored.starts_with(&parameters()) {
            return Ok(Verdict::Right { rehashed: None });
        }
        let hash = hasher.hash_password(password.expose().as_bytes()).map_err(failed)?;
        Ok(Verdict::Right { rehashed: Some(hash.to_string()) })
    })
    .await?
}

/// What a hash by today's parameters begins with.
fn parameters() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

/// A hash by today's parameters that no password has: nobody finds one whose tag is all zeros.
fn of_nothing() -> String {
    format!("{}{}${}", parameters(), "A".repeat(22), "A".repeat(43))
}

fn hasher(pepper: &[u8]) -> anyhow::Result<Argon2<'_>> {
    let failed = |error| anyhow::anyhow!("hashing cannot be set up: {error}");
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> Password {
        Password::parse("drie kleine eendjes").expect("it is a password")
    }

    fn pepper() -> SecretString {
        SecretString::from("pepper".to_owned())
    }

    #[tokio::test]
    async fn b4_16_the_right_password_is_right_and_another_is_wrong() {
        let stored = hash(password(), &pepper()).await.expect("there is memory");
        let verdict = verify(password(), Some(stored.clone()), &pepper()).await.expect("it can be compared");
        assert_eq!(verdict, Verdict::Right { rehashed: None });
        let other = Password::parse("drie grote eendjes").expect("it is a password");
        assert_eq!(verify(other, Some(stored), &pepper()).await.expect("it can be compared"), Verdict::Wrong);
        assert!(verify(password(), Some("plain".to_owned()), &pepper()).await.is_err());
    }

    #[tokio::test]
    async fn b2_28_without_a_hash_every_password_is_wrong_after_the_same_work() {
        assert_eq!(verify(password(), None, &pepper()).await.expect("it can be compared"), Verdict::Wrong);
        let nothing = of_nothing();
        let nothing = PasswordHash::new(&nothing).expect("it is a PHC string");
        let stored = hash(password(), &pepper()).await.expect("there is memory");
        let stored = PasswordHash::new(&stored).expect("it is a PHC string");
        assert_eq!(
            (nothing.algorithm, nothing.version, &nothing.params),
            (stored.algorithm, stored.version, &stored.params)
        );
        let lengths = |hash: &PasswordHash| (hash.salt.map(|salt| salt.len()), hash.hash.map(|tag| tag.len()));
        assert_eq!(lengths(&nothing), lengths(&stored));
    }

    #[tokio::test]
    async fn a_hash_by_older_parameters_is_replaced() {
        let key = derive_key(&pepper(), "password pepper 1");
        let params = Params::new(8 * 1024, 1, 1, None).expect("they are parameters");
        let old = Argon2::new_with_secret(&key, Algorithm::Argon2id, Version::V0x13, params).expect("it can be set up");
        let old = old.hash_password(password().expose().as_bytes()).expect("there is memory").to_string();
        let verdict = verify(password(), Some(old), &pepper()).await.expect("it can be compared");
        let Verdict::Right { rehashed: Some(rehashed) } = verdict else { panic!("it is not rehashed") };
        assert!(rehashed.starts_with(&parameters()));
        let again = verify(password(), Some(rehashed), &pepper()).await.expect("it can be compared");
        assert_eq!(again, Verdict::Right { rehashed: None });
    }

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
