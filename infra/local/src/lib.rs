//! The whole system in one process: all endpoints, the workers with their queues, streams and schedule,
//! and local stand-ins for AWS that the real SDK clients talk to over loopback.

pub mod aws;
pub mod clock;
mod demo;
pub mod faults;
mod http;
mod ledger;
mod pages;
pub mod providers;
mod recorder;
pub mod sources;
mod system;
mod ttl;

use campus_endpoint::Registry;
use mimalloc::MiMalloc;
pub use recorder::CallRecorder;
pub use system::{Data, LocalSystem, Options, StartError, reset};

/// For the databases' C as well. glibc's keeps the blocks in which passwords were hashed for each thread, and half a
/// gigabyte with them; and the databases spent a third of their time in it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Every domain: what runs locally, and what the deployed system is generated from.
#[must_use]
pub fn registries() -> Vec<Registry> {
    vec![campus_accounts::registry(), campus_notifications::registry(), campus_screenings::registry()]
}
