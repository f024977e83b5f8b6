//! The pages of `--report`: complete, the same every time, and harmless whatever stands in the data.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, text};
use insta::assert_snapshot;

const NASTY: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u{1b}[31m\u{202e}gnp";

fn gold() -> String {
    "id,doc_id,text,label,source,date\n\
     a1,a,The army will strike the capital if ships come nearer.,threat,radio,2023-01-05\n\
     a2,a,The president demanded a truce.,ceasefire-call,radio,2023-01-05\n\
     b1,b,It rained.,none,wire,2024-02-01\n\
     b2,b,The bridges will open in May.,none,wire,2024-02-01\n\
     c1,c,The general opened a school near the old harbour.,threat,wire,2024-03-09\n"
        .to_owned()
}

fn page_of(folder: &Folder, arguments: &[&str]) -> String {
    folder.done(&[arguments, &["--report", "r.html"]].concat());
    folder.text("r.html")
}

const EVALUATE: [&str; 4] = ["evaluate", "gold.csv", "-m", "model.safetensors"];

#[test]
fn an_evaluation_has_a_page_with_all_its_parts() {
    let folder = Folder::with_model();
    folder.write("gold.csv", gold());
    let printed = folder.done(&EVALUATE);
    let html = page_of(&folder, &EVALUATE);
    assert_eq!(
        printed,
        folder.done(&[&EVALUATE[..], &["--report", "r.html"]].concat()),
        "the text is as without"
    );
    let ids = [
        "summary",
        "warnings",
        "labels",
        "confusion",
        "curves",
        "calibration",
        "scores",
        "review",
        "breakdowns",
    ];
    for id in ids.into_iter().chain(["errors", "terms", "about"]) {
        assert!(html.contains(&format!("<section id=\"{id}\"")), "no section {id}");
    }
    assert!(html.contains("By source") && html.contains("By year") && html.contains(">2024<"));
    assert!(html.contains("The general opened a school near the old harbour."), "an error with its text");
    assert!(html.contains("SHA-256 of texts, labels and documents"));
}

#[test]
fn the_same_rows_give_the_same_page_on_any_number_of_threads() {
    let folder = Folder::with_model();
    folder.write("gold.csv", gold());
    let first = page_of(&folder, &EVALUATE);
    for threads in ["1", "3"] {
        assert!(
            page_of(&folder, &[&EVALUATE[..], &["--threads", threads]].concat()) == first,
            "{threads} threads"
        );
    }
}

#[test]
fn training_and_cross_validation_have_pages_too() {
    let folder = Folder::with_model();
    let train = ["train", "train.csv", "-o", "m.safetensors", "--min-df", "2"];
    let html = page_of(&folder, &train);
    assert!(html.contains("<section id=\"terms\"") && html.contains("By source"));
    let html = page_of(&folder, &["crossval", "train.csv", "--min-df", "2"]);
    assert!(html.contains("Cross-validation") && !html.contains("<section id=\"terms\""));
    let html = page_of(&folder, &["evaluate", "train.csv", "--predicted-column", "label"]);
    assert!(!html.contains("<section id=\"errors\""), "all of them are right");
}

#[test]
fn rows_of_the_training_are_told_as_such() {
    let folder = Folder::with_model();
    let report = folder.done(&["evaluate", "train.csv", "-m", "model.safetensors"]);
    assert!(report.contains("these are the rows that the model was trained on"), "{report}");
    folder.write("less.csv", folder.text("train.csv").lines().take(40).collect::<Vec<_>>().join("\n"));
    let report = folder.done(&["evaluate", "less.csv", "-m", "model.safetensors"]);
    assert!(!report.contains("these are the rows"), "{report}");
}

#[test]
fn no_text_of_the_data_becomes_an_element() {
    let folder = Folder::empty();
    let quoted = format!("\"{}\"", NASTY.replace('"', "\"\""));
    let mut table = format!("id,doc_id,text,label,told,{quoted}\n");
    for i in 0..6 {
        let (gold, told) = if i % 2 == 0 { (&quoted[..], "none") } else { ("none", &quoted[..]) };
        table += &format!("{quoted},{quoted},{quoted} {i},{gold},{told},{quoted}\n");
    }
    folder.write("gold.csv", table);
    let html = page_of(&folder, &["evaluate", "gold.csv", "--predicted-column", "told", "--by", NASTY]);
    for wrong in ["<script", "<img", "\u{1b}", "\u{202e}"] {
        assert!(!html.contains(wrong), "{wrong:?}");
    }
    assert!(html.contains("⟨U+202E⟩gnp") && html.contains("␛[31m"), "what cannot be seen is shown");
}

#[test]
fn a_page_that_cannot_be_written_is_told_before_the_work() {
    let folder = Folder::with_model();
    folder.write("gold.csv", gold());
    let report = |path: &str| folder.refused(&[&EVALUATE[..], &["--report", path]].concat());
    assert_snapshot!("html_to_stdout", report("-"));
    assert_snapshot!("html_no_folder", report("nowhere/r.html"));
    let same = [&EVALUATE[..], &["-o", "r.html", "--report", "r.html"]].concat();
    assert_snapshot!("html_overwrites", folder.refused(&same));
    let train = ["train", "train.csv", "-o", "m.html", "--report", "m.html"];
    assert!(folder.refused(&train).contains("would overwrite"));
}

#[test]
fn one_row_makes_a_page() {
    let folder = Folder::with_model();
    folder.write("gold.csv", "text,label\nIt rained.,none\n");
    let html = page_of(&folder, &EVALUATE);
    assert!(html.contains("<section id=\"confusion\"") && !html.contains("NaN"), "{html}");
    assert!(text(html.as_bytes()).ends_with("</html>\n"));
}
