//! An example of a body or an answer, put together from those of its fields.

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};

use super::schemas::Schemas;

/// An example of a schema: its own, or an object with an example of each field that is needed or brings
/// one itself. Fields that may be left out are, unless they bring one, so that the example is a common one.
pub(super) fn of(schema: &RefOr<Schema>, schemas: &Schemas) -> anyhow::Result<Value> {
    of_json(&serde_json::to_value(schema)?, schemas)
}

fn of_json(schema: &Value, schemas: &Schemas) -> anyhow::Result<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let named = schemas.named(name).with_context(|| format!("{reference} leads nowhere"))?;
        return of_json(&named, schemas);
    }
    if let Some(own) = own(schema).or_else(|| schema["enum"].get(0)) {
        return Ok(own.clone());
    }
    if let Some(items) = schema.get("items") {
        return Ok(Value::Array(vec![of_json(items, schemas).context("at an item")?]));
    }
    let either = schema["oneOf"].as_array().into_iter().chain(schema["anyOf"].as_array()).flatten();
    if let Some(one) = either.into_iter().find(|one| one["type"] != "null") {
        return of_json(one, schemas);
    }
    if schema["type"] == "boolean" {
        return Ok(true.into());
    }
    if schema["type"] != "object" {
        bail!("there is no example; give the field `#[schema(example = …)]`");
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut object = Map::new();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&name.as_str()) || own(field).is_some() {
            object.insert(name.clone(), of_json(field, schemas).with_context(|| format!("at `{name}`"))?);
        }
    }
    Ok(Value::Object(object))
}

/// The derive writes `example`, and `examples` is the standard's word.
fn own(schema: &Value) -> Option<&Value> {
    schema.get("example").or_else(|| schema["examples"].get(0))
}
