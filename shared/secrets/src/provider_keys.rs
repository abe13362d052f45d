//! The keys that other companies gave this stage.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is in the secret `provider-keys`: an object, each of whose members is there if the stage needs it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderKeys {
    /// Of the maker of captchas.
    pub captcha: Option<SecretString>,
    /// The secret of the first client at Google.
    pub google: Option<SecretString>,
    /// The secret of the first client at Kakao, which has one only if it is switched on there.
    pub kakao: Option<SecretString>,
    /// The secret of the app at Facebook.
    pub facebook: Option<SecretString>,
}

/// The secret holds something else.
#[derive(Debug, thiserror::Error)]
#[error("the secret provider-keys is not an object with any of captcha, google, kakao, facebook")]
pub struct NoProviderKeys;

impl ProviderKeys {
    /// Reads the secret's value. A member that is empty is none.
    ///
    /// # Errors
    ///
    /// [`NoProviderKeys`], which repeats nothing of the value.
    pub fn parse(value: &SecretString) -> Result<Self, NoProviderKeys> {
        // By way of a map: a list would do for the members, too.
        let members: Map<String, Value> = serde_json::from_str(value.expose_secret()).map_err(|_| NoProviderKeys)?;
        let keys: Self = serde_json::from_value(members.into()).map_err(|_| NoProviderKeys)?;
        let filled = |key: Option<SecretString>| key.filter(|key| !key.expose_secret().is_empty());
        Ok(Self {
            captcha: filled(keys.captcha),
            google: filled(keys.google),
            kakao: filled(keys.kakao),
            facebook: filled(keys.facebook),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Result<ProviderKeys, NoProviderKeys> {
        ProviderKeys::parse(&SecretString::from(value.to_owned()))
    }

    #[test]
    fn a_key_that_is_missing_or_empty_is_none() {
        let keys = parse(r#"{"captcha": "c", "google": ""}"#).expect("it is an object");
        assert_eq!(keys.captcha.as_ref().map(ExposeSecret::expose_secret), Some("c"));
        assert!(keys.google.is_none() && keys.kakao.is_none() && keys.facebook.is_none());
    }

    #[test]
    fn what_was_generated_and_what_is_misspelt_is_refused_and_not_repeated() {
        for value in ["Zm9vYmFyMTIz", "[]", r#"{"captcha": 7}"#, r#"{"capcha": "hush"}"#, ""] {
            let told = parse(value).expect_err("it is no object of keys").to_string();
            assert!(!told.contains("hush") && !told.contains("Zm9v"), "{told}");
        }
    }
}
