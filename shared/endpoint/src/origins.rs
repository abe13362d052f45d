//! Whose pages may call the API with their cookies.

use http::Uri;

/// The web origins whose pages may: those that CORS answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// These, as browsers write them. A deploy parameter.
    Listed(Vec<String>),
    /// Whatever is served on the same machine.
    Loopback,
}

impl AllowedOrigins {
    /// Whether an origin is one of them.
    #[must_use]
    pub fn contain(&self, origin: &str) -> bool {
        match self {
            Self::Listed(listed) => listed.iter().any(|known| known == origin),
            Self::Loopback => ["http://localhost", "http://127.0.0.1"].iter().any(|host| {
                origin.strip_prefix(host).is_some_and(|port| {
                    port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
                })
            }),
        }
    }

    /// Whether an origin of this host is one of them, whatever its port.
    #[must_use]
    pub fn contain_host(&self, host: &str) -> bool {
        match self {
            Self::Listed(listed) => {
                listed.iter().any(|known| known.parse::<Uri>().is_ok_and(|origin| origin.host() == Some(host)))
            }
            Self::Loopback => ["localhost", "127.0.0.1"].contains(&host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_listed_as_a_whole_or_not_at_all() {
        let listed =
            AllowedOrigins::Listed(vec!["https://campus.example".to_owned(), "http://localhost:3000".to_owned()]);
        for origin in ["https://campus.example", "http://localhost:3000"] {
            assert!(listed.contain(origin), "{origin}");
        }
        for origin in [
            "",
            "null",
            "*",
            "http://campus.example",
            "https://campus.example:8443",
            "https://campus.example.evil.example",
            "https://evil.campus.example",
            "http://localhost",
            "http://localhost:30000",
        ] {
            assert!(!listed.contain(origin), "{origin}");
        }
    }

    #[test]
    fn on_a_laptop_pages_of_any_port_are_let_in_and_of_no_other_host() {
        for origin in ["http://localhost", "http://localhost:3000", "http://127.0.0.1:5173"] {
            assert!(AllowedOrigins::Loopback.contain(origin), "{origin}");
        }
        for origin in ["http://localhost.evil.example", "http://127.0.0.1:80.evil.example", "http://localhost:", "null"]
        {
            assert!(!AllowedOrigins::Loopback.contain(origin), "{origin}");
        }
    }

    #[test]
    fn a_host_is_known_by_any_of_its_origins_and_as_a_whole() {
        let listed =
            AllowedOrigins::Listed(vec!["https://campus.example".to_owned(), "http://localhost:3000".to_owned()]);
        assert!(listed.contain_host("campus.example") && listed.contain_host("localhost"));
        for host in ["", "localhost:3000", "127.0.0.1", "campus.example.evil.example", "www.campus.example"] {
            assert!(!listed.contain_host(host), "{host}");
        }
        assert!(AllowedOrigins::Loopback.contain_host("127.0.0.1"));
        assert!(!AllowedOrigins::Loopback.contain_host("campus.example"));
    }
}
