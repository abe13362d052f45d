//! Many endpoints behind one door: what API Gateway does on AWS.

use std::sync::Arc;

use campus_domain::{Id, Locale, SystemClock, kind};
use http::header::{ALLOW, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use percent_encoding::percent_decode_str;

use crate::cx::Runtime;
use crate::problem::{NOT_FOUND, PAYLOAD_TOO_LARGE, Problem, problem};
use crate::registry::EndpointEntry;
use crate::request::{HttpRequest, HttpResponse};
use crate::route::Route;
use crate::runner;

/// One endpoint and an instance to run it in.
#[derive(Clone)]
pub struct Function {
    entry: EndpointEntry,
    runtime: Arc<Runtime>,
}

impl Function {
    /// The endpoint in this instance.
    #[must_use]
    pub fn new(entry: EndpointEntry, runtime: Arc<Runtime>) -> Self {
        Self { entry, runtime }
    }

    /// Carries out a request whose path variables are filled in.
    pub async fn call(&self, request: HttpRequest) -> HttpResponse {
        (self.entry.run)(Arc::clone(&self.runtime), Arc::clone(&self.entry.grants), request).await
    }
}

/// All endpoints. Routes match per method, a literal before a variable, as on API Gateway.
pub struct Dispatcher {
    functions: Vec<Function>,
}

impl Dispatcher {
    /// A dispatcher to these functions.
    #[must_use]
    pub fn new(mut functions: Vec<Function>) -> Self {
        functions.sort_by_key(|function| function.entry.route.specificity());
        Self { functions }
    }

    /// Carries out a request, whatever it is.
    pub async fn call(&self, mut request: HttpRequest) -> HttpResponse {
        let found = self.functions.iter().find_map(|function| {
            let route = function.entry.route;
            let variables = route.takes(&request.method).then(|| route.variables(&request.path)).flatten()?;
            Some((function, variables))
        });
        let Some((function, variables)) = found else {
            return self.fallback(&request);
        };
        let decoded: Result<Vec<_>, _> = variables
            .into_iter()
            .map(|(name, value)| {
                percent_decode_str(value).decode_utf8().map(|value| (name.to_owned(), value.into_owned()))
            })
            .collect();
        match decoded {
            Ok(variables) => {
                request.path_parameters = variables;
                function.call(request).await
            }
            // A name that is not text names nothing.
            Err(_) => refuse(&request, NOT_FOUND),
        }
    }

    /// What no route takes: 308 to the path without a trailing slash, 405, or 404.
    fn fallback(&self, request: &HttpRequest) -> HttpResponse {
        let fits = |path: &str| -> Vec<Route> {
            let routes = self.functions.iter().map(|function| function.entry.route);
            routes.filter(|route| route.variables(path).is_some()).collect()
        };
        let trimmed = request.path.trim_end_matches('/');
        if trimmed.len() < request.path.len() && !fits(trimmed).is_empty() {
            return redirect(request, trimmed);
        }
        let mut methods: Vec<&str> = fits(&request.path).iter().map(|route| route.method).collect();
        methods.sort_unstable();
        methods.dedup();
        if methods.is_empty() {
            refuse(request, NOT_FOUND)
        } else {
            refuse(request, problem(405, "method_not_allowed").with_header(ALLOW, methods.join(", ")))
        }
    }

    /// Answers a request whose body was too large to be read.
    #[must_use]
    pub fn too_large(method: Method, path: String) -> HttpResponse {
        let request = HttpRequest {
            method,
            path,
            query: None,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            path_parameters: Vec::new(),
            client_address: std::net::Ipv4Addr::UNSPECIFIED.into(),
        };
        refuse(&request, PAYLOAD_TOO_LARGE)
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
    runner::finish(&mut response, new_request_id());
    response
}

fn refuse(request: &HttpRequest, problem: Problem) -> HttpResponse {
    let request_id = new_request_id();
    let locale: Locale = runner::locale_of(request);
    let mut response = runner::refuse(problem, locale, request_id);
    runner::finish(&mut response, request_id);
    response
}

/// No endpoint runs here, so there is no runtime whose clock to ask.
fn new_request_id() -> Id<kind::Request> {
    Id::at(campus_domain::Clock::now(&SystemClock))
}
