//! `stancewire compare`: two models or columns on the same rows.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, told};
use insta::assert_snapshot;

const GOLD: &str = "id,doc_id,text,label,monday,tuesday\n\
                    1,x,It rained.,none,none,none\n2,x,We strike.,threat,none,threat\n\
                    3,y,Stop now.,restraint,restraint,threat\n4,y,It snowed.,none,threat,none\n\
                    5,z,A truce!,none,threat,threat\n6,z,Hold on.,restraint,none,threat\n";

const COLUMNS: [&str; 6] =
    ["compare", "gold.csv", "--predicted-column", "monday", "--predicted-column", "tuesday"];

fn folder() -> Folder {
    let folder = Folder::empty();
    folder.write("gold.csv", GOLD);
    folder
}

#[test]
fn two_columns_are_compared_and_the_rows_that_differ_written() {
    let folder = folder();
    assert_snapshot!("two_columns", told(&folder.run(&[&COLUMNS[..], &["-o", "d.csv"]].concat())));
    assert_snapshot!("differences", folder.text("d.csv"));
}

#[test]
fn the_report_has_four_forms() {
    let folder = folder();
    for (option, file) in [("--json", "r.json"), ("--csv", "r.csv"), ("--markdown", "r.md")] {
        let printed = folder.done(&[&COLUMNS[..], &[option]].concat());
        assert_eq!(folder.done(&[&COLUMNS[..], &["--report", file]].concat()), "");
        assert_eq!(printed, folder.text(file), "{file}");
    }
    let json: serde_json::Value = serde_json::from_str(&folder.text("r.json")).unwrap();
    assert_eq!(json["format"], "stancewire-comparison");
    // Monday is right on rows 1 and 3, Tuesday on 1, 2 and 4; McNemar: one against two, p = 1.
    assert_eq!((json["mcnemar"]["only_a"].as_u64(), json["mcnemar"]["only_b"].as_u64()), (Some(1), Some(2)));
    assert_eq!(json["mcnemar"]["p_value"].as_f64(), Some(1.0));
    assert_snapshot!("markdown", folder.text("r.md"));
}

#[test]
fn a_model_is_compared_with_a_column_and_with_itself() {
    let folder = Folder::with_model();
    folder.write(
        "gold.csv",
        "text,label,by_hand\nThe army will bomb the capital.,threat,none\nIt rained.,none,none\n",
    );
    let model = ["compare", "gold.csv", "-m", "model.safetensors"];
    let run = folder.run(&[&model[..], &["--predicted-column", "by_hand", "-o", "d.csv", "--json"]].concat());
    assert!(run.status.success(), "{}", told(&run));
    assert!(
        folder
            .text("d.csv")
            .starts_with("text,label,by_hand,gold,label_a,label_b,confidence_a,confidence_b,right\n")
    );
    let twice = folder.done(&[&model[..], &["-m", "model.safetensors", "--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&twice).unwrap();
    assert_eq!(json["scores"][0]["difference"].as_f64(), Some(0.0));
    // No resample differs either; that is no interval of certainty.
    assert!(json["scores"][0]["interval"].is_null());
    let words = folder.done(&[&model[..], &["-m", "model.safetensors"]].concat());
    assert!(words.contains("A and B give every row the same label"), "{words}");
    assert!(!words.contains("[0.000, 0.000]"), "{words}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_any_number_of_threads() {
    let folder = folder();
    let run = |more: &[&str]| folder.done(&[&COLUMNS[..], &["--json"], more].concat());
    assert_eq!(run(&["--threads", "1"]), run(&["--threads", "4"]));
    assert!(run(&["--samples", "50"]).contains("\"replicates\": 50"));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let folder = folder();
    folder.write("empty.csv", "");
    folder.write("holes.csv", "text,label,a,b\nx,none,none,\ny,threat,none,none\n");
    folder.write("latin.csv", b"text,label,a,b\ncaf\xE9,none,none,none\n");
    let cases: [(&str, &[&str]); 6] = [
        ("not_utf8", &["latin.csv", "--predicted-column", "a", "--predicted-column", "b"]),
        ("nothing_named", &["gold.csv"]),
        ("three_named", &["gold.csv", "--predicted-column", "a", "--predicted-column", "b", "-m", "c"]),
        ("wrong_column", &["gold.csv", "--predicted-column", "monday", "--predicted-column", "tusday"]),
        ("empty_file", &["empty.csv", "--predicted-column", "a", "--predicted-column", "b"]),
        (
            "empty_label",
            &["holes.csv", "--label-column", "label", "--predicted-column", "a", "--predicted-column", "b"],
        ),
    ];
    for (name, arguments) in cases {
        assert_snapshot!(name, folder.refused(&[&["compare"], arguments].concat()));
    }
}
