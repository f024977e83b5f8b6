//! A block of whole rows, and the reading of its rows.
//!
//! One thread can take blocks off a [`Source`](super::Source) while others parse them: a block borrows nothing.

use std::io::Read;
use std::sync::Arc;

use csv::StringRecord;

use super::Format;
use super::bytes::Encoding;
use super::columns::Header;
use super::json::{JsonRow, Kind};
use super::sheet;
use super::split::RawBlock;
use crate::error::{Error, ErrorKind, Place, Result};

/// What the rows of one input have in common.
#[derive(Debug)]
pub(super) struct Layout {
    /// The columns of the run.
    pub header: Arc<Header>,
    /// The input.
    pub file: Arc<str>,
    pub format: Format,
    pub delimiter: u8,
    pub encoding: Encoding,
    /// Length of the byte-order mark, which offsets in messages count.
    pub mark: u64,
    /// For each column of the run its position in the input, where the two differ.
    pub order: Option<Arc<[usize]>>,
}

/// About 64 KB of whole rows, not yet parsed.
#[derive(Debug)]
pub struct Block {
    pub(super) layout: Arc<Layout>,
    pub(super) raw: RawBlock,
    /// For text files: the file of each row.
    pub(super) files: Vec<Arc<str>>,
}

impl Block {
    /// How many rows there are, bad ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.records.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.records.is_empty()
    }

    /// Reads the rows one after the other.
    #[must_use]
    pub fn records(&self) -> Records<'_> {
        let rows = match self.layout.format {
            Format::Text => Rows::Text,
            Format::JsonLines => Rows::Json(JsonRow::default()),
            Format::Xlsx | Format::Parquet => Rows::Sheet(JsonRow::default()),
            Format::Csv | Format::Tsv => Rows::Table(self.table_reader()),
        };
        let record = Record {
            fields: StringRecord::new(),
            kinds: Vec::new(),
            order: self.layout.order.clone(),
            file: Arc::clone(&self.layout.file),
            line: 0,
        };
        Records { block: self, next: 0, rows, record }
    }

    fn table_reader(&self) -> csv::Reader<TableBytes<'_>> {
        let start = self.raw.records.first().map_or(0, |record| record.start);
        // The reader would take a byte-order mark off the beginning of every block; the line end keeps it from that.
        let bytes = b"\n".chain(&self.raw.bytes[start..]);
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.layout.delimiter)
            .from_reader(bytes)
    }
}

type TableBytes<'b> = std::io::Chain<&'static [u8], &'b [u8]>;

/// The rows of a [`Block`] in order, each read into the same buffers.
pub struct Records<'b> {
    block: &'b Block,
    next: usize,
    rows: Rows<'b>,
    record: Record,
}

enum Rows<'b> {
    Text,
    Table(csv::Reader<TableBytes<'b>>),
    Json(JsonRow),
    Sheet(JsonRow),
}

impl Records<'_> {
    /// The next row, or what is wrong with it; `None` at the end. After a bad row the reading goes on with the next one.
    ///
    /// # Errors
    /// [`ErrorKind::Encoding`] for bytes that are not text, [`ErrorKind::Table`] for a row with more or fewer fields
    /// than the header or a line that is no JSON object. The place has file and line.
    pub fn next_record(&mut self) -> Option<Result<&Record>> {
        let raw = self.block.raw.records.get(self.next)?;
        let bytes = &self.block.raw.bytes[raw.start..raw.end];
        self.record.line = raw.line;
        if let Some(file) = self.block.files.get(self.next) {
            self.record.file = Arc::clone(file);
        }
        self.next += 1;
        let offset = if self.block.files.is_empty() { self.block.raw.offset + raw.start as u64 } else { 0 };
        match self.read(bytes, offset) {
            Ok(()) => Some(Ok(&self.record)),
            Err(error) => Some(Err(error.at(self.record.place()))),
        }
    }

    /// Reads the row `bytes`, which begin at `offset` of their file.
    fn read(&mut self, bytes: &[u8], offset: u64) -> Result<()> {
        let Layout { header, encoding, mark, .. } = &*self.block.layout;
        let fields = &mut self.record.fields;
        let text = || text_of(bytes, *encoding, self.record.line, offset + mark);
        if let Rows::Sheet(_) = self.rows
            && let Some(refusal) = sheet::refusal(text()?)
        {
            return Err(refusal);
        }
        match &mut self.rows {
            Rows::Text => {
                fields.clear();
                fields.push_field(&self.record.file);
                fields.push_field(text()?);
            }
            Rows::Table(reader) => {
                let found = reader.read_record(fields);
                text()?;
                let expected = header.names().len();
                if !matches!(found, Ok(true)) || fields.len() != expected {
                    return Err(ragged(fields.len(), expected));
                }
            }
            Rows::Json(row) | Rows::Sheet(row) => {
                fields.clear();
                self.record.kinds.clear();
                for (kind, text) in row.parse(text()?, header)? {
                    fields.push_field(text);
                    self.record.kinds.push(*kind);
                }
            }
        }
        Ok(())
    }
}

/// `bytes` as text. They begin at `offset` of their file, on `line`; a byte that is wrong is named by its own line.
pub(super) fn text_of(bytes: &[u8], encoding: Encoding, line: u64, offset: u64) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let place = Place::default().line(line + line_ends(&bytes[..at]));
        let (what, advice) = if encoding.is_utf8() {
            (
                format!("the byte 0x{:02X} at offset {} is not valid UTF-8", bytes[at], offset + at as u64),
                "if the file is in an older Western encoding, pass --encoding windows-1252; for others see --help",
            )
        } else {
            (
                format!("a sequence of bytes that is not valid {encoding}"),
                "is it in another encoding? name it with --encoding",
            )
        };
        Error::new(ErrorKind::Encoding, what).at(place).advise(advice)
    })
}

fn ragged(found: usize, expected: usize) -> Error {
    let fields = if found == 1 { "field" } else { "fields" };
    Error::new(ErrorKind::Table, format!("the row has {found} {fields}; expected {expected}, as in the header"))
        .advise("put a field that holds the delimiter or a line end in quotes, or pass --skip-bad-rows to leave such rows out")
}

/// How many line ends (`\n`, `\r\n`, `\r`) there are.
fn line_ends(bytes: &[u8]) -> u64 {
    let ends =
        |(i, &byte): (usize, &u8)| byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|&found| ends(found)).count() as u64
}

/// One row of input, its fields in the order of the run's header.
#[derive(Debug, Clone)]
pub struct Record {
    fields: StringRecord,
    /// For JSON rows: what each field is.
    kinds: Vec<Kind>,
    order: Option<Arc<[usize]>>,
    file: Arc<str>,
    line: u64,
}

/// A field together with what it was in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Text: every field of a table, and the strings of JSON.
    Text(&'r str),
    /// A number, truth value, array or object of JSON, as it is written there.
    Json(&'r str),
    /// JSON's `null`, or a key that the row does not have.
    Null,
}

impl Record {
    /// The field at position `column` of the header; numbers and objects of JSON as they are written, null as nothing.
    ///
    /// # Panics
    /// When the header has no such column.
    #[must_use]
    pub fn get(&self, column: usize) -> &str {
        let column = self.order.as_ref().map_or(column, |order| order[column]);
        &self.fields[column]
    }

    /// The same field with its kind.
    ///
    /// # Panics
    /// When the header has no such column.
    #[must_use]
    pub fn cell(&self, column: usize) -> Cell<'_> {
        match self.kinds.get(column) {
            None | Some(Kind::Text) => Cell::Text(self.get(column)),
            Some(Kind::Json) => Cell::Json(self.get(column)),
            Some(Kind::Null) => Cell::Null,
        }
    }

    /// How many fields there are: as many as the header has columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.get(column))
    }

    /// The input and the line on which the row begins, from 1.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::file(&*self.file).line(self.line)
    }

    /// The line on which the row begins, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }
}
