//! Readers: rows are whole, in order and in their place, and those of the format's own parser.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use serde_json::value::RawValue;
use stancewire::corpus::{Cell, Encoding, Format, InputSpec, Record, Source};

use super::settings_of;

/// Encodings that a user may force, and none.
const ENCODINGS: [&str; 8] =
    ["", "utf-8", "windows-1252", "utf-16le", "utf-16be", "gb18030", "shift_jis", "iso-2022-jp"];

pub fn csv(data: &[u8]) {
    let (settings, bytes) = settings_of(data);
    let name = if settings & 1 == 0 { "t.csv" } else { "t.tsv" };
    check_reader(name, bytes, ENCODINGS[usize::from(settings >> 1) % 8]);
}

pub fn json_lines(data: &[u8]) {
    let (settings, bytes) = settings_of(data);
    check_reader("t.jsonl", bytes, ENCODINGS[usize::from(settings) % 8]);
}

pub fn plain(data: &[u8]) {
    let (settings, bytes) = settings_of(data);
    check_reader("t.txt", bytes, ENCODINGS[usize::from(settings) % 8]);
}

/// Anything, told by its first bytes: packed files and workbooks besides.
pub fn guessed(data: &[u8]) {
    check_reader("-", data, "");
}

/// Whether these are the first bytes of a packed file or workbook, of which a few bytes can stand for very many.
pub fn is_packed(bytes: &[u8]) -> bool {
    [&b"\x1F\x8B"[..], b"\x28\xB5\x2F\xFD", b"PK\x03\x04"].iter().any(|magic| bytes.starts_with(magic))
}

/// One row: its line, and its cells or what is wrong with it.
type Row = (u64, Result<Vec<(String, &'static str)>, String>);

/// All that was read before an error, and the error.
struct Found {
    rows: Vec<Row>,
    end: Option<String>,
    complete: bool,
}

/// So much is read of a packed file.
const ENOUGH: usize = 1 << 20;

pub fn check_reader(name: &str, bytes: &[u8], encoding: &str) {
    // Everything but a guessed input comes as it is, so that an input of a kilobyte is a kilobyte of work.
    if name != "-" && is_packed(bytes) {
        return;
    }
    let encoding: Option<Encoding> = (!encoding.is_empty()).then(|| encoding.parse().unwrap());
    let spec = InputSpec { encoding, ..InputSpec::default() };
    let open = |block| {
        let source = Source::from_reader(name, Cursor::new(bytes.to_vec()), &spec);
        source.map(|source| source.with_block_bytes(block))
    };
    let (whole, pieces) = match (open(1 << 18), open(1)) {
        (Ok(whole), Ok(pieces)) => (whole, pieces),
        (Err(one), Err(other)) => {
            assert_eq!(one.to_string(), other.to_string());
            check_message(&one.to_string());
            return;
        }
        _ => panic!("the same bytes were opened and refused"),
    };
    let (names, input) = (whole.header().names().to_vec(), whole.inputs().remove(0));
    let (whole, pieces) = (read(whole, bytes), read(pieces, bytes));
    // An error ends a run before the rows of its block, so that smaller blocks may give more rows before it.
    assert_eq!(whole.end, pieces.end);
    assert!(pieces.rows.starts_with(&whole.rows), "{:?}\n{:?}", whole.rows, pieces.rows);
    assert!(whole.end.is_some() || !whole.complete || whole.rows.len() == pieces.rows.len());
    if input.encoding == Some("UTF-8")
        && !is_packed(bytes)
        && pieces.end.is_none()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        match input.format {
            Format::Csv => check_table(text, input.delimiter.unwrap(), &names, &pieces.rows),
            Format::Tsv => check_table(text, '\t', &names, &pieces.rows),
            Format::JsonLines => check_json(text, &names, &pieces.rows),
            Format::Text => {
                assert_eq!(pieces.rows.len(), 1);
                assert_eq!(pieces.rows[0].1.as_ref().unwrap()[1].0, text);
            }
            Format::Xlsx | Format::Parquet => {}
        }
    }
}

/// Reads everything, and holds each row against the header and the one before.
fn read(mut source: Source, bytes: &[u8]) -> Found {
    let columns = source.header().names().len();
    let is_text = source.inputs()[0].format == Format::Text;
    let mut found = Found { rows: Vec::new(), end: None, complete: true };
    let (mut last, mut size) = (0, 0);
    loop {
        let block = match source.next_block() {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(error) => {
                found.end = Some(error.to_string());
                check_message(&error.to_string());
                break;
            }
        };
        let mut records = block.records();
        while let Some(record) = records.next_record() {
            let row = match record {
                Ok(record) => {
                    assert_eq!(record.len(), columns);
                    let cells = (0..columns).map(|column| cell(record, column)).collect::<Vec<_>>();
                    size += cells.iter().map(|cell| cell.0.len()).sum::<usize>();
                    (record.line(), Ok(cells))
                }
                Err(error) => {
                    check_message(&error.to_string());
                    assert!(error.place().file.is_some() && error.advice().is_some(), "{error}");
                    (error.place().line.unwrap(), Err(error.to_string()))
                }
            };
            // A bad byte is named by its own line, which may be far behind the beginning of its row.
            let in_order = if row.1.is_ok() { row.0 > last } else { row.0 >= last };
            assert!(in_order || is_text, "line {} after {last}", row.0);
            last = if row.1.is_ok() { row.0 } else { last };
            found.rows.push(row);
        }
        if size > ENOUGH {
            found.complete = false;
            break;
        }
    }
    if found.end.is_none() && found.complete && !is_packed(bytes) {
        assert_eq!(source.progress().bytes_read(), bytes.len() as u64);
    }
    found
}

fn cell(record: &Record, column: usize) -> (String, &'static str) {
    match record.cell(column) {
        Cell::Text(text) => (text.to_owned(), "text"),
        Cell::Json(raw) => (raw.to_owned(), "json"),
        Cell::Null => (String::new(), "null"),
    }
}

/// A message is short enough to be read, and has no advice without a mistake.
pub fn check_message(message: &str) {
    assert!(!message.is_empty() && !message.starts_with('\n'));
}

/// The rows are those that the `csv` crate finds in the whole text, the header left out.
fn check_table(text: &str, delimiter: char, names: &[String], rows: &[Row]) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap())
        // The crate would take off a second byte-order mark before it looks for quotes.
        .from_reader(b"\n".chain(text.as_bytes()));
    let mut expected = reader.records().map(Result::unwrap);
    let header = expected.next().unwrap();
    // A byte-order mark is no part of the first name.
    let first = header[0].trim_start_matches('\u{FEFF}');
    let header = std::iter::once(first).chain(header.iter().skip(1)).map(str::trim);
    assert!(header.eq(names.iter().map(String::as_str)));
    let expected: Vec<csv::StringRecord> = expected.collect();
    assert_eq!(rows.len(), expected.len());
    for ((_, row), expected) in rows.iter().zip(&expected) {
        match row {
            Ok(cells) => assert!(cells.iter().map(|cell| cell.0.as_str()).eq(expected), "{cells:?}"),
            Err(_) => assert_ne!(expected.len(), names.len()),
        }
    }
}

/// Each good row is the JSON object of its line, and each line that is no blank has a row.
fn check_json(text: &str, names: &[String], rows: &[Row]) {
    let lines: Vec<&str> = text.split('\n').collect();
    // What `trim` takes for white space is more than what JSON does.
    let full = lines.iter().filter(|line| !line.bytes().all(|byte| byte.is_ascii_whitespace())).count();
    assert_eq!(rows.len(), full);
    for (line, row) in rows {
        let line = lines[usize::try_from(*line).unwrap() - 1];
        let Ok(cells) = row else { continue };
        let object: BTreeMap<String, Box<RawValue>> = serde_json::from_str(line).unwrap();
        let object: BTreeMap<&str, &str> = object.iter().map(|(key, raw)| (key.trim(), raw.get())).collect();
        for (name, (text, kind)) in names.iter().zip(cells) {
            match object.get(name.as_str()) {
                None | Some(&"null") => assert_eq!(*kind, "null"),
                Some(raw) if raw.starts_with('"') => {
                    assert_eq!((*kind, text), ("text", &serde_json::from_str::<String>(raw).unwrap()));
                }
                Some(raw) => assert_eq!((*kind, text.as_str()), ("json", *raw)),
            }
        }
    }
}
