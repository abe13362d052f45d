//! Mail addresses.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::KnownFormat;
use utoipa::openapi::schema::SchemaFormat;

use crate::id::Id;
use crate::invalid::Invalid;
use crate::mail_domain::MailDomain;
use crate::text::{described, personal, text_schema, text_value};

/// RFC 5321, 4.5.3.1.3, angle brackets aside.
const BYTES_MAX: usize = 254;

/// A mail address, kept in lower case with its domain in ASCII (RFC 5890).
///
/// The part before the `@` is lowered, too: no provider of note tells cases apart, and people do not
/// expect two accounts to differ by one. Dots and plus signs are left alone, since they do differ somewhere. It is
/// ASCII, full-width letters of an input method made so: SES carries no other (RFC 6531).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// An address that nobody has, and nobody can have: its domain is reserved for that, RFC 2606.
    #[must_use]
    pub fn of_nobody<K>(id: Id<K>) -> Self {
        Self(format!("{id}@nobody.invalid"))
    }

    /// Reads an address, white space around it aside.
    ///
    /// # Errors
    ///
    /// [`Invalid::EmailInvalid`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.len() > BYTES_MAX {
            return Err(Invalid::EmailInvalid);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(Invalid::EmailInvalid)?;
        let domain = MailDomain::parse_untrimmed(domain).map_err(|_| Invalid::EmailInvalid)?;
        let local: String = local.nfkc().collect();
        let address = format!("{}@{}", local.to_lowercase(), domain.as_str());
        // A quoted name is legal, and nobody's at a school.
        let usual = address.len() <= BYTES_MAX && address.is_ascii() && !local.contains('"');
        if usual && email_address::EmailAddress::from_str(&address).is_ok() {
            Ok(Self(address))
        } else {
            Err(Invalid::EmailInvalid)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after it.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address with all but the first character of its name hidden: `m***@campus.example`.
    #[must_use]
    pub fn masked(&self) -> String {
        let first = self.local_part().chars().next().map(String::from).unwrap_or_default();
        format!("{first}***@{}", self.domain())
    }
}

text_value!(EmailAddress);
personal!(EmailAddress);
described!(
    EmailAddress,
    text_schema("A mail address, kept in lower case.", "minji@campus.example")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
        .max_length(Some(BYTES_MAX))
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics_and_what_is_read_stays_the_same(text in "\\PC{0,20}@\\PC{0,20}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address));
            }
        }
    }

    #[test]
    fn an_address_is_kept_in_lower_case_with_an_ascii_domain() {
        for (written, kept) in [
            (" Minji@Campus.Example ", "minji@campus.example"),
            ("a.b+c@campus.example", "a.b+c@campus.example"),
            ("minji@한국.kr", "minji@xn--3e0b707e.kr"),
            ("ｍｉｎｊｉ２@campus.example", "minji2@campus.example"),
        ] {
            assert_eq!(EmailAddress::parse(written).expect("it is an address").as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_usual_address_is_refused() {
        let long = format!("{}@campus.example", "a".repeat(250));
        for written in [
            "",
            "minji",
            "@campus.example",
            "minji@",
            "a b@campus.example",
            "a@b@c.kr",
            "minji@localhost",
            "minji@[127.0.0.1]",
            "minji@127.0.0.1",
            "minji@ campus.example",
            "\"a b\"@campus.example",
            "Minji <minji@campus.example>",
            "minji@campus..example",
            "a\u{0}@campus.example",
            "민지@campus.example",
            "müller@campus.example",
            "a＠b@campus.example",
            &long,
        ] {
            assert_eq!(EmailAddress::parse(written).err(), Some(Invalid::EmailInvalid), "{written}");
        }
    }

    #[test]
    fn a_masked_address_shows_one_character_and_the_domain() {
        let address = EmailAddress::parse("minji@campus.example").expect("it is an address");
        assert_eq!(address.masked(), "m***@campus.example");
        assert_eq!(format!("{address:?}"), "EmailAddress(…)");
    }
}
