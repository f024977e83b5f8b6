//! Many inputs as one stream of blocks with one header.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::block::{Block, Layout};
use super::bytes::{Decoded, Encoding, Manner};
use super::columns::{Column, ColumnChoice, Header, Roles};
use super::inputs::{Input, expand};
use super::split::{MAX_RECORD_BYTES, RawBlock, RawRecord};
use super::table::{OpenTable, Table, common_header};
use super::{Format, InputSummary, Notice};
use crate::error::{Error, ErrorKind, Place, Result};

/// What to read and how.
#[derive(Debug, Clone, Default)]
pub struct InputSpec {
    /// Files, folders, patterns, or `-` for standard input.
    pub inputs: Vec<String>,
    /// The format of all inputs. Left open, it is told by each file's name, or by its beginning.
    pub format: Option<Format>,
    /// The character between two fields of a CSV table. Left open, it is read off the header line.
    pub delimiter: Option<u8>,
    /// The encoding of inputs without byte-order mark. Left open, it is UTF-8 (or UTF-16, told by its zero bytes).
    pub encoding: Option<Encoding>,
    /// The sheet to read of Excel workbooks. Left open, it is the first that is not hidden.
    pub sheet: Option<String>,
    /// The columns that were chosen by name.
    pub columns: ColumnChoice,
}

impl InputSpec {
    /// Reading of `inputs` with everything else left open.
    #[must_use]
    pub fn of<S: Into<String>>(inputs: impl IntoIterator<Item = S>) -> Self {
        Self { inputs: inputs.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    pub(super) fn manner(&self) -> Manner<'_> {
        Manner { encoding: self.encoding, format: self.format, sheet: self.sheet.as_deref() }
    }
}

/// All inputs of a run, opened one after the other; memory holds one block.
///
/// All tables of a run have the same columns (in any order: fields are matched by name). A row of JSON Lines may lack
/// keys; its columns are the keys of the first 256 KB of each such file, in the order in which they come. Text files have
/// the columns `doc_id`, the path, and `text`. Text files and tables cannot be read in one run: they have no columns in
/// common.
///
/// ```
/// use stancewire::corpus::{InputSpec, OnBadRow, Source};
///
/// let table = "id,body\n7,\"Stop, now.\"\n";
/// let source = Source::from_reader("news.csv", table.as_bytes(), &InputSpec::default())?;
/// let text = source.text_column()?;
/// assert_eq!(text.to_string(), "body (guessed)");
/// for document in source.documents(&text, OnBadRow::Stop) {
///     let document = document?;
///     assert_eq!((document.text(), document.record().get(0)), ("Stop, now.", "7"));
/// }
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub struct Source {
    header: Arc<Header>,
    spec: InputSpec,
    waiting: VecDeque<Part>,
    open: Option<OpenTable>,
    notices: Vec<Notice>,
    progress: ReadProgress,
    block_bytes: usize,
}

/// How far the reading has come; a clone follows along from another thread.
#[derive(Debug, Clone, Default)]
pub struct ReadProgress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl ReadProgress {
    /// Bytes read from disk so far, packed files as they are.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes to read in all, when every input is a regular file.
    #[must_use]
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }
}

enum Part {
    Text(Input, Option<Box<Decoded>>),
    Table(Box<Table>),
}

/// How much text a block holds at least, unless the input ends.
const BLOCK_BYTES: usize = 64 * 1024;

impl Source {
    /// Finds all inputs, opens each table up to its header, and settles the columns of the run.
    ///
    /// # Errors
    /// When an input does not exist, cannot be read, has no header, or does not fit the others.
    pub fn open(spec: &InputSpec) -> Result<Self> {
        let mut notices = Vec::new();
        let inputs = expand(&spec.inputs, &mut notices)?;
        let total = inputs.iter().map(|input| input.size).sum();
        let progress = ReadProgress { read: Arc::default(), total };
        let mut parts = VecDeque::with_capacity(inputs.len());
        for (index, input) in inputs.into_iter().enumerate() {
            let keep = index == 0 || input.size.is_none();
            parts.push_back(Part::probe(input, spec, &progress, keep, &mut notices)?);
        }
        Self::with_parts(spec, parts, notices, progress)
    }

    /// The same for one stream, called `name` in messages.
    ///
    /// # Errors
    /// As for [`Source::open`].
    pub fn from_reader(name: &str, reader: impl Read + Send + 'static, spec: &InputSpec) -> Result<Self> {
        let (mut notices, progress) = (Vec::new(), ReadProgress::default());
        let format = Format::of_path(name);
        let input = Input { name: name.to_owned(), path: None, format, size: None };
        let manner = Manner { format: spec.format.or(format), ..spec.manner() };
        let decoded = Decoded::new(name, reader, manner, &progress.read)?;
        let part = Part::new(input, decoded, spec, &mut notices)?;
        Self::with_parts(spec, VecDeque::from([part]), notices, progress)
    }

    fn with_parts(
        spec: &InputSpec,
        waiting: VecDeque<Part>,
        notices: Vec<Notice>,
        progress: ReadProgress,
    ) -> Result<Self> {
        let is_workbook = |part: &Part| part.table().is_some_and(|table| table.format == Format::Xlsx);
        if let Some(sheet) = spec.sheet.as_ref().filter(|_| !waiting.iter().any(is_workbook)) {
            let what = format!("there is no sheet \"{sheet}\": none of the inputs is an Excel workbook");
            return Err(Error::new(ErrorKind::Settings, what).advise("leave --sheet out"));
        }
        let header = Arc::new(match first_of_each(&waiting) {
            (None, _) => Header::new(["doc_id", "text"])?,
            (Some(_), None) => common_header(waiting.iter().filter_map(Part::table))?,
            (Some(table), Some(text)) => return Err(two_kinds(table, text)),
        });
        let block_bytes = BLOCK_BYTES;
        Ok(Self { header, spec: spec.clone(), waiting, open: None, notices, progress, block_bytes })
    }

    /// The columns of every row.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was decided on the way.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The inputs that have not been read yet, and what they turned out to be.
    #[must_use]
    pub fn inputs(&self) -> Vec<InputSummary> {
        self.waiting.iter().map(Part::summary).collect()
    }

    /// A view of how far the reading has come.
    #[must_use]
    pub fn progress(&self) -> ReadProgress {
        self.progress.clone()
    }

    /// The text column: the chosen one, or a guess.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when it cannot be found.
    pub fn text_column(&self) -> Result<Column> {
        self.header.text_column(&self.spec.columns).map_err(|error| error.at(self.first_place()))
    }

    /// The columns of labelled data: the chosen ones, or guesses.
    ///
    /// # Errors
    /// [`ErrorKind::Column`] when text or label cannot be found, or a chosen one is missing.
    pub fn roles(&self) -> Result<Roles> {
        self.header.roles(&self.spec.columns).map_err(|error| error.at(self.first_place()))
    }

    pub(super) fn first_place(&self) -> Place {
        let first = self.waiting.iter().find_map(Part::table);
        first.map_or_else(Place::default, |table| Place::file(table.input.shown()))
    }

    /// The same source with blocks of at least `bytes` bytes; the default of 64 KB suits almost everything.
    #[must_use]
    pub fn with_block_bytes(mut self, bytes: usize) -> Self {
        self.block_bytes = bytes.max(1);
        self
    }

    /// The next rows; `None` when all inputs are read.
    ///
    /// # Errors
    /// When an input cannot be read any further. Bad rows are not errors here: [`Block::records`] meets them.
    pub fn next_block(&mut self) -> Result<Option<Block>> {
        loop {
            if let Some(table) = &mut self.open {
                if let Some(block) = table.next_block(self.block_bytes)? {
                    return Ok(Some(block));
                }
                self.open = None;
            }
            match self.waiting.pop_front() {
                None => return Ok(None),
                Some(Part::Table(table)) => {
                    self.open = Some(table.start(&self.header, &self.spec, &self.progress.read)?);
                }
                Some(Part::Text(input, decoded)) => return self.texts(input, decoded).map(Some),
            }
        }
    }

    /// Text files, as many as fit in one block, beginning with `input`.
    fn texts(&mut self, mut input: Input, mut decoded: Option<Box<Decoded>>) -> Result<Block> {
        let mut raw = RawBlock { bytes: Vec::new(), records: Vec::new(), offset: 0 };
        let mut files = Vec::new();
        let mut encoding;
        loop {
            let mut text = match decoded.take() {
                Some(decoded) => *decoded,
                None => Decoded::open(&input, self.spec.manner(), &self.progress.read)?,
            };
            let start = raw.bytes.len();
            read_text(&mut text, &mut raw.bytes, &input)?;
            encoding = text.encoding;
            raw.records.push(RawRecord { start, end: raw.bytes.len(), line: 1 });
            files.push(Arc::from(input.name.as_str()));
            match self.waiting.front() {
                Some(Part::Text(..)) if raw.bytes.len() < self.block_bytes => {}
                _ => break,
            }
            let Some(Part::Text(next, opened)) = self.waiting.pop_front() else { break };
            (input, decoded) = (next, opened);
        }
        let layout = Layout {
            header: Arc::clone(&self.header),
            file: Arc::from(""),
            format: Format::Text,
            delimiter: 0,
            encoding,
            mark: 0,
            order: None,
        };
        Ok(Block { layout: Arc::new(layout), raw, files })
    }
}

fn read_text(text: &mut Decoded, into: &mut Vec<u8>, input: &Input) -> Result<()> {
    if text.append_to(into, MAX_RECORD_BYTES + 1)? <= MAX_RECORD_BYTES {
        return Ok(());
    }
    let what =
        format!("the text is longer than {} MiB; expected one article per file", MAX_RECORD_BYTES >> 20);
    Err(Error::new(ErrorKind::Table, what)
        .at(Place::file(input.shown()))
        .advise("split it, or make a table with one article per row"))
}

/// The first table and the first text among `parts`.
fn first_of_each(parts: &VecDeque<Part>) -> (Option<&Table>, Option<&Input>) {
    let text = parts.iter().find_map(|part| match part {
        Part::Text(input, _) => Some(input),
        Part::Table(_) => None,
    });
    (parts.iter().find_map(Part::table), text)
}

fn two_kinds(table: &Table, text: &Input) -> Error {
    let (table, text) = (table.input.shown(), text.shown());
    Error::new(
        ErrorKind::Settings,
        format!("cannot read text files and tables in one run: {text} is text, {table} is a table"),
    )
    .advise("read them in two runs, or say what all of them are with --input-format")
}

impl Part {
    fn table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Text(..) => None,
        }
    }

    fn summary(&self) -> InputSummary {
        let (input, format) = match self {
            Self::Table(table) => (&table.input, table.format),
            Self::Text(input, _) => (input, Format::Text),
        };
        let encoding = match self {
            Self::Table(table) => {
                (!matches!(table.format, Format::Xlsx | Format::Parquet)).then_some(table.encoding)
            }
            Self::Text(_, decoded) => decoded.as_ref().map(|decoded| decoded.encoding),
        };
        let delimited = |table: &&Table| matches!(table.format, Format::Csv | Format::Tsv);
        InputSummary {
            name: input.shown().to_owned(),
            format,
            bytes: input.size,
            encoding: encoding.map(Encoding::name),
            delimiter: self.table().filter(delimited).map(|table| char::from(table.delimiter)),
            sheet: self.table().and_then(|table| table.sheet.clone()),
        }
    }

    /// Looks at the beginning of `input`. What can be opened again is closed, unless `keep` is set.
    fn probe(
        input: Input,
        spec: &InputSpec,
        progress: &ReadProgress,
        keep: bool,
        notices: &mut Vec<Notice>,
    ) -> Result<Self> {
        if spec.format.or(input.format) == Some(Format::Text) && input.size.is_some() {
            return Ok(Self::Text(input, None));
        }
        let counter = if keep { Arc::clone(&progress.read) } else { Arc::default() };
        let decoded = Decoded::open(&input, spec.manner(), &counter)?;
        let mut part = Self::new(input, decoded, spec, notices)?;
        match &mut part {
            Self::Text(_, decoded) if !keep => *decoded = None,
            Self::Table(table) if !keep => table.close(),
            _ => {}
        }
        Ok(part)
    }

    fn new(input: Input, decoded: Decoded, spec: &InputSpec, notices: &mut Vec<Notice>) -> Result<Self> {
        let format = spec.format.or(input.format).unwrap_or_else(|| {
            let sheet = decoded.sheet.as_ref().map(|sheet| sheet.format);
            let format = sheet.unwrap_or_else(|| Format::sniff(decoded.start(), &spec.columns));
            notices.push(Notice::FormatGuessed { file: input.shown().to_owned(), format });
            format
        });
        if let Some((sheet, others @ 1..)) = decoded.sheet.as_ref().and_then(|sheet| sheet.taken.as_ref()) {
            let (file, sheet) = (input.shown().to_owned(), sheet.clone());
            notices.push(Notice::SheetTaken { file, sheet, others: *others });
        }
        if !decoded.encoding.is_utf8() && spec.encoding != Some(decoded.encoding) {
            let (file, encoding) = (input.shown().to_owned(), decoded.encoding.name());
            notices.push(Notice::EncodingDetected { file, encoding });
        }
        if format == Format::Text {
            return Ok(Self::Text(input, Some(Box::new(decoded))));
        }
        let table = Table::open(input, decoded, format, spec)?;
        if format == Format::Csv && spec.delimiter.is_none() && table.delimiter != b',' {
            let (file, delimiter) = (table.input.shown().to_owned(), char::from(table.delimiter));
            notices.push(Notice::DelimiterGuessed { file, delimiter });
        }
        Ok(Self::Table(Box::new(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Cell;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn spec(folder: &tempfile::TempDir) -> InputSpec {
        InputSpec::of([folder.path().to_str().unwrap()])
    }

    /// All rows as `line|field|field`, bad ones as their text.
    fn rows(mut source: Source) -> Vec<String> {
        let mut rows = Vec::new();
        while let Some(block) = source.next_block().unwrap() {
            let mut records = block.records();
            while let Some(record) = records.next_record() {
                rows.push(match record {
                    Ok(record) => {
                        format!("{}|{}", record.line(), record.iter().collect::<Vec<_>>().join("|"))
                    }
                    Err(error) => error.to_string(),
                });
            }
        }
        rows
    }

    fn rows_of(name: &str, bytes: impl AsRef<[u8]>) -> Vec<String> {
        let bytes = std::io::Cursor::new(bytes.as_ref().to_vec());
        rows(Source::from_reader(name, bytes, &InputSpec::default()).unwrap().with_block_bytes(1))
    }

    fn open_error(files: &[(&str, &[u8])]) -> String {
        let folder = folder(files);
        let error = Source::open(&spec(&folder)).err().unwrap().to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn tables_with_the_same_columns_are_one_stream() {
        let folder = folder(&[
            ("a.csv", b"id,text\n1,one\n"),
            ("b.tsv", b"text\tid\ntwo\t2\n"),
            ("c.csv", b"\xEF\xBB\xBFtext;id\r\n\"three;\r\n3\";3\r\n"),
            ("d.jsonl", b"{\"id\": 4, \"text\": \"four\"}\n\n{\"text\": \"five\"}\n"),
        ]);
        let source = Source::open(&spec(&folder)).unwrap();
        assert!(matches!(source.notices(), [Notice::DelimiterGuessed { delimiter: ';', .. }]));
        let total = source.progress().total_bytes();
        let progress = source.progress();
        assert_eq!(rows(source), ["2|1|one", "2|2|two", "2|3|three;\r\n3", "1|4|four", "3||five"]);
        assert_eq!(total, Some(progress.bytes_read()));
    }

    #[test]
    fn text_files_are_rows_of_path_and_text() {
        let folder = folder(&[("b.txt", b"Two.\n"), ("a.md", b"\xEF\xBB\xBFOne."), ("c.txt", b"")]);
        let source = Source::open(&spec(&folder)).unwrap();
        let path = folder.path().display();
        let expected =
            [format!("1|{path}/a.md|One."), format!("1|{path}/b.txt|Two.\n"), format!("1|{path}/c.txt|")];
        assert_eq!(rows(source), expected);
    }

    #[test]
    fn json_columns_come_in_the_order_of_their_first_use_and_keep_their_kind() {
        let lines = "{\"b\": 1}\n{\"a\": \"x\", \"b\": null}\n";
        let mut source = Source::from_reader("x.jsonl", lines.as_bytes(), &InputSpec::default()).unwrap();
        assert_eq!(source.header().names(), ["b", "a"]);
        let block = source.next_block().unwrap().unwrap();
        let mut records = block.records();
        let first = records.next_record().unwrap().unwrap();
        assert_eq!((first.cell(0), first.cell(1)), (Cell::Json("1"), Cell::Null));
        let second = records.next_record().unwrap().unwrap();
        assert_eq!((second.cell(0), second.cell(1)), (Cell::Null, Cell::Text("x")));
    }

    #[test]
    fn bad_rows_have_their_place_and_the_good_ones_go_on() {
        let table = b"id,text\n1,a\n\n2\n3,\"x\ncaf\xE9\"\n4,b\n5,c,d\n";
        let rows = rows_of("t.csv", table);
        assert_eq!((rows[0].as_str(), rows[3].as_str()), ("2|1|a", "7|4|b"));
        insta::assert_snapshot!(rows[1], @r"
        t.csv:4: the row has 1 field; expected 2, as in the header
          put a field that holds the delimiter or a line end in quotes, or pass --skip-bad-rows to leave such rows out
        ");
        insta::assert_snapshot!(rows[2], @r"
        t.csv:6: the byte 0xE9 at offset 23 is not valid UTF-8
          if the file is in an older Western encoding, pass --encoding windows-1252; for others see --help
        ");
        assert!(rows[4].starts_with("t.csv:8: the row has 3 fields; expected 2"), "{}", rows[4]);
        let lines = rows_of("t.jsonl", "{\"a\": 1}\n{\"a\": }\n");
        insta::assert_snapshot!(lines[1], @r"
        t.jsonl:2: not a JSON object: expected value (byte 7 of the line)
          correct the line, or pass --skip-bad-rows to leave such rows out
        ");
    }

    #[test]
    fn a_bad_byte_of_a_text_file_is_counted_from_its_own_beginning() {
        let folder = folder(&[("a.txt", b"fine"), ("b.txt", b"one\ntw\xF6")]);
        let rows = rows(Source::open(&spec(&folder)).unwrap());
        assert!(rows[1].contains("b.txt:2: the byte 0xF6 at offset 6 "), "{}", rows[1]);
    }

    #[test]
    fn a_bad_sequence_of_another_encoding_has_its_line() {
        let mut bytes: Vec<u8> = "text\nabc\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.extend(0xDC00_u16.to_le_bytes());
        let rows = rows_of("t.csv", bytes);
        insta::assert_snapshot!(rows[1], @r"
        t.csv:3: a sequence of bytes that is not valid UTF-16LE
          is it in another encoding? name it with --encoding
        ");
    }

    #[test]
    fn a_byte_order_mark_inside_the_text_stays() {
        assert_eq!(rows_of("t.csv", "text\n\u{FEFF}\"b\"\na\n"), ["2|\u{FEFF}\"b\"", "3|a"]);
    }

    #[test]
    fn byte_order_marks_that_are_left_in_the_header_are_no_part_of_a_name() {
        for bytes in ["\u{FEFF}\u{FEFF}text,b\n1,2\n", "\n\u{FEFF}text,b\n1,2\n"] {
            let source = Source::from_reader("t.csv", bytes.as_bytes(), &InputSpec::default()).unwrap();
            assert_eq!(source.header().names(), ["text", "b"]);
        }
    }

    #[test]
    fn a_quote_after_a_mark_in_the_header_is_a_sign_like_any_other() {
        // Where the header ends and what its fields are is told by the same rule.
        let rows = rows_of("t.csv", "\n\u{FEFF}\"b&,1\na,2\n");
        assert_eq!(rows, ["3|a|2"]);
    }

    #[test]
    fn inputs_that_do_not_fit_are_refused_before_anything_is_read() {
        insta::assert_snapshot!(open_error(&[("a.csv", b"x,y\n"), ("b.csv", b"x,z\n")]), @r#"
        b.csv:1: its columns are not those of a.csv: it lacks "y", it has "z" besides
          all tables of one run must have the same columns; their order does not matter
        "#);
        insta::assert_snapshot!(open_error(&[("a.csv", b"x,y\n"), ("b.jsonl", b"{\"z\": 1}\n")]), @r#"
        b.jsonl:1: its columns are not those of a.csv: it has "z" besides
          all tables of one run must have the same columns; their order does not matter
        "#);
        insta::assert_snapshot!(open_error(&[("a.csv", b"x,y\n"), ("b.txt", b"x")]), @r"
        cannot read text files and tables in one run: b.txt is text, a.csv is a table
          read them in two runs, or say what all of them are with --input-format
        ");
        insta::assert_snapshot!(open_error(&[("a.csv", b"")]), @"a.csv: the file is empty; expected a header line with the names of the columns");
        insta::assert_snapshot!(open_error(&[("a.jsonl", b"[1]\n")]), @r"
        a.jsonl:1: invalid type: sequence, expected a JSON object
          correct the line, or pass --skip-bad-rows to leave such rows out
        ");
        insta::assert_snapshot!(open_error(&[("a.csv", b"id,caf\xE9\n")]), @r"
        a.csv:1: the byte 0xE9 at offset 6 is not valid UTF-8
          if the file is in an older Western encoding, pass --encoding windows-1252; for others see --help
        ");
        insta::assert_snapshot!(open_error(&[("a.csv", b"text,Text,text\n")]), @r#"
        a.csv:1: the columns 1 and 3 are both called "text"; expected different names
          rename or remove one of them in the header line
        "#);
    }

    #[test]
    fn a_guessed_format_and_encoding_are_told() {
        let utf16: Vec<u8> = "text,id\na,1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let source = Source::from_reader("-", std::io::Cursor::new(utf16), &InputSpec::default()).unwrap();
        let told: Vec<String> = source.notices().iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        <stdin> looks like a CSV table; say --input-format if it is something else
        <stdin> is read as UTF-16BE
        ");
        assert_eq!(rows(source), ["2|a|1"]);
    }
}
