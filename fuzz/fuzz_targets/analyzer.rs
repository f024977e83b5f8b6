#![no_main]

#[path = "../../tests/contracts/mod.rs"]
mod contracts;

libfuzzer_sys::fuzz_target!(|data: &[u8]| contracts::text::analyzer(data));
