//! `stancewire agree`: joining, scores, rows to adjudicate, and what is said to mistakes.

#![allow(clippy::unwrap_used)] // a test that cannot be set up should fail

mod cli_support;

use cli_support::{Folder, Table, told};
use insta::assert_snapshot;

const ANNA: &str = "id,doc_id,text,label,note\n1,x,It rained.,none,\n2,x,We strike.,threat,clear\n\
                    3,y,Stop now.,restraint,?\n4,y,It snowed.,none,\n5,z,A truce!,ceasefire-call,\n";
const BEN: &str = "label,id,note,text\nnone,1,,It rained.\nnone,2,not so,We strike.\nrestraint,3,,Stop now.\n\
                   none,4,,It snowed.\nthreat,6,,We bomb.\n";

fn folder() -> Folder {
    let folder = Folder::empty();
    folder.write("anna.csv", ANNA);
    folder.write("ben.csv", BEN);
    folder
}

#[test]
fn two_files_are_joined_by_id_and_absent_rows_are_named() {
    let folder = folder();
    assert_snapshot!(
        "two_files",
        told(&folder.run(&["agree", "anna.csv", "ben.csv", "-o", "adjudicate.csv"]))
    );
    assert_snapshot!("adjudicate", folder.text("adjudicate.csv"));
}

#[test]
fn the_report_has_four_forms() {
    let folder = folder();
    let agree = ["agree", "anna.csv", "ben.csv", "--quiet"];
    for (option, file) in [("--json", "r.json"), ("--csv", "r.csv"), ("--markdown", "r.md")] {
        let printed = folder.done(&[&agree[..], &[option]].concat());
        assert_eq!(folder.done(&[&agree[..], &["--report", file]].concat()), "");
        assert_eq!(printed, folder.text(file), "{file}");
    }
    let json: serde_json::Value = serde_json::from_str(&folder.text("r.json")).unwrap();
    assert_eq!(json["format"], "stancewire-agreement");
    // Rows 1, 2, 3, 4 have both labels; 1, 3 and 4 the same.
    assert_eq!((json["agreement"]["num"].as_u64(), json["agreement"]["den"].as_u64()), (Some(3), Some(4)));
    assert_eq!((json["rows"].as_u64(), json["documents"].as_u64()), (Some(6), Some(4)));
    assert_snapshot!("markdown", folder.text("r.md"));
    let table = Table::read(&folder.bytes("r.csv"));
    assert_eq!(
        table.column("metric")[..5],
        ["agreement", "unanimous", "mean_kappa", "fleiss_kappa", "alpha"]
    );
}

#[test]
fn columns_of_one_file_are_annotators() {
    let folder = Folder::empty();
    folder.write(
        "coded.csv",
        "text,anna,ben,eva,label\na,none,none,none,old\nb,threat,none,,old\nc,threat,threat,none,old\nd,,,none,old\n",
    );
    let agree = ["agree", "coded.csv", "--columns", "anna,ben,eva"];
    let json = folder.done(&[&agree[..], &["--json", "-o", "a.csv"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["rows"].as_u64(), json["complete_rows"].as_u64()), (Some(4), Some(2)));
    assert_eq!(json["annotators"][2]["missing"].as_u64(), Some(1));
    assert_eq!(
        folder.text("a.csv"),
        "text,label_in,anna,ben,eva,distinct_labels,label\nb,old,threat,none,,2,\nc,old,threat,threat,none,2,\n"
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_at_any_number_of_threads() {
    let folder = folder();
    let run = |more: &[&str]| folder.done(&[&["agree", "anna.csv", "ben.csv", "--json"], more].concat());
    assert_eq!(run(&["--threads", "1"]), run(&["--threads", "4"]));
    assert_ne!(run(&["--seed", "1"]), run(&["--seed", "2"]));
    assert!(run(&["--samples", "50", "--confidence", "0.8"]).contains("\"replicates\": 50"));
}

#[test]
fn one_label_alone_is_not_applicable_with_its_reason() {
    let folder = Folder::empty();
    folder.write("a.csv", "id,label\n1,none\n2,none\n");
    let words = folder.done(&["agree", "a.csv", "a.csv", "--quiet"]);
    assert!(words.contains("Krippendorff's alpha are n/a: only one label was given"), "{words}");
    assert!(words.contains("1.00 [0.16, 1.00]"), "{words}");
}

#[test]
fn rows_without_ids_are_joined_in_order_if_the_texts_are_the_same() {
    let folder = Folder::empty();
    folder.write("a.csv", "text,label\none,x\ntwo,y\n");
    folder.write("b.csv", "label,text\nx,one\nx,two\n");
    folder.write("c.csv", "text,label\none,x\nthree,y\n");
    folder.write("d.csv", "text,label\none,x\n");
    assert!(folder.run(&["agree", "a.csv", "b.csv"]).status.success());
    assert_snapshot!("other_order", folder.refused(&["agree", "a.csv", "c.csv"]));
    assert_snapshot!("other_length", folder.refused(&["agree", "a.csv", "d.csv"]));
}

#[test]
fn document_and_sentence_number_tell_rows_apart() {
    let folder = Folder::empty();
    folder.write("a.csv", "doc_id,sentence_no,label\nx,1,a\nx,2,b\ny,1,a\n");
    folder.write("b.csv", "doc_id,sentence_no,label\ny,1,b\nx,1,a\nx,2,b\n");
    let run = told(&folder.run(&["agree", "a.csv", "b.csv", "--json"]));
    assert!(run.contains("rows are joined by doc_id, sentence_no"), "{run}");
    assert!(run.contains("\"disagreed_rows\": 1"), "{run}");
}

#[test]
fn rows_without_an_id_of_their_own_can_be_skipped_and_are_named() {
    let folder = Folder::empty();
    folder.write("a.csv", "id,label\n1,x\n2,y\n1,y\n,x\n");
    folder.write("b.csv", "id,label\n1,x\n2,y\n");
    assert_snapshot!("skipped_ids", told(&folder.run(&["agree", "a.csv", "b.csv", "--skip-bad-rows"])));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let folder = folder();
    folder.write("twice.csv", "id,label\n1,a\n2,b\n1,b\n");
    folder.write("blank.csv", "id,label\n1,a\n,b\n");
    folder.write("other.csv", "id,label\n7,a\n8,b\n");
    folder.write("empty.csv", "");
    folder.write("header.csv", "id,label\n");
    folder.write("nothing.csv", "id,label\n1,\n2,\n");
    folder.write("latin.csv", b"id,label\n1,caf\xE9\n");
    folder.write("plain.csv", "id,name\n1,a\n");
    let cases: [(&str, &[&str]); 12] = [
        ("one_table", &["anna.csv"]),
        ("id_twice", &["anna.csv", "twice.csv"]),
        ("id_empty", &["anna.csv", "blank.csv"]),
        ("no_common_row", &["anna.csv", "other.csv"]),
        ("empty_file", &["anna.csv", "empty.csv"]),
        ("header_only", &["anna.csv", "header.csv"]),
        ("no_labels", &["nothing.csv", "nothing.csv"]),
        ("not_utf8", &["anna.csv", "latin.csv"]),
        ("no_label_column", &["anna.csv", "plain.csv"]),
        ("wrong_column", &["anna.csv", "--columns", "label,nota"]),
        ("one_column", &["anna.csv", "--columns", "label"]),
        ("wrong_confidence", &["anna.csv", "ben.csv", "--confidence", "95"]),
    ];
    for (name, arguments) in cases {
        assert_snapshot!(name, folder.refused(&[&["agree"], arguments].concat()));
    }
}
