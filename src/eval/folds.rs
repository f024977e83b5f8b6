//! Dividing rows into folds so that no document stands on both sides.

use rustc_hash::FxHashSet;

use super::random::Random;
use super::{Clusters, Warning};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{LabelId, LabelSet};

/// A division of rows into k folds, each of which is the test set once.
#[derive(Debug, Clone, PartialEq)]
pub struct Folds {
    k: usize,
    of_row: Vec<u32>,
    warnings: Vec<Warning>,
}

/// One fold as test set and all others as training set: row positions, ascending, disjoint, together all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The number of the fold, from 0.
    pub fold: usize,
    /// The rows to learn from.
    pub train: Vec<usize>,
    /// The rows to predict.
    pub test: Vec<usize>,
}

impl Folds {
    /// The number of folds k.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The fold in which each row is tested, in `0..k`.
    #[must_use]
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }

    /// What is wanting: labels that a fold's test or training rows do not have. To be shown with the results.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The split whose test set is fold number `fold`.
    ///
    /// # Panics
    /// When `fold >= self.k()`.
    #[must_use]
    pub fn split(&self, fold: usize) -> Split {
        assert!(fold < self.k, "fold {fold} of {}", self.k);
        let (test, train) = (0..self.of_row.len()).partition(|&row| self.of_row[row] as usize == fold);
        Split { fold, train, test }
    }
}

/// Divides rows into `k` folds of about the same size and the same mix of labels, without dividing a group.
///
/// `groups[i]` is the document of row i (any number; equal numbers belong together; for data without documents give
/// each row its own), `gold[i]` its label. Sentences of one document are alike; were they on both sides, the model
/// would be tested on what it has seen, and the scores would be too good.
///
/// Groups are taken in order of falling weight, equal ones in random order, and each goes to the fold where it
/// raises `Σ_l (n_fl / N_l)² + (n_f / N)²` least, with `n_fl` the rows of label l in fold f: a greedy balance in which
/// a rare label weighs as much as a frequent one. No fold is empty. The same arguments give the same folds; another
/// `seed` gives others.
///
/// A label that a fold lacks is no error but a [`Warning`], in [`Folds::warnings`]: [`Warning::LabelMissingInTest`] and
/// [`Warning::LabelMissingInTraining`].
///
/// # Errors
/// [`ErrorKind::Empty`] without rows; [`ErrorKind::Settings`] when `k` is below 2 or above the number of groups, or
/// when `groups` and `gold` differ in length.
///
/// # Panics
/// When a gold label is of a larger set than `labels`.
///
/// ```
/// use stancewire::{eval::grouped_stratified_folds, labels::LabelSet};
/// let labels = LabelSet::new(["none", "threat"])?;
/// let (none, threat) = (labels.require("none")?, labels.require("threat")?);
/// let folds = grouped_stratified_folds(&[7, 7, 8, 9, 9, 5], &[none, threat, none, none, threat, none], &labels, 2, 0)?;
/// assert_eq!(folds.of_row()[0], folds.of_row()[1]);
/// assert_ne!(folds.of_row()[0], folds.of_row()[3], "one threat on each side");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub fn grouped_stratified_folds(
    groups: &[u32],
    gold: &[LabelId],
    labels: &LabelSet,
    k: usize,
    seed: u64,
) -> Result<Folds> {
    let clusters = Clusters::of_documents(groups);
    check(groups.len(), gold.len(), clusters.len(), k)?;
    let groups = count_labels(&clusters, gold, labels.len());
    let of_group = assign(&groups, k, seed);
    let of_row = clusters.of_row().iter().map(|&group| of_group[group as usize]).collect();
    let mut folds = Folds { k, of_row, warnings: Vec::new() };
    folds.warnings = missing_labels(&folds, gold, labels);
    Ok(folds)
}

fn check(rows: usize, golds: usize, groups: usize, k: usize) -> Result<()> {
    let refuse = |what: String| Err(Error::new(ErrorKind::Settings, what));
    if rows != golds {
        return refuse(format!("{rows} rows with {golds} labels; expected one each"));
    }
    if rows == 0 {
        return Err(Error::new(ErrorKind::Empty, "no rows to divide into folds"));
    }
    if k < 2 {
        return refuse(format!("{k} folds; expected at least 2"));
    }
    if k > groups {
        let advice = "a document is never divided: ask for fewer folds, or add rows from other documents";
        return refuse(format!("{k} folds of {groups} documents; expected at most one fold per document"))
            .map_err(|error| error.advise(advice));
    }
    Ok(())
}

/// The number of rows of each label in each group, with the number of all its rows as the last entry.
fn count_labels(clusters: &Clusters, gold: &[LabelId], n_labels: usize) -> Vec<Vec<f64>> {
    let mut counts = vec![vec![0.0; n_labels + 1]; clusters.len()];
    for (&group, label) in clusters.of_row().iter().zip(gold) {
        counts[group as usize][label.index()] += 1.0;
        counts[group as usize][n_labels] += 1.0;
    }
    counts
}

/// The fold of each group; see [`grouped_stratified_folds`] for the rule.
fn assign(groups: &[Vec<f64>], k: usize, seed: u64) -> Vec<u32> {
    let width = groups[0].len();
    let totals: Vec<f64> = (0..width).map(|label| groups.iter().map(|group| group[label]).sum()).collect();
    // As shares of each label's rows; a label without rows takes no part.
    let share = |label: usize, count: f64| if totals[label] > 0.0 { count / totals[label] } else { 0.0 };
    let shares: Vec<Vec<f64>> =
        groups.iter().map(|group| group.iter().enumerate().map(|(l, &c)| share(l, c)).collect()).collect();
    let mut folds = vec![vec![0.0; width]; k];
    let mut of_group = vec![0; groups.len()];
    for group in heaviest_first(&shares, seed) {
        // (n + c)² − n² = 2nc + c², of which c² is the same in every fold.
        let cost = |fold: &[f64]| fold.iter().zip(&shares[group]).map(|(n, c)| n * c).sum::<f64>();
        let best = (0..k).min_by(|&a, &b| cost(&folds[a]).total_cmp(&cost(&folds[b]))).unwrap_or(0);
        folds[best].iter_mut().zip(&shares[group]).for_each(|(n, c)| *n += c);
        // There are at most as many folds as there are groups, which are numbered by u32.
        #[allow(clippy::cast_possible_truncation)]
        let number = best as u32;
        of_group[group] = number;
    }
    of_group
}

/// All groups by falling sum of their shares, in random order among equals.
fn heaviest_first(shares: &[Vec<f64>], seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..shares.len()).collect();
    Random::new(seed, 0).shuffle(&mut order);
    let weight = |group: usize| shares[group].iter().sum::<f64>();
    order.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)));
    order
}

/// Warnings about labels that have gold rows, but none in some fold, or none outside of it.
fn missing_labels(folds: &Folds, gold: &[LabelId], labels: &LabelSet) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for label in labels.ids() {
        let rows = folds.of_row.iter().zip(gold).filter(|(_, gold)| **gold == label);
        let tested: FxHashSet<u32> = rows.map(|(&fold, _)| fold).collect();
        let name = || labels.name(label).to_owned();
        if !tested.is_empty() && tested.len() < folds.k {
            warnings.push(Warning::LabelMissingInTest { label: name(), folds: folds.k - tested.len() });
        }
        if tested.len() == 1 {
            warnings.push(Warning::LabelMissingInTraining { label: name(), folds: 1 });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> LabelSet {
        LabelSet::new(["a", "b", "c"]).unwrap()
    }

    fn gold(letters: &str) -> Vec<LabelId> {
        letters.chars().map(|c| set().require(&c.to_string()).unwrap()).collect()
    }

    fn folds(groups: &[u32], letters: &str, k: usize, seed: u64) -> Folds {
        grouped_stratified_folds(groups, &gold(letters), &set(), k, seed).unwrap()
    }

    /// The number of rows of `letter` in each fold.
    fn spread(folds: &Folds, letters: &str, letter: char) -> Vec<usize> {
        let in_fold = |fold| {
            folds.split(fold).test.iter().filter(|&&row| letters.as_bytes()[row] == letter as u8).count()
        };
        (0..folds.k()).map(in_fold).collect()
    }

    #[test]
    fn rows_of_their_own_are_stratified_exactly() {
        let letters = "aaaaabbbbbbbbbbccccc".repeat(3);
        let groups: Vec<u32> = (0..60).collect();
        let folds = folds(&groups, &letters, 5, 11);
        assert_eq!(spread(&folds, &letters, 'a'), [3; 5]);
        assert_eq!(spread(&folds, &letters, 'b'), [6; 5]);
        assert_eq!(spread(&folds, &letters, 'c'), [3; 5]);
        assert!(folds.warnings().is_empty());
    }

    #[test]
    fn documents_of_a_rare_label_are_spread_over_the_folds() {
        // Fifteen documents of four rows; the first five have one row of the rare label each.
        let letters = "abbb".repeat(5) + &"bbbb".repeat(10);
        let groups: Vec<u32> = (0..60).map(|row| row / 4).collect();
        for seed in 0..20 {
            let folds = folds(&groups, &letters, 5, seed);
            assert_eq!(spread(&folds, &letters, 'a'), [1; 5]);
            assert_eq!(spread(&folds, &letters, 'b'), [11; 5]);
        }
    }

    #[test]
    fn the_seed_decides() {
        let letters = "ab".repeat(30);
        let groups: Vec<u32> = (0..60).collect();
        assert_eq!(folds(&groups, &letters, 5, 3), folds(&groups, &letters, 5, 3));
        assert_ne!(folds(&groups, &letters, 5, 3), folds(&groups, &letters, 5, 4));
    }

    #[test]
    fn a_label_of_one_document_is_warned_about() {
        let folds = folds(&[1, 1, 2, 3, 4, 5], "ccabab", 2, 0);
        assert_eq!(
            folds.warnings(),
            [
                Warning::LabelMissingInTest { label: "c".into(), folds: 1 },
                Warning::LabelMissingInTraining { label: "c".into(), folds: 1 }
            ]
        );
    }

    #[test]
    fn what_cannot_be_divided_is_refused() {
        let refused = |groups: &[u32], letters: &str, k| {
            grouped_stratified_folds(groups, &gold(letters), &set(), k, 0).unwrap_err().to_string()
        };
        insta::assert_snapshot!(refused(&[1, 2], "ab", 1), @"1 folds; expected at least 2");
        insta::assert_snapshot!(refused(&[], "", 2), @"no rows to divide into folds");
        insta::assert_snapshot!(refused(&[1, 2], "a", 2), @"2 rows with 1 labels; expected one each");
        insta::assert_snapshot!(refused(&[1, 1, 2], "abc", 3), @r"
        3 folds of 2 documents; expected at most one fold per document
          a document is never divided: ask for fewer folds, or add rows from other documents
        ");
    }

    proptest! {
        #[test]
        fn every_row_is_tested_once_and_no_group_straddles(
            rows in prop::collection::vec((0_u32..12, 0_usize..3), 30..120), k in 2_usize..5, seed: u64,
        ) {
            let groups: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let gold: Vec<LabelId> = rows.iter().map(|row| set().id_at(row.1).unwrap()).collect();
            prop_assume!(Clusters::of_documents(&groups).len() >= k);
            let folds = grouped_stratified_folds(&groups, &gold, &set(), k, seed).unwrap();
            for fold in 0..k {
                let split = folds.split(fold);
                prop_assert!(!split.test.is_empty());
                let mut all = [split.train.clone(), split.test.clone()].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..rows.len()).collect::<Vec<_>>());
                let tested: FxHashSet<u32> = split.test.iter().map(|&row| groups[row]).collect();
                prop_assert!(split.train.iter().all(|&row| !tested.contains(&groups[row])));
            }
        }
    }
}
