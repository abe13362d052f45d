//! What holds for every endpoint.

mod bad_input;
mod routing;
mod tokens;
