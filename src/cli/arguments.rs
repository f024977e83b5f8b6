//! Arguments that several commands share.

use std::num::NonZeroUsize;
use std::str::FromStr;

use clap::Args;
use stancewire::corpus::{ColumnChoice, Encoding, Format, InputSpec, OnBadRow};
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::text::NgramRange;

/// How input is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArgs {
    /// The column with the text [default: text, body, content, sentence or article, the first that is there]
    #[arg(long, value_name = "NAME")]
    pub text_column: Option<String>,
    /// Read all inputs as text, csv, tsv, jsonl, xlsx or parquet [default: by file name, else by how they begin]
    #[arg(long, value_name = "FORMAT")]
    pub input_format: Option<Format>,
    /// Read inputs without byte-order mark as this encoding, such as windows-1252 [default: utf-8, or utf-16 if it
    /// looks like that]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Encoding>,
    /// The character between two fields of a CSV table, or `tab` [default: the one the header line uses]
    #[arg(long, value_name = "CHAR")]
    pub delimiter: Option<Delimiter>,
    /// The sheet of Excel workbooks to read [default: the first that is not hidden]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Leave out rows that cannot be used, and list them at the end [default: end with an error at the first]
    #[arg(long)]
    pub skip_bad_rows: bool,
}

impl ReadingArgs {
    pub fn on_bad_row(&self) -> OnBadRow {
        if self.skip_bad_rows { OnBadRow::Skip } else { OnBadRow::Stop }
    }

    /// What to read of `inputs`, with the other columns as in `labelled`.
    pub fn spec(&self, inputs: &[String], labelled: Option<&LabelledArgs>) -> InputSpec {
        InputSpec {
            inputs: inputs.to_vec(),
            format: self.input_format,
            delimiter: self.delimiter.map(|delimiter| delimiter.0),
            encoding: self.encoding,
            sheet: self.sheet.clone(),
            columns: ColumnChoice {
                text: self.text_column.clone(),
                label: labelled.and_then(|columns| columns.label_column.clone()),
                id: labelled.and_then(|columns| columns.id_column.clone()),
                group: labelled.and_then(|columns| columns.group_column.clone()),
            },
        }
    }
}

/// The further columns of labelled rows.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
#[allow(clippy::struct_field_names)] // the names of the options
pub struct LabelledArgs {
    /// The column with the label that a person gave [default: label, stance, class or gold]
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
    /// The column that names the row [default: id or sentence_id; without one, FILE:LINE]
    #[arg(long, value_name = "NAME")]
    pub id_column: Option<String>,
    /// The column that tells documents apart [default: doc_id, document, article_id or group; without one, each row
    /// counts as a document]
    #[arg(long, value_name = "NAME")]
    pub group_column: Option<String>,
}

/// How many threads work.
#[derive(Debug, Args)]
pub struct ThreadArgs {
    /// How many threads work; results do not depend on it [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

impl ThreadArgs {
    /// Sets the number for all parallel work of the process.
    pub fn apply(&self) -> Result<()> {
        let Some(threads) = self.threads else { return Ok(()) };
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
        built.map_err(|error| {
            Error::new(ErrorKind::Settings, format!("cannot start {threads} threads: {error}"))
        })
    }
}

/// One byte between fields.
#[derive(Debug, Clone, Copy)]
pub struct Delimiter(u8);

impl FromStr for Delimiter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(Self(*byte)),
            b"tab" | b"\\t" => Ok(Self(b'\t')),
            _ => Err(Error::new(ErrorKind::Settings, "expected one ASCII character, or tab")),
        }
    }
}

/// `label=number`.
#[derive(Debug, Clone)]
pub struct LabelNumber {
    pub label: String,
    pub number: f64,
}

impl FromStr for LabelNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let expected =
            || Error::new(ErrorKind::Settings, "expected a label and a number, such as threat=0.8");
        let (label, number) = text.rsplit_once('=').ok_or_else(expected)?;
        let number = number.trim().parse().map_err(|_| expected())?;
        Ok(Self { label: label.trim().to_owned(), number })
    }
}

/// `1-2`, or `2` for `2-2`.
pub fn ngram_range(text: &str) -> Result<NgramRange> {
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    match (min.trim().parse(), max.trim().parse()) {
        (Ok(min), Ok(max)) => NgramRange::new(min, max),
        _ => Err(Error::new(ErrorKind::Settings, "expected two lengths, such as 1-2")),
    }
}
