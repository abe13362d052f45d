//! Behind HTTP: calls, tables, queues, logs and races of the local system.

pub(crate) mod account_events;
mod account_races;
mod account_walk;
mod admins;
mod calls;
mod captchas;
mod demo;
pub(crate) mod everything;
mod fault_sweep;
mod faults;
mod front_door;
mod keys;
mod programme;
mod providers;
mod pumping;
mod purges;
mod races;
mod secrecy;
mod stored;
mod test_numbers;
mod throttling;
