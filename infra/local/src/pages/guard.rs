//! Who may look and move things: programs on this machine, and the pages themselves.
//!
//! The port is on loopback, but every site that a developer visits runs in a browser on that machine. A site could post
//! here, which a browser announces by `Origin`; or have its own name resolve to 127.0.0.1 and read, which only `Host`
//! gives away.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Lets a request through if it was meant for this machine and no other site made it.
pub(crate) async fn only_from_here(request: Request, next: Next) -> Response {
    if is_from_here(request.headers(), request.method().is_safe()) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Only for programs on this machine, and for pages of the local system itself.\n")
            .into_response()
    }
}

fn is_from_here(headers: &HeaderMap, is_read: bool) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase)).unwrap_or_default();
    if !matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]") {
        return false;
    }
    // A program sends neither of these. What only reads may be linked to from anywhere: nobody else can read the
    // answer.
    let own_page = text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    let own_site = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    is_read || (own_page && own_site)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(is_read: bool, given: &[(&'static str, &str)]) -> bool {
        let headers = given.iter().map(|(name, value)| {
            (header::HeaderName::from_static(name), header::HeaderValue::from_str(value).unwrap())
        });
        is_from_here(&headers.collect(), is_read)
    }

    #[test]
    fn programs_and_the_pages_themselves_may_read_and_write() {
        for host in ["127.0.0.1:8080", "localhost:8080", "localhost", "LocalHost:8080", "[::1]:8080"] {
            let origin = format!("http://{host}");
            assert!(passes(false, &[("host", host)]), "{host}");
            assert!(passes(false, &[("host", host), ("origin", &origin), ("sec-fetch-site", "same-origin")]), "{host}");
            assert!(passes(true, &[("host", host), ("sec-fetch-site", "cross-site")]), "a link to {host}");
        }
    }

    #[test]
    fn other_sites_may_not_write() {
        let host = ("host", "127.0.0.1:8080");
        for origin in ["https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8080", ""] {
            assert!(!passes(false, &[host, ("origin", origin)]), "{origin}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!passes(false, &[host, ("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn a_name_that_merely_resolves_to_this_machine_gets_nothing() {
        let hosts = [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "a@127.0.0.1x",
            "",
        ];
        for host in hosts {
            assert!(!passes(true, &[("host", host)]), "{host}");
        }
        assert!(!passes(true, &[]));
    }
}
