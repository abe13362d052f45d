//! Addresses on the web.

use url::Url;
use utoipa::openapi::schema::SchemaFormat;

use crate::invalid::Invalid;
use crate::text::{described, text_schema, text_value};

const CHARACTERS_MAX: usize = 2000;
const TOO_LONG: Invalid = Invalid::TooLong { max: CHARACTERS_MAX as u32 };

/// An `http` or `https` URL of up to 2000 characters, as browsers write it: what may be put into a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// Reads a URL; white space around it is dropped.
    ///
    /// # Errors
    ///
    /// [`Invalid::UrlFormat`], [`Invalid::TooLong`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.chars().nth(CHARACTERS_MAX).is_some() {
            return Err(TOO_LONG);
        }
        let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|own| own.eq_ignore_ascii_case(scheme));
        // Browsers and the crate mend what lacks slashes or has control characters in it; people should.
        if !(begins("http://") || begins("https://")) || text.chars().any(char::is_control) {
            return Err(Invalid::UrlFormat);
        }
        let url = Url::parse(text).map_err(|_| Invalid::UrlFormat)?;
        // A name before the host makes it look like another's.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Invalid::UrlFormat);
        }
        let written = String::from(url);
        if written.len() > CHARACTERS_MAX { Err(TOO_LONG) } else { Ok(Self(written)) }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(WebAddress);
described!(
    WebAddress,
    text_schema("An `http` or `https` URL.", "https://library.example/films")
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .max_length(Some(CHARACTERS_MAX))
);

/// Where a provider of accounts sends a person back to: an `http` or `https` URL of up to 2000 characters as RFC 3986
/// has them, kept letter for letter, since RFC 6749 has it compared so. Whoever reads it reads the same page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Reads a URL that is written as browsers write it; only the slash after a host may be missing.
    ///
    /// # Errors
    ///
    /// [`Invalid::UrlFormat`], [`Invalid::TooLong`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let address = WebAddress::parse(text)?;
        let is_as_written = text == address.as_str() || Some(text) == address.as_str().strip_suffix('/');
        // A query may have others, for the sake of old pages.
        let is_plain =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte));
        if is_as_written && is_plain { Ok(Self(text.to_owned())) } else { Err(Invalid::UrlFormat) }
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(RedirectUri);
described!(
    RedirectUri,
    text_schema("An `http` or `https` URL without a fragment.", "http://localhost:3000/oauth/google")
        .format(Some(SchemaFormat::Custom("uri".to_owned())))
        .max_length(Some(CHARACTERS_MAX))
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_web_address_is_a_whole_http_url_without_anyones_name() {
        for (text, written) in [
            (" https://library.example/films?month=11#top ", "https://library.example/films?month=11#top"),
            ("HTTP://Library.Example", "http://library.example/"),
            ("https://한빛.example/영화", "https://xn--xx3br43b.example/%EC%98%81%ED%99%94"),
            ("https://[::1]:8443/", "https://[::1]:8443/"),
        ] {
            assert_eq!(WebAddress::parse(text).expect(text).as_str(), written);
        }
        for bad in [
            "",
            "library.example",
            "//library.example",
            "ftp://library.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "https:library.example",
            "https://",
            "https://a b.example",
            "java\nscript:alert(1)",
            "https://library.example/\u{0}",
            "https://library.example@evil.example/",
            "https://u:p@library.example/",
        ] {
            assert_eq!(WebAddress::parse(bad), Err(Invalid::UrlFormat), "{bad}");
        }
        let long = |length: usize| format!("https://a.example/{}", "a".repeat(length - 18));
        assert!(WebAddress::parse(&long(2000)).is_ok());
        assert_eq!(WebAddress::parse(&long(2001)), Err(TOO_LONG));
        assert_eq!(WebAddress::parse(&format!("https://a.example/{}", "한".repeat(300))), Err(TOO_LONG));
    }

    #[test]
    fn a_redirect_uri_is_written_as_browsers_write_it() {
        for fine in [
            "http://localhost:3000",
            "http://localhost:3000/",
            "https://app.campus.example/oauth/kakao?x=y&z=%20",
            "http://[::1]:8080/x?y=z",
        ] {
            assert_eq!(RedirectUri::parse(fine).expect(fine).as_str(), fine);
        }
        for bad in [
            "",
            "/oauth/google",
            "javascript:alert(1)",
            " http://localhost/",
            "http://localhost/ ",
            "HTTP://localhost/",
            "http://LOCALHOST/",
            "http://localhost:80/",
            "http://localhost/a/../b",
            "http://localhost/a b",
            "http://localhost/a\nb",
            "http://localhost/?a\r\nb",
            "http://localhost\\evil.example/",
            "http://localhost/?a=\\b",
            "http://localhost/?a={b}",
            "http://localhost/한글",
            "http://localhost/?a=é",
            "http://localhost/#fragment",
            "http://user@localhost/",
        ] {
            assert_eq!(RedirectUri::parse(bad), Err(Invalid::UrlFormat), "{bad:?}");
        }
        let long = |length: usize| format!("https://a.example/{}", "a".repeat(length - 18));
        assert!(RedirectUri::parse(&long(2000)).is_ok());
        assert_eq!(RedirectUri::parse(&long(2001)), Err(TOO_LONG));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_kept_is_read_as_the_same(path in "\\PC{0,60}", host in "[a-zA-Z0-9.-]{1,20}") {
            if let Ok(address) = WebAddress::parse(&format!("https://{host}/{path}")) {
                prop_assert_eq!(WebAddress::parse(address.as_str()), Ok(address));
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = WebAddress::parse(&text);
        }
    }
}
