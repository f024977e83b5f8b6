//! How probabilities are spread, and which errors are the surest.

use super::{Outcome, Probabilities};
use crate::labels::{LabelId, LabelSet};

/// The rows of one range of a label's probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreBin {
    /// The range's lower end; it belongs to the range only where it is 0.
    pub low: f64,
    /// The range's upper end, which belongs to the range.
    pub high: f64,
    /// The rows with the label.
    pub of_label: u64,
    /// The other rows.
    pub of_others: u64,
}

/// How the probability of one label is spread over the rows that have it and over those that do not.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreHistogram {
    /// The label.
    pub label: String,
    /// The ranges from 0 to 1, all of one width, also empty ones.
    pub bins: Vec<ScoreBin>,
}

/// One histogram per label, in label order, with `bins` ranges `[0, 1/B], (1/B, 2/B], …`.
///
/// The better a label is told from the others, the less its two groups overlap.
///
/// # Panics
/// When `gold` and `table` differ in length, the table has not one column per label, or `bins` is 0.
#[must_use]
pub fn score_histograms(
    labels: &LabelSet,
    gold: &[LabelId],
    table: &Probabilities,
    bins: usize,
) -> Vec<ScoreHistogram> {
    assert!(bins > 0, "a histogram without bins");
    assert_eq!((gold.len(), labels.len()), (table.n_rows(), table.n_labels()), "labels and probabilities");
    let edge = |number: usize| number as f64 / bins as f64;
    let uppers: Vec<f64> = (1..bins).map(edge).collect();
    let of_label = |label: LabelId| {
        let empty = |i| ScoreBin { low: edge(i), high: edge(i + 1), of_label: 0, of_others: 0 };
        let mut found: Vec<ScoreBin> = (0..bins).map(empty).collect();
        for (&gold, row) in gold.iter().zip(table.rows()) {
            let value = row[label.index()];
            let bin = &mut found[uppers.partition_point(|&upper| upper < value)];
            if gold == label { bin.of_label += 1 } else { bin.of_others += 1 }
        }
        ScoreHistogram { label: labels.name(label).to_owned(), bins: found }
    };
    labels.ids().map(of_label).collect()
}

/// The rows that were given a wrong label with the greatest confidence: at most `max`, the most confident first, equal
/// ones in their order. Without probabilities the first rows that are wrong.
///
/// # Panics
/// When the table has not one row per outcome.
#[must_use]
pub fn surest_errors(outcomes: &[Outcome], table: Option<&Probabilities>, max: usize) -> Vec<usize> {
    assert_eq!(
        table.map_or(outcomes.len(), Probabilities::n_rows),
        outcomes.len(),
        "outcomes and probabilities"
    );
    let confidence = |row: usize| table.map_or(0.0, |table| table.row(row)[outcomes[row].predicted.index()]);
    let mut wrong: Vec<usize> = (0..outcomes.len()).filter(|&row| !outcomes[row].is_correct()).collect();
    wrong.sort_by(|&a, &b| confidence(b).total_cmp(&confidence(a)).then(a.cmp(&b)));
    wrong.truncate(max);
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> (LabelSet, Vec<LabelId>, Probabilities) {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let gold = [0, 0, 1, 1, 1].map(|i| labels.id_at(i).unwrap()).to_vec();
        let table = [[1.0, 0.0], [0.5, 0.5], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]];
        (labels, gold, Probabilities::from_rows(2, &table).unwrap())
    }

    #[test]
    fn rows_are_counted_in_the_range_that_ends_with_their_probability() {
        let (labels, gold, table) = data();
        let found = score_histograms(&labels, &gold, &table, 4);
        // p(a) of the rows with a: 1, 0.5; of the others: 0.75, 0.25, 0.
        let counts =
            |at: usize| found[at].bins.iter().map(|bin| (bin.of_label, bin.of_others)).collect::<Vec<_>>();
        assert_eq!(counts(0), [(0, 2), (1, 0), (0, 1), (1, 0)]);
        // p(b) of the rows with b: 0.25, 0.75, 1; of the others: 0, 0.5.
        assert_eq!(counts(1), [(1, 1), (0, 1), (1, 0), (1, 0)]);
        assert_eq!((found[1].label.as_str(), found[1].bins[1].low, found[1].bins[1].high), ("b", 0.25, 0.5));
    }

    #[test]
    fn the_surest_errors_come_first() {
        let (labels, gold, table) = data();
        let (a, b) = (labels.id_at(0).unwrap(), labels.id_at(1).unwrap());
        let predicted = [a, b, a, a, b];
        let outcomes: Vec<Outcome> =
            gold.iter().zip(predicted).map(|(&gold, predicted)| Outcome { gold, predicted }).collect();
        // Wrong: row 1 with 0.5, row 2 with 0.75, row 3 with 0.25.
        assert_eq!(surest_errors(&outcomes, Some(&table), 10), [2, 1, 3]);
        assert_eq!(surest_errors(&outcomes, Some(&table), 2), [2, 1]);
        assert_eq!(surest_errors(&outcomes, None, 2), [1, 2]);
    }
}
