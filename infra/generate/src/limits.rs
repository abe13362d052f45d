//! What is refused before AWS would refuse it, or do what nobody meant.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};

use crate::model::{Event, Stack};

/// A stack holds 500 resources; what is hand-written later needs room.
pub(crate) const RESOURCES_MAX: usize = 450;
/// An HTTP API has 300 integrations and 300 routes at most.
pub(crate) const INTEGRATIONS_MAX: usize = 290;

/// Holds all stacks together to what one API and one account demand.
///
/// # Errors
///
/// Names of functions that are there twice, routes that are there twice or that differ in nothing but the
/// names of their variables, one path's variable under two names, and more integrations than an API takes.
pub(crate) fn check(stacks: &[Stack]) -> anyhow::Result<()> {
    let functions = || stacks.iter().flat_map(|stack| &stack.functions);
    let mut names = BTreeMap::new();
    for function in functions() {
        let other = names.insert(&function.id, &function.handler);
        ensure!(other.is_none(), "{} and {} have the same name", other.map_or("", String::as_str), function.handler);
    }
    let mut patterns = BTreeMap::new();
    for function in functions() {
        let Event::Route { pattern, .. } = &function.source else { continue };
        let other = patterns.insert(pattern, &function.handler);
        ensure!(other.is_none(), "{} and {} have the same route", other.map_or("", String::as_str), function.handler);
    }
    let integrations = patterns.len();
    ensure!(integrations <= INTEGRATIONS_MAX, "{integrations} integrations are more than {INTEGRATIONS_MAX}");

    let mut variables: BTreeMap<String, &str> = BTreeMap::new();
    for function in functions() {
        let Event::Route { key, .. } = &function.source else { continue };
        let Some((_, path)) = key.split_once(' ') else { continue };
        ensure!(!path.ends_with('/'), "{}: API Gateway takes no route that ends in a slash", function.handler);
        for (at, _) in path.match_indices("/{") {
            let name = path[at + 1..].split('/').next().unwrap_or_default();
            let known = *variables.entry(pattern_before(path, at)).or_insert(name);
            ensure!(known == name, "{}: {path} calls {name} what another route calls {known}", function.handler);
        }
    }
    Ok(())
}

/// What comes before a variable, with the variables before it as `*`.
fn pattern_before(path: &str, at: usize) -> String {
    let segments = path[..at].split('/').map(|segment| if segment.starts_with('{') { "*" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// Holds a rendered stack to the number of its resources.
///
/// # Errors
///
/// When it has too many.
pub(crate) fn check_resources(domain: &str, template: &serde_json::Value) -> anyhow::Result<()> {
    let resources = template["Resources"].as_object().context("a template has resources")?.len();
    ensure!(resources <= RESOURCES_MAX, "the stack {domain} has {resources} resources, more than {RESOURCES_MAX}");
    Ok(())
}
