//! The model: fit, predict, explain, and the file that holds it.
//!
//! ```text
//! labelled texts ─▶ train ─▶ StanceModel ─▶ to_bytes ─▶ file ─▶ from_bytes ─▶ StanceModel
//!                                  │
//!                                  ├─▶ scorer().predict(sentence)   label, probabilities, status
//!                                  └─▶ explain(sentence)            what each feature adds
//! ```
//!
//! A [`StanceModel`] carries everything that shapes its answers: the analyzer's settings, the cue lexicon, vocabularies,
//! idf, weights, calibration and thresholds. Loading it needs nothing else.

mod card;
mod explain;
mod features;
pub mod format;
mod index;
mod limits;
mod memo;
mod scorer;
mod search;
mod stance;
#[cfg(test)]
mod tests;
mod training;

pub use card::{
    CrossValidationSummary, DataSummary, ModelCard, PrecisionRow, SearchTrial, SolverChoice, TrainingParams,
};
pub use explain::{Contribution, Evidence, Explanation, readable};
pub use features::FeatureParams;
pub use scorer::{Prediction, Scorer, Status};
pub use search::{SearchSpace, search_and_train};
pub use stance::StanceModel;
pub use training::{
    LINFA_AUTO_CELLS, OutOfFoldResult, Trained, TrainingData, TrainingWarning, cross_validate_model, train,
};
