//! Variables of the path and parameters of the query, typed.

use campus_domain::Invalid;
use eserde::path::Segment;
use eserde::{DeserializationError, EDeserialize};
use serde::de::value::Error;
use serde_json::{Map, Value};

use crate::body::collect;
use crate::problem::{FieldError, Problem, problem};

/// A struct whose fields are read from a path or a query, each from text.
///
/// A query's struct has `#[serde(deny_unknown_fields)]`, so that a parameter that the endpoint does
/// not know is refused rather than ignored.
pub trait Parameters: for<'de> EDeserialize<'de> + Send + 'static {}

impl<T: for<'de> EDeserialize<'de> + Send + 'static> Parameters for T {}

/// No variables.
#[derive(Debug, eserde::Deserialize)]
pub struct NoPath {}

/// No parameters: any is refused.
#[derive(Debug, eserde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// Reads the path's variables.
pub(crate) fn read_path<T: Parameters>(variables: &[(String, String)]) -> Result<T, Problem> {
    let (value, errors) = read::<T>(variables, |error, missing| named("path", error, missing));
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
        return Err(problem(400, "unknown_query_parameter").with_errors(unknown));
    }
    let (value, errors) = read::<T>(&pairs, |error, missing| named("query", error, missing));
    value.ok_or_else(|| Problem::invalid(errors))
}

/// The texts are made a JSON object, so that bodies, paths and queries are read, and told of, by one reader.
fn read<T: Parameters>(
    pairs: &[(String, String)],
    name: fn(&DeserializationError, Option<&str>) -> String,
) -> (Option<T>, Vec<FieldError>) {
    let object: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    collect::<T>(Value::from(object).to_string().as_bytes(), name)
}

fn named(place: &str, error: &DeserializationError, missing: Option<&str>) -> String {
    let key = error.path().and_then(|path| {
        path.iter().find_map(|segment| if let Segment::Map { key } = segment { Some(key.clone()) } else { None })
    });
    format!("{place}:{}", key.as_deref().or(missing).unwrap_or_default())
}

/// The fields of the struct, as serde's derive passes them to `deserialize_struct`.
fn known_fields<T: Parameters>() -> Option<&'static [&'static str]> {
    struct Probe<'a>(&'a mut Option<&'static [&'static str]>);

    impl<'de> serde::Deserializer<'de> for Probe<'_> {
        type Error = Error;

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(serde::de::Error::custom("not a struct"))
        }

        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            *self.0 = Some(fields);
            Err(serde::de::Error::custom("only the names were wanted"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut fields = None;
    // The probe always fails; what counts is what it saw.
    drop(T::deserialize(Probe(&mut fields)));
    fields
}

#[cfg(test)]
mod tests {
    use campus_domain::CodeId;

    use super::*;

    #[derive(Debug, eserde::Deserialize)]
    struct CodePath {
        id: CodeId,
    }

    #[derive(Debug, eserde::Deserialize)]
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
