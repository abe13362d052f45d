//! The named schemas, each once.

use std::collections::BTreeMap;

use anyhow::ensure;
use campus_endpoint::Described;
use utoipa::openapi::{Ref, RefOr, Schema};

/// Schemas by name.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Adds a type with all that it refers to, and returns the reference to it. A type whose own name says
    /// too little takes the other.
    pub(super) fn add(&mut self, described: Described, otherwise: &str) -> anyhow::Result<RefOr<Schema>> {
        let name = described.name.unwrap_or_else(|| otherwise.to_owned());
        self.add_referred(described.referred)?;
        self.insert(name.clone(), described.schema)?;
        Ok(Ref::from_schema_name(name).into())
    }

    /// Adds what a type refers to.
    pub(super) fn add_referred(&mut self, referred: Vec<(String, RefOr<Schema>)>) -> anyhow::Result<()> {
        referred.into_iter().try_for_each(|(name, schema)| self.insert(name, schema))
    }

    /// Everything refers to a type by its name, so two types of one name would be taken for each other.
    fn insert(&mut self, name: String, schema: RefOr<Schema>) -> anyhow::Result<()> {
        let known = self.0.entry(name.clone()).or_insert_with(|| schema.clone());
        ensure!(*known == schema, "`{name}` is another type elsewhere: give this one `#[schema(as = …)]`");
        Ok(())
    }

    /// A named schema as JSON.
    pub(super) fn named(&self, name: &str) -> Option<serde_json::Value> {
        serde_json::to_value(self.0.get(name)?).ok()
    }

    pub(super) fn into_map(self) -> BTreeMap<String, RefOr<Schema>> {
        self.0
    }
}
