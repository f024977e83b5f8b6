//! `stancewire suggest`

use std::io::Write;

use clap::{Args, ValueEnum};
use stancewire::batch::probability_columns;
use stancewire::corpus::{InputSpec, Output, Source};
use stancewire::curation::{SuggestParams, Suggestions, Uncertainty, suggest};
use stancewire::error::Result;
use stancewire::labels::LabelSet;
use stancewire::report;

use super::arguments::{ReadingArgs, ThreadArgs};
use super::model::ModelArgs;
use super::terminal::Voice;
use super::{Ending, overwrite};

/// Choose from unlabelled articles the sentences whose labels would teach the model most
///
/// Every sentence is labelled; the most uncertain ones are taken, no two of them alike, none like a sentence that is
/// labelled already, few from one document. Fill in the column `label` (the choices stand beside it) and pass the file to
/// train --add; rows that stay empty are left out there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire suggest news/ -n 50 --labelled labelled.csv -o to-label.csv
  stancewire suggest sentences.csv --no-split --model my.safetensors -o to-label.csv
  stancewire suggest news/ -n 200 --by random -o to-test.csv       a fair sample, to evaluate on
  stancewire train labelled.csv --add to-label.csv -o my.safetensors")]
pub struct SuggestArgs {
    /// Files, folders, patterns such as 'news/*.csv', or - for standard input
    #[arg(required = true, value_name = "POOL")]
    inputs: Vec<String>,
    /// How many sentences
    #[arg(long, short, value_name = "N", default_value_t = SuggestParams::default().number)]
    number: usize,
    /// Write the sentences to this CSV file; an older one is replaced only when all is done [default: standard output]
    #[arg(long, short, value_name = "FILE", default_value = "-", hide_default_value = true)]
    output: String,
    /// Pass over sentences that stand in this table, or nearly so, labelled or not; may be repeated [default: none]
    #[arg(long, value_name = "FILE")]
    labelled: Vec<String>,
    /// What makes a sentence worth a label: margin (the two best labels are close), entropy (all labels are), or random
    /// (nothing: a fair sample)
    #[arg(long, value_name = "HOW", value_enum, default_value_t = By::Margin)]
    by: By,
    /// The most sentences of one document (column doc_id, document, article_id or group; else each row or file is one)
    #[arg(long, value_name = "N", default_value_t = SuggestParams::default().per_document)]
    per_document: usize,
    /// From which share of common word 3-shingles (Jaccard) on two sentences are too much alike
    #[arg(long, value_name = "S", default_value_t = SuggestParams::default().similarity)]
    similarity: f64,
    /// Do not split: each text is one sentence [default: split into sentences]
    #[arg(long)]
    no_split: bool,
    /// Decides between equally uncertain sentences, and all of a random choice
    #[arg(long, value_name = "S", default_value_t = SuggestParams::default().seed)]
    seed: u64,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    Margin,
    Entropy,
    Random,
}

pub fn run(arguments: &SuggestArgs, voice: &Voice) -> Result<Ending> {
    arguments.threads.apply()?;
    overwrite::refuse(&arguments.output, arguments.inputs.iter().chain(&arguments.labelled))?;
    let model = arguments.model.open()?;
    let labelled = arguments.labelled_texts(voice)?;
    let labelled: Vec<&str> = labelled.iter().map(String::as_str).collect();
    let spec = arguments.reading.spec(&arguments.inputs, None);
    let source = Source::open(&spec)?;
    voice.notices(source.notices());
    if source.header().names() != ["doc_id", "text"] {
        voice.say(format_args!("text column: {}", source.text_column()?));
    }
    // Opened first, so that a folder that cannot be written to is found before the work and not after it.
    let mut output = Output::create(&arguments.output)?;
    let found = suggest(source, &spec.columns, model, &labelled, &arguments.params())?;
    let csv = report::suggestions_csv(&found, model.labels(), &probability_columns(model.labels()));
    let written = output.write_all(csv.as_bytes());
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    arguments.tell(&found, model.labels(), voice);
    Ok(Ending::Done)
}

impl SuggestArgs {
    fn params(&self) -> SuggestParams {
        SuggestParams {
            number: self.number,
            by: match self.by {
                By::Margin => Uncertainty::Margin,
                By::Entropy => Uncertainty::Entropy,
                By::Random => Uncertainty::Random,
            },
            per_document: self.per_document,
            similarity: self.similarity,
            split: !self.no_split,
            seed: self.seed,
            on_bad_row: self.reading.on_bad_row(),
        }
    }

    /// The texts of the tables that are labelled already, whose text column may have the name that was chosen or a usual
    /// one.
    fn labelled_texts(&self, voice: &Voice) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        for path in &self.labelled {
            let source =
                Source::open(&InputSpec { encoding: self.reading.encoding, ..InputSpec::of([path]) })?;
            voice.notices(source.notices());
            let chosen =
                self.reading.text_column.as_ref().filter(|name| source.header().index(name).is_some());
            let column = match chosen {
                Some(name) => source.header().require(name)?,
                None => source.text_column()?,
            };
            let mut documents = source.documents(&column, self.reading.on_bad_row());
            for document in documents.by_ref() {
                texts.push(document?.text().to_owned());
            }
            voice.skipped(documents.skipped());
        }
        Ok(texts)
    }

    fn tell(&self, found: &Suggestions, labels: &LabelSet, voice: &Voice) {
        voice.skipped(&found.skipped);
        let Suggestions { chosen, sentences, documents, known, empty, .. } = found;
        voice.say(format_args!(
            "pool: {sentences} sentences of {documents} documents; passed over: {known} labelled already, {empty} \
             without known words"
        ));
        let of = |label: usize| chosen.iter().filter(|found| found.label == label).count();
        let counts = labels.names().iter().enumerate().map(|(label, name)| format!("{name} {}", of(label)));
        let counts = counts.collect::<Vec<_>>().join(", ");
        voice.say(format_args!("chosen: {} sentences; the model takes them for: {counts}", chosen.len()));
        if chosen.len() < self.number {
            voice.warn(format_args!(
                "only {} of {} sentences found\n  raise --per-document or --similarity, or give a larger pool",
                chosen.len(),
                self.number
            ));
        }
    }
}
