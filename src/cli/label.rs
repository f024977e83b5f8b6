//! `stancewire label`

use std::io::{IsTerminal, Write, stdout};
use std::path::Path;
use std::time::Instant;

use clap::Args;
use stancewire::batch::{OutputFormat, Preview, Settings, Summary};
use stancewire::corpus::{Column, Output, Source};
use stancewire::error::{Error, ErrorKind, Place, Result};
use stancewire::export::{Export, ExportFormat};
use stancewire::labels::LabelSet;
use stancewire::text::Segmenter;

use super::arguments::{ReadingArgs, ThreadArgs};
use super::model::ModelArgs;
use super::terminal::Voice;
use super::{Ending, reporting};

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

    /// Begins the output, for Excel with the mark by which it tells UTF-8.
    fn create_output(&self, format: ExportFormat) -> Result<Output> {
        self.check_output()?;
        let mut output = Output::create(&self.output)?;
        let with_mark = [OutputFormat::Csv, OutputFormat::Tsv].map(ExportFormat::Lines).contains(&format);
        if self.excel && !self.dry_run && with_mark {
            let written = output.write_all("\u{feff}".as_bytes());
            written.map_err(|error| output.error(error))?;
        }
        Ok(output)
    }

    /// Refuses to replace an input by its labels.
    fn check_output(&self) -> Result<()> {
        let Ok(output) = std::fs::canonicalize(&self.output) else { return Ok(()) };
        let is_output = |input: &&String| {
            output.is_file() && std::fs::canonicalize(input).is_ok_and(|input| input == output)
        };
        match self.inputs.iter().find(is_output) {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::Settings, "the output is one of the inputs")
                .at(Place::file(&self.output))
                .advise("choose another name after -o")),
        }
    }
}

pub fn run(arguments: &LabelArgs, voice: &Voice) -> Result<Ending> {
    let (settings, format) = (arguments.settings(), arguments.output_format()?);
    let model = arguments.model.open()?;
    let source = Source::open(&arguments.reading.spec(&arguments.inputs, None))?;
    let text = source.text_column()?;
    voice.notices(source.notices());
    if source.header().names() != ["doc_id", "text"] {
        voice.say(format_args!("text column: {}", shown(&text)));
    }
    let mut output = arguments.create_output(format)?;
    let segmenter = Segmenter::new(model.feature_params().analyzer.language);
    if arguments.dry_run {
        let name = output.name();
        reporting::print(&Preview::read(source, &text, &segmenter)?.to_string())?;
        voice.say(format_args!(
            "dry run: would write {format} rows to {name} with {}",
            arguments.model.name()
        ));
        return Ok(Ending::Done);
    }
    let (read, started) = (source.progress(), Instant::now());
    let bar = voice.bar(read.total_bytes());
    let export =
        Export { model, model_name: arguments.model.name(), segmenter: &segmenter, settings, format };
    let (summary, notices) = export.run(source, &text, &mut output, |progress| bar.show(progress))?;
    output.finish()?;
    drop(bar);
    for notice in notices {
        voice.warn(notice);
    }
    tell(voice, &summary, model.labels(), read.bytes_read(), started);
    Ok(Ending::Done)
}

fn shown(column: &Column) -> String {
    format!("{}{}", column.name, if column.guessed { " (guessed from its name)" } else { "" })
}

/// The summary: what was read, what was found, what needs a look.
fn tell(voice: &Voice, summary: &Summary, labels: &LabelSet, bytes: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    voice.notices(&summary.notices);
    voice.say(format_args!(
        "{} from {} in {seconds:.2} s ({:.1} MB/s)",
        counted(summary.rows, "row"),
        counted(summary.documents, "document"),
        bytes as f64 / 1e6 / seconds.max(1e-9)
    ));
    let counts = labels.names().iter().zip(&summary.by_label).map(|(label, n)| format!("{label} {n}"));
    voice.say(format_args!("labels: {}", counts.collect::<Vec<_>>().join(", ")));
    voice.say(format_args!("status: {} for review, {} empty, the others ok", summary.review, summary.empty));
    voice.skipped(&summary.skipped);
}

/// `1 row`, `2 rows`.
fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
