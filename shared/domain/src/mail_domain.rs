//! The domains of mail addresses.

use utoipa::openapi::schema::SchemaFormat;

use crate::invalid::Invalid;
use crate::text::{described, text_schema, text_value};

/// RFC 1035, 2.3.4, without the length bytes of the first label and the root.
const BYTES_MAX: usize = 253;

/// What stands behind the `@` of a mail address: a host name of several labels, in lower case and in ASCII (RFC 5890).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailDomain(String);

impl MailDomain {
    /// Reads a domain, white space around it aside.
    ///
    /// # Errors
    ///
    /// [`Invalid::DomainFormat`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::parse_untrimmed(text.trim())
    }

    /// Reads a domain that has nothing around it, as it stands in an address.
    pub(crate) fn parse_untrimmed(text: &str) -> Result<Self, Invalid> {
        // No character of a domain takes more than four bytes, so what is longer need not be converted.
        if text.len() > 4 * BYTES_MAX {
            return Err(Invalid::DomainFormat);
        }
        // Strictly: letters, digits and hyphens within, of the lengths that DNS takes.
        let domain = idna::domain_to_ascii_strict(text).map_err(|_| Invalid::DomainFormat)?;
        // A host without a dot is legal, and nobody's at a school. What ends in a number is read as an IP address.
        match domain.rsplit_once('.') {
            Some((_, last)) if !last.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self(domain)),
            _ => Err(Invalid::DomainFormat),
        }
    }

    /// The domain.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(MailDomain);
described!(
    MailDomain,
    text_schema("The domain of mail addresses, kept in lower case and in ASCII.", "hanbit.example")
        .format(Some(SchemaFormat::Custom("hostname".to_owned())))
        .max_length(Some(BYTES_MAX))
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::email::EmailAddress;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_kept_is_read_as_the_same(text in "\\PC{0,8}(\\.\\PC{1,8}){1,3}") {
            if let Ok(domain) = MailDomain::parse(&text) {
                prop_assert_eq!(MailDomain::parse(domain.as_str()), Ok(domain.clone()));
                prop_assert!(domain.as_str().len() <= BYTES_MAX && domain.as_str().contains('.'));
                let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
                prop_assert!(domain.as_str().bytes().all(is_allowed), "{domain:?}");
            }
        }

        #[test]
        fn host_names_are_domains_in_any_case_and_width(labels in prop::collection::vec("[a-z][a-z0-9]{0,20}", 2..5)) {
            let domain = labels.join(".");
            let wide: String = domain.chars().map(|c| match c {
                'a'..='z' => char::from_u32(u32::from(c) - 0x61 + 0xff21).unwrap_or(c),
                c => c,
            }).collect();
            for written in [&domain, &domain.to_uppercase(), &wide] {
                let read = MailDomain::parse(written);
                prop_assert_eq!(read.as_ref().map(MailDomain::as_str), Ok(domain.as_str()), "{}", written);
            }
        }

        /// Who proves an address belongs where its domain does, however each was written.
        #[test]
        fn an_address_has_the_domain_that_it_was_written_with(text in "[a-zA-Zａ-ｚ가-힣0-9-]{1,8}(\\.[a-zA-Z가-힣]{1,8}){1,2}") {
            let address = EmailAddress::parse(&format!("minji@{text}"));
            let domain = MailDomain::parse(&text);
            prop_assert_eq!(address.as_ref().ok().map(EmailAddress::domain), domain.as_ref().ok().map(MailDomain::as_str));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = MailDomain::parse(&text);
        }
    }

    #[test]
    fn a_domain_is_kept_in_lower_case_and_in_ascii() {
        for (written, kept) in [
            (" Hanbit.Example ", "hanbit.example"),
            ("ＨＡＮＢＩＴ．example", "hanbit.example"),
            ("한빛.example", "xn--xx3br43b.example"),
            ("XN--XX3BR43B.example", "xn--xx3br43b.example"),
            ("mail.4-1.hanbit.example", "mail.4-1.hanbit.example"),
        ] {
            assert_eq!(MailDomain::parse(written).expect(written).as_str(), kept);
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let (long_label, long) = (format!("{}.example", "a".repeat(64)), vec!["abcdefg"; 33].join("."));
        for written in [
            "",
            "hanbit",
            "localhost",
            ".",
            ".example",
            "hanbit.",
            "hanbit.example.",
            "hanbit..example",
            "@hanbit.example",
            "minji@hanbit.example",
            "*.hanbit.example",
            "https://hanbit.example",
            "hanbit.example/",
            "hanbit.example:25",
            "han bit.example",
            "han_bit.example",
            "-hanbit.example",
            "hanbit-.example",
            "xn--a.example",
            "127.0.0.1",
            "[::1]",
            "hanbit\u{0}.example",
            &long_label,
            &long,
            &"한".repeat(1000),
        ] {
            assert_eq!(MailDomain::parse(written), Err(Invalid::DomainFormat), "{written}");
        }
    }
}
