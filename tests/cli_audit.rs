//! `stancewire audit`, run as its users run it.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::collections::BTreeSet;
use std::fs;

use cli_support::{Folder, Table, labelled_csv, told};
use insta::assert_snapshot;

/// Rows with one of each flaw that needs no model.
const FLAWED: &str = "id,doc_id,text,label,fold\n\
    1,a,We will strike every port on the coast at dawn.,threat,1\n\
    2,a,Rain fell on the harbour and on the hills.,none,1\n\
    3,b,\"We will strike every port on the coast, at dawn!\",none,2\n\
    4,b,We will strike every port on the coast at dawn.,threat,1\n\
    5,c,Rain fell on the harbour and on the hills again.,none,1\n\
    6,c,,none,1\n\
    7,d,Lorem ipsum dolor sit amet.,treat,1\n\
    8,d,=1+1 is the rule of the harbour.,none,1\n";

fn flawed() -> Folder {
    let folder = Folder::empty();
    folder.write("rows.csv", FLAWED);
    folder
}

#[test]
fn findings_are_shown_and_written() {
    let folder = flawed();
    let audit = ["audit", "rows.csv", "--no-model", "--similarity", "0.6"];
    assert_snapshot!("text", told(&folder.run(&audit)));
    let printed = folder.done(&[&audit[..], &["-o", "-"]].concat());
    assert_snapshot!("csv", printed);
    folder.done(&[&audit[..], &["-o", "findings.csv"]].concat());
    assert_eq!(folder.text("findings.csv"), printed);
    let json: serde_json::Value =
        serde_json::from_str(&folder.done(&[&audit[..], &["--json"]].concat())).unwrap();
    assert_eq!((json["format"].as_str(), json["rows"].as_u64()), (Some("stancewire-audit"), Some(7)));
    assert_eq!(json["findings"].as_array().unwrap().len(), Table::read(printed.as_bytes()).len());
    let one = folder.done(&[&audit[..], &["--top", "0", "--quiet"]].concat());
    assert!(one.contains("… and 1 more") && !one.contains("rows.csv:4"), "{one}");
}

#[test]
fn leaks_are_found_between_files_and_between_the_parts_of_one() {
    let folder = flawed();
    folder.write(
        "test.csv",
        "sentence,doc_id\nThe sun shone.,d\n\"Rain fell on the harbour, and on the hills\",z\n",
    );
    let against = ["audit", "rows.csv", "--no-model", "-q", "--against", "test.csv", "-o", "-"];
    assert_snapshot!("against", leaks(&folder.done(&against)));
    let split = ["audit", "rows.csv", "--no-model", "-q", "--split-column", "fold", "-o", "-"];
    assert_snapshot!("split", leaks(&folder.done(&split)));
    let itself = ["audit", "rows.csv", "--no-model", "-q", "--against", "rows.csv", "-o", "-"];
    assert_eq!(leaks(&folder.done(&itself)).matches("text-leak").count(), 7);
}

fn leaks(csv: &str) -> String {
    csv.lines().filter(|line| line.contains("-leak")).fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn mistakes_are_told() {
    let folder = flawed();
    folder.write("empty.csv", "");
    folder.write("latin.csv", b"text,label\nThe caf\xE9 shut.,none\nIt rained.,threat\n");
    folder.write("one.csv", "text,label\nIt rained.,none\n");
    for (name, arguments) in [
        ("empty", &["audit", "empty.csv"][..]),
        ("one_row", &["audit", "one.csv"]),
        ("column", &["audit", "rows.csv", "--label-column", "lable"]),
        ("split", &["audit", "rows.csv", "--split-column", "flod"]),
        ("similarity", &["audit", "rows.csv", "--no-model", "--similarity", "0"]),
        ("few", &["audit", "rows.csv"]),
        ("output", &["audit", "rows.csv", "--no-model", "-o", "./rows.csv"]),
        ("against", &["audit", "rows.csv", "--no-model", "--against", "nowhere.csv"]),
    ] {
        assert_snapshot!(format!("mistake_{name}"), folder.refused(arguments));
    }
    let latin = folder.run(&["audit", "latin.csv", "--no-model"]);
    assert_eq!(latin.status.code(), Some(2), "one label is left: {}", told(&latin));
}

#[test]
fn the_same_rows_give_the_same_findings_on_any_number_of_threads() {
    let folder = Folder::empty();
    folder.write("rows.csv", labelled_csv().replacen(",threat,", ",none,", 2));
    let audit =
        |threads| folder.done(&["audit", "rows.csv", "--min-df", "2", "-q", "--threads", threads, "-o", "-"]);
    let once = audit("1");
    assert_eq!(once, audit("2"));
    let errors: Vec<&str> = once.lines().filter(|line| line.starts_with("label-error")).collect();
    assert!(errors.iter().any(|line| line.contains(",r0-0,") && line.contains(",none,threat,")), "{once}");
    assert!(errors.iter().any(|line| line.contains(",r1-0,") && line.contains(",none,threat,")), "{once}");
}

/// Whole documents of the corpus, about `rows` rows; of every twentieth row the label is replaced by another.
fn planted(rows: usize) -> (String, BTreeSet<String>) {
    let corpus = Table::read(&fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/stance.csv")).unwrap());
    let columns = ["id", "doc_id", "text", "label"].map(|name| corpus.column(name));
    let mut labels: Vec<&str> = columns[3].clone();
    labels.sort_unstable();
    labels.dedup();
    let in_sample = |document: &str| {
        let hash = document.bytes().fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        (hash.wrapping_mul(2_654_435_761) >> 16) as usize % corpus.len() < rows
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["id", "doc_id", "text", "label"]).unwrap();
    let (mut wrong, mut n) = (BTreeSet::new(), 0);
    for row in (0..corpus.len()).filter(|&row| in_sample(columns[1][row])) {
        let [id, document, text, label] = columns.each_ref().map(|column| column[row]);
        let given = labels.iter().position(|known| *known == label).unwrap();
        let is_wrong = n % 20 == 7;
        let shift = if is_wrong { 1 + n / 20 % (labels.len() - 1) } else { 0 };
        if is_wrong {
            wrong.insert(id.to_owned());
        }
        table.write_record([id, document, text, labels[(given + shift) % labels.len()]]).unwrap();
        n += 1;
    }
    (String::from_utf8(table.into_inner().unwrap()).unwrap(), wrong)
}

#[test]
fn most_planted_label_errors_are_among_the_first_tenth_of_the_rows() {
    let (table, wrong) = planted(1500);
    let folder = Folder::empty();
    let n = Table::read(table.as_bytes()).len();
    assert!((1000..2200).contains(&n), "{n} rows");
    folder.write("planted.csv", table);
    let findings = folder.done(&["audit", "planted.csv", "-q", "-o", "-"]);
    let findings = Table::read(findings.as_bytes());
    let (kinds, ids) = (findings.column("kind"), findings.column("id"));
    let ranked = (0..findings.len()).filter(|&row| kinds[row].starts_with("label-"));
    let first: Vec<&str> = ranked.map(|row| ids[row]).take(n / 10).collect();
    let found = first.iter().filter(|id| wrong.contains(**id)).count();
    println!("{found} of {} planted errors among {} of {n} rows", wrong.len(), first.len());
    assert!(found * 10 >= wrong.len() * 6, "{found} of {}", wrong.len());
}
