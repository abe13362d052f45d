//! Behind HTTP: calls, tables, queues, logs and races of the local system.

mod admins;
mod calls;
mod demo;
mod fault_sweep;
mod faults;
mod front_door;
mod keys;
mod programme;
mod races;
mod secrecy;
mod stored;
mod test_numbers;
mod throttling;
