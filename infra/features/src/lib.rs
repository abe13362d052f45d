//! Nothing but a manifest: the features of dependencies that tests need beyond those of the local system.
//!
//! Cargo builds a crate anew for each set of features. The local system depends on this, so that `cargo run` and
//! `cargo test --workspace` have the same sets, and whoever does one after the other builds the AWS SDK once.
//! Functions do not, and stay lean.
