//! `stancewire train`, `crossval` and `evaluate`, run as their users run them.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, Table, labelled_csv, told};
use insta::assert_snapshot;

const TRAIN: [&str; 6] = ["train", "train.csv", "--min-df", "2", "-o", "m.safetensors"];

fn folder() -> Folder {
    let folder = Folder::empty();
    folder.write("train.csv", labelled_csv());
    folder
}

#[test]
fn training_reports_and_says_what_it_wrote() {
    let run = folder().run(&TRAIN);
    assert_eq!(run.status.code(), Some(0), "{}", told(&run));
    let report = cli_support::text(&run.stdout);
    assert!(report.contains("cross-validation, 5 folds, of train.csv"), "{report}");
    assert!(report.contains("72 rows of 12 documents"), "{report}");
    let words = cli_support::text(&run.stderr);
    for expected in [
        "columns: text = text (guessed), label = label (guessed), id = id (guessed), group = doc_id (guessed)",
        "folds: 72 rows; the rows of each of 12 documents stay together",
        "cues: none, as the labels are not those of the built-in model",
        "fit: linfa solver",
        "converged",
        "written: m.safetensors, ",
        "SHA-256 ",
    ] {
        assert!(words.contains(expected), "{expected:?} is not in\n{words}");
    }
}

#[test]
fn the_model_file_is_the_same_for_any_number_of_threads_and_any_run() {
    for solver in ["linfa", "sparse"] {
        let folder = folder();
        let arguments = [&TRAIN[..], &["--solver", solver]].concat();
        folder.done(&arguments);
        let first = folder.bytes("m.safetensors");
        folder.done(&arguments);
        assert!(first == folder.bytes("m.safetensors"), "two runs of {solver} differ");
        for threads in ["1", "2", "8"] {
            folder.done(&[&arguments[..], &["--threads", threads]].concat());
            assert!(first == folder.bytes("m.safetensors"), "{solver}, --threads {threads}");
            let mut command = folder.command(&arguments);
            assert!(command.env("RAYON_NUM_THREADS", threads).output().unwrap().status.success());
            assert!(first == folder.bytes("m.safetensors"), "{solver}, RAYON_NUM_THREADS={threads}");
        }
    }
}

#[test]
fn crossval_reports_what_train_reports() {
    let folder = folder();
    let trained = folder.done(&[&TRAIN[..], &["--json"]].concat());
    let judged = folder.done(&["crossval", "train.csv", "--min-df", "2", "--json"]);
    assert_eq!(trained, judged);
    let json: serde_json::Value = serde_json::from_str(&judged).unwrap();
    assert_eq!((json["rows"].as_u64(), json["documents"].as_u64()), (Some(72), Some(12)));
}

#[test]
fn crossval_writes_its_predictions_and_breaks_scores_down() {
    let folder = folder();
    let report =
        folder.done(&["crossval", "train.csv", "--min-df", "2", "--predictions", "p.csv", "--by", "source"]);
    assert!(report.contains("By source"), "{report}");
    let predictions = Table::read(&folder.bytes("p.csv"));
    let expected =
        ["id", "text", "gold", "predicted", "confidence", "p_ceasefire_call", "p_none", "p_threat", "status"];
    assert_eq!(predictions.header(), expected);
    assert_eq!(predictions.len(), 72);
    assert_eq!(predictions.column("id")[..4], ["r0-0", "r0-1", "r0-2", "r1-0"]);
}

#[test]
fn further_rows_may_have_other_columns() {
    let folder = folder();
    folder.write("more.csv", "sentence,stance\nThe envoy called for a truce by noon.,ceasefire-call\n");
    let run =
        folder.run(&["train", "train.csv", "--add", "more.csv", "--min-df", "2", "-o", "m.safetensors"]);
    let words = cli_support::text(&run.stderr);
    assert!(words.contains("columns: text = sentence (guessed), label = stance (guessed)\n"), "{words}");
    assert!(words.contains("73 rows"), "{words}");
    let info = folder.done(&["info", "m.safetensors"]);
    assert!(info.contains("train.csv + more.csv: 73 rows of 13 documents"), "{info}");
}

#[test]
fn a_lexicon_makes_cues_that_travel_in_the_model() {
    let folder = folder();
    folder.write(
        "cues.toml",
        "[CALL]\npatterns = [\"call* for\", \"demand*\"]\n\n[TRUCE]\npatterns = [\"truce|ceasefire\"]\n",
    );
    folder.done(&[&TRAIN[..], &["--cues", "cues.toml"]].concat());
    let lexicon = folder.done(&["info", "m.safetensors", "--lexicon"]);
    folder.write("again.toml", &lexicon);
    folder.done(&["train", "train.csv", "--min-df", "2", "--cues", "again.toml", "-o", "again.safetensors"]);
    assert!(folder.bytes("m.safetensors") == folder.bytes("again.safetensors"));
    let text = folder.done(&["explain", "-m", "m.safetensors", "The general demanded a truce."]);
    assert!(text.contains("cue  CALL→TRUCE"), "{text}");
}

#[test]
fn bad_rows_are_left_out_of_training() {
    let folder = folder();
    folder.write("train.csv", labelled_csv() + "x,d1,,none,radio\ny,d1,Text.,,radio\n");
    assert_snapshot!("train_bad_row", folder.refused(&TRAIN));
    let run = folder.run(&[&TRAIN[..], &["--skip-bad-rows"]].concat());
    let words = cli_support::text(&run.stderr);
    assert!(run.status.success() && words.contains("warning: 2 bad rows left out"), "{words}");
}

#[test]
fn evaluate_reports_in_four_forms() {
    let folder = Folder::with_model();
    folder.write(
        "gold.csv",
        "doc_id,text,label\n\
         a,The army will strike the capital if ships come nearer.,threat\n\
         a,The president demanded a truce.,ceasefire-call\n\
         b,It rained.,none\n\
         b,The bridges will open in May.,none\n\
         c,Zzz qqq.,threat\n",
    );
    let evaluate = ["evaluate", "gold.csv", "-m", "model.safetensors"];
    assert_snapshot!("evaluate_text", told(&folder.run(&evaluate)));
    for (option, file) in [("--json", "r.json"), ("--csv", "r.csv"), ("--markdown", "r.md")] {
        let printed = folder.done(&[&evaluate[..], &[option]].concat());
        assert_eq!(folder.done(&[&evaluate[..], &["-o", file]].concat()), "");
        assert_eq!(printed, folder.text(file), "{file}");
    }
    let done = folder.run(&[&evaluate[..], &["--predictions", "p.csv", "--quiet"]].concat());
    assert!(done.status.success());
    assert_snapshot!("evaluate_predictions", folder.text("p.csv"));
}

#[test]
fn a_gate_that_is_not_met_ends_with_one() {
    let folder = Folder::with_model();
    let evaluate =
        |least| folder.run(&["evaluate", "train.csv", "-m", "model.safetensors", "--min-macro-f1", least]);
    assert_eq!(evaluate("0.5").status.code(), Some(0));
    let run = evaluate("1.01");
    assert_eq!(run.status.code(), Some(1), "{}", told(&run));
    let words = cli_support::text(&run.stderr);
    assert!(words.contains("gate not met: macro-F1 is ") && words.contains("below 1.01"), "{words}");
    assert!(!run.stdout.is_empty(), "the report is printed all the same");
}

#[test]
fn a_column_of_predictions_is_judged() {
    let folder = Folder::empty();
    folder.write(
        "checked.csv",
        "text,checked,label\nIt rained.,none,none\nWe strike.,threat,none\nStop.,call,other\n",
    );
    let arguments = ["evaluate", "checked.csv", "--label-column", "checked", "--predicted-column", "label"];
    let json = folder.done(&[&arguments[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    // Right: 1 of 3. The labels are those of both columns.
    assert_eq!((json["accuracy"]["num"].as_u64(), json["accuracy"]["den"].as_u64()), (Some(1), Some(3)));
    assert_eq!(json["confusion"]["labels"].as_array().unwrap().len(), 4);
    let missing = ["evaluate", "checked.csv", "--label-column", "checked", "--predicted-column", "lable"];
    assert_snapshot!("predicted_column_missing", folder.refused(&missing));
    folder.write("holes.csv", "text,checked,label\nIt rained.,none,none\nWe strike.,threat,\n");
    let holes = ["evaluate", "holes.csv", "--label-column", "checked", "--predicted-column", "label"];
    assert_snapshot!("predicted_column_empty", folder.refused(&holes));
}

#[test]
fn other_labels_than_stances_are_trained_and_judged_by_the_same_program() {
    let folder = Folder::empty();
    let mut table = "review,sentiment\n".to_owned();
    let (things, days) =
        (["soup", "bread", "fish", "coffee", "cake"], ["Monday", "Tuesday", "Friday", "Sunday"]);
    for i in 0..20 {
        let (thing, day) = (things[i % 5], days[i % 4]);
        table += &format!("The {thing} on {day} was wonderful and fresh.,positive\n");
        table += &format!("On {day} a terrible cold {thing} spoiled it all.,negative\n");
        table += &format!("{thing} was on the table at {i} that {day}.,neutral\n");
    }
    folder.write("reviews.csv", table);
    let columns = ["--text-column", "review", "--label-column", "sentiment"];
    folder.done(&[&["train", "reviews.csv", "-o", "s.safetensors", "--folds", "3"][..], &columns].concat());
    let judged =
        folder.done(&[&["evaluate", "reviews.csv", "-m", "s.safetensors", "--json"][..], &columns].concat());
    let json: serde_json::Value = serde_json::from_str(&judged).unwrap();
    assert_eq!(json["confusion"]["labels"], serde_json::json!(["negative", "neutral", "positive"]));
    assert!(json["macro_average"]["f1"]["value"].as_f64().unwrap() > 0.95);
    let rows = folder.done(&["label", "reviews.csv", "--text-column", "review", "-m", "s.safetensors"]);
    assert!(rows.starts_with(
        "sentiment,sentence_no,start,end,sentence,label,confidence,p_negative,p_neutral,p_positive,status\n"
    ));
}
