//! Predictions for every row by a model that has not seen its fold.

use rayon::prelude::*;

use super::{Folds, Split};
use crate::error::{Error, ErrorKind, Result};

/// What was learnt and predicted in one fold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldOutput<T, R> {
    /// One prediction per test row, in the order of [`Split::test`]: scores, probabilities, a label …
    pub predictions: Vec<T>,
    /// Whatever is to be known about the fit itself, such as whether its solver converged; `()` if nothing is.
    pub report: R,
}

/// The predictions of all folds, put together.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFold<T, R> {
    /// One prediction per row of the data, in row order.
    pub predictions: Vec<T>,
    /// One report per fold, in fold order.
    pub reports: Vec<R>,
}

/// Calls `fit_predict` for each split of `folds` and gathers the out-of-fold predictions in row order.
///
/// `fit_predict` must fit on the training rows alone: vocabulary, idf, weights, everything. It is called in parallel,
/// so as many folds are in memory as there are threads, and results are the same for any number of threads exactly when it gives the same answer to the same split.
///
/// # Errors
/// The error of the first fold (by number) in which `fit_predict` fails; [`ErrorKind::Training`] when it gives more or
/// fewer predictions than the fold has test rows.
///
/// ```
/// use stancewire::eval::{FoldOutput, cross_validate, grouped_stratified_folds};
/// use stancewire::labels::LabelSet;
///
/// let labels = LabelSet::new(["a", "b"])?;
/// let gold: Vec<_> = labels.ids().cycle().take(6).collect();
/// let folds = grouped_stratified_folds(&[0, 1, 2, 3, 4, 5], &gold, &labels, 3, 0)?;
/// // A "model" that knows only how many rows it learnt from.
/// let found = cross_validate(&folds, |split| {
///     Ok(FoldOutput { predictions: vec![split.train.len(); split.test.len()], report: split.fold })
/// })?;
/// assert_eq!(found.predictions, [4; 6]);
/// assert_eq!(found.reports, [0, 1, 2]);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub fn cross_validate<T, R, F>(folds: &Folds, fit_predict: F) -> Result<OutOfFold<T, R>>
where
    T: Send,
    R: Send,
    F: Fn(&Split) -> Result<FoldOutput<T, R>> + Sync,
{
    let one = |fold: usize| {
        let split = folds.split(fold);
        let output = fit_predict(&split)?;
        check_length(&split, output.predictions.len())?;
        Ok((split.test, output))
    };
    // Gathered before any error is looked at, so that the first fold's error is the one that is reported.
    let outputs: Vec<Result<_>> = (0..folds.k()).into_par_iter().map(one).collect();
    let mut reports = Vec::with_capacity(folds.k());
    let mut rows: Vec<(usize, T)> = Vec::with_capacity(folds.of_row().len());
    for output in outputs {
        let (test, output) = output?;
        rows.extend(test.into_iter().zip(output.predictions));
        reports.push(output.report);
    }
    rows.sort_unstable_by_key(|row| row.0);
    Ok(OutOfFold { predictions: rows.into_iter().map(|row| row.1).collect(), reports })
}

fn check_length(split: &Split, found: usize) -> Result<()> {
    if found == split.test.len() {
        return Ok(());
    }
    let what = format!("fold {} gave {found} predictions for {} rows", split.fold + 1, split.test.len());
    Err(Error::new(ErrorKind::Training, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::grouped_stratified_folds;
    use crate::labels::LabelSet;

    fn folds() -> Folds {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let gold: Vec<_> = labels.ids().cycle().take(20).collect();
        let groups: Vec<u32> = (0..20).map(|row| row / 2).collect();
        grouped_stratified_folds(&groups, &gold, &labels, 4, 5).unwrap()
    }

    #[test]
    fn predictions_stand_in_row_order() {
        let echo = |split: &Split| Ok(FoldOutput { predictions: split.test.clone(), report: () });
        assert_eq!(cross_validate(&folds(), echo).unwrap().predictions, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn no_row_is_predicted_by_a_model_that_has_seen_it() {
        let seen = |split: &Split| {
            let predictions = split.test.iter().map(|row| split.train.contains(row)).collect();
            Ok(FoldOutput { predictions, report: () })
        };
        assert_eq!(cross_validate(&folds(), seen).unwrap().predictions, [false; 20]);
    }

    #[test]
    fn the_error_of_the_first_failing_fold_is_reported() {
        let fail = |split: &Split| -> Result<FoldOutput<(), ()>> {
            match split.fold {
                0 => Ok(FoldOutput { predictions: vec![(); split.test.len()], report: () }),
                fold => Err(Error::new(ErrorKind::Training, format!("fold {fold} failed"))),
            }
        };
        assert_eq!(cross_validate(&folds(), fail).unwrap_err().to_string(), "fold 1 failed");
    }

    #[test]
    fn missing_predictions_are_an_error() {
        let short = |_: &Split| Ok(FoldOutput { predictions: vec![0], report: () });
        let error = cross_validate(&folds(), short).unwrap_err().to_string();
        assert!(error.starts_with("fold 1 gave 1 predictions for "), "{error}");
    }
}
