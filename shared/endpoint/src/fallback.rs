//! What no route takes: 404, 405 with `Allow`, or 308 to the path without a trailing slash.

use campus_domain::{Id, Locale, SystemClock, kind};
use http::header::{ALLOW, LOCATION};
use http::{HeaderValue, StatusCode};

use crate::problem::{NOT_FOUND, Problem, problem};
use crate::request::{HttpRequest, HttpResponse};
use crate::route::{Route, one_slash_in_front};
use crate::runner;

/// Answers what no route takes, by the routes that there are.
pub struct Fallback {
    routes: Vec<Route>,
}

impl Fallback {
    /// A fallback behind these routes.
    #[must_use]
    pub fn new(routes: Vec<Route>) -> Self {
        Self { routes }
    }

    /// A fallback behind the routes of the generated list of endpoints, whose lines begin with them.
    #[must_use]
    pub fn listed(endpoints: &'static str) -> Self {
        let routes = endpoints.lines().filter_map(|line| {
            // Columns are padded, so the path ends where the padding begins.
            let method = line.find(' ')?;
            let path = line[method + 1..].find(' ')?;
            Route::parse(&line[..=method + path])
        });
        Self::new(routes.collect())
    }

    /// Answers a request that no route takes.
    #[must_use]
    pub fn call(&self, request: &HttpRequest) -> HttpResponse {
        // Two slashes in front would redirect to another host.
        let trimmed = one_slash_in_front(request.path.trim_end_matches('/'));
        if request.path.ends_with('/') && !self.methods(trimmed).is_empty() {
            return redirect(request, trimmed);
        }
        let methods = self.methods(&request.path);
        if methods.is_empty() {
            refuse(request, NOT_FOUND)
        } else {
            refuse(request, problem(405, "method_not_allowed").with_header(ALLOW, methods.join(", ")))
        }
    }

    /// The methods that a path has routes for.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        let fitting = self.routes.iter().filter(|route| route.variables(path).is_some());
        let mut methods: Vec<_> = fitting.map(|route| route.method).collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    }
}

/// RFC 9110's 308 keeps method and body.
fn redirect(request: &HttpRequest, path: &str) -> HttpResponse {
    let location = match &request.query {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let Ok(location) = HeaderValue::try_from(location) else {
        return refuse(request, NOT_FOUND);
    };
    let mut response = HttpResponse::default();
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(LOCATION, location);
    answered(response, new_request_id())
}

pub(crate) fn refuse(request: &HttpRequest, problem: Problem) -> HttpResponse {
    let request_id = new_request_id();
    let locale: Locale = runner::locale_of(request);
    answered(runner::refuse(problem, locale, request_id), request_id)
}

/// No endpoint runs here that would log it. The path is the client's own, and may hold anything.
fn answered(mut response: HttpResponse, request_id: Id<kind::Request>) -> HttpResponse {
    runner::finish(&mut response, request_id);
    tracing::info!(request.id = %request_id, http.status = response.status().as_u16(), "no route took it");
    response
}

/// No endpoint runs here, so there is no runtime whose clock to ask.
fn new_request_id() -> Id<kind::Request> {
    Id::at(campus_domain::Clock::now(&SystemClock))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn answer(method: &str, path: &str, query: Option<&str>) -> HttpResponse {
        let list =
            "# GET /v1/comment  x\n\nGET /v1/users/{id}   member  a\nPUT /v1/users/{id}   member  b\n\nqueue sms  c\n";
        Fallback::listed(list).call(&HttpRequest {
            method: Method::from_bytes(method.as_bytes()).expect("it is a method"),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: HeaderMap::new(),
            body: bytes::Bytes::new(),
            path_parameters: Vec::new(),
            client_address: std::net::Ipv4Addr::LOCALHOST.into(),
        })
    }

    #[test]
    fn a_path_of_the_list_is_405_and_told_its_methods() {
        let response = answer("POST", "/v1/users/7", None);
        assert_eq!(
            (response.status(), response.headers()[ALLOW].as_bytes()),
            (StatusCode::METHOD_NOT_ALLOWED, &b"GET, PUT"[..])
        );
    }

    #[test]
    fn a_trailing_slash_is_redirected() {
        let response = answer("GET", "/v1/users/7/", Some("a=1"));
        assert_eq!(
            (response.status(), response.headers()[LOCATION].as_bytes()),
            (StatusCode::PERMANENT_REDIRECT, &b"/v1/users/7?a=1"[..])
        );
    }

    #[test]
    fn extra_slashes_in_front_are_one_and_redirect_to_no_other_host() {
        assert_eq!(answer("POST", "//v1/users/7", None).status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer("GET", "//v1/users/7/", None).headers()[LOCATION], "/v1/users/7");
        assert_eq!(answer("GET", "//evil.example/", None).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn comments_and_workers_of_the_list_are_no_routes() {
        for path in ["/v1/comment", "/v1", "sms"] {
            assert_eq!(answer("GET", path, None).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
