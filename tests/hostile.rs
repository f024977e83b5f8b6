//! The inputs in `fuzz/seeds`, malformed by hand or found by a fuzzer, held against the contracts without one.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

mod cli_support;
mod contracts;

use cli_support::{Folder, text};

/// The seeds of the target called `name`.
fn seeds(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_contract_holds_for_every_seed() {
    let mut broken = Vec::new();
    let mut tried = 0;
    for (name, target) in contracts::TARGETS {
        for file in contracts::TARGETS.iter().flat_map(|(folder, _)| seeds(folder)) {
            let bytes = fs::read(&file).unwrap();
            let start = Instant::now();
            let held = catch_unwind(|| target(&bytes)).is_ok();
            tried += 1;
            if !held || start.elapsed() > Duration::from_secs(20) {
                broken.push(format!("{name} with {}: {:?}", file.display(), start.elapsed()));
            }
        }
    }
    assert!(broken.is_empty(), "{} of {tried}:\n{}", broken.len(), broken.join("\n"));
    assert!(tried > 1000, "only {tried}");
}

/// What the program says of `model` when it may not have more than a gigabyte of addresses.
#[cfg(target_os = "linux")]
fn refused_in_a_gigabyte(folder: &Folder, model: &str) -> String {
    let program = folder.command(&[]).get_program().to_owned();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -v 1048576; exec \"$@\"", "sh"]).arg(program).args(["info", model]);
    let run = shell.current_dir(folder.path("")).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
    text(&run.stderr)
}

#[test]
#[cfg(target_os = "linux")]
fn a_model_that_claims_terabytes_or_never_ends_takes_no_memory() {
    let folder = Folder::empty();
    let header = r#"{"weights":{"dtype":"F64","shape":[1099511627776],"data_offsets":[0,8796093022208]}}"#;
    folder.write("claim", [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat());
    assert_eq!(folder.bytes("claim").len(), 92);
    insta::assert_snapshot!(refused_in_a_gigabyte(&folder, "claim"), @r"
    error: claim: this is no whole model file: its tensors end before or behind the file, which has 92 bytes
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
    insta::assert_snapshot!(refused_in_a_gigabyte(&folder, "/dev/zero"), @r"
    error: /dev/zero: this is no whole model file: its header cannot be read: EOF while parsing a value at line 1 column 0
      expected a file made by stancewire train; was it cut off, or is it another kind of file?
    ");
}
