//! The whole result of judging a model on gold rows, as plain data.

use serde::{Serialize, Serializer};

use super::estimates::Estimates;
use super::{
    AverageEstimates, BootstrapParams, Breakdown, ClassEstimates, Clusters, Confusion, Estimate,
    FEW_DOCUMENTS, MISCALIBRATED, Outcome, Probabilities, ProbabilityResult, RARE_SUPPORT, RatioEstimate,
    RowStatus, StatusCounts, Warning, brier_terms, log_loss_terms,
};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{LabelId, LabelSet};

/// Everything an [`Evaluation`] is made from. Only the first four fields are needed; set the others as they are known.
///
/// All slices have one entry per row, in the same order.
#[derive(Debug, Clone)]
pub struct EvaluationInput<'a> {
    /// What the model is called in the report.
    pub model: &'a str,
    /// What the data are called in the report, such as a file name or "cross-validation, 5 folds, of train.csv".
    pub data: &'a str,
    /// The labels of gold and predictions together.
    pub labels: &'a LabelSet,
    /// What each row is and what the model said.
    pub outcomes: &'a [Outcome],
    /// The document of each row; equal numbers are one document.
    pub documents: Option<&'a [u32]>,
    /// The model's probabilities of each row. The confidence of a row is the probability of its predicted label.
    pub probabilities: Option<&'a Probabilities>,
    /// What became of each row.
    pub status: Option<&'a [RowStatus]>,
    /// Columns to break the scores down by: name and value of each row.
    pub columns: &'a [(String, Vec<String>)],
    /// How intervals are made; `None` for none.
    pub bootstrap: Option<BootstrapParams>,
    /// Warnings of earlier steps (folds, solver), shown before those of the evaluation itself.
    pub warnings: Vec<Warning>,
}

impl<'a> EvaluationInput<'a> {
    /// The input with what is always needed, default intervals, and nothing else known.
    #[must_use]
    pub fn new(model: &'a str, data: &'a str, labels: &'a LabelSet, outcomes: &'a [Outcome]) -> Self {
        Self {
            model,
            data,
            labels,
            outcomes,
            documents: None,
            probabilities: None,
            status: None,
            columns: &[],
            bootstrap: Some(BootstrapParams::default()),
            warnings: Vec::new(),
        }
    }
}

/// How well a model does on gold rows: plain data, to be rendered by [`report`](crate::report).
///
/// Made by [`Evaluation::new`]. Undefined scores (0/0) are `None`. See [`report::json`](crate::report::json) for the
/// names of the fields in files.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// What the model is called.
    pub model: String,
    /// What the data are called.
    pub data: String,
    /// The number of rows.
    pub rows: u64,
    /// The number of documents, if known.
    pub documents: Option<u64>,
    /// How the intervals were made; `None` when there are none.
    pub intervals: Option<IntervalMethod>,
    /// The share of right labels.
    pub accuracy: RatioEstimate,
    /// The mean over labels; see [`Confusion::macro_average`].
    pub macro_average: AverageEstimates,
    /// The mean weighted by support; see [`Confusion::weighted_average`].
    pub weighted_average: AverageEstimates,
    /// Cohen's κ; see [`Confusion::kappa`].
    pub kappa: Estimate,
    /// Matthews correlation; see [`Confusion::mcc`].
    pub mcc: Estimate,
    /// The metrics of each label, in label order.
    pub labels: Vec<ClassEstimates>,
    /// Which labels were taken for which.
    pub confusion: NamedConfusion,
    /// Scores of the probabilities, if there were any.
    pub probability: Option<ProbabilityResult>,
    /// The rows of each status, if known.
    pub status: Option<StatusCounts>,
    /// The scores by the values of columns.
    pub breakdowns: Vec<Breakdown>,
    /// What to know before trusting the scores.
    #[serde(serialize_with = "with_text")]
    pub warnings: Vec<Warning>,
}

/// How intervals were made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct IntervalMethod {
    /// The share of resamples inside.
    pub level: f64,
    /// The number of resamples.
    pub replicates: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// What was drawn.
    pub unit: ResamplingUnit,
    /// How many units there are. With fewer than two there are no intervals.
    pub units: u64,
}

impl IntervalMethod {
    /// Resamples of `clusters`, which are documents if those are known.
    pub(super) fn new(params: &BootstrapParams, documents_known: bool, clusters: &Clusters) -> Self {
        Self {
            level: params.level,
            replicates: params.replicates,
            seed: params.seed,
            unit: if documents_known { ResamplingUnit::Document } else { ResamplingUnit::Row },
            units: clusters.len() as u64,
        }
    }
}

/// What a bootstrap draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResamplingUnit {
    /// Whole documents.
    Document,
    /// Single rows, because documents are not known.
    Row,
}

/// A confusion table that knows the names of its labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedConfusion {
    /// The labels, naming rows and columns alike.
    pub labels: Vec<String>,
    /// The counts: one row per gold label, one column per predicted label.
    pub counts: Vec<Vec<u64>>,
}

impl NamedConfusion {
    pub(super) fn new(labels: &[String], table: &Confusion) -> Self {
        let counts = (0..labels.len()).map(|gold| table.row(gold).to_vec()).collect();
        Self { labels: labels.to_vec(), counts }
    }
}

impl Evaluation {
    /// Judges the predictions in `input`.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] without rows; [`ErrorKind::Settings`] when a column of the input has another number of rows,
    /// when the probabilities are of another number of labels, or as [`BootstrapParams::check`].
    ///
    /// # Panics
    /// When an outcome has a label of a larger set.
    ///
    /// ```
    /// use stancewire::eval::{Evaluation, EvaluationInput, Outcome};
    /// use stancewire::labels::LabelSet;
    ///
    /// let labels = LabelSet::new(["none", "threat"])?;
    /// let (none, threat) = (labels.require("none")?, labels.require("threat")?);
    /// let outcomes = [
    ///     Outcome { gold: threat, predicted: threat },
    ///     Outcome { gold: none, predicted: threat },
    ///     Outcome { gold: none, predicted: none },
    /// ];
    /// let mut input = EvaluationInput::new("my model", "gold.csv", &labels, &outcomes);
    /// input.documents = Some(&[1, 1, 2]);
    /// let evaluation = Evaluation::new(input)?;
    /// assert_eq!(evaluation.labels[1].precision.ratio.value(), Some(0.5));
    /// println!("{}", stancewire::report::text(&evaluation));
    /// # Ok::<(), stancewire::error::Error>(())
    /// ```
    pub fn new(input: EvaluationInput<'_>) -> Result<Self> {
        check(&input)?;
        let EvaluationInput { labels, outcomes, .. } = input;
        let table = Confusion::from_outcomes(labels, outcomes.iter().copied());
        let clusters =
            input.documents.map_or_else(|| Clusters::of_rows(outcomes.len()), Clusters::of_documents);
        let estimates = estimate(&input, &clusters)?;
        let mut evaluation = Self {
            model: input.model.to_owned(),
            data: input.data.to_owned(),
            rows: outcomes.len() as u64,
            documents: input.documents.map(|_| clusters.len() as u64),
            intervals: input
                .bootstrap
                .map(|params| IntervalMethod::new(&params, input.documents.is_some(), &clusters)),
            accuracy: estimates.accuracy,
            macro_average: estimates.macro_average,
            weighted_average: estimates.weighted_average,
            kappa: estimates.kappa,
            mcc: estimates.mcc,
            labels: estimates.classes,
            confusion: NamedConfusion::new(labels.names(), &table),
            probability: input
                .probabilities
                .map(|table| ProbabilityResult::new(labels, outcomes, table, &estimates.means)),
            status: input.status.map(|status| StatusCounts::new(outcomes, status)),
            breakdowns: breakdowns(&input),
            warnings: input.warnings,
        };
        let own = evaluation.own_warnings();
        evaluation.warnings.extend(own);
        Ok(evaluation)
    }

    /// What the scores themselves give reason to warn about.
    fn own_warnings(&self) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self.labels.iter().filter_map(warn_of_label).collect();
        match (self.documents, &self.intervals) {
            (Some(documents), _) if documents < FEW_DOCUMENTS => {
                warnings.push(Warning::FewDocuments { documents });
            }
            (None, Some(_)) => warnings.push(Warning::DocumentsUnknown),
            _ => {}
        }
        warnings.extend(self.warn_of_majority());
        let error = self.probability.as_ref().and_then(|p| p.calibration_error_equal_mass);
        if let Some(error) = error.filter(|&error| error > MISCALIBRATED && self.rows >= 100) {
            warnings.push(Warning::Miscalibrated { error });
        }
        warnings
    }

    fn warn_of_majority(&self) -> Option<Warning> {
        // The first of equally frequent labels.
        let majority = self.labels.iter().rev().max_by_key(|class| class.support)?;
        let accuracy = self.accuracy.ratio;
        (accuracy.num() <= majority.support).then(|| Warning::NoBetterThanMajority {
            label: majority.label.clone(),
            share: majority.support as f64 / self.rows as f64,
            accuracy: accuracy.or_zero(),
        })
    }
}

fn warn_of_label(class: &ClassEstimates) -> Option<Warning> {
    let (label, support, predicted) = (class.label.clone(), class.support, class.predicted);
    match (support, predicted) {
        (0, _) => Some(Warning::LabelWithoutGold { label, predicted }),
        (_, 0) => Some(Warning::LabelNeverPredicted { label, support }),
        _ => (support < RARE_SUPPORT).then_some(Warning::RareLabel { label, support }),
    }
}

fn check(input: &EvaluationInput<'_>) -> Result<()> {
    let rows = input.outcomes.len();
    if rows == 0 {
        return Err(Error::new(ErrorKind::Empty, "no rows to evaluate")
            .advise("are there rows with a gold label in the data?"));
    }
    let same = |what: &str, found: usize| {
        let refuse =
            || Error::new(ErrorKind::Settings, format!("{found} {what} for {rows} rows; expected one each"));
        if found == rows { Ok(()) } else { Err(refuse()) }
    };
    same("document numbers", input.documents.map_or(rows, <[u32]>::len))?;
    same("rows of probabilities", input.probabilities.map_or(rows, Probabilities::n_rows))?;
    same("statuses", input.status.map_or(rows, <[RowStatus]>::len))?;
    for (name, values) in input.columns {
        same(&format!("values of \"{name}\""), values.len())?;
    }
    let labels = input.labels.len();
    match input.probabilities.map(Probabilities::n_labels) {
        Some(columns) if columns != labels => Err(Error::new(
            ErrorKind::Settings,
            format!("probabilities of {columns} labels; expected {labels}, one for each label"),
        )),
        _ => Ok(()),
    }
}

/// The scores with intervals; the terms of the probabilities' scores come as log loss, Brier.
fn estimate(input: &EvaluationInput<'_>, clusters: &Clusters) -> Result<Estimates> {
    let gold: Vec<LabelId> = input.outcomes.iter().map(|outcome| outcome.gold).collect();
    let terms = input.probabilities.map(|table| [log_loss_terms(&gold, table), brier_terms(&gold, table)]);
    let terms: Vec<&[f64]> = terms.iter().flatten().map(Vec::as_slice).collect();
    let bootstrap = input.bootstrap.as_ref().map(|params| (clusters, params));
    Estimates::new(input.labels, input.outcomes, &terms, bootstrap)
}

fn breakdowns(input: &EvaluationInput<'_>) -> Vec<Breakdown> {
    let breakdown = |(name, values): &(String, Vec<String>)| {
        Breakdown::new(name, values, input.outcomes, input.labels.len())
    };
    input.columns.iter().map(breakdown).collect()
}

/// Warnings with their text beside their fields, so that a reader of the file needs no table of codes.
pub(super) fn with_text<S: Serializer>(
    warnings: &[Warning],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct WithText<'a> {
        #[serde(flatten)]
        warning: &'a Warning,
        message: String,
        advice: &'static str,
    }
    serializer.collect_seq(warnings.iter().map(|warning| WithText {
        warning,
        message: warning.message(),
        advice: warning.advice(),
    }))
}

#[cfg(test)]
#[path = "evaluation_tests.rs"]
mod tests;
