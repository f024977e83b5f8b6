//! What works without a model file: the program brings its model along.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::format_collect)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, Table, told};

const CASES: [(&str, &str); 4] = [
    ("The foreign minister called for an immediate ceasefire in the city.", "ceasefire-call"),
    ("We will strike back with overwhelming force if they cross the border.", "threat"),
    ("The government urged all parties to show restraint.", "restraint"),
    ("The central bank raised its key rate in March.", "none"),
];

#[test]
fn clear_sentences_get_their_label() {
    let folder = Folder::empty();
    let table: String = CASES.iter().map(|(text, _)| format!("\"{text}\"\n")).collect();
    folder.write("news.csv", format!("text\n{table}"));
    let rows = Table::read(folder.done(&["label", "news.csv"]).as_bytes());
    assert_eq!(rows.column("label"), CASES.map(|case| case.1));
}

#[test]
fn the_model_tells_about_itself_and_hands_out_its_lexicon() {
    let folder = Folder::empty();
    let info = folder.done(&["info"]);
    for expected in ["made by", "trained on", "ceasefire-call", "restraint"] {
        assert!(info.contains(expected), "{info}");
    }
    assert!(folder.done(&["info", "--lexicon"]).contains("patterns"));
}

#[test]
fn the_lexicon_is_used_for_the_same_labels() {
    let folder = Folder::empty();
    let mut table = "text,label\n".to_owned();
    for (i, (text, label)) in CASES.iter().cycle().take(40).enumerate() {
        table +=
            &format!("\"{text} {}\",{label}\n", format!("Number {i} of {i} such lines. ").repeat(i % 5 + 2));
    }
    folder.write("train.csv", table);
    let run = folder.run(&["train", "train.csv", "--folds", "2", "--min-df", "2", "-o", "m.safetensors"]);
    assert!(told(&run).contains("cues: the lexicon of the built-in model"), "{}", told(&run));
}
