//! What the program is made of: no `unsafe`, no network, nothing from elsewhere than crates.io, no second version without a reason.
//!
//! `cargo deny check` says more (licences, advisories), where it is installed; this much needs nothing.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn table(name: &str) -> toml::Table {
    read(name).parse().unwrap()
}

/// Name, version and source of each package of the lock file but this one.
fn packages() -> Vec<(String, String, String)> {
    let lock = table("Cargo.lock");
    let field = |package: &toml::Value, name: &str| {
        package.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned()
    };
    let all = lock["package"].as_array().unwrap().iter();
    let all =
        all.map(|package| (field(package, "name"), field(package, "version"), field(package, "source")));
    let others: Vec<_> = all.filter(|(name, ..)| name != env!("CARGO_PKG_NAME")).collect();
    assert!(others.len() > 100, "only {} packages found", others.len());
    others
}

/// All Rust files below `folders`.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => waiting.push(path),
                Some(ending) if ending == "rs" => found.push(path),
                _ => {}
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn unsafe_code_is_forbidden_and_not_merely_denied() {
    let manifest = table("Cargo.toml");
    // What is forbidden cannot be allowed again further in.
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    assert!(
        !root().join("build.rs").exists() && manifest["package"].get("build").is_none(),
        "a build script"
    );
}

#[test]
fn everything_comes_from_the_registry_with_a_checksum() {
    for (name, version, source) in packages() {
        assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name} {version}");
    }
    let lock = read("Cargo.lock");
    assert_eq!(lock.matches("\nchecksum = ").count(), packages().len());
}

#[test]
fn no_package_that_speaks_to_a_network_is_in_the_lock_file() {
    let deny = table("deny.toml");
    let refused = deny["bans"]["deny"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let refused: BTreeSet<&str> = refused.collect();
    assert!(refused.len() > 20, "{refused:?}");
    let found: Vec<_> = packages().into_iter().filter(|(name, ..)| refused.contains(name.as_str())).collect();
    assert_eq!(found, []);
}

#[test]
fn no_source_names_a_network_or_another_program() {
    let words = ["std::net", "TcpStream", "TcpListener", "UdpSocket", "UnixStream", "process::Command"];
    for path in sources(&["src"]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
    }
}

#[test]
fn every_second_version_has_its_reason_and_every_reason_a_second_version() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version, _) in packages() {
        versions.entry(name).or_default().insert(version);
    }
    let deny = table("deny.toml");
    let skip = deny["bans"]["skip"].as_array().unwrap().iter().map(|entry| entry["crate"].as_str().unwrap());
    let skip: Vec<(&str, &str)> = skip.map(|entry| entry.split_once('@').unwrap()).collect();
    for (name, version) in &skip {
        let known = versions.get(*name).is_some_and(|known| {
            known.len() > 1 && known.iter().any(|known| known.starts_with(&format!("{version}.")))
        });
        assert!(known, "{name} has no second version {version} any more; take it out of deny.toml");
    }
    let is_excused = |name: &str, version: &String| {
        skip.iter().any(|(other, begin)| *other == name && version.starts_with(&format!("{begin}.")))
    };
    for (name, known) in &versions {
        let left: Vec<&String> = known.iter().filter(|version| !is_excused(name, version)).collect();
        assert!(left.len() <= 1, "{name} has the versions {left:?}; see deny.toml");
    }
}

#[test]
fn readers_are_told_the_oldest_compiler_that_the_manifest_names() {
    let manifest = table("Cargo.toml");
    let version = manifest["package"]["rust-version"].as_str().unwrap();
    for name in ["README.md", "CONTRIBUTING.md"] {
        assert!(read(name).contains(&format!("{version} or newer")), "{name} does not say {version}");
    }
}

/// The functions of the system that the program can call, from the tables that the loader reads.
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
fn imports(program: &[u8]) -> Vec<&[u8]> {
    let number = |at: usize, bytes: usize| {
        program[at..at + bytes].iter().rev().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
    };
    assert!(program.starts_with(b"\x7fELF\x02\x01"));
    let (sections, size, count) = (number(0x28, 8), number(0x3A, 2), number(0x3C, 2));
    // Tables of strings (type 3) that are loaded (flag 2): the names of the dynamic symbols.
    let headers = (0..count).map(|n| sections + n * size);
    let tables = headers.filter(|&at| number(at + 4, 4) == 3 && number(at + 8, 8) & 2 != 0);
    tables
        .flat_map(|at| program[number(at + 24, 8)..][..number(at + 32, 8)].split(|&byte| byte == 0))
        .collect()
}

#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
#[test]
fn the_program_can_neither_connect_nor_start_another_program() {
    let program = fs::read(assert_cmd::cargo::cargo_bin!("stancewire")).unwrap();
    let found = imports(&program);
    assert!(
        found.contains(&b"read".as_slice()) && found.contains(&b"write".as_slice()),
        "the table is wrong"
    );
    let refused = [
        "socket",
        "connect",
        "bind",
        "listen",
        "accept",
        "accept4",
        "getaddrinfo",
        "sendto",
        "recvfrom",
        "execve",
        "execvp",
        "fork",
        "vfork",
        "posix_spawn",
        "posix_spawnp",
        "system",
        "popen",
        "dlopen",
    ];
    for name in refused {
        assert!(!found.contains(&name.as_bytes()), "the program imports {name}");
    }
}
