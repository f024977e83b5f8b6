//! `stancewire label`, run as its users run it.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use cli_support::{Folder, Table, check_sentences, told};
use insta::assert_snapshot;

const NEWS: &str = "id,body,year\n\
    7,\"The army will strike their ports if they cross the river. The president called for a truce.\",1999\n\
    8,=SUM(A1),2001\n\
    9,,2003\n";

const LABEL: [&str; 4] = ["label", "news.csv", "--model", "model.safetensors"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    LABEL.iter().copied().chain(more.iter().copied()).collect()
}

fn news() -> Folder {
    let folder = Folder::with_model();
    folder.write("news.csv", NEWS);
    folder
}

#[test]
fn rows_go_to_standard_output_and_words_to_standard_error() {
    assert_snapshot!("csv", told(&news().run(&LABEL)));
}

#[test]
fn the_name_of_the_output_decides_on_its_format() {
    let folder = news();
    for name in ["out.tsv", "out.jsonl"] {
        assert_eq!(folder.done(&with(&["-o", name, "--quiet"])), "");
        assert_snapshot!(name, folder.text(name));
    }
    let jsonl = folder.done(&with(&["--format", "jsonl"]));
    assert_eq!(jsonl, folder.text("out.jsonl"));
}

#[test]
fn options_shape_the_rows() {
    let folder = news();
    assert_snapshot!("no_split", folder.done(&with(&["--no-split"])));
    assert_snapshot!("keep_text", folder.done(&with(&["--keep-text"])));
    assert_snapshot!("explain", folder.done(&with(&["--explain", "2"])));
    let excel = folder.done(&with(&["--excel"]));
    assert!(excel.starts_with('\u{feff}') && excel.contains("'=SUM(A1)"), "{excel}");
}

#[test]
fn thresholds_and_prior_are_the_users_choice() {
    let folder = news();
    let all = Table::read(
        folder
            .done(&with(&[
                "--threshold",
                "threat=1",
                "--threshold",
                "none=1",
                "--threshold",
                "ceasefire-call=1",
            ]))
            .as_bytes(),
    );
    assert!(all.column("status").iter().all(|status| *status != "ok"));
    let p = |arguments: &[&str]| {
        let table = Table::read(folder.done(&with(arguments)).as_bytes());
        table.column("p_threat")[0].parse::<f64>().unwrap()
    };
    let (as_trained, rare) = (p(&[]), p(&["--prior", "threat=1,none=100,ceasefire-call=100"]));
    assert!(rare < as_trained, "{rare} {as_trained}");
    // The training rows are balanced.
    assert!((p(&["--prior", "balanced"]) - as_trained).abs() < 1e-9);
}

#[test]
fn quiet_says_nothing() {
    let run = news().run(&with(&["--quiet"]));
    assert!(run.status.success() && run.stderr.is_empty() && !run.stdout.is_empty(), "{}", told(&run));
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = news();
    let before = folder.names();
    assert_snapshot!("dry_run", told(&folder.run(&with(&["-o", "out.csv", "--dry-run"]))));
    assert_eq!(folder.names(), before);
}

#[test]
fn bad_rows_are_left_out_and_listed() {
    let folder = Folder::with_model();
    let mut table = "id,text\n1,It rained.\n".to_owned();
    for _ in 0..12 {
        table += "2,Rain, again.\n";
    }
    table += "3,The sun shone.\n";
    folder.write("news.csv", table);
    assert_snapshot!("skip_bad_rows", told(&folder.run(&with(&["--skip-bad-rows"]))));
}

#[test]
fn a_folder_of_articles_is_labelled_in_path_order() {
    let folder = Folder::with_model();
    folder.write("articles/b.txt", "The army will bomb the capital if ships come nearer.");
    folder.write("articles/a.md", "It rained. The president demanded a truce.\n");
    folder.write("articles/c/empty.txt", "");
    folder.write("articles/scan.pdf", "x");
    assert_snapshot!("folder", told(&folder.run(&["label", "articles", "-m", "model.safetensors"])));
}

#[test]
fn encodings_and_packing_do_not_change_the_rows() {
    let folder = Folder::with_model();
    let table = "id,text\n1,The café shut. Naïve men will strike the capital.\n";
    folder.write("utf-8.csv", table);
    let utf_16 = |mark: &str, to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("{mark}{table}").encode_utf16().flat_map(to).collect()
    };
    folder.write("utf-16le.csv", utf_16("\u{feff}", u16::to_le_bytes));
    folder.write("utf-16be.csv", utf_16("\u{feff}", u16::to_be_bytes));
    folder
        .write("windows.csv", table.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<_>>());
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(table.as_bytes()).unwrap();
    folder.write("packed.csv.gz", gz.finish().unwrap());
    folder.write("packed.csv.zst", zstd::encode_all(table.as_bytes(), 3).unwrap());
    let expected = folder.done(&["label", "utf-8.csv", "-m", "model.safetensors"]);
    assert!(expected.contains("The café shut."), "{expected}");
    for name in ["utf-16le.csv", "utf-16be.csv", "packed.csv.gz", "packed.csv.zst"] {
        assert_eq!(folder.done(&["label", name, "-m", "model.safetensors"]), expected, "{name}");
    }
    let windows = ["label", "windows.csv", "-m", "model.safetensors", "--encoding", "windows-1252"];
    assert_eq!(folder.done(&windows), expected);
}

#[test]
fn standard_input_is_read() {
    let folder = news();
    let run = folder.run_with(&["label", "-", "-m", "model.safetensors"], NEWS);
    assert_eq!(cli_support::text(&run.stdout), folder.done(&LABEL));
    assert!(cli_support::text(&run.stderr).contains("<stdin> looks like a CSV table"), "{}", told(&run));
}

/// Some 700 KB of articles, so that several blocks are under way at once.
fn many_articles() -> String {
    let mut table = "id,text\n".to_owned();
    let words =
        ["truce", "ports", "Ōsaka", "strike", "rain", "“peace”", "river", "naïve", "ceasefire", "budget"];
    for i in 0_usize..3000 {
        let sentences = (0..5).map(|s| {
            let word = |k: usize| words[(i * 7 + s * 3 + k * k) % words.len()];
            format!("The {} of {} will {} {}.", word(0), word(1), word(2), word(i % 11))
        });
        table += &format!("{i},\"{}\"\n", sentences.collect::<Vec<_>>().join(" ").replace('"', "\"\""));
    }
    table
}

#[test]
fn output_is_the_same_for_any_number_of_threads_and_any_run() {
    let folder = Folder::with_model();
    folder.write("many.csv", many_articles());
    let arguments = ["label", "many.csv", "-m", "model.safetensors", "--explain", "3"];
    let first = folder.run(&arguments).stdout;
    assert!(first.len() > 1 << 20);
    assert!(first == folder.run(&arguments).stdout, "two runs differ");
    for threads in ["1", "2", "8"] {
        let mut by_option = arguments.to_vec();
        by_option.extend(["--threads", threads]);
        assert!(first == folder.run(&by_option).stdout, "--threads {threads}");
        let by_variable = folder.command(&arguments).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(first == by_variable.stdout, "RAYON_NUM_THREADS={threads}");
    }
}

#[test]
fn every_sentence_is_its_part_of_the_document() {
    let folder = Folder::with_model();
    folder.write("many.csv", many_articles());
    let documents = Table::read(&folder.bytes("many.csv"));
    let texts = documents.column("text");
    let rows = Table::read(folder.done(&["label", "many.csv", "-m", "model.safetensors"]).as_bytes());
    let ids = rows.column("id");
    assert_eq!(check_sentences(&rows, |row| texts[ids[row].parse::<usize>().unwrap()]), 15_000);
}

#[test]
fn a_long_text_without_a_full_stop_is_labelled_in_time_that_grows_with_its_length() {
    let folder = Folder::with_model();
    folder.write("long.txt", "the army will strike and ".repeat(12_000));
    let started = Instant::now();
    let rows = Table::read(folder.done(&["label", "long.txt", "-m", "model.safetensors"]).as_bytes());
    // A quadratic walk over 300,000 characters would take minutes.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let characters: usize = rows.column("sentence").iter().map(|sentence| sentence.chars().count()).sum();
    assert!(characters > 299_000, "{characters}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::with_model();
    folder.write("many.csv", many_articles());
    let mut command = folder.command(&["label", "many.csv", "-m", "model.safetensors", "--quiet"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut start = [0; 20];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let run = child.wait_with_output().unwrap();
    assert_eq!((run.status.code(), cli_support::text(&run.stderr)), (Some(0), String::new()));
}

#[test]
fn an_older_output_stays_when_a_run_fails() {
    let folder = Folder::with_model();
    folder.write("ragged.csv", "id,text\n1,It rained.\n2,Rain, again.\n");
    folder.write("out.csv", "older");
    folder.refused(&["label", "ragged.csv", "-m", "model.safetensors", "-o", "out.csv"]);
    assert_eq!(folder.text("out.csv"), "older");
}
