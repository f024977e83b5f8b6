//! Workbooks and Parquet files, written and read by the program.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use cli_support::{Folder, Table, told};
use insta::assert_snapshot;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// Texts of all sorts: formulas, line ends, characters that XML cannot hold, words of Excel's own escapes, an empty one.
const NEWS: &str = "id,=name,body,year\n\
    7,+49 30 1234,\"The army will strike their ports if they cross the river. The president called for a truce.\",1999\n\
    8,@user,=SUM(A1),2001\n\
    9,-1,\"A \u{1b}[31mred\u{1b}[0m line\nand _x0041_ & <b>\",2002\n\
    10,,,2003\n";

fn news() -> Folder {
    let folder = Folder::with_model();
    folder.write("news.csv", NEWS);
    folder
}

fn label<'a>(input: &'a str, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["label", input, "-m", "model.safetensors", "-q", "-o", output];
    arguments.extend(more);
    arguments
}

fn workbook(folder: &Folder, name: &str) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(folder.bytes(name))).unwrap()
}

/// The unpacked file `part` of a workbook.
fn part(folder: &Folder, name: &str, part: &str) -> String {
    let mut parts = zip::ZipArchive::new(Cursor::new(folder.bytes(name))).unwrap();
    let mut text = String::new();
    parts.by_name(part).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The rows of a workbook's sheet as texts, numbers as they are shown.
fn texts(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str) -> Vec<Vec<String>> {
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn a_workbook_has_the_cells_of_the_csv() {
    let folder = news();
    folder.done(&label("news.csv", "out.csv", &["--explain", "2"]));
    folder.done(&label("news.csv", "out.xlsx", &["--explain", "2"]));
    let rows = texts(&mut workbook(&folder, "out.xlsx"), "labels");
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(Cursor::new(folder.bytes("out.csv")));
    let expected: Vec<Vec<String>> =
        reader.records().map(|row| row.unwrap().iter().map(String::from).collect()).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        for (cell, expected) in row.iter().zip(expected) {
            match (cell.parse::<f64>(), expected.parse::<f64>()) {
                (Ok(cell), Ok(expected)) => assert!((cell - expected).abs() < 1e-12, "{cell} {expected}"),
                _ => assert_eq!(cell, expected),
            }
        }
    }
}

#[test]
fn cells_of_a_workbook_are_what_they_should_be() {
    let folder = news();
    folder.done(&label("news.csv", "out.xlsx", &[]));
    let range = workbook(&folder, "out.xlsx").worksheet_range("labels").unwrap();
    let row: Vec<&Data> = range.rows().nth(1).unwrap().iter().collect();
    // id, =name and year are text in CSV; sentence_no, start, end; sentence, label; confidence and three probabilities.
    for (column, cell) in row.iter().enumerate() {
        match column {
            3..=5 | 8..=11 => assert!(matches!(cell, Data::Float(_) | Data::Int(_)), "{column}: {cell:?}"),
            _ => assert!(matches!(cell, Data::String(_)), "{column}: {cell:?}"),
        }
    }
    assert_eq!(range.get_value((3, 6)), Some(&Data::String("=SUM(A1)".to_owned())));
    let sheet = part(&folder, "out.xlsx", "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "a formula");
    assert!(sheet.contains(r#"state="frozen""#) && sheet.contains(r#"ySplit="1""#), "{sheet}");
    assert!(sheet.contains(r#"<autoFilter ref="A1:M6"/>"#), "{sheet}");
    assert!(sheet.contains("<conditionalFormatting sqref=\"H2:H6\">"), "{sheet}");
    assert!(sheet.contains("<formula>\"threat\"</formula>"), "{sheet}");
    let styles = part(&folder, "out.xlsx", "xl/styles.xml");
    assert!(styles.contains("0.000") && styles.contains("wrapText=\"1\""), "{styles}");
}

#[test]
fn the_second_sheet_is_the_model_card() {
    let folder = news();
    folder.done(&label("news.csv", "out.xlsx", &[]));
    let mut book = workbook(&folder, "out.xlsx");
    assert_eq!(book.sheet_names(), ["labels", "model"]);
    let rows = texts(&mut book, "model");
    let value = |name: &str| rows.iter().find(|row| row[0] == name).unwrap()[1].clone();
    assert_eq!((value("model").as_str(), value("training rows").as_str()), ("model.safetensors", "72"));
}

#[test]
fn workbooks_are_the_same_for_any_number_of_threads_and_any_run() {
    let folder = Folder::with_model();
    let rows: String = (0..4000)
        .map(|i| format!("{i},The army will strike. It rained on day {i}."))
        .collect::<Vec<_>>()
        .join("\n");
    folder.write("many.csv", format!("id,text\n{rows}"));
    folder.done(&label("many.csv", "1.xlsx", &["--threads", "1"]));
    folder.done(&label("many.csv", "4.xlsx", &["--threads", "4"]));
    assert!(folder.bytes("1.xlsx") == folder.bytes("4.xlsx"));
}

#[test]
fn csv_for_excel_calculates_nothing_and_leaves_numbers_alone() {
    let folder = news();
    folder.done(&label("news.csv", "out.csv", &["--excel", "--explain", "1"]));
    let bytes = folder.bytes("out.csv");
    assert!(bytes.starts_with("\u{feff}id,'=name,year,".as_bytes()));
    let table = Table::read(&bytes[3..]);
    assert_eq!(table.column("'=name")[..3], ["'+49 30 1234", "'+49 30 1234", "'@user"]);
    assert_eq!(table.column("sentence")[2], "'=SUM(A1)");
    assert!(table.column("evidence").iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])));
    for column in ["sentence_no", "start", "end", "confidence", "p_threat"] {
        assert!(table.column(column).iter().all(|cell| !cell.starts_with('\'')), "{column}");
    }
}

#[test]
fn infinity_is_a_name_to_a_spreadsheet_and_no_number() {
    let folder = Folder::with_model();
    folder.write("news.csv", "text,note\nIt rained.,-inf\nIt rained.,-1.5\n");
    folder.done(&label("news.csv", "out.csv", &["--excel"]));
    assert_eq!(Table::read(&folder.bytes("out.csv")[3..]).column("note"), ["'-inf", "-1.5"]);
}

#[test]
fn a_text_too_long_for_a_cell_is_an_error_and_leaves_no_file() {
    let folder = Folder::with_model();
    folder.write("long.csv", format!("text\n\"{}\"\n", "It rained. ".repeat(4000)));
    assert_snapshot!("too_long", folder.refused(&label("long.csv", "out.xlsx", &["--keep-text"])));
    folder.done(&label("long.csv", "out.xlsx", &[]));
    folder.write("words.csv", format!("id,text\n1,It rained.\n2,{}\n", "rain ".repeat(8000)));
    assert_snapshot!("too_long_sentence", folder.refused(&label("words.csv", "out.xlsx", &[])));
    assert_snapshot!("too_long_row", folder.refused(&label("words.csv", "out.xlsx", &["--no-split"])));
    folder.done(&label("words.csv", "out.csv", &["--no-split", "--keep-text"]));
}

/// A workbook as people make them: a title above the header, dates, numbers, a formula's result, empty rows, two sheets.
fn articles() -> Vec<u8> {
    let mut book = Workbook::new();
    let (day, time) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("hh:mm:ss"));
    let both = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let sheet = book.add_worksheet().set_name("Articles").unwrap();
    for (column, name) in (0..).zip(["id", " text ", "date", "time", "both", "share", "sure"]) {
        sheet.write_string(1, column, name).unwrap();
    }
    for row in [2, 4] {
        sheet.write_number(row, 0, f64::from(row)).unwrap();
        sheet.write_string(row, 1, "The army will strike.\nIt rained.").unwrap();
        let moment = ExcelDateTime::parse_from_str("2024-05-01T13:30:00").unwrap();
        sheet.write_datetime_with_format(row, 2, ExcelDateTime::from_ymd(2024, 5, 1).unwrap(), &day).unwrap();
        sheet.write_datetime_with_format(row, 3, ExcelDateTime::from_hms(13, 30, 0).unwrap(), &time).unwrap();
        sheet.write_datetime_with_format(row, 4, moment, &both).unwrap();
        sheet.write_number(row, 5, 0.1 + 0.2).unwrap();
        sheet.write_boolean(row, 6, true).unwrap();
    }
    book.add_worksheet().set_name("Gold").unwrap().write_string(0, 0, "text").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let folder = Folder::with_model();
    folder.write("articles.xlsx", articles());
    assert_snapshot!(
        "read_workbook",
        told(&folder.run(&["label", "articles.xlsx", "-m", "model.safetensors"]))
    );
    let packed = zstd::encode_all(articles().as_slice(), 3).unwrap();
    folder.write("packed.xlsx.zst", packed);
    let plain = folder.done(&["label", "articles.xlsx", "-m", "model.safetensors"]);
    assert_eq!(folder.done(&["label", "packed.xlsx.zst", "-m", "model.safetensors"]), plain);
    let run = folder.run_with(&["label", "-", "-m", "model.safetensors", "-q"], articles());
    assert_eq!(cli_support::text(&run.stdout), plain);
}

#[test]
fn numbers_of_a_workbook_stay_numbers_in_json() {
    let folder = Folder::with_model();
    folder.write("articles.xlsx", articles());
    let lines = folder.done(&["label", "articles.xlsx", "-m", "model.safetensors", "--format", "jsonl"]);
    let row: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&row["id"], &row["date"]), (&serde_json::json!(2), &serde_json::json!("2024-05-01")));
}

#[test]
fn people_evaluate_and_train_on_workbooks() {
    let folder = Folder::with_model();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(
        csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(cli_support::labelled_csv().as_bytes())
            .records(),
    ) {
        for (column, cell) in (0..).zip(&line.unwrap()) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    folder.write("gold.xlsx", book.save_to_buffer().unwrap());
    let from = |input: &str| {
        folder.done(&["evaluate", input, "-m", "model.safetensors", "-q"]).replace(input, "gold")
    };
    assert_eq!(from("gold.xlsx"), from("train.csv"));
    folder.done(&["train", "gold.xlsx", "--min-df", "2", "-o", "again.safetensors", "-q"]);
}

#[test]
fn mistakes_with_workbooks_have_their_place() {
    let folder = Folder::with_model();
    folder.write("articles.xlsx", articles());
    assert_snapshot!(
        "no_such_sheet",
        folder.refused(&label("articles.xlsx", "out.csv", &["--sheet", "Artikel"]))
    );
    assert_snapshot!(
        "sheet_of_csv",
        folder.refused(&label("train.csv", "out.csv", &["--sheet", "Articles"]))
    );
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "text").unwrap().write_string(1, 0, "It rained.").unwrap();
    sheet.write_string(2, 0, "It rained.").unwrap().write_string(2, 3, "a stray cell").unwrap();
    folder.write("stray.xlsx", book.save_to_buffer().unwrap());
    assert_snapshot!("stray_cell", folder.refused(&label("stray.xlsx", "out.csv", &[])));
    assert_eq!(
        Table::read(
            folder.done(&["label", "stray.xlsx", "-m", "model.safetensors", "--skip-bad-rows"]).as_bytes()
        )
        .len(),
        1
    );
    folder.write("empty.xlsx", "");
    folder.write("text.xlsx", "id,text\n");
    folder.write("cut.xlsx", &articles()[..2000]);
    folder.write("really.csv", articles());
    let mut book = Workbook::new();
    book.add_worksheet();
    folder.write("blank.xlsx", book.save_to_buffer().unwrap());
    for name in ["empty.xlsx", "text.xlsx", "cut.xlsx", "really.csv", "blank.xlsx"] {
        assert_snapshot!(format!("mistake_{name}"), folder.refused(&label(name, "out.csv", &[])));
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_the_feature_parquet_says_how_to_get_it() {
    let folder = news();
    assert_snapshot!("no_parquet_output", folder.refused(&label("news.csv", "out.parquet", &[])));
    folder.write("news.parquet", b"PAR1xxxxPAR1");
    assert_snapshot!("no_parquet_input", folder.refused(&label("news.parquet", "out.csv", &[])));
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use parquet::basic::{ConvertedType, Encoding, Type};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;

    #[test]
    fn a_parquet_file_has_the_cells_of_the_csv() {
        let folder = news();
        folder.done(&label("news.csv", "out.csv", &["--explain", "2"]));
        folder.done(&label("news.csv", "out.parquet", &["--explain", "2"]));
        let reader =
            SerializedFileReader::new(std::fs::File::open(folder.path("out.parquet")).unwrap()).unwrap();
        let expected = Table::read(&folder.bytes("out.csv"));
        let mut rows = 0;
        for (number, row) in reader.get_row_iter(None).unwrap().enumerate() {
            for (name, field) in row.unwrap().get_column_iter() {
                let expected = expected.column(name)[number];
                match field {
                    Field::Null => assert_eq!(expected, "", "{name}"),
                    Field::Str(text) => assert_eq!(expected, text, "{name}"),
                    Field::Long(value) => assert_eq!(expected, value.to_string(), "{name}"),
                    Field::Double(value) => assert_eq!(expected, format!("{value:.4}"), "{name}"),
                    other => panic!("{name}: {other:?}"),
                }
            }
            rows += 1;
        }
        assert_eq!(rows, expected.len());
    }

    #[test]
    fn columns_have_their_types_and_few_words_are_a_dictionary() {
        let folder = news();
        folder.done(&label("news.csv", "out.parquet", &[]));
        let reader =
            SerializedFileReader::new(std::fs::File::open(folder.path("out.parquet")).unwrap()).unwrap();
        let group = reader.metadata().row_group(0);
        for column in group.columns() {
            let name = column.column_path().string();
            let (kind, is_dictionary) = match name.as_str() {
                "sentence_no" | "start" | "end" => (Type::INT64, false),
                "confidence" | "p_threat" | "p_none" | "p_ceasefire_call" => (Type::DOUBLE, false),
                "sentence" => (Type::BYTE_ARRAY, false),
                _ => (Type::BYTE_ARRAY, true),
            };
            assert_eq!(column.column_type(), kind, "{name}");
            let found = column.encodings().any(|encoding| encoding == Encoding::RLE_DICTIONARY);
            assert_eq!(found, is_dictionary, "{name}");
            let is_text = column.column_descr().converted_type() == ConvertedType::UTF8;
            assert_eq!(is_text, kind == Type::BYTE_ARRAY, "{name}");
        }
    }

    #[test]
    fn what_was_written_is_read_again_from_a_file_a_pipe_and_packed() {
        let folder = news();
        folder.done(&label("news.csv", "out.parquet", &["--keep-text"]));
        let again = |input: &str| {
            folder.done(&[
                "label",
                input,
                "-m",
                "model.safetensors",
                "-q",
                "--text-column",
                "sentence",
                "--no-split",
            ])
        };
        let plain = again("out.parquet");
        assert_eq!(Table::read(plain.as_bytes()).len(), 5);
        folder.write(
            "packed.parquet.zst",
            zstd::encode_all(folder.bytes("out.parquet").as_slice(), 3).unwrap(),
        );
        assert_eq!(again("packed.parquet.zst"), plain);
        let run = folder.run_with(
            &["label", "-", "-m", "model.safetensors", "-q", "--text-column", "sentence", "--no-split"],
            folder.bytes("out.parquet"),
        );
        assert_eq!(cli_support::text(&run.stdout), plain);
    }

    #[test]
    fn a_damaged_parquet_file_is_refused() {
        let folder = news();
        folder.done(&label("news.csv", "out.parquet", &[]));
        let bytes = folder.bytes("out.parquet");
        folder.write("cut.parquet", &bytes[..bytes.len() / 2]);
        let text = folder.refused(&label("cut.parquet", "again.csv", &[]));
        assert!(text.contains("cut.parquet: cannot read this as a Parquet file"), "{text}");
        folder.write("other.parquet", "id,text\n");
        assert_snapshot!("no_parquet", folder.refused(&label("other.parquet", "again.csv", &[])));
    }
}
