//! The engine as a whole, against what a plain loop over the same model gives.

use std::io::{self, Cursor, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;
use crate::corpus::{Format, InputSpec, Notice, OnBadRow, Source};
use crate::error::{ErrorKind, Result};
use crate::model::{StanceModel, Status};
use crate::text::{Language, Segmenter};

/// Any model will do: what it says is compared with what the rows say.
fn model() -> StanceModel {
    StanceModel::stand_in(&["ceasefire-call", "none", "threat"]).unwrap()
}

fn source(name: &str, bytes: impl AsRef<[u8]>, block_bytes: usize) -> Source {
    let bytes = Cursor::new(bytes.as_ref().to_vec());
    Source::from_reader(name, bytes, &InputSpec::default()).unwrap().with_block_bytes(block_bytes)
}

fn run_into(source: Source, settings: Settings, output: &mut dyn Write) -> Result<Summary> {
    let (model, segmenter) = (model(), Segmenter::new(Language::default()));
    let text = source.text_column()?;
    Batch::new(&model, &segmenter, settings).run(source, &text, output, |_| {})
}

fn run(name: &str, bytes: impl AsRef<[u8]>, settings: Settings) -> (String, Summary) {
    let mut output = Vec::new();
    let summary = run_into(source(name, bytes, 1 << 18), settings, &mut output).unwrap();
    (String::from_utf8(output).unwrap(), summary)
}

fn threads(n: usize) -> Settings {
    Settings { threads: NonZeroUsize::new(n), ..Settings::default() }
}

/// Rows of a CSV output as cells, the header first.
fn cells(output: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(output.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn rows_say_what_the_model_says_of_each_sentence() {
    let table = "id,text,source\n7,\"Stop é now. 停火 now!  Or \"\"else\"\".\",AFP\n8,One.,\"a,b\"\n";
    let (output, summary) = run("t.csv", table, Settings { evidence: 2, ..Settings::default() });
    let rows = cells(&output);
    assert_eq!(
        rows[0].join(","),
        "id,source,sentence_no,start,end,sentence,label,confidence,p_ceasefire_call,p_none,p_threat,status,evidence"
    );
    let fronts: Vec<String> = rows[1..].iter().map(|row| row[..6].join("|")).collect();
    assert_eq!(
        fronts,
        [
            "7|AFP|1|0|11|Stop é now.",
            "7|AFP|2|12|19|停火 now!",
            "7|AFP|3|21|31|Or \"else\".",
            "8|a,b|1|0|4|One."
        ]
    );
    let model = model();
    let mut scorer = model.scorer();
    for row in &rows[1..] {
        let evidence: Vec<String> = scorer
            .evidence(&row[5], 2)
            .iter()
            .map(|e| format!("{} {:+.2}", e.term, e.contribution))
            .collect();
        let said = scorer.predict(&row[5]);
        assert_eq!(row[6], model.labels().name(said.label));
        assert_eq!(row[7], format!("{:.4}", said.confidence));
        let all: Vec<String> = said.probabilities.iter().map(|p| format!("{p:.4}")).collect();
        assert_eq!(row[8..11], all);
        let status = match said.status {
            Status::Ok => "ok",
            Status::Review => "review",
            Status::Empty => "empty",
        };
        assert_eq!((row[11].as_str(), &row[12]), (status, &evidence.join("; ")));
    }
    assert_eq!((summary.documents, summary.rows, summary.by_label.iter().sum()), (2, 4, 4));
}

#[test]
fn no_document_disappears() {
    let (output, summary) = run("t.csv", "id,text\n1,\n2, \n", Settings::default());
    assert_eq!(output.lines().skip(1).collect::<Vec<_>>(), ["1,0,0,0,,,,,,,empty", "2,0,0,0,,,,,,,empty"]);
    assert_eq!((summary.rows, summary.empty, summary.by_label), (2, 2, vec![0, 0, 0]));
}

#[test]
fn without_splitting_a_row_stays_a_row() {
    let settings = Settings { split: false, keep_text: true, ..Settings::default() };
    let (output, _) = run("t.csv", "text,x\n\" Ünd. So. \",1\n,2\n", settings);
    let rows = cells(&output);
    assert_eq!(rows[1][..6].join("|"), " Ünd. So. |1|1|0|10| Ünd. So. ");
    assert_eq!(rows[2].join("|"), "|2|1|0|0||||||empty".replace("||||||", "|||||||"));
}

#[test]
fn a_text_longer_than_a_cell_may_be_has_its_row_and_column() {
    // Ten units fit, whatever their bytes; the text column itself is not written, but its sentences are.
    let table = "id,text\n1,停火停火停火停火停火\n2,Stop now. Or else.\n𝔸𝔸𝔸𝔸𝔸a,Now.\n";
    let place = |longest_cell| {
        let settings = Settings { longest_cell, ..threads(2) };
        let error = run_into(source("t.csv", table, 1 << 10), settings, &mut Vec::new()).err()?;
        Some(error.to_string().lines().next()?.to_owned())
    };
    let expected = "t.csv:4 (column \"id\"): the text has 11 characters; a cell of a spreadsheet holds 10";
    assert_eq!(place(Some(10)).as_deref(), Some(expected));
    let expected = "t.csv:2 (column \"text\"): the text has 10 characters; a cell of a spreadsheet holds 9";
    assert_eq!(place(Some(9)).as_deref(), Some(expected));
    assert_eq!((place(Some(11)), place(None)), (None, None));
}

#[test]
fn text_files_keep_their_path() {
    let (output, _) = run("news/a.txt", "One. Two.", Settings::default());
    let rows = cells(&output);
    assert_eq!(
        (rows[0][0].as_str(), rows[1][0].as_str(), rows[2][0].as_str()),
        ("doc_id", "news/a.txt", "news/a.txt")
    );
}

#[test]
fn json_lines_keep_the_kind_of_their_fields() {
    let lines =
        "{\"n\": 1.50, \"text\": \"One \\\"x\\\".\", \"tags\": [\"a\"], \"z\": null}\n{\"text\": \"\"}\n";
    let settings = Settings { format: OutputFormat::JsonLines, evidence: 1, ..Settings::default() };
    let (output, _) = run("t.jsonl", lines, settings);
    let rows: Vec<&str> = output.lines().collect();
    let start = r#"{"n":1.50,"tags":["a"],"z":null,"sentence_no":1,"start":0,"end":8,"sentence":"One \"x\".","label":""#;
    assert!(rows[0].starts_with(start), "{}", rows[0]);
    assert!(rows[0].contains(r#","evidence":"one +"#) && rows[0].ends_with(r#""}"#), "{}", rows[0]);
    assert_eq!(
        rows[1],
        r#"{"n":null,"tags":null,"z":null,"sentence_no":0,"start":0,"end":0,"sentence":"","label":null,"confidence":null,"p_ceasefire_call":null,"p_none":null,"p_threat":null,"status":"empty","evidence":""}"#
    );
    for row in rows {
        serde_json::from_str::<serde_json::Value>(row).unwrap();
    }
}

#[test]
fn a_clash_of_names_is_told() {
    let (output, summary) = run("t.csv", "text,label\nx,none\n", Settings::default());
    assert!(output.starts_with("label_in,sentence_no,"));
    assert_eq!(summary.notices, [Notice::ColumnRenamed { from: "label".into(), to: "label_in".into() }]);
}

/// A table whose rows take very different times.
fn uneven_table(rows: usize) -> String {
    use std::fmt::Write;
    let mut table = "id,text\n".to_owned();
    for row in 0..rows {
        let sentence = format!("Sentence {row}, \"\"quoted\"\" é. ");
        let _ = writeln!(table, "{row},\"{}\"", sentence.repeat(row * 7919 % 40));
    }
    table
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_blocks() {
    let table = uneven_table(2000);
    let run = |n, block| {
        let mut output = Vec::new();
        let summary = run_into(source("t.csv", &table, block), threads(n), &mut output).unwrap();
        (output, format!("{summary:?}"))
    };
    let one = run(1, 1 << 18);
    assert!(one.0.len() > 1 << 20);
    for (n, block) in [(2, 1 << 18), (8, 1 << 18), (1, 1 << 12), (2, 1 << 10), (8, 1 << 10)] {
        assert!(run(n, block) == one, "{n} threads, blocks of {block}");
    }
}

#[test]
fn long_output_is_passed_on_in_pieces_and_stays_in_order() {
    // 800 sentences, each with the whole text beside it: some 8 MB from each of four files, each a block of its own.
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.txt", "c.txt", "d.txt"] {
        std::fs::write(folder.path().join(name), "A sentence. ".repeat(800)).unwrap();
    }
    let spec = InputSpec::of([folder.path().to_str().unwrap()]);
    let run = |n, output: &mut dyn Write| {
        let source = Source::open(&spec).unwrap().with_block_bytes(1);
        run_into(source, Settings { keep_text: true, ..threads(n) }, output)
    };
    let (mut one, mut four) = (Vec::new(), Vec::new());
    run(1, &mut one).unwrap();
    run(4, &mut four).unwrap();
    assert!(one.len() > 24 << 20);
    assert!(four == one);
    // A worker that waits for its turn is released when the output is closed.
    let error = run(4, &mut Pipe { room: 50 }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[test]
fn the_first_bad_row_ends_the_run_whatever_the_threads() {
    let mut table = uneven_table(800);
    table += "x\n";
    table += &uneven_table(800)["id,text\n".len()..];
    table += "y\n";
    for n in [1, 2, 8] {
        let error = run_into(source("t.csv", &table, 1 << 10), threads(n), &mut Vec::new()).unwrap_err();
        assert_eq!(error.place().line, Some(802));
    }
    let settings = Settings { on_bad_row: OnBadRow::Skip, ..threads(8) };
    let summary = run_into(source("t.csv", &table, 1 << 10), settings, &mut Vec::new()).unwrap();
    let lines: Vec<_> = summary.skipped.first().iter().map(|e| e.place().line.unwrap()).collect();
    assert_eq!((summary.documents, lines), (1600, vec![802, 1603]));
}

/// Gives `bytes` and then fails.
struct Failing(Cursor<Vec<u8>>);

impl io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::from_raw_os_error(5)),
            n => Ok(n),
        }
    }
}

#[test]
fn a_reader_that_fails_midway_ends_the_run_with_its_error() {
    let bytes = uneven_table(3000).into_bytes();
    let spec = InputSpec { format: Some(Format::Csv), ..InputSpec::default() };
    let source = Source::from_reader("t.csv", Failing(Cursor::new(bytes)), &spec).unwrap();
    let error = run_into(source.with_block_bytes(1 << 10), threads(2), &mut Vec::new()).unwrap_err();
    insta::assert_snapshot!(error, @"t.csv: cannot read the file: Input/output error");
}

/// Takes `room` bytes and is closed then.
struct Pipe {
    room: usize,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let n = bytes.len().min(self.room);
        self.room -= n;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_ends_the_run_at_once_and_is_told_apart() {
    let table = uneven_table(4000);
    for room in [0, 10, 100_000] {
        for n in [1, 8] {
            let error =
                run_into(source("t.csv", &table, 1 << 10), threads(n), &mut Pipe { room }).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Closed);
        }
    }
}

#[test]
fn progress_grows_to_the_whole() {
    let source = source("t.csv", uneven_table(3000), 1 << 10);
    let (model, segmenter) = (model(), Segmenter::new(Language::default()));
    let text = source.text_column().unwrap();
    let mut seen: Vec<Progress> = Vec::new();
    let batch = Batch::new(&model, &segmenter, threads(2));
    let summary = batch.run(source, &text, &mut Vec::new(), |progress| seen.push(*progress)).unwrap();
    assert!(seen.len() > 10);
    assert!(seen.windows(2).all(|pair| pair[0].rows <= pair[1].rows));
    let last = seen.last().unwrap();
    assert_eq!((last.documents, last.rows), (3000, summary.rows));
    assert_eq!(last.bytes_read, uneven_table(3000).len() as u64);
}

/// A run that stops after so many further blocks, written behind `output`.
fn run_on(
    source: Source,
    settings: Settings,
    blocks: u64,
    output: &mut Vec<u8>,
    reached: &mut Reached,
) -> Result<bool> {
    let (model, segmenter) = (model(), Segmenter::new(Language::default()));
    let (text, stop) = (source.text_column()?, reached.blocks.saturating_add(blocks));
    output.truncate(usize::try_from(reached.bytes).unwrap());
    let ended = Batch::new(&model, &segmenter, settings).run_from(
        source,
        &text,
        output,
        reached,
        |_, reached, _| {
            Ok(if reached.blocks >= stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    )?;
    Ok(ended.is_continue())
}

#[test]
fn a_run_may_stop_after_any_block_and_go_on_with_other_threads() {
    let mut table = uneven_table(1500);
    table += "x\n";
    table += &uneven_table(1500)["id,text\n".len()..];
    let settings = |n| Settings { on_bad_row: OnBadRow::Skip, ..threads(n) };
    let (mut whole, mut all) = (Vec::new(), Reached::default());
    assert!(run_on(source("t.csv", &table, 1 << 12), settings(2), u64::MAX, &mut whole, &mut all).unwrap());
    assert!(all.blocks > 8);
    for blocks in [1, 2, 7] {
        let (mut output, mut reached, mut stops) = (Vec::new(), Reached::default(), 0);
        let mut n = 1;
        while !run_on(source("t.csv", &table, 1 << 12), settings(n), blocks, &mut output, &mut reached)
            .unwrap()
        {
            stops += 1;
            n = n % 3 + 1;
            // What a run that was killed has written of the next block.
            output.extend_from_slice(b"7,half a r");
        }
        assert!(stops >= all.blocks / blocks, "{stops}");
        assert!(output == whole, "the bytes differ after stops at every {blocks} blocks");
        assert_eq!(format!("{reached:?}"), format!("{all:?}"));
    }
}

#[test]
fn a_stop_in_the_middle_of_a_block_goes_back_to_its_beginning() {
    // Some 8 MB of output from each file, a block of its own, in pieces of 2 MiB.
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.txt"] {
        std::fs::write(folder.path().join(name), "A sentence. ".repeat(800)).unwrap();
    }
    let open = || {
        let spec = InputSpec::of([folder.path().to_str().unwrap()]);
        Source::open(&spec).unwrap().with_block_bytes(1)
    };
    let settings = Settings { keep_text: true, ..threads(2) };
    let (mut whole, mut all) = (Vec::new(), Reached::default());
    assert!(run_on(open(), settings.clone(), 9, &mut whole, &mut all).unwrap());
    let (mut output, mut reached) = (Vec::new(), Reached::default());
    let (model, segmenter) = (model(), Segmenter::new(Language::default()));
    let text = open().text_column().unwrap();
    let batch = Batch::new(&model, &segmenter, settings.clone());
    let watch = |output: &mut Vec<u8>, reached: &Reached, _: &Progress| {
        let is_inside = reached.blocks == 1 && output.len() as u64 > reached.bytes;
        Ok(if is_inside { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    assert!(batch.run_from(open(), &text, &mut output, &mut reached, watch).unwrap().is_break());
    assert!(run_on(open(), settings, 9, &mut output, &mut reached).unwrap());
    assert!(output == whole);
    assert_eq!(format!("{reached:?}"), format!("{all:?}"));
}

#[test]
fn a_run_does_not_go_on_with_other_rows() {
    let table = uneven_table(100);
    let told = |blocks, read| {
        let mut reached = Reached { blocks, read, ..Reached::default() };
        let run =
            run_on(source("t.csv", &table, 1 << 16), threads(2), u64::MAX, &mut Vec::new(), &mut reached);
        run.unwrap_err().to_string()
    };
    insta::assert_snapshot!(told(1, 101), @r"
    the inputs are not those of the run that was stopped: up to there it read 101 rows, and now there are 100
      begin anew, without --resume
    ");
    insta::assert_snapshot!(told(9, 100), @r"
    the inputs are not those of the run that was stopped: they end before the place that it had reached
      begin anew, without --resume
    ");
}

#[test]
fn after_an_error_what_is_reached_is_the_end_of_a_block() {
    let table = uneven_table(2000);
    let mut reached = Reached::default();
    let (model, segmenter) = (model(), Segmenter::new(Language::default()));
    let source = source("t.csv", &table, 1 << 12);
    let text = source.text_column().unwrap();
    let mut written = Kept { room: 500_000, bytes: Vec::new() };
    let batch = Batch::new(&model, &segmenter, threads(2));
    let watch = |_: &mut Kept, _: &Reached, _: &Progress| Ok(ControlFlow::Continue(()));
    let error = batch.run_from(source, &text, &mut written, &mut reached, watch).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    let length = usize::try_from(reached.bytes).unwrap();
    assert!(length <= 500_000 && written.bytes[length - 1] == b'\n');
    let rows = cells(std::str::from_utf8(&written.bytes[..length]).unwrap()).len() - 1;
    assert_eq!((rows as u64, reached.blocks > 0), (reached.summary.rows, true));
}

/// A disk that is full after `room` bytes.
struct Kept {
    room: usize,
    bytes: Vec<u8>,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.room);
        if n == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room -= n;
        self.bytes.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives its bytes, and then nothing and no end.
struct Endless(Cursor<Vec<u8>>);

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => loop {
                std::thread::park();
            },
            n => Ok(n),
        }
    }
}

#[test]
fn a_run_whose_input_does_not_come_can_be_stopped() {
    let spec = InputSpec { format: Some(Format::Csv), ..InputSpec::default() };
    let bytes = Cursor::new(uneven_table(3000).into_bytes());
    let source = Source::from_reader("t.csv", Endless(bytes), &spec).unwrap().with_block_bytes(1 << 10);
    let mut reached = Reached::default();
    assert!(!run_on(source, threads(4), 5, &mut Vec::new(), &mut reached).unwrap());
    assert_eq!(reached.blocks, 5);
}

proptest! {
    #[test]
    fn offsets_cut_each_sentence_out_of_the_document(text in "([aé停😀]{1,3}[.!?]?[ \n\u{3000}]{0,2}){0,12}") {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["id", "text"]).unwrap();
        table.write_record(["1", &text]).unwrap();
        let (output, _) = run("t.csv", table.into_inner().unwrap(), threads(1));
        for row in &cells(&output)[1..] {
            let (start, end): (usize, usize) = (row[2].parse().unwrap(), row[3].parse().unwrap());
            let cut: String = text.chars().skip(start).take(end - start).collect();
            prop_assert_eq!(&cut, &row[4]);
        }
    }
}

/// Remembers the longest write.
#[derive(Default)]
struct Longest(usize);

impl Write for Longest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.max(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn rows_that_are_far_longer_in_the_output_are_passed_on_in_pieces() {
    // 500 keys once, then `{}` five thousand times: 19 KB of input, 32 MB of output.
    let keys: Vec<String> = (0..500).map(|key| format!("\"key{key}\":1")).collect();
    let lines = format!("{{\"text\":\"\",{}}}\n{}", keys.join(","), "{}\n".repeat(5000));
    let mut longest = Longest::default();
    let settings = Settings { format: OutputFormat::JsonLines, ..threads(2) };
    let summary = run_into(source("t.jsonl", lines, 1 << 18), settings, &mut longest).unwrap();
    assert_eq!(summary.rows, 5001);
    assert!(longest.0 < 3 << 20, "a piece of {} bytes", longest.0);
}
