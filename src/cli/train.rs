//! `stancewire train`

use std::io::Write;

use clap::Args;
use stancewire::classifier::FitReport;
use stancewire::corpus::Output;
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::model::{SearchTrial, search_and_train, train};
use stancewire::report;

use super::html::HtmlArgs;
use super::model::sha256;
use super::rows::tell_warnings;
use super::terminal::Voice;
use super::training::TrainingArgs;
use super::{Ending, reporting};

/// Train a model on rows that people labelled, and report how good it is on rows it has not seen
///
/// First comes a cross-validation: each row is labelled by a model that has seen neither its document nor a
/// near-duplicate of it. It chooses the calibration of the probabilities and the thresholds, and its report goes to
/// standard output. Then the model is fitted on all rows and written. The same rows and settings give the same file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire train labelled.csv -o my.safetensors
  stancewire train sentences.csv --add articles.csv --group-column doc_id -o my.safetensors
  stancewire train reviews.csv --label-column mood --cues none -o mood.safetensors")]
pub struct TrainArgs {
    #[command(flatten)]
    training: TrainingArgs,
    /// Write the model to this file; an older one is replaced only when all is done
    #[arg(long, short, value_name = "MODEL")]
    output: String,
    /// Choose n-gram lengths, --min-df, --alpha and --cue-weight by cross-validation: 18 trials around the given settings,
    /// on the same folds; the highest macro-F1 wins, and among those within 0.002 of it the least log loss. The trials are
    /// recorded in the model [default: off]
    #[arg(long)]
    search: bool,
    /// Report the cross-validation as JSON [default: as text]
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    html: HtmlArgs,
}

pub fn run(arguments: &TrainArgs, voice: &Voice) -> Result<Ending> {
    let TrainArgs { training, output: path, search, json, html } = arguments;
    if path == "-" {
        return Err(Error::new(
            ErrorKind::Settings,
            "the report goes to standard output, so the model cannot",
        )
        .advise("name a file after -o"));
    }
    training.threads.apply()?;
    let page = html.open(&[Some(path.as_str())])?;
    let rows = training.read(voice)?;
    // Opened first, so that a folder that cannot be written to is found before the work and not after it.
    let mut output = Output::create(path)?;
    let lexicon = training.lexicon(rows.labels(), voice)?;
    let (features, params) = (training.features(), training.params());
    let trained = if *search {
        let tell = |trial: &SearchTrial| tell_trial(trial, voice);
        search_and_train(&rows.data(), features, lexicon, &params, &training.space()?, tell)?
    } else {
        train(&rows.data(), features, lexicon, &params)?
    };
    let evaluation = rows.evaluate(&trained.out_of_fold, &[])?;
    reporting::print(&if *json { report::json(&evaluation) } else { report::text(&evaluation) })?;
    let html =
        html.is_wanted().then(|| rows.html(&trained.out_of_fold, &evaluation, &[], Some(&trained.model)));
    tell_warnings(&trained.warnings, voice);
    tell_fit(&trained.model.card().fit, voice);
    let bytes = trained.model.to_bytes()?;
    let written = output.write_all(&bytes);
    written.map_err(|error| output.error(error))?;
    output.finish()?;
    page.write(html.as_deref())?;
    voice.say(format_args!("written: {path}, {} bytes, SHA-256 {}", bytes.len(), sha256(&bytes)));
    Ok(Ending::Done)
}

fn tell_trial(trial: &SearchTrial, voice: &Voice) {
    let SearchTrial { alpha, cue_weight, min_df, ngrams, macro_f1, log_loss } = trial;
    voice.say(format_args!(
        "tried: n-grams {ngrams}, min-df {min_df}, alpha {alpha}, cue weight {cue_weight}: \
         macro-F1 {macro_f1:.4}, log loss {log_loss:.4}"
    ));
}

fn tell_fit(fit: &FitReport, voice: &Voice) {
    let iterations = fit.iterations.map_or_else(String::new, |n| format!(", {n} iterations"));
    voice.say(format_args!(
        "fit: {} solver{iterations}, gradient norm {:.2e}, objective {:.6}, {}",
        fit.solver,
        fit.gradient_norm,
        fit.objective,
        if fit.converged { "converged" } else { "NOT converged" }
    ));
}
