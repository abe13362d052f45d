//! Behind HTTP: calls, tables, queues, logs and races of the local system.

mod calls;
mod demo;
mod races;
mod secrecy;
