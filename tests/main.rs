//! The acceptance suite: one binary, in the shape of `functions/`.
//!
//! `accounts` and `conventions` speak HTTP and read the outbox. `notifications` and `local` look behind it,
//! at tables, queues, logs and calls of the local system, and make its providers fail.

mod accounts;
mod conventions;
mod local;
mod notifications;
