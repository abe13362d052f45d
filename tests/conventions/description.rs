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
    let member = app.member().await;
    let mut tried = 0;
    for (method, path, operation) in operations(&document) {
        for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
            let request = member.client.request(method.clone(), &path).header("content-type", media_type);
            let reply = member.client.send(request.body(content["example"].to_string())).await;
            assert!(![415, 422].contains(&reply.status), "{method} {path}: {reply:?}");
            tried += 1;
        }
    }
    assert!(tried >= 6, "{tried}");
}
