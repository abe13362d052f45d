//! What happens to accounts, as far as it concerns wishes: exports of them, and their purge.

pub mod hear_in_screenings;
mod store;
