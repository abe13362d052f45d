//! Reading secrets from Secrets Manager.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use campus_aws::{Clients, Secret, cause_of};
use campus_domain::Clock;
use jiff::Timestamp;
use secrecy::SecretString;

/// An instance asks again after this long, so that a rotated secret is noticed.
const CACHED_FOR_SECONDS: i64 = 300;

/// A secret could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the secret {} cannot be read: {cause}", secret.name)]
pub struct SecretError {
    secret: Secret,
    cause: String,
}

/// The secrets of the stage, cached in the instance for five minutes.
pub struct Secrets {
    client: Client,
    prefix: String,
    clock: Arc<dyn Clock>,
    cache: Mutex<HashMap<Secret, (SecretString, Timestamp)>>,
}

impl Secrets {
    /// The secrets that these clients reach.
    #[must_use]
    pub fn new(clients: &Clients, clock: Arc<dyn Clock>) -> Self {
        Self { client: clients.secrets.clone(), prefix: clients.prefix().to_owned(), clock, cache: Mutex::default() }
    }

    /// Reads a secret.
    ///
    /// # Errors
    ///
    /// [`SecretError`] when it is missing, not granted, or Secrets Manager is down.
    pub async fn read(&self, secret: Secret) -> Result<SecretString, SecretError> {
        let now = self.clock.now();
        if let Some((value, read_at)) = self.cache.lock().unwrap_or_else(PoisonError::into_inner).get(&secret)
            && now.duration_since(*read_at).as_secs() < CACHED_FOR_SECONDS
        {
            return Ok(value.clone());
        }
        self.read_anew(secret).await
    }

    /// Reads a secret, however lately the instance read it: for when something tells that it was replaced.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub async fn read_anew(&self, secret: Secret) -> Result<SecretString, SecretError> {
        let now = self.clock.now();
        let answer = self.client.get_secret_value().secret_id(format!("{}{}", self.prefix, secret.name)).send().await;
        let value = match answer {
            Ok(answer) => {
                answer.secret_string.ok_or_else(|| SecretError { secret, cause: "it is not text".to_owned() })?
            }
            Err(error) => return Err(SecretError { secret, cause: cause_of(&error) }),
        };
        let value = SecretString::from(value);
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).insert(secret, (value.clone(), now));
        Ok(value)
    }
}
