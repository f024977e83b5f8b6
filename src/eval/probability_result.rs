//! The part of an evaluation that is about probabilities.

use serde::Serialize;

use super::{
    CoveragePoint, DEFAULT_BINS, Estimate, Interval, Outcome, PrecisionRecallPoint, Probabilities,
    ReliabilityBin, average_precision, brier_score, coverage_curve, coverage_steps, equal_mass_bins,
    equal_width_bins, expected_calibration_error, log_loss, precision_recall_curve, thinned,
};
use crate::labels::{LabelId, LabelSet};

/// The most points of a precision-recall curve that are kept in a result.
const CURVE_POINTS: usize = 41;

/// How good a model's probabilities are.
///
/// The confidence of a row is the probability of the label it was given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbabilityResult {
    /// The mean of `−ln p(gold)`; see [`log_loss`].
    pub log_loss: Estimate,
    /// The mean squared distance from the gold label; see [`brier_score`].
    pub brier: Estimate,
    /// Expected calibration error over 15 bins of equal width.
    pub calibration_error_equal_width: Option<f64>,
    /// Expected calibration error over 15 bins of about equally many rows.
    pub calibration_error_equal_mass: Option<f64>,
    /// The reliability diagram: 15 bins of equal width, also empty ones.
    pub reliability: Vec<ReliabilityBin>,
    /// Accuracy of the most confident tenth of the rows, the two most confident tenths, … all rows. Rows of equal
    /// confidence stay together, so there can be fewer points.
    pub coverage: Vec<CoveragePoint>,
    /// One curve per label, in label order.
    pub precision_recall: Vec<LabelCurve>,
}

/// Precision against recall of one label over all thresholds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCurve {
    /// The label.
    pub label: String,
    /// The area under the whole curve; `None` when no row has the label. See [`average_precision`].
    pub average_precision: Option<f64>,
    /// The curve, thinned to at most 41 points.
    pub points: Vec<PrecisionRecallPoint>,
}

impl ProbabilityResult {
    /// The scores of `table`; `intervals` are those of log loss and Brier score, as far as there are any.
    pub(super) fn new(
        labels: &LabelSet,
        outcomes: &[Outcome],
        table: &Probabilities,
        intervals: &[Option<Interval>],
    ) -> Self {
        let gold: Vec<LabelId> = outcomes.iter().map(|outcome| outcome.gold).collect();
        let correct: Vec<bool> = outcomes.iter().map(|outcome| outcome.is_correct()).collect();
        let predicted = |(outcome, row): (&Outcome, &[f64])| row[outcome.predicted.index()];
        let confidence: Vec<f64> = outcomes.iter().zip(table.rows()).map(predicted).collect();
        let reliability = equal_width_bins(&confidence, &correct, DEFAULT_BINS);
        let by_mass = equal_mass_bins(&confidence, &correct, DEFAULT_BINS);
        let interval = |number: usize| intervals.get(number).copied().flatten();
        Self {
            log_loss: Estimate { value: log_loss(&gold, table), interval: interval(0) },
            brier: Estimate { value: brier_score(&gold, table), interval: interval(1) },
            calibration_error_equal_width: expected_calibration_error(&reliability),
            calibration_error_equal_mass: expected_calibration_error(&by_mass),
            reliability,
            coverage: coverage_steps(&coverage_curve(&confidence, &correct), 10),
            precision_recall: labels
                .ids()
                .map(|label| LabelCurve::new(labels, label, &gold, table))
                .collect(),
        }
    }
}

impl LabelCurve {
    /// The curves of all labels for drawing, in label order: of each the points at which recall has risen by
    /// `1/steps` since the point before, and the first and the last.
    ///
    /// # Panics
    /// As [`precision_recall_curve`].
    #[must_use]
    pub fn for_drawing(labels: &LabelSet, gold: &[LabelId], table: &Probabilities, steps: u64) -> Vec<Self> {
        let of_label = |label| {
            let curve = precision_recall_curve(gold, table, label);
            Self {
                label: labels.name(label).to_owned(),
                average_precision: average_precision(&curve),
                points: thinned_by_recall(&curve, steps),
            }
        };
        labels.ids().map(of_label).collect()
    }

    fn new(labels: &LabelSet, label: LabelId, gold: &[LabelId], table: &Probabilities) -> Self {
        let curve = precision_recall_curve(gold, table, label);
        Self {
            label: labels.name(label).to_owned(),
            average_precision: average_precision(&curve),
            points: thinned(&curve, CURVE_POINTS),
        }
    }
}

fn thinned_by_recall(curve: &[PrecisionRecallPoint], steps: u64) -> Vec<PrecisionRecallPoint> {
    let mut kept: Vec<PrecisionRecallPoint> = Vec::new();
    for (number, point) in curve.iter().enumerate() {
        let recall = point.recall;
        let has_risen =
            kept.last().is_none_or(|last| (recall.num() - last.recall.num()) * steps >= recall.den().max(1));
        if has_risen || number + 1 == curve.len() {
            kept.push(*point);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_curve_keeps_its_ends_and_a_point_for_each_step_of_recall() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let (a, b) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
        // By falling p(a): a a b a a b b, so hits 1 2 2 3 4 4 4 of 4.
        let gold = [a, a, b, a, a, b, b];
        let rows: Vec<[f64; 2]> = (0..7).map(|row| f64::from(7 - row) / 8.0).map(|p| [p, 1.0 - p]).collect();
        let table = Probabilities::from_rows(2, &rows).unwrap();
        let of = |steps| {
            let curve = LabelCurve::for_drawing(&labels, &gold, &table, steps).swap_remove(0);
            let point = |p: &PrecisionRecallPoint| (p.recall.num(), p.precision.den());
            curve.points.iter().map(point).collect::<Vec<_>>()
        };
        // (hits, rows taken)
        assert_eq!(of(4), [(1, 1), (2, 2), (3, 4), (4, 5), (4, 7)]);
        assert_eq!(of(2), [(1, 1), (3, 4), (4, 7)]);
    }
}
