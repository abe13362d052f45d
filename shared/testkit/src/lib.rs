//! The test kit: a system of one's own for each test, and people who use it over HTTP.
//!
//! Every reply is held to what is promised of all replies (see [`Reply`]) and to what its endpoint declares
//! for the API description, whatever a test asks of it.

mod app;
mod by_hand;
mod client;
mod described;
mod people;
mod reply;

pub use app::{TestApp, eventually};
pub use client::Client;
pub use people::{Member, SignUp, code_in};
pub use reply::Reply;
