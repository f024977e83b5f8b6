//! What must hold for every input, whoever made it: one function for each contract.
//!
//! The tests call them with tables, fixtures and random strings, the programs in `fuzz/` with whatever a fuzzer thinks of.
//! They panic when a contract is broken.

// Each test file uses its part; what cannot hold must fail.
#![allow(dead_code, clippy::unwrap_used)]

pub mod foreign;
pub mod label;
pub mod reader;
pub mod text;

/// What a target of the fuzzer does with one input, by the name of the target.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 8] = [
    ("csv", reader::csv),
    ("jsonl", reader::json_lines),
    ("plain", reader::plain),
    ("guessed", reader::guessed),
    ("segmenter", text::segmenter),
    ("analyzer", text::analyzer),
    ("model", foreign::model),
    ("label", label::label),
];

/// Takes the last byte off: it chooses the settings, so that an input begins with what it is about.
pub fn settings_of(data: &[u8]) -> (u8, &[u8]) {
    data.split_last().map_or((0, data), |(last, rest)| (*last, rest))
}
