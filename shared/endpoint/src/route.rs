//! Routes: a method and a path template.

use http::Method;

/// A method and a path. A variable (`{id}`) fills a whole segment, as API Gateway demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    prefix: &'static str,
    template: &'static str,
}

/// Where all endpoints live, but those that standards put at the root.
const PREFIX: &str = "/v1";

const fn versioned(method: &'static str, template: &'static str) -> Route {
    Route { method, prefix: PREFIX, template }
}

/// `GET /v1…`.
#[must_use]
pub const fn get(template: &'static str) -> Route {
    versioned("GET", template)
}

/// `GET` at the root, without `/v1`.
#[must_use]
pub const fn get_at_root(template: &'static str) -> Route {
    Route { method: "GET", prefix: "", template }
}

/// `POST /v1…`.
#[must_use]
pub const fn post(template: &'static str) -> Route {
    versioned("POST", template)
}

/// `PUT /v1…`.
#[must_use]
pub const fn put(template: &'static str) -> Route {
    versioned("PUT", template)
}

/// `PATCH /v1…`.
#[must_use]
pub const fn patch(template: &'static str) -> Route {
    versioned("PATCH", template)
}

/// `DELETE /v1…`.
#[must_use]
pub const fn delete(template: &'static str) -> Route {
    versioned("DELETE", template)
}

impl Route {
    /// Reads a route from its [`std::fmt::Display`] form, such as `GET /v1/users/me`; `None` if it is none.
    #[must_use]
    pub fn parse(text: &'static str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method) && path.starts_with('/');
        known.then_some(Self { method, prefix: "", template: path })
    }

    /// The whole path template, such as `/v1/sessions/{id}`.
    #[must_use]
    pub fn path(self) -> String {
        format!("{}{}", self.prefix, self.template)
    }

    /// Whether the method is this route's.
    #[must_use]
    pub fn takes(self, method: &Method) -> bool {
        method.as_str() == self.method
    }

    /// The variables of a path that fits the template, still percent-encoded; `None` if it does not fit.
    #[must_use]
    pub fn variables(self, path: &str) -> Option<Vec<(&'static str, &str)>> {
        let rest = one_slash_in_front(path).strip_prefix(self.prefix)?;
        let mut given = rest.split('/');
        let mut wanted = self.template.split('/');
        let mut variables = Vec::new();
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(variables),
                (Some(wanted), Some(given)) => match variable(wanted) {
                    Some(name) if !given.is_empty() => variables.push((name, given)),
                    None if wanted == given => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The names of the template's variables.
    pub fn variable_names(self) -> impl Iterator<Item = &'static str> {
        self.template.split('/').filter_map(variable)
    }

    /// Orders routes that fit the same path: a literal goes before a variable, leftmost first, as on
    /// API Gateway.
    #[must_use]
    pub fn specificity(self) -> Vec<bool> {
        self.template.split('/').map(|segment| variable(segment).is_some()).collect()
    }
}

/// The path as API Gateway routes it: extra slashes in front count as one.
pub(crate) fn one_slash_in_front(path: &str) -> &str {
    let slashes = path.len() - path.trim_start_matches('/').len();
    &path[slashes.saturating_sub(1)..]
}

fn variable(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl std::fmt::Display for Route {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}{}", self.method, self.prefix, self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_takes_one_whole_segment() {
        let route = get("/sessions/{id}");
        assert_eq!(route.variables("/v1/sessions/7"), Some(vec![("id", "7")]));
        for other in
            ["/v1/sessions", "/v1/sessions/", "/v1/sessions/7/", "/v1/sessions/7/8", "/sessions/7", "/v1/Sessions/7"]
        {
            assert_eq!(route.variables(other), None, "{other}");
        }
    }

    #[test]
    fn a_route_is_read_from_its_text() {
        let route = Route::parse("GET /v1/sessions/{id}").expect("it is a route");
        assert_eq!(route.variables("/v1/sessions/7"), Some(vec![("id", "7")]));
        assert_eq!(route.to_string(), "GET /v1/sessions/{id}");
        for other in ["", "GET", "# GET /v1", "BREW /v1", "GET v1"] {
            assert_eq!(Route::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_literal_is_more_specific_than_a_variable() {
        assert!(get("/sessions/current").specificity() < get("/sessions/{id}").specificity());
    }
}
