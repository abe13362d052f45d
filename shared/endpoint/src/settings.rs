//! The settings of a stage: deploy parameters, read from the environment once, at start.

use campus_domain::PasswordPolicy;

/// Which kind of stage this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A laptop.
    Local,
    /// A deployment for tests.
    Test,
    /// A deployment for trying things out.
    Dev,
    /// The real one.
    Prod,
}

/// The settings. Names of the environment variables are those of the fields, in capitals, after `CAMPUS_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which kind of stage this is.
    pub stage: Stage,
    /// The API's own URL, `iss` of the tokens.
    pub issuer: String,
    /// Country codes that text messages go to.
    pub phone_countries: Vec<u16>,
    /// Accepted sends of verification codes per client address and hour. A campus may sit behind one address.
    pub sends_per_address_per_hour: u32,
    /// Characters that a password has at least; [`PasswordPolicy::LEAST_MINIMUM`] or more.
    pub password_minimum: u32,
    /// The address that mail comes from.
    pub email_sender: String,
}

/// A setting is missing or wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable CAMPUS_{name} {fault}")]
pub struct SettingsError {
    name: &'static str,
    fault: &'static str,
}

impl Settings {
    /// The settings of a laptop, which are also the deploy parameters' defaults.
    #[must_use]
    pub fn local() -> Self {
        Self {
            stage: Stage::Local,
            issuer: "http://localhost".to_owned(),
            phone_countries: vec![82, 86],
            sends_per_address_per_hour: 100,
            password_minimum: 8,
            email_sender: "campus@campus.example".to_owned(),
        }
    }

    /// Reads the settings by a look-up of environment variables.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the variable that is missing or wrong; its value is not repeated.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let get = |name: &'static str| {
            lookup(&format!("CAMPUS_{name}"))
                .filter(|value| !value.is_empty())
                .ok_or(SettingsError { name, fault: "is missing" })
        };
        let number = |name: &'static str, least: u32| {
            let value = get(name)?.parse().ok().filter(|value| *value >= least);
            value.ok_or(SettingsError { name, fault: "is not a number within its bounds" })
        };
        Ok(Self {
            stage: match get("STAGE")?.as_str() {
                "test" => Stage::Test,
                "dev" => Stage::Dev,
                "prod" => Stage::Prod,
                _ => return Err(SettingsError { name: "STAGE", fault: "is not one of test, dev, prod" }),
            },
            issuer: get("ISSUER")?,
            phone_countries: get("PHONE_COUNTRIES")?
                .split(',')
                .map(|code| code.trim().trim_start_matches('+').parse())
                .collect::<Result<_, _>>()
                .map_err(|_| SettingsError { name: "PHONE_COUNTRIES", fault: "is not a list of country codes" })?,
            sends_per_address_per_hour: number("SENDS_PER_ADDRESS_PER_HOUR", 1)?,
            password_minimum: number("PASSWORD_MINIMUM", PasswordPolicy::LEAST_MINIMUM)?,
            email_sender: get("EMAIL_SENDER")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(name: &str) -> Option<String> {
        let value = match name {
            "CAMPUS_STAGE" => "prod",
            "CAMPUS_ISSUER" => "https://api.campus.example",
            "CAMPUS_PHONE_COUNTRIES" => "+82, 86",
            "CAMPUS_SENDS_PER_ADDRESS_PER_HOUR" => "100",
            "CAMPUS_PASSWORD_MINIMUM" => "8",
            "CAMPUS_EMAIL_SENDER" => "campus@campus.example",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn a_complete_environment_is_read() {
        let settings = Settings::read(complete).expect("everything is there");
        assert_eq!(settings.stage, Stage::Prod);
        assert_eq!(settings.phone_countries, [82, 86]);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let names =
            ["STAGE", "ISSUER", "PHONE_COUNTRIES", "SENDS_PER_ADDRESS_PER_HOUR", "PASSWORD_MINIMUM", "EMAIL_SENDER"];
        for missing in names {
            let error = Settings::read(|name| if name.ends_with(missing) { None } else { complete(name) });
            assert_eq!(error.expect_err("one is missing").name, missing);
        }
        for (wrong, value) in [("STAGE", "local"), ("PHONE_COUNTRIES", "KR"), ("PASSWORD_MINIMUM", "5")] {
            let error =
                Settings::read(|name| if name.ends_with(wrong) { Some(value.to_owned()) } else { complete(name) });
            assert_eq!(error.expect_err("one is wrong").name, wrong);
        }
    }
}
