//! The cookies of a session, and answers that set or clear them.

use campus_session::{ACCESS_TOKEN_SECONDS, Tokens, Transport};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue};

use crate::answer::Answer;
use crate::request::HttpResponse;

/// Holds the access token; sent to the whole API.
pub(crate) const ACCESS_COOKIE: &str = "access_token";
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
    cookies: Vec<Cookie<'static>>,
}

impl<A> WithCookies<A> {
    /// An answer that hands out tokens, in cookies if they are to go there.
    #[must_use]
    pub fn issuing(answer: A, tokens: &Tokens, transport: Transport) -> Self {
        let cookies = match transport {
            Transport::Bearer => Vec::new(),
            Transport::Cookie => vec![
                hidden(ACCESS_COOKIE, tokens.access_token.clone(), API_PATH, ACCESS_TOKEN_SECONDS),
                hidden(REFRESH_COOKIE, tokens.refresh_token.clone(), REFRESH_PATH, tokens.refresh_seconds),
                readable(CSRF_COOKIE, tokens.csrf_token.clone(), CSRF_PATH, tokens.refresh_seconds),
            ],
        };
        Self { answer, cookies }
    }

    /// An answer that takes a session's cookies away, whether there are any or not.
    #[must_use]
    pub fn clearing(answer: A) -> Self {
        let nothing = String::new;
        let cookies = vec![
            hidden(ACCESS_COOKIE, nothing(), API_PATH, 0),
            hidden(REFRESH_COOKIE, nothing(), REFRESH_PATH, 0),
            readable(CSRF_COOKIE, nothing(), CSRF_PATH, 0),
        ];
        Self { answer, cookies }
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

    fn into_response(self) -> anyhow::Result<HttpResponse> {
        let mut response = self.answer.into_response()?;
        for cookie in self.cookies {
            response.headers_mut().append(SET_COOKIE, HeaderValue::try_from(cookie.to_string())?);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use campus_domain::SessionId;

    use super::*;
    use crate::answer::NoContent;

    fn set(answer: WithCookies<NoContent>) -> Vec<String> {
        let response = answer.into_response().expect("it can be written");
        let lines = response.headers().get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().expect("it is text").to_owned()).collect()
    }

    fn tokens() -> Tokens {
        Tokens {
            session_id: SessionId::from_parts(1, [1; 10]),
            access_token: "a".to_owned(),
            refresh_token: "r".to_owned(),
            csrf_token: "c".to_owned(),
            refresh_seconds: 86_400,
        }
    }

    #[test]
    fn b2_35_b4_17_cookies_have_the_attributes_that_are_promised() {
        assert_eq!(
            set(WithCookies::issuing(NoContent, &tokens(), Transport::Cookie)),
            [
                "access_token=a; HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=900",
                "refresh_token=r; HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=86400",
                "csrf_token=c; SameSite=None; Secure; Path=/; Max-Age=86400",
            ]
        );
        assert!(set(WithCookies::issuing(NoContent, &tokens(), Transport::Bearer)).is_empty());
    }

    #[test]
    fn clearing_names_the_same_cookies_so_that_browsers_drop_them() {
        assert_eq!(
            set(WithCookies::clearing(NoContent)),
            [
                "access_token=; HttpOnly; SameSite=None; Secure; Path=/v1; Max-Age=0",
                "refresh_token=; HttpOnly; SameSite=None; Secure; Path=/v1/token-refreshes; Max-Age=0",
                "csrf_token=; SameSite=None; Secure; Path=/; Max-Age=0",
            ]
        );
    }
}
