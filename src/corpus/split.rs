//! Cutting a stream into blocks of whole records, without parsing them.
//!
//! Finding where records end takes one pass over the line ends and quotes, so that one thread can cut for many threads
//! that parse. It also gives every record its true line number, which a parser that skips blank lines loses.

use super::bytes::Decoded;
use crate::error::{Error, ErrorKind, Place, Result};

/// The longest record that is read, in bytes of UTF-8: 64 MiB. A longer one is an error, so that memory stays bounded.
pub const MAX_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// How records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// At each `\n`; blank lines are no records.
    Lines,
    /// At each `\n`, `\r\n` or `\r` outside quotes; empty lines are no records. A quote opens only at the beginning of a
    /// field, and two quotes inside quotes are one.
    Delimited(u8),
}

/// Where a record lies in its block. The line end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawRecord {
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
    /// The line of the file on which it begins, from 1.
    pub line: u64,
}

/// Whole records and their bytes.
#[derive(Debug)]
pub(super) struct RawBlock {
    pub bytes: Vec<u8>,
    pub records: Vec<RawRecord>,
    /// Bytes of decoded text before this block.
    pub offset: u64,
}

/// Cuts a stream into blocks.
pub(super) struct Splitter {
    input: Decoded,
    scan: Scan,
    pending: Vec<u8>,
    offset: u64,
    at_end: bool,
    longest: usize,
}

/// How many bytes are read at once.
const READ: usize = 64 * 1024;

impl Splitter {
    pub fn new(input: Decoded, rule: Rule) -> Self {
        let scan = Scan { rule, at: 0, start: 0, line: 1, start_line: 1, quote: None, found: Vec::new() };
        Self { input, scan, pending: Vec::new(), offset: 0, at_end: false, longest: MAX_RECORD_BYTES }
    }

    /// What the stream is encoded in, and how long its byte-order mark was.
    pub fn input(&self) -> &Decoded {
        &self.input
    }

    /// The next whole records, at least `target` bytes of them unless the stream ends; `None` at the end.
    ///
    /// # Errors
    /// When the stream cannot be read, when a quote is never closed, or when a record is too long. The place has the
    /// line but not the file.
    pub fn next_block(&mut self, target: usize) -> Result<Option<RawBlock>> {
        while (self.scan.start < target || self.scan.found.is_empty()) && !self.at_end {
            if self.scan.found.is_empty() && self.scan.start > 0 {
                // Blank lines alone are not kept.
                self.cut();
            }
            if self.pending.len() - self.scan.start > self.longest {
                return Err(self.scan.too_long(self.longest));
            }
            self.at_end = self.input.append_to(&mut self.pending, READ)? == 0;
            self.scan.run(&self.pending, self.at_end)?;
        }
        if self.scan.found.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let bytes = self.cut();
        Ok(Some(RawBlock { bytes, records: std::mem::take(&mut self.scan.found), offset }))
    }

    /// Takes off everything before the unfinished record.
    fn cut(&mut self) -> Vec<u8> {
        let rest = self.pending.split_off(self.scan.start);
        self.offset += self.scan.start as u64;
        self.scan.at -= self.scan.start;
        self.scan.start = 0;
        std::mem::replace(&mut self.pending, rest)
    }
}

/// The state of the pass over the bytes.
struct Scan {
    rule: Rule,
    /// The next byte to look at, and its line.
    at: usize,
    line: u64,
    /// The beginning of the unfinished record, and its line.
    start: usize,
    start_line: u64,
    /// The line of the quote that is open.
    quote: Option<u64>,
    found: Vec<RawRecord>,
}

impl Scan {
    /// Looks at what is new in `bytes`. Without `at_end` a last byte whose meaning hangs on the next one is left.
    fn run(&mut self, bytes: &[u8], at_end: bool) -> Result<()> {
        match self.rule {
            Rule::Lines => self.lines(bytes),
            Rule::Delimited(delimiter) => self.delimited(bytes, delimiter, at_end),
        }
        if !at_end {
            return Ok(());
        }
        if let Some(line) = self.quote {
            return Err(unclosed(line));
        }
        self.finish(bytes, bytes.len(), 0);
        Ok(())
    }

    fn lines(&mut self, bytes: &[u8]) {
        while let Some(found) = memchr::memchr(b'\n', &bytes[self.at..]) {
            let end = self.at + found;
            self.line += 1;
            self.finish(bytes, end, 1);
        }
        self.at = bytes.len();
    }

    fn delimited(&mut self, bytes: &[u8], delimiter: u8, at_end: bool) {
        while let Some(found) = memchr::memchr3(b'"', b'\n', b'\r', &bytes[self.at..]) {
            let at = self.at + found;
            let next = bytes.get(at + 1).copied();
            self.at = at;
            match bytes[at] {
                b'\n' => self.line_end(bytes, 1),
                _ if next.is_none() && !at_end => return,
                b'\r' => self.line_end(bytes, if next == Some(b'\n') { 2 } else { 1 }),
                _ if self.quote.is_some() && next == Some(b'"') => self.at += 2,
                _ => {
                    let opens = at == self.start || bytes[at - 1] == delimiter;
                    self.quote = (self.quote.is_none() && opens).then_some(self.line);
                    self.at += 1;
                }
            }
        }
        self.at = bytes.len();
    }

    fn line_end(&mut self, bytes: &[u8], width: usize) {
        self.line += 1;
        if self.quote.is_some() {
            self.at += width;
        } else {
            self.finish(bytes, self.at, width);
        }
    }

    /// Ends the record at `end`, after which come `width` bytes of line end.
    fn finish(&mut self, bytes: &[u8], end: usize, width: usize) {
        let raw = &bytes[self.start..end];
        let blank = match self.rule {
            Rule::Lines => raw.trim_ascii().is_empty(),
            Rule::Delimited(_) => raw.is_empty(),
        };
        if !blank {
            self.found.push(RawRecord { start: self.start, end, line: self.start_line });
        }
        self.start = end + width;
        self.at = self.start;
        self.start_line = self.line;
    }

    fn too_long(&self, longest: usize) -> Error {
        match self.quote {
            Some(line) => unclosed(line),
            None => Error::new(ErrorKind::Table, format!("the row is longer than {} MiB", longest >> 20))
                .at(Place::default().line(self.start_line))
                .advise("is this really a table? say what it is with --input-format"),
        }
    }
}

fn unclosed(line: u64) -> Error {
    Error::new(ErrorKind::Table, "the quote that opens on this line is never closed")
        .at(Place::default().line(line))
        .advise("close it, or write \"\" for a quote inside a quoted field")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::corpus::bytes::Manner;

    fn splitter(text: &[u8], rule: Rule) -> Splitter {
        let input =
            Decoded::new("x", Cursor::new(text.to_vec()), Manner::default(), &Arc::default()).unwrap();
        Splitter::new(input, rule)
    }

    /// Line and bytes of each record, whatever the block size.
    fn split(text: &[u8], rule: Rule, target: usize) -> Result<Vec<(u64, Vec<u8>)>> {
        let mut splitter = splitter(text, rule);
        let mut found = Vec::new();
        while let Some(block) = splitter.next_block(target)? {
            found.extend(block.records.iter().map(|r| (r.line, block.bytes[r.start..r.end].to_vec())));
        }
        Ok(found)
    }

    fn lines_of(text: &str, rule: Rule) -> Vec<(u64, String)> {
        let records = split(text.as_bytes(), rule, 1).unwrap();
        records.into_iter().map(|(line, raw)| (line, String::from_utf8(raw).unwrap())).collect()
    }

    #[test]
    fn records_have_the_line_that_an_editor_shows() {
        let table = "a,b\n1,\"x\ny\"\n\n\n2,z\r\n\r\n\"p\r\nq\",r\r3,s";
        let expected = [(1, "a,b"), (2, "1,\"x\ny\""), (6, "2,z"), (8, "\"p\r\nq\",r"), (10, "3,s")]
            .map(|(line, raw)| (line, raw.to_owned()));
        assert_eq!(lines_of(table, Rule::Delimited(b',')), expected);
        let json = "{}\n \r\n\n{\"a\":1}\r\n";
        let expected = [(1, "{}"), (4, "{\"a\":1}\r")].map(|(line, raw)| (line, raw.to_owned()));
        assert_eq!(lines_of(json, Rule::Lines), expected);
    }

    #[test]
    fn blank_lines_fill_neither_memory_nor_blocks() {
        let table = format!("{}a,b\n{}1,2\n", "\n".repeat(3 * READ), "\r\n".repeat(READ));
        let mut splitter = splitter(table.as_bytes(), Rule::Delimited(b','));
        splitter.longest = READ;
        let mut next = || splitter.next_block(1).unwrap().map(|b| (b.offset, b.records[0].line));
        let (offset, line) = next().unwrap();
        assert!(offset >= 2 * READ as u64 && line == 3 * READ as u64 + 1, "{offset} {line}");
        assert_eq!(next().unwrap().1, 4 * READ as u64 + 2);
        assert_eq!(next(), None);
    }

    #[test]
    fn a_quote_opens_only_at_the_beginning_of_a_field() {
        let cases = [
            ("5\" gun,x\ny,z\n", 2),
            ("\"a\"\"\nb\",x\ny,z\n", 2),
            ("\"\",\"\"\n\"\"\"\n\"\"\",z\n", 2),
            ("\"a\"b\"\nc,d\n", 2),
            ("a,\"b\"\"\n", 0),
        ];
        for (table, records) in cases {
            let found = split(table.as_bytes(), Rule::Delimited(b','), 1).map_or(0, |found| found.len());
            assert_eq!(found, records, "{table:?}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_by_its_line() {
        let error = split(b"a,b\n1,\"x\n2,y\n", Rule::Delimited(b','), 1).unwrap_err();
        insta::assert_snapshot!(error, @r#"
        line 2: the quote that opens on this line is never closed
          close it, or write "" for a quote inside a quoted field
        "#);
    }

    #[test]
    fn a_record_that_would_fill_the_memory_is_refused() {
        let mut splitter = splitter(&vec![b'x'; 3 << 20], Rule::Lines);
        splitter.longest = 1 << 20;
        let error = splitter.next_block(1).unwrap_err();
        insta::assert_snapshot!(error, @r"
        line 1: the row is longer than 1 MiB
          is this really a table? say what it is with --input-format
        ");
    }

    #[test]
    fn the_state_survives_every_cut_between_two_reads() {
        let row = format!("{},\"q\"\"\r\n{}\"\r\n", "x".repeat(READ - 9), "y".repeat(40));
        for shift in 0..16 {
            let text = format!("{}{}", "z".repeat(shift) + "\n", row.repeat(3));
            let records = split(text.as_bytes(), Rule::Delimited(b','), READ).unwrap();
            assert_eq!(records.len(), 3 + usize::from(shift > 0), "shift {shift}");
        }
    }

    proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(text in "[a,\"\n\r ]{0,40}") {
            if let Ok(found) = split(text.as_bytes(), Rule::Delimited(b','), 1) {
                let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true)
                    .from_reader(text.as_bytes());
                let parsed: Vec<_> = reader.byte_records().map(|r| r.unwrap()).collect();
                prop_assert_eq!(found.len(), parsed.len());
                for ((_, raw), record) in found.iter().zip(parsed) {
                    let mut alone = csv::ReaderBuilder::new().has_headers(false).flexible(true)
                        .from_reader(&raw[..]);
                    prop_assert_eq!(alone.byte_records().next().unwrap().unwrap(), record);
                }
            }
        }
    }
}
