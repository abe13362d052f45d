//! The test kit: the system under test, and people who use it over HTTP.
//!
//! Without further ado each test has a local system of its own. Named by the environment (see `target.rs`), a
//! deployed stage takes its place, for all tests together.
//!
//! Every reply is held to what is promised of all replies (see [`Reply`]) and to what its endpoint declares
//! for the API description, whatever a test asks of it.

mod app;
mod by_hand;
mod client;
mod described;
mod names;
mod people;
mod race;
mod reply;
mod sessions;
mod social;
mod target;
mod widgets;

pub use app::{TestApp, eventually};
pub use client::Client;
pub use people::{Member, SignUp, code_in, token_in};
pub use race::{Race, Tally, counts, race};
pub use reply::Reply;
pub use sessions::Sessions;
pub use social::{Acquaintance, REDIRECT_URI, Visit};
pub use target::Sent;
