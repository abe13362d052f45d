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

use crate::problem::{FieldError, MALFORMED_JSON, Problem};
use crate::settings::Settings;

/// Elements of a list of which it is told what is wrong: the longest list that is taken is far shorter.
const ELEMENTS_TOLD_MAX: usize = 1000;

/// The body of a request.
pub trait Body: for<'de> EDeserialize<'de> + ToSchema + Send + 'static {
    /// Whether there is one.
    const EXPECTED: bool = true;
    /// Whether it is also taken from a web form, or left out: for programs that follow a standard of their own. Left
    /// out, and in a form of many parts, it is read as an empty object.
    const ALSO_AS_FORM: bool = false;

    /// Rules across fields. They see the body as it was sent, so that they are reported together with
    /// fields that are wrong by themselves, whose values never come to be.
    fn rules(_sent: &Map<String, Value>, _settings: &Settings, _refusals: &mut Refusals) {}
}

/// The wrong fields found so far.
#[derive(Debug, Default)]
pub struct Refusals(Vec<FieldError>);

impl Refusals {
    /// Refuses lists where objects are expected: derived readers take a list for its members in their order. A place is
    /// a field's name, or two with a slash between, of which the second may be `*`: each item of a list.
    pub fn demand_objects(&mut self, sent: &Map<String, Value>, places: &[&str]) {
        for place in places {
            let (first, rest) = place.split_once('/').unwrap_or((place, ""));
            if let Some(value) = sent.get(first) {
                self.demand_object(value, rest, format!("/{first}"));
            }
        }
    }

    fn demand_object(&mut self, value: &Value, rest: &str, pointer: String) {
        match (rest, value) {
            ("", Value::Array(_)) => self.add(&pointer, Invalid::WrongType),
            ("", _) => {}
            ("*", items) => {
                let items = items.as_array().into_iter().flatten().enumerate();
                items.for_each(|(place, item)| self.demand_object(item, "", format!("{pointer}/{place}")));
            }
            (name, object) => {
                if let Some(value) = object.get(name) {
                    self.demand_object(value, "", format!("{pointer}/{name}"));
                }
            }
        }
    }

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
///
/// # Errors
///
/// 400 for what is not JSON, and 422 with every wrong field.
pub fn read<T: Body>(bytes: &[u8], settings: &Settings) -> Result<T, Problem> {
    let sent: Value = serde_json::from_slice(bytes).map_err(|_| MALFORMED_JSON)?;
    let Value::Object(fields) = &sent else {
        return Err(Problem::field("", Invalid::WrongType));
    };
    let (outcome, mut errors) = collect::<T>(bytes, fields, |field| format!("/{field}"));
    // A wrong field is told in its own words; a rule across fields adds to them.
    let mut refusals = Refusals(std::mem::take(&mut errors));
    T::rules(fields, settings, &mut refusals);
    match outcome {
        Some(body) if refusals.0.is_empty() => Ok(body),
        _ => Err(Problem::invalid(refusals.0)),
    }
}

/// Reads a body that is a web form. Of a field that is there twice, the last counts.
///
/// # Errors
///
/// 422 with every wrong field.
pub(crate) fn read_form<T: Body>(bytes: &[u8], settings: &Settings) -> Result<T, Problem> {
    let fields: Map<String, Value> =
        form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.as_ref().into())).collect();
    read(Value::from(fields).to_string().as_bytes(), settings)
}

/// Reads a value from a JSON object and, should that fail, collects everything that is wrong with it.
///
/// `eserde` loses its place in the text behind a value of the wrong type, and reports optional fields that
/// are left out. So each field is read by itself, beside nothing else: what is said of it then is true.
pub(crate) fn collect<T: for<'de> EDeserialize<'de>>(
    json: &[u8],
    object: &Map<String, Value>,
    pointer_of: fn(&str) -> String,
) -> (Option<T>, Vec<FieldError>) {
    let whole = match eserde::json::from_slice::<T>(json) {
        Ok(value) => return (Some(value), Vec::new()),
        Err(errors) => errors,
    };
    let Some(fields) = known_fields::<T>() else {
        return (
            None,
            whole.iter().map(|error| field_error(error, pointer_of, &Value::from(object.clone()))).collect(),
        );
    };
    let needed = missing_from_nothing::<T>();
    let mut told = Vec::new();
    for field in fields {
        let value = match object.get(*field) {
            Some(value) => value,
            // One that may be null may be left out.
            None if needed.iter().any(|needed| needed == field) => &Value::Null,
            None => continue,
        };
        let read = |value: &Value| wrong_alone::<T>(field, value, fields, pointer_of);
        let Some(mut of_field) = read(value) else { continue };
        let of_elements = wrong_elements(value, &pointer_of(field), read);
        if !of_elements.is_empty() {
            of_field = of_elements;
        }
        if !of_field.is_empty() && !object.contains_key(*field) {
            of_field = vec![FieldError { pointer: pointer_of(field), invalid: Invalid::Required }];
        }
        told.extend(of_field);
    }
    // In the object, which each was read from, there is none twice.
    let repeated = whole.iter().filter(|error| is_repeated(error.message()));
    told.extend(repeated.map(|error| field_error(error, pointer_of, &Value::from(object.clone()))));
    if told.is_empty() {
        told.push(FieldError { pointer: String::new(), invalid: Invalid::WrongType });
    }
    (None, told)
}

/// What is wrong with one field, read beside nothing else; none if nothing is.
fn wrong_alone<T: for<'de> EDeserialize<'de>>(
    field: &str,
    value: &Value,
    fields: &[&str],
    pointer_of: fn(&str) -> String,
) -> Option<Vec<FieldError>> {
    let alone = Value::from(Map::from_iter([(field.to_owned(), value.clone())]));
    let errors = eserde::json::from_slice::<T>(alone.to_string().as_bytes()).err()?;
    let mut told: Vec<FieldError> = errors
        .iter()
        .filter(|error| missing_field(error.message()).is_none_or(|missing| is_nested(missing, value, fields)))
        .map(|error| field_error(error, pointer_of, &alone))
        .filter(|error| is_within(&error.pointer, &pointer_of(field)))
        .collect();
    told.dedup();
    Some(told)
}

/// What is wrong with the elements of a list, each read in a list of its own: behind one of the wrong type, and behind
/// a wrong value of an enum, the place in the text is lost.
fn wrong_elements(value: &Value, list: &str, read: impl Fn(&Value) -> Option<Vec<FieldError>>) -> Vec<FieldError> {
    let mut told = Vec::new();
    for (index, element) in value.as_array().into_iter().flatten().take(ELEMENTS_TOLD_MAX).enumerate() {
        let first = format!("{list}/0");
        for FieldError { pointer, invalid } in read(&Value::from(vec![element.clone()])).unwrap_or_default() {
            // What is said of the list is said of a list of one.
            if is_within(&pointer, &first) {
                told.push(FieldError { pointer: format!("{list}/{index}{}", &pointer[first.len()..]), invalid });
            }
        }
    }
    told
}

/// The fields without a default of their own.
fn missing_from_nothing<T: for<'de> EDeserialize<'de>>() -> Vec<String> {
    let Err(errors) = eserde::json::from_slice::<T>(b"{}") else { return Vec::new() };
    errors.iter().filter_map(|error| missing_field(error.message()).map(str::to_owned)).collect()
}

/// Whether a field that is said to be missing is one within the value, not beside it.
fn is_nested(missing: &str, value: &Value, fields: &[&str]) -> bool {
    (value.is_object() || value.is_array()) && !fields.contains(&missing)
}

fn field_error(error: &DeserializationError, pointer_of: fn(&str) -> String, read: &Value) -> FieldError {
    let missing = missing_field(error.message());
    let place = pointer(error, missing);
    let invalid = match read.pointer(&place) {
        _ if missing.is_some() => Invalid::Required,
        _ if is_repeated(error.message()) => Invalid::Repeated,
        Some(Value::Null) => Invalid::NullNotAllowed,
        _ => meaning(error.message()),
    };
    let mut segments = place.trim_start_matches('/').splitn(2, '/');
    let top = pointer_of(segments.next().unwrap_or_default());
    let pointer = segments.next().map_or_else(|| top.clone(), |rest| format!("{top}/{rest}"));
    FieldError { pointer, invalid }
}

fn is_within(pointer: &str, field: &str) -> bool {
    pointer.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The fields of a struct, as serde's derive passes them to `deserialize_struct`.
pub(crate) fn known_fields<T: for<'de> EDeserialize<'de>>() -> Option<&'static [&'static str]> {
    struct Probe<'a>(&'a mut Option<&'static [&'static str]>);

    impl<'de> serde::Deserializer<'de> for Probe<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("not a struct"))
        }

        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
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

/// The name in serde's message for a missing field, which is told at its parent.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split('`').next()
}

/// Whether it is serde's message for a field that is there twice.
fn is_repeated(message: &str) -> bool {
    message.starts_with("duplicate field `")
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
        #[eserde(compat)]
        #[serde(default)]
        others: Vec<Other>,
        number: u8,
    }

    #[derive(Debug, serde::Deserialize, ToSchema)]
    #[serde(rename_all = "snake_case")]
    enum Other {
        Known,
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
    fn every_wrong_element_of_a_list_is_named_and_the_list_is_not() {
        for list in ["tags", "others"] {
            for (sent, told) in [
                (r#"["king", "known", "queen"]"#, &[(0, "unknown_value"), (2, "unknown_value")][..]),
                (r#"[5, "known", true, 6]"#, &[(0, "wrong_type"), (2, "wrong_type"), (3, "wrong_type")]),
                (r#"[null, 5]"#, &[(0, "null_not_allowed"), (1, "wrong_type")]),
            ] {
                let body = format!(r#"{{"phone": "010-1234-5678", "number": 1, "{list}": {sent}}}"#);
                let told: Vec<_> = told.iter().map(|(index, code)| (format!("/{list}/{index}"), *code)).collect();
                assert_eq!(refused(&body), told, "{body}");
            }
            let body = format!(r#"{{"phone": "010-1234-5678", "number": 1, "{list}": "known"}}"#);
            assert_eq!(refused(&body), [(format!("/{list}"), "wrong_type")]);
        }
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
    fn a_form_is_read_as_an_object_of_texts() {
        let told = |form: &[u8]| match read_form::<Input>(form, &Settings::local()) {
            Ok(_) => Vec::new(),
            Err(problem) => problem.field_errors().iter().map(|error| error.pointer.clone()).collect(),
        };
        assert_eq!(told(b"phone=010-1234-5678&username=%ED%95%9C&number=1"), ["/username", "/number"]);
        assert_eq!(told(b""), ["/phone", "/number"]);
        assert_eq!(told(b"\xff%zz&&=="), ["/phone", "/number"]);
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = "[".repeat(2000);
        for body in ["", "{", "{\"phone\": \"\\ud800\"}", "{} {}", "nul", &deep] {
            assert_eq!(refused(body), [("malformed".to_owned(), "")], "{body}");
        }
    }
}
