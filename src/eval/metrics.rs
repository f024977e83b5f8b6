//! Rates of one label, averages over labels, and single numbers for the whole table.

use serde::Serialize;

use super::{Confusion, Ratio};
use crate::labels::LabelId;

/// Precision, recall and F1 of one label, with the counts they are made of.
///
/// With `tp` the rows that are and were called this label:
///
/// - precision = tp / predicted: of the rows called this label, how many are? 0/0 when the label was never predicted;
/// - recall = tp / support: of the rows that are this label, how many were called so? 0/0 without gold rows;
/// - F1 = 2·tp / (predicted + support), the harmonic mean of the two, as one ratio of counts. 0/0 only when the label
///   occurs neither in gold nor in predictions; a label that is only in one of them has F1 = 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClassMetrics {
    /// The share of the rows called this label that are.
    pub precision: Ratio,
    /// The share of the rows with this label that were called so.
    pub recall: Ratio,
    /// The harmonic mean of precision and recall.
    pub f1: Ratio,
    /// The number of rows with this gold label.
    pub support: u64,
    /// The number of rows that were called this label.
    pub predicted: u64,
}

impl ClassMetrics {
    /// The metrics of a label of which `true_positives` rows were found, out of `support` gold rows and `predicted`
    /// predicted ones.
    ///
    /// # Panics
    /// When `true_positives` is larger than `support` or `predicted`.
    #[must_use]
    pub fn new(true_positives: u64, support: u64, predicted: u64) -> Self {
        Self {
            precision: Ratio::new(true_positives, predicted),
            recall: Ratio::new(true_positives, support),
            f1: Ratio::new(2 * true_positives, support + predicted),
            support,
            predicted,
        }
    }

    /// Whether the label occurs in gold or in predictions.
    fn occurs(self) -> bool {
        self.support + self.predicted > 0
    }
}

/// Precision, recall and F1 averaged over labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Average {
    /// The average precision over labels (not the area under the precision-recall curve).
    pub precision: f64,
    /// The average recall.
    pub recall: f64,
    /// The average of the F1 values (not the F1 of the averages).
    pub f1: f64,
}

impl Average {
    /// `Σ w·m / Σ w` for each of the three, 0/0 in a label counted as 0; `None` when the weights sum to 0.
    fn weighted(classes: impl Iterator<Item = (ClassMetrics, u64)>) -> Option<Self> {
        let (mut sum, mut weights) = (Self { precision: 0.0, recall: 0.0, f1: 0.0 }, 0);
        for (class, weight) in classes {
            weights += weight;
            let weight = weight as f64;
            sum.precision += weight * class.precision.or_zero();
            sum.recall += weight * class.recall.or_zero();
            sum.f1 += weight * class.f1.or_zero();
        }
        let whole = weights as f64;
        (weights > 0).then(|| Self {
            precision: sum.precision / whole,
            recall: sum.recall / whole,
            f1: sum.f1 / whole,
        })
    }
}

impl Confusion {
    /// The plain mean over labels: every label counts the same, however rare. `None` without rows.
    ///
    /// As scikit-learn's `average="macro"` with its default `labels=None` and `zero_division=0`: the mean is over the
    /// labels that occur in gold **or** in predictions, and a 0/0 among those (precision of a label that was never
    /// predicted, recall of a label without gold rows) counts as 0.
    #[must_use]
    pub fn macro_average(&self) -> Option<Average> {
        Average::weighted(self.classes().map(|class| (class, u64::from(class.occurs()))))
    }

    /// The mean over labels weighted by support, so that frequent labels count more. `None` without rows.
    ///
    /// As scikit-learn's `average="weighted"` with `zero_division=0`. Weighted recall equals accuracy.
    #[must_use]
    pub fn weighted_average(&self) -> Option<Average> {
        Average::weighted(self.classes().map(|class| (class, class.support)))
    }

    /// Precision, recall and F1 of all rows pooled. `None` without rows.
    ///
    /// In single-label data each wrong row is one false positive and one false negative, so all three equal
    /// [`Confusion::accuracy`]; it is here for readers who look for it.
    #[must_use]
    pub fn micro_average(&self) -> Option<Average> {
        self.accuracy().value().map(|share| Average { precision: share, recall: share, f1: share })
    }

    /// Cohen's κ: agreement of gold and predicted labels above what their frequencies alone would give.
    ///
    /// `(p_o − p_e) / (1 − p_e)` with `p_o` the accuracy and `p_e = Σ gold_k · predicted_k / N²` (Cohen 1960). 1 is
    /// perfect, 0 is chance, negative is worse. `None` when `p_e` is 1 (all rows in one cell of the diagonal) or there
    /// are no rows; scikit-learn gives NaN there.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        let n = self.total();
        let by_chance: u128 = self.margins().map(|(gold, predicted)| gold * predicted).sum();
        let best = wide(n) * wide(n) - by_chance;
        let observed = wide(n) * wide(self.correct());
        (best > 0).then(|| (observed as f64 - by_chance as f64) / best as f64)
    }

    /// Matthews correlation of gold and predicted labels, in the form for many labels (Gorodkin 2004, `R_K`).
    ///
    /// `(c·s − Σ p_k t_k) / √((s² − Σ p_k²)(s² − Σ t_k²))` with `c` correct rows of `s`, `t_k` gold and `p_k` predicted
    /// rows of label k. 1 is perfect, 0 is no relation. `None` when gold or predictions have only one label, or
    /// without rows; scikit-learn gives 0 there.
    #[must_use]
    pub fn mcc(&self) -> Option<f64> {
        let n = wide(self.total());
        let (mut both, mut gold_squares, mut predicted_squares) = (0, 0, 0);
        for (gold, predicted) in self.margins() {
            both += gold * predicted;
            gold_squares += gold * gold;
            predicted_squares += predicted * predicted;
        }
        let spread = ((n * n - predicted_squares) as f64).sqrt() * ((n * n - gold_squares) as f64).sqrt();
        (spread > 0.0).then(|| ((n * wide(self.correct())) as f64 - both as f64) / spread)
    }

    /// The gold and predicted totals of each label.
    fn margins(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.classes().map(|class| (wide(class.support), wide(class.predicted)))
    }
}

/// Products of two counts need 128 bits to stay exact.
fn wide(count: u64) -> u128 {
    u128::from(count)
}

/// One number by which two models can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The share of correct rows.
    Accuracy,
    /// The macro average of F1; see [`Confusion::macro_average`].
    MacroF1,
    /// F1 of one label.
    F1(LabelId),
    /// Cohen's κ; see [`Confusion::kappa`].
    Kappa,
    /// Matthews correlation; see [`Confusion::mcc`].
    Mcc,
}

impl Metric {
    /// The metric's value on `confusion`, or `None` where it is undefined.
    ///
    /// # Panics
    /// When the label of [`Metric::F1`] is not among the table's.
    #[must_use]
    pub fn of(self, confusion: &Confusion) -> Option<f64> {
        match self {
            Self::Accuracy => confusion.accuracy().value(),
            Self::MacroF1 => confusion.macro_average().map(|average| average.f1),
            Self::F1(label) => confusion.class(label).f1.value(),
            Self::Kappa => confusion.kappa(),
            Self::Mcc => confusion.mcc(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Outcome;
    use crate::labels::LabelSet;

    /// The table with these counts, gold in rows.
    fn table<const N: usize>(counts: [[u64; N]; N]) -> Confusion {
        let set = LabelSet::new(["a", "b", "c", "d"][..N].to_vec()).unwrap();
        let mut confusion = Confusion::empty(N);
        for (gold, row) in set.ids().zip(counts) {
            for (predicted, count) in set.ids().zip(row) {
                confusion.record(Outcome { gold, predicted }, count);
            }
        }
        confusion
    }

    fn close(actual: Option<f64>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual - expected).abs() < 1e-12, "{actual} instead of {expected}");
    }

    /// Gold a: 10 rows, 6 found, 4 called b. Gold b: 5 rows, 3 found, 1 called a, 1 called c. Gold c: 5 rows, 1 found,
    /// 2 called a, 2 called b. Called a: 6+1+2 = 9, called b: 4+3+2 = 9, called c: 0+1+1 = 2.
    fn lopsided() -> Confusion {
        table([[6, 4, 0], [1, 3, 1], [2, 2, 1]])
    }

    #[test]
    fn precision_divides_by_predicted_and_recall_by_gold() {
        // a: precision 6/9, recall 6/10, F1 = 2·6 / (9+10) = 12/19.
        let a = lopsided().class_at(0);
        assert_eq!((a.precision, a.recall, a.f1), (Ratio::new(6, 9), Ratio::new(6, 10), Ratio::new(12, 19)));
        // c: precision 1/2, recall 1/5, F1 = 2/7.
        let c = lopsided().class_at(2);
        assert_eq!((c.precision, c.recall, c.f1), (Ratio::new(1, 2), Ratio::new(1, 5), Ratio::new(2, 7)));
        assert_eq!((c.support, c.predicted), (5, 2));
    }

    #[test]
    fn macro_counts_labels_alike_and_weighted_counts_rows_alike() {
        // precision 6/9, 3/9, 1/2 → macro (2/3 + 1/3 + 1/2) / 3 = 1/2.
        // recall 6/10, 3/5, 1/5 → macro (3 + 3 + 1) / 15 = 7/15; weighted = accuracy = 10/20.
        // F1 12/19, 6/14, 2/7 → macro (12/19 + 5/7) / 3; weighted (10·12/19 + 5·3/7 + 5·2/7) / 20.
        let average = lopsided().macro_average();
        close(average.map(|a| a.precision), 0.5);
        close(average.map(|a| a.recall), 7.0 / 15.0);
        close(average.map(|a| a.f1), (12.0 / 19.0 + 5.0 / 7.0) / 3.0);
        let average = lopsided().weighted_average();
        // precision: (10·2/3 + 5·1/3 + 5·1/2) / 20 = (40 + 10 + 15) / 120 = 65/120.
        close(average.map(|a| a.precision), 65.0 / 120.0);
        close(average.map(|a| a.recall), 0.5);
        close(average.map(|a| a.f1), (120.0 / 19.0 + 25.0 / 7.0) / 20.0);
        close(lopsided().micro_average().map(|a| a.f1), 0.5);
    }

    #[test]
    fn kappa_and_mcc_of_the_worked_example() {
        // Σ gold·predicted = 10·9 + 5·9 + 5·2 = 145; N² = 400; N·correct = 200.
        // κ = (200 − 145) / (400 − 145) = 55/255.
        close(lopsided().kappa(), 55.0 / 255.0);
        // Σ gold² = 100 + 25 + 25 = 150; Σ predicted² = 81 + 81 + 4 = 166. MCC = 55 / √(250 · 234).
        close(lopsided().mcc(), 55.0 / (250.0_f64 * 234.0).sqrt());
    }

    #[test]
    fn a_label_that_was_never_predicted_has_no_precision_and_pulls_the_macro_average_down() {
        // b has 2 gold rows, none called b: precision 0/0, recall 0/2, F1 0/2. Macro F1 = (2·3/8 … a: 6/8, b: 0) / 2.
        let table = table([[3, 0], [2, 0]]);
        let b = table.class_at(1);
        assert_eq!((b.precision.value(), b.recall.value(), b.f1.value()), (None, Some(0.0), Some(0.0)));
        close(table.macro_average().map(|a| a.f1), 0.375);
    }

    #[test]
    fn a_label_that_occurs_nowhere_is_left_out_of_the_macro_average() {
        // c occurs neither in gold nor in predictions: F1 n/a; macro over a and b alone: (1 + 1) / 2.
        let table = table([[3, 0, 0], [0, 2, 0], [0, 0, 0]]);
        assert_eq!(table.class_at(2).f1.value(), None);
        close(table.macro_average().map(|a| a.f1), 1.0);
        // d is predicted once without gold: F1 0, recall n/a, and it counts.
        let table = self::table([[3, 0, 1], [0, 2, 0], [0, 0, 0]]);
        assert_eq!(table.class_at(2).recall.value(), None);
        // a: 6/7, b: 1, c: 0.
        close(table.macro_average().map(|a| a.f1), (6.0 / 7.0 + 1.0) / 3.0);
    }

    #[test]
    fn one_label_in_gold_and_predictions_leaves_kappa_and_mcc_undefined() {
        let table = table([[5, 0], [0, 0]]);
        assert_eq!((table.kappa(), table.mcc()), (None, None));
        let empty = Confusion::empty(2);
        assert_eq!((empty.kappa(), empty.mcc(), empty.macro_average()), (None, None, None));
    }

    #[test]
    fn swapping_gold_and_predicted_swaps_precision_and_recall() {
        let swapped = self::table([[6, 1, 2], [4, 3, 2], [0, 1, 1]]);
        for label in 0..3 {
            let (one, other) = (lopsided().class_at(label), swapped.class_at(label));
            assert_eq!((one.precision, one.recall), (other.recall, other.precision));
        }
    }
}
