//! The settings of a stage: deploy parameters, read from the environment once, at start.

use campus_domain::{PasswordPolicy, PhonePolicy};

use crate::origins::AllowedOrigins;

/// Which kind of stage this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// A laptop.
    Local,
    /// A deployment for tests. Unsafe by design: nobody has to solve its captcha, and a request may say at
    /// what time and from what address it comes.
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
    /// Whose pages may call the API with their cookies.
    pub allowed_origins: AllowedOrigins,
    /// Which numbers text messages go to: `PHONE_COUNTRIES` and, in other stages than prod, `TEST_NUMBERS`.
    pub phones: PhonePolicy,
    /// Accepted sends of verification codes per client address and hour. A campus may sit behind one address.
    pub sends_per_address_per_hour: u32,
    /// Text messages with codes per hour, over all.
    pub sms_per_hour: u32,
    /// Text messages with codes per day, over all.
    pub sms_per_day: u32,
    /// Failed sign-ins within 15 minutes from which on a client address needs a captcha for each.
    pub sign_in_failures_per_address: u32,
    /// Characters that a password has at least; [`PasswordPolicy::LEAST_MINIMUM`] or more.
    pub password_minimum: u32,
    /// The address that mail comes from.
    pub email_sender: String,
    /// Where mailed links lead: the front end, whose pages `activate` and `reset-password` take a `?token=` and hand it
    /// to the API. Without a slash at its end.
    pub web_url: String,
}

/// A setting is missing or wrong.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable CAMPUS_{name} {fault}")]
pub struct SettingsError {
    name: &'static str,
    fault: &'static str,
}

impl Settings {
    /// The variables, without `CAMPUS_`. Each is a parameter of the template, named alike in its own case.
    pub const VARIABLES: [&str; 12] = [
        "STAGE",
        "ISSUER",
        "ALLOWED_ORIGINS",
        "PHONE_COUNTRIES",
        "TEST_NUMBERS",
        "SENDS_PER_ADDRESS_PER_HOUR",
        "SMS_PER_HOUR",
        "SMS_PER_DAY",
        "SIGN_IN_FAILURES_PER_ADDRESS",
        "PASSWORD_MINIMUM",
        "EMAIL_SENDER",
        "WEB_URL",
    ];

    /// The settings of a laptop, which are also the deploy parameters' defaults.
    #[must_use]
    pub fn local() -> Self {
        Self {
            stage: Stage::Local,
            issuer: "http://localhost".to_owned(),
            allowed_origins: AllowedOrigins::Loopback,
            phones: PhonePolicy { countries: vec![82, 86], test_numbers: Vec::new() },
            sends_per_address_per_hour: 100,
            sms_per_hour: 500,
            sms_per_day: 2_000,
            sign_in_failures_per_address: 3,
            password_minimum: 8,
            email_sender: "campus@campus.example".to_owned(),
            web_url: "http://localhost".to_owned(),
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
        let stage = match get("STAGE")?.as_str() {
            "test" => Stage::Test,
            "dev" => Stage::Dev,
            "prod" => Stage::Prod,
            _ => return Err(SettingsError { name: "STAGE", fault: "is not one of test, dev, prod" }),
        };
        let listed = |text: &str| -> Vec<String> { text.split(',').map(|item| item.trim().to_owned()).collect() };
        let test_numbers = get("TEST_NUMBERS").map_or_else(|_| Vec::new(), |numbers| listed(&numbers));
        if stage == Stage::Prod && !test_numbers.is_empty() {
            return Err(SettingsError { name: "TEST_NUMBERS", fault: "is for other stages than prod" });
        }
        let countries = listed(&get("PHONE_COUNTRIES")?);
        let countries = countries.iter().map(|code| code.trim_start_matches('+').parse());
        let countries = countries
            .collect::<Result<_, _>>()
            .map_err(|_| SettingsError { name: "PHONE_COUNTRIES", fault: "is not a list of country codes" })?;
        Ok(Self {
            stage,
            issuer: get("ISSUER")?,
            allowed_origins: AllowedOrigins::Listed(listed(&get("ALLOWED_ORIGINS")?)),
            phones: PhonePolicy { countries, test_numbers },
            sends_per_address_per_hour: number("SENDS_PER_ADDRESS_PER_HOUR", 1)?,
            sms_per_hour: number("SMS_PER_HOUR", 1)?,
            sms_per_day: number("SMS_PER_DAY", 1)?,
            sign_in_failures_per_address: number("SIGN_IN_FAILURES_PER_ADDRESS", 1)?,
            password_minimum: number("PASSWORD_MINIMUM", PasswordPolicy::LEAST_MINIMUM)?,
            email_sender: get("EMAIL_SENDER")?,
            web_url: get("WEB_URL")?.trim_end_matches('/').to_owned(),
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
            "CAMPUS_ALLOWED_ORIGINS" => "https://campus.example,http://localhost:3000",
            "CAMPUS_PHONE_COUNTRIES" => "+82, 86",
            "CAMPUS_SENDS_PER_ADDRESS_PER_HOUR" => "100",
            "CAMPUS_SMS_PER_HOUR" => "500",
            "CAMPUS_SMS_PER_DAY" => "2000",
            "CAMPUS_SIGN_IN_FAILURES_PER_ADDRESS" => "3",
            "CAMPUS_PASSWORD_MINIMUM" => "8",
            "CAMPUS_EMAIL_SENDER" => "campus@campus.example",
            "CAMPUS_WEB_URL" => "https://campus.example/",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn a_complete_environment_is_read() {
        let settings = Settings::read(complete).expect("everything is there");
        assert_eq!(settings.stage, Stage::Prod);
        assert_eq!(settings.phones, PhonePolicy { countries: vec![82, 86], test_numbers: Vec::new() });
        assert_eq!(settings.web_url, "https://campus.example");
        let origins = ["https://campus.example", "http://localhost:3000"].map(str::to_owned).to_vec();
        assert_eq!(settings.allowed_origins, AllowedOrigins::Listed(origins));
    }

    #[test]
    fn b3_31_test_numbers_are_for_other_stages_than_prod() {
        let read = |stage: &'static str| {
            Settings::read(move |name| match name {
                "CAMPUS_STAGE" => Some(stage.to_owned()),
                "CAMPUS_TEST_NUMBERS" => Some("+821000000301, +821000000302".to_owned()),
                _ => complete(name),
            })
        };
        assert_eq!(read("prod").expect_err("prod texts everyone").name, "TEST_NUMBERS");
        for stage in ["test", "dev"] {
            let numbers = read(stage).expect("everything is right").phones.test_numbers;
            assert_eq!(numbers, ["+821000000301", "+821000000302"], "{stage}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for missing in Settings::VARIABLES.into_iter().filter(|name| *name != "TEST_NUMBERS") {
            let error = Settings::read(|name| if name.ends_with(missing) { None } else { complete(name) });
            assert_eq!(error.expect_err("one is missing").name, missing);
        }
        for (wrong, value) in
            [("STAGE", "local"), ("PHONE_COUNTRIES", "KR"), ("PASSWORD_MINIMUM", "5"), ("SMS_PER_DAY", "0")]
        {
            let error =
                Settings::read(|name| if name.ends_with(wrong) { Some(value.to_owned()) } else { complete(name) });
            assert_eq!(error.expect_err("one is wrong").name, wrong);
        }
    }
}
