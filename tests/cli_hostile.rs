//! Hostile text – in cells, names of columns, labels and files, and in arguments – in every output of the program: it comes out of
//! the tables as it went in, and acts neither in a spreadsheet nor on a terminal.

#![allow(clippy::unwrap_used, clippy::format_push_string)] // a test that cannot be set up should fail

mod cli_support;

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use cli_support::{Folder, Table, told};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Cells that have broken tables, spreadsheets, terminals and parsers before.
const CELLS: [&str; 40] = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\r\n",
    " =1+1",
    "\"=1+1",
    "'=1+1",
    "\"",
    "\"\"",
    "a;=1+1",
    "\u{ff1d}1+1",
    "a\0b",
    "\0",
    "\0=1+1",
    "\u{1b}]0;title\u{7}\u{1b}[31mred",
    "\u{9b}31m",
    "\u{1}\u{2}\u{8}\u{b}\u{c}\u{e}\u{1f}\u{7f}",
    "\u{85}\u{2028}\u{2029}",
    "\u{202e}gnp.exe\u{202c}",
    "\u{2066}a\u{2069}\u{200f}\u{61c}",
    "\u{200b}\u{200d}\u{2060}\u{ad}",
    "\u{feff}",
    "\u{feff}=1+1",
    "\u{fdd0}\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}",
    "\u{d7ff}\u{e000}\u{f8ff}",
    "👨\u{200d}👩\u{200d}👧 🇺🇳",
    "e\u{301}\u{301}\u{301}\u{20dd}",
    "\u{e0041}\u{e007f}",
    "_x0041_ _x00e9_ _x000D_ _x005F_x0041_",
    "<script>alert(1)</script>",
    "]]> &amp; &#0; <!--",
    "\\u0000 \\\" \\ud800",
    "NULL",
    "#REF!",
    "1e400",
];

/// Cells of characters that mean something somewhere, the same in every run.
fn random_cells(count: usize) -> Vec<String> {
    let any = "([=+@,;\"'\\\\_x0-9\\t\\r\\n \\x00-\\x1f\\x7f-\\x9f\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{fff0}-\u{ffff}]|\\PC|_x[0-9a-fA-F]{4}_){1,8}";
    let any = proptest::string::string_regex(any).unwrap();
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| any.new_tree(&mut runner).unwrap().current()).collect()
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// The names of columns that have [`CELLS`] in them; white space around a name is left out in reading.
fn names() -> Vec<String> {
    (0..).zip(CELLS).map(|(n, cell)| format!("{cell}c{n}").trim().to_owned()).collect()
}

/// A table with every cell as a cell, in a text, and in a name of a column.
fn table(cells: &[String]) -> String {
    let names: Vec<String> = names().iter().map(|name| quoted(name)).collect();
    let mut table = format!("id,cell,{},text\n", names.join(","));
    let rest = ",x".repeat(names.len());
    for (id, cell) in cells.iter().enumerate() {
        table += &format!("{id},{}{rest},{}\n", quoted(cell), quoted(&format!("{cell} It rained.")));
    }
    table
}

/// The names and the rows of `out` in a format that `read` knows, compared with what `cells` went in.
fn compare(format: &str, cells: &[String], names: &[String], rows: &[Vec<String>]) {
    assert_eq!(names[2..2 + CELLS.len()], self::names(), "{format}");
    assert_eq!(rows.len(), cells.len(), "{format}");
    let text = names.iter().position(|name| name == "text").unwrap();
    for (id, (row, cell)) in rows.iter().zip(cells).enumerate() {
        assert_eq!((row[0].as_str(), row[1].as_str()), (id.to_string().as_str(), cell.as_str()), "{format}");
        assert_eq!(row[text], format!("{cell} It rained."), "{format}");
    }
}

fn delimited(bytes: &[u8], delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
    let names = reader.headers().unwrap().iter().map(String::from).collect();
    (names, reader.records().map(|row| row.unwrap().iter().map(String::from).collect()).collect())
}

#[test]
fn every_text_comes_out_of_every_table_as_it_went_in() {
    let folder = Folder::with_model();
    let cells: Vec<String> = CELLS.map(String::from).into_iter().chain(random_cells(600)).collect();
    folder.write("in.csv", table(&cells));
    for name in ["o.csv", "o.tsv", "o.jsonl", "o.xlsx"] {
        folder.done(&[
            "label",
            "in.csv",
            "-m",
            "model.safetensors",
            "-q",
            "--keep-text",
            "--no-split",
            "-o",
            name,
        ]);
    }
    for (name, delimiter) in [("o.csv", b','), ("o.tsv", b'\t')] {
        let (names, rows) = delimited(&folder.bytes(name), delimiter);
        compare(name, &cells, &names, &rows);
    }

    let lines: Vec<serde_json::Map<_, _>> = folder
        .text("o.jsonl")
        .split_terminator('\n')
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told =
        |row: &serde_json::Map<String, serde_json::Value>, name: &str| row[name].as_str().unwrap().to_owned();
    assert_eq!(lines.len(), cells.len());
    for (row, cell) in lines.iter().zip(&cells) {
        assert_eq!((told(row, "cell"), told(row, "text")), (cell.clone(), format!("{cell} It rained.")));
        assert!(names().iter().all(|name| row[name] == "x"));
    }

    let mut book = Xlsx::new(Cursor::new(folder.bytes("o.xlsx"))).unwrap();
    let sheet = book.worksheet_range("labels").unwrap();
    let rows: Vec<Vec<String>> =
        sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    compare("o.xlsx", &cells, &rows[0], &rows[1..]);
}

#[test]
fn a_spreadsheet_calculates_no_cell_and_no_name_of_a_column() {
    let folder = Folder::with_model();
    // What some spreadsheets overlook before a formula; LibreOffice calculates `\0=1+1`.
    let hidden = ["\0", "\0\0", " ", "\u{a0}", "\n", "\u{feff}", "\u{200b}", "\u{b}", "\u{ff1d}"]
        .map(|before| format!("{before}=1+1"));
    let open =
        ["=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1", "\ta", "\ra", "-inf"]
            .map(String::from);
    let cells: Vec<String> = open.into_iter().chain(hidden).collect();
    let row: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    // White space around a name is left out, so that a number keeps the names apart.
    let names: Vec<String> = (0..).zip(&cells).map(|(n, cell)| quoted(&format!("{cell}{n}"))).collect();
    folder.write("in.csv", format!("{},text\n{},It rained.\n", names.join(","), row.join(",")));
    for (name, delimiter) in [("o.csv", b','), ("o.tsv", b'\t')] {
        folder.done(&["label", "in.csv", "-m", "model.safetensors", "-q", "--excel", "-o", name]);
        let (names, rows) = delimited(&folder.bytes(name)[3..], delimiter);
        for ((name, cell), expected) in names.iter().zip(&rows[0]).zip(&cells) {
            assert_eq!(*cell, format!("'{expected}"));
            assert!(name.starts_with('\'') || !name.contains(['=', '+', '-', '@']), "{name:?}");
        }
    }
}

#[test]
fn half_a_character_is_refused_with_its_line_and_never_written() {
    let folder = Folder::with_model();
    let utf16 = |units: &[u16]| -> Vec<u8> { units.iter().flat_map(|unit| unit.to_le_bytes()).collect() };
    let mut lone: Vec<u16> = "\u{feff}text\nIt rained.\nIt ".encode_utf16().collect();
    lone.extend([0xd800, u16::from(b'.'), u16::from(b'\n')]);
    folder.write("wide.csv", utf16(&lone));
    folder.write("cesu.csv", b"text\nIt rained.\nIt \xed\xa0\x80.\n");
    folder.write("half.jsonl", "{\"text\":\"It rained.\"}\n{\"text\":\"It \\ud800.\"}\n");
    for (name, place) in
        [("wide.csv", "wide.csv:3"), ("cesu.csv", "cesu.csv:3"), ("half.jsonl", "half.jsonl:2")]
    {
        let run = folder.run(&["label", name, "-m", "model.safetensors", "-o", "out.csv"]);
        assert_eq!((run.status.code(), folder.has("out.csv")), (Some(2), false), "{name}");
        assert!(told(&run).contains(place), "{}", told(&run));
        let rest = folder.done(&["label", name, "-m", "model.safetensors", "--skip-bad-rows"]);
        assert_eq!(Table::read(rest.as_bytes()).column("sentence"), ["It rained."], "{name}");
    }
}

#[cfg(unix)]
mod on_a_terminal {
    use std::fs::File;
    use std::io::Read;
    use std::os::unix::ffi::OsStringExt;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// Sets the title, begins red text with a C1 control, rings, goes back, turns the writing direction.
    const ACTS: &str = "\u{1b}]0;x\u{7}\u{9b}31m\u{8}\u{202e}N\u{2067}";

    /// What a terminal gets that a run of the program writes both its outputs to.
    fn shown(folder: &Folder, arguments: &[&str]) -> String {
        let mut screen = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let name = std::ffi::OsString::from_vec(ptsname(&screen, Vec::new()).unwrap().into_bytes());
        let program = File::options().read(true).write(true).open(name).unwrap();
        let mut command = folder.command(arguments);
        command.stdin(std::process::Stdio::null()).stdout(program.try_clone().unwrap()).stderr(program);
        let mut child = command.spawn().unwrap();
        // It holds the terminal open.
        drop(command);
        let mut bytes = Vec::new();
        // Linux ends with an error when nobody holds the other side any more.
        let _ = screen.read_to_end(&mut bytes);
        child.wait().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The characters a terminal would obey, but for line ends and what the program itself says: its colours and its progress
    /// bar, of which nothing is in the texts of these tests.
    fn obeyed(shown: &str) -> Vec<char> {
        let mut rest = String::new();
        for (index, part) in shown.split("\u{1b}[").enumerate() {
            let own = part.find(|c: char| c.is_ascii_alphabetic()).filter(|_| index > 0);
            rest += own.map_or(part, |end| &part[end + 1..]);
        }
        let acts = |c: &char| match *c {
            '\n' | '\r' | '\t' => false,
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            other => other.is_control(),
        };
        rest.chars().filter(acts).collect()
    }

    /// A folder in which everything has a name that acts.
    fn hostile() -> Folder {
        let folder = Folder::with_model();
        let text = "The army will strike.";
        folder.write(
            &format!("{ACTS}.csv"),
            format!("id,text,label,{ACTS}\n{ACTS},{ACTS} {text},{ACTS},{ACTS}\n"),
        );
        folder.write(&format!("{ACTS}.txt"), format!("{ACTS} {text}"));
        folder.write(&format!("{ACTS}/x.foo"), "");
        folder.write(
            "bad.csv",
            format!("id,text,label,{ACTS}\n1,{text},threat,{ACTS}\n2,It rained.,none,q\n3,{ACTS},{ACTS},q\n4,short\n"),
        );
        folder.write("twice.csv", format!("{ACTS},{ACTS},text\n1,2,3\n"));
        folder.write("other.csv", format!("{ACTS},b\n1,2\n"));
        let key = serde_json::to_string(ACTS).unwrap();
        folder.write("bad.jsonl", format!("{{{key}:1,\"text\":\"a\"}}\n{{\"text\":3{ACTS}}}\n"));
        folder.write("cues.toml", format!("[{key}]\npatterns = ['a']\n"));
        let row = |i: usize| {
            let (label, word) =
                [(format!("t{ACTS}"), "strike"), (format!("{ACTS}u"), "truce")][i % 2].clone();
            format!("{i},{ACTS} {word} of {i},{label},{ACTS}{}\n", i % 3)
        };
        let rows: String = (0..60).map(row).collect();
        folder.write("gold.csv", format!("id,text,label,source\n{rows}"));
        let train = ["train", "gold.csv", "-o", "own.safetensors", "--cues", "none", "--min-df", "1", "-q"];
        assert!(folder.run(&train).status.success());
        folder
    }

    #[test]
    fn nothing_that_acts_on_a_terminal_reaches_it() {
        let folder = hostile();
        let (table, text) = (format!("{ACTS}.csv"), format!("{ACTS}.txt"));
        let (table, text) = (table.as_str(), text.as_str());
        let option = format!("--{ACTS}");
        let setting = format!("{ACTS}=0.5");
        let label = |more: &[&str]| {
            let all = [&["label", "-m", "model.safetensors"][..], more].concat();
            all.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let other = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        let runs = [
            // Data.
            label(&[table, "--keep-text", "--explain", "3"]),
            label(&[table, "--format", "tsv"]),
            label(&[table, "--format", "jsonl"]),
            label(&[text]),
            label(&[table, "--dry-run"]),
            label(&["bad.csv", "--dry-run"]),
            other(&["label", table, "-m", "own.safetensors"]),
            other(&["explain", "-m", "own.safetensors", &format!("{ACTS} strike")]),
            other(&["explain", "-m", "own.safetensors", "--json", &format!("{ACTS} strike")]),
            other(&["info", "own.safetensors", "--terms", "5"]),
            other(&["info", "own.safetensors", "--json"]),
            other(&["evaluate", "gold.csv", "-m", "own.safetensors", "--by", "source"]),
            other(&["evaluate", "gold.csv", "-m", "own.safetensors", "--markdown"]),
            other(&["evaluate", "gold.csv", "-m", "own.safetensors", "--csv"]),
            other(&["evaluate", "gold.csv", "-m", "own.safetensors", "--json"]),
            other(&["crossval", "gold.csv", "--cues", "none", "--min-df", "1"]),
            other(&["audit", "gold.csv"]),
            other(&["agree", "gold.csv", "--columns", "label,source"]),
            other(&["suggest", "gold.csv", "-m", "own.safetensors", "-n", "3"]),
            // Warnings and notes.
            label(&["bad.csv", "--skip-bad-rows"]),
            label(&[table, table]),
            // Errors.
            label(&["bad.csv"]),
            label(&["bad.jsonl"]),
            label(&["twice.csv"]),
            label(&["other.csv"]),
            label(&[&format!("{ACTS}no")]),
            label(&[ACTS]),
            label(&[&format!("{ACTS}[*")]),
            label(&[text, table]),
            label(&[table, "--text-column", &format!("{ACTS}no")]),
            label(&[table, "--sheet", ACTS]),
            label(&[table, "--threshold", &setting]),
            label(&[table, "-o", &format!("{ACTS}no/x.csv")]),
            label(&[table, "-o", ACTS]),
            other(&["label", table, "-m", table]),
            other(&["label", table, "-m", ACTS]),
            other(&["evaluate", table, "-m", "model.safetensors"]),
            other(&["summarize", table, "-m", "model.safetensors", "--by", ACTS]),
            other(&["train", "gold.csv", "-o", "x.safetensors", "--cues", "cues.toml"]),
            // Wrong command lines.
            label(&[table, "--format", ACTS]),
            label(&[table, "--threads", ACTS]),
            label(&[table, "--encoding", ACTS]),
            label(&[table, "--delimiter", ACTS]),
            label(&[table, &option]),
            other(&["completions", ACTS]),
            other(&[ACTS]),
        ];
        for arguments in &runs {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let shown = shown(&folder, &arguments);
            assert!(shown.contains("]0;x"), "the text is not in what {arguments:?} shows: {shown:?}");
            assert_eq!(obeyed(&shown), [], "{arguments:?} shows {shown:?}");
        }
    }

    #[test]
    fn words_that_go_to_a_file_act_as_little_and_data_are_left_alone() {
        let folder = hostile();
        let table = format!("{ACTS}.csv");
        for arguments in [vec!["label", "twice.csv"], vec!["label", &table, "--threads", ACTS], vec![ACTS]] {
            let words = cli_support::text(&folder.run(&arguments).stderr);
            assert!(words.contains("\\u{1b}]0;x\\u{7}"), "{words:?}");
            assert_eq!(obeyed(&words), [], "{words:?}");
        }
        let rows = folder.done(&["label", &table, "-m", "model.safetensors", "-q"]);
        assert_eq!(Table::read(rows.as_bytes()).column(ACTS), [ACTS]);
    }

    #[test]
    fn characters_that_act_are_found_among_the_programs_own() {
        assert_eq!(obeyed("\u{1b}[1;31merror: \u{1b}[0mx\u{1b}[2K\r\n"), []);
        assert_eq!(obeyed("a\u{1b}]0;x\u{7}\u{9b}1m"), ['\u{1b}', '\u{7}', '\u{9b}']);
    }
}
