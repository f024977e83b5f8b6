//! The contracts of reading and labelling, on tables that programs and people spoil.

use proptest::prelude::*;
use stancewire::batch::{OutputFormat, Settings};
use stancewire::corpus::OnBadRow;

mod contracts;

use contracts::label::check_label;
use contracts::reader::check_reader;

/// One thread, two and five, with blocks of one row, of a few, and of everything.
const WAYS: [(usize, usize); 4] = [(2, 1), (5, 1), (2, 60), (5, 1 << 18)];

/// Pieces of a delimited table, whole and broken.
fn table() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"1,\"They will strike. Stop the war.\",x\n",
        b"2,One.,y\n",
        b"3,,\n",
        b"\"4\",\" \n\n Two.\r\nThree? \",z\r\n",
        b"5,a\n",
        b"6,a,b,c\n",
        b"\n",
        b"\r",
        b"7,\"say \"\"no\"\"; 5\" gun\",\n",
        "8,停火 now! 😀 “Or else.” é,\u{FEFF}\n".as_bytes(),
        b"9,caf\xE9,\n",
        b"10,\xFF\xFE\x00,\n",
        b"\"",
        b",",
        b"=1+1,@x,-2\n",
        b"\x1B[31m,\x07\x00,\xE2\x80\xAE\n",
    ];
    let header = prop::sample::select(vec![
        &b"id,text,note\n"[..],
        b"label,text,sentence\r\n",
        b"\xEF\xBB\xBFid;text;note\n",
        b"text\n",
        b"id\ttext\n",
        b"",
    ]);
    (header, prop::collection::vec(prop::sample::select(pieces), 0..25))
        .prop_map(|(header, rows)| [header, &rows.concat()].concat())
}

/// Lines of JSON, whole and broken.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"{\"id\": 1, \"text\": \"They will strike. Stop the war.\"}\n",
        b"{\"text\": \"One.\", \"id\": [1, {\"a\": null}], \"p_none\": 1.50}\r\n",
        b"{\"id\": 1e999}\n",
        b"{}\n",
        b"\n",
        b" \t\n",
        b"{\"text\": null}\n",
        b"{\"text\": 12}\n",
        b"{\"text\": \"\\ud83d\\ude00 \\u0000\\u2028 \\\"x\\\". Two.\"}\n",
        b"{\"text\": \"\\ud800\"}\n",
        b"{\"text\": \"a\", \"text\": \"b\"}\n",
        b"{\"text\": \"caf\xE9\"}\n",
        b"[1]\n",
        b"{\"text\": \"cut",
        b"{\"other\": \"key\"}\n",
        "{\" text \": \"停火。\", \"label\": true}\n".as_bytes(),
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..25).prop_map(|rows| rows.concat())
}

fn settings() -> impl Strategy<Value = Settings> {
    any::<[bool; 6]>().prop_map(|[split, keep_text, evidence, json, stop, narrow]| Settings {
        split,
        keep_text,
        evidence: usize::from(evidence),
        format: if json { OutputFormat::JsonLines } else { OutputFormat::Csv },
        on_bad_row: if stop { OnBadRow::Stop } else { OnBadRow::Skip },
        longest_cell: narrow.then_some(12),
        ..Settings::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn spoilt_tables_are_labelled_whole_and_in_order_on_any_number_of_threads(
        table in table(), settings in settings()
    ) {
        check_label("t.csv", &table, &settings, &WAYS);
        check_label("t.tsv", &table, &settings, &WAYS);
    }

    #[test]
    fn spoilt_lines_of_json_are_labelled_whole_and_in_order_on_any_number_of_threads(
        lines in lines(), settings in settings()
    ) {
        check_label("t.jsonl", &lines, &settings, &WAYS);
    }

    #[test]
    fn any_bytes_are_labelled_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), settings in settings()) {
        for name in ["t.csv", "t.jsonl", "t.txt"] {
            check_label(name, &bytes, &settings, &WAYS);
        }
    }

    #[test]
    fn spoilt_inputs_are_read_in_order_whatever_the_encoding(
        table in table(), lines in lines(), encoding in prop::sample::select(vec!["", "utf-16le", "windows-1252", "gb18030"])
    ) {
        check_reader("t.csv", &table, encoding);
        check_reader("t.jsonl", &lines, encoding);
        check_reader("t.txt", &table, encoding);
        check_reader("-", &[lines, table].concat(), "");
    }
}

/// Inputs of which a look at every pair of columns would take minutes.
#[test]
fn a_table_of_very_many_columns_costs_no_more_than_its_length() {
    use std::fmt::Write;
    let start = std::time::Instant::now();
    let columns = 60_000;
    let mut csv = "text".to_owned();
    let mut json = "{\"text\":\"Stop.\"".to_owned();
    for column in 0..columns {
        let _ = write!(csv, ",{column}");
        let _ = write!(json, ",\"{column}\":1");
    }
    csv.push('\n');
    csv.push_str(&",".repeat(columns));
    csv.push('\n');
    json.push_str("}\n");
    for (name, bytes) in [("t.csv", csv.into_bytes()), ("t.jsonl", json.repeat(3).into_bytes())] {
        check_label(name, &bytes, &Settings::default(), &[(2, 1)]);
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
