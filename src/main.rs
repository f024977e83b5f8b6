//! The `stancewire` program.
fn main() {}
