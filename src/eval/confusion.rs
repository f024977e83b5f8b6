//! Outcomes and the table that counts them.

use super::Ratio;
use super::metrics::ClassMetrics;
use crate::labels::{LabelId, LabelSet};

/// What one row is and what the model said: two labels whose roles cannot be swapped by argument order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Outcome {
    /// The label given by hand.
    pub gold: LabelId,
    /// The label given by the model.
    pub predicted: LabelId,
}

impl Outcome {
    /// Whether the model gave the gold label.
    #[must_use]
    pub fn is_correct(self) -> bool {
        self.gold == self.predicted
    }
}

/// How often each gold label was given each predicted label: an L×L table of integer counts, gold in rows.
///
/// The same orientation as scikit-learn's `confusion_matrix`. Two tables over the same labels can be added
/// ([`Confusion::merge`]), so folds and resamples are counted once and summed.
///
/// See [`ClassMetrics`] for the rates of one label, and [`Confusion::macro_average`] and its neighbours for averages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    n_labels: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// A table for `n_labels` labels in which nothing has been counted yet.
    #[must_use]
    pub fn empty(n_labels: usize) -> Self {
        Self { n_labels, counts: vec![0; n_labels * n_labels] }
    }

    /// The table of `outcomes` over `labels`.
    ///
    /// # Panics
    /// When an outcome has a label of a larger set.
    #[must_use]
    pub fn from_outcomes(labels: &LabelSet, outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut table = Self::empty(labels.len());
        for outcome in outcomes {
            table.record(outcome, 1);
        }
        table
    }

    /// Counts `outcome` another `times` times.
    ///
    /// # Panics
    /// When a label of the outcome is not among the table's.
    pub fn record(&mut self, outcome: Outcome, times: u64) {
        let cell = self.cell(outcome);
        self.counts[cell] += times;
    }

    /// Adds the counts of `other` to this table.
    ///
    /// # Panics
    /// When the tables have different numbers of labels.
    pub fn merge(&mut self, other: &Self) {
        assert_eq!(self.n_labels, other.n_labels, "confusion tables over different labels");
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// Where in `counts` an outcome is counted.
    pub(super) fn cell(&self, outcome: Outcome) -> usize {
        let (gold, predicted) = (outcome.gold.index(), outcome.predicted.index());
        assert!(
            gold < self.n_labels && predicted < self.n_labels,
            "outcome {gold}→{predicted} among {} labels",
            self.n_labels
        );
        gold * self.n_labels + predicted
    }

    /// Counts the outcome at position `cell` another `times` times.
    pub(super) fn record_cell(&mut self, cell: usize, times: u64) {
        self.counts[cell] += times;
    }

    /// The number of labels L.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// How many rows with this gold label were given this predicted label.
    ///
    /// # Panics
    /// When a label is not among the table's.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.counts[self.cell(outcome)]
    }

    /// The counts of one gold label, by predicted label.
    ///
    /// # Panics
    /// When `gold >= self.n_labels()`.
    #[must_use]
    pub fn row(&self, gold: usize) -> &[u64] {
        &self.counts[gold * self.n_labels..(gold + 1) * self.n_labels]
    }

    /// The number of rows with the label at position `label` as gold: its support.
    pub(super) fn support(&self, label: usize) -> u64 {
        self.row(label).iter().sum()
    }

    /// The number of rows that were given the label at position `label`.
    pub(super) fn predicted(&self, label: usize) -> u64 {
        (0..self.n_labels).map(|gold| self.row(gold)[label]).sum()
    }

    /// The number of rows counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The number of rows whose predicted label is the gold one.
    #[must_use]
    pub fn correct(&self) -> u64 {
        (0..self.n_labels).map(|label| self.row(label)[label]).sum()
    }

    /// The share of rows whose predicted label is the gold one; in single-label data also the micro average of
    /// precision, recall and F1. 0/0 without rows.
    #[must_use]
    pub fn accuracy(&self) -> Ratio {
        Ratio::new(self.correct(), self.total())
    }

    /// Precision, recall and F1 of one label.
    ///
    /// # Panics
    /// When the label is not among the table's.
    #[must_use]
    pub fn class(&self, label: LabelId) -> ClassMetrics {
        self.class_at(label.index())
    }

    pub(super) fn class_at(&self, label: usize) -> ClassMetrics {
        ClassMetrics::new(self.row(label)[label], self.support(label), self.predicted(label))
    }

    /// The metrics of every label, in order.
    pub(super) fn classes(&self) -> impl Iterator<Item = ClassMetrics> + '_ {
        (0..self.n_labels).map(|label| self.class_at(label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> LabelSet {
        LabelSet::new(["a", "b", "c"]).unwrap()
    }

    fn outcome(gold: &str, predicted: &str) -> Outcome {
        let set = labels();
        Outcome { gold: set.require(gold).unwrap(), predicted: set.require(predicted).unwrap() }
    }

    #[test]
    fn rows_are_gold_and_columns_are_predicted() {
        let table = Confusion::from_outcomes(
            &labels(),
            [outcome("a", "b"), outcome("a", "b"), outcome("b", "a"), outcome("c", "c")],
        );
        assert_eq!(table.row(0), [0, 2, 0]);
        assert_eq!(table.row(1), [1, 0, 0]);
        assert_eq!(table.count(outcome("a", "b")), 2);
        assert_eq!(table.count(outcome("b", "a")), 1);
        assert_eq!((table.support(0), table.predicted(0)), (2, 1));
        assert_eq!(table.accuracy(), Ratio::new(1, 4));
    }

    #[test]
    fn tables_of_two_halves_add_up_to_the_table_of_the_whole() {
        let rows = [outcome("a", "b"), outcome("b", "b"), outcome("c", "a")];
        let mut sum = Confusion::from_outcomes(&labels(), rows[..1].iter().copied());
        sum.merge(&Confusion::from_outcomes(&labels(), rows[1..].iter().copied()));
        assert_eq!(sum, Confusion::from_outcomes(&labels(), rows));
    }

    #[test]
    fn without_rows_accuracy_is_undefined() {
        assert_eq!(Confusion::empty(3).accuracy().value(), None);
    }

    #[test]
    #[should_panic(expected = "outcome 2→0 among 2 labels")]
    fn a_label_of_a_larger_set_is_refused() {
        Confusion::empty(2).record(outcome("c", "a"), 1);
    }
}
