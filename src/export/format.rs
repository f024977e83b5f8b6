//! The formats of labelled rows.

use std::fmt;
use std::str::FromStr;

use crate::batch::OutputFormat;
use crate::corpus::Format;
use crate::error::{Error, ErrorKind, Result};

/// What labelled rows are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// Lines of text, as the labelling engine makes them.
    Lines(OutputFormat),
    /// An Excel workbook.
    Xlsx,
    /// A Parquet file; only with the feature `parquet`.
    Parquet,
}

impl Default for ExportFormat {
    fn default() -> Self {
        Self::Lines(OutputFormat::default())
    }
}

impl ExportFormat {
    /// All formats, in the order of the help text.
    pub const ALL: [Self; 5] = [
        Self::Lines(OutputFormat::Csv),
        Self::Lines(OutputFormat::Tsv),
        Self::Lines(OutputFormat::JsonLines),
        Self::Xlsx,
        Self::Parquet,
    ];

    /// The name on the command line: `csv`, `tsv`, `jsonl`, `xlsx`, `parquet`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines(format) => format.name(),
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// The format that the ending of `path` promises, if it is one of these.
    ///
    /// ```
    /// use stancewire::export::ExportFormat;
    /// assert_eq!(ExportFormat::of_path("labelled.XLSX"), Some(ExportFormat::Xlsx));
    /// assert_eq!(ExportFormat::of_path("labelled"), None);
    /// ```
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        if path.to_ascii_lowercase().ends_with(".xlsm") {
            return None;
        }
        match Format::of_path(path)? {
            Format::Xlsx => Some(Self::Xlsx),
            Format::Parquet => Some(Self::Parquet),
            _ => OutputFormat::of_path(path).map(Self::Lines),
        }
    }

    /// What the engine renders for it.
    #[must_use]
    pub fn lines(self) -> OutputFormat {
        match self {
            Self::Lines(format) => format,
            Self::Xlsx | Self::Parquet => OutputFormat::JsonLines,
        }
    }

    /// Whether it is bytes that no terminal can show.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Xlsx | Self::Parquet)
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ExportFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::new(
                ErrorKind::Settings,
                format!("unknown output format \"{name}\"; expected one of: {names}"),
            )
        })
    }
}
