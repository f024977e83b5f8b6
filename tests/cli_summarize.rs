//! `stancewire summarize`, run as its users run it.

#![allow(clippy::unwrap_used, clippy::format_push_string, clippy::print_stdout)] // a test that cannot be set up should fail

mod cli_support;

use std::path::PathBuf;

use cli_support::{Folder, Table, told};
use insta::assert_snapshot;

/// Sixty rows of two sources over three months, five in a document; some dates cannot be read, one row has no label.
fn labelled() -> String {
    let mut csv = "doc_id,source,date,sentence,label,p_ceasefire_call,p_none,p_threat\n".to_owned();
    for row in 0..60 {
        let (document, month) = (row / 5, 1 + row / 20);
        let source = ["wire", "radio"][document % 2];
        let date =
            if document == 11 { "last week".to_owned() } else { format!("2024-0{month}-1{}", row % 3) };
        let (label, p) = match row % 6 {
            0 => ("threat", "0.0500,0.1500,0.8000"),
            1 => ("ceasefire-call", "0.7000,0.2500,0.0500"),
            2 => ("none", "0.1000,0.4900,0.4100"),
            _ => ("none", "0.0200,0.9500,0.0300"),
        };
        csv += &format!("d{document},{source},{date},Sentence {row}.,{label},{p}\n");
    }
    csv + "d12,wire,2024-03-01,,,,,\n"
}

fn folder() -> Folder {
    let folder = Folder::with_model();
    folder.write("labelled.csv", labelled());
    folder
}

const SUMMARIZE: [&str; 6] = ["summarize", "labelled.csv", "-m", "model.safetensors", "--resamples", "200"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    SUMMARIZE.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn shares_are_told_by_group_with_what_to_know_about_them() {
    assert_snapshot!("text", told(&folder().run(&with(&["--by", "source,date:month"]))));
    assert_snapshot!("all_rows", told(&folder().run(&with(&["--correct", "adjusted"]))));
}

#[test]
fn the_tidy_table_has_a_row_for_each_label_of_each_group() {
    let folder = folder();
    folder.done(&with(&["--by", "source", "--by", "date:quarter", "-o", "shares.csv", "-q"]));
    let table = Table::read(&folder.bytes("shares.csv"));
    let names = [
        "source",
        "date_quarter",
        "label",
        "rows",
        "documents",
        "raw_count",
        "raw_share",
        "share",
        "low",
        "high",
    ];
    assert_eq!(table.header(), names);
    assert_eq!(
        table.column("date_quarter")[..6],
        ["2024-Q1", "2024-Q1", "2024-Q1", "(no date)", "(no date)", "(no date)"]
    );
    let counts: u64 = table.column("raw_count").iter().map(|count| count.parse::<u64>().unwrap()).sum();
    assert_eq!(counts, 60, "no row is lost");
    for group in table.column("share").chunks(3) {
        let sum: f64 = group.iter().map(|share| share.parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{group:?}");
    }
    for (row, low) in table.column("low").iter().enumerate().filter(|(_, low)| !low.is_empty()) {
        let number = |name: &str| table.column(name)[row].parse::<f64>().unwrap();
        assert!(low.parse::<f64>().unwrap() <= number("high"), "row {row}");
    }
    assert_eq!(folder.done(&with(&["--by", "source,date:quarter", "--csv"])), folder.text("shares.csv"));
}

#[test]
fn without_correction_any_labels_are_counted() {
    let folder = folder();
    folder.write("moods.csv", "mood,year\nglad,1999\nsad,1999\nglad,2001\n");
    let counted =
        ["summarize", "moods.csv", "--label-column", "mood", "--by", "year:year", "--correct", "none"];
    assert_snapshot!("moods", told(&folder.run(&[&counted[..], &["--csv"]].concat())));
}

#[test]
fn without_probabilities_the_adjusted_count_corrects() {
    let folder = folder();
    folder.write("labels.csv", "doc_id,label\na,none\na,threat\nb,none\n");
    let run = folder.run(&["summarize", "labels.csv", "-m", "model.safetensors", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&json["correction"], &json["rows"]), (&"adjusted".into(), &3.into()));
    assert_eq!(json["groups"][0]["labels"][2]["raw"]["num"], 1);
    assert!(cli_support::text(&run.stderr).contains("no column \"p_ceasefire_call\""), "{}", told(&run));
}

#[test]
fn small_groups_are_pooled_on_request() {
    let folder = folder();
    folder.done(&with(&["--by", "date:month", "--min-rows", "18", "-o", "shares.csv", "-q"]));
    let table = Table::read(&folder.bytes("shares.csv"));
    let mut months = table.column("date_month");
    months.dedup();
    assert_eq!(months, ["2024-01", "2024-02", "(pooled)"]);
    assert_eq!(table.column("rows")[6], "20");
}

#[test]
fn rows_of_ones_own_tell_other_errors() {
    let folder = folder();
    let mut errors = "gold,predicted\n".to_owned();
    for (gold, predicted, times) in [
        ("none", "none", 40),
        ("none", "threat", 20),
        ("threat", "threat", 30),
        ("ceasefire-call", "ceasefire-call", 30),
    ] {
        errors += &format!("{gold},{predicted}\n").repeat(times);
    }
    folder.write("errors.csv", errors);
    let share = |more: &[&str]| {
        let table = Table::read(folder.done(&with(&[&["--csv"], more].concat())).as_bytes());
        table.column("share")[2].parse::<f64>().unwrap()
    };
    // A third of what is none is taken for a threat: there are fewer threats than were called so.
    for method in ["em", "adjusted"] {
        let (own, model) =
            (share(&["--correct", method, "--errors", "errors.csv"]), share(&["--correct", method]));
        assert!(own < model, "{method}: {own} {model}");
    }
}

#[test]
fn the_page_has_a_chart_for_each_label() {
    let folder = folder();
    // Twice as many documents, so that a month has enough of them for an interval.
    let again = labelled().lines().skip(1).fold(String::new(), |all, line| all + "again-" + line + "\n");
    folder.write("labelled.csv", labelled() + &again);
    folder.done(&with(&["--by", "date:month", "--html", "months.html", "-q"]));
    let page = folder.text("months.html");
    assert!(page.contains("Share of threat by month") && page.contains("class=\"band"), "{page}");
    folder.done(&with(&["--by", "source,date:month", "--html", "page.html", "-q"]));
    let page = folder.text("page.html");
    assert_eq!(page.matches("<svg").count(), 3);
    assert!(page.contains("2024-02") && page.contains("(no date)") && !page.contains("NaN"), "{page}");
}

#[test]
fn the_same_bytes_come_out_for_any_number_of_threads() {
    let folder = folder();
    let shares = |threads| folder.done(&with(&["--by", "source", "--csv", "--threads", threads]));
    assert_eq!(shares("1"), shares("4"));
    assert_ne!(shares("1"), folder.done(&with(&["--by", "source", "--csv", "--seed", "2"])));
}

#[test]
fn each_mistake_has_its_message() {
    let folder = folder();
    folder.write("empty.csv", "");
    folder.write("header.csv", "label,p_ceasefire_call,p_none,p_threat\n");
    folder.write("article.txt", "It rained.");
    folder.write("bytes.csv", b"label\nnon\xe9\n");
    folder.write("other.csv", "label\npositive\n");
    folder.write("odd.csv", "label,p_ceasefire_call,p_none,p_threat\nnone,0.2,0.9,0\nnone,x,1,0\n");
    folder.write("few.csv", "gold,predicted\nnone,none\n");
    let refused = |more: &[&str]| folder.refused(&[&["summarize", "-m", "model.safetensors"], more].concat());
    let cases: [(&str, &[&str]); 19] = [
        ("empty", &["empty.csv"]),
        ("header", &["header.csv"]),
        ("texts", &["article.txt"]),
        ("bytes", &["bytes.csv"]),
        ("other_labels", &["other.csv"]),
        ("probabilities", &["odd.csv"]),
        ("no_probabilities", &["other.csv", "--correct", "em"]),
        ("by", &["labelled.csv", "--by", "sauce"]),
        ("by_twice", &["labelled.csv", "--by", "source,source"]),
        ("period", &["labelled.csv", "--by", "date:decade"]),
        ("date_format", &["labelled.csv", "--by", "date:month", "--date-format", "MM.YYYY"]),
        ("prior", &["labelled.csv", "--correct", "adjusted", "--prior", "balanced"]),
        ("errors_of_one_label", &["labelled.csv", "--errors", "few.csv"]),
        ("text_column", &["labelled.csv", "--text-column", "sentence"]),
        ("output_is_input", &["labelled.csv", "-o", "./labelled.csv"]),
        ("page_is_input", &["labelled.csv", "--html", "labelled.csv"]),
        ("output_is_errors", &["labelled.csv", "--errors", "few.csv", "-o", "few.csv"]),
        ("output_is_page", &["labelled.csv", "-o", "a.html", "--html", "a.html"]),
        ("errors_none", &["labelled.csv", "--correct", "none"]),
    ];
    let said: Vec<String> = cases.iter().map(|(_, arguments)| refused(arguments)).collect();
    assert_snapshot!("mistakes", said.join("\n"));
}

#[test]
fn the_prior_is_by_default_that_of_label() {
    let folder = Folder::empty();
    let articles = concat!(env!("CARGO_MANIFEST_DIR"), "/data/articles");
    folder.done(&["label", articles, "-o", "natural.csv", "-q"]);
    folder.done(&["label", articles, "-o", "training.csv", "--prior", "training", "-q"]);
    let shares = |input, prior: &[&str]| {
        let run = folder.done(&[&["summarize", input, "--csv", "--resamples", "20", "-q"], prior].concat());
        let table = Table::read(run.as_bytes());
        table.column("share").iter().map(|share| share.parse::<f64>().unwrap()).collect::<Vec<_>>()
    };
    let apart = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let by_default = shares("natural.csv", &[]);
    assert_eq!(by_default, shares("natural.csv", &["--prior", "natural"]));
    // Whatever the prior of the probabilities, the shares are the same if it is told, and others if it is not.
    let (told, untold) =
        (shares("training.csv", &["--prior", "training"]), shares("natural.csv", &["--prior", "training"]));
    assert!(apart(&by_default, &told) < 0.0005, "{by_default:?} {told:?}");
    assert!(apart(&by_default, &untold) > 0.005, "{by_default:?} {untold:?}");
}

#[test]
fn errors_of_other_label_shares_are_told_of() {
    let folder = Folder::empty();
    folder.write("labels.csv", "doc_id,label\na,none\na,threat\nb,none\n");
    let notes = |more: &[&str]| {
        let run = folder.run(&[&["summarize", "labels.csv", "--resamples", "20"], more].concat());
        cli_support::text(&run.stdout).contains("--prior training here too")
    };
    assert!(notes(&[]) && !notes(&["--prior", "training"]) && !notes(&["--correct", "none"]));
}

#[test]
fn bad_rows_are_left_out_on_request() {
    let folder = folder();
    folder.write("odd.csv", "label,p_ceasefire_call,p_none,p_threat\nnone,0,1,0\nnone,x,1,0\nsad,0,1,0\n");
    let run = folder.run(&["summarize", "odd.csv", "-m", "model.safetensors", "--skip-bad-rows", "--csv"]);
    assert_snapshot!("bad_rows", told(&run));
}

#[test]
fn the_sample_articles_and_real_ones_are_summed_up_as_they_were_labelled() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for (input, by) in [("data/articles", "doc_id"), ("../shared/real/articles.csv", "source,date:year")] {
        let Ok(input) = data.join(input).canonicalize() else {
            println!("{input} is not there: nothing to test");
            continue;
        };
        let folder = Folder::empty();
        folder.done(&["label", input.to_str().unwrap(), "-o", "labelled.csv", "-q"]);
        folder.done(&[
            "summarize",
            "labelled.csv",
            "--by",
            by,
            "-o",
            "shares.csv",
            "-q",
            "--resamples",
            "50",
        ]);
        let (rows, shares) =
            (Table::read(&folder.bytes("labelled.csv")), Table::read(&folder.bytes("shares.csv")));
        let labelled = rows.column("label").iter().filter(|label| !label.is_empty()).count();
        let counted: usize =
            shares.column("raw_count").iter().map(|count| count.parse::<usize>().unwrap()).sum();
        assert_eq!(counted, labelled);
    }
}
