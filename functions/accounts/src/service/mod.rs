//! The service's own endpoints.

pub mod get_api_description;
pub mod get_health;
pub mod get_key_set;
