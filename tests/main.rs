//! The acceptance suite: one binary, in the shape of `functions/`.
//!
//! `accounts`, `notifications` and `conventions` speak HTTP only. `local` looks behind it, at tables,
//! queues, logs and calls of the local system.

mod accounts;
mod conventions;
mod local;
mod notifications;
