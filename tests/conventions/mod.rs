//! What holds for every endpoint.

mod bad_input;
mod description;
mod routing;
mod tokens;
