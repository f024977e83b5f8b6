//! Excel workbooks (`.xlsx`).

use std::io::{Cursor, Read, copy, sink};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::Format;
use super::sheet::{Lines, Sheet, Value, letters};
use crate::error::{Error, ErrorKind, Result};

/// The largest workbook that is read, in bytes: 1 GiB for the parts of the file together when they are unpacked, and as
/// much for the rows of the sheet as text. A workbook is held in memory, and a small file can unpack to anything; so its
/// declared sizes are looked at first, then the parts are unpacked once without being kept, and only then is it read.
pub const MAX_WORKBOOK_BYTES: u64 = 1 << 30;

/// The columns that a sheet can have.
const MAX_COLUMNS: u32 = 16_384;

/// Reads the sheet called `sheet`, or else the first that is not hidden, of the workbook `raw`.
///
/// The header is the first row with cells. Cells are what a person sees: whole numbers without `.0`, at most 15 digits,
/// dates in ISO 8601, `TRUE` and `FALSE`; the result of a formula is the one the workbook was saved with.
///
/// # Errors
/// [`ErrorKind::Table`] for what is no workbook or too large, [`ErrorKind::Settings`] when there is no such sheet.
pub(super) fn read(raw: &mut dyn Read, sheet: Option<&str>) -> Result<Sheet> {
    read_within(raw, sheet, MAX_WORKBOOK_BYTES)
}

fn read_within(raw: &mut dyn Read, sheet: Option<&str>, limit: u64) -> Result<Sheet> {
    let mut bytes = Vec::new();
    raw.take(limit + 1).read_to_end(&mut bytes).map_err(|error| Error::io("cannot read the file", error))?;
    check_size(&bytes, limit)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let (name, others) = choose(&book, sheet)?;
    let (columns, lines) = rows(&mut book, &name, limit)?;
    Ok(Sheet {
        format: Format::Xlsx,
        columns,
        rows: Box::new(Cursor::new(lines)),
        taken: Some((name, if sheet.is_some() { 0 } else { others })),
    })
}

/// Refuses a workbook that is larger than `limit`, or will be once it is unpacked.
fn check_size(bytes: &[u8], limit: u64) -> Result<()> {
    let too_large = || too_large(limit);
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let mut declared: u64 = 0;
    for index in 0..parts.len() {
        let part = parts.by_index_raw(index).map_err(|error| damaged(&error))?;
        declared = declared.saturating_add(part.size());
    }
    if declared > limit {
        return Err(too_large());
    }
    // A declared size is only a claim.
    let mut room = limit;
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(|error| damaged(&error))?;
        let unpacked = copy(&mut part.take(room + 1), &mut sink()).map_err(|error| damaged(&error))?;
        room = room.checked_sub(unpacked).ok_or_else(too_large)?;
    }
    Ok(())
}

fn too_large(limit: u64) -> Error {
    let what = format!("the workbook is larger than {} MiB when it is unpacked", limit >> 20);
    Error::new(ErrorKind::Table, what).advise("save the sheet as CSV, which may have any size")
}

fn damaged(error: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Table, format!("cannot read this as an Excel workbook: {error}")).advise(
        "it is damaged or of another kind: open it in a spreadsheet program and save it as .xlsx or CSV",
    )
}

/// The name of the sheet to read, and how many others there are that a person sees.
fn choose(book: &Xlsx<Cursor<Vec<u8>>>, chosen: Option<&str>) -> Result<(String, usize)> {
    let sheets = book.sheets_metadata();
    let is_table = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let mut seen = sheets.iter().filter(is_table).filter(|sheet| sheet.visible == SheetVisible::Visible);
    let others = seen.clone().count().saturating_sub(1);
    let found = match chosen {
        Some(name) => sheets.iter().filter(is_table).find(|sheet| sheet.name == name),
        None => seen.next(),
    };
    if let Some(sheet) = found {
        return Ok((sheet.name.clone(), others));
    }
    let names: Vec<&str> = sheets.iter().filter(is_table).map(|sheet| sheet.name.as_str()).collect();
    let names = names.join(", ");
    Err(match chosen {
        Some(name) => {
            Error::new(ErrorKind::Settings, format!("there is no sheet \"{name}\"; the sheets are: {names}"))
                .advise("choose one of them with --sheet")
        }
        None => Error::new(ErrorKind::Empty, "the workbook has no visible sheet with cells")
            .advise(format!("choose one with --sheet; there are: {names}")),
    })
}

type Book = Xlsx<Cursor<Vec<u8>>>;

/// The columns and the rows of the sheet called `name`.
fn rows(book: &mut Book, name: &str, limit: u64) -> Result<(Vec<String>, Vec<u8>)> {
    let mut cells = book.worksheet_cells_reader(name).map_err(|error| damaged(&error))?;
    let mut rows = Rows { limit, row: 0, values: Vec::new(), lines: None, columns: Vec::new(), blank: 0 };
    while let Some(cell) = cells.next_cell().map_err(|error: XlsxError| damaged(&error))? {
        let value = value_of(cell.get_value());
        if value != Value::Nothing {
            rows.cell(cell.get_position(), value)?;
        }
    }
    rows.end_row()?;
    match rows.lines {
        Some(lines) => Ok((rows.columns, lines.bytes)),
        None => Err(Error::new(
            ErrorKind::Empty,
            format!("the sheet \"{name}\" is empty; expected a header row with the names of the columns"),
        )),
    }
}

/// The sheet so far.
struct Rows {
    limit: u64,
    /// The row of `values`, from 0.
    row: u32,
    values: Vec<Value>,
    /// The rows after the header.
    lines: Option<Lines>,
    columns: Vec<String>,
    /// Rows before the header.
    blank: u32,
}

impl Rows {
    fn cell(&mut self, (row, column): (u32, u32), value: Value) -> Result<()> {
        if row < self.row || column >= MAX_COLUMNS {
            let cell = format!("{}{}", letters(column as usize), u64::from(row) + 1);
            return Err(damaged(&format_args!("the cell {cell} stands where none can be")));
        }
        if row > self.row {
            self.end_row()?;
            self.skip_to(row);
        }
        let column = column as usize;
        if self.values.len() <= column {
            self.values.resize(column + 1, Value::Nothing);
        }
        self.values[column] = value;
        Ok(())
    }

    /// Goes on to `row`, with a line for each row between.
    fn skip_to(&mut self, row: u32) {
        for _ in self.row + 1..row {
            match &mut self.lines {
                Some(lines) => lines.blank(),
                None => self.blank += 1,
            }
        }
        self.row = row;
    }

    fn end_row(&mut self) -> Result<()> {
        let values = std::mem::take(&mut self.values);
        let Some(lines) = &mut self.lines else {
            self.header(&values);
            return Ok(());
        };
        let known = self.columns.len();
        match values.iter().skip(known).position(|value| *value != Value::Nothing) {
            Some(beyond) => lines.refuse(&format!(
                "the cell in column {} has no column name above it; the header ends with column {}",
                letters(known + beyond),
                letters(known - 1)
            )),
            None if values.is_empty() => lines.blank(),
            None => lines.row(&values),
        }
        if lines.bytes.len() as u64 > self.limit {
            return Err(too_large(self.limit));
        }
        self.values = values;
        self.values.clear();
        Ok(())
    }

    /// Takes the first row with cells as the names of the columns.
    fn header(&mut self, values: &[Value]) {
        if values.is_empty() {
            self.blank += 1;
            return;
        }
        self.columns = values.iter().map(|value| value.shown().trim().to_owned()).collect();
        let mut lines = Lines::new(&self.columns);
        (0..=self.blank).for_each(|_| lines.blank());
        self.lines = Some(lines);
    }
}

/// What a person sees in a cell.
fn value_of(cell: &DataRef<'_>) -> Value {
    let text = match cell {
        DataRef::Empty => return Value::Nothing,
        DataRef::Int(number) => return Value::Number(number.to_string()),
        DataRef::Float(number) => return Value::number(*number),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(time) => date(*time),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    };
    if text.is_empty() { Value::Nothing } else { Value::Text(text) }
}

/// A date, a time or both in ISO 8601; a duration in hours, minutes and seconds.
fn date(time: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let milli = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    if time.is_duration() {
        #[allow(clippy::cast_possible_truncation)] // saturates
        let hours = (time.as_f64() * 24.0 + 1e-9).floor() as i64;
        return format!("{hours:02}:{minute:02}:{second:02}{milli}");
    }
    let clock = format!("{hour:02}:{minute:02}:{second:02}{milli}");
    let day = format!("{year:04}-{month:02}-{day:02}");
    match (time.as_f64() < 1.0, clock == "00:00:00") {
        (true, _) => clock,
        (false, true) => day,
        (false, false) => format!("{day}T{clock}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read() {
        let mut parts = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..3 {
            let options = zip::write::SimpleFileOptions::default();
            parts.start_file(format!("xl/{index}.xml"), options).unwrap();
            parts.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let bytes = parts.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        let error = read_within(&mut bytes.as_slice(), None, 2 << 20).err().unwrap();
        insta::assert_snapshot!(error, @r"
        the workbook is larger than 2 MiB when it is unpacked
          save the sheet as CSV, which may have any size
        ");
    }
}
