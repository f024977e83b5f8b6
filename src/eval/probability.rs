//! Scores of whole probability distributions: log loss and Brier score.

use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelId;

/// How far a row of probabilities may be from summing to 1.
const SUM_TOLERANCE: f64 = 1e-6;

/// One probability per label for each row: an N×L table, labels in the order of their set.
///
/// Checked once, when it is made; every function that takes one can rely on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities {
    n_labels: usize,
    values: Vec<f64>,
}

impl Probabilities {
    /// The table with `n_labels` columns whose rows stand one after the other in `values`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when the values do not fill whole rows, when one is not a finite number in 0..=1, or
    /// when a row does not sum to 1 (within 10⁻⁶).
    pub fn new(n_labels: usize, values: Vec<f64>) -> Result<Self> {
        if n_labels == 0 || !values.len().is_multiple_of(n_labels) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("{} probabilities for {n_labels} labels; expected whole rows", values.len()),
            ));
        }
        for (number, row) in values.chunks_exact(n_labels).enumerate() {
            check_row(row).map_err(|what| {
                Error::new(ErrorKind::Settings, format!("row {}: {what}", number + 1))
                    .advise("are these scores? turn them into probabilities by a softmax first")
            })?;
        }
        Ok(Self { n_labels, values })
    }

    /// The table with these rows.
    ///
    /// # Errors
    /// As [`Probabilities::new`], and when rows differ in length from `n_labels`.
    pub fn from_rows<R: AsRef<[f64]>>(n_labels: usize, rows: &[R]) -> Result<Self> {
        if let Some(number) = rows.iter().position(|row| row.as_ref().len() != n_labels) {
            let found = rows[number].as_ref().len();
            return Err(Error::new(
                ErrorKind::Settings,
                format!("row {} has {found} probabilities; expected {n_labels}", number + 1),
            ));
        }
        Self::new(n_labels, rows.iter().flat_map(|row| row.as_ref().iter().copied()).collect())
    }

    /// The number of labels L.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// The number of rows N.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_labels
    }

    /// The probabilities of row `row`, in label order.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.n_labels..(row + 1) * self.n_labels]
    }

    /// All rows in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.n_labels)
    }
}

fn check_row(row: &[f64]) -> std::result::Result<(), String> {
    if let Some(bad) = row.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(format!("probability {bad}; expected a number from 0 to 1"));
    }
    let sum: f64 = row.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return Err(format!("probabilities sum to {sum}; expected 1"));
    }
    Ok(())
}

/// `−ln p(gold)` of each row, in nats, with `p` kept inside `[ε, 1 − ε]`, ε = 2⁻⁵² (as scikit-learn clips), so that a
/// certain and wrong answer costs 36 and not infinity.
///
/// # Panics
/// When `gold` and `probabilities` differ in length, or a label has no column.
#[must_use]
pub fn log_loss_terms(gold: &[LabelId], probabilities: &Probabilities) -> Vec<f64> {
    let of_row =
        |(gold, row): (&LabelId, &[f64])| -row[gold.index()].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
    per_row(gold, probabilities, of_row)
}

/// `Σ_k (p_k − [k = gold])²` of each row, in 0..=2.
///
/// # Panics
/// As [`log_loss_terms`].
#[must_use]
pub fn brier_terms(gold: &[LabelId], probabilities: &Probabilities) -> Vec<f64> {
    let of_row = |(gold, row): (&LabelId, &[f64])| {
        let square = |(label, p): (usize, &f64)| (p - f64::from(u8::from(label == gold.index()))).powi(2);
        row.iter().enumerate().map(square).sum()
    };
    per_row(gold, probabilities, of_row)
}

/// The mean of [`log_loss_terms`]: 0 for certain and right answers, `ln L` for uniform ones. `None` without rows.
///
/// Equal to scikit-learn's `log_loss`.
///
/// # Panics
/// As [`log_loss_terms`].
#[must_use]
pub fn log_loss(gold: &[LabelId], probabilities: &Probabilities) -> Option<f64> {
    mean(&log_loss_terms(gold, probabilities))
}

/// The mean of [`brier_terms`], Brier's original score over all labels: 0 for certain and right answers, 2 for certain
/// and wrong ones, `1 − 1/L` for uniform ones. `None` without rows.
///
/// Equal to scikit-learn's `brier_score_loss` with `scale_by_half=False` (its default for three labels and more; for
/// two labels it gives half of this).
///
/// # Panics
/// As [`log_loss_terms`].
#[must_use]
pub fn brier_score(gold: &[LabelId], probabilities: &Probabilities) -> Option<f64> {
    mean(&brier_terms(gold, probabilities))
}

fn per_row(
    gold: &[LabelId],
    probabilities: &Probabilities,
    of_row: impl Fn((&LabelId, &[f64])) -> f64,
) -> Vec<f64> {
    assert_eq!(gold.len(), probabilities.n_rows(), "gold labels and rows of probabilities");
    gold.iter().zip(probabilities.rows()).map(of_row).collect()
}

fn mean(terms: &[f64]) -> Option<f64> {
    (!terms.is_empty()).then(|| terms.iter().sum::<f64>() / terms.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;

    fn gold(letters: &str) -> Vec<LabelId> {
        let set = LabelSet::new(["a", "b", "c"]).unwrap();
        letters.chars().map(|c| set.require(&c.to_string()).unwrap()).collect()
    }

    #[test]
    fn log_loss_and_brier_of_a_worked_example() {
        // Gold b with p = (0.25, 0.5, 0.25): −ln 0.5; Brier 1/16 + 1/4 + 1/16 = 3/8.
        // Gold a with p = (0.1, 0.2, 0.7): −ln 0.1; Brier 0.81 + 0.04 + 0.49 = 1.34.
        let table = Probabilities::from_rows(3, &[[0.25, 0.5, 0.25], [0.1, 0.2, 0.7]]).unwrap();
        let loss = log_loss(&gold("ba"), &table).unwrap();
        assert!((loss - 20.0_f64.ln() / 2.0).abs() < 1e-12);
        let brier = brier_score(&gold("ba"), &table).unwrap();
        assert!((brier - 1.715 / 2.0).abs() < 1e-12);
    }

    #[test]
    fn certain_and_wrong_is_dear_but_finite() {
        let table = Probabilities::from_rows(3, &[[0.0, 1.0, 0.0]]).unwrap();
        assert!((log_loss(&gold("a"), &table).unwrap() - 52.0 * 2.0_f64.ln()).abs() < 1e-9);
        assert_eq!(brier_score(&gold("a"), &table), Some(2.0));
        assert_eq!(brier_score(&gold("b"), &table), Some(0.0));
    }

    #[test]
    fn without_rows_there_is_no_score() {
        let table = Probabilities::new(3, Vec::new()).unwrap();
        assert_eq!((log_loss(&[], &table), brier_score(&[], &table)), (None, None));
    }

    #[test]
    fn what_is_not_a_distribution_is_refused() {
        let refused = |rows: &[&[f64]]| Probabilities::from_rows(2, rows).unwrap_err().to_string();
        insta::assert_snapshot!(refused(&[&[0.5, 0.5], &[0.5, 0.6]]), @r"
        row 2: probabilities sum to 1.1; expected 1
          are these scores? turn them into probabilities by a softmax first
        ");
        insta::assert_snapshot!(refused(&[&[f64::NAN, 0.5]]), @r"
        row 1: probability NaN; expected a number from 0 to 1
          are these scores? turn them into probabilities by a softmax first
        ");
        insta::assert_snapshot!(refused(&[&[0.5, 0.5], &[1.0]]), @"row 2 has 1 probabilities; expected 2");
        let error = Probabilities::new(2, vec![1.0]).unwrap_err();
        insta::assert_snapshot!(error, @"1 probabilities for 2 labels; expected whole rows");
    }
}
