//! What happens to accounts, as far as it concerns what people were told: exports of it, and its purge.

pub mod hear_in_notifications;
mod store;
