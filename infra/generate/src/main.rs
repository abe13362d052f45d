//! `cargo run -p campus-generate` writes what is generated.

fn main() {}
