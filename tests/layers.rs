//! Which room may use which: the arrows between the folders of `src`, read off their `use` lines.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use. All may use the base: `error`, `labels`, `span`.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("corpus", &[]),
    ("text", &[]),
    ("features", &[]),
    ("classifier", &["features"]),
    ("eval", &["classifier"]),
    ("model", &["text", "features", "classifier", "eval"]),
    ("curation", &["corpus", "text", "eval", "model"]),
    ("report", &["eval", "model", "curation"]),
    ("batch", &["corpus", "text", "features", "classifier", "eval", "model"]),
    ("export", &["corpus", "text", "model", "batch"]),
    // The program is a crate of its own on top of the library, and has no rooms of its own but this one.
    ("cli", &[]),
];

const BASE: [&str; 3] = ["error", "labels", "span"];

/// The rooms that neither read nor write.
const PURE: [&str; 4] = ["text", "features", "classifier", "eval"];

const INPUT_AND_OUTPUT: [&str; 5] = ["std::fs", "std::io", "println!", "print!(", "std::net"];

#[test]
fn no_room_uses_one_that_it_should_not_know() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let room = room_of(&file);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == room) else {
            assert!(
                BASE.contains(&room.as_str()) || ["lib", "main"].contains(&room.as_str()),
                "{room} is not in the table of rooms"
            );
            continue;
        };
        for used in rooms_named_in(&text) {
            let is_known = BASE.contains(&used.as_str()) || used == room || allowed.contains(&used.as_str());
            if !is_known {
                wrong.push(format!("{}: {room} uses {used}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_base_uses_no_room() {
    for (file, text) in sources() {
        if BASE.contains(&room_of(&file).as_str()) {
            let used = rooms_named_in(&text);
            assert!(used.iter().all(|room| BASE.contains(&room.as_str())), "{}: {used:?}", file.display());
        }
    }
}

#[test]
fn the_core_neither_reads_nor_writes() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        if !PURE.contains(&room_of(&file).as_str()) {
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && INPUT_AND_OUTPUT.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{}:{number}: {}", file.display(), line.trim()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn rooms_are_found_in_all_forms_of_use() {
    let text = "use crate::error::Result;\nuse crate::{labels::LabelId, text};\n// use crate::batch;\nlet x = crate::eval::y();";
    let found: Vec<String> = rooms_named_in(text).into_iter().collect();
    assert_eq!(found, ["error", "eval", "labels", "text"]);
}

/// All source files with their text up to their tests, which may use whatever they need.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
                found.push((path.strip_prefix(&src).unwrap().to_path_buf(), code));
            }
        }
    }
    assert!(found.len() > 50, "only {} source files found", found.len());
    found
}

/// The folder of a source file, or its name without ending where it lies in no folder.
fn room_of(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// What follows `crate::`, outside comments.
fn rooms_named_in(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let word: String = name.trim_start().chars().take_while(|&c| is_part(c)).collect();
            rooms.insert(word);
        }
    }
    rooms.remove("");
    rooms
}
