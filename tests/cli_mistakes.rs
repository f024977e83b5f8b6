//! What the program says when its user made a mistake: each with exit code 2, nothing on standard output and no file.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, told};
use insta::assert_snapshot;

/// `label INPUT` with the small model, to a file.
fn label<'a>(input: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["label", input, "--model", "model.safetensors", "-o", "out.csv"];
    arguments.extend(more);
    arguments
}

#[test]
fn an_empty_file_is_refused() {
    let folder = Folder::with_model();
    folder.write("empty.csv", "");
    assert_snapshot!("empty_label", folder.refused(&label("empty.csv", &[])));
    assert_snapshot!("empty_train", folder.refused(&["train", "empty.csv", "-o", "m.safetensors"]));
}

#[test]
fn a_header_alone_is_nothing_to_train_on() {
    let folder = Folder::empty();
    folder.write("header.csv", "text,label\n");
    assert_snapshot!("header_train", folder.refused(&["train", "header.csv", "-o", "m.safetensors"]));
}

#[test]
fn one_label_is_nothing_to_tell_apart() {
    let folder = Folder::empty();
    folder.write("one.csv", "text,label\nIt rained.,none\nThe sun shone.,none\n");
    assert_snapshot!("one_label", folder.refused(&["train", "one.csv", "-o", "m.safetensors"]));
}

#[test]
fn too_few_rows_for_the_folds_are_refused() {
    let folder = Folder::empty();
    folder.write("few.csv", "text,label\nIt rained.,none\nWe will strike.,threat\n");
    assert_snapshot!("few_rows", folder.refused(&["train", "few.csv", "-o", "m.safetensors"]));
}

#[test]
fn zero_bytes_in_a_table_are_told() {
    let folder = Folder::with_model();
    folder.write("zero.csv", b"id,text\n1,It \0rained.\n2,The\0 sun shone.\n");
    let run = folder.run(&label("zero.csv", &[]));
    assert_snapshot!("zero_bytes", told(&run));
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_place() {
    let folder = Folder::with_model();
    folder.write("latin.csv", b"id,text\n1,It rained.\n2,The caf\xE9 shut.\n");
    assert_snapshot!("invalid_utf8", folder.refused(&label("latin.csv", &[])));
}

#[test]
fn a_missing_column_is_refused() {
    let folder = Folder::with_model();
    folder.write("news.csv", "id,headline,year\n1,Rain,1999\n");
    assert_snapshot!("no_text_column", folder.refused(&label("news.csv", &[])));
    assert_snapshot!(
        "no_label_column",
        folder.refused(&[
            "evaluate",
            "news.csv",
            "--text-column",
            "headline",
            "--model",
            "model.safetensors"
        ])
    );
}

#[test]
fn a_misspelt_column_is_named_with_the_nearest_one() {
    let folder = Folder::with_model();
    folder.write("news.csv", "id,body,year\n1,Rain,1999\n");
    assert_snapshot!("wrong_text_column", folder.refused(&label("news.csv", &["--text-column", "bodi"])));
    assert_snapshot!(
        "wrong_by",
        folder.refused(&["evaluate", "train.csv", "--model", "model.safetensors", "--by", "sorce"])
    );
    assert_snapshot!("wrong_by_crossval", folder.refused(&["crossval", "train.csv", "--by", "sorce"]));
}

#[test]
fn a_folder_without_articles_is_refused() {
    let folder = Folder::with_model();
    folder.write("papers/scan.pdf", "x");
    assert_snapshot!("no_articles", folder.refused(&label("papers", &[])));
}

#[test]
fn an_input_that_is_not_there_is_refused() {
    let folder = Folder::with_model();
    assert_snapshot!("no_input", folder.refused(&label("nowhere.csv", &[])));
}

#[test]
fn an_output_in_a_folder_that_is_not_there_is_refused() {
    let folder = Folder::with_model();
    let text = folder.refused(&["label", "train.csv", "-m", "model.safetensors", "-o", "no/such/out.csv"]);
    assert_snapshot!("no_output_folder", text);
    assert_snapshot!(
        "no_model_folder",
        folder.refused(&["train", "train.csv", "-o", "no/such/m.safetensors"])
    );
}

#[test]
fn an_output_that_is_a_folder_is_refused() {
    let folder = Folder::with_model();
    folder.write("out/x.txt", "x");
    assert_snapshot!(
        "output_is_folder",
        folder.refused(&["label", "train.csv", "-m", "model.safetensors", "-o", "out"])
    );
}

#[cfg(unix)]
#[test]
fn an_output_in_a_folder_that_cannot_be_written_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with_model();
    folder.write("locked/x.txt", "x");
    let locked = folder.path("locked");
    std::fs::set_permissions(&locked, PermissionsExt::from_mode(0o555)).unwrap();
    if std::fs::write(locked.join("probe"), "").is_ok() {
        println!("this user may write everywhere: nothing to test");
        return;
    }
    let text = folder.refused(&["label", "train.csv", "-m", "model.safetensors", "-o", "locked/out.csv"]);
    assert_snapshot!("locked_folder", text);
}

#[test]
fn the_output_cannot_replace_an_input() {
    let folder = Folder::with_model();
    let text = folder.refused(&["label", "train.csv", "-m", "model.safetensors", "-o", "./train.csv"]);
    assert_snapshot!("output_is_input", text);
}

#[test]
fn kinds_of_file_that_are_not_written_are_refused() {
    let folder = Folder::with_model();
    let text = folder.refused(&["label", "train.csv", "-m", "model.safetensors", "-o", "out.xls"]);
    assert_snapshot!("output_kind", text);
}

#[test]
fn a_label_that_the_model_does_not_know_is_refused_with_its_line() {
    let folder = Folder::with_model();
    folder.write("gold.csv", "text,label\nIt rained.,none\nWe will strike.,treat\n");
    assert_snapshot!("unknown_label", folder.refused(&["evaluate", "gold.csv", "-m", "model.safetensors"]));
    folder.write("more.csv", "text,label\nIt rained.,weather\n");
    assert_snapshot!(
        "unknown_label_add",
        folder.refused(&["train", "train.csv", "--add", "more.csv", "-o", "m.safetensors"])
    );
}

#[test]
fn a_row_with_too_many_fields_is_refused() {
    let folder = Folder::with_model();
    folder.write("ragged.csv", "id,text\n1,It rained.\n2,Rain, again.\n3,The sun shone.\n");
    assert_snapshot!("ragged", folder.refused(&label("ragged.csv", &[])));
}

#[test]
fn a_damaged_model_file_is_refused() {
    let folder = Folder::with_model();
    let mut bytes = folder.bytes("model.safetensors");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    folder.write("flipped.safetensors", &bytes);
    folder.write("short.safetensors", &bytes[..middle]);
    folder.write("foreign.safetensors", "PK\u{3}\u{4} not a model");
    folder.write("empty.safetensors", "");
    for name in ["flipped", "short", "foreign", "empty", "missing"] {
        let file = format!("{name}.safetensors");
        assert_snapshot!(
            format!("model_{name}"),
            folder.refused(&["label", "train.csv", "-m", &file, "-o", "out.csv"])
        );
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    let folder = Folder::with_model();
    for (name, arguments) in [
        ("threshold_label", label("train.csv", &["--threshold", "treat=0.5"])),
        ("threshold_number", label("train.csv", &["--threshold", "threat=2"])),
        ("threshold_form", label("train.csv", &["--threshold", "0.5"])),
        ("prior_incomplete", label("train.csv", &["--prior", "threat=0.5"])),
        ("prior_zero", label("train.csv", &["--prior", "threat=0,none=1,ceasefire-call=1"])),
        ("min_precision", label("train.csv", &["--min-precision", "2"])),
        ("format", label("train.csv", &["--format", "xml"])),
        ("encoding", label("train.csv", &["--encoding", "klingon"])),
        ("folds", vec!["crossval", "train.csv", "--folds", "1"]),
        ("alpha", vec!["crossval", "train.csv", "--alpha", "0"]),
        ("min_df", vec!["crossval", "train.csv", "--min-df", "1000"]),
        ("ngrams", vec!["crossval", "train.csv", "--ngrams", "3-1"]),
        ("language", vec!["crossval", "train.csv", "--language", "latin"]),
        (
            "weights_linfa",
            vec!["train", "train.csv", "--solver", "linfa", "--class-weights", "balanced", "-o", "m"],
        ),
        ("cues_missing", vec!["crossval", "train.csv", "--cues", "nowhere.toml"]),
        ("model_to_stdout", vec!["train", "train.csv", "-o", "-"]),
        ("explain_nothing", vec!["explain", "-m", "model.safetensors", " "]),
        ("info_no_lexicon", vec!["info", "model.safetensors", "--lexicon"]),
        ("no_command", vec!["lable", "train.csv"]),
    ] {
        assert_snapshot!(format!("setting_{name}"), folder.refused(&arguments));
    }
}

#[test]
fn a_model_of_single_sentences_knows_no_natural_shares() {
    let folder = Folder::with_model();
    folder.write("single.csv", cli_support::labelled_csv().replacen("doc_id", "region", 1));
    folder.done(&["train", "single.csv", "--min-df", "2", "-o", "model.safetensors", "-q"]);
    assert_snapshot!("prior_natural", folder.refused(&label("train.csv", &["--prior", "natural"])));
}

#[test]
fn a_damaged_lexicon_is_refused_with_its_line() {
    let folder = Folder::empty();
    folder.write("train.csv", cli_support::labelled_csv());
    folder.write("cues.toml", "[CALL]\npatterns = [\"call* for\"]\n\n[STOP]\npatterns = [\"{HALT} fire\"]\n");
    assert_snapshot!("bad_lexicon", folder.refused(&["crossval", "train.csv", "--cues", "cues.toml"]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = Folder::with_model();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run =
        folder.command(&["label", "train.csv", "-m", "model.safetensors"]).stdout(full).output().unwrap();
    assert_snapshot!("full_disk", told(&run));
}
