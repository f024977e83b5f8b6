//! Rows of output as bytes.

use super::columns::OutputColumns;
use super::formula::is_formula;
use super::number::{write_contribution, write_integer, write_probability};
use super::settings::{OutputFormat, Settings};
use crate::corpus::{Cell, Record};
use crate::labels::LabelSet;
use crate::model::{Evidence, Prediction, Status};

/// One row of output, without the fields of the input.
pub(super) struct Row<'a> {
    /// The number of the sentence in its document, from 1; 0 when the document has none.
    pub sentence_no: u64,
    /// Its first character, counted in the document from 0.
    pub start: u64,
    /// The character after its last one.
    pub end: u64,
    pub sentence: &'a str,
    /// None when there is no text to label.
    pub prediction: Option<Prediction<'a>>,
    pub evidence: &'a [Evidence],
}

/// Renders rows into a buffer. The fields of the input are rendered once per document and copied for each of its rows.
pub(super) struct Renderer<'a> {
    columns: &'a OutputColumns,
    labels: &'a LabelSet,
    style: Style,
    with_evidence: bool,
    /// For JSON: the keys with quotes and colon, in the order of the columns.
    keys: Vec<Vec<u8>>,
    before: Vec<u8>,
    evidence: Vec<u8>,
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Table { delimiter: u8, safe: bool },
    Json,
}

impl<'a> Renderer<'a> {
    pub fn new(columns: &'a OutputColumns, labels: &'a LabelSet, settings: &Settings) -> Self {
        let safe = settings.spreadsheet_safe;
        let style = match settings.format {
            OutputFormat::Csv => Style::Table { delimiter: b',', safe },
            OutputFormat::Tsv => Style::Table { delimiter: b'\t', safe },
            OutputFormat::JsonLines => Style::Json,
        };
        let key = |name: &str| {
            let mut key = Vec::new();
            write_json(name, &mut key);
            key.push(b':');
            key
        };
        let keys = match style {
            Style::Json => columns.names().map(key).collect(),
            Style::Table { .. } => vec![Vec::new(); columns.names().count()],
        };
        Self {
            columns,
            labels,
            style,
            with_evidence: settings.evidence > 0,
            keys,
            before: Vec::new(),
            evidence: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// How many bytes wait to be taken.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What was rendered since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        // What comes next is about as long.
        let next = Vec::with_capacity(self.bytes.len());
        std::mem::replace(&mut self.bytes, next)
    }

    /// The line with the names of the columns, for formats that have one.
    pub fn header(&mut self) {
        let Style::Table { delimiter, .. } = self.style else { return };
        for (i, name) in self.columns.names().enumerate() {
            if i > 0 {
                self.bytes.push(delimiter);
            }
            write_table(name, self.style, &mut self.bytes);
        }
        self.bytes.push(b'\n');
    }

    /// Begins the rows of the document in `record`.
    pub fn document(&mut self, record: &Record) {
        self.before.clear();
        if let Style::Json = self.style {
            self.before.push(b'{');
        }
        for ((column, _), key) in self.columns.input.iter().zip(&self.keys) {
            self.before.extend_from_slice(key);
            match (self.style, record.cell(*column)) {
                (Style::Table { .. }, _) => write_table(record.get(*column), self.style, &mut self.before),
                (Style::Json, Cell::Text(text)) => write_json(text, &mut self.before),
                (Style::Json, Cell::Json(raw)) => self.before.extend_from_slice(raw.as_bytes()),
                (Style::Json, Cell::Null) => self.before.extend_from_slice(b"null"),
            }
            self.before.push(separator(self.style));
        }
    }

    /// One row of the document that was begun last.
    pub fn row(&mut self, row: &Row<'_>) {
        let mut fields = Fields {
            style: self.style,
            keys: &self.keys[self.columns.input.len()..],
            next: 0,
            bytes: &mut self.bytes,
        };
        fields.bytes.extend_from_slice(&self.before);
        fields.integer(row.sentence_no);
        fields.integer(row.start);
        fields.integer(row.end);
        fields.text(row.sentence);
        match &row.prediction {
            Some(prediction) => {
                fields.text(self.labels.name(prediction.label));
                fields.probability(prediction.confidence);
                prediction.probabilities.iter().for_each(|&p| fields.probability(p));
            }
            None => (0..self.labels.len() + 2).for_each(|_| fields.nothing()),
        }
        fields.text(match row.prediction.as_ref().map(|prediction| prediction.status) {
            Some(Status::Ok) => "ok",
            Some(Status::Review) => "review",
            Some(Status::Empty) | None => "empty",
        });
        if self.with_evidence {
            list(row.evidence, &mut self.evidence);
            fields.text(&String::from_utf8_lossy(&self.evidence));
        }
        fields.end();
    }
}

/// `TERM +0.42; TERM -0.10`.
fn list(evidence: &[Evidence], into: &mut Vec<u8>) {
    into.clear();
    for (i, Evidence { term, contribution }) in evidence.iter().enumerate() {
        if i > 0 {
            into.extend_from_slice(b"; ");
        }
        into.extend_from_slice(term.as_bytes());
        into.push(b' ');
        write_contribution(*contribution, into);
    }
}

/// Appends the added fields of one row, each with its key and separator.
struct Fields<'r> {
    style: Style,
    keys: &'r [Vec<u8>],
    next: usize,
    bytes: &'r mut Vec<u8>,
}

impl Fields<'_> {
    fn begin(&mut self) {
        if self.next > 0 {
            self.bytes.push(separator(self.style));
        }
        self.bytes.extend_from_slice(&self.keys[self.next]);
        self.next += 1;
    }

    fn integer(&mut self, value: u64) {
        self.begin();
        write_integer(value, self.bytes);
    }

    fn probability(&mut self, value: f64) {
        self.begin();
        write_probability(value, self.bytes);
    }

    fn text(&mut self, text: &str) {
        self.begin();
        match self.style {
            Style::Table { .. } => write_table(text, self.style, self.bytes),
            Style::Json => write_json(text, self.bytes),
        }
    }

    fn nothing(&mut self) {
        self.begin();
        if let Style::Json = self.style {
            self.bytes.extend_from_slice(b"null");
        }
    }

    fn end(self) {
        if let Style::Json = self.style {
            self.bytes.push(b'}');
        }
        self.bytes.push(b'\n');
    }
}

fn separator(style: Style) -> u8 {
    match style {
        Style::Table { delimiter, .. } => delimiter,
        Style::Json => b',',
    }
}

/// Appends `text` as a field: in quotes, with inner quotes doubled, when it has a delimiter, quote or line end.
fn write_table(text: &str, style: Style, into: &mut Vec<u8>) {
    let Style::Table { delimiter, safe } = style else { return };
    let guard = if safe && is_formula(text) { "'" } else { "" };
    let bytes = text.as_bytes();
    let needs_quotes =
        memchr::memchr3(b'"', b'\n', b'\r', bytes).is_some() || memchr::memchr(delimiter, bytes).is_some();
    if !needs_quotes {
        into.extend_from_slice(guard.as_bytes());
        into.extend_from_slice(bytes);
        return;
    }
    into.push(b'"');
    into.extend_from_slice(guard.as_bytes());
    let mut from = 0;
    for quote in memchr::memchr_iter(b'"', bytes) {
        into.extend_from_slice(&bytes[from..=quote]);
        from = quote;
    }
    into.extend_from_slice(&bytes[from..]);
    into.push(b'"');
}

fn write_json(text: &str, into: &mut Vec<u8>) {
    // Writing a string into memory cannot fail.
    let written = serde_json::to_writer(into, text);
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(text: &str, delimiter: u8, safe: bool) -> String {
        let mut bytes = Vec::new();
        write_table(text, Style::Table { delimiter, safe }, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn quotes_stand_only_where_they_are_needed() {
        let cases = [
            ("plain text", "plain text"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("a\tb", "a\tb"),
        ];
        for (text, expected) in cases {
            assert_eq!(table(text, b',', false), expected);
        }
        assert_eq!(table("a\tb, c", b'\t', false), "\"a\tb, c\"");
    }

    #[test]
    fn formulas_are_shown_and_not_calculated() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("- he said, no", "\"'- he said, no\""),
            ("@user", "'@user"),
            ("-5.2", "-5.2"),
            ("x=1", "x=1"),
        ];
        for (text, expected) in cases {
            assert_eq!(table(text, b',', true), expected);
            assert!(!table(text, b',', false).contains('\''));
        }
    }

    proptest! {
        #[test]
        fn fields_are_read_back_by_the_csv_crate(fields in prop::collection::vec("[a,\"\n\r\té]{0,6}", 2..5)) {
            for delimiter in [b',', b'\t'] {
                let cells: Vec<String> = fields.iter().map(|f| table(f, delimiter, false)).collect();
                let line = cells.join(&char::from(delimiter).to_string()) + "\n";
                let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter)
                    .from_reader(line.as_bytes());
                let record = reader.records().next().unwrap().unwrap();
                prop_assert_eq!(record.iter().collect::<Vec<_>>(), fields.clone());
            }
        }
    }
}
