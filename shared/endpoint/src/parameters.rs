//! Variables of the path and parameters of the query, typed.

use std::collections::BTreeSet;

use campus_domain::Invalid;
use eserde::EDeserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::body::{collect, known_fields};
use crate::problem::{FieldError, Problem, UNKNOWN_QUERY_PARAMETER};

/// A struct whose fields are read from a path or a query, each from text.
///
/// A query's struct has `#[serde(deny_unknown_fields)]`, so that a parameter that the endpoint does
/// not know is refused rather than ignored.
pub trait Parameters: for<'de> EDeserialize<'de> + ToSchema + Send + 'static {}

impl<T: for<'de> EDeserialize<'de> + ToSchema + Send + 'static> Parameters for T {}

/// No variables.
#[derive(Debug, eserde::Deserialize, ToSchema)]
pub struct NoPath {}

/// No parameters: any is refused.
#[derive(Debug, eserde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// Whether a query leads through a list, so that cursors are read and made.
pub(crate) fn is_paged<Q: Parameters>() -> bool {
    known_fields::<Q>().is_some_and(|known| known.contains(&"cursor"))
}

/// Reads the path's variables.
pub(crate) fn read_path<T: Parameters>(variables: &[(String, String)]) -> Result<T, Problem> {
    let (value, errors) = read::<T>(variables, |name| format!("path:{name}"));
    value.ok_or_else(|| Problem::invalid(errors))
}

/// Reads the query.
pub(crate) fn read_query<T: Parameters>(query: Option<&str>) -> Result<T, Problem> {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let known = known_fields::<T>();
    let unknown: Vec<FieldError> = pairs
        .iter()
        .filter(|(name, _)| known.as_ref().is_some_and(|known| !known.contains(&name.as_str())))
        // The name is the client's own, so it is told only as far as it is short and plain.
        .map(|(name, _)| {
            let plain: String = name.chars().filter(char::is_ascii_graphic).take(64).collect();
            FieldError { pointer: format!("query:{plain}"), invalid: Invalid::UnknownValue }
        })
        .collect();
    if !unknown.is_empty() {
        return Err(UNKNOWN_QUERY_PARAMETER.with_errors(unknown));
    }
    let (value, mut errors) = read::<T>(&pairs, |name| format!("query:{name}"));
    // Which one was meant would be a guess.
    let mut once = BTreeSet::new();
    let repeated: BTreeSet<&str> =
        pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !once.insert(*name)).collect();
    errors.extend(
        repeated.into_iter().map(|name| FieldError { pointer: format!("query:{name}"), invalid: Invalid::Repeated }),
    );
    value.filter(|_| errors.is_empty()).ok_or_else(|| Problem::invalid(errors))
}

/// The texts are made a JSON object, so that bodies, paths and queries are read, and told of, by one reader.
fn read<T: Parameters>(pairs: &[(String, String)], pointer_of: fn(&str) -> String) -> (Option<T>, Vec<FieldError>) {
    let object: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    collect::<T>(Value::from(object.clone()).to_string().as_bytes(), &object, pointer_of)
}

#[cfg(test)]
mod tests {
    use campus_domain::CodeId;

    use super::*;

    #[derive(Debug, eserde::Deserialize, ToSchema)]
    struct CodePath {
        id: CodeId,
    }

    #[derive(Debug, eserde::Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Search {
        #[serde(default)]
        q: Option<String>,
    }

    #[test]
    fn a_path_variable_is_read_or_named() {
        let given = |id: &str| read_path::<CodePath>(&[("id".to_owned(), id.to_owned())]);
        let id = "0199c0de-0000-7000-8000-000000000000";
        assert_eq!(given(id).expect("it is an id").id.to_string(), id);
        let refused = given("7").expect_err("it is no id");
        assert_eq!(refused.field_errors()[0].pointer, "path:id");
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_refused_and_named() {
        let refused = read_query::<Search>(Some("q=a&q=b&q=a")).expect_err("one of them is meant");
        let told: Vec<_> = refused.field_errors().iter().map(|error| (error.pointer.as_str(), error.invalid)).collect();
        assert_eq!((refused.status, told), (422, vec![("query:q", Invalid::Repeated)]));
    }

    #[test]
    fn an_unknown_parameter_is_refused_and_named() {
        assert_eq!(read_query::<Search>(Some("q=%ED%95%9C")).expect("it is known").q.as_deref(), Some("한"));
        assert!(read_query::<NoQuery>(None).is_ok());
        let refused = read_query::<NoQuery>(Some("q=1")).expect_err("it is unknown");
        assert_eq!((refused.status, refused.code), (400, "unknown_query_parameter"));
        assert_eq!(refused.field_errors()[0].pointer, "query:q");
        let refused = read_query::<Search>(Some("limit=1&q=2")).expect_err("one is unknown");
        assert_eq!(refused.field_errors()[0].pointer, "query:limit");
    }
}
