//! Which labels are probably wrong: confident learning.
//!
//! After Northcutt, Jiang and Chuang, *Confident Learning: Estimating Uncertainty in Dataset Labels* (JAIR 70, 2021). The
//! probabilities must be out of fold: a model that has seen a wrong label defends it.

use super::Probabilities;
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{LabelId, LabelSet};

/// What a probability may miss of its label's threshold and still count as confident; so does cleanlab.
const TOLERANCE: f64 = 1e-6;

/// A row whose label is probably wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspect {
    /// The position of the row.
    pub row: usize,
    /// The label it was given.
    pub given: LabelId,
    /// The label that it should perhaps have.
    pub suggested: LabelId,
    /// The probability of `suggested`.
    pub confidence: f64,
    /// The probability of `given`, the row's self-confidence: the lower, the more suspicious.
    pub self_confidence: f64,
}

/// The confident joint of given and confidently predicted labels, and the rows off its diagonal.
///
/// With `p_i(l)` the out-of-fold probability of label l for row i, and `y_i` the given label:
///
/// - threshold t(l) = mean of `p_i(l)` over the rows with `y_i = l`: the model's usual confidence in its own rows;
/// - row i is *confident* of l when `p_i(l) ≥ t(l)`. Of several such labels the most probable label of all is taken, as the
///   authors' own program does (the paper takes the most probable of those; the two differ on few rows);
/// - C(j, l) = number of rows given j and confident of l. A row that is confident of no label is counted nowhere.
///
/// [`suspects`](Self::suspects) are the rows off the diagonal of C whose most probable label is not the given one either,
/// [`doubts`](Self::doubts) the other rows whose most probable label is not the given one.
///
/// Both are ranked by self-confidence. Measured on samples of some 1,500 labelled sentences with 5 % planted errors (four
/// seeds), the first tenth of the rows, suspects before doubts, held 79 % of the planted errors; ranked by the normalised
/// margin, p(given) − the greatest other probability, 75 %.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidentLearning {
    /// Per label the threshold t(l); `None` for a label without rows, of which no row is confident.
    pub thresholds: Vec<Option<f64>>,
    /// C: one list per given label, one count per label that the model is confident of.
    pub joint: Vec<Vec<u64>>,
    /// The rows that are probably mislabelled, the least self-confidence first; of equals the earlier row.
    pub suspects: Vec<Suspect>,
    /// The rows for which another label is more probable, without the confidence that would make them suspects; in the
    /// same order.
    pub doubts: Vec<Suspect>,
}

impl ConfidentLearning {
    /// Holds `given` labels against out-of-fold `probabilities`, whose columns are those of `labels`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when there are not as many labels as rows of probabilities, or columns as labels.
    ///
    /// ```
    /// use stancewire::eval::{ConfidentLearning, Probabilities};
    /// use stancewire::labels::LabelSet;
    ///
    /// let labels = LabelSet::new(["none", "threat"])?;
    /// let (none, threat) = (labels.require("none")?, labels.require("threat")?);
    /// let given = [none, none, none, threat];
    /// let p = Probabilities::from_rows(2, &[[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7]])?;
    /// // t(none) = (0.9 + 0.8 + 0.1) / 3 = 0.6, t(threat) = 0.7: row 2 is confident of threat.
    /// let found = ConfidentLearning::new(&given, &p, &labels)?;
    /// assert_eq!(found.joint, [[2, 1], [0, 1]]);
    /// assert_eq!((found.suspects[0].row, found.suspects[0].suggested), (2, threat));
    /// # Ok::<(), stancewire::error::Error>(())
    /// ```
    pub fn new(given: &[LabelId], probabilities: &Probabilities, labels: &LabelSet) -> Result<Self> {
        let (rows, columns) = (probabilities.n_rows(), probabilities.n_labels());
        if given.len() != rows || columns != labels.len() {
            let what = format!(
                "{} labels with {rows} rows of {columns} probabilities; expected one row per label, and {} in each",
                given.len(),
                labels.len()
            );
            return Err(Error::new(ErrorKind::Settings, what));
        }
        let thresholds = thresholds(given, probabilities, labels);
        let mut joint = vec![vec![0; labels.len()]; labels.len()];
        let (mut suspects, mut doubts) = (Vec::new(), Vec::new());
        for (row, (&given, p)) in given.iter().zip(probabilities.rows()).enumerate() {
            let confident = confident_label(p, &thresholds, labels);
            if let Some(label) = confident {
                joint[given.index()][label.index()] += 1;
            }
            let Some(best) = most_probable(p, labels).filter(|best| *best != given) else { continue };
            let of = |suggested: LabelId| {
                let (confidence, self_confidence) = (p[suggested.index()], p[given.index()]);
                Suspect { row, given, suggested, confidence, self_confidence }
            };
            match confident.filter(|label| *label != given) {
                Some(label) => suspects.push(of(label)),
                None => doubts.push(of(best)),
            }
        }
        // Stable sorts: of equals the earlier row comes first.
        suspects.sort_by(|a, b| a.self_confidence.total_cmp(&b.self_confidence));
        doubts.sort_by(|a, b| a.self_confidence.total_cmp(&b.self_confidence));
        Ok(Self { thresholds, joint, suspects, doubts })
    }

    /// The joint scaled so that each row sums to the number of rows given that label: an estimate of how many rows there
    /// are of each given and true label. A label without confident rows is taken at its word.
    #[must_use]
    pub fn calibrated_joint(&self, support: &[u64]) -> Vec<Vec<f64>> {
        let scaled = |(label, (counts, &n)): (usize, (&Vec<u64>, &u64))| {
            let sum: u64 = counts.iter().sum();
            match sum {
                0 => (0..counts.len()).map(|l| if l == label { n as f64 } else { 0.0 }).collect(),
                sum => counts.iter().map(|&c| c as f64 * n as f64 / sum as f64).collect(),
            }
        };
        self.joint.iter().zip(support).enumerate().map(scaled).collect()
    }
}

fn thresholds(given: &[LabelId], probabilities: &Probabilities, labels: &LabelSet) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0_u64); labels.len()];
    for (label, p) in given.iter().zip(probabilities.rows()) {
        let (sum, n) = &mut sums[label.index()];
        *sum += p[label.index()];
        *n += 1;
    }
    sums.into_iter().map(|(sum, n)| (n > 0).then(|| sum / n as f64)).collect()
}

/// The label that a row with the probabilities `p` is confident of, if any.
fn confident_label(p: &[f64], thresholds: &[Option<f64>], labels: &LabelSet) -> Option<LabelId> {
    let reaches = |l: &LabelId| thresholds[l.index()].is_some_and(|t| p[l.index()] >= t - TOLERANCE);
    let mut confident = labels.ids().filter(reaches);
    let first = confident.next()?;
    if confident.next().is_none() { Some(first) } else { most_probable(p, labels) }
}

/// Of equally probable labels the first.
fn most_probable(p: &[f64], labels: &LabelSet) -> Option<LabelId> {
    labels.ids().reduce(|best, l| if p[l.index()] > p[best.index()] { l } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> LabelSet {
        LabelSet::new(["a", "b", "c"]).unwrap()
    }

    fn given(letters: &str) -> Vec<LabelId> {
        letters.chars().map(|c| labels().require(&c.to_string()).unwrap()).collect()
    }

    fn learn(letters: &str, rows: &[[f64; 3]]) -> ConfidentLearning {
        let p = Probabilities::from_rows(3, rows).unwrap();
        ConfidentLearning::new(&given(letters), &p, &labels()).unwrap()
    }

    #[test]
    fn rows_off_the_diagonal_are_suspects_the_surest_first() {
        // t(a) = (0.8 + 0.6 + 0.15 + 0.05) / 4 = 0.4, t(b) = (0.7 + 0.5) / 2 = 0.6, t(c) = 0.5.
        let rows = [
            [0.8, 0.1, 0.1],   // a, confident of a
            [0.6, 0.2, 0.2],   // a
            [0.15, 0.7, 0.15], // a, confident of b
            [0.05, 0.1, 0.85], // a, confident of c
            [0.2, 0.7, 0.1],   // b
            [0.3, 0.5, 0.2],   // b, confident of nothing
            [0.3, 0.2, 0.5],   // c
        ];
        let found = learn("aaaabbc", &rows);
        let close = |t: Option<f64>, expected: f64| (t.unwrap() - expected).abs() < 1e-12;
        assert!(close(found.thresholds[0], 0.4) && close(found.thresholds[1], 0.6));
        assert_eq!(found.joint, [[2, 1, 1], [0, 1, 0], [0, 0, 1]]);
        let order: Vec<usize> = found.suspects.iter().map(|s| s.row).collect();
        assert_eq!(order, [3, 2]);
        assert_eq!((found.suspects[0].self_confidence, found.suspects[0].confidence), (0.05, 0.85));
        assert_eq!(found.doubts, []);
        // Row a: 2, 1, 1 of 4 given; row b: 1 confident row stands for 2.
        let joint = found.calibrated_joint(&[4, 2, 1]);
        assert_eq!(joint, [[2.0, 1.0, 1.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]);
    }

    #[test]
    fn a_row_whose_given_label_is_the_most_probable_is_never_a_suspect() {
        // t(a) = (0.9 + 0.45) / 2 = 0.675, t(b) = (0.6 + 0.1) / 2 = 0.35. The second row reaches b alone, and counts
        // there in the joint, but a is more probable all the same.
        let found = learn("aabb", &[[0.9, 0.1, 0.0], [0.45, 0.4, 0.15], [0.2, 0.6, 0.2], [0.8, 0.1, 0.1]]);
        assert_eq!(found.joint, [[1, 1, 0], [1, 1, 0], [0, 0, 0]]);
        assert_eq!(found.suspects.iter().map(|s| s.row).collect::<Vec<_>>(), [3]);
        assert_eq!(found.doubts, []);
        assert_eq!(found.thresholds[2], None);
    }

    #[test]
    fn without_confidence_it_is_a_doubt() {
        // t(a) = (0.9 + 0.3) / 2 = 0.6, t(b) = 0.8: the second row reaches neither, but b is more probable.
        let found = learn("aab", &[[0.9, 0.1, 0.0], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1]]);
        assert_eq!(found.suspects, []);
        assert_eq!(found.joint, [[1, 0, 0], [0, 1, 0], [0, 0, 0]]);
        assert_eq!((found.doubts.len(), found.doubts[0].row, found.doubts[0].confidence), (1, 1, 0.6));
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let p = Probabilities::from_rows(3, &[[1.0, 0.0, 0.0]]).unwrap();
        let error = ConfidentLearning::new(&given("ab"), &p, &labels()).unwrap_err();
        insta::assert_snapshot!(error, @"2 labels with 1 rows of 3 probabilities; expected one row per label, and 3 in each");
    }
}
