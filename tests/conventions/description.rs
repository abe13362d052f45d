//! The API description tells what is true. That replies are as described, the kit checks for every one.

use campus_testkit::TestApp;
use reqwest::Method;
use serde_json::Value;

const SOME_ID: &str = "0199c0de-0000-7000-8000-000000000000";

/// The described operations: method, path, and what is said of them.
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let paths = document["paths"].as_object().expect("there are paths");
    let operations = paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().expect("a path has operations");
        operations.iter().map(move |(method, operation)| {
            let method = method.to_uppercase().parse().expect("it is a method");
            (method, path.replace("{id}", SOME_ID), operation)
        })
    });
    operations.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_is_understood() {
    let text = campus_generate::openapi::render(&campus_local::registries()).expect("everything can be described");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let app = TestApp::start().await;
    // Nobody else is let in everywhere.
    let admin = app.as_admin(&app.member().await).await;
    let mut tried = 0;
    for (method, path, operation) in operations(&document) {
        for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let request = admin.request(method.clone(), &path).header("content-type", media_type);
            let reply = admin.send(request.body(content["example"].to_string())).await;
            // An example of an id is nobody's.
            let is_understood =
                |told: &String| ["/film_id film_unknown", "/library_id library_unknown"].contains(&told.as_str());
            let understood = reply.status != 422 || reply.fields().iter().all(is_understood);
            assert!(reply.status != 415 && understood, "{method} {path}: {reply:?}");
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}

/// A patch's field types hide from the derive of the schema what they are, so that it is said beside them.
#[tokio::test(flavor = "multi_thread")]
async fn b1_23_a_patch_takes_null_exactly_where_the_description_says_so() {
    let text = campus_generate::openapi::render(&campus_local::registries()).expect("everything can be described");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let app = TestApp::start().await;
    // Nobody else is let in everywhere.
    let admin = app.as_admin(&app.member().await).await;
    let mut tried = 0;
    for (method, path, operation) in operations(&document).into_iter().filter(|(method, ..)| method == Method::PATCH) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = document.pointer(&schema["$ref"].as_str().expect("it is a reference")[1..]).expect("it leads on");
        for (name, field) in schema["properties"].as_object().expect("it is an object") {
            let described = field["oneOf"].as_array().into_iter().flatten().any(|one| one["type"] == "null")
                || field["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
            let null = Value::Object([(name.clone(), Value::Null)].into_iter().collect());
            let reply = admin.send(admin.request(method.clone(), &path).json(&null)).await;
            let refused = reply.status == 422 && reply.fields() == [format!("/{name} null_not_allowed")];
            assert_eq!(described, !refused, "{path} {name} {reply:?}");
            tried += 1;
        }
    }
    assert!(tried >= 5, "{tried}");
}
