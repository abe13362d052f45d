//! Request bodies: JSON in, a valid value out, or every wrong field at once.
//!
//! serde stops at the first error; `eserde` collects them all with their paths. Value types refuse
//! with an [`Invalid`], which travels through serde's errors as text and is read back here. What is
//! said never repeats what was sent.

use campus_domain::Invalid;
use eserde::path::Segment;
use eserde::{DeserializationError, EDeserialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::problem::{FieldError, Problem, problem};
use crate::settings::Settings;

/// The body of a request.
pub trait Body: for<'de> EDeserialize<'de> + ToSchema + Send + 'static {
    /// Whether there is one.
    const EXPECTED: bool = true;

    /// Rules across fields. They see the body as it was sent, so that they are reported together with
    /// fields that are wrong by themselves, whose values never come to be.
    fn rules(_sent: &Map<String, Value>, _settings: &Settings, _refusals: &mut Refusals) {}
}

/// The wrong fields found so far.
#[derive(Debug, Default)]
pub struct Refusals(Vec<FieldError>);

impl Refusals {
    /// Adds one, unless that very field was refused already.
    pub fn add(&mut self, pointer: &str, invalid: Invalid) {
        if pointer.is_empty() || self.0.iter().all(|error| error.pointer != pointer) {
            self.0.push(FieldError { pointer: pointer.to_owned(), invalid });
        }
    }
}

/// No body. Whatever is sent is not looked at.
#[derive(eserde::Deserialize, ToSchema)]
pub struct NoBody {}

impl Body for NoBody {
    const EXPECTED: bool = false;
}

/// Reads a body.
pub(crate) fn read<T: Body>(bytes: &[u8], settings: &Settings) -> Result<T, Problem> {
    let sent: Value = serde_json::from_slice(bytes).map_err(|_| problem(400, "malformed_json"))?;
    let Value::Object(fields) = &sent else {
        return Err(Problem::field("", Invalid::WrongType));
    };
    let (outcome, mut errors) = collect::<T>(bytes, pointer);
    // A wrong field is told in its own words; a rule across fields adds to them.
    let mut refusals = Refusals(std::mem::take(&mut errors));
    T::rules(fields, settings, &mut refusals);
    match outcome {
        Some(body) if refusals.0.is_empty() => Ok(body),
        _ => Err(Problem::invalid(refusals.0)),
    }
}

/// Reads a value from JSON and, should that fail, collects everything that is wrong with it.
pub(crate) fn collect<T: for<'de> EDeserialize<'de>>(
    json: &[u8],
    name: fn(&DeserializationError, Option<&str>) -> String,
) -> (Option<T>, Vec<FieldError>) {
    let errors = match eserde::json::from_slice::<T>(json) {
        Ok(value) => return (Some(value), Vec::new()),
        Err(errors) => errors,
    };
    let mut told: Vec<FieldError> = Vec::new();
    for error in errors.iter() {
        let missing = missing_field(error.message());
        let invalid = if missing.is_some() { Invalid::Required } else { meaning(error.message()) };
        let found = FieldError { pointer: name(error, missing), invalid };
        if !told.contains(&found) {
            told.push(found);
        }
    }
    (None, told)
}

/// The name in serde's message for a missing field, which is told at its parent.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// What serde's message, or one of our own types, means.
fn meaning(message: &str) -> Invalid {
    // serde_json adds where in the text it was.
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(invalid) = Invalid::parse(message) {
        invalid
    } else if message.starts_with("invalid type: null") || message.starts_with("invalid type: unit value") {
        Invalid::NullNotAllowed
    } else if message.starts_with("unknown variant") {
        Invalid::UnknownValue
    } else {
        Invalid::WrongType
    }
}

/// The JSON pointer (RFC 6901) of an error.
fn pointer(error: &DeserializationError, missing: Option<&str>) -> String {
    let mut pointer = String::new();
    let mut push = |segment: &str| {
        pointer.push('/');
        pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
    };
    for segment in error.path().into_iter().flat_map(eserde::path::Path::iter) {
        match segment {
            Segment::Map { key } => push(key),
            Segment::Seq { index } => push(&index.to_string()),
            // An enum's variant is a value, not a place.
            Segment::Enum { .. } => {}
        }
    }
    if let Some(missing) = missing {
        push(missing);
    }
    pointer
}

#[cfg(test)]
mod tests {
    use campus_domain::{PhoneNumber, Username};

    use super::*;

    #[derive(Debug, eserde::Deserialize, ToSchema)]
    #[expect(dead_code, reason = "only read")]
    struct Input {
        phone: PhoneNumber,
        username: Option<Username>,
        #[serde(default)]
        tags: Vec<Tag>,
        number: u8,
    }

    #[derive(Debug, eserde::Deserialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    enum Tag {
        Known,
    }

    impl Body for Input {}

    fn refused(body: &str) -> Vec<(String, &'static str)> {
        match read::<Input>(body.as_bytes(), &Settings::local()) {
            Ok(_) => Vec::new(),
            Err(problem) if problem.code == "malformed_json" => vec![("malformed".into(), "")],
            Err(problem) => {
                problem.field_errors().iter().map(|error| (error.pointer.clone(), error.invalid.code())).collect()
            }
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let told = refused(r#"{"phone": "12", "username": 7, "tags": ["known", "other"], "number": null}"#);
        assert_eq!(
            told,
            [
                ("/phone".to_owned(), "phone_invalid"),
                ("/username".to_owned(), "wrong_type"),
                ("/tags/1".to_owned(), "unknown_value"),
                ("/number".to_owned(), "null_not_allowed"),
            ]
        );
    }

    #[test]
    fn missing_fields_are_named_themselves() {
        assert_eq!(refused("{}"), [("/phone".to_owned(), "required"), ("/number".to_owned(), "required")]);
    }

    #[test]
    fn what_is_not_an_object_is_of_the_wrong_type() {
        for body in ["[]", "null", "7", "\"text\""] {
            assert_eq!(refused(body), [(String::new(), "wrong_type")], "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = "[".repeat(2000);
        for body in ["", "{", "{\"phone\": \"\\ud800\"}", "{} {}", "nul", &deep] {
            assert_eq!(refused(body), [("malformed".to_owned(), "")], "{body}");
        }
    }
}
