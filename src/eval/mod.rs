//! How good are the labels? Confusion, metrics, intervals, folds and the [`Evaluation`] that gathers them.
//!
//! The way of the data:
//!
//! ```text
//! gold + predicted ─▶ Outcome ─▶ Confusion ─▶ ClassMetrics, averages, accuracy, κ, MCC ─┐
//! gold + probabilities ─▶ Probabilities ─▶ log loss, Brier, ECE, curves ────────────────┼─▶ Evaluation ─▶ report
//! document of each row ─▶ Clusters ─▶ bootstrap intervals ──────────────────────────────┘
//!
//! labelled rows ─▶ Groups of Tally ┐
//! error of the model ─▶ ErrorRates ┴▶ Quantifier ─▶ Summary: corrected shares by group ─▶ report
//! ```
//!
//! and, before that, [`grouped_stratified_folds`] and [`cross_validate`], which give every row a prediction by a
//! model that has not seen the row's document.
//!
//! Everything in this room is a pure function of its arguments: no files, no clock, no thread count. What is random
//! takes a seed, and gives the same bytes on one thread and on eight. Rates are kept as [`Ratio`]s of integer counts,
//! so that 0/0 stays visible; averages follow scikit-learn's conventions and count 0/0 as 0.
//!
//! ```
//! use stancewire::eval::{Confusion, Outcome};
//! use stancewire::labels::LabelSet;
//!
//! let labels = LabelSet::new(["none", "threat"])?;
//! let (none, threat) = (labels.require("none")?, labels.require("threat")?);
//! let confusion = Confusion::from_outcomes(
//!     &labels,
//!     [
//!         Outcome { gold: threat, predicted: threat },
//!         Outcome { gold: threat, predicted: none },
//!         Outcome { gold: none, predicted: none },
//!     ],
//! );
//! assert_eq!(confusion.class(threat).recall.value(), Some(0.5));
//! assert_eq!(confusion.class(threat).precision.value(), Some(1.0));
//! # Ok::<(), stancewire::error::Error>(())
//! ```

mod agreement;
mod bootstrap;
mod breakdown;
mod cluster_sums;
mod comparison;
mod confident;
mod confusion;
mod crossval;
mod curves;
mod estimates;
mod evaluation;
mod folds;
mod histogram;
mod metrics;
mod paired;
mod probability;
mod probability_result;
mod quantify;
mod quantify_cells;
mod quantify_draws;
mod quantify_groups;
mod quantify_shares;
mod random;
mod ratio;
mod reliability;
mod status;
mod warning;

pub use agreement::{
    Agreement, AgreementInput, AnnotatorCounts, Coefficient, LabelAgreement, PairAgreement, Rating,
    Undefined, distinct_labels,
};
pub use bootstrap::{BootstrapParams, Clusters, Interval, bootstrap_intervals};
pub use breakdown::{Breakdown, BreakdownPart};
pub use comparison::{ComparedRows, ComparedScore, Comparison, ComparisonInput};
pub use confident::{ConfidentLearning, Suspect};
pub use confusion::{Confusion, Outcome};
pub use crossval::{FoldOutput, OutOfFold, cross_validate};
pub use curves::{
    CoveragePoint, PrecisionRecallPoint, average_precision, coverage_curve, coverage_steps,
    precision_recall_curve, thinned,
};
pub use estimates::{AverageEstimates, ClassEstimates, Estimate, RatioEstimate};
pub use evaluation::{Evaluation, EvaluationInput, IntervalMethod, NamedConfusion, ResamplingUnit};
pub use folds::{Folds, Split, grouped_stratified_folds};
pub use histogram::{ScoreBin, ScoreHistogram, score_histograms, surest_errors};
pub use metrics::{Average, ClassMetrics, Metric};
pub use paired::{McNemar, PairedDifference, mcnemar, paired_difference};
pub use probability::{Probabilities, brier_score, brier_terms, log_loss, log_loss_terms};
pub use probability_result::{LabelCurve, ProbabilityResult};
pub use quantify::{Correction, EmStop, ErrorRates, adjusted_shares, em_shares};
pub use quantify_cells::{MAX_CLUSTERS, Tally};
pub use quantify_groups::{
    FEWEST_DOCUMENTS, GroupSummary, Groups, LabelShare, POOLED, SMALL_GROUP, Summary, SummaryColumn,
    SummaryIntervals, SummaryNote,
};
pub use quantify_shares::Quantifier;
pub use ratio::Ratio;
pub use reliability::{
    DEFAULT_BINS, ReliabilityBin, equal_mass_bins, equal_width_bins, expected_calibration_error,
};
pub use status::{RowStatus, StatusCounts};
pub use warning::{FEW_DOCUMENTS, MISCALIBRATED, RARE_SUPPORT, SHIFTED, UNKNOWN_WORDS, Warning};
