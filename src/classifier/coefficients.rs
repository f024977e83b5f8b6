//! The fitted parameters.

use crate::error::{Error, ErrorKind, Result};
use crate::features::RowView;

/// The parameters of a multinomial logistic regression with `d` features and `k` classes.
///
/// Weights are stored feature by feature, the classes of one feature side by side: scoring a row touches only the
/// features that occur in it.
///
/// ```
/// use stancewire::classifier::{Coefficients, softmax};
/// use stancewire::features::SparseRow;
/// let coefficients = Coefficients::from_parts(1, vec![1.0, -1.0], vec![0.5, -0.5])?;
/// let mut row = SparseRow::new();
/// row.push(0, 2.0);
/// let mut scores = [0.0; 2];
/// coefficients.decision_into(row.view(), &mut scores);
/// assert_eq!(scores, [2.5, -2.5]);
/// softmax(&mut scores);
/// assert!((scores[0] - 1.0 / (1.0 + (-5.0f64).exp())).abs() < 1e-15);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    n_features: usize,
    weights: Vec<f64>,
    intercepts: Vec<f64>,
}

impl Coefficients {
    /// All zero: every class is equally likely for every row.
    #[must_use]
    pub fn zeros(n_features: usize, n_classes: usize) -> Self {
        Self { n_features, weights: vec![0.0; n_features * n_classes], intercepts: vec![0.0; n_classes] }
    }

    /// From their stored parts: `weights[j * k + c]` is that of feature `j` for class `c` of the `k` intercepts.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when the lengths do not fit, when there are fewer than two classes, or when a number is not
    /// finite.
    pub fn from_parts(n_features: usize, weights: Vec<f64>, intercepts: Vec<f64>) -> Result<Self> {
        let k = intercepts.len();
        if k < 2 {
            return Err(Error::new(ErrorKind::Model, format!("{k} intercepts; expected at least 2")));
        }
        if n_features.checked_mul(k) != Some(weights.len()) {
            return Err(Error::new(
                ErrorKind::Model,
                format!("{} weights; expected {n_features} features × {k} classes", weights.len()),
            ));
        }
        if let Some(at) = weights.iter().chain(&intercepts).position(|v| !v.is_finite()) {
            return Err(Error::new(ErrorKind::Model, format!("coefficient {at} is not a finite number")));
        }
        Ok(Self { n_features, weights, intercepts })
    }

    /// The number of features `d`.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The number of classes `k`.
    #[must_use]
    pub fn n_classes(&self) -> usize {
        self.intercepts.len()
    }

    /// All weights, feature by feature.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The weights of one feature, one per class.
    ///
    /// # Panics
    /// When there is no such feature.
    #[must_use]
    pub fn weights_of(&self, feature: usize) -> &[f64] {
        let k = self.n_classes();
        &self.weights[feature * k..(feature + 1) * k]
    }

    pub(super) fn weights_of_mut(&mut self, feature: usize) -> &mut [f64] {
        let k = self.n_classes();
        &mut self.weights[feature * k..(feature + 1) * k]
    }

    /// The intercepts, one per class.
    #[must_use]
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    pub(super) fn intercepts_mut(&mut self) -> &mut [f64] {
        &mut self.intercepts
    }

    /// The scores of a row: `xᵀW + b`, into `scores`.
    ///
    /// # Panics
    /// When `scores` does not have one place per class, or when the row has a column that there is no weight for.
    pub fn decision_into(&self, row: RowView<'_>, scores: &mut [f64]) {
        scores.copy_from_slice(&self.intercepts);
        row.iter().for_each(|(feature, value)| self.add_feature(feature, value, scores));
    }

    /// Adds `value` times the weights of `feature` to `scores`.
    ///
    /// # Panics
    /// When there is no such feature.
    #[inline]
    pub fn add_feature(&self, feature: usize, value: f64, scores: &mut [f64]) {
        // With the number of classes known, no loop is left.
        match <&mut [f64; 4]>::try_from(&mut *scores) {
            Ok(four) => {
                let weights = &self.weights.as_chunks::<4>().0[feature];
                (0..4).for_each(|c| four[c] += value * weights[c]);
            }
            Err(_) => scores.iter_mut().zip(self.weights_of(feature)).for_each(|(s, w)| *s += value * w),
        }
    }
}

/// Turns scores into probabilities: `exp(sᵢ) / Σ exp(s)`, computed from the differences to the largest score, so that
/// no score is too large. No scores give no probabilities.
pub fn softmax(scores: &mut [f64]) {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_bears_any_score() {
        for (scores, expected) in [
            ([0.0, 0.0], [0.5, 0.5]),
            ([1e308, -1e308], [1.0, 0.0]),
            ([-1e4, -1e4], [0.5, 0.5]),
            ([3f64.ln(), 0.0], [0.75, 0.25]),
        ] {
            let mut p = scores;
            softmax(&mut p);
            assert!((p[0] - expected[0]).abs() < 1e-15 && (p[1] - expected[1]).abs() < 1e-15, "{scores:?}");
        }
    }

    #[test]
    fn stored_parts_are_checked() {
        for (n, weights, intercepts, text) in [
            (0, vec![], vec![0.0], "1 intercepts; expected at least 2"),
            (2, vec![0.0; 3], vec![0.0; 2], "3 weights; expected 2 features × 2 classes"),
            (
                usize::MAX,
                vec![0.0; 3],
                vec![0.0; 2],
                "3 weights; expected 18446744073709551615 features × 2 classes",
            ),
            (1, vec![0.0, f64::INFINITY], vec![0.0; 2], "coefficient 1 is not a finite number"),
        ] {
            assert_eq!(Coefficients::from_parts(n, weights, intercepts).unwrap_err().to_string(), text);
        }
    }
}
