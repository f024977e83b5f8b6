//! What a threshold buys: accuracy against coverage, precision against recall.

use serde::Serialize;

use super::{Probabilities, Ratio};
use crate::labels::LabelId;

/// If only rows with at least this confidence are accepted: how many are, and how many of these are right?
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CoveragePoint {
    /// The least confidence that is accepted.
    pub threshold: f64,
    /// The share of all rows that is accepted.
    pub coverage: Ratio,
    /// The share of the accepted rows that is right.
    pub accuracy: Ratio,
}

/// The accuracy at every share of rows that can be accepted by a threshold on the confidence.
///
/// One point per distinct confidence, from the strictest threshold (few rows) to the loosest (all rows); equal
/// confidences are accepted together. Use it to choose how much to review by hand. Empty without rows.
///
/// # Panics
/// When the slices differ in length.
#[must_use]
pub fn coverage_curve(confidence: &[f64], correct: &[bool]) -> Vec<CoveragePoint> {
    let rows = confidence.len() as u64;
    descending(confidence, correct)
        .map(|step| CoveragePoint {
            threshold: step.threshold,
            coverage: Ratio::new(step.taken, rows),
            accuracy: Ratio::new(step.hits, step.taken),
        })
        .collect()
}

/// Of a [`coverage_curve`], the strictest point that accepts at least `1/steps` of the rows, at least `2/steps`, … all.
/// A point that serves several steps is given once.
#[must_use]
pub fn coverage_steps(curve: &[CoveragePoint], steps: u64) -> Vec<CoveragePoint> {
    let mut found: Vec<CoveragePoint> = Vec::new();
    for step in 1..=steps {
        let short = |point: &CoveragePoint| point.coverage.num() * steps < point.coverage.den() * step;
        let point = curve.get(curve.partition_point(short));
        found.extend(point.filter(|point| found.last() != Some(point)));
    }
    found
}

/// If a row is called a label whenever the label's probability is at least this: the precision and recall of that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PrecisionRecallPoint {
    /// The least probability of the label that is accepted.
    pub threshold: f64,
    /// The share of the accepted rows that have the label.
    pub precision: Ratio,
    /// The share of the rows with the label that is accepted; 0/0 without such rows.
    pub recall: Ratio,
}

/// Precision and recall of `label` at every threshold on its probability, one against the rest.
///
/// One point per distinct probability, from the highest threshold to the lowest, so recall never falls along the
/// curve. The same points as scikit-learn's `precision_recall_curve` in reverse, without its invented last point
/// (precision 1, recall 0). Empty without rows.
///
/// # Panics
/// When `gold` and `probabilities` differ in length, or `label` has no column.
#[must_use]
pub fn precision_recall_curve(
    gold: &[LabelId],
    probabilities: &Probabilities,
    label: LabelId,
) -> Vec<PrecisionRecallPoint> {
    let scores: Vec<f64> = probabilities.rows().map(|row| row[label.index()]).collect();
    let is_label: Vec<bool> = gold.iter().map(|&gold| gold == label).collect();
    let support = is_label.iter().filter(|&&is| is).count() as u64;
    descending(&scores, &is_label)
        .map(|step| PrecisionRecallPoint {
            threshold: step.threshold,
            precision: Ratio::new(step.hits, step.taken),
            recall: Ratio::new(step.hits, support),
        })
        .collect()
}

/// The area under a precision-recall curve as `Σ (R_i − R_{i−1}) · P_i`, without interpolation: one number in 0..=1
/// for how well the label is ranked, whatever the threshold. `None` when there are no rows with the label.
///
/// Takes the whole curve, not a [`thinned`] one. Equal to scikit-learn's `average_precision_score`.
#[must_use]
pub fn average_precision(curve: &[PrecisionRecallPoint]) -> Option<f64> {
    let support = curve.first()?.recall.den();
    let mut found = 0;
    let mut sum = 0.0;
    for point in curve {
        sum += (point.recall.num() - found) as f64 * point.precision.or_zero();
        found = point.recall.num();
    }
    (support > 0).then(|| sum / support as f64)
}

/// At most `max` points of a curve, evenly spaced by position, first and last included: for drawing and for files.
///
/// # Panics
/// When `max` is below 2.
#[must_use]
pub fn thinned<T: Copy>(curve: &[T], max: usize) -> Vec<T> {
    assert!(max >= 2, "a thinned curve keeps its two ends");
    if curve.len() <= max {
        return curve.to_vec();
    }
    (0..max).map(|i| curve[i * (curve.len() - 1) / (max - 1)]).collect()
}

/// After all rows with a score of at least `threshold`: how many were taken, and how many of them are hits.
struct Step {
    threshold: f64,
    taken: u64,
    hits: u64,
}

/// One step per distinct score, from the highest to the lowest.
fn descending(scores: &[f64], hits: &[bool]) -> impl Iterator<Item = Step> + use<> {
    assert_eq!(scores.len(), hits.len(), "scores and outcomes");
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(hits.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut found) = (0, 0);
    (0..rows.len()).filter_map(move |i| {
        taken += 1;
        found += u64::from(rows[i].1);
        let last_of_its_score = rows.get(i + 1).is_none_or(|next| next.0 < rows[i].0);
        last_of_its_score.then_some(Step { threshold: rows[i].0, taken, hits: found })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;

    #[test]
    fn coverage_rises_as_the_threshold_falls() {
        // By falling confidence: 0.9 right, then 0.8 wrong and 0.8 right together, then 0.4 wrong.
        let curve = coverage_curve(&[0.8, 0.4, 0.9, 0.8], &[false, false, true, true]);
        let expected = [(0.9, 1, 1), (0.8, 3, 2), (0.4, 4, 2)].map(|(threshold, taken, right)| {
            CoveragePoint { threshold, coverage: Ratio::new(taken, 4), accuracy: Ratio::new(right, taken) }
        });
        assert_eq!(curve, expected);
    }

    #[test]
    fn steps_take_the_strictest_threshold_that_covers_enough() {
        let correct = [true; 8];
        let curve = coverage_curve(&[0.9, 0.8, 0.8, 0.8, 0.7, 0.6, 0.5, 0.4], &correct);
        let covered =
            |steps| coverage_steps(&curve, steps).iter().map(|p| p.coverage.num()).collect::<Vec<_>>();
        // A quarter is 2 rows, which cannot be had without the tied 4; half is the same point.
        assert_eq!(covered(4), [4, 6, 8]);
        assert_eq!(covered(8), [1, 4, 5, 6, 7, 8]);
        assert!(coverage_steps(&[], 10).is_empty());
    }

    #[test]
    fn precision_and_recall_of_a_worked_example() {
        // p(b) = 0.9 b, 0.7 a, 0.6 b, 0.2 a, 0.1 b. Taken 1: P 1/1, R 1/3; 2: 1/2, 1/3; 3: 2/3, 2/3; 4: 2/4, 2/3;
        // 5: 3/5, 3/3. AP = 1/3·1 + 1/3·2/3 + 1/3·3/5 = 34/45.
        let set = LabelSet::new(["a", "b"]).unwrap();
        let (a, b) = (set.require("a").unwrap(), set.require("b").unwrap());
        let rows = [[0.3, 0.7], [0.1, 0.9], [0.9, 0.1], [0.4, 0.6], [0.8, 0.2]];
        let table = Probabilities::from_rows(2, &rows).unwrap();
        let curve = precision_recall_curve(&[a, b, b, b, a], &table, b);
        let counts: Vec<_> = curve.iter().map(|p| (p.precision, p.recall)).collect();
        let expected = [(1, 1), (1, 2), (2, 3), (2, 4), (3, 5)];
        assert_eq!(counts, expected.map(|(hits, taken)| (Ratio::new(hits, taken), Ratio::new(hits, 3))));
        assert!((average_precision(&curve).unwrap() - 34.0 / 45.0).abs() < 1e-12);
        // Without rows of the label there is no recall and no average precision.
        let curve = precision_recall_curve(&[a; 5], &table, b);
        assert_eq!((curve[0].recall.value(), average_precision(&curve)), (None, None));
    }

    #[test]
    fn thinning_keeps_both_ends() {
        let curve: Vec<u32> = (0..=100).collect();
        assert_eq!(thinned(&curve, 5), [0, 25, 50, 75, 100]);
        assert_eq!(thinned(&curve[..3], 5), [0, 1, 2]);
    }
}
