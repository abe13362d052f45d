//! From the outbox to the queues.

pub mod relay_outbox;
mod store;
pub mod sweep_outbox;
