//! What an input turned out to be.

use std::fmt;

use super::Format;

/// What an input turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSummary {
    /// What messages call it.
    pub name: String,
    /// Its format.
    pub format: Format,
    /// Its size on disk, for a regular file.
    pub bytes: Option<u64>,
    /// The name of its encoding; none for a workbook or Parquet file, and for a text that has not been opened yet.
    pub encoding: Option<&'static str>,
    /// The character between two fields of a CSV table.
    pub delimiter: Option<char>,
    /// The sheet that is read of a workbook.
    pub sheet: Option<String>,
}

impl fmt::Display for InputSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.format.long_name())?;
        if let Some(delimiter) = self.delimiter {
            write!(f, ", fields separated by {delimiter:?}")?;
        }
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet \"{sheet}\"")?;
        }
        if let Some(encoding) = self.encoding {
            write!(f, ", {encoding}")?;
        }
        match self.bytes {
            Some(1) => write!(f, ", 1 byte"),
            Some(bytes) => write!(f, ", {bytes} bytes"),
            None => Ok(()),
        }
    }
}
