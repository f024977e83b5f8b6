//! The kinds of input, and how they are told apart.

use std::fmt;
use std::str::FromStr;

use super::columns::{ColumnChoice, is_usual_name};
use crate::error::{Error, ErrorKind, Result};

/// The kind of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One article per file; the columns are `doc_id` (the path) and `text`.
    Text,
    /// A table with a header line, fields separated by commas (or by `;`, tab or `|`, read off the header).
    Csv,
    /// A table with a header line, fields separated by tabs.
    Tsv,
    /// One JSON object per line.
    JsonLines,
    /// An Excel workbook, of which one sheet is read.
    Xlsx,
    /// A Parquet file; only with the feature `parquet`.
    Parquet,
}

impl Format {
    /// All formats, in the order of the help text.
    pub const ALL: [Self; 6] = [Self::Text, Self::Csv, Self::Tsv, Self::JsonLines, Self::Xlsx, Self::Parquet];

    /// The name on the command line: `text`, `csv`, `tsv`, `jsonl`, `xlsx`, `parquet`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    pub(super) fn long_name(self) -> &'static str {
        match self {
            Self::Text => "plain text (one article)",
            Self::Csv => "a CSV table",
            Self::Tsv => "a table with tabs",
            Self::JsonLines => "JSON Lines",
            Self::Xlsx => "an Excel workbook (.xlsx)",
            Self::Parquet => "a Parquet file",
        }
    }

    /// Whether rows come as JSON, with keys instead of positions.
    pub(super) fn has_keys(self) -> bool {
        matches!(self, Self::JsonLines | Self::Xlsx | Self::Parquet)
    }

    /// The format that the ending of `path` promises, if it is a known one. `.gz` and `.zst` are looked through.
    ///
    /// ```
    /// use stancewire::corpus::Format;
    /// assert_eq!(Format::of_path("news/2024.CSV.gz"), Some(Format::Csv));
    /// assert_eq!(Format::of_path("news/2024"), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let lower = path.to_ascii_lowercase();
        let plain = lower.strip_suffix(".gz").or_else(|| lower.strip_suffix(".zst")).unwrap_or(&lower);
        match plain.rsplit_once('.')?.1 {
            "txt" | "md" => Some(Self::Text),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// The format that the first bytes of an input suggest.
    ///
    /// An opening brace means JSON Lines. A first line in which some field, for one of the usual delimiters, is a usual
    /// or a chosen column name is a header. Everything else is text.
    pub(super) fn sniff(start: &[u8], choice: &ColumnChoice) -> Self {
        if start.trim_ascii_start().starts_with(b"{") {
            return Self::JsonLines;
        }
        let line = String::from_utf8_lossy(first_line(start));
        let delimiter = char::from(delimiter_of(start));
        let is_header = line.split(delimiter).any(|field| {
            let name = field.trim().trim_matches('"');
            is_usual_name(name) || choice.names().any(|chosen| chosen == name)
        });
        match (is_header, delimiter) {
            (false, _) => Self::Text,
            (true, '\t') => Self::Tsv,
            (true, _) => Self::Csv,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    /// The format called `name`; `txt` and `ndjson` are understood too.
    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "text" | "txt" => Ok(Self::Text),
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            "xlsx" => Ok(Self::Xlsx),
            "parquet" => Ok(Self::Parquet),
            _ => Err(Error::new(
                ErrorKind::Settings,
                format!(
                    "unknown input format \"{name}\"; expected one of: text, csv, tsv, jsonl, xlsx, parquet"
                ),
            )),
        }
    }
}

/// The delimiter of the header line at `start`: of `,` `;` tab `|` the one that stands there most often outside quotes,
/// the earlier one in this list on a tie, so `,` for a single column.
pub(super) fn delimiter_of(start: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for &byte in first_line(start) {
        quoted ^= byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|&(_, count)| count).max().unwrap_or(0);
    counts.iter().find(|&&(_, count)| count == most).map_or(b',', |&(delimiter, _)| delimiter)
}

/// The first line that is not blank.
fn first_line(start: &[u8]) -> &[u8] {
    start.split(|&byte| byte == b'\n' || byte == b'\r').find(|line| !line.is_empty()).unwrap_or(b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_first_line() {
        let cases: [(&str, Format); 9] = [
            ("{\"text\": \"x\"}\n", Format::JsonLines),
            ("\n  {\"a\": 1}\n", Format::JsonLines),
            ("id,text\n1,x\n", Format::Csv),
            ("id;\"Body\"\n1;x\n", Format::Csv),
            ("text\nx\n", Format::Csv),
            ("id\ttext\n1\tx\n", Format::Tsv),
            ("The text, he said, was long.\n", Format::Text),
            ("title,words\n", Format::Text),
            ("", Format::Text),
        ];
        for (start, expected) in cases {
            assert_eq!(Format::sniff(start.as_bytes(), &ColumnChoice::default()), expected, "{start:?}");
        }
    }

    #[test]
    fn a_chosen_column_name_makes_a_header() {
        let choice = ColumnChoice { text: Some("words".into()), ..ColumnChoice::default() };
        assert_eq!(Format::sniff(b"title,words\n", &choice), Format::Csv);
    }

    #[test]
    fn delimiters_inside_quotes_do_not_count() {
        for (header, expected) in
            [("a;b,c;d", b';'), ("\"a,b,c\";d", b';'), ("a,b;c", b','), ("one", b','), ("a|b", b'|')]
        {
            assert_eq!(delimiter_of(header.as_bytes()), expected, "{header}");
        }
    }
}
