//! What the tests of the program share: a folder to run it in, with a small model.

// Each test file uses its part; a test that cannot be set up should fail.
#![allow(dead_code, clippy::unwrap_used, clippy::format_push_string)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Labelled rows of three labels from twelve documents, no two of them alike.
pub fn labelled_csv() -> String {
    const WHO: [&str; 6] =
        ["The army", "Our navy", "The general", "The president", "The militia", "The marshal"];
    const HIT: [&str; 4] = ["will strike", "will bomb", "is going to hit", "will destroy"];
    const WHAT: [&str; 5] = ["their ports", "the capital", "every base", "the bridges", "their fleet"];
    const IF: [&str; 7] = [
        "if they cross the river",
        "unless the hostages return",
        "should one shot fall",
        "if the talks fail again",
        "within days of any attack",
        "if ships come nearer",
        "whatever the cost",
    ];
    const CALL: [&str; 4] = ["called for", "demanded", "urged both sides to accept", "pleaded for"];
    const TRUCE: [&str; 5] = [
        "an immediate ceasefire",
        "a truce",
        "an end to the fighting",
        "a halt to all fire",
        "a lasting ceasefire",
    ];
    const NEWS: [&str; 4] = ["opened a school", "published its budget", "met farmers", "toured the museum"];
    const WHERE: [&str; 7] = [
        "in the northern valley",
        "near the old harbour",
        "on Monday morning",
        "in front of reporters",
        "at the yearly summit",
        "after heavy rain",
        "in the second week of May",
    ];
    let mut csv = "id,doc_id,text,label,source\n".to_owned();
    for i in 0..24 {
        let (who, place) = (WHO[i % 6], WHERE[i % 7]);
        let source = ["radio", "wire"][i % 2];
        let rows = [
            (format!("{who} {} {} {}.", HIT[i % 4], WHAT[i % 5], IF[i % 7]), "threat"),
            (format!("{who} {} {} {place}.", CALL[i % 4], TRUCE[i % 5]), "ceasefire-call"),
            (format!("{who} {} {place}, number {i}.", NEWS[i % 4]), "none"),
        ];
        for (n, (text, label)) in rows.iter().enumerate() {
            csv += &format!("r{i}-{n},d{},\"{text}\",{label},{source}\n", i / 2);
        }
    }
    csv
}

/// A temporary folder in which the program runs, so that messages have short names.
pub struct Folder(tempfile::TempDir);

impl Folder {
    /// An empty one.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with `train.csv` and the model of it, `model.safetensors`.
    pub fn with_model() -> Self {
        static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
        let folder = Self::empty();
        folder.write("train.csv", labelled_csv());
        let model = MODEL.get_or_init(|| {
            let maker = Self::empty();
            maker.write("train.csv", labelled_csv());
            // Stated settings, so that other defaults do not change what the tests see.
            let settings = ["--min-df", "2", "--alpha", "0.5", "--target-precision", "0.8"];
            let run =
                maker.run(&[&["train", "train.csv", "-o", "model.safetensors"][..], &settings].concat());
            assert!(run.status.success(), "{}", told(&run));
            maker.bytes("model.safetensors")
        });
        folder.write("model.safetensors", model);
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names in the folder, so that a test can tell whether something was left behind.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("stancewire"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the program with `input` as its standard input.
    pub fn run_with(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Output {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        command.write_stdin(input).output().unwrap()
    }

    /// What a run that fails says; it must end with 2, print no data and leave no file behind.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let before = self.names();
        let run = self.run(arguments);
        assert_eq!(run.status.code(), Some(2), "{}", told(&run));
        assert!(run.stdout.is_empty(), "{}", told(&run));
        assert_eq!(self.names(), before, "a file was left behind");
        format!("$ stancewire {}\n{}", arguments.join(" "), text(&run.stderr))
    }

    /// What a run prints that must succeed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.status.code(), Some(0), "{}", told(&run));
        text(&run.stdout)
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Exit code, standard output and standard error for a snapshot, without times.
pub fn told(run: &Output) -> String {
    let words: String = text(&run.stderr).lines().map(|line| without_time(line) + "\n").collect();
    let code = run.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    format!("exit code: {code}\n--- stdout\n{}--- stderr\n{words}", text(&run.stdout))
}

fn without_time(line: &str) -> String {
    match line.split_once(" in ") {
        Some((before, after)) if after.ends_with("MB/s)") => format!("{before} in [time]"),
        _ => line.to_owned(),
    }
}

/// The rows of a CSV by column name.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().unwrap().iter().map(String::from).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(String::from).collect()).collect();
        Self { header, rows }
    }

    pub fn header(&self) -> &[String] {
        &self.header
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn column(&self, name: &str) -> Vec<&str> {
        let index =
            self.header.iter().position(|known| known == name).unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|row| row[index].as_str()).collect()
    }
}

/// Checks that each row's sentence is `document[start:end]`, counted in characters, and gives the number of rows.
pub fn check_sentences<'d>(table: &Table, mut document: impl FnMut(usize) -> &'d str) -> usize {
    let columns = ["start", "end", "sentence", "sentence_no"].map(|name| table.column(name));
    for row in 0..table.len() {
        let [start, end, sentence, number] = columns.each_ref().map(|column| column[row]);
        if number == "0" {
            continue;
        }
        let (start, end): (usize, usize) = (start.parse().unwrap(), end.parse().unwrap());
        let part: String = document(row).chars().skip(start).take(end - start).collect();
        assert_eq!(part, sentence, "row {row}");
    }
    table.len()
}
