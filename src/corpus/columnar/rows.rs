//! The rows of a Parquet file as lines.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::cells::{Cells, Kind};
use crate::corpus::Format;
use crate::corpus::sheet::{Lines, Sheet, Value};
use crate::error::{Error, ErrorKind, Result};

/// How many rows are read at a time.
const ROWS: usize = 256;

pub(super) fn read(file: File, counter: &Arc<AtomicU64>) -> Result<Sheet> {
    let bytes = file.metadata().as_ref().map_or(0, std::fs::Metadata::len);
    let reader = SerializedFileReader::new(file).map_err(|error| damaged(&error))?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let mut kinds = Vec::with_capacity(schema.num_columns());
    for column in schema.columns() {
        kinds.push(Kind::of(column).map_err(|what| {
            let name = column.path().parts().first().map_or("", String::as_str);
            Error::new(
                ErrorKind::Table,
                format!("the column \"{name}\" holds {what}; expected text, numbers or dates"),
            )
            .advise("leave the column out of the file, or turn it into text")
        })?);
    }
    let columns: Vec<String> =
        schema.columns().iter().map(|column| column.name().trim().to_owned()).collect();
    let total = reader.metadata().file_metadata().num_rows().max(0).unsigned_abs();
    let lines = Lines::new(&columns);
    let progress = Progress { counter: Arc::clone(counter), bytes, total, rows: 0, told: 0 };
    let rows = Rows { reader, kinds, group: 0, open: Vec::new(), left: 0, lines, at: 0, progress };
    Ok(Sheet { format: Format::Parquet, columns, rows: Box::new(rows), taken: None })
}

fn damaged(error: &ParquetError) -> Error {
    Error::new(ErrorKind::Table, format!("cannot read this as a Parquet file: {error}")).advise(
        "it is damaged, cut short or packed in a way that is not known here (known: snappy, zstd, gzip)",
    )
}

/// Tells how far the reading has come, as if rows were spread evenly over the bytes of the file.
struct Progress {
    counter: Arc<AtomicU64>,
    bytes: u64,
    total: u64,
    rows: u64,
    told: u64,
}

impl Progress {
    fn add(&mut self, rows: usize) {
        self.rows += rows as u64;
        let share =
            u128::from(self.bytes) * u128::from(self.rows.min(self.total)) / u128::from(self.total.max(1));
        let now = u64::try_from(share).unwrap_or(self.bytes);
        self.counter.fetch_add(now - self.told, Ordering::Relaxed);
        self.told = now;
    }

    fn finish(&mut self) {
        self.counter.fetch_add(self.bytes - self.told, Ordering::Relaxed);
        self.told = self.bytes;
    }
}

/// Reads a few rows of all columns at a time.
struct Rows {
    reader: SerializedFileReader<File>,
    kinds: Vec<Kind>,
    /// The row group that comes next.
    group: usize,
    /// The columns of the row group that is open, and how many of its rows are left.
    open: Vec<ColumnReader>,
    left: usize,
    lines: Lines,
    /// How much of the lines has been taken.
    at: usize,
    progress: Progress,
}

impl Rows {
    /// Makes the next lines; false at the end.
    fn more(&mut self) -> std::result::Result<bool, ParquetError> {
        self.lines.bytes.clear();
        self.at = 0;
        while self.left == 0 {
            if self.group == self.reader.num_row_groups() {
                self.progress.finish();
                return Ok(false);
            }
            let group = self.reader.get_row_group(self.group)?;
            self.group += 1;
            self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let columns = 0..group.num_columns();
            self.open = columns
                .map(|column| group.get_column_reader(column))
                .collect::<std::result::Result<_, _>>()?;
        }
        let most = ROWS.min(self.left);
        let mut columns: Vec<Cells> = Vec::with_capacity(self.open.len());
        for (reader, kind) in self.open.iter_mut().zip(&self.kinds) {
            columns.push(kind.read(reader, most)?);
        }
        for row in 0..most {
            let bad = columns
                .iter()
                .enumerate()
                .find_map(|(column, cells)| Some((column, cells[row].as_ref().err()?)));
            if let Some((column, what)) = bad {
                let name = &self.reader.metadata().file_metadata().schema_descr().column(column);
                self.lines.refuse(&format!("the cell of the column \"{}\" is {what}", name.name()));
            } else {
                let values = columns.iter().map(|cells| cells[row].as_ref().unwrap_or(&Value::Nothing));
                self.lines.row(values);
            }
        }
        self.left -= most;
        self.progress.add(most);
        Ok(true)
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.lines.bytes.len() {
            if !self.more().map_err(io::Error::other)? {
                return Ok(0);
            }
        }
        let n = buffer.len().min(self.lines.bytes.len() - self.at);
        buffer[..n].copy_from_slice(&self.lines.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
