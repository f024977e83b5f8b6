//! What a model tells about itself: where it comes from and how good it is.

use serde::{Deserialize, Serialize};

use crate::classifier::{
    CalibrationMethod, ClassWeights, FitReport, SolverParams, ThresholdParams, Thresholds,
};
use crate::text::NgramRange;

/// Which solver fits the final model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SolverChoice {
    /// `linfa` while the dense matrix is small ([`super::LINFA_AUTO_CELLS`]) and the classes count equally,
    /// else `sparse`.
    #[default]
    Auto,
    /// `linfa_logistic` on the dense matrix.
    Linfa,
    /// The sparse solver.
    Sparse,
}

/// Everything about a training that is not a feature setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingParams {
    /// The strength of the penalty; scikit-learn's `1/C`.
    pub alpha: f64,
    /// How much the rows of each class count.
    pub class_weights: ClassWeights,
    /// Which solver fits the final model; cross-validation always uses the sparse one.
    pub solver: SolverChoice,
    /// When the solver stops.
    pub stop: SolverParams,
    /// The number of folds of the cross-validation.
    pub folds: usize,
    /// The seed of the division into folds.
    pub seed: u64,
    /// How scores become probabilities.
    pub calibration: CalibrationMethod,
    /// What the thresholds are to reach.
    pub thresholds: ThresholdParams,
}

impl Default for TrainingParams {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            class_weights: ClassWeights::Uniform,
            solver: SolverChoice::Auto,
            stop: SolverParams::default(),
            folds: 5,
            seed: 1,
            calibration: CalibrationMethod::TemperatureAndBias,
            thresholds: ThresholdParams::default(),
        }
    }
}

/// How many rows of each label the model was trained on, and where they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSummary {
    /// What the user called the data: a file name without its folder.
    pub name: String,
    /// SHA-256 over the texts, labels and groups in order.
    pub sha256: String,
    /// The number of rows.
    pub rows: usize,
    /// The number of documents, as far as they are known.
    pub documents: Option<usize>,
    /// The rows of each label, in the order of the labels.
    pub support: Vec<usize>,
}

/// The scores of a cross-validation, all rows predicted by models that have not seen their documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrossValidationSummary {
    /// The number of folds.
    pub folds: usize,
    /// Macro-averaged F1.
    pub macro_f1: f64,
    /// The share of right labels.
    pub accuracy: f64,
    /// The mean negative logarithm of the probability of the gold label, after calibration.
    pub log_loss: f64,
    /// Expected calibration error over 15 bins of equal width, after calibration.
    pub ece: f64,
    /// The share of rows at or above their thresholds.
    pub coverage: f64,
    /// The share of right labels among those.
    pub accepted_accuracy: f64,
    /// Rows by gold label and predicted label.
    pub confusion: Vec<Vec<u64>>,
}

/// The thresholds that reach a target precision on the out-of-fold predictions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrecisionRow {
    /// The precision that was asked for.
    pub target: f64,
    /// The thresholds in the order of the labels; a label with none reaches the target nowhere.
    pub thresholds: Thresholds,
}

/// The settings that one step of a search tried, and what they scored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchTrial {
    /// The strength of the penalty.
    pub alpha: f64,
    /// The factor on the cue block.
    pub cue_weight: f64,
    /// Terms of fewer rows were left out.
    pub min_df: u32,
    /// The lengths of word n-grams.
    pub ngrams: NgramRange,
    /// Macro-averaged F1 of the cross-validation.
    pub macro_f1: f64,
    /// Its log loss, after calibration.
    pub log_loss: f64,
}

/// What a model tells about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// The program that made it: `stancewire 0.1.0`.
    pub made_by: String,
    /// The rows it was trained on.
    pub data: DataSummary,
    /// The settings of the training.
    pub training: TrainingParams,
    /// How the final fit went.
    pub fit: FitReport,
    /// The scores of the cross-validation that chose calibration and thresholds.
    pub cross_validation: CrossValidationSummary,
    /// The thresholds for other target precisions, ascending.
    pub precision_table: Vec<PrecisionRow>,
    /// The share of each label among the rows of whole documents, where there are any: what running text has.
    pub natural_shares: Option<Vec<f64>>,
    /// The settings that were tried, if they were searched for, in the order of trying.
    pub search: Vec<SearchTrial>,
}
