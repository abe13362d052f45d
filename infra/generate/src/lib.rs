//! What is generated from the registries: the stacks, the API description, the list of endpoints.

mod flat;
mod limits;
mod listing;
mod model;
pub mod openapi;
mod stack;
#[cfg(test)]
mod tests;
mod yaml;

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

/// A generated file.
pub struct File {
    /// Its path from the project's folder.
    pub path: PathBuf,
    /// What it holds.
    pub content: String,
}

/// The project's folder.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// All generated files.
///
/// # Errors
///
/// When what is declared cannot be deployed.
pub fn files() -> anyhow::Result<Vec<File>> {
    let stacks = stacks()?;
    let mut files = vec![
        File { path: "infra/endpoints.txt".into(), content: listing::endpoints(&stacks) },
        File { path: "infra/openapi.json".into(), content: openapi::render(&campus_local::registries())? },
    ];
    for stack in &stacks {
        let content = stack::render(stack)?;
        limits::check_resources(stack.domain, &yaml::read(&content)?)?;
        files.push(File { path: format!("infra/stacks/{}.yaml", stack.domain).into(), content });
    }
    Ok(files)
}

/// The root template with all stacks in it.
///
/// # Errors
///
/// When they do not fit together.
pub fn flat() -> anyhow::Result<Value> {
    let stacks = stacks()?;
    let template = std::fs::read_to_string(root().join("template.yaml")).context("template.yaml")?;
    let nested = |url: &str| {
        let named = |stack: &&model::Stack| url == format!("infra/stacks/{}.yaml", stack.domain);
        let stack = stacks.iter().find(named).context("there is no such stack")?;
        yaml::read(&stack::render(stack)?)
    };
    flat::flatten(yaml::read(&template)?, nested, &root().join("infra/stacks"))
}

/// What each function's role allows.
///
/// # Errors
///
/// As [`files`].
pub fn grants() -> anyhow::Result<Value> {
    Ok(listing::grants(&stacks()?))
}

fn stacks() -> anyhow::Result<Vec<model::Stack>> {
    let stacks = model::stacks(&campus_local::registries())?;
    limits::check(&stacks)?;
    Ok(stacks)
}
