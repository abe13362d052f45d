//! What is generated from the registries: the stacks, the API description, the list of endpoints.

pub mod openapi;
