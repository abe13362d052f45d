//! Holds replies to the API description: no endpoint answers what it does not declare.

use std::sync::LazyLock;

use campus_endpoint::{Described, Description, Route};
use reqwest::Method;
use serde_json::Value;

use crate::reply::Reply;

/// An endpoint, and the schemas of its answers' bodies, in the order of its answers.
struct Promise {
    route: Route,
    description: Description,
    bodies: Vec<Option<Schemas>>,
}

/// The endpoints in the order in which the dispatcher tries them.
static ENDPOINTS: LazyLock<Vec<Promise>> = LazyLock::new(|| {
    let entries = campus_local::registries().into_iter().flat_map(|registry| registry.endpoints);
    let promises = entries.map(|entry| {
        let description = (entry.describe)();
        let bodies = description.answers.iter().map(|answer| answer.content.as_ref().map(Schemas::of)).collect();
        Promise { route: entry.route, description, bodies }
    });
    let mut endpoints: Vec<_> = promises.collect();
    endpoints.sort_by_key(|promise| promise.route.specificity());
    endpoints
});

/// Holds a reply to what its endpoint declares: status, code, headers and the shape of the body. What no
/// endpoint takes is the dispatcher's to answer.
pub(crate) fn hold(method: &Method, path: &str, reply: &Reply) {
    let taken = |route: &Route| route.takes(method) && route.variables(path).is_some();
    let Some(promise) = ENDPOINTS.iter().find(|promise| taken(&promise.route)) else { return };
    let Promise { route, description, bodies } = promise;
    if reply.status >= 400 {
        let code = reply.body["code"].as_str().unwrap_or_default();
        let declared = description.problems.get(&reply.status).is_some_and(|codes| codes.contains(code));
        assert!(declared, "`{route}` does not declare `{}`; should its `REFUSALS`?", reply.summary());
        return;
    }
    let answer = description.answers.iter().zip(bodies).find(|(answer, _)| answer.status == reply.status);
    let (answer, body) = answer.unwrap_or_else(|| panic!("`{route}` does not declare the status of {reply:?}"));
    for header in &answer.headers {
        assert!(reply.headers.contains_key(header), "`{route}` declares `{header}` for {reply:?}");
    }
    match body {
        None => assert!(reply.body.is_null(), "`{route}` declares no body for {reply:?}"),
        Some(schemas) => {
            let fault = schemas.fault(&reply.body);
            assert!(fault.is_none(), "`{route}` declares another body than {reply:?}: {fault:?}");
        }
    }
}

/// A type's schema and those that it refers to, as JSON.
struct Schemas {
    schema: Value,
    referred: Vec<(String, Value)>,
}

impl Schemas {
    fn of(described: &Described) -> Self {
        let json = |schema: &_| serde_json::to_value(schema).expect("a schema is JSON");
        let referred = described.referred.iter().map(|(name, schema)| (name.clone(), json(schema))).collect();
        Self { schema: json(&described.schema), referred }
    }

    /// Where a value differs from the schema, in the parts of JSON Schema that our types come to.
    fn fault(&self, value: &Value) -> Option<String> {
        self.fault_in(value, &self.schema)
    }

    fn fault_in(&self, value: &Value, schema: &Value) -> Option<String> {
        if let Some(reference) = schema["$ref"].as_str() {
            let named = self.referred.iter().find(|(name, _)| reference.ends_with(&format!("/{name}")));
            return named.map_or(Some(format!("{reference} is not there")), |(_, named)| self.fault_in(value, named));
        }
        if let Some(either) = schema["oneOf"].as_array() {
            let fits = either.iter().any(|one| self.fault_in(value, one).is_none());
            return (!fits).then(|| format!("{value} is none of {either:?}"));
        }
        if !is_of_type(value, &schema["type"]) {
            return Some(format!("{value} is no {}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|known| !known.contains(value)) {
            return Some(format!("{value} is none of {}", schema["enum"]));
        }
        match value {
            Value::Object(members) => {
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                let missing = required.filter(|name| !members.contains_key(*name)).map(|name| format!("no `{name}`"));
                let free = schema["properties"].is_null();
                let wrong = members.iter().filter_map(|(name, member)| match schema["properties"].get(name) {
                    Some(property) => self.fault_in(member, property),
                    None => (!free).then(|| format!("`{name}` is not declared")),
                });
                missing.chain(wrong).next()
            }
            Value::Array(items) => items.iter().find_map(|item| self.fault_in(item, &schema["items"])),
            _ => None,
        }
    }
}

fn is_of_type(value: &Value, wanted: &Value) -> bool {
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match wanted {
        Value::String(wanted) => wanted == actual,
        Value::Array(wanted) => wanted.iter().any(|wanted| wanted == actual),
        _ => true,
    }
}
