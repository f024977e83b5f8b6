//! `stancewire label`

use std::io::{IsTerminal, Write, stdout};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use clap::Args;
use stancewire::batch::{Batch, OutputFormat, Preview, Reached, Settings, Summary};
use stancewire::corpus::{Column, Output, PartFile, ReadProgress, Source};
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::export::{Export, ExportFormat};
use stancewire::model::StanceModel;
use stancewire::text::Segmenter;

use super::arguments::{ReadingArgs, ThreadArgs};
use super::long::LongRun;
use super::model::ModelArgs;
use super::signals::hold;
use super::terminal::{Voice, counted};
use super::{Ending, overwrite, reporting};

/// Label every sentence of articles: files, folders, patterns or standard input become one row per sentence
///
/// Text files (.txt, .md) are one article each; .csv, .tsv, .jsonl, .xlsx and .parquet files have one article per row; any
/// of them may be packed (.gz, .zst). Each output row has all columns of its input row, then sentence_no, start and end (characters of
/// the document), sentence, label, confidence, p_LABEL for each label, and status: ok, review (below the threshold of the
/// label) or empty (no known word). Rows come in the order of the input.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire label articles/ -o labelled.csv
  stancewire label news.xlsx --sheet Articles -o labelled.xlsx
  stancewire label news.csv --text-column body --explain 3 -o labelled.csv --excel
  stancewire label archive/ -o labelled.jsonl --resume    go on where the same command was stopped
  stancewire label news.csv --dry-run    what is in it, and is it read as meant?
  zcat news.jsonl.gz | stancewire label - --format jsonl | jq -r .sentence")]
pub struct LabelArgs {
    /// Files, folders, patterns such as 'news/*.csv', or - for standard input
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<String>,
    /// Write the rows to this file; an older one is replaced only when all is done [default: standard output]
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: String,
    /// The format of the rows: csv, tsv, jsonl, xlsx or parquet [default: by the name after -o, else csv]
    #[arg(long, value_name = "FORMAT", visible_alias = "output-format")]
    format: Option<ExportFormat>,
    /// Do not split: each text is one row, taken as one sentence [default: split into sentences]
    #[arg(long)]
    no_split: bool,
    /// Keep the text column beside the sentence [default: the sentence replaces it]
    #[arg(long)]
    keep_text: bool,
    /// Add a column with the N features that speak most for the label [default: no such column]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    explain: usize,
    /// Make CSV and TSV safe and readable for Excel: a byte-order mark, and an apostrophe before cells and column names that
    /// it would take for a formula; .xlsx needs no such thing [default: cells as they are]
    #[arg(long)]
    excel: bool,
    /// Go on with the same command where it was stopped, by Ctrl-C, a full disk or a crash; for -o FILE.csv, .tsv and .jsonl. The
    /// result has the same bytes as that of a run that was never stopped [default: begin at the beginning]
    #[arg(long, conflicts_with = "dry_run")]
    resume: bool,
    /// Show what is understood of the inputs: formats, encodings, columns, the first rows and how the first text is split;
    /// write nothing [default: label]
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    model: ModelArgs,
}

/// Packed or binary kinds of file that are not written.
const NOT_WRITTEN: [&str; 5] = ["gz", "zst", "xls", "xlsm", "ods"];

impl LabelArgs {
    fn settings(&self) -> Settings {
        Settings {
            split: !self.no_split,
            keep_text: self.keep_text,
            evidence: self.explain,
            format: OutputFormat::default(),
            spreadsheet_safe: self.excel,
            longest_cell: None,
            on_bad_row: self.reading.on_bad_row(),
            threads: self.threads.threads,
        }
    }

    fn output_format(&self) -> Result<ExportFormat> {
        let ending =
            Path::new(&self.output).extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if let Some(ending) = ending.filter(|ending| NOT_WRITTEN.contains(&ending.as_str())) {
            let what =
                format!("cannot write .{ending} files; expected one of: .csv, .tsv, .jsonl, .xlsx, .parquet");
            return Err(Error::new(ErrorKind::Settings, what).at(Place::file(&self.output)));
        }
        let format = self.format.or_else(|| ExportFormat::of_path(&self.output)).unwrap_or_default();
        Export::check(format)?;
        if format.is_binary() && self.output == "-" && !self.dry_run && stdout().is_terminal() {
            let what = format!("a terminal cannot show {format}");
            return Err(Error::new(ErrorKind::Settings, what).advise("name a file after -o"));
        }
        Ok(format)
    }

    /// Refuses to go on with what cannot be gone on with.
    fn check_resume(&self, format: ExportFormat) -> Result<()> {
        let refused = |what: String, advice: &str| Err(Error::new(ErrorKind::Settings, what).advise(advice));
        match format {
            _ if !self.resume => Ok(()),
            _ if self.output == "-" => {
                refused("--resume cannot go on with standard output".to_owned(), "name a file after -o")
            }
            ExportFormat::Lines(_) => Ok(()),
            other => refused(
                format!("--resume cannot go on with {other}, which is written at the end"),
                "write .csv, .tsv or .jsonl",
            ),
        }
    }
}

/// The mark by which Excel tells UTF-8.
const MARK: &str = "\u{feff}";

pub fn run(arguments: &LabelArgs, voice: &Voice) -> Result<Ending> {
    let (settings, format) = (arguments.settings(), arguments.output_format()?);
    arguments.check_resume(format)?;
    let model = arguments.model.open()?;
    let source = Source::open(&arguments.reading.spec(&arguments.inputs, None))?;
    let text = source.text_column()?;
    voice.notices(source.notices());
    if source.header().names() != ["doc_id", "text"] {
        voice.say(format_args!("text column: {}", shown(&text)));
    }
    overwrite::refuse(&arguments.output, arguments.inputs.iter())?;
    let segmenter = Segmenter::new(model.feature_params().analyzer.language);
    let (settings, mark) = match format {
        ExportFormat::Lines(format) => {
            let with_mark = arguments.excel && format != OutputFormat::JsonLines;
            (Settings { format, ..settings }, if with_mark { MARK } else { "" })
        }
        _ => (settings, ""),
    };
    let run = Run { arguments, voice, model, segmenter: &segmenter, text: &text, settings, mark };
    match format {
        _ if arguments.dry_run => run.preview(source, format),
        ExportFormat::Lines(_) => match PartFile::open(&arguments.output)? {
            Some(part) => run.into_file(source, part),
            None => run.into_stream(source),
        },
        _ => run.export(source, format),
    }
}

/// One run, with everything that was found out before it.
struct Run<'a> {
    arguments: &'a LabelArgs,
    voice: &'a Voice,
    model: &'a StanceModel,
    segmenter: &'a Segmenter,
    text: &'a Column,
    settings: Settings,
    /// What stands before the first line.
    mark: &'static str,
}

impl Run<'_> {
    /// Shows what is understood of the inputs.
    fn preview(&self, source: Source, format: ExportFormat) -> Result<Ending> {
        let output = Output::create(&self.arguments.output)?;
        reporting::print(&Preview::read(source, self.text, self.segmenter)?.to_string())?;
        self.voice.say(format_args!(
            "dry run: would write {format} rows to {} with {}",
            output.name(),
            self.arguments.model.name()
        ));
        Ok(Ending::Done)
    }

    /// Lines into a file: what can be stopped and gone on with.
    fn into_file(self, source: Source, part: PartFile) -> Result<Ending> {
        let read = source.progress();
        let long = LongRun {
            voice: self.voice,
            reading: &self.arguments.reading,
            model: self.model,
            segmenter: self.segmenter,
            text: self.text,
            settings: self.settings.clone(),
            mark: self.mark.as_bytes(),
            resume: self.arguments.resume,
        };
        long.run(source, part, &|reached, seconds| self.tell(&reached.summary, &read, seconds))
    }

    /// Lines to standard output, a pipe or a device: they end with a whole row.
    fn into_stream(self, source: Source) -> Result<Ending> {
        if self.arguments.resume {
            return Err(Error::new(ErrorKind::Settings, "--resume needs a file; this is a pipe or a device")
                .at(Place::file(&self.arguments.output)));
        }
        let mut output = Output::create(&self.arguments.output)?;
        output.write_all(self.mark.as_bytes()).map_err(|error| output.error(error))?;
        let (read, started, hold) = (source.progress(), Instant::now(), hold());
        let bar = self.voice.bar(read.total_bytes());
        let batch = Batch::new(self.model, self.segmenter, self.settings.clone());
        let mut reached = Reached::default();
        let ended = batch.run_from(source, self.text, &mut output, &mut reached, |_, _, progress| {
            bar.show(progress);
            Ok(if hold.caught().is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        let ended = ended.map_err(|error| error.at(Place::file(output.name())))?;
        output.finish()?;
        drop(bar);
        if let (ControlFlow::Break(()), Some(signal)) = (ended, hold.caught()) {
            let rows = counted(reached.summary.rows, "row");
            self.voice.say(format_args!(
                "stopped by {signal} after {rows}; only a run with -o FILE can be gone on with"
            ));
            return Ok(Ending::Stopped(signal));
        }
        self.tell(&reached.summary, &read, started.elapsed().as_secs_f64());
        Ok(Ending::Done)
    }

    /// A workbook or Parquet file.
    fn export(self, source: Source, format: ExportFormat) -> Result<Ending> {
        let mut output = Output::create(&self.arguments.output)?;
        let (read, started) = (source.progress(), Instant::now());
        let bar = self.voice.bar(read.total_bytes());
        let export = Export {
            model: self.model,
            model_name: self.arguments.model.name(),
            segmenter: self.segmenter,
            settings: self.settings.clone(),
            format,
        };
        let (summary, notices) = export.run(source, self.text, &mut output, |progress| bar.show(progress))?;
        output.finish()?;
        drop(bar);
        for notice in notices {
            self.voice.warn(notice);
        }
        self.tell(&summary, &read, started.elapsed().as_secs_f64());
        Ok(Ending::Done)
    }

    /// The summary: what was read, what was found, what needs a look.
    fn tell(&self, summary: &Summary, read: &ReadProgress, seconds: f64) {
        let voice = self.voice;
        voice.notices(&summary.notices);
        voice.say(format_args!(
            "{} from {} in {seconds:.2} s ({:.1} MB/s)",
            counted(summary.rows, "row"),
            counted(summary.documents, "document"),
            read.bytes_read() as f64 / 1e6 / seconds.max(1e-9)
        ));
        let counts = self.model.labels().names().iter().zip(&summary.by_label);
        let counts = counts.map(|(label, n)| format!("{label} {n}"));
        voice.say(format_args!("labels: {}", counts.collect::<Vec<_>>().join(", ")));
        voice.say(format_args!(
            "status: {} for review, {} empty, the others ok",
            summary.review, summary.empty
        ));
        voice.skipped(&summary.skipped);
    }
}

fn shown(column: &Column) -> String {
    format!("{}{}", column.name, if column.guessed { " (guessed from its name)" } else { "" })
}
