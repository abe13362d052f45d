//! One flat template of the root and its nested stacks, for an emulator that cannot nest them.
//!
//! A nested stack's parameter is replaced by what the root hands down for it, so the flat template says
//! what the nested ones say, and a parameter that is not wired cannot be flattened.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

/// The sections of a nested template that are merged into the root's. Each function gets the globals of its
/// own stack, since a template has but one set of them.
const MERGED: [&str; 2] = ["Conditions", "Resources"];

/// Merges the nested stacks into the root.
///
/// `nested` finds the template of a `TemplateURL`. Relative code paths are made absolute from `folder`, that
/// of the nested templates.
///
/// # Errors
///
/// When a nested stack lacks a parameter or is handed one that it does not know, or when two templates
/// define one thing differently.
pub(crate) fn flatten(
    mut root: Value,
    nested: impl Fn(&str) -> anyhow::Result<Value>,
    folder: &Path,
) -> anyhow::Result<Value> {
    let resources = root["Resources"].as_object_mut().context("the root has resources")?;
    let stacks: Vec<(String, Value)> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudFormation::Stack")
        .map(|(id, resource)| (id.clone(), resource["Properties"].clone()))
        .collect();
    resources.retain(|id, _| !stacks.iter().any(|(stack, _)| stack == id));
    for (id, stack) in stacks {
        let url = stack["TemplateURL"].as_str().context("a stack has a TemplateURL")?;
        let template = nested(url).with_context(|| format!("{id}: {url}"))?;
        let handed = stack["Parameters"].as_object().cloned().unwrap_or_default();
        wired(&template, &handed).with_context(|| id.clone())?;
        for section in MERGED {
            let Some(members) = template[section].as_object() else { continue };
            let target = root.as_object_mut().context("the root is an object")?;
            let target = target.entry(section).or_insert_with(|| json!({})).as_object_mut();
            let target = target.with_context(|| format!("{section} is an object"))?;
            for (name, member) in members {
                let member = with_globals(bound(member, &handed, folder), &template["Globals"], &handed, folder);
                let other = target.insert(name.clone(), member.clone());
                ensure!(other.is_none_or(|other| other == member), "{name} is defined twice");
            }
        }
    }
    Ok(root)
}

/// Whether the parameters of a nested stack are those that it is handed.
fn wired(template: &Value, handed: &Map<String, Value>) -> anyhow::Result<()> {
    let wanted = template["Parameters"].as_object().cloned().unwrap_or_default();
    let missing: Vec<_> = wanted.keys().filter(|name| !handed.contains_key(*name)).collect();
    let unknown: Vec<_> = handed.keys().filter(|name| !wanted.contains_key(*name)).collect();
    ensure!(missing.is_empty() && unknown.is_empty(), "parameters are missing: {missing:?}, unknown: {unknown:?}");
    Ok(())
}

/// What SAM does with `Globals`: a function's own properties go before, objects are merged.
fn with_globals(mut resource: Value, globals: &Value, handed: &Map<String, Value>, folder: &Path) -> Value {
    if resource["Type"] == "AWS::Serverless::Function" {
        let mut properties = bound(&globals["Function"], handed, folder);
        merge(&mut properties, &resource["Properties"]);
        resource["Properties"] = properties;
    }
    resource
}

fn merge(target: &mut Value, source: &Value) {
    match (target, source) {
        (Value::Object(target), Value::Object(source)) => {
            for (name, member) in source {
                merge(target.entry(name.clone()).or_insert(Value::Null), member);
            }
        }
        (target, source) => *target = source.clone(),
    }
}

/// The value with each parameter replaced by what is handed down for it.
fn bound(value: &Value, handed: &Map<String, Value>, folder: &Path) -> Value {
    let again = |value: &Value| bound(value, handed, folder);
    match value {
        Value::Array(items) => items.iter().map(again).collect(),
        Value::Object(members) => {
            if let Some(value) = members.get("Ref").and_then(Value::as_str).and_then(|name| handed.get(name)) {
                return value.clone();
            }
            if let Some(text) = members.get("Fn::Sub").and_then(Value::as_str) {
                return json!({ "Fn::Sub": substituted(text, handed) });
            }
            let members = members.iter().map(|(name, member)| {
                let member = match (name.as_str(), member.as_str()) {
                    ("CodeUri", Some(path)) => json!(folder.join(path)),
                    _ => again(member),
                };
                (name.clone(), member)
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// The text with each `${Parameter}` as what stands for it in the root.
fn substituted(text: &str, handed: &Map<String, Value>) -> String {
    handed.iter().fold(text.to_owned(), |text, (name, value)| {
        let stands_for = match (&value["Ref"], value["Fn::GetAtt"].as_array().map(Vec::as_slice)) {
            (Value::String(name), _) => format!("${{{name}}}"),
            (_, Some([Value::String(resource), Value::String(attribute)])) => format!("${{{resource}.{attribute}}}"),
            _ => value.as_str().unwrap_or_default().to_owned(),
        };
        text.replace(&format!("${{{name}}}"), &stands_for)
    })
}
