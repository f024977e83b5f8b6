//! `stancewire audit`

use clap::Args;
use stancewire::corpus::{Dataset, SkippedRows, Source};
use stancewire::curation::{Audit, AuditInput, AuditRow};
use stancewire::error::{Error, Result};
use stancewire::model::{OutOfFoldResult, cross_validate_model};
use stancewire::report;

use super::rows::{Rows, tell_warnings};
use super::terminal::Voice;
use super::training::TrainingArgs;
use super::{Ending, overwrite, reporting};

/// Find what is wrong with labelled rows: probable label errors, contradictions, duplicates, leaks, outliers
///
/// Label errors are found by confident learning: each row is judged by models that have seen neither its document nor a
/// near-duplicate of it, and a row is suspicious when they are as confident of another label as they usually are of that
/// label's own rows. What is found is for a person to look at; nothing is changed. Rows that cannot be used are findings
/// too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire audit labelled.csv
  stancewire audit labelled.csv --top 30 -o findings.csv
  stancewire audit train.csv --against test.csv --no-model     only what needs no training
  stancewire audit all.csv --split-column fold --json | jq '.findings[].kind'")]
pub struct AuditArgs {
    #[command(flatten)]
    training: TrainingArgs,
    /// Report documents and texts that this table (labelled or not) has in common with the audited one; may be repeated
    /// [default: none]
    #[arg(long, value_name = "FILE")]
    against: Vec<String>,
    /// Report documents and texts that have rows of different values in this column, such as train and test, or folds
    /// [default: no division]
    #[arg(long, value_name = "COLUMN")]
    split_column: Option<String>,
    /// From which share of common word 3-shingles (Jaccard) on two texts are nearly the same
    #[arg(long, value_name = "S", default_value_t = 0.8)]
    similarity: f64,
    /// Train no models and look for no label errors [default: look for them]
    #[arg(long)]
    no_model: bool,
    /// How many findings of each kind the summary shows
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// Print everything as JSON [default: a summary as text]
    #[arg(long)]
    json: bool,
    /// Write all findings to this CSV file, one row each; - for standard output, in place of the summary [default: do
    /// not]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
}

pub fn run(arguments: &AuditArgs, voice: &Voice) -> Result<Ending> {
    let AuditArgs { training, against, similarity, .. } = arguments;
    training.threads.apply()?;
    if let Some(path) = &arguments.output {
        overwrite::refuse(path, training.paths().chain(against))?;
    }
    let rows = training.read_usable(voice)?;
    let audited = arguments.rows(&rows)?;
    let others = arguments.others(&rows, voice)?;
    let out_of_fold = arguments.cross_validate(&rows, voice)?;
    let unusable: Vec<&Error> = rows.datasets().iter().flat_map(|data| data.skipped().first()).collect();
    tell_unlisted(&rows, voice);
    let audit = Audit::new(&AuditInput {
        name: rows.name(),
        labels: rows.labels(),
        rows: &audited,
        others: &others,
        out_of_fold: out_of_fold.as_ref().map(|found| &found.probabilities),
        unusable: &unusable,
        similarity: *similarity,
    })?;
    arguments.write(&audit)?;
    Ok(Ending::Done)
}

/// Says how many unusable rows are no findings, as too many are known to list them all.
fn tell_unlisted(rows: &Rows, voice: &Voice) {
    let unlisted = |data: &Dataset| data.skipped().count() - data.skipped().first().len() as u64;
    let unlisted: u64 = rows.datasets().iter().map(unlisted).sum();
    if unlisted > 0 {
        voice.warn(format_args!(
            "{unlisted} more unusable rows are not listed\n  only the first {} of a table are: mend these and look again",
            SkippedRows::KEPT
        ));
    }
}

impl AuditArgs {
    /// The rows under audit, divided by the split column.
    fn rows(&self, rows: &Rows) -> Result<Vec<AuditRow>> {
        let all = rows.datasets().iter().flat_map(|data| AuditRow::of_dataset(data, rows.name()));
        let mut all: Vec<AuditRow> = all.collect();
        if let Some(name) = &self.split_column {
            for (_, cells) in rows.columns(std::slice::from_ref(name))? {
                for (row, cell) in all.iter_mut().zip(cells) {
                    row.part = format!("{name} {cell}");
                }
            }
        }
        Ok(all)
    }

    fn others(&self, rows: &Rows, voice: &Voice) -> Result<Vec<AuditRow>> {
        let mut others = Vec::new();
        for path in &self.against {
            let mut spec = self.training.spec_of(path);
            let text = spec.columns.text.take();
            let mut source = Source::open(&spec)?;
            // The other table may have a column of that name, or one that is found by its own.
            if text.as_ref().is_some_and(|name| source.header().index(name).is_some()) {
                spec.columns.text = text;
                source = Source::open(&spec)?;
            }
            voice.notices(source.notices());
            let part = if path == rows.name() { format!("{path} (--against)") } else { path.clone() };
            let (found, skipped) = AuditRow::of_source(source, &spec.columns, &part)?;
            voice.skipped(&skipped);
            others.extend(found);
        }
        Ok(others)
    }

    fn cross_validate(&self, rows: &Rows, voice: &Voice) -> Result<Option<OutOfFoldResult>> {
        if self.no_model {
            return Ok(None);
        }
        let training = &self.training;
        let lexicon = training.lexicon(rows.labels(), voice)?;
        let found = cross_validate_model(&rows.data(), training.features(), lexicon, &training.params());
        let advice = "pass --no-model to look for everything but label errors";
        let found = found.map_err(|error| match error.advice().map(|own| format!("{own}, or {advice}")) {
            Some(both) => Error::new(error.kind(), error.what()).at(error.place().clone()).advise(both),
            None => error.advise(advice),
        })?;
        tell_warnings(&found.warnings, voice);
        Ok(Some(found))
    }

    fn write(&self, audit: &Audit) -> Result<()> {
        if let Some(path) = &self.output {
            reporting::write(path, report::audit_csv(audit).as_bytes())?;
        }
        match (self.json, self.output.as_deref()) {
            (true, _) => reporting::print(&report::audit_json(audit)),
            (false, Some("-")) => Ok(()),
            (false, _) => reporting::print(&report::audit_text(audit, self.top)),
        }
    }
}
