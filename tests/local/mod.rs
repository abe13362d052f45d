//! Behind HTTP: calls, tables, queues, logs and races of the local system.

mod calls;
mod demo;
mod fault_sweep;
mod faults;
mod front_door;
mod programme;
mod races;
mod secrecy;
mod stored;
mod test_numbers;
mod throttling;
