//! The whole system in one process.

pub mod aws;
pub mod clock;
pub mod sources;
