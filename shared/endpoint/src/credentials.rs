//! What a request proves its session by: the `Authorization` header, or else a cookie.
//!
//! A client that sends the header is in charge of its tokens, and its cookies are not looked at. A browser
//! sends cookies with whatever a page makes it send, so a write by cookie must also bring, in a header that
//! no foreign page can set, a token that only the session's own answers contain. And it must not come from a
//! page that the browser itself tells to be foreign.

use campus_session::{AuthError, Session, bearer, is_csrf_token_of};
use cookie::Cookie;
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use subtle::ConstantTimeEq;

use crate::cookies::{ACCESS_COOKIE, CSRF_COOKIE};
use crate::origins::AllowedOrigins;
use crate::request::HttpRequest;

const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
/// Where a page stands that made the browser send a request. No page can set it, and old browsers do not.
const SITE_HEADER: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The cookies of a request, and what tells whose page made the browser send them.
#[derive(Default)]
pub struct ClientCookies {
    cookies: Vec<(String, String)>,
    csrf_header: Option<String>,
    from_foreign_page: bool,
}

impl ClientCookies {
    pub(crate) fn of(request: &HttpRequest, allowed: &AllowedOrigins) -> Self {
        let lines = request.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookies = lines
            .flat_map(Cookie::split_parse)
            .flatten()
            .map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned()))
            .collect();
        let is_allowed = request.header(ORIGIN).is_some_and(|origin| allowed.contain(origin));
        let from_foreign_page = request.header(SITE_HEADER) == Some("cross-site") && !is_allowed;
        Self { cookies, csrf_header: request.header(CSRF_HEADER).map(str::to_owned), from_foreign_page }
    }

    /// The value of a cookie that is there once. Of two with one name, which a neighbouring domain can plant,
    /// neither counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.cookies.iter().filter(|(known, _)| known == name);
        match (named.next(), named.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Whether header and cookie bring the token of this session, and no foreign page sends them: what shows
    /// that its own page makes a write.
    ///
    /// That the two are equal proves nothing by itself, since both may be planted; that they are derived from
    /// the session does. Compared in constant time.
    #[must_use]
    pub fn prove_intent(&self, session: &Session) -> bool {
        if self.from_foreign_page {
            return false;
        }
        let (Some(header), Some(cookie)) = (&self.csrf_header, self.get(CSRF_COOKIE)) else { return false };
        bool::from(header.as_bytes().ct_eq(cookie.as_bytes())) && is_csrf_token_of(session, header)
    }
}

/// An access token, and how it came.
pub(crate) enum Credentials {
    /// In the header.
    Bearer(String),
    /// In the cookie.
    Cookie(String),
}

impl Credentials {
    /// Those of a request, if it has any.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] for a header that is not a bearer token, or two: which one counts would be a guess.
    pub(crate) fn of(request: &HttpRequest, cookies: &ClientCookies) -> Result<Option<Self>, AuthError> {
        let mut given = request.headers.get_all(AUTHORIZATION).iter();
        let Some(authorization) = given.next() else {
            return Ok(cookies.get(ACCESS_COOKIE).map(|token| Self::Cookie(token.to_owned())));
        };
        let authorization = authorization.to_str().ok().filter(|_| given.next().is_none());
        let token = authorization.and_then(bearer).ok_or(AuthError::Invalid)?;
        Ok(Some(Self::Bearer(token.to_owned())))
    }

    /// The access token.
    pub(crate) fn token(&self) -> &str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

#[cfg(test)]
mod tests {
    use campus_domain::{SessionId, Timestamp, UserId};
    use campus_session::{SessionState, hash_of};
    use http::{HeaderMap, HeaderValue, Method};

    use super::*;

    fn request(headers: &[(HeaderName, &'static str)]) -> HttpRequest {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(name, value);
        }
        HttpRequest {
            method: Method::POST,
            path: "/".to_owned(),
            query: None,
            headers: all,
            body: bytes::Bytes::new(),
            path_parameters: Vec::new(),
            client_address: std::net::Ipv4Addr::LOCALHOST.into(),
        }
    }

    fn cookies_of(request: &HttpRequest) -> ClientCookies {
        ClientCookies::of(request, &AllowedOrigins::Listed(vec!["https://campus.example".to_owned()]))
    }

    fn session() -> Session {
        Session {
            id: SessionId::from_parts(1, [1; 10]),
            user_id: UserId::from_parts(2, [2; 10]),
            roles: Vec::new(),
            school: None,
            state: SessionState::Active,
            refresh_count: 0,
            refresh_hash: String::new(),
            suspended_until: None,
            rotated_at: None,
            csrf_hash: hash_of("right"),
            remember: false,
            agent: None,
            created_at: Timestamp::from_epoch_seconds(0),
            last_used_at: None,
            expires_at: Timestamp::from_epoch_seconds(1),
        }
    }

    #[test]
    fn the_header_goes_before_the_cookie() {
        let of = |headers: &[(HeaderName, &'static str)]| {
            let request = request(headers);
            match Credentials::of(&request, &cookies_of(&request)) {
                Ok(Some(Credentials::Bearer(token))) => format!("bearer {token}"),
                Ok(Some(Credentials::Cookie(token))) => format!("cookie {token}"),
                Ok(None) => "none".to_owned(),
                Err(_) => "invalid".to_owned(),
            }
        };
        assert_eq!(of(&[(COOKIE, "a=1; access_token=two; b=3")]), "cookie two");
        assert_eq!(of(&[(COOKIE, "access_token=two"), (AUTHORIZATION, "Bearer one")]), "bearer one");
        assert_eq!(of(&[(COOKIE, "access_token=two"), (AUTHORIZATION, "Basic one")]), "invalid");
        assert_eq!(of(&[(AUTHORIZATION, "Bearer one"), (AUTHORIZATION, "Bearer two")]), "invalid");
        assert_eq!(of(&[(COOKIE, "access_token=one; access_token=two")]), "none");
        assert_eq!(of(&[(COOKIE, "access_token=one"), (COOKIE, "access_token=two")]), "none");
        assert_eq!(of(&[(COOKIE, "=; ;;=access_token")]), "none");
    }

    #[test]
    fn b4_21_only_the_sessions_own_token_in_header_and_cookie_proves_intent() {
        let proves = |cookie: Option<&'static str>, header: Option<&'static str>| {
            let cookie = cookie.map(|cookie| (COOKIE, cookie));
            let header = header.map(|header| (CSRF_HEADER, header));
            let headers: Vec<_> = cookie.into_iter().chain(header).collect();
            cookies_of(&request(&headers)).prove_intent(&session())
        };
        assert!(proves(Some("csrf_token=right"), Some("right")));
        for (cookie, header) in [
            (None, None),
            (Some("csrf_token=right"), None),
            (None, Some("right")),
            (Some("csrf_token=right"), Some("wrong")),
            (Some("csrf_token=wrong"), Some("right")),
            (Some("csrf_token=planted"), Some("planted")),
            (Some("csrf_token="), Some("")),
            (Some("csrf_token=right; csrf_token=right"), Some("right")),
        ] {
            assert!(!proves(cookie, header), "{cookie:?} {header:?}");
        }
    }

    #[test]
    fn the_right_token_proves_nothing_where_the_browser_says_that_a_foreign_page_sends_it() {
        let proves = |site: Option<&'static str>, origin: Option<&'static str>| {
            let mut headers = vec![(COOKIE, "csrf_token=right"), (CSRF_HEADER, "right")];
            headers.extend(site.map(|site| (SITE_HEADER, site)));
            headers.extend(origin.map(|origin| (ORIGIN, origin)));
            cookies_of(&request(&headers)).prove_intent(&session())
        };
        for origin in [None, Some("null"), Some("https://evil.example"), Some("https://campus.example.evil.example")] {
            assert!(!proves(Some("cross-site"), origin), "{origin:?}");
        }
        assert!(proves(Some("cross-site"), Some("https://campus.example")));
        for site in [None, Some("same-origin"), Some("same-site"), Some("none")] {
            assert!(proves(site, None), "{site:?}");
        }
    }

    #[test]
    fn a_session_without_a_token_is_matched_by_none() {
        let request = request(&[(COOKIE, "csrf_token="), (CSRF_HEADER, "")]);
        let without = Session { csrf_hash: String::new(), ..session() };
        assert!(!cookies_of(&request).prove_intent(&without));
    }
}
