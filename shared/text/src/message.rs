//! Messages to people, by SMS and by mail.

use std::borrow::Cow;
use std::sync::LazyLock;

use campus_domain::{Locale, PhoneNumber};
use fluent_templates::fluent_bundle::FluentValue;
use minijinja::{Environment, HtmlEscape, UndefinedBehavior, context};

use crate::bundle::{self, Args};
use crate::screening::Screening;
use crate::value::{self, Value};

/// What a message says, whatever its channel and language.
///
/// A new kind is a variant here, its row in `parts`, and a message of that name with the
/// attributes `sms`, `subject`, `lead` and `rest` in each `messages.ftl`.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    /// A code that proves who holds a number or an address.
    VerificationCode {
        /// Six digits.
        code: &'a str,
        /// What the code is for, as the API spells it: `sign_up`. It only chooses words, so one
        /// that has none yet is still a good message.
        purpose: &'a str,
        /// How long the code is valid.
        minutes: u32,
    },
    /// A link to follow. By mail only.
    Link {
        /// What the link is for: `activation_link`, `password_reset_link`.
        purpose: &'a str,
        /// The whole address, with the secret that makes it good.
        url: &'a str,
        /// How long the link is good, in seconds.
        seconds: u64,
    },
    /// Something that happened to the account, as the API spells it: `password_changed`.
    Security {
        /// What happened.
        event: &'a str,
        /// For how many days a deleted account can be taken back.
        restorable_days: u32,
    },
    /// Something about a screening that the person wants to be told.
    Screening(Screening<'a>),
}

/// A mail without its addresses.
///
/// No `Debug`, like [`Content`]: both hold a code, which has no place in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// One line, free of anything that someone typed.
    pub subject: String,
    /// The plain part, which says what the other one says.
    pub text: String,
    /// The HTML part, a whole document that loads nothing from elsewhere.
    pub html: String,
}

/// A content as the texts see it.
struct Parts<'a> {
    /// The name of the message in `messages.ftl`.
    id: Cow<'static, str>,
    args: Args<'a>,
    /// Shown by itself in a mail, large and easy to copy.
    code: Option<&'a str>,
    /// Shown by itself in a mail, to be followed.
    link: Option<&'a str>,
    /// The name of what a mail ends with.
    footer: &'static str,
}

impl<'a> Content<'a> {
    fn parts(&self, locale: Locale) -> Parts<'a> {
        match *self {
            Self::VerificationCode { code, purpose, minutes } => Parts {
                id: "message-verification-code".into(),
                args: Args::from([
                    // A number would lose its leading zeros.
                    ("code", FluentValue::from(code)),
                    ("purpose", FluentValue::from(purpose)),
                    ("minutes", FluentValue::from(minutes)),
                ]),
                code: Some(code),
                link: None,
                footer: FOOTER,
            },
            Self::Link { purpose, url, seconds } => Parts {
                id: bundle::id("message", purpose).into(),
                args: value::written(locale, &[("wait", Value::Seconds(seconds))]),
                code: None,
                link: Some(url),
                footer: FOOTER,
            },
            Self::Security { event, restorable_days } => Parts {
                id: bundle::id("message", event).into(),
                args: Args::from([("days", restorable_days.into())]),
                code: None,
                link: None,
                footer: FOOTER,
            },
            Self::Screening(screening) => Parts {
                id: screening.news.id().into(),
                args: screening.args(locale),
                code: None,
                link: None,
                footer: "mail-footer-alert",
            },
        }
    }
}

impl Parts<'_> {
    /// The tests render every content in every language, so the empty text is never sent; if it
    /// were, the provider would refuse it, which raises an alarm as a wrong sentence would not.
    fn text(&self, locale: Locale, attribute: &str) -> String {
        bundle::find(locale, &format!("{}.{attribute}", self.id), &self.args).unwrap_or_default()
    }

    fn paragraphs(&self, locale: Locale, attribute: &str) -> Vec<String> {
        self.text(locale, attribute).split("\n\n").map(str::to_owned).collect()
    }
}

/// The message as one SMS: at most 70 UTF-16 units; to a Korean number only characters of EUC-KR, since carriers there
/// deliver no others. That has not all that Chinese needs, which is sent as it is: the code arrives.
#[must_use]
pub fn sms(locale: Locale, phone: &PhoneNumber, content: &Content<'_>) -> String {
    let as_euc_kr = phone.is_korean() && locale != Locale::Zh;
    match content {
        Content::Screening(screening) => screening.sms(locale, as_euc_kr),
        Content::VerificationCode { .. } | Content::Link { .. } | Content::Security { .. } => {
            content.parts(locale).text(locale, "sms")
        }
    }
}

/// The message as a mail. Both parts are made of the same paragraphs, so neither says more.
#[must_use]
pub fn email(locale: Locale, content: &Content<'_>) -> Email {
    let parts = content.parts(locale);
    let subject = parts.text(locale, "subject");
    let lead = parts.paragraphs(locale, "lead");
    let rest = parts.paragraphs(locale, "rest");
    let footer = bundle::find(locale, parts.footer, &Args::new()).unwrap_or_default();

    let text = lead
        .iter()
        .map(String::as_str)
        .chain(parts.code)
        .chain(parts.link)
        .chain(rest.iter().map(String::as_str))
        // The customary mark of a signature, which mail programs show apart.
        .chain([format!("-- \n{footer}\n").as_str()])
        .collect::<Vec<_>>()
        .join("\n\n");

    let html = ENVIRONMENT
        .render_named_str(
            LAYOUT_NAME,
            LAYOUT,
            context! {
                language => language_tag(locale),
                subject => subject.as_str(),
                code => parts.code,
                link => parts.link,
                lead,
                rest,
                footer,
            },
        )
        // A fault in the layout, which the tests would show, costs the looks but not the message.
        .unwrap_or_else(|_| format!("<pre>{}</pre>", HtmlEscape(&text)));

    Email { subject, text, html }
}

/// What a mail ends with that was not asked for by settings.
const FOOTER: &str = "mail-footer";

/// The layout of every mail. Its name ends in `html`, which turns the escaping of values on.
const LAYOUT_NAME: &str = "mail.html";
const LAYOUT: &str = include_str!("../templates/mail.html");

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
});

/// The language for screen readers and for the choice of glyphs, which `zh` alone leaves open.
fn language_tag(locale: Locale) -> &'static str {
    match locale {
        Locale::Ko => "ko",
        Locale::En => "en",
        Locale::Zh => "zh-Hans",
    }
}
