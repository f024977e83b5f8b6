//! `stancewire crossval`

use clap::Args;
use stancewire::error::Result;
use stancewire::model::cross_validate_model;

use super::Ending;
use super::html::HtmlArgs;
use super::reporting::ReportArgs;
use super::rows::tell_warnings;
use super::terminal::Voice;
use super::training::TrainingArgs;

/// Cross-validate on rows that people labelled, without keeping a model
///
/// The settings are those of train, and so are the scores: each row is labelled by a model that has seen neither its
/// document nor a near-duplicate of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire crossval labelled.csv
  stancewire crossval labelled.csv --alpha 0.2 --by source --predictions out-of-fold.csv
  stancewire crossval labelled.csv --report report.html    a page with plots and errors
  stancewire crossval labelled.csv --cues none --json | jq .macro_average.f1.value")]
pub struct CrossvalArgs {
    #[command(flatten)]
    training: TrainingArgs,
    /// Break the scores down by the values of this column; may be repeated [default: no breakdown]
    #[arg(long, value_name = "COLUMN")]
    by: Vec<String>,
    /// Write the out-of-fold prediction of each row to this CSV file [default: do not]
    #[arg(long, value_name = "FILE")]
    predictions: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    html: HtmlArgs,
}

pub fn run(arguments: &CrossvalArgs, voice: &Voice) -> Result<Ending> {
    let training = &arguments.training;
    training.threads.apply()?;
    let page =
        arguments.html.open(&[Some(arguments.report.output.as_str()), arguments.predictions.as_deref()])?;
    let rows = training.read(voice)?;
    rows.check_columns(&arguments.by)?;
    let lexicon = training.lexicon(rows.labels(), voice)?;
    let found = cross_validate_model(&rows.data(), training.features(), lexicon, &training.params())?;
    if let Some(path) = &arguments.predictions {
        rows.write_predictions(&found, path)?;
    }
    let evaluation = rows.evaluate(&found, &arguments.by)?;
    arguments.report.write(&evaluation)?;
    let html = arguments.html.is_wanted().then(|| rows.html(&found, &evaluation, &arguments.by, None));
    page.write(html.as_deref())?;
    tell_warnings(&found.warnings, voice);
    Ok(Ending::Done)
}
