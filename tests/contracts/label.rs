//! `label` as a whole: bytes in, rows out, the same for every number of threads and every cut into blocks.

use std::io::Cursor;
use std::num::NonZeroUsize;
use std::sync::LazyLock;

use stancewire::batch::{Batch, OutputFormat, Settings, Summary, probability_columns};
use stancewire::corpus::{Cell, InputSpec, OnBadRow, Source};
use stancewire::error::Result;
use stancewire::model::StanceModel;
use stancewire::text::{Language, Segmenter};

use super::reader::{check_message, is_packed};
use super::settings_of;

/// The model that every version reads; it is small.
pub static MODEL: LazyLock<StanceModel> = LazyLock::new(|| {
    StanceModel::from_bytes(include_bytes!("../fixtures/format-1/model.safetensors")).unwrap()
});

pub fn label(data: &[u8]) {
    let (settings, bytes) = settings_of(data);
    let bit = |n: u8| settings & (1 << n) != 0;
    let name = ["t.csv", "t.jsonl", "t.txt", "t.tsv"][usize::from(settings & 3)];
    let settings = Settings {
        split: !bit(2),
        keep_text: bit(3),
        evidence: usize::from(bit(4)) * 2,
        format: [OutputFormat::Csv, OutputFormat::JsonLines][usize::from(bit(5))],
        on_bad_row: if bit(6) { OnBadRow::Stop } else { OnBadRow::Skip },
        longest_cell: bit(7).then_some(20),
        ..Settings::default()
    };
    check_label(name, bytes, &settings, &[(3, 1)]);
}

/// Labels `bytes` on one thread in one block, in small blocks, and as `others` say: threads, and bytes in a block.
pub fn check_label(name: &str, bytes: &[u8], settings: &Settings, others: &[(usize, usize)]) {
    if is_packed(bytes) {
        return;
    }
    let whole = run(name, bytes, settings, 1, 1 << 18);
    for &(threads, block) in others {
        let pieces = run(name, bytes, settings, threads, block);
        match (&whole, &pieces) {
            (Ok((one, summary)), Ok((other, other_summary))) => {
                assert!(one == other, "{threads} threads, blocks of {block}");
                assert_eq!(format!("{summary:?}"), format!("{other_summary:?}"));
            }
            (Err(one), Err(other)) => {
                check_message(&one.to_string());
                // Which of several mistakes is met first hangs on the blocks, but never on the threads.
                let again = run(name, bytes, settings, 1, block).err().unwrap();
                assert_eq!(again.to_string(), other.to_string());
            }
            _ => panic!("labelled and refused"),
        }
    }
    if let Ok((output, summary)) = whole {
        let expected = expected(name, bytes, settings);
        assert_eq!(summary.rows, expected.rows.len() as u64);
        assert_eq!((summary.documents, summary.skipped.count()), (expected.documents, expected.skipped));
        match settings.format {
            OutputFormat::JsonLines => check_json(&output, &expected),
            _ => check_table(&output, &expected),
        }
    }
}

fn source(name: &str, bytes: &[u8], block: usize) -> Result<Source> {
    let source = Source::from_reader(name, Cursor::new(bytes.to_vec()), &InputSpec::default())?;
    Ok(source.with_block_bytes(block))
}

fn run(
    name: &str,
    bytes: &[u8],
    settings: &Settings,
    threads: usize,
    block: usize,
) -> Result<(Vec<u8>, Summary)> {
    let segmenter = Segmenter::new(Language::English);
    let settings = Settings { threads: NonZeroUsize::new(threads), ..settings.clone() };
    let source = source(name, bytes, block)?;
    let text = source.text_column()?;
    let mut output = Vec::new();
    let summary = Batch::new(&MODEL, &segmenter, settings).run(source, &text, &mut output, |_| {})?;
    Ok((output, summary))
}

/// What the output has to say, made by a plain loop.
struct Expected {
    columns: Vec<String>,
    /// How many of them come from the input; then come the number, the places and the sentence, then the label.
    kept: usize,
    rows: Vec<Vec<Option<String>>>,
    documents: u64,
    skipped: u64,
}

fn expected(name: &str, bytes: &[u8], settings: &Settings) -> Expected {
    let mut source = source(name, bytes, 1 << 18).unwrap();
    let text = source.text_column().unwrap().index;
    let names = source.header().names().to_vec();
    let kept: Vec<usize> = (0..names.len()).filter(|&i| settings.keep_text || i != text).collect();
    let mut columns: Vec<String> = kept.iter().map(|&i| names[i].clone()).collect();
    columns.extend(["sentence_no", "start", "end", "sentence", "label"].map(String::from));
    let mut found = Expected { columns, kept: kept.len(), rows: Vec::new(), documents: 0, skipped: 0 };
    let (segmenter, mut scorer) = (Segmenter::new(Language::English), MODEL.scorer());
    while let Some(block) = source.next_block().unwrap() {
        let mut records = block.records();
        while let Some(record) = records.next_record() {
            let Ok(record) = record else {
                found.skipped += 1;
                continue;
            };
            found.documents += 1;
            let document = record.get(text);
            let spans = if settings.split {
                segmenter.segment(document)
            } else {
                vec![stancewire::span::Span::new(0, document.len())]
            };
            let fields = || {
                kept.iter().map(|&i| match record.cell(i) {
                    Cell::Null => None,
                    Cell::Text(text) | Cell::Json(text) => Some(text.to_owned()),
                })
            };
            let characters = |end: usize| document[..end].chars().count().to_string();
            for (number, span) in spans.iter().enumerate() {
                let sentence = span.of(document);
                let label = (!sentence.trim().is_empty())
                    .then(|| MODEL.labels().name(scorer.predict(sentence).label).to_owned());
                let number = (number + 1).to_string();
                let added = [number, characters(span.start()), characters(span.end()), sentence.to_owned()];
                found.rows.push(fields().chain(added.map(Some)).chain([label]).collect());
            }
            if spans.is_empty() {
                let added = ["0", "0", "0", ""].map(|text| Some(text.to_owned()));
                found.rows.push(fields().chain(added).chain([None]).collect());
            }
        }
    }
    found
}

/// The names of the columns that stand behind the label.
fn last_columns() -> usize {
    // confidence, the probabilities, status
    2 + probability_columns(MODEL.labels()).len()
}

fn check_table(output: &[u8], expected: &Expected) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(output);
    let mut records = reader.records().map(|record| record.unwrap());
    let header = records.next().unwrap();
    assert!(header.len() >= expected.columns.len() + last_columns());
    check_columns(header.iter(), expected);
    let mut count = 0;
    for (record, row) in records.by_ref().zip(&expected.rows) {
        assert_eq!(record.len(), header.len());
        for (cell, expected) in record.iter().zip(row) {
            assert_eq!(cell, expected.as_deref().unwrap_or_default());
        }
        let probabilities = record.iter().skip(row.len()).take(last_columns() - 1);
        check_probabilities(probabilities.map(|cell| cell.parse().ok()));
        check_status(record.get(row.len() + last_columns() - 1).unwrap());
        count += 1;
    }
    assert_eq!((count, records.count()), (expected.rows.len(), 0));
}

fn check_json(output: &[u8], expected: &Expected) {
    let output = std::str::from_utf8(output).unwrap();
    assert_eq!(output.lines().count(), expected.rows.len());
    for (line, row) in output.lines().zip(&expected.rows) {
        // An order of keys that a map would lose is part of the promise.
        let object: Vec<(String, Box<serde_json::value::RawValue>)> = ordered(line);
        check_columns(object.iter().map(|(key, _)| key.as_str()), expected);
        for ((_, raw), expected) in object.iter().zip(row) {
            match expected {
                None => assert_eq!(raw.get(), "null"),
                Some(text) if raw.get().starts_with('"') => {
                    assert_eq!(serde_json::from_str::<String>(raw.get()).unwrap(), *text);
                }
                Some(text) => assert_eq!(raw.get(), text),
            }
        }
        let probabilities = object[row.len()..].iter().take(last_columns() - 1);
        check_probabilities(probabilities.map(|(_, raw)| raw.get().parse().ok()));
        check_status(object[row.len() + last_columns() - 1].1.get().trim_matches('"'));
    }
}

/// The columns of the input under their names, or longer ones where the output needs the name; then its own.
fn check_columns<'n>(found: impl Iterator<Item = &'n str> + Clone, expected: &Expected) {
    for (at, (found, name)) in found.clone().zip(&expected.columns).enumerate() {
        match found.strip_prefix(name.as_str()) {
            Some(rest) if at < expected.kept => {
                assert!(rest.replace("_in", "").is_empty());
            }
            rest => assert_eq!(rest, Some("")),
        }
    }
    let mut all: Vec<&str> = found.collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "a name stands twice");
}

/// The first is the confidence, the largest of the others, which sum to 1.
fn check_probabilities(found: impl Iterator<Item = Option<f64>>) {
    let found: Vec<Option<f64>> = found.collect();
    if found[0].is_none() {
        assert!(found.iter().all(Option::is_none));
        return;
    }
    let found: Vec<f64> = found.into_iter().map(Option::unwrap).collect();
    assert!(found[1..].iter().all(|p| (0.0..=1.0).contains(p) && *p <= found[0]));
    assert!((found[1..].iter().sum::<f64>() - 1.0).abs() < 1e-3);
}

fn check_status(status: &str) {
    let known = ["ok", "review", "empty"];
    assert!(known.contains(&status), "{status}");
}

/// The keys of an object in their order.
fn ordered(line: &str) -> Vec<(String, Box<serde_json::value::RawValue>)> {
    use serde::de::{Deserializer, MapAccess, Visitor};
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, Box<serde_json::value::RawValue>)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }
    let mut parser = serde_json::Deserializer::from_str(line);
    let pairs = parser.deserialize_map(Pairs).unwrap();
    parser.end().unwrap();
    pairs
}
