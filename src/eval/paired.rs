//! Two models on the same rows: is one better, or was it luck?

use serde::Serialize;

use super::bootstrap::{central, replicates};
use super::cluster_sums::ClusterSums;
use super::{BootstrapParams, Clusters, Interval, Metric, Outcome};
use crate::error::{Error, ErrorKind, Result};

/// The difference of one metric between two models, `b − a`, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PairedDifference {
    /// The metric of the first model.
    pub a: Option<f64>,
    /// The metric of the second model.
    pub b: Option<f64>,
    /// `b − a`: above zero, the second model is better.
    pub difference: Option<f64>,
    /// The interval of the difference over resamples that draw the same documents for both models; `None` where
    /// [`bootstrap_intervals`](super::bootstrap_intervals) would give none, and where all resamples give the same
    /// difference, as those of equal predictions do: such an interval would claim certainty.
    pub interval: Option<Interval>,
    /// Twice the share of resamples on the rarer side of zero, `2 · (1 + min(#(d ≤ 0), #(d ≥ 0))) / (1 + #d)`, at most
    /// 1: the two-sided level at which the interval would touch zero. Present where at least half of the resamples have a
    /// difference.
    pub p_value: Option<f64>,
}

/// Compares two models on the same rows by a paired bootstrap.
///
/// Both models are scored on the same resampled documents, so what is common to them (hard documents) cancels out;
/// this is much sharper than looking whether two separate intervals overlap. `a[i]` and `b[i]` must be about the same
/// row; `clusters` says which rows are drawn together.
///
/// # Errors
/// [`ErrorKind::Empty`] without rows; [`ErrorKind::Settings`] when `a`, `b` and `clusters` differ in length, when
/// they disagree about the gold label of a row, or as [`BootstrapParams::check`].
///
/// # Panics
/// When a label is not below `n_labels`.
pub fn paired_difference(
    n_labels: usize,
    a: &[Outcome],
    b: &[Outcome],
    clusters: &Clusters,
    metric: Metric,
    params: &BootstrapParams,
) -> Result<PairedDifference> {
    check_paired(a, b)?;
    if a.len() != clusters.of_row().len() {
        return Err(Error::new(
            ErrorKind::Settings,
            format!("{} rows with {} documents; expected one each", a.len(), clusters.of_row().len()),
        ));
    }
    let sums = [a, b].map(|outcomes| ClusterSums::new(n_labels, outcomes, &[], clusters));
    let between = |drawn: &[u32]| {
        let [a, b] = sums.each_ref().map(|sums| metric.of(&sums.resample(drawn).0));
        (a, b, a.zip(b).map(|(a, b)| b - a))
    };
    let draws = replicates(clusters.len(), params, &|drawn: &[u32]| between(drawn).2)?;
    let (a, b, difference) = between(&vec![1; clusters.len()]);
    let mut values: Vec<f64> = draws.iter().copied().flatten().collect();
    let known = clusters.len() > 1 && 2 * values.len() >= draws.len();
    let p_value = known.then(|| two_sided(&values));
    let differ = values.windows(2).any(|pair| (pair[0] - pair[1]).abs() > f64::EPSILON);
    let interval = (known && differ).then(|| central(&mut values, params.level));
    Ok(PairedDifference { a, b, difference, interval, p_value })
}

fn two_sided(differences: &[f64]) -> f64 {
    let below = differences.iter().filter(|&&d| d <= 0.0).count();
    let above = differences.iter().filter(|&&d| d >= 0.0).count();
    (2.0 * (1 + below.min(above)) as f64 / (1 + differences.len()) as f64).min(1.0)
}

fn check_paired(a: &[Outcome], b: &[Outcome]) -> Result<()> {
    if a.len() != b.len() {
        return Err(Error::new(
            ErrorKind::Settings,
            format!("{} outcomes against {}; expected the same rows", a.len(), b.len()),
        ));
    }
    if a.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "no rows to compare two models on"));
    }
    match a.iter().zip(b).position(|(a, b)| a.gold != b.gold) {
        Some(row) => Err(Error::new(
            ErrorKind::Settings,
            format!("row {} has two gold labels; expected the same rows for both models", row + 1),
        )),
        None => Ok(()),
    }
}

/// [McNemar](https://doi.org/10.1007/BF02295996)'s exact test on the rows that only one of two models got right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct McNemar {
    /// Rows that the first model got right and the second wrong.
    pub only_a: u64,
    /// Rows that the second model got right and the first wrong.
    pub only_b: u64,
    /// The two-sided p-value.
    pub p_value: f64,
}

/// [McNemar](https://doi.org/10.1007/BF02295996)'s exact test (1947, in its binomial form): do two models differ in accuracy on the same rows?
///
/// If they do not, each row that only one of them gets right is a fair coin:
/// `p = min(1, 2 · Σ_{i ≤ min(n₀₁, n₁₀)} C(n, i) / 2ⁿ)` with `n = n₀₁ + n₁₀`; 1 when `n` is 0. Equal to
/// `statsmodels.stats.contingency_tables.mcnemar(exact=True)`.
///
/// The test takes rows as independent. Sentences of one article are not quite, so `p` is somewhat too small on such
/// data; [`paired_difference`] draws documents and does not have that fault.
///
/// # Errors
/// As [`paired_difference`].
pub fn mcnemar(a: &[Outcome], b: &[Outcome]) -> Result<McNemar> {
    check_paired(a, b)?;
    let only = |x: &[Outcome], y: &[Outcome]| {
        x.iter().zip(y).filter(|(x, y)| x.is_correct() && !y.is_correct()).count() as u64
    };
    let (only_a, only_b) = (only(a, b), only(b, a));
    Ok(McNemar { only_a, only_b, p_value: sign_test(only_a, only_b) })
}

/// The exact two-sided test that `first` and `second` are counts of the two sides of a fair coin.
fn sign_test(first: u64, second: u64) -> f64 {
    let (few, n) = (first.min(second), (first + second) as f64);
    // ln (C(n, few) / 2ⁿ), then the smaller terms by their ratio C(n, i−1) / C(n, i) = i / (n − i + 1).
    let largest = (0..few).map(|i| ((n - i as f64) / (i as f64 + 1.0)).ln()).sum::<f64>() - n * 2.0_f64.ln();
    let (mut ratio, mut sum) = (1.0, 1.0);
    for i in (1..=few).rev() {
        ratio *= i as f64 / (n - i as f64 + 1.0);
        sum += ratio;
    }
    (2.0 * largest.exp() * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;

    /// Outcomes from two strings of label letters a, b, c.
    fn outcomes(gold: &str, predicted: &str) -> Vec<Outcome> {
        let set = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |c: char| set.require(&c.to_string()).unwrap();
        gold.chars().zip(predicted.chars()).map(|(g, p)| Outcome { gold: id(g), predicted: id(p) }).collect()
    }

    fn difference(gold: &str, a: &str, b: &str, documents: &[u32]) -> PairedDifference {
        let clusters = Clusters::of_documents(documents);
        let (a, b) = (outcomes(gold, a), outcomes(gold, b));
        paired_difference(3, &a, &b, &clusters, Metric::Accuracy, &BootstrapParams::default()).unwrap()
    }

    #[test]
    fn difference_is_second_minus_first() {
        // The first model has 2 of 4 right, the second 3 of 4.
        let found = difference("aabb", "abba", "aaba", &[1, 2, 3, 4]);
        assert_eq!((found.a, found.b, found.difference), (Some(0.5), Some(0.75), Some(0.25)));
    }

    #[test]
    fn equal_models_do_not_differ_and_that_is_no_certainty() {
        let found = difference("abcabc", "abcbca", "abcbca", &[1, 2, 3, 4, 5, 6]);
        assert_eq!((found.difference, found.interval, found.p_value), (Some(0.0), None, Some(1.0)));
    }

    #[test]
    fn a_gain_in_every_document_is_certain_and_one_in_a_single_document_is_not() {
        let gold = "a".repeat(40);
        let documents: Vec<u32> = (0..40).map(|row| row / 4).collect();
        // In each of the ten documents the second model has one more row right.
        let each = difference(&gold, &"aabb".repeat(10), &"aaab".repeat(10), &documents);
        assert_eq!((each.difference, each.interval), (Some(0.25), None));
        assert!(each.p_value.unwrap() < 0.002);
        // All of the gain lies in one document, which is not drawn in (9/10)^10 = 35 % of the resamples.
        let one = difference(&gold, &"b".repeat(40), &("aaaa".to_owned() + &"b".repeat(36)), &documents);
        assert!(one.interval.unwrap().low.abs() < 1e-12);
        assert!(one.p_value.unwrap() > 0.5);
    }

    #[test]
    fn mcnemar_counts_the_rows_where_one_model_is_right() {
        // Only the first right: rows 2, 3, 4, 5, 6; only the second: row 1. n = 6: p = 2·(1 + 6)/64 = 14/64.
        let test = mcnemar(&outcomes("aaaaaaa", "baaaaaa"), &outcomes("aaaaaaa", "abbbbba")).unwrap();
        assert_eq!((test.only_a, test.only_b), (5, 1));
        assert!((test.p_value - 14.0 / 64.0).abs() < 1e-15);
    }

    #[test]
    fn without_disagreement_p_is_one() {
        assert!((sign_test(0, 0) - 1.0).abs() < 1e-15);
        assert!((sign_test(4, 4) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn rows_that_do_not_belong_together_are_refused() {
        let rows = outcomes("ab", "ab");
        insta::assert_snapshot!(mcnemar(&rows, &rows[..1]).unwrap_err(), @"2 outcomes against 1; expected the same rows");
        insta::assert_snapshot!(mcnemar(&[], &[]).unwrap_err(), @"no rows to compare two models on");
        insta::assert_snapshot!(
            mcnemar(&rows, &outcomes("ac", "ac")).unwrap_err(),
            @"row 2 has two gold labels; expected the same rows for both models"
        );
        let clusters = Clusters::of_rows(3);
        let error = paired_difference(3, &rows, &rows, &clusters, Metric::Mcc, &BootstrapParams::default());
        insta::assert_snapshot!(error.unwrap_err(), @"2 rows with 3 documents; expected one each");
    }
}
