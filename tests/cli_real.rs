//! Whole documents that others wrote, where they are at hand: `../shared/real` beside the project.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::print_stdout)] // a test that cannot be set up should fail

mod cli_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use cli_support::{Folder, Table, check_sentences};

/// The file `name` of the real texts, or a word that it is missing.
fn real(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/real").join(name);
    if !path.exists() {
        println!("{} is not there: nothing to test", path.display());
    }
    path.canonicalize().ok()
}

#[test]
fn a_folder_of_documents_is_labelled_whole_and_in_order() {
    let Some(articles) = real("articles") else { return };
    let folder = Folder::with_model();
    let rows = folder.done(&["label", articles.to_str().unwrap(), "-m", "model.safetensors", "-q"]);
    let rows = Table::read(rows.as_bytes());
    let ids = rows.column("doc_id");
    let mut files: Vec<String> = fs::read_dir(&articles)
        .unwrap()
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    let mut seen = ids.clone();
    seen.dedup();
    assert_eq!(seen, files);
    let texts: BTreeMap<&str, String> =
        files.iter().map(|file| (file.as_str(), fs::read_to_string(file).unwrap())).collect();
    assert!(check_sentences(&rows, |row| texts[ids[row]].trim_start_matches('\u{feff}')) > 1000);
}

#[test]
fn a_table_of_documents_keeps_its_columns_and_its_order() {
    let Some(articles) = real("articles.csv") else { return };
    let folder = Folder::with_model();
    let arguments =
        ["label", articles.to_str().unwrap(), "--text-column", "body", "-m", "model.safetensors", "-q"];
    let rows = Table::read(folder.done(&arguments).as_bytes());
    let expected =
        ["id", "source", "date", "title", "sentence_no", "start", "end", "sentence", "label", "confidence"];
    assert_eq!(rows.header()[..10], expected);
    let documents = Table::read(&fs::read(&articles).unwrap());
    let mut ids = rows.column("id");
    let by_id: BTreeMap<&str, usize> = documents.column("id").into_iter().zip(0..).collect();
    let bodies = documents.column("body");
    check_sentences(&rows, |row| bodies[by_id[ids[row]]]);
    for name in ["source", "date", "title"] {
        let (given, kept) = (documents.column(name), rows.column(name));
        assert!((0..rows.len()).all(|row| kept[row] == given[by_id[ids[row]]]), "{name}");
    }
    ids.dedup();
    assert_eq!(ids, documents.column("id"));
}
