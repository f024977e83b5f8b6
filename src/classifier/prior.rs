//! Correction for other class shares than those of the training data.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The change of probabilities when the classes have other shares than where the classifier was calibrated.
///
/// `p'(c|x) ∝ p(c|x) · target(c) / training(c)` (Saerens, Latinne and Decaestecker, Neural Computation 14, 2002). It holds
/// when only the shares differ, and the texts of each class are of the same kind.
///
/// ```
/// use stancewire::classifier::PriorShift;
/// let shift = PriorShift::new(&[0.5, 0.5], &[0.9, 0.1])?;
/// let mut p = [0.5, 0.5];
/// shift.apply(&mut p);
/// assert!((p[0] - 0.9).abs() < 1e-15);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriorShift {
    log_ratio: Vec<f64>,
}

impl PriorShift {
    /// From the class shares that the probabilities were fitted to, to those of the `target`. Only ratios matter: counts
    /// will do as well as shares.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when the lengths differ, or when a share is not greater than 0.
    pub fn new(training: &[f64], target: &[f64]) -> Result<Self> {
        if training.len() != target.len() {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("{} target shares for {} classes", target.len(), training.len()),
            )
            .advise("give one share per label, in the order of the labels"));
        }
        if let Some(share) = training.iter().chain(target).find(|s| !(s.is_finite() && **s > 0.0)) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("a class share is {share}; expected a number greater than 0"),
            )
            .advise("give a label that hardly occurs a small share, such as 0.001"));
        }
        let (from, to): (f64, f64) = (training.iter().sum(), target.iter().sum());
        let log_ratio = training.iter().zip(target).map(|(a, b)| ((b / to) / (a / from)).ln()).collect();
        Ok(Self { log_ratio })
    }

    /// `ln (target share / training share)` of each class: what can be added to scores instead.
    #[must_use]
    pub fn log_ratio(&self) -> &[f64] {
        &self.log_ratio
    }

    /// Corrects the probabilities of one row, which sum to 1 before and after.
    ///
    /// # Panics
    /// When there is not one probability per class.
    pub fn apply(&self, probabilities: &mut [f64]) {
        assert_eq!(probabilities.len(), self.log_ratio.len(), "one probability per class");
        for (p, ratio) in probabilities.iter_mut().zip(&self.log_ratio) {
            *p *= ratio.exp();
        }
        let sum: f64 = probabilities.iter().sum();
        for p in probabilities {
            *p /= sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odds_are_multiplied_by_the_ratio_of_the_shares() {
        // Odds 3 : 1 at shares 1 : 1; at shares 1 : 4 they are 3 : 4.
        let shift = PriorShift::new(&[10.0, 10.0], &[0.2, 0.8]).unwrap();
        let mut p = [0.75, 0.25];
        shift.apply(&mut p);
        assert!((p[0] - 3.0 / 7.0).abs() < 1e-15 && (p[1] - 4.0 / 7.0).abs() < 1e-15, "{p:?}");
    }

    #[test]
    fn equal_shares_change_nothing() {
        let shift = PriorShift::new(&[2.0, 3.0], &[0.4, 0.6]).unwrap();
        assert!(shift.log_ratio().iter().all(|r| r.abs() < 1e-15));
    }

    #[test]
    fn shares_that_cannot_be_are_refused() {
        for (training, target, text) in [
            (
                vec![0.5, 0.5],
                vec![1.0],
                "1 target shares for 2 classes\n  give one share per label, in the order of the labels",
            ),
            (
                vec![0.5, 0.5],
                vec![1.0, 0.0],
                "a class share is 0; expected a number greater than 0\n  give a label that hardly occurs a small share, such as 0.001",
            ),
        ] {
            assert_eq!(PriorShift::new(&training, &target).unwrap_err().to_string(), text);
        }
    }
}
