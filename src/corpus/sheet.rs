//! Tables that are no text, Excel workbooks and Parquet files, as lines of JSON.
//!
//! Both are turned into JSON Lines on the way in, one row per line, so that everything behind them (blocks, bad rows,
//! kinds of cells) is the same for all tables. The line of a row is its number in the sheet or file, because line ends
//! inside of cells are escaped and rows without cells are blank lines. A row that cannot be used stands as a JSON string
//! that says why.

use std::io::Read;

use super::Format;
use crate::error::{Error, ErrorKind, Result};

/// A table on its way in.
pub(super) struct Sheet {
    /// What the input is.
    pub format: Format,
    /// The names of the columns in order.
    pub columns: Vec<String>,
    /// The rows as JSON Lines.
    pub rows: Box<dyn Read + Send>,
    /// The sheet that was taken, and how many there are besides.
    pub taken: Option<(String, usize)>,
}

/// The format that the first bytes prove, if it is one of these.
pub(super) fn proven(start: &[u8]) -> Option<Format> {
    match start {
        [b'P', b'K', 3, 4, ..] => Some(Format::Xlsx),
        [b'P', b'A', b'R', b'1', ..] => Some(Format::Parquet),
        _ => None,
    }
}

/// Finds out whether an input that begins with `start` is a sheet, for a format that was `declared` by an option or by
/// the file's name.
///
/// # Errors
/// [`ErrorKind::Table`] when it is something else than what was declared.
pub(super) fn check(start: &[u8], declared: Option<Format>) -> Result<Option<Format>> {
    let found = proven(start);
    match declared {
        None => match found {
            None if is_old_office(start) => Err(old_office()),
            found => Ok(found),
        },
        Some(Format::Xlsx) if is_old_office(start) => Err(old_office()),
        Some(declared @ (Format::Xlsx | Format::Parquet)) if found != Some(declared) => {
            let what = match start {
                [] => format!("the file is empty; expected {}", declared.long_name()),
                _ => format!("this is not {}, to judge by its first bytes", declared.long_name()),
            };
            let kind = if start.is_empty() { ErrorKind::Empty } else { ErrorKind::Table };
            Err(Error::new(kind, what)
                .advise("if it is something else, say so with --input-format, or rename the file"))
        }
        Some(declared) if found.is_some_and(|found| found != declared) => {
            let found = found.map_or("", Format::long_name);
            Err(Error::new(
                ErrorKind::Table,
                format!(
                    "this is {found}, and not {} as its name or --input-format says",
                    declared.long_name()
                ),
            )
            .advise("rename the file, or correct --input-format"))
        }
        Some(_) => Ok(found),
    }
}

/// Whether these are the first bytes of the container that Office used until 2003, and still uses for passwords.
fn is_old_office(start: &[u8]) -> bool {
    start.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

fn old_office() -> Error {
    Error::new(ErrorKind::Table, "this is an old Excel workbook (.xls), or one with a password")
        .advise("save it as .xlsx without a password, or as CSV")
}

/// The value of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number as it is written in JSON.
    Number(String),
    Text(String),
    Nothing,
}

impl Value {
    /// `number` with at most 15 digits, as a person sees it, and without `.0`.
    pub fn number(number: f64) -> Self {
        if !number.is_finite() {
            return Self::Text(number.to_string());
        }
        let seen: f64 = format!("{number:.14e}").parse().unwrap_or(number);
        Self::Number(match seen.abs() {
            // Minus zero is a zero.
            0.0 => "0".to_owned(),
            1e-9..1e21 => seen.to_string(),
            _ => format!("{seen:e}"),
        })
    }

    /// What a person sees.
    pub fn shown(&self) -> &str {
        match self {
            Self::Number(text) | Self::Text(text) => text,
            Self::Nothing => "",
        }
    }
}

/// Writes rows as lines.
pub(super) struct Lines {
    /// The column names as JSON with a colon.
    keys: Vec<Vec<u8>>,
    pub bytes: Vec<u8>,
}

impl Lines {
    pub fn new(columns: &[String]) -> Self {
        let key = |name: &String| {
            let mut key = Vec::new();
            write_json(name, &mut key);
            key.push(b':');
            key
        };
        Self { keys: columns.iter().map(key).collect(), bytes: Vec::new() }
    }

    /// One row; cells without a value are left out.
    pub fn row<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        self.bytes.push(b'{');
        let mut separator: &[u8] = b"";
        for (key, value) in self.keys.iter().zip(values) {
            if *value == Value::Nothing {
                continue;
            }
            self.bytes.extend_from_slice(separator);
            self.bytes.extend_from_slice(key);
            match value {
                Value::Number(number) => self.bytes.extend_from_slice(number.as_bytes()),
                other => write_json(other.shown(), &mut self.bytes),
            }
            separator = b",";
        }
        self.bytes.extend_from_slice(b"}\n");
    }

    /// A row that cannot be used, and why.
    pub fn refuse(&mut self, why: &str) {
        write_json(why, &mut self.bytes);
        self.bytes.push(b'\n');
    }

    /// A row without cells.
    pub fn blank(&mut self) {
        self.bytes.push(b'\n');
    }
}

fn write_json(text: &str, into: &mut Vec<u8>) {
    // Writing a string into memory cannot fail.
    let written = serde_json::to_writer(into, text);
    debug_assert!(written.is_ok());
}

/// Why the row on `line` cannot be used, if it cannot.
pub(super) fn refusal(line: &str) -> Option<Error> {
    let why: String = if line.starts_with('"') { serde_json::from_str(line).ok()? } else { return None };
    Some(
        Error::new(ErrorKind::Table, why)
            .advise("correct the row, or pass --skip-bad-rows to leave such rows out"),
    )
}

/// The name that spreadsheets give the column at `index`: A, B, …, Z, AA, …
pub(super) fn letters(mut index: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index % 26]));
        if index < 26 {
            return letters.into_iter().rev().collect();
        }
        index = index / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_a_person_sees_them() {
        let cases = [
            (7.0, "7"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1999.5, "1999.5"),
            (1e15, "1000000000000000"),
            (-2.5e-7, "-0.00000025"),
            (1.5e300, "1.5e300"),
            (-1e-10, "-1e-10"),
        ];
        for (number, expected) in cases {
            assert_eq!(Value::number(number), Value::Number(expected.to_owned()));
        }
        assert_eq!(Value::number(f64::NAN), Value::Text("NaN".to_owned()));
    }

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        let cases = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16383, "XFD"),
        ];
        for (index, expected) in cases {
            assert_eq!(letters(index), expected);
        }
    }

    #[test]
    fn what_a_file_is_must_agree_with_what_it_is_called() {
        let error = |start: &[u8], declared| check(start, declared).unwrap_err().to_string();
        insta::assert_snapshot!(error(b"id,text\n", Some(Format::Xlsx)), @r"
        this is not an Excel workbook (.xlsx), to judge by its first bytes
          if it is something else, say so with --input-format, or rename the file
        ");
        insta::assert_snapshot!(error(b"PK\x03\x04", Some(Format::Csv)), @r"
        this is an Excel workbook (.xlsx), and not a CSV table as its name or --input-format says
          rename the file, or correct --input-format
        ");
        insta::assert_snapshot!(error(&[0xD0, 0xCF, 0x11, 0xE0, 1], None), @r"
        this is an old Excel workbook (.xls), or one with a password
          save it as .xlsx without a password, or as CSV
        ");
        assert_eq!(check(b"PAR1", None).unwrap(), Some(Format::Parquet));
        assert_eq!(check(b"text\n", Some(Format::Csv)).unwrap(), None);
    }
}
