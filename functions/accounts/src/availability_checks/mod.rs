//! Availability checks: whether a name, a number or an address is still free.

pub mod check_availability;
