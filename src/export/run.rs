//! Labelling into any of the formats.

use std::fmt;
use std::io::{self, Write};

use super::card::card_rows;
use super::cells::{self, Cell};
use super::format::ExportFormat;
#[cfg(feature = "parquet")]
use super::parquet;
use super::schema::output_columns;
use super::xlsx;
use crate::batch::{Batch, Progress, Settings, Summary};
use crate::corpus::{Column, HAS_PARQUET, PARQUET_ADVICE, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::model::StanceModel;
use crate::text::Segmenter;

/// Labelling with one model, for one format.
pub struct Export<'m> {
    /// The model.
    pub model: &'m StanceModel,
    /// What the user calls it.
    pub model_name: &'m str,
    /// What finds the sentences.
    pub segmenter: &'m Segmenter,
    /// How documents become rows; the format in it is not used.
    pub settings: Settings,
    /// What the rows are written as.
    pub format: ExportFormat,
}

/// What a format made necessary.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportNotice {
    /// The rows did not fit on one sheet.
    FurtherSheets {
        /// How many sheets hold rows.
        sheets: usize,
        /// How many rows a sheet holds.
        rows: u32,
    },
}

impl fmt::Display for ExportNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FurtherSheets { sheets, rows } => write!(
                f,
                "an Excel sheet holds {rows} rows below its header, so the rows stand on {sheets} sheets: \"labels\", \"labels 2\", …"
            ),
        }
    }
}

impl Export<'_> {
    /// Finds out whether this build can write the format.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] for Parquet without the feature.
    pub fn check(format: ExportFormat) -> Result<()> {
        if format == ExportFormat::Parquet && !HAS_PARQUET {
            let what = "this build of stancewire cannot write Parquet files";
            return Err(Error::new(ErrorKind::Settings, what).advise(PARQUET_ADVICE));
        }
        Ok(())
    }

    /// Labels all documents of `source`; see [`Batch::run`]. Memory stays bounded for every format.
    ///
    /// # Errors
    /// As for [`Batch::run`]; [`ErrorKind::Table`] when a cell or a row is too long for Excel, which cuts nothing off.
    pub fn run<W: Write + Send>(
        self,
        source: Source,
        text: &Column,
        output: &mut W,
        progress: impl FnMut(&Progress),
    ) -> Result<(Summary, Vec<ExportNotice>)> {
        Self::check(self.format)?;
        let longest_cell = (self.format == ExportFormat::Xlsx).then_some(xlsx::MAX_CHARACTERS);
        let settings = Settings { format: self.format.lines(), longest_cell, ..self.settings };
        let columns = output_columns(source.header(), text, self.model.labels(), &settings);
        let batch = Batch::new(self.model, self.segmenter, settings);
        match self.format {
            ExportFormat::Lines(_) => Ok((batch.run(source, text, output, progress)?, Vec::new())),
            ExportFormat::Xlsx => {
                let card = card_rows(self.model, self.model_name);
                let table = xlsx::Workbook::new(&columns, self.model.labels(), &card, xlsx::MAX_ROWS)?;
                let mut rows = Rows::new(table);
                let summary = batch.run(source, text, &mut rows, progress);
                let summary = rows.end(summary)?;
                let notices = rows.table.notice().into_iter().collect();
                rows.table.save(output)?;
                Ok((summary, notices))
            }
            #[cfg(feature = "parquet")]
            ExportFormat::Parquet => {
                let mut rows = Rows::new(parquet::Table::new(&columns, output)?);
                let summary = batch.run(source, text, &mut rows, progress);
                let summary = rows.end(summary)?;
                rows.table.finish()?;
                Ok((summary, Vec::new()))
            }
            #[cfg(not(feature = "parquet"))]
            ExportFormat::Parquet => Self::check(self.format).map(|()| (Summary::default(), Vec::new())),
        }
    }
}

/// What takes rows of cells.
pub(super) trait Table {
    /// Adds a row.
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()>;
}

/// Takes lines of JSON and hands on rows of cells.
struct Rows<T> {
    table: T,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    error: Option<Error>,
}

impl<T: Table> Rows<T> {
    fn new(table: T) -> Self {
        Self { table, begun: Vec::new(), error: None }
    }

    /// The result of a run that wrote to these rows: their own error says more than that of the write.
    fn end(&mut self, result: Result<Summary>) -> Result<Summary> {
        match self.error.take() {
            Some(error) => Err(error),
            None => result,
        }
    }

    fn lines(&mut self, text: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(text).map_err(|error| not_a_row(&error))?;
        let mut cells = Vec::new();
        for line in text.lines() {
            cells::read(line, &mut cells).map_err(|error| not_a_row(&error))?;
            self.table.row(&cells)?;
        }
        Ok(())
    }
}

fn not_a_row(error: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Table, format!("a rendered row cannot be read back: {error}"))
}

impl<T: Table> Write for Rows<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (whole, rest) = bytes.split_at(end);
        let result = if self.begun.is_empty() || whole.is_empty() {
            self.lines(whole)
        } else {
            let mut joined = std::mem::take(&mut self.begun);
            joined.extend_from_slice(whole);
            self.lines(&joined)
        };
        self.begun.extend_from_slice(rest);
        match result {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                let told = io::Error::other(error.what().to_owned());
                self.error = Some(error);
                Err(told)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kept(Vec<String>);

    impl Table for Kept {
        fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
            let cells: Vec<&str> = cells.iter().map(|cell| cell.shown().unwrap_or("-")).collect();
            self.0.push(cells.join("|"));
            Ok(())
        }
    }

    #[test]
    fn lines_may_come_in_pieces() {
        let lines = "{\"a\":\"é\",\"b\":1}\n{\"a\":null,\"b\":2}\n";
        for size in 1..lines.len() {
            let mut rows = Rows::new(Kept(Vec::new()));
            for piece in lines.as_bytes().chunks(size) {
                rows.write_all(piece).unwrap();
            }
            assert_eq!(rows.table.0, ["é|1", "-|2"], "{size}");
        }
    }

    #[test]
    fn an_error_of_the_table_is_the_error_of_the_run() {
        let mut rows = Rows::new(Kept(Vec::new()));
        assert!(rows.write_all(b"no row\n").is_err());
        let error = rows.end(Ok(Summary::default())).unwrap_err();
        assert!(error.what().starts_with("a rendered row cannot be read back"), "{error}");
    }
}
