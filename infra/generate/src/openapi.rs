//! The API description, OpenAPI 3.1.
