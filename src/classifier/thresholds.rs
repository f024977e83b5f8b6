//! From which confidence on a label is given without review.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::labels::{LabelId, LabelSet};

/// A confidence between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Threshold(f64);

impl Threshold {
    /// The threshold `value`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when it is not between 0 and 1.
    pub fn new(value: f64) -> Result<Self> {
        if (0.0..=1.0).contains(&value) {
            return Ok(Self(value));
        }
        Err(Error::new(ErrorKind::Settings, format!("a threshold is {value}; expected a number from 0 to 1")))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Threshold {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Threshold> for f64 {
    fn from(threshold: Threshold) -> Self {
        threshold.0
    }
}

/// One out-of-fold prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The true label.
    pub gold: LabelId,
    /// The most probable label.
    pub predicted: LabelId,
    /// Its calibrated probability.
    pub confidence: f64,
}

/// What the thresholds are to reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThresholdParams {
    /// The share of right labels among those given without review. Default 0.8.
    pub target_precision: f64,
    /// The fewest predictions from which the precision of a label is judged. Default 20.
    pub min_count: usize,
}

impl Default for ThresholdParams {
    fn default() -> Self {
        Self { target_precision: 0.8, min_count: 20 }
    }
}

/// The threshold of one label, and what it was chosen on.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdChoice {
    /// The label.
    pub label: LabelId,
    /// The threshold; `None` when none reaches the target, and every such row goes to review.
    pub threshold: Option<Threshold>,
    /// How many predictions of the label there were.
    pub predicted: usize,
    /// How many of them stand at or above the threshold.
    pub kept: usize,
    /// How many of those are right.
    pub correct: usize,
}

/// A threshold per label: predictions below theirs are marked for review.
///
/// The rule: of all predictions of a label, those at or above the threshold are right in at least
/// [`ThresholdParams::target_precision`] of the cases, and there are at least [`ThresholdParams::min_count`] of them. Of
/// the thresholds for which this holds, the one that keeps the most predictions is taken, so it is the confidence of one
/// of them. Predictions of equal confidence stay together. Where it holds for none, there is no threshold, and all
/// predictions of the label are for review. As the threshold is chosen on the rows on which its precision is then read,
/// that precision is a little too good; choose a higher target, or a higher minimum count, to be on the safe side.
///
/// ```
/// use stancewire::classifier::{Scored, ThresholdParams, Thresholds};
/// use stancewire::labels::LabelSet;
/// let labels = LabelSet::new(["none", "threat"])?;
/// let (none, threat) = (labels.require("none")?, labels.require("threat")?);
/// let scored = [(threat, 0.9), (threat, 0.8), (none, 0.6)]
///     .map(|(gold, confidence)| Scored { gold, predicted: threat, confidence });
/// let params = ThresholdParams { target_precision: 1.0, min_count: 2 };
/// let (thresholds, choices) = Thresholds::choose(&params, &scored, &labels)?;
/// assert!(thresholds.accepts(threat, 0.8) && !thresholds.accepts(threat, 0.7));
/// assert_eq!((choices[1].kept, choices[1].correct, choices[1].predicted), (2, 2, 3));
/// assert!(!thresholds.accepts(none, 0.99), "nothing is known about this label");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thresholds {
    per_label: Vec<Option<Threshold>>,
}

impl Thresholds {
    /// The same threshold for each of `n_labels`; 0 sends nothing to review.
    #[must_use]
    pub fn uniform(threshold: Threshold, n_labels: usize) -> Self {
        Self { per_label: vec![Some(threshold); n_labels] }
    }

    /// A threshold for each label, in the order of the labels; `None` sends all of its rows to review.
    #[must_use]
    pub fn new(per_label: Vec<Option<Threshold>>) -> Self {
        Self { per_label }
    }

    /// Chooses thresholds on out-of-fold predictions, and tells what each was chosen on, in the order of the labels.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when the target is not between 0 and 1, or the minimum count is 0.
    pub fn choose(
        params: &ThresholdParams,
        scored: &[Scored],
        labels: &LabelSet,
    ) -> Result<(Self, Vec<ThresholdChoice>)> {
        if !(0.0..=1.0).contains(&params.target_precision) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("the target precision is {}; expected a number from 0 to 1", params.target_precision),
            ));
        }
        if params.min_count == 0 {
            return Err(Error::new(ErrorKind::Settings, "the minimum count is 0; expected at least 1"));
        }
        let choices: Vec<_> = labels.ids().map(|label| choose_one(params, scored, label)).collect();
        Ok((Self { per_label: choices.iter().map(|c| c.threshold).collect() }, choices))
    }

    /// The thresholds in the order of the labels.
    #[must_use]
    pub fn per_label(&self) -> &[Option<Threshold>] {
        &self.per_label
    }

    /// Whether `label` can be given without review at this confidence.
    ///
    /// # Panics
    /// When `label` comes from a larger set.
    #[must_use]
    pub fn accepts(&self, label: LabelId, confidence: f64) -> bool {
        self.per_label[label.index()].is_some_and(|t| confidence >= t.0)
    }
}

fn choose_one(params: &ThresholdParams, scored: &[Scored], label: LabelId) -> ThresholdChoice {
    let mut rows: Vec<&Scored> = scored.iter().filter(|s| s.predicted == label).collect();
    rows.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut choice = ThresholdChoice { label, threshold: None, predicted: rows.len(), kept: 0, correct: 0 };
    let (mut kept, mut correct) = (0, 0);
    for equal in rows.chunk_by(|a, b| a.confidence.total_cmp(&b.confidence).is_eq()) {
        kept += equal.len();
        correct += equal.iter().filter(|s| s.gold == label).count();
        let reached = correct as f64 >= params.target_precision * kept as f64;
        if let Some(threshold) =
            Threshold::new(equal[0].confidence).ok().filter(|_| reached && kept >= params.min_count)
        {
            choice = ThresholdChoice { threshold: Some(threshold), kept, correct, ..choice };
        }
    }
    choice
}
