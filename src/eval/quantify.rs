//! How large is the share of each label, when the labels were given by a classifier that errs?
//!
//! Counting labels ("classify and count") gives shares that are wrong in a known direction: a rare label gets rows of the
//! common ones. Two corrections undo that, under one assumption: in the texts at hand the classifier mistakes texts of each
//! label as it did where its errors were counted, and only the shares of the labels differ ("prior shift").
//!
//! Sources: Forman, *Quantifying counts and costs via classification*, Data Mining and Knowledge Discovery 17 (2008);
//! Saerens, Latinne and Decaestecker, *Adjusting the outputs of a classifier to new a priori probabilities*, Neural
//! Computation 14 (2002).

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelSet;

/// How counted shares are corrected for the classifier's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Not at all.
    None,
    /// The counted shares times the inverse of `P(predicted | gold)`.
    Adjusted,
    /// The shares under which the probabilities of the rows are most likely.
    Em,
}

/// How often the rows of each label were given which label: the error of a classifier, from rows of known label.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorRates {
    /// Rows by gold label and predicted label.
    counts: Vec<Vec<u64>>,
}

impl ErrorRates {
    /// From a confusion table, gold labels in rows.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when a label has no gold row: nothing is known about its errors.
    ///
    /// # Panics
    /// When the table does not have a row and a column for each label.
    pub fn new(labels: &LabelSet, confusion: &[Vec<u64>]) -> Result<Self> {
        let k = labels.len();
        assert!(
            confusion.len() == k && confusion.iter().all(|row| row.len() == k),
            "one row and column per label"
        );
        if let Some(id) = labels.ids().find(|id| confusion[id.index()].iter().sum::<u64>() == 0) {
            let what =
                format!("no row has the gold label \"{}\"; expected some of each label", labels.name(id));
            return Err(Error::new(ErrorKind::Settings, what).advise(
                "its errors cannot be known: check rows of this label too, or take another --correct",
            ));
        }
        Ok(Self { counts: confusion.to_vec() })
    }

    /// The number of labels k.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.counts.len()
    }

    /// The rows of each gold label, by predicted label.
    #[must_use]
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// `P(predicted | gold)` as counted: a row per gold label.
    #[must_use]
    pub fn rates(&self) -> Vec<Vec<f64>> {
        let shares = |row: &Vec<u64>| normalised(row.iter().map(|&n| n as f64).collect());
        self.counts.iter().map(shares).collect()
    }

    /// The same with one row more per gold label, shared among all predicted labels, so that nothing is impossible.
    pub(super) fn smoothed(&self) -> Vec<Vec<f64>> {
        self.pseudo_counts().into_iter().map(normalised).collect()
    }

    /// The parameters of the Dirichlet distributions of the rows of `P(predicted | gold)`: counts, plus one row shared
    /// among all labels (Perks' prior).
    pub(super) fn pseudo_counts(&self) -> Vec<Vec<f64>> {
        let part = 1.0 / self.n_labels() as f64;
        self.counts.iter().map(|row| row.iter().map(|&n| n as f64 + part).collect()).collect()
    }
}

/// `values` divided by their sum.
pub(super) fn normalised(mut values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    for value in &mut values {
        *value /= sum;
    }
    values
}

/// The shares of the labels from the shares `predicted` of the labels that were given, by the adjusted count: the `x`
/// with `Σ_g x_g · P(p | g) = predicted_p`, brought back to shares (the nearest point with `x ≥ 0`, `Σ x = 1`) where
/// chance has led out of them.
///
/// `rates` has a row of `P(predicted | gold)` per gold label. Nothing when the equations have no single solution: the
/// classifier treats texts of different labels alike.
///
/// ```
/// use stancewire::eval::adjusted_shares;
/// // 9 in 10 rows of the first label are found, 1 in 5 of the second one is taken for it:
/// // 0.9 x + 0.2 (1 − x) = 0.41 for x = 0.3.
/// let shares = adjusted_shares(&[vec![0.9, 0.1], vec![0.2, 0.8]], &[0.41, 0.59]).unwrap();
/// assert!((shares[0] - 0.3).abs() < 1e-12);
/// ```
#[must_use]
pub fn adjusted_shares(rates: &[Vec<f64>], predicted: &[f64]) -> Option<Vec<f64>> {
    let inverse = inverse_of_transposed(rates)?;
    Some(adjusted_with(&inverse, predicted))
}

/// The same with the inverse at hand.
pub(super) fn adjusted_with(inverse: &[Vec<f64>], predicted: &[f64]) -> Vec<f64> {
    let product = |row: &Vec<f64>| row.iter().zip(predicted).map(|(a, b)| a * b).sum();
    onto_simplex(&inverse.iter().map(product).collect::<Vec<f64>>())
}

/// A pivot smaller than this is taken for 0: shares would be carried by the rounding of the rates.
const SINGULAR: f64 = 1e-9;

/// The inverse of the transposed matrix by Gauss–Jordan elimination with row pivoting, if it has one.
pub(super) fn inverse_of_transposed(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let k = matrix.len();
    let unit = |row: usize| (0..k).map(move |column| f64::from(u8::from(row == column)));
    let mut rows: Vec<Vec<f64>> =
        (0..k).map(|row| matrix.iter().map(|from| from[row]).chain(unit(row)).collect()).collect();
    for step in 0..k {
        let best = (step..k).max_by(|&a, &b| rows[a][step].abs().total_cmp(&rows[b][step].abs()))?;
        rows.swap(step, best);
        let pivot = rows[step][step];
        if pivot.abs() < SINGULAR {
            return None;
        }
        rows[step].iter_mut().for_each(|value| *value /= pivot);
        let above = rows[step].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(number, _)| *number != step) {
            let factor = row[step];
            row.iter_mut().zip(&above).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    Some(rows.into_iter().map(|row| row[k..].to_vec()).collect())
}

/// The point of the simplex (all parts ≥ 0, sum 1) that is nearest to `point`: Duchi, Shalev-Shwartz, Singer and Chandra,
/// ICML 2008, figure 1.
pub(super) fn onto_simplex(point: &[f64]) -> Vec<f64> {
    let mut sorted = point.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (above, value) in (1..).zip(&sorted) {
        sum += value;
        let candidate = (sum - 1.0) / f64::from(above);
        if *value > candidate {
            shift = candidate;
        }
    }
    point.iter().map(|value| (value - shift).max(0.0)).collect()
}

/// The shares of the labels by expectation and maximisation, from the probabilities of rows.
///
/// `rows` has k numbers per row: its probabilities under the shares `prior`, times any factor that is the same for all of
/// the row. `weights` says how often each row stands. Each round sets the share of a label to the mean of its
/// probabilities under the shares of the round before:
///
/// ```text
/// x_g ← mean over rows of  x_g p_g / prior_g  ÷  Σ_h x_h p_h / prior_h
/// ```
///
/// From `start`, until no share moves by more than `tolerance`, or for `rounds` rounds. A label whose share starts at 0
/// keeps it. Without rows, `start` is the answer.
///
/// # Panics
/// When the lengths do not fit each other.
///
/// ```
/// use stancewire::eval::{EmStop, em_shares};
/// // Rows of which each label is certain are counted, whatever the prior.
/// let rows = [1.0, 0.0, 0.0, 1.0];
/// let shares = em_shares(&rows, &[3.0, 1.0], &[0.5, 0.5], &[0.5, 0.5], EmStop::default());
/// assert!((shares[0] - 0.75).abs() < 1e-12);
/// ```
#[must_use]
pub fn em_shares(rows: &[f64], weights: &[f64], prior: &[f64], start: &[f64], stop: EmStop) -> Vec<f64> {
    let k = prior.len();
    assert!(start.len() == k && rows.len() == k * weights.len(), "{k} numbers per row");
    let total: f64 = weights.iter().sum();
    let mut shares = start.to_vec();
    if total <= 0.0 {
        return shares;
    }
    let (mut next, mut factors) = (vec![0.0; k], vec![0.0; k]);
    for _ in 0..stop.rounds {
        factors
            .iter_mut()
            .zip(shares.iter().zip(prior))
            .for_each(|(factor, (share, prior))| *factor = share / prior);
        next.fill(0.0);
        for (row, &weight) in rows.chunks_exact(k).zip(weights).filter(|(_, weight)| **weight > 0.0) {
            let sum: f64 = row.iter().zip(&factors).map(|(p, factor)| p * factor).sum();
            // A row that no label with a share can explain says nothing about the others.
            let scale = if sum > 0.0 { weight / sum } else { 0.0 };
            next.iter_mut().zip(row.iter().zip(&factors)).for_each(|(next, (p, f))| *next += p * f * scale);
        }
        let said: f64 = next.iter().sum();
        if said <= 0.0 {
            return shares;
        }
        for share in &mut next {
            *share /= said;
        }
        let moved = next.iter().zip(&shares).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        std::mem::swap(&mut shares, &mut next);
        if moved <= stop.tolerance {
            break;
        }
    }
    shares
}

/// When [`em_shares`] ends. By default when no share moves by more than 10⁻⁹, at the latest after 10,000 rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmStop {
    /// The largest movement of a share in the last round.
    pub tolerance: f64,
    /// The most rounds.
    pub rounds: usize,
}

impl Default for EmStop {
    fn default() -> Self {
        Self { tolerance: 1e-9, rounds: 10_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: &[f64], expected: &[f64], tolerance: f64) {
        assert!(found.len() == expected.len(), "{found:?}");
        assert!(
            found.iter().zip(expected).all(|(a, b)| (a - b).abs() < tolerance),
            "{found:?} for {expected:?}"
        );
    }

    #[test]
    fn the_adjusted_count_of_two_labels_is_that_worked_by_hand() {
        // Gold threat: 80 of 100 found. Gold none: 30 of 300 taken for threat. Of 200 new rows 62 are called threat.
        // 0.8 x + 0.1 (1 − x) = 0.31, so x = 0.21 / 0.7 = 0.3. The transposed table would give another answer.
        let labels = LabelSet::new(["none", "threat"]).unwrap();
        let rates = ErrorRates::new(&labels, &[vec![270, 30], vec![20, 80]]).unwrap();
        near(&rates.rates()[0], &[0.9, 0.1], 1e-15);
        near(&adjusted_shares(&rates.rates(), &[0.69, 0.31]).unwrap(), &[0.7, 0.3], 1e-12);
    }

    #[test]
    fn shares_of_three_labels_come_back_from_what_they_would_be_taken_for() {
        let rates = [vec![0.7, 0.2, 0.1], vec![0.05, 0.9, 0.05], vec![0.3, 0.1, 0.6]];
        let truth = [0.2, 0.5, 0.3];
        let predicted: Vec<f64> = (0..3).map(|p| (0..3).map(|g| truth[g] * rates[g][p]).sum()).collect();
        near(&adjusted_shares(&rates, &predicted).unwrap(), &truth, 1e-12);
    }

    #[test]
    fn what_lies_outside_of_shares_goes_to_the_nearest_ones() {
        // 0.05 called threat is less than the 0.1 that would be called so if there were none.
        near(&adjusted_shares(&[vec![0.9, 0.1], vec![0.2, 0.8]], &[0.95, 0.05]).unwrap(), &[1.0, 0.0], 1e-12);
        near(&onto_simplex(&[0.5, 0.5, -0.2]), &[0.5, 0.5, 0.0], 1e-12);
        near(&onto_simplex(&[0.6, 0.6, 0.1]), &[0.5, 0.5, 0.0], 1e-12);
        near(&onto_simplex(&[0.2, 0.3, 0.5]), &[0.2, 0.3, 0.5], 1e-15);
        near(&onto_simplex(&[3.0, -1.0]), &[1.0, 0.0], 1e-12);
    }

    #[test]
    fn a_classifier_that_cannot_tell_two_labels_apart_gives_no_adjusted_count() {
        assert_eq!(adjusted_shares(&[vec![0.6, 0.4], vec![0.6, 0.4]], &[0.6, 0.4]), None);
    }

    #[test]
    fn a_first_pivot_of_zero_is_no_obstacle() {
        near(&adjusted_shares(&[vec![0.0, 1.0], vec![1.0, 0.0]], &[0.3, 0.7]).unwrap(), &[0.7, 0.3], 1e-15);
    }

    #[test]
    fn a_label_without_gold_rows_is_refused() {
        let labels = LabelSet::new(["none", "threat"]).unwrap();
        insta::assert_snapshot!(ErrorRates::new(&labels, &[vec![1, 0], vec![0, 0]]).unwrap_err(), @r#"
        no row has the gold label "threat"; expected some of each label
          its errors cannot be known: check rows of this label too, or take another --correct
        "#);
    }

    #[test]
    fn two_rows_by_expectation_and_maximisation_are_as_worked_by_hand() {
        // Rows with p = 0.8 and 0.4 for the first label, prior 1/2. The derivative of the likelihood
        // ln(0.8 x + 0.2 (1−x)) + ln(0.4 x + 0.6 (1−x)) is 0.6 / (0.2 + 0.6 x) − 0.2 / (0.6 − 0.2 x) = 0:
        // 0.36 − 0.12 x = 0.04 + 0.12 x, x = 4/3, so the best share is 1. With the second row twice:
        // 0.6 (0.6 − 0.2 x) = 0.4 (0.2 + 0.6 x), x = 0.28 / 0.36 = 7/9.
        let rows = [0.8, 0.2, 0.4, 0.6];
        let em = |weights: &[f64]| em_shares(&rows, weights, &[0.5, 0.5], &[0.5, 0.5], EmStop::default());
        near(&em(&[1.0, 2.0]), &[7.0 / 9.0, 2.0 / 9.0], 1e-6);
        near(&em(&[1.0, 1.0]), &[1.0, 0.0], 1e-3);
    }

    #[test]
    fn the_prior_is_taken_out_of_the_probabilities() {
        // Rows that say no more than the prior leave every share equally likely: the start stays.
        let rows = [0.9, 0.1, 0.9, 0.1];
        near(&em_shares(&rows, &[1.0, 1.0], &[0.9, 0.1], &[0.3, 0.7], EmStop::default()), &[0.3, 0.7], 1e-12);
    }

    #[test]
    fn without_rows_the_start_stays() {
        assert_eq!(em_shares(&[], &[], &[0.5, 0.5], &[0.2, 0.8], EmStop::default()), [0.2, 0.8]);
    }
}
