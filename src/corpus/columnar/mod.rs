//! Parquet files, where the program is built with the feature `parquet`.

#[cfg(feature = "parquet")]
mod cells;
#[cfg(feature = "parquet")]
mod rows;

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::sheet::Sheet;
#[cfg(not(feature = "parquet"))]
use crate::error::ErrorKind;
use crate::error::{Error, Result};

/// Whether this build reads and writes Parquet files.
pub const HAS_PARQUET: bool = cfg!(feature = "parquet");

/// How a build gets Parquet.
pub const PARQUET_ADVICE: &str = "build it with: cargo install --path . --features parquet";

/// Reads the table in `file`. Cells are text and numbers as a person reads them; dates and times in ISO 8601.
///
/// # Errors
/// [`ErrorKind::Table`] when it is damaged or has columns of lists or structures.
#[cfg(feature = "parquet")]
pub(super) fn read(file: File, counter: &Arc<AtomicU64>) -> Result<Sheet> {
    rows::read(file, counter)
}

#[cfg(not(feature = "parquet"))]
pub(super) fn read(_: File, _: &Arc<AtomicU64>) -> Result<Sheet> {
    Err(Error::new(ErrorKind::Settings, "this is a Parquet file, which this build cannot read")
        .advise(PARQUET_ADVICE))
}

/// The stream `raw` as a file without a name: the end of a Parquet file is read first.
pub(super) fn spool(raw: &mut dyn Read) -> Result<File> {
    let failed = |error| Error::io("cannot keep the input in a temporary file", error);
    let mut file = tempfile::tempfile().map_err(failed)?;
    std::io::copy(raw, &mut file).map_err(failed)?;
    Ok(file)
}
