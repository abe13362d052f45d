//! Rebuilds the crate when a text file is added or removed: the loader's macro includes the files
//! it finds, so Cargo itself only notices changes to those that it found last time.

fn main() {
    println!("cargo::rerun-if-changed=locales");
}
