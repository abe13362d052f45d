//! The data layer: typed items, keys, conditions, updates and transactions over DynamoDB.
//!
//! Only this crate calls DynamoDB. Only the `store.rs` of a resource builds keys.

#![expect(clippy::disallowed_methods, reason = "this is the crate that calls DynamoDB")]

mod batch;
mod batch_write;
mod copies;
mod error;
mod expression;
mod gate;
mod item;
mod query;
mod retry;
mod store;
mod transaction;

pub use batch::{Batch, Found, Slot};
pub use batch_write::BatchWrite;
pub use copies::{in_key, recopy_in, sort_key, whatever};
pub use error::StoreError;
pub use expression::{Condition, Update, Value, absent, attr, exists};
pub use gate::Gate;
pub use item::{Attributes, Item, Key, decode};
pub use query::{Page, Query};
pub use retry::{MayRace, while_raced};
pub use store::{Store, Written};
pub use transaction::{Part, TRANSACTION_PARTS_MAX, Transaction};
