//! Why a label: what each feature adds to the scores.

use std::borrow::Cow;

use crate::labels::LabelId;

/// What one feature of a sentence adds to the score of each label.
///
/// For every label, the intercept plus the contributions in order, added from left to right, is the score of the
/// [`Explanation`] to the last bit: the score is computed by that very sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The feature: an n-gram of terms (`immedi ceasefir`), a cue class (`CALL`) or a pair (`CALL→STOP`).
    pub term: String,
    /// Whether it is of the cue block.
    pub is_cue: bool,
    /// Its value in this sentence.
    pub value: f64,
    /// Value times weight, one per label.
    pub per_label: Vec<f64>,
}

/// A feature and what it adds to the score of the label that a sentence was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The feature, as in [`Contribution::term`].
    pub term: String,
    /// What it adds.
    pub contribution: f64,
}

/// The scores of a sentence taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The score of each label without any feature.
    pub intercepts: Vec<f64>,
    /// The features of the sentence, in the order in which they are added.
    pub contributions: Vec<Contribution>,
    /// The sums: one score per label, before calibration.
    pub scores: Vec<f64>,
    /// The calibrated probabilities.
    pub probabilities: Vec<f64>,
    /// The predicted label.
    pub label: LabelId,
    /// `ok`, `review` or `empty`.
    pub status: super::Status,
}

/// The `n` features that add most to the score of `label`, largest first, ties by name; only those that add.
pub(super) fn top_evidence(contributions: &[Contribution], label: LabelId, n: usize) -> Vec<Evidence> {
    let mut positive: Vec<&Contribution> =
        contributions.iter().filter(|c| c.per_label[label.index()] > 0.0).collect();
    positive.sort_by(|a, b| {
        b.per_label[label.index()].total_cmp(&a.per_label[label.index()]).then_with(|| a.term.cmp(&b.term))
    });
    let evidence =
        |c: &&Contribution| Evidence { term: c.term.clone(), contribution: c.per_label[label.index()] };
    positive.iter().take(n).map(evidence).collect()
}

/// A feature's name for a person to read: stems joined by spaces stay, cue names stay.
#[must_use]
pub fn readable(term: &str) -> Cow<'_, str> {
    match term.strip_prefix('#') {
        Some(chars) => Cow::Owned(format!("…{}…", chars.trim())),
        None => Cow::Borrowed(term),
    }
}
