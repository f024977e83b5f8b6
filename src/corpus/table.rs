//! One table: its header, its layout and its blocks.

use std::hash::Hash;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rustc_hash::FxHashSet;

use super::block::{Block, Layout, text_of};
use super::bytes::{Decoded, Encoding};
use super::columns::Header;
use super::inputs::Input;
use super::json::{self, JsonRow};
use super::source::InputSpec;
use super::split::{RawBlock, RawRecord, Rule, Splitter};
use super::{Format, format};
use crate::error::{Error, ErrorKind, Place, Result};

/// A table whose header is known. A regular file may be closed after that: it is opened again when it is its turn.
pub(super) struct Table {
    pub input: Input,
    pub delimiter: u8,
    pub format: Format,
    pub encoding: Encoding,
    /// The sheet that is read of a workbook.
    pub sheet: Option<String>,
    header: Header,
    opened: Option<Opened>,
}

struct Opened {
    splitter: Splitter,
    /// The rows that were read together with the header.
    first: RawBlock,
}

/// How much is read to find the columns of a table.
const HEADER_BYTES: usize = 256 * 1024;

impl Table {
    /// Reads the header.
    pub fn open(input: Input, decoded: Decoded, format: Format, spec: &InputSpec) -> Result<Self> {
        let delimiter = match format {
            Format::Tsv => b'\t',
            _ => spec.delimiter.unwrap_or_else(|| format::delimiter_of(decoded.start())),
        };
        let rule = if format.has_keys() { Rule::Lines } else { Rule::Delimited(delimiter) };
        let mut splitter = Splitter::new(decoded, rule);
        let place = Place::file(input.shown());
        let first = splitter.next_block(HEADER_BYTES).map_err(|error| error.at(place.clone()))?;
        let is_sheet = splitter.input().sheet.is_some();
        let none = || RawBlock { bytes: Vec::new(), records: Vec::new(), offset: 0 };
        let first = if is_sheet { Some(first.unwrap_or_else(none)) } else { first };
        let mut first = first.ok_or_else(|| empty(format).at(place.clone()))?;
        let header = match (format, &splitter.input().sheet) {
            (_, Some(sheet)) => Header::new(&sheet.columns),
            (Format::JsonLines, None) => header_of_json(&first, splitter.input()),
            (_, None) => header_of_table(&mut first, splitter.input(), delimiter),
        };
        let header = header.map_err(|error| error.at(place))?;
        let encoding = splitter.input().encoding;
        let sheet = splitter.input().sheet.as_ref();
        let sheet = sheet.and_then(|sheet| sheet.taken.as_ref().map(|(name, _)| name.clone()));
        Ok(Self {
            input,
            delimiter,
            format,
            encoding,
            sheet,
            header,
            opened: Some(Opened { splitter, first }),
        })
    }

    /// Gives the file back to the system until [`Table::start`].
    pub fn close(&mut self) {
        self.opened = None;
    }

    /// Opens the table again if need be, for a run whose columns are `header`.
    pub fn start(
        mut self: Box<Self>,
        header: &Arc<Header>,
        spec: &InputSpec,
        counter: &Arc<AtomicU64>,
    ) -> Result<OpenTable> {
        let Some(Opened { splitter, first }) = self.opened.take() else {
            let decoded = Decoded::open(&self.input, spec.manner(), counter)?;
            let again = Self::open(self.input, decoded, self.format, spec)?;
            return Box::new(again).start(header, spec, counter);
        };
        let layout = Layout {
            header: Arc::clone(header),
            file: Arc::from(self.input.shown()),
            format: self.format,
            delimiter: self.delimiter,
            encoding: splitter.input().encoding,
            mark: splitter.input().mark,
            order: self.order_for(header, "the first table")?.map(Arc::from),
        };
        Ok(OpenTable { layout: Arc::new(layout), splitter, first: Some(first) })
    }

    /// Where the columns of `header` stand in this table. JSON rows find theirs by key.
    fn order_for(&self, header: &Header, first: &str) -> Result<Option<Vec<usize>>> {
        if self.format == Format::JsonLines {
            return Ok(None);
        }
        let order = header.order_in(&self.header, first);
        let order = order.map_err(|error| error.at(Place::file(self.input.shown())))?;
        Ok(order.filter(|_| !self.format.has_keys()))
    }

    /// Whether all columns of this JSON Lines file are columns of `header`.
    fn fits_into(&self, header: &Header, first: &str) -> Result<()> {
        let union = Header::new(distinct(header.names().iter().chain(self.header.names())))?;
        header.order_in(&union, first).map(drop).map_err(|error| error.at(Place::file(self.input.shown())))
    }
}

/// The columns of a run: those of the first CSV table, which all others must have; without any, all keys of the JSON
/// Lines files in the order in which they come.
pub(super) fn common_header<'t>(tables: impl Iterator<Item = &'t Table> + Clone) -> Result<Header> {
    let Some(first) = tables.clone().find(|table| table.format != Format::JsonLines) else {
        return Header::new(distinct(tables.flat_map(|table| table.header.names())));
    };
    for table in tables {
        match table.format {
            Format::JsonLines => table.fits_into(&first.header, first.input.shown())?,
            _ => table.order_for(&first.header, first.input.shown()).map(drop)?,
        }
    }
    Ok(first.header.clone())
}

/// A table that is being read.
pub(super) struct OpenTable {
    layout: Arc<Layout>,
    splitter: Splitter,
    first: Option<RawBlock>,
}

impl OpenTable {
    /// The next rows, at least `target` bytes of them unless the table ends.
    pub fn next_block(&mut self, target: usize) -> Result<Option<Block>> {
        let raw = match self.first.take() {
            Some(first) if !first.records.is_empty() => Some(first),
            _ => {
                self.splitter.next_block(target).map_err(|error| error.at(Place::file(&*self.layout.file)))?
            }
        };
        Ok(raw.map(|raw| Block { layout: Arc::clone(&self.layout), raw, files: Vec::new() }))
    }
}

/// The distinct ones of `names`, in the order in which they come.
fn distinct<S: Clone + Eq + Hash>(names: impl Iterator<Item = S>) -> Vec<S> {
    let mut known = FxHashSet::default();
    names.filter(|name| known.insert(name.clone())).collect()
}

fn empty(format: Format) -> Error {
    let expected = match format {
        Format::JsonLines => "one JSON object per line",
        _ => "a header line with the names of the columns",
    };
    Error::new(ErrorKind::Empty, format!("the file is empty; expected {expected}"))
}

/// Takes the first row off `block` and reads it as the header.
fn header_of_table(block: &mut RawBlock, input: &Decoded, delimiter: u8) -> Result<Header> {
    let RawRecord { start, end, line } = block.records.remove(0);
    let text = text_of(&block.bytes[start..end], input.encoding, line, input.mark + start as u64)?;
    // The reader would take off a byte-order mark that is left here, a second one or one after blank lines, before it looks for
    // quotes, and would find other fields than those by which the rows are told apart; the line end keeps it from that.
    let bytes = b"\n".chain(text.as_bytes());
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    let mut names = csv::StringRecord::new();
    match reader.read_record(&mut names) {
        Ok(true) => Header::new(names.iter().enumerate().map(|(i, name)| match i {
            0 => name.trim_start_matches('\u{FEFF}'),
            _ => name,
        }))
        .map_err(|error| error.at(Place::default().line(line))),
        _ => Err(empty(Format::Csv)),
    }
}

/// All keys of the rows of `block` in the order in which they come. Bad rows are left for the reading to report, unless
/// there are no others.
fn header_of_json(block: &RawBlock, input: &Decoded) -> Result<Header> {
    let line = |record: &RawRecord| std::str::from_utf8(&block.bytes[record.start..record.end]).ok();
    let keys = block.records.iter().filter_map(|record| json::keys(line(record)?)).flatten();
    let header = Header::new(distinct(keys))?;
    if header.names().is_empty() {
        let RawRecord { start, end, line } = block.records[0];
        let text = text_of(&block.bytes[start..end], input.encoding, line, input.mark + start as u64)?;
        JsonRow::default().parse(text, &header).map_err(|error| error.at(Place::default().line(line)))?;
    }
    Ok(header)
}
