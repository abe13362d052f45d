//! The description is complete, and refers to nothing that is not there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::*;

fn described() -> Value {
    let text = render(&campus_local::registries()).expect("everything can be described");
    serde_json::from_str(&text).expect("it is JSON")
}

/// The operations: method, path, and what is said of them.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().expect("there are paths");
    let operations = paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().expect("a path has operations").iter();
        operations.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    operations.collect()
}

/// Every object within.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(object) => {
            found.push(object);
            object.values().for_each(|member| objects(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, found)),
        _ => {}
    }
}

#[test]
fn it_is_openapi_3_1_and_says_what_of() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["title"], "Campus");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["servers"], json!([{ "url": "/" }]));
}

#[test]
fn it_is_the_same_each_time_and_ends_in_a_newline() {
    let texts = [0, 1].map(|_| render(&campus_local::registries()).expect("everything can be described"));
    assert_eq!(texts[0], texts[1]);
    assert!(texts[0].ends_with("}\n"));
}

#[test]
fn every_endpoint_is_an_operation_of_its_name() {
    let document = described();
    let registries = campus_local::registries();
    let mut endpoints = BTreeSet::new();
    for registry in &registries {
        endpoints.extend(registry.endpoints.iter().map(|entry| {
            (entry.route.method.to_owned(), entry.route.path(), entry.name.to_owned(), registry.domain.to_owned())
        }));
    }
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let operations: BTreeSet<_> = operations(&document)
        .into_iter()
        .map(|(method, path, said)| (method, path, text(&said["operationId"]), text(&said["tags"][0])))
        .collect();
    assert_eq!(operations, endpoints);
    let names: BTreeSet<&String> = operations.iter().map(|(_, _, name, _)| name).collect();
    assert_eq!(names.len(), operations.len(), "an operation's id is its own");
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let document = described();
    let mut found = Vec::new();
    objects(&document, &mut found);
    let references = found.iter().filter_map(|object| object.get("$ref")?.as_str());
    let references: BTreeSet<String> = references.map(|reference| reference.replacen('#', "", 1)).collect();
    for reference in &references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
    for kind in ["schemas", "responses", "headers", "parameters"] {
        for name in document["components"][kind].as_object().expect("there are some").keys() {
            assert!(references.contains(&format!("/components/{kind}/{name}")), "{kind} {name}");
        }
    }
}

#[test]
fn every_operation_has_a_summary_its_variables_an_example_and_its_problems() {
    let document = described();
    for (method, path, said) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(said["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{place}");

        let parameters = said["parameters"].as_array().expect("there are parameters");
        let variables = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let variables: BTreeSet<&str> = variables.filter_map(|variable| variable["name"].as_str()).collect();
        let named = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(variables, named.collect(), "{place}");

        let contents = said["requestBody"]["content"].as_object();
        for content in contents.into_iter().flat_map(Map::values) {
            assert!(content["example"].is_object(), "{place}");
        }

        let responses = said["responses"].as_object().expect("there are responses");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
        let answers = responses.iter().filter(|(status, _)| status.starts_with('2'));
        for content in answers.filter_map(|(_, answer)| answer["content"].as_object()).flat_map(Map::values) {
            assert!(content["example"].is_object(), "{place}");
        }
        for status in ["400", "413", "500"] {
            assert!(responses.contains_key(status), "{place} {status}");
        }
        for (status, response) in responses {
            let response = match response["$ref"].as_str() {
                Some(reference) => document.pointer(&reference[1..]).expect("it leads somewhere"),
                None => response,
            };
            let needed: &[&str] = match status.as_str() {
                "201" => &["location"],
                "304" => &["etag"],
                "401" => &["www-authenticate"],
                "429" | "503" => &["retry-after"],
                _ => &[],
            };
            for header in needed.iter().chain(&[REQUEST_ID]) {
                assert!(response["headers"].get(*header).is_some(), "{place} {status} {header}");
            }
            let is_problem = response["content"].get("application/problem+json").is_some();
            assert_eq!(is_problem, status.as_str() >= "400", "{place} {status}");
        }
        assert!(responses.contains_key("401") || said["security"].is_null(), "{place}");
    }
}

/// One of each kind of bound, to show that they arrive; the numbers are the types' own.
#[test]
fn values_keep_their_bounds() {
    let document = described();
    let schema = |name: &str| document["components"]["schemas"][name].clone();
    let lengths = |name: &str| (schema(name)["minLength"].as_u64(), schema(name)["maxLength"].as_u64());
    assert_eq!(lengths("Username"), (Some(4), Some(17)));
    assert_eq!(lengths("Nickname"), (Some(2), Some(20)));
    assert_eq!(lengths("Password"), (Some(6), Some(128)));
    assert_eq!(schema("VerificationCode")["pattern"], "^[0-9]{6}$");
    assert_eq!(schema("Locale")["enum"], json!(["ko", "en", "zh"]));
    assert_eq!(schema("Channel")["enum"], json!(["sms", "email"]));
    assert_eq!(schema("Id")["format"], "uuid");
    let names: BTreeSet<&String> =
        document["components"]["schemas"].as_object().into_iter().flat_map(Map::keys).collect();
    assert!(names.iter().all(|name| name.as_str() != "Input"), "{names:?}");
}

/// Clients would have to look for the absence of something in two ways, and be sure of neither.
#[test]
fn a_field_of_an_answer_is_left_out_or_null_but_not_both() {
    let document = described();
    let mut answers = Vec::new();
    for (_, _, said) in operations(&document) {
        let responses = said["responses"].as_object().expect("there are responses");
        responses
            .iter()
            .filter(|(status, _)| status.as_str() < "300")
            .for_each(|(_, answer)| objects(answer, &mut answers));
    }
    let mut met = BTreeSet::new();
    while let Some(object) = answers.pop() {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str)
            && met.insert(reference)
        {
            objects(document.pointer(&reference[1..]).expect("it leads somewhere"), &mut answers);
        }
        let required = object.get("required").and_then(Value::as_array);
        for (name, schema) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let is_always_there = required.is_some_and(|required| required.iter().any(|one| one == name));
            let mut forms = schema["oneOf"].as_array().into_iter().flatten().chain([schema]);
            let may_be_null = forms.any(|form| form["type"].to_string().contains("\"null\""));
            assert!(is_always_there || !may_be_null, "{name} in {object:?}: give it `#[schema(required)]`");
        }
    }
    assert!(met.contains("#/components/schemas/UserView"), "{met:?}");
}

#[test]
fn an_object_of_unknown_members_says_so() {
    let members = &described()["components"]["schemas"]["ApiDescription"]["additionalProperties"];
    assert!(members.is_object() || *members == true, "generators of clients take {members} for an object without any");
}

#[test]
fn two_types_of_one_name_are_refused() {
    #[derive(ToSchema)]
    #[schema(as = Kind)]
    #[expect(dead_code, reason = "only described")]
    struct One {
        one: String,
    }
    #[derive(ToSchema)]
    #[schema(as = Kind)]
    #[expect(dead_code, reason = "only described")]
    struct Other {
        other: String,
    }
    let mut schemas = Schemas::default();
    assert!(schemas.add(Described::of::<One>(), "").is_ok());
    assert!(schemas.add(Described::of::<One>(), "").is_ok());
    assert!(schemas.add(Described::of::<Other>(), "").is_err());
}

#[test]
fn a_parameter_is_never_null() {
    #[derive(ToSchema)]
    #[expect(dead_code, reason = "only described")]
    struct Search {
        /// Words.
        q: Option<String>,
        school_id: Option<campus_domain::SchoolId>,
        limit: u8,
    }
    let mut schemas = Schemas::default();
    let parameters = parameters(Described::of::<Search>(), ParameterIn::Query, &mut schemas);
    let parameters = serde_json::to_value(parameters.expect("it is a struct")).expect("it is JSON");
    let by_name = |name: &str| {
        let all = parameters.as_array().into_iter().flatten();
        all.clone().find(|parameter| parameter["name"] == name).expect("it is there").clone()
    };
    assert_eq!(
        (&by_name("q")["schema"]["type"], &by_name("q")["description"], &by_name("q")["required"]),
        (&json!("string"), &json!("Words."), &json!(false))
    );
    assert_eq!(by_name("school_id")["schema"]["$ref"], "#/components/schemas/Id");
    assert_eq!(by_name("limit")["required"], true);
}
