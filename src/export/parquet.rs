//! Labelled rows as a Parquet file.
//!
//! Columns of the input, sentence, label, status and evidence are UTF-8, positions 64-bit integers, probabilities
//! 64-bit floats; label, status and the columns of the input are dictionaries. Pages are packed with zstd.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type};

use super::cells::Cell;
use super::run::Table as RowTable;
use super::schema::{OutputColumn, OutputKind};
use crate::error::{Error, ErrorKind, Result};

/// A row group is written when it has so many rows, or so many bytes of text.
const GROUP_ROWS: usize = 100_000;
const GROUP_BYTES: usize = 64 * 1024 * 1024;

/// A file that is being written.
pub(super) struct Table<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// The cells of one column that wait to be written; a level of 0 is an empty cell.
enum Values {
    Integer(Vec<i64>),
    Number(Vec<i16>, Vec<f64>),
    Text(Vec<i16>, Vec<ByteArray>),
}

impl<W: Write + Send> Table<W> {
    pub fn new(columns: &[OutputColumn], output: W) -> Result<Self> {
        let fields = columns.iter().map(|column| field(column).map(Arc::new));
        let fields = fields.collect::<std::result::Result<Vec<_>, _>>().map_err(failed)?;
        let schema = Type::group_type_builder("labels").with_fields(fields).build().map_err(failed)?;
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let mut properties = WriterProperties::builder()
            .set_created_by(concat!("stancewire ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(false);
        for column in columns {
            if matches!(column.kind, OutputKind::Input | OutputKind::Label | OutputKind::Status) {
                let path = ColumnPath::new(vec![column.name.clone()]);
                properties = properties.set_column_dictionary_enabled(path, true);
            }
        }
        let writer = SerializedFileWriter::new(output, Arc::new(schema), Arc::new(properties.build()));
        let columns = columns.iter().map(|column| Values::of(column.kind)).collect();
        Ok(Self { writer: writer.map_err(failed)?, columns, rows: 0, bytes: 0 })
    }

    /// Writes what is left, and the end of the file.
    pub fn finish(mut self) -> Result<()> {
        self.write_group().map_err(failed)?;
        self.writer.close().map(drop).map_err(failed)
    }

    fn write_group(&mut self) -> std::result::Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for values in &mut self.columns {
            match values {
                Values::Integer(values) => write_column::<Int64Type, W>(&mut group, values, None)?,
                Values::Number(levels, values) => {
                    write_column::<DoubleType, W>(&mut group, values, Some(levels))?;
                }
                Values::Text(levels, values) => {
                    write_column::<ByteArrayType, W>(&mut group, values, Some(levels))?;
                }
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl<W: Write + Send> RowTable for Table<W> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        for (values, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += values.push(cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.write_group().map_err(failed)?;
        }
        Ok(())
    }
}

impl Values {
    fn of(kind: OutputKind) -> Self {
        match kind {
            OutputKind::Integer => Self::Integer(Vec::new()),
            OutputKind::Probability => Self::Number(Vec::new(), Vec::new()),
            _ => Self::Text(Vec::new(), Vec::new()),
        }
    }

    /// Adds a cell and gives its size in bytes.
    fn push(&mut self, cell: &Cell<'_>) -> usize {
        match self {
            Self::Integer(values) => {
                #[allow(clippy::cast_possible_truncation)] // positions in a text
                values.push(cell.number().unwrap_or(0.0) as i64);
                8
            }
            Self::Number(levels, values) => {
                levels.push(i16::from(cell.number().is_some()));
                values.extend(cell.number());
                8
            }
            Self::Text(levels, values) => {
                levels.push(i16::from(cell.shown().is_some()));
                values.extend(cell.shown().map(|text| ByteArray::from(text.as_bytes().to_vec())));
                cell.shown().map_or(0, str::len)
            }
        }
    }
}

/// Writes one column and empties its values.
fn write_column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    levels: Option<&mut Vec<i16>>,
) -> std::result::Result<(), ParquetError> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(values, levels.as_ref().map(|levels| levels.as_slice()), None)?;
        column.close()?;
    }
    values.clear();
    if let Some(levels) = levels {
        levels.clear();
    }
    Ok(())
}

fn field(column: &OutputColumn) -> std::result::Result<Type, ParquetError> {
    let (physical, logical, repetition) = match column.kind {
        OutputKind::Integer => (Physical::INT64, None, Repetition::REQUIRED),
        OutputKind::Probability => (Physical::DOUBLE, None, Repetition::OPTIONAL),
        _ => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::OPTIONAL),
    };
    Type::primitive_type_builder(&column.name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()
}

fn failed(error: ParquetError) -> Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(error) => Error::io("cannot write the Parquet file", *error),
            Err(other) => Error::new(ErrorKind::Io, format!("cannot write the Parquet file: {other}")),
        },
        other => Error::new(ErrorKind::Io, format!("cannot write the Parquet file: {other}")),
    }
}
