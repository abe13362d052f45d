//! The cookies of a session, and answers that set or clear them.

use campus_session::{ACCESS_TOKEN_SECONDS, Issue, Transport};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue};

use crate::answer::Answer;
use crate::derived::Derived;
use crate::request::HttpResponse;

/// Holds the access token; sent to the whole API.
pub const ACCESS_COOKIE: &str = "access_token";
/// Holds the refresh token; sent to where it is used, and nowhere else.
pub const REFRESH_COOKIE: &str = "refresh_token";
/// Holds what writes with cookies repeat in the header `x-csrf-token`.
pub const CSRF_COOKIE: &str = "csrf_token";

const API_PATH: &str = "/v1";
const REFRESH_PATH: &str = "/v1/token-refreshes";
/// Pages of the API's own site read it from wherever they are.
const CSRF_PATH: &str = "/";

/// An answer with cookies. Each is a header of its own, since `Set-Cookie` cannot be folded into one.
pub struct WithCookies<A> {
    answer: A,
    cookies: Option<Issued>,
}

/// What cookies hold.
enum Issued {
    /// The tokens of a session.
    Tokens(Issue),
    /// Nothing, so that browsers drop them.
    Nothing,
}

impl<A> WithCookies<A> {
    /// An answer that hands out tokens, in cookies if they are to go there.
    #[must_use]
    pub fn issuing(answer: A, issue: &Issue, transport: Transport) -> Self {
        let cookies = (transport == Transport::Cookie).then(|| Issued::Tokens(issue.clone()));
        Self { answer, cookies }
    }

    /// An answer that takes a session's cookies away, whether there are any or not.
    #[must_use]
    pub fn clearing(answer: A) -> Self {
        Self { answer, cookies: Some(Issued::Nothing) }
    }
}

impl Issued {
    fn cookies(&self) -> anyhow::Result<[Cookie<'static>; 3]> {
        let (access, refresh, csrf, refresh_seconds, access_seconds) = match self {
            Self::Tokens(issue) => (
                Derived::access(issue).placeholder()?,
                Derived::refresh(issue).placeholder()?,
                Derived::csrf(issue).placeholder()?,
                issue.refresh_seconds(),
                ACCESS_TOKEN_SECONDS,
            ),
            Self::Nothing => (String::new(), String::new(), String::new(), 0, 0),
        };
        Ok([
            hidden(ACCESS_COOKIE, access, API_PATH, access_seconds),
            hidden(REFRESH_COOKIE, refresh, REFRESH_PATH, refresh_seconds),
            readable(CSRF_COOKIE, csrf, CSRF_PATH, refresh_seconds),
        ])
    }
}

/// `SameSite=None`, since front ends live on other sites; `Secure`, which that demands.
fn readable(name: &'static str, value: String, path: &'static str, seconds: i64) -> Cookie<'static> {
    Cookie::build((name, value))
        .path(path)
        .secure(true)
        .same_site(SameSite::None)
        .max_age(Duration::seconds(seconds.max(0)))
        .build()
}

/// One that scripts cannot read.
fn hidden(name: &'static str, value: String, path: &'static str, seconds: i64) -> Cookie<'static> {
    let mut cookie = readable(name, value, path, seconds);
    cookie.set_http_only(true);
    cookie
}

impl<A: Answer> Answer for WithCookies<A> {
    const STATUS: u16 = A::STATUS;
    const HEADERS: &'static [HeaderName] = A::HEADERS;
    type Content = A::Content;

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = self.answer.response()?;
        for cookie in self.cookies.as_ref().map(Issued::cookies).transpose()?.into_iter().flatten() {
            response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie.to_string())?);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use campus_domain::{Id, SessionId, Timestamp};

    use super::*;
    use crate::answer::NoContent;
    use crate::derived::Secrets;

    fn set(answer: &WithCookies<NoContent>) -> Vec<String> {
        let (response, _) = Secrets::written_in(|| answer.response()).expect("it can be written");
        let lines = response.headers().get_all(SET_COOKIE).iter();
        // Placeholders are as long as a UUID, an index and two hyphens.
        let blank = |line: &str| match line.split_once('=') {
            Some((name, rest)) if rest.starts_with(|first: char| first.is_ascii_hexdigit()) => {
                format!("{name}=?{}", &rest[39..])
            }
            _ => line.to_owned(),
        };
        lines.map(|line| blank(line.to_str().expect("it is text"))).collect()
    }

    fn issue() -> Issue {
        Issue {
            session_id: SessionId::from_parts(1, [1; 10]),
            user_id: Id::from_parts(2, [2; 10]),
            refresh_count: 0,
            expires_at: Timestamp::from_epoch_seconds(86_400),
            issued_at: Timestamp::from_epoch_seconds(0),
            token_id: uuid::Uuid::nil(),
        }
    }

    #[test]
    fn b2_35_b4_17_cookies_have_the_attributes_that_are_promised() {
        assert_eq!(
            set(&WithCookies::issuing(NoContent, &issue(), Transport::Cookie)),
            [
                "access_token=?; HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=900",
                "refresh_token=?; HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=86400",
                "csrf_token=?; SameSite=None; Secure; Path=/; Max-Age=86400",
            ]
        );
        assert!(set(&WithCookies::issuing(NoContent, &issue(), Transport::Bearer)).is_empty());
    }

    #[test]
    fn clearing_names_the_same_cookies_so_that_browsers_drop_them() {
        assert_eq!(
            set(&WithCookies::clearing(NoContent)),
            [
                "access_token=; HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=0",
                "refresh_token=; HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=0",
                "csrf_token=; SameSite=None; Secure; Path=/; Max-Age=0",
            ]
        );
    }
}
