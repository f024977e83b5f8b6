//! The corpus of `data/`: complete, unique, and its own.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stancewire::corpus::{Dataset, InputSpec, OnBadRow, near_duplicates};
use stancewire::features::CueLexicon;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Dataset {
    Dataset::read(&InputSpec::of([path.to_string_lossy().into_owned()]), None, OnBadRow::Stop).unwrap()
}

fn stance() -> Dataset {
    read(&root().join("data/stance.csv"))
}

#[test]
fn the_corpus_has_the_four_labels_of_the_codebook() {
    assert_eq!(stance().labels().names(), ["ceasefire-call", "none", "restraint", "threat"]);
}

#[test]
fn ids_and_texts_stand_once() {
    let data = stance();
    let ids: BTreeSet<&str> = data.examples().iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids.len(), data.len(), "an id stands twice");
    let texts: BTreeSet<String> = data.texts().iter().map(|t| t.to_lowercase()).collect();
    assert_eq!(texts.len(), data.len(), "a text stands twice");
}

#[test]
fn every_row_belongs_to_a_document_and_a_register() {
    let data = stance();
    assert!(data.examples().iter().all(|e| e.group.as_deref().is_some_and(|g| !g.is_empty())));
    assert!(data.column("register").unwrap().iter().all(|register| !register.is_empty()));
}

/// Three words in a row are a shingle; half of them in common is far below what a copied sentence has.
#[test]
fn no_sentence_of_the_real_text_stands_in_the_corpus() {
    let real = root().join("../shared/real/dev.csv");
    if !real.exists() {
        eprintln!("skipped: {} is not here", real.display());
        return;
    }
    let (ours, theirs) = (stance(), read(&real));
    let n = ours.len();
    let mut texts = ours.texts();
    texts.extend(theirs.texts());
    let pool = read_pool();
    texts.extend(pool.iter().map(String::as_str));
    let copied: Vec<_> = near_duplicates(&texts, 0.5)
        .unwrap()
        .into_iter()
        .filter(|pair| pair.first < n && pair.second >= n)
        .collect();
    let shown: Vec<_> = copied.iter().take(5).map(|p| (texts[p.first], texts[p.second])).collect();
    assert!(copied.is_empty(), "{} near-copies, such as {shown:#?}", copied.len());
}

fn read_pool() -> Vec<String> {
    let path = root().join("../shared/real/pool.csv.gz");
    let source =
        stancewire::corpus::Source::open(&InputSpec::of([path.to_string_lossy().into_owned()])).unwrap();
    let text = source.text_column().unwrap();
    source.documents(&text, OnBadRow::Stop).map(|d| d.unwrap().text().to_owned()).collect()
}

#[test]
fn the_lexicon_reads_and_is_the_one_in_the_shipped_model() {
    let toml = std::fs::read_to_string(root().join("data/cues.toml")).unwrap();
    let lexicon = CueLexicon::parse(&toml).unwrap();
    let model = stancewire::model::StanceModel::embedded().unwrap();
    assert_eq!(model.lexicon(), Some(&lexicon));
}
