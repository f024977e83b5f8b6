//! Intervals by resampling: how much would a score move with other documents of the same kind?

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::random::Random;
use crate::error::{Error, ErrorKind, Result};

/// How intervals are made. The default is 2000 resamples, level 0.95, seed 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapParams {
    /// How many resamples are drawn; 2000 steady the second decimal, fewer than 200 are not worth printing.
    pub replicates: usize,
    /// The share of the resamples inside the interval, in 0..1.
    pub level: f64,
    /// The seed of the draws. The same seed gives the same interval, whatever the number of threads.
    pub seed: u64,
}

impl Default for BootstrapParams {
    fn default() -> Self {
        Self { replicates: 2000, level: 0.95, seed: 0 }
    }
}

impl BootstrapParams {
    /// Checks the ranges of the fields.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when there are no replicates or the level is not strictly between 0 and 1.
    pub fn check(&self) -> Result<()> {
        if self.replicates == 0 {
            return Err(Error::new(ErrorKind::Settings, "0 bootstrap replicates; expected at least 1")
                .advise("2000 is the usual number; leave the bootstrap out if no intervals are wanted"));
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::new(
                ErrorKind::Settings,
                format!("interval level {}; expected a number between 0 and 1", self.level),
            )
            .advise("a 95 % interval has the level 0.95"));
        }
        Ok(())
    }
}

/// A range that holds a score in the given share of resamples, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Which rows are drawn together: the sentences of one document, or each row alone.
///
/// Sentences of one article are alike, so drawing rows one by one makes intervals too narrow; draw documents wherever
/// they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    of_row: Vec<u32>,
    len: usize,
}

impl Clusters {
    /// Rows with the same number in `documents` belong together. The numbers may be any; one entry per row.
    #[must_use]
    pub fn of_documents(documents: &[u32]) -> Self {
        let mut dense = FxHashMap::default();
        let mut of_row = Vec::with_capacity(documents.len());
        for &document in documents {
            // There are at most as many numbers as there are values of u32.
            #[allow(clippy::cast_possible_truncation)]
            let next = dense.len() as u32;
            of_row.push(*dense.entry(document).or_insert(next));
        }
        Self { of_row, len: dense.len() }
    }

    /// Each of `n_rows` rows is drawn by itself: for data without documents.
    ///
    /// # Panics
    /// With 2³² rows or more.
    #[must_use]
    pub fn of_rows(n_rows: usize) -> Self {
        let end = u32::try_from(n_rows).expect("fewer than 2^32 rows");
        Self { of_row: (0..end).collect(), len: n_rows }
    }

    /// The number of clusters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no clusters, and so no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The cluster of each row, as a position in `0..len()`.
    #[must_use]
    pub fn of_row(&self) -> &[u32] {
        &self.of_row
    }
}

/// Percentile-bootstrap intervals of several statistics at once (Efron & Tibshirani 1993, §13.3).
///
/// `n_clusters` clusters are drawn with replacement, `n_clusters` times; `statistics` is called with how often each
/// was drawn (that many numbers, summing to `n_clusters`) and gives the value of each statistic on that resample,
/// always in the same order, `None` where it is undefined (0/0). The interval of a statistic is the central
/// `level` share of its values, ends interpolated linearly between order statistics (`NumPy`'s default quantile).
///
/// A statistic has no interval (`None`) when it is undefined in more than half of the resamples, and none has one
/// when there are fewer than two clusters: a single document says nothing about the next one. Values that are
/// undefined in fewer resamples are left out.
///
/// Replicates are computed in parallel; each has its own stream of random numbers, and results are gathered in
/// order, so the answer does not depend on the number of threads.
///
/// # Errors
/// [`ErrorKind::Settings`] as [`BootstrapParams::check`].
///
/// # Panics
/// When `statistics` gives different numbers of values for different resamples.
///
/// ```
/// use stancewire::eval::{BootstrapParams, bootstrap_intervals};
/// let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let intervals = bootstrap_intervals(values.len(), &BootstrapParams::default(), |drawn| {
///     let sum: f64 = values.iter().zip(drawn).map(|(v, &n)| v * f64::from(n)).sum();
///     vec![Some(sum / 6.0)]
/// })?;
/// let mean = intervals[0].unwrap();
/// assert!(mean.low < 3.5 && 3.5 < mean.high);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub fn bootstrap_intervals<F>(
    n_clusters: usize,
    params: &BootstrapParams,
    statistics: F,
) -> Result<Vec<Option<Interval>>>
where
    F: Fn(&[u32]) -> Vec<Option<f64>> + Sync,
{
    let replicates = replicates(n_clusters, params, &statistics)?;
    let width = replicates.first().map_or(0, Vec::len);
    if n_clusters < 2 {
        return Ok(vec![None; width]);
    }
    assert!(replicates.iter().all(|r| r.len() == width), "resamples with different numbers of statistics");
    let interval = |statistic: usize| {
        let mut values: Vec<f64> = replicates.iter().filter_map(|replicate| replicate[statistic]).collect();
        (2 * values.len() >= replicates.len()).then(|| central(&mut values, params.level))
    };
    Ok((0..width).map(interval).collect())
}

/// The statistics of every resample, in the order of the resamples.
pub(super) fn replicates<T: Send, F: Fn(&[u32]) -> T + Sync>(
    n_clusters: usize,
    params: &BootstrapParams,
    statistics: &F,
) -> Result<Vec<T>> {
    params.check()?;
    let one = |drawn: &mut Vec<u32>, number: usize| {
        drawn.fill(0);
        let mut random = Random::new(params.seed, number as u64);
        for _ in 0..n_clusters {
            drawn[random.below(n_clusters)] += 1;
        }
        statistics(drawn)
    };
    Ok((0..params.replicates).into_par_iter().map_init(|| vec![0; n_clusters], one).collect())
}

/// The interval that leaves `(1 − level) / 2` of `values` on each side; `values` are sorted by it.
pub(super) fn central(values: &mut [f64], level: f64) -> Interval {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level) / 2.0;
    Interval { low: quantile(values, tail), high: quantile(values, 1.0 - tail) }
}

/// The `share` quantile of ascending `sorted` values, interpolated linearly.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    // 0 <= share <= 1, so the position lies in the slice.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interval of the share of successes, 4 in 5 of `n` clusters.
    fn share(n: usize, params: &BootstrapParams) -> Option<Interval> {
        let statistic = |drawn: &[u32]| {
            let hits: u32 =
                drawn.iter().enumerate().filter(|(i, _)| i % 5 > 0).map(|(_, &times)| times).sum();
            vec![Some(f64::from(hits) / n as f64)]
        };
        bootstrap_intervals(n, params, statistic).unwrap()[0]
    }

    #[test]
    fn interval_of_a_share_is_near_the_normal_approximation() {
        // 0.8 ± 1.96 · √(0.8 · 0.2 / 400) = 0.8 ± 0.0392.
        let interval = share(400, &BootstrapParams::default()).unwrap();
        assert!((interval.low - 0.7608).abs() < 0.006, "{interval:?}");
        assert!((interval.high - 0.8392).abs() < 0.006, "{interval:?}");
    }

    #[test]
    fn bytes_are_equal_at_one_two_and_eight_threads() {
        let at = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let interval = pool.install(|| share(57, &BootstrapParams::default())).unwrap();
            (interval.low.to_bits(), interval.high.to_bits())
        };
        assert_eq!(at(1), at(2));
        assert_eq!(at(1), at(8));
    }

    #[test]
    fn another_seed_gives_other_resamples() {
        let draw = |seed| {
            let params = BootstrapParams { seed, replicates: 5, ..BootstrapParams::default() };
            replicates(20, &params, &|drawn: &[u32]| drawn.to_vec()).unwrap()
        };
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().all(|drawn| drawn.iter().sum::<u32>() == 20));
    }

    #[test]
    fn a_higher_level_is_wider() {
        let at = |level| share(100, &BootstrapParams { level, ..BootstrapParams::default() }).unwrap();
        assert!(at(0.99).low < at(0.5).low && at(0.5).high < at(0.99).high);
    }

    #[test]
    fn a_single_document_has_no_interval() {
        assert_eq!(share(1, &BootstrapParams::default()), None);
    }

    #[test]
    fn a_statistic_that_is_mostly_undefined_has_no_interval() {
        // Defined when cluster 0 was drawn: with two clusters in 3/4 of the resamples, and if it has to be drawn
        // twice, in 1/4.
        let at_least = |times| {
            let statistic = move |drawn: &[u32]| vec![(drawn[0] >= times).then_some(1.0)];
            bootstrap_intervals(2, &BootstrapParams::default(), statistic).unwrap()[0]
        };
        assert_eq!(at_least(1), Some(Interval { low: 1.0, high: 1.0 }));
        assert_eq!(at_least(2), None);
    }

    #[test]
    fn quantiles_are_interpolated_as_numpy_does() {
        // numpy.quantile([1, 2, 4, 8], [0, .1, .5, .9, 1]) = 1, 1.3, 3, 6.8, 8.
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (share, expected) in [(0.0, 1.0), (0.1, 1.3), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((quantile(&sorted, share) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn rows_with_the_same_document_number_are_one_cluster() {
        let clusters = Clusters::of_documents(&[7, 3, 7, 9]);
        assert_eq!((clusters.len(), clusters.of_row()), (3, &[0, 1, 0, 2][..]));
        assert_eq!(Clusters::of_rows(3).of_row(), [0, 1, 2]);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let bad = BootstrapParams { replicates: 0, ..BootstrapParams::default() };
        insta::assert_snapshot!(bad.check().unwrap_err(), @r"
        0 bootstrap replicates; expected at least 1
          2000 is the usual number; leave the bootstrap out if no intervals are wanted
        ");
        let bad = BootstrapParams { level: 95.0, ..BootstrapParams::default() };
        insta::assert_snapshot!(bad.check().unwrap_err(), @r"
        interval level 95; expected a number between 0 and 1
          a 95 % interval has the level 0.95
        ");
    }
}
