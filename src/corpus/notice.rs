//! What a reader should be told although nothing went wrong.

use std::fmt;

use super::Format;

/// Something that was decided on the way and that the user should see, as plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The format of an input was not stated by an option or a file name, but read off its beginning.
    FormatGuessed {
        /// The input.
        file: String,
        /// What it was taken for.
        format: Format,
    },
    /// A table's fields are separated by something else than its file name promises.
    DelimiterGuessed {
        /// The input.
        file: String,
        /// The character between two fields.
        delimiter: char,
    },
    /// An input is not UTF-8, but says itself what it is.
    EncodingDetected {
        /// The input.
        file: String,
        /// The encoding's name.
        encoding: &'static str,
    },
    /// A workbook has several sheets, and the first was taken.
    SheetTaken {
        /// The input.
        file: String,
        /// The sheet that is read.
        sheet: String,
        /// How many others there are.
        others: usize,
    },
    /// An input was named more than once and is read once.
    NamedTwice {
        /// The input.
        file: String,
    },
    /// Files of a folder that are of no known kind.
    FilesLeftOut {
        /// The folder as the user named it.
        folder: String,
        /// How many there are.
        count: u64,
    },
    /// Labels that differ in nothing but upper and lower case.
    LabelsAlike {
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// An input column whose name an output column needs.
    ColumnRenamed {
        /// Its name in the input.
        from: String,
        /// Its name in the output.
        to: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FormatGuessed { file, format } => {
                write!(
                    f,
                    "{file} looks like {}; say --input-format if it is something else",
                    format.long_name()
                )
            }
            Self::DelimiterGuessed { file, delimiter } => {
                write!(f, "the fields of {file} are separated by {delimiter:?}, to judge by its header line")
            }
            Self::EncodingDetected { file, encoding } => write!(f, "{file} is read as {encoding}"),
            Self::SheetTaken { file, sheet, others } => write!(
                f,
                "{file} has {} sheets; the first, \"{sheet}\", is read; choose another one with --sheet",
                others + 1
            ),
            Self::NamedTwice { file } => write!(f, "{file} is named more than once; it is read once"),
            Self::FilesLeftOut { folder, count } => write!(
                f,
                "{folder}: {count} {} of no known kind left out (known: .txt .md .csv .tsv .jsonl .ndjson .xlsx .parquet, with or without .gz or .zst)",
                if *count == 1 { "file" } else { "files" }
            ),
            Self::LabelsAlike { first, second } => write!(
                f,
                "the labels \"{first}\" and \"{second}\" differ only in upper and lower case; they count as two labels"
            ),
            Self::ColumnRenamed { from, to } => write!(
                f,
                "the input column \"{from}\" is written as \"{to}\", because the output has a column of that name"
            ),
        }
    }
}
