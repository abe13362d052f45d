//! The settings of a stage: deploy parameters, read from the environment once, at start.

use campus_domain::{PasswordPolicy, PhonePolicy};
use campus_secrets::ProviderKeys;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// Who makes the captchas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(example = "turnstile")]
pub enum CaptchaProvider {
    /// Nobody: every answer solves it. For laptops and tests only.
    None,
    /// Geetest, version 3.
    GeetestV3,
    /// Geetest, version 4.
    GeetestV4,
    /// Cloudflare Turnstile.
    Turnstile,
}

/// What the providers of accounts know this stage by. A provider that knows it by nothing is not offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SocialClients {
    /// Google's client ids: the first one's secret is known, and exchanges codes; tokens may be for any.
    pub google: Vec<String>,
    /// Kakao's keys, likewise: the REST key first, those of apps after it.
    pub kakao: Vec<String>,
    /// The number of the app at Kakao, which its access tokens name; nothing, if only codes and id tokens are taken.
    pub kakao_app: Option<String>,
    /// The id of the app at Facebook.
    pub facebook: Vec<String>,
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
    /// Who makes the captchas. `none` is refused but on a laptop and in a stage for tests.
    pub captcha_provider: CaptchaProvider,
    /// What its maker knows this stage's widget by; public. Empty for `none`.
    pub captcha_id: String,
    /// What the providers of accounts know this stage by: `GOOGLE_CLIENTS`, `KAKAO_CLIENTS`, `KAKAO_APP`,
    /// `FACEBOOK_APP`.
    pub social: SocialClients,
    /// Where stand-ins for all of these companies are, instead of their own addresses, without a slash at its end. On a
    /// laptop and in a stage for tests only, or whoever deploys could sign in as anyone.
    pub providers_url: Option<String>,
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
    pub const VARIABLES: [&str; 19] = [
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
        "CAPTCHA_PROVIDER",
        "CAPTCHA_ID",
        "GOOGLE_CLIENTS",
        "KAKAO_CLIENTS",
        "KAKAO_APP",
        "FACEBOOK_APP",
        "PROVIDERS_URL",
    ];
    /// Those that may be empty.
    const OPTIONAL: [&str; 7] =
        ["TEST_NUMBERS", "CAPTCHA_ID", "GOOGLE_CLIENTS", "KAKAO_CLIENTS", "KAKAO_APP", "FACEBOOK_APP", "PROVIDERS_URL"];

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
            captcha_provider: CaptchaProvider::None,
            captcha_id: String::new(),
            social: SocialClients {
                google: vec!["campus-web".to_owned(), "campus-app".to_owned()],
                kakao: vec!["campus-web".to_owned(), "campus-app".to_owned()],
                kakao_app: Some("310".to_owned()),
                facebook: vec!["310".to_owned()],
            },
            providers_url: None,
        }
    }

    /// The provider whose key is needed and missing, if there is one. Kakao exchanges codes without, unless told
    /// otherwise.
    #[must_use]
    pub fn missing_key(&self, keys: &ProviderKeys) -> Option<&'static str> {
        let has_captcha = self.captcha_provider != CaptchaProvider::None;
        [
            ("captcha", has_captcha, keys.captcha.is_some()),
            ("google", !self.social.google.is_empty(), keys.google.is_some()),
            ("facebook", !self.social.facebook.is_empty(), keys.facebook.is_some()),
        ]
        .into_iter()
        .find_map(|(name, needed, there)| (needed && !there).then_some(name))
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
        let optional = |name: &'static str| {
            debug_assert!(Self::OPTIONAL.contains(&name), "{name} may be empty");
            get(name).ok()
        };
        let optional_list = |name| optional(name).map_or_else(Vec::new, |items| listed(&items));
        let test_numbers = optional_list("TEST_NUMBERS");
        if stage == Stage::Prod && !test_numbers.is_empty() {
            return Err(SettingsError { name: "TEST_NUMBERS", fault: "is for other stages than prod" });
        }
        let captcha_provider = match get("CAPTCHA_PROVIDER")?.as_str() {
            "none" if stage == Stage::Test => CaptchaProvider::None,
            "none" => {
                return Err(SettingsError { name: "CAPTCHA_PROVIDER", fault: "is none only in a stage for tests" });
            }
            "geetest_v3" => CaptchaProvider::GeetestV3,
            "geetest_v4" => CaptchaProvider::GeetestV4,
            "turnstile" => CaptchaProvider::Turnstile,
            _ => return Err(SettingsError { name: "CAPTCHA_PROVIDER", fault: "is none of those that there are" }),
        };
        let captcha_id = match captcha_provider {
            CaptchaProvider::None => String::new(),
            _ => get("CAPTCHA_ID")?,
        };
        let providers_url = optional("PROVIDERS_URL").map(|url| url.trim_end_matches('/').to_owned());
        if stage != Stage::Test && providers_url.is_some() {
            return Err(SettingsError { name: "PROVIDERS_URL", fault: "is for stages for tests only" });
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
            captcha_provider,
            captcha_id,
            social: SocialClients {
                google: optional_list("GOOGLE_CLIENTS"),
                kakao: optional_list("KAKAO_CLIENTS"),
                kakao_app: optional("KAKAO_APP"),
                facebook: optional_list("FACEBOOK_APP"),
            },
            providers_url,
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
            "CAMPUS_CAPTCHA_PROVIDER" => "turnstile",
            "CAMPUS_CAPTCHA_ID" => "site",
            "CAMPUS_GOOGLE_CLIENTS" => "web, app",
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
        assert_eq!((settings.captcha_provider, settings.captcha_id.as_str()), (CaptchaProvider::Turnstile, "site"));
        let google = vec!["web".to_owned(), "app".to_owned()];
        assert_eq!(settings.social, SocialClients { google, ..SocialClients::default() });
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
    fn only_a_stage_for_tests_starts_without_a_captcha_or_with_stand_ins() {
        for (name, value) in [("CAPTCHA_PROVIDER", "none"), ("PROVIDERS_URL", "http://127.0.0.1:8080/")] {
            for stage in ["test", "dev", "prod"] {
                let read = Settings::read(|variable| match variable.strip_prefix("CAMPUS_") {
                    Some("STAGE") => Some(stage.to_owned()),
                    Some(same) if same == name => Some(value.to_owned()),
                    _ => complete(variable),
                });
                match read {
                    Ok(settings) if name == "PROVIDERS_URL" => {
                        assert_eq!((stage, settings.providers_url.as_deref()), ("test", Some("http://127.0.0.1:8080")));
                    }
                    Ok(settings) => assert_eq!((stage, settings.captcha_provider), ("test", CaptchaProvider::None)),
                    Err(error) => assert_eq!((error.name, stage != "test"), (name, true)),
                }
            }
        }
    }

    #[test]
    fn a_key_is_missing_of_whoever_is_used_and_has_none() {
        let settings = Settings::read(complete).expect("everything is there");
        let key = || Some("key".to_owned().into());
        let both = ProviderKeys { captcha: key(), google: key(), ..ProviderKeys::default() };
        assert_eq!(settings.missing_key(&both), None, "nobody signs in by Facebook");
        assert_eq!(settings.missing_key(&ProviderKeys { captcha: None, ..both.clone() }), Some("captcha"));
        assert_eq!(settings.missing_key(&ProviderKeys { google: None, ..both }), Some("google"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let needed = |name: &&str| !Settings::OPTIONAL.contains(name) || *name == "CAPTCHA_ID";
        for missing in Settings::VARIABLES.into_iter().filter(needed) {
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
