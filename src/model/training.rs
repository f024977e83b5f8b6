//! From labelled texts to a model, by way of a cross-validation.

use sha2::{Digest, Sha256};

use super::card::{
    CrossValidationSummary, DataSummary, ModelCard, PrecisionRow, SolverChoice, TrainingParams,
};
use super::features::{Blocks, Counted, Extractor, FeatureParams};
use super::stance::{Parts, StanceModel, most_probable};
use crate::classifier::{
    Calibration, CalibrationWarning, ClassWeights, Fit, FitWarning, Problem, Scored, ThresholdChoice,
    ThresholdParams, Thresholds, fit_linfa, fit_sparse, linfa_cells,
};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{
    Clusters, Confusion, FoldOutput, Outcome, Probabilities, Warning, cross_validate, equal_width_bins,
    expected_calibration_error, grouped_stratified_folds, log_loss,
};
use crate::features::{CsrMatrix, CueLexicon};
use crate::labels::{LabelId, LabelSet};

/// The most cells of a dense matrix for which [`SolverChoice::Auto`] takes `linfa`: 2²⁴, a few seconds' work.
pub const LINFA_AUTO_CELLS: usize = 1 << 24;

/// Labelled texts, as training wants them: columns of equal length.
#[derive(Debug, Clone)]
pub struct TrainingData<'a> {
    /// What the data are called in the model card.
    pub name: &'a str,
    /// The sentences.
    pub texts: Vec<&'a str>,
    /// Their labels.
    pub gold: &'a [LabelId],
    /// The labels there are.
    pub labels: &'a LabelSet,
    /// What must stay together in the folds: equal numbers are of the same document, or near-duplicates.
    pub groups: Vec<u32>,
    /// The number of documents, where documents are known.
    pub documents: Option<usize>,
}

impl TrainingData<'_> {
    fn check(&self) -> Result<()> {
        let n = self.texts.len();
        if n == 0 {
            return Err(Error::new(ErrorKind::Empty, "no labelled rows to train on"));
        }
        if self.gold.len() != n || self.groups.len() != n {
            let what = format!("{n} texts, {} labels, {} groups", self.gold.len(), self.groups.len());
            return Err(Error::new(ErrorKind::Training, format!("{what}; expected one each")));
        }
        Ok(())
    }

    fn support(&self) -> Vec<usize> {
        self.labels.ids().map(|label| self.gold.iter().filter(|g| **g == label).count()).collect()
    }

    fn summary(&self) -> DataSummary {
        DataSummary {
            name: self.name.to_owned(),
            sha256: self.sha256(),
            rows: self.texts.len(),
            documents: self.documents,
            support: self.support(),
        }
    }

    /// SHA-256 over texts, labels and groups, each with its length, so that no two data sets look alike: what a
    /// model's card has as [`DataSummary::sha256`].
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for ((text, gold), group) in self.texts.iter().zip(self.gold).zip(&self.groups) {
            for part in [text.as_bytes(), self.labels.name(*gold).as_bytes(), &group.to_le_bytes()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        super::format::hex(&hash.finalize())
    }
}

/// What a cross-validation found: every row predicted by a model that has not seen its group.
#[derive(Debug, Clone)]
pub struct OutOfFoldResult {
    /// Gold and predicted label of each row.
    pub outcomes: Vec<Outcome>,
    /// Calibrated probabilities of each row. Calibration is fitted on the same out-of-fold scores.
    pub probabilities: Probabilities,
    /// Scores before calibration, row after row.
    pub scores: Vec<f64>,
    /// Whether each row stands at or above its threshold.
    pub accepted: Vec<bool>,
    /// How scores become probabilities.
    pub calibration: Calibration,
    /// From which confidence a label is taken without review.
    pub thresholds: Thresholds,
    /// What each threshold was chosen on.
    pub choices: Vec<ThresholdChoice>,
    /// The thresholds for other target precisions.
    pub precision_table: Vec<PrecisionRow>,
    /// The fold in which each row was tested.
    pub fold_of_row: Vec<u32>,
    /// The scores in short.
    pub summary: CrossValidationSummary,
    /// What to beware of.
    pub warnings: Vec<TrainingWarning>,
}

/// Something about a training that its user should know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TrainingWarning {
    /// About the folds.
    Folds(Warning),
    /// About a solver.
    Fit(FitWarning),
    /// About the calibration.
    Calibration(CalibrationWarning),
    /// No threshold reaches the target precision for this label, so all its rows are for review.
    NoThreshold {
        /// The label.
        label: String,
        /// The precision that was asked for.
        target: f64,
    },
}

impl std::fmt::Display for TrainingWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folds(w) => f.write_str(&w.message()),
            Self::Fit(w) => write!(f, "{w}"),
            Self::Calibration(w) => write!(f, "{w}"),
            Self::NoThreshold { label, target } => write!(
                f,
                "no confidence gives a precision of {target} for \"{label}\": all its rows will be marked for review"
            ),
        }
    }
}

impl TrainingWarning {
    /// What the user can do about it.
    #[must_use]
    pub fn advice(&self) -> &str {
        match self {
            Self::Folds(w) => w.advice(),
            Self::Fit(w) => w.advice(),
            Self::Calibration(w) => w.advice(),
            Self::NoThreshold { .. } => "label more rows of it, or ask for less with --target-precision",
        }
    }
}

/// A model with the cross-validation that went before it.
#[derive(Debug, Clone)]
pub struct Trained {
    /// The model, fitted on all rows.
    pub model: StanceModel,
    /// The cross-validation that chose its calibration and its thresholds.
    pub out_of_fold: OutOfFoldResult,
    /// What to beware of.
    pub warnings: Vec<TrainingWarning>,
}

/// Trains a model: cross-validation, calibration and thresholds on its out-of-fold scores, then a fit on all rows.
///
/// The same arguments give the same bytes on any number of threads.
///
/// # Errors
/// [`ErrorKind::Empty`] without rows; [`ErrorKind::Settings`] for settings out of range, more folds than groups among
/// them; [`ErrorKind::Training`] when no term is frequent enough, or a label has no row.
pub fn train(
    data: &TrainingData<'_>,
    features: FeatureParams,
    lexicon: Option<CueLexicon>,
    params: &TrainingParams,
) -> Result<Trained> {
    data.check()?;
    let extractor = Extractor::new(features, lexicon)?;
    let counted = extractor.count_all(&data.texts);
    let out_of_fold = cross_validate_counted(data, &extractor, &counted, params)?;
    let all: Vec<usize> = (0..data.texts.len()).collect();
    let blocks = Blocks::fit(&extractor, &counted, &all)?;
    let x = blocks.transform_rows(&counted, &all);
    let fit = fit_final(data, &x, params)?;
    let mut warnings = out_of_fold.warnings.clone();
    warnings.extend(fit.warnings.into_iter().map(TrainingWarning::Fit));
    let card = ModelCard {
        made_by: format!("stancewire {}", env!("CARGO_PKG_VERSION")),
        data: data.summary(),
        training: params.clone(),
        fit: fit.report,
        cross_validation: out_of_fold.summary.clone(),
        precision_table: out_of_fold.precision_table.clone(),
        natural_shares: natural_shares(data),
        search: Vec::new(),
    };
    let model = StanceModel::from_parts(Parts {
        labels: data.labels.clone(),
        extractor,
        blocks,
        coefficients: fit.coefficients,
        calibration: out_of_fold.calibration.clone(),
        thresholds: out_of_fold.thresholds.clone(),
        card,
    });
    Ok(Trained { model, out_of_fold, warnings })
}

/// The cross-validation of [`train`], without the final fit.
///
/// # Errors
/// Those of [`train`].
pub fn cross_validate_model(
    data: &TrainingData<'_>,
    features: FeatureParams,
    lexicon: Option<CueLexicon>,
    params: &TrainingParams,
) -> Result<OutOfFoldResult> {
    data.check()?;
    let extractor = Extractor::new(features, lexicon)?;
    let counted = extractor.count_all(&data.texts);
    cross_validate_counted(data, &extractor, &counted, params)
}

fn cross_validate_counted(
    data: &TrainingData<'_>,
    extractor: &Extractor,
    counted: &Counted,
    params: &TrainingParams,
) -> Result<OutOfFoldResult> {
    let k = data.labels.len();
    let folds = grouped_stratified_folds(&data.groups, data.gold, data.labels, params.folds, params.seed)?;
    let found = cross_validate(&folds, |split| {
        let blocks = Blocks::fit(extractor, counted, &split.train)?;
        let x = blocks.transform_rows(counted, &split.train);
        let y: Vec<LabelId> = split.train.iter().map(|&i| data.gold[i]).collect();
        let fit = fit_sparse(&problem(&x, &y, k, params), &params.stop, None)?;
        let tested = blocks.transform_rows(counted, &split.test);
        let scores = |i: usize| {
            let mut scores = vec![0.0; k];
            fit.coefficients.decision_into(tested.row(i), &mut scores);
            scores
        };
        Ok(FoldOutput { predictions: (0..split.test.len()).map(scores).collect(), report: fit.warnings })
    })?;
    let mut warnings: Vec<TrainingWarning> =
        folds.warnings().iter().cloned().map(TrainingWarning::Folds).collect();
    warnings.extend(found.reports.into_iter().flatten().take(1).map(TrainingWarning::Fit));
    judge(data, params, found.predictions.concat(), folds.of_row().to_vec(), warnings)
}

/// Calibration, thresholds and scores from the out-of-fold scores.
fn judge(
    data: &TrainingData<'_>,
    params: &TrainingParams,
    scores: Vec<f64>,
    fold_of_row: Vec<u32>,
    mut warnings: Vec<TrainingWarning>,
) -> Result<OutOfFoldResult> {
    let k = data.labels.len();
    let (calibration, told) = Calibration::fit(params.calibration, &scores, data.gold, k)?;
    warnings.extend(told.into_iter().map(TrainingWarning::Calibration));
    let mut values = scores.clone();
    values.chunks_exact_mut(k).for_each(|row| calibration.apply(row));
    let judged: Vec<Scored> = values
        .chunks_exact(k)
        .zip(data.gold)
        .map(|(row, &gold)| {
            let predicted = most_probable(data.labels, row);
            Scored { gold, predicted, confidence: row[predicted.index()] }
        })
        .collect();
    let (thresholds, choices) = Thresholds::choose(&params.thresholds, &judged, data.labels)?;
    let precision_table = precision_table(params, &judged, data.labels)?;
    for choice in choices.iter().filter(|c| c.threshold.is_none()) {
        let label = data.labels.name(choice.label).to_owned();
        warnings.push(TrainingWarning::NoThreshold { label, target: params.thresholds.target_precision });
    }
    let outcomes: Vec<Outcome> =
        judged.iter().map(|s| Outcome { gold: s.gold, predicted: s.predicted }).collect();
    let accepted: Vec<bool> = judged.iter().map(|s| thresholds.accepts(s.predicted, s.confidence)).collect();
    let probabilities = Probabilities::new(k, values)?;
    let summary = summarize(data, params, &judged, &accepted, &probabilities);
    Ok(OutOfFoldResult {
        outcomes,
        probabilities,
        scores,
        accepted,
        calibration,
        thresholds,
        choices,
        precision_table,
        fold_of_row,
        summary,
        warnings,
    })
}

/// The target precisions for which thresholds are stored in the model.
const TARGETS: [f64; 12] = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99];

fn precision_table(
    params: &TrainingParams,
    scored: &[Scored],
    labels: &LabelSet,
) -> Result<Vec<PrecisionRow>> {
    let row = |target: f64| {
        let params = ThresholdParams { target_precision: target, ..params.thresholds.clone() };
        let (thresholds, _) = Thresholds::choose(&params, scored, labels)?;
        Ok(PrecisionRow { target, thresholds })
    };
    TARGETS.into_iter().map(row).collect()
}

/// The fewest rows that make a document running text rather than a sample of sentences.
const RUNNING_TEXT_ROWS: usize = 5;

/// The share of each label among the rows of documents of at least [`RUNNING_TEXT_ROWS`] rows.
///
/// `None` without such documents, or when a label does not occur in them.
fn natural_shares(data: &TrainingData<'_>) -> Option<Vec<f64>> {
    let clusters = Clusters::of_documents(&data.groups);
    let mut sizes = vec![0_usize; clusters.len()];
    clusters.of_row().iter().for_each(|&c| sizes[c as usize] += 1);
    let mut counts = vec![0_usize; data.labels.len()];
    for (&cluster, gold) in clusters.of_row().iter().zip(data.gold) {
        counts[gold.index()] += usize::from(sizes[cluster as usize] >= RUNNING_TEXT_ROWS);
    }
    let total: usize = counts.iter().sum();
    counts.iter().all(|&n| n > 0).then(|| counts.iter().map(|&n| n as f64 / total as f64).collect())
}

fn summarize(
    data: &TrainingData<'_>,
    params: &TrainingParams,
    scored: &[Scored],
    accepted: &[bool],
    probabilities: &Probabilities,
) -> CrossValidationSummary {
    let outcomes = scored.iter().map(|s| Outcome { gold: s.gold, predicted: s.predicted });
    let confusion = Confusion::from_outcomes(data.labels, outcomes);
    let correct: Vec<bool> = scored.iter().map(|s| s.gold == s.predicted).collect();
    let confidence: Vec<f64> = scored.iter().map(|s| s.confidence).collect();
    let kept = accepted.iter().filter(|a| **a).count();
    let kept_correct = accepted.iter().zip(&correct).filter(|(a, c)| **a && **c).count();
    let share = |n: usize, of: usize| if of == 0 { 0.0 } else { n as f64 / of as f64 };
    CrossValidationSummary {
        folds: params.folds,
        macro_f1: confusion.macro_average().map_or(0.0, |a| a.f1),
        accuracy: confusion.accuracy().or_zero(),
        log_loss: log_loss(data.gold, probabilities).unwrap_or_default(),
        ece: expected_calibration_error(&equal_width_bins(&confidence, &correct, 15)).unwrap_or_default(),
        coverage: share(kept, scored.len()),
        accepted_accuracy: share(kept_correct, kept),
        confusion: (0..data.labels.len()).map(|gold| confusion.row(gold).to_vec()).collect(),
    }
}

fn problem<'a>(x: &'a CsrMatrix, y: &'a [LabelId], n_classes: usize, params: &TrainingParams) -> Problem<'a> {
    Problem {
        x,
        y,
        n_classes,
        sample_weight: None,
        class_weight: params.class_weights.clone(),
        alpha: params.alpha,
    }
}

fn fit_final(data: &TrainingData<'_>, x: &CsrMatrix, params: &TrainingParams) -> Result<Fit> {
    let problem = problem(x, data.gold, data.labels.len(), params);
    let linfa = match params.solver {
        SolverChoice::Linfa => true,
        SolverChoice::Sparse => false,
        SolverChoice::Auto => {
            params.class_weights == ClassWeights::Uniform && linfa_cells(x) <= LINFA_AUTO_CELLS
        }
    };
    if linfa { fit_linfa(&problem, &params.stop) } else { fit_sparse(&problem, &params.stop, None) }
}
