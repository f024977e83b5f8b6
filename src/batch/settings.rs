//! What is labelled and how it is written.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use crate::corpus::{Format, OnBadRow};
use crate::error::{Error, ErrorKind, Result};

/// The format of the labelled rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OutputFormat {
    /// Fields separated by commas, `\n` at the end of each row, quotes where they are needed.
    #[default]
    Csv,
    /// The same with tabs.
    Tsv,
    /// One JSON object per line. Fields that were numbers, truth values, arrays, objects or null in JSON Lines input are
    /// written as they were; what a row does not have is `null`.
    JsonLines,
}

impl OutputFormat {
    /// All formats, in the order of the help text.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Tsv, Self::JsonLines];

    /// The name on the command line: `csv`, `tsv`, `jsonl`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
        }
    }

    /// The format that the ending of `path` promises, if it is one of these.
    ///
    /// ```
    /// use stancewire::batch::OutputFormat;
    /// assert_eq!(OutputFormat::of_path("out/labelled.jsonl"), Some(OutputFormat::JsonLines));
    /// assert_eq!(OutputFormat::of_path("-"), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        match Format::of_path(path)? {
            Format::Csv => Some(Self::Csv),
            Format::Tsv => Some(Self::Tsv),
            Format::JsonLines => Some(Self::JsonLines),
            Format::Text | Format::Xlsx | Format::Parquet => None,
        }
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for OutputFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::new(
                ErrorKind::Settings,
                format!("unknown output format \"{name}\"; expected one of: csv, tsv, jsonl"),
            )
        })
    }
}

/// How documents become rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether documents are split into sentences. If not, each is one row with its whole text as the sentence.
    pub split: bool,
    /// Whether the text column is kept beside the sentence.
    pub keep_text: bool,
    /// How many terms of evidence a row shows; 0 for no such column.
    pub evidence: usize,
    /// The format of the rows.
    pub format: OutputFormat,
    /// Whether text cells of CSV and TSV that a spreadsheet would take for a formula (they begin with `=`, `+`, `-`,
    /// `@`, tab or return and are no numbers) get an apostrophe in front.
    pub spreadsheet_safe: bool,
    /// How many UTF-16 units the cells of the output may have: those of Excel hold 32,767. A longer text ends the run with an
    /// error that names its row, because a cut text would be a wrong one. Left open, any number.
    pub longest_cell: Option<usize>,
    /// What to do about a row that cannot be read.
    pub on_bad_row: OnBadRow,
    /// How many threads label; left open, as many as the machine has processors. The output does not depend on it.
    pub threads: Option<NonZeroUsize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            split: true,
            keep_text: false,
            evidence: 0,
            format: OutputFormat::default(),
            spreadsheet_safe: false,
            longest_cell: None,
            on_bad_row: OnBadRow::default(),
            threads: None,
        }
    }
}

impl Settings {
    /// How many threads label.
    #[must_use]
    pub fn thread_count(&self) -> usize {
        self.threads.map_or_else(rayon::current_num_threads, NonZeroUsize::get)
    }
}
