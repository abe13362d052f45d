//! The whole system in one process: all endpoints, the workers with their queues, streams and schedule,
//! and local stand-ins for AWS that the real SDK clients talk to over loopback.

pub mod aws;
pub mod clock;
mod demo;
mod http;
mod ledger;
mod pages;
mod recorder;
pub mod sources;
mod system;

pub use recorder::CallRecorder;
pub use system::{Data, LocalSystem, Options, StartError, reset};
