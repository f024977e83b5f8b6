//! `stancewire agree`

use std::path::Path;

use clap::Args;
use stancewire::corpus::{Annotations, InputSpec};
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::eval::{Agreement, AgreementInput};
use stancewire::report::agreement;

use super::Ending;
use super::arguments::{ReadingArgs, ThreadArgs};
use super::forms::{BootstrapArgs, FormArgs};
use super::reporting::Renderers;
use super::rows::data_name;
use super::terminal::Voice;

/// Tell how far annotators agree, over all and on each label, and list the rows to adjudicate
///
/// Percent agreement, Cohen's kappa, Fleiss' kappa and Krippendorff's alpha (nominal), with intervals from resampling whole
/// documents where there is a group column, else rows. An empty label is a missing one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire agree anna.csv ben.csv -o adjudicate.csv
  stancewire agree anna.csv ben.csv eva.csv --id-column doc_id,sentence_no --json > agreement.json
  stancewire agree coded.csv --columns anna,ben,eva")]
pub struct AgreeArgs {
    /// One table per annotator, or one table with --columns
    #[arg(required = true, value_name = "TABLE")]
    inputs: Vec<String>,
    /// The label columns of the annotators, if all stand in one table [default: one table per annotator]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', conflicts_with = "label_column")]
    columns: Vec<String>,
    /// Write the rows with different labels to this CSV file, with an empty label column to fill in [default: do not]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    bootstrap: BootstrapArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    /// The column with the label [default: label, stance, class or gold]
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    label_column: Option<String>,
    /// The columns that tell rows apart, by which tables are joined [default: id, else id or doc_id with sentence_no; without
    /// them the order of the rows, if the texts are the same]
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', help_heading = "Reading")]
    id_column: Vec<String>,
    /// The column that tells documents apart [default: doc_id, document, article_id or group; without one, each row counts as
    /// a document]
    #[arg(long, value_name = "NAME", help_heading = "Reading")]
    group_column: Option<String>,
}

/// How many ids of absent rows are named.
const NAMED: usize = 5;

pub fn run(arguments: &AgreeArgs, voice: &Voice) -> Result<Ending> {
    arguments.threads.apply()?;
    let bootstrap = arguments.bootstrap.params()?;
    let annotations = arguments.read()?;
    tell_of(&annotations, arguments.columns.is_empty(), voice);
    let documents = annotations.documents();
    let found = Agreement::new(&AgreementInput {
        data: &data_name(arguments.inputs.iter()),
        annotators: annotations.names(),
        labels: annotations.labels(),
        ratings: annotations.ratings(),
        documents: documents.as_deref(),
        bootstrap: Some(bootstrap),
    })?;
    if let Some(path) = &arguments.output {
        let rows = annotations.write_disagreements(path)?;
        voice.say(format_args!("{path}: {rows} {} to adjudicate", if rows == 1 { "row" } else { "rows" }));
    }
    let renderers = Renderers {
        text: agreement::text,
        markdown: agreement::markdown,
        csv: agreement::csv,
        json: agreement::json,
    };
    arguments.form.write(&found, &renderers)?;
    Ok(Ending::Done)
}

impl AgreeArgs {
    fn read(&self) -> Result<Annotations> {
        let on_bad = self.reading.on_bad_row();
        if self.columns.is_empty() {
            let names = annotator_names(&self.inputs);
            let inputs: Vec<_> =
                names.into_iter().zip(self.inputs.iter().map(|input| self.spec(input))).collect();
            return Annotations::of_files(&inputs, &self.id_column, on_bad);
        }
        match self.inputs.as_slice() {
            [input] => Annotations::of_columns(&self.spec(input), &self.columns, &self.id_column, on_bad),
            inputs => Err(Error::new(
                ErrorKind::Settings,
                format!("{} tables with --columns; expected one that has all the columns", inputs.len()),
            )
            .advise("leave out --columns if each table has the labels of one annotator")),
        }
    }

    fn spec(&self, input: &str) -> InputSpec {
        let mut spec = self.reading.spec(&[input.to_owned()], None);
        spec.columns.label.clone_from(&self.label_column);
        spec.columns.group.clone_from(&self.group_column);
        spec
    }
}

/// The file names without folder and ending; a name that is taken gets a number.
fn annotator_names(inputs: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for input in inputs {
        let file = Path::new(input)
            .file_name()
            .map_or_else(|| input.clone(), |name| name.to_string_lossy().into_owned());
        let stem = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(&file).to_owned();
        let stem = if input == "-" { "stdin".to_owned() } else { stem };
        let mut name = stem.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{stem}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// What was decided and found on the way.
fn tell_of(annotations: &Annotations, by_file: bool, voice: &Voice) {
    voice.notices(annotations.notices());
    let labels: Vec<String> = annotations.label_columns().iter().map(ToString::to_string).collect();
    voice.say(format_args!("columns: label = {}", labels.join(", ")));
    if by_file {
        match annotations.key() {
            [] => voice.say("rows are joined in their order; the texts are the same"),
            key => voice.say(format_args!("rows are joined by {}", key.join(", "))),
        }
    }
    for (number, name) in annotations.names().iter().enumerate() {
        let absent = annotations.absent(number);
        if !absent.is_empty() {
            voice.warn(format_args!("{name} lacks {}", listed(&absent)));
        }
    }
    let texts: Vec<&str> = annotations.other_texts().iter().map(String::as_str).collect();
    if !texts.is_empty() {
        voice.warn(format_args!("the text is not the same in all tables in {}", listed(&texts)));
    }
    for skipped in annotations.skipped() {
        voice.skipped(skipped);
    }
}

fn listed(ids: &[&str]) -> String {
    let shown = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = if ids.len() > NAMED { ", …" } else { "" };
    format!("{} {}: {shown}{more}", ids.len(), if ids.len() == 1 { "row" } else { "rows" })
}
