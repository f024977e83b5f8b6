//! Labelled rows as an Excel workbook.
//!
//! The sheet `labels` has the rows, the sheet `model` the model card. Rows go to a temporary file as they come, so memory
//! does not grow with them. Text is always a string cell, whatever it begins with: nothing is calculated.

use std::io::Write;

use rust_xlsxwriter::{
    Color, ConditionalFormatCell, ConditionalFormatCellRule, DocProperties, ExcelDateTime, Format,
    FormatAlign, IgnoreError, Worksheet, XlsxError,
};

use super::card::{CardRow, CardValue};
use super::cells::Cell;
use super::run::{ExportNotice, Table};
use super::schema::{OutputColumn, OutputKind};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelSet;

/// How many rows a sheet holds below its header.
pub(super) const MAX_ROWS: u32 = 1_048_575;

/// How many columns a sheet holds.
const MAX_COLUMNS: usize = 16_384;

/// How many characters (UTF-16 units) a cell holds.
pub(super) const MAX_CHARACTERS: usize = 32_767;

/// A workbook that is being filled.
pub(super) struct Workbook<'a> {
    book: rust_xlsxwriter::Workbook,
    columns: &'a [OutputColumn],
    labels: &'a LabelSet,
    max_rows: u32,
    /// The sheet that is being filled, and its last row; row 0 is the header.
    sheet: usize,
    row: u32,
    /// How many sheets hold rows.
    sheets: usize,
}

impl<'a> Workbook<'a> {
    /// A workbook with the model card and no rows.
    pub fn new(
        columns: &'a [OutputColumn],
        labels: &'a LabelSet,
        card: &[CardRow],
        max_rows: u32,
    ) -> Result<Self> {
        if columns.len() > MAX_COLUMNS {
            let what =
                format!("{} columns do not fit on an Excel sheet, which has {MAX_COLUMNS}", columns.len());
            return Err(Error::new(ErrorKind::Table, what).advise("write .csv, .jsonl or .parquet instead"));
        }
        let mut book = rust_xlsxwriter::Workbook::new();
        // No clock in any output.
        let made = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let mut this = Self { book, columns, labels, max_rows, sheet: 0, row: 0, sheets: 0 };
        this.begin_sheet()?;
        write_card(this.book.add_worksheet(), card).map_err(failed)?;
        Ok(this)
    }

    /// Says so when one sheet was not enough.
    pub fn notice(&self) -> Option<ExportNotice> {
        (self.sheets > 1).then_some(ExportNotice::FurtherSheets { sheets: self.sheets, rows: self.max_rows })
    }

    /// Packs all sheets into `output`.
    pub fn save(mut self, output: impl Write + Send) -> Result<()> {
        self.end_sheet().map_err(failed)?;
        self.book.save_to_writer(output).map_err(failed)
    }

    fn begin_sheet(&mut self) -> Result<()> {
        if self.sheets > 0 {
            self.end_sheet().map_err(failed)?;
            self.sheet = self.sheets + 1;
        }
        self.sheets += 1;
        self.row = 0;
        let name = if self.sheets == 1 { "labels".to_owned() } else { format!("labels {}", self.sheets) };
        let sheet = self.book.add_worksheet_with_constant_memory().map_err(failed)?;
        begin(sheet, &name, self.columns).map_err(failed)
    }

    /// What needs the number of rows: the filter, and the colours of labels and of `review`, which follow when a person
    /// corrects a cell.
    fn end_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        let (columns, labels, last_row) = (self.columns, self.labels, self.row.max(1));
        let sheet = self.book.worksheet_from_index(self.sheet)?;
        sheet.autofilter(0, 0, last_row, number(columns.len() - 1))?;
        for (index, column) in (0..).zip(columns) {
            match column.kind {
                OutputKind::Label => {
                    for (label, colour) in labels.names().iter().zip(colours(labels)) {
                        paint(sheet, (index, last_row), label, colour)?;
                    }
                }
                OutputKind::Status => paint(sheet, (index, last_row), "review", 0x00FF_EB9C)?,
                OutputKind::Input => {
                    sheet.ignore_error_range(1, index, last_row, index, IgnoreError::NumberStoredAsText)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn write(&mut self, cells: &[Cell<'_>]) -> std::result::Result<(), XlsxError> {
        let row = self.row;
        let sheet = self.book.worksheet_from_index(self.sheet)?;
        for (index, cell) in (0..).zip(cells) {
            match cell {
                Cell::Number(number, digits) if is_exact(digits) => {
                    sheet.write_number(row, index, *number)?
                }
                other => match other.shown() {
                    Some(text) => sheet.write_string(row, index, text)?,
                    None => continue,
                },
            };
        }
        Ok(())
    }

    /// Refuses a text that Excel would cut: evidence, as the engine refuses longer texts of the input.
    fn check(&self, cells: &[Cell<'_>]) -> Result<()> {
        for (cell, column) in cells.iter().zip(self.columns) {
            let text = cell.shown().unwrap_or_default();
            // A character has at least one byte for each of its UTF-16 units.
            if text.len() > MAX_CHARACTERS {
                let length = text.encode_utf16().count();
                if length > MAX_CHARACTERS {
                    let row = u64::from(self.max_rows) * (self.sheets as u64 - 1) + u64::from(self.row) + 1;
                    return Err(too_long(&column.name, row, length));
                }
            }
        }
        Ok(())
    }
}

impl Table for Workbook<'_> {
    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.check(cells)?;
        if self.row == self.max_rows {
            self.begin_sheet()?;
        }
        self.row += 1;
        self.write(cells).map_err(failed)
    }
}

fn too_long(column: &str, row: u64, length: usize) -> Error {
    let what = format!(
        "the cell of \"{column}\" in output row {row} has {length} characters; an Excel cell holds {MAX_CHARACTERS}"
    );
    Error::new(ErrorKind::Table, what)
        .advise("write .csv, .jsonl or .parquet, or leave long texts out: without --keep-text and --no-split")
}

fn failed(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => Error::io("cannot write the workbook", error),
        other => Error::new(ErrorKind::Io, format!("cannot write the workbook: {other}")),
    }
}

/// Whether Excel, which keeps 15 digits, would keep all of a number.
fn is_exact(digits: &str) -> bool {
    digits.bytes().filter(u8::is_ascii_digit).count() <= 15
}

fn number(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// The name, the header and the look of a sheet for rows.
fn begin(sheet: &mut Worksheet, name: &str, columns: &[OutputColumn]) -> std::result::Result<(), XlsxError> {
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    let top = Format::new().set_align(FormatAlign::Top);
    let wrapped = top.clone().set_text_wrap();
    for (index, column) in (0..).zip(columns) {
        let (width, format) = match column.kind {
            OutputKind::Input => (18, top.clone()),
            OutputKind::Integer => (12, top.clone()),
            OutputKind::Text => (80, wrapped.clone()),
            OutputKind::Label => (16, top.clone()),
            OutputKind::Status => (10, top.clone()),
            OutputKind::Probability => (13, top.clone().set_num_format("0.000")),
        };
        sheet.set_column_width(index, width)?.set_column_format(index, &format)?;
    }
    let header = header_format();
    for (index, column) in (0..).zip(columns) {
        sheet.write_string_with_format(0, index, &column.name, &header)?;
    }
    Ok(())
}

fn header_format() -> Format {
    Format::new().set_bold().set_background_color(Color::RGB(0x00D9_E1F2)).set_align(FormatAlign::Top)
}

/// The card: what it tells in the first column, the answer in the second.
fn write_card(sheet: &mut Worksheet, card: &[CardRow]) -> std::result::Result<(), XlsxError> {
    sheet.set_name("model")?.set_freeze_panes(1, 0)?;
    sheet.set_column_width(0, 36)?.set_column_width(1, 70)?;
    let header = header_format();
    sheet.write_string_with_format(0, 0, "about the model", &header)?;
    sheet.write_string_with_format(0, 1, "", &header)?;
    let left = Format::new().set_align(FormatAlign::Left).set_align(FormatAlign::Top);
    let (words, share) = (left.clone().set_text_wrap(), left.clone().set_num_format("0.0000"));
    for (row, (what, value)) in (1..).zip(card) {
        sheet.write_string_with_format(row, 0, what, &left)?;
        match value {
            CardValue::Text(text) => sheet.write_string_with_format(row, 1, text, &words)?,
            #[allow(clippy::cast_precision_loss)]
            CardValue::Count(count) => sheet.write_number_with_format(row, 1, *count as f64, &left)?,
            CardValue::Share(number) => sheet.write_number_with_format(row, 1, *number, &share)?,
        };
    }
    Ok(())
}

/// How many characters (UTF-16 units) a text in a formula of Excel may have.
const MAX_IN_FORMULA: usize = 255;

/// `word` as a text in a formula.
///
/// The library takes a text that begins and ends with a quotation mark for one that is quoted already, and hands it on as a formula.
/// Labels come with the model, from wherever that comes; so they are quoted here, and what the library gets is always quoted.
fn quoted(word: &str) -> Option<String> {
    let fits = word.encode_utf16().count() <= MAX_IN_FORMULA;
    fits.then(|| format!("\"{}\"", word.replace('"', "\"\"")))
}

/// Fills the cells of a column that hold `word`; a word too long for a formula is left without colour.
fn paint(
    sheet: &mut Worksheet,
    (column, last_row): (u16, u32),
    word: &str,
    colour: u32,
) -> std::result::Result<(), XlsxError> {
    let Some(word) = quoted(word) else { return Ok(()) };
    let format = Format::new().set_background_color(Color::RGB(colour));
    let rule =
        ConditionalFormatCell::new().set_rule(ConditionalFormatCellRule::EqualTo(word)).set_format(format);
    sheet.add_conditional_format(1, column, last_row, column, &rule).map(drop)
}

/// A light colour for each label: fixed ones for those of the shipped model, others in turn.
fn colours(labels: &LabelSet) -> Vec<u32> {
    const OTHERS: [u32; 6] = [0x00DD_EBF7, 0x00FC_E4D6, 0x00E2_EFDA, 0x00FF_F2CC, 0x00E4_DFEC, 0x00DA_EEF3];
    let mut others = OTHERS.iter().copied().cycle();
    let colour = |label: &String| match label.as_str() {
        "threat" => 0x00F8_CBAD,
        "restraint" => 0x00BD_D7EE,
        "ceasefire-call" => 0x00C6_E0B4,
        "none" => 0x00ED_EDED,
        _ => others.next().unwrap_or(OTHERS[0]),
    };
    labels.names().iter().map(colour).collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::io::{Cursor, Read as _};

    use calamine::{Data, Reader, Xlsx};

    use super::*;

    fn columns() -> Vec<OutputColumn> {
        [("id", OutputKind::Input), ("sentence", OutputKind::Text), ("label", OutputKind::Label)]
            .map(|(name, kind)| OutputColumn { name: name.to_owned(), kind })
            .into()
    }

    fn row(text: &str) -> Vec<Cell<'_>> {
        vec![Cell::Number(7.0, "7"), Cell::Text(Cow::Borrowed(text)), Cell::Nothing]
    }

    #[test]
    fn rows_beyond_the_end_of_a_sheet_go_on_on_the_next() {
        let (columns, labels) = (columns(), LabelSet::new(["a", "b"]).unwrap());
        let card = [("model".to_owned(), CardValue::Text("x".to_owned()))];
        let mut book = Workbook::new(&columns, &labels, &card, 2).unwrap();
        for text in ["one", "two", "three", "four", "five"] {
            book.row(&row(text)).unwrap();
        }
        assert_eq!(book.notice(), Some(ExportNotice::FurtherSheets { sheets: 3, rows: 2 }));
        let mut bytes = Vec::new();
        book.save(&mut bytes).unwrap();
        let mut read = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(read.sheet_names(), ["labels", "model", "labels 2", "labels 3"]);
        let mut texts = Vec::new();
        for name in ["labels", "labels 2", "labels 3"] {
            let sheet = read.worksheet_range(name).unwrap();
            assert_eq!(sheet.get_value((0, 1)), Some(&Data::String("sentence".to_owned())));
            texts.extend(sheet.rows().skip(1).map(|row| row[1].to_string()));
        }
        assert_eq!(texts, ["one", "two", "three", "four", "five"]);
    }

    #[test]
    fn a_text_that_excel_would_cut_is_refused_and_one_that_just_fits_is_not() {
        let (columns, labels) = (columns(), LabelSet::new(["a", "b"]).unwrap());
        let mut book = Workbook::new(&columns, &labels, &[], MAX_ROWS).unwrap();
        // Two bytes each, one unit each; and four bytes each, two units each.
        book.row(&row(&"é".repeat(MAX_CHARACTERS))).unwrap();
        let error = book.row(&row(&"𝔸".repeat(16_384))).unwrap_err();
        insta::assert_snapshot!(error, @r#"
        the cell of "sentence" in output row 2 has 32768 characters; an Excel cell holds 32767
          write .csv, .jsonl or .parquet, or leave long texts out: without --keep-text and --no-split
        "#);
    }

    #[test]
    fn no_label_is_a_formula_in_the_rule_that_colours_it() {
        let names = ["\"\"&WEBSERVICE(A1)&\"\"", "=1+1", "a\"b", &"é".repeat(255), &"é".repeat(256)];
        let (columns, labels) = (columns(), LabelSet::new(names).unwrap());
        let mut book = Workbook::new(&columns, &labels, &[], MAX_ROWS).unwrap();
        book.row(&row("one")).unwrap();
        let mut bytes = Vec::new();
        book.save(&mut bytes).unwrap();
        let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut sheet = String::new();
        parts.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        let rules: Vec<&str> =
            sheet.split("<formula>").skip(1).map(|rule| rule.split_once("</formula>").unwrap().0).collect();
        // In the order of the label set; in a formula a quotation mark inside of a text is written twice.
        let longest = format!("\"{}\"", "é".repeat(255));
        let expected = [r#""""""&amp;WEBSERVICE(A1)&amp;""""""#, "\"=1+1\"", r#""a""b""#, &longest];
        assert_eq!(rules, expected);
    }

    #[test]
    fn numbers_of_more_digits_than_excel_keeps_are_text() {
        assert!(is_exact("123456789012345") && is_exact("-0.5"));
        assert!(!is_exact("1234567890123456"));
    }
}
