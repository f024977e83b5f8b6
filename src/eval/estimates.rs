//! Scores with their intervals, all from one bootstrap.

use serde::Serialize;

use super::metrics::{Average, ClassMetrics};
use super::{BootstrapParams, Clusters, Confusion, Interval, Outcome, Ratio, bootstrap_intervals};
use crate::error::Result;
use crate::labels::LabelSet;

/// A score and its interval. `value` is `None` where the score is undefined, `interval` where none could be made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The score on all rows.
    pub value: Option<f64>,
    /// Its bootstrap interval.
    pub interval: Option<Interval>,
}

/// A share of counts and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RatioEstimate {
    /// The share on all rows.
    #[serde(flatten)]
    pub ratio: Ratio,
    /// Its bootstrap interval.
    pub interval: Option<Interval>,
}

impl From<RatioEstimate> for Estimate {
    fn from(from: RatioEstimate) -> Self {
        Self { value: from.ratio.value(), interval: from.interval }
    }
}

/// The metrics of one label (see [`ClassMetrics`]) with intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassEstimates {
    /// The label.
    pub label: String,
    /// The share of the rows called this label that are.
    pub precision: RatioEstimate,
    /// The share of the rows with this label that were called so.
    pub recall: RatioEstimate,
    /// The harmonic mean of precision and recall.
    pub f1: RatioEstimate,
    /// The number of rows with this gold label.
    pub support: u64,
    /// The number of rows that were called this label.
    pub predicted: u64,
}

/// Averages over labels (see [`Average`]) with intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AverageEstimates {
    /// The average precision over labels.
    pub precision: Estimate,
    /// The average recall.
    pub recall: Estimate,
    /// The average F1.
    pub f1: Estimate,
}

/// Every score that has an interval.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Estimates {
    pub classes: Vec<ClassEstimates>,
    pub macro_average: AverageEstimates,
    pub weighted_average: AverageEstimates,
    pub accuracy: RatioEstimate,
    pub kappa: Estimate,
    pub mcc: Estimate,
    /// The intervals of the means of the terms that were given.
    pub means: Vec<Option<Interval>>,
}

impl Estimates {
    /// The scores of `outcomes`, with intervals when `bootstrap` is given. `terms` are further quantities with one
    /// value per row (such as the log loss), whose means get intervals too.
    ///
    /// # Errors
    /// As [`bootstrap_intervals`].
    pub fn new(
        labels: &LabelSet,
        outcomes: &[Outcome],
        terms: &[&[f64]],
        bootstrap: Option<(&Clusters, &BootstrapParams)>,
    ) -> Result<Self> {
        let confusion = Confusion::from_outcomes(labels, outcomes.iter().copied());
        let intervals = match bootstrap {
            Some((clusters, params)) => {
                let sums = ClusterSums::new(labels.len(), outcomes, terms, clusters);
                bootstrap_intervals(clusters.len(), params, |drawn| sums.statistics(drawn))?
            }
            None => Vec::new(),
        };
        let mut intervals = Intervals(intervals.into_iter());
        // In the order of `ClusterSums::statistics`.
        let class = |(name, class): (&String, ClassMetrics)| intervals.class(name, class);
        Ok(Self {
            classes: labels.names().iter().zip(confusion.classes()).map(class).collect(),
            macro_average: intervals.average(confusion.macro_average()),
            weighted_average: intervals.average(confusion.weighted_average()),
            accuracy: intervals.ratio(confusion.accuracy()),
            kappa: intervals.estimate(confusion.kappa()),
            mcc: intervals.estimate(confusion.mcc()),
            means: terms.iter().map(|_| intervals.next()).collect(),
        })
    }
}

/// The intervals that are still to be handed out; nothing but `None` when there was no bootstrap.
struct Intervals(std::vec::IntoIter<Option<Interval>>);

impl Intervals {
    fn next(&mut self) -> Option<Interval> {
        self.0.next().flatten()
    }

    fn estimate(&mut self, value: Option<f64>) -> Estimate {
        Estimate { value, interval: self.next() }
    }

    fn ratio(&mut self, ratio: Ratio) -> RatioEstimate {
        RatioEstimate { ratio, interval: self.next() }
    }

    fn class(&mut self, label: &str, metrics: ClassMetrics) -> ClassEstimates {
        ClassEstimates {
            label: label.to_owned(),
            precision: self.ratio(metrics.precision),
            recall: self.ratio(metrics.recall),
            f1: self.ratio(metrics.f1),
            support: metrics.support,
            predicted: metrics.predicted,
        }
    }

    fn average(&mut self, average: Option<Average>) -> AverageEstimates {
        AverageEstimates {
            precision: self.estimate(average.map(|a| a.precision)),
            recall: self.estimate(average.map(|a| a.recall)),
            f1: self.estimate(average.map(|a| a.f1)),
        }
    }
}

/// What each cluster adds to a resample: counts of confusion cells, and sums of the terms.
struct ClusterSums {
    n_labels: usize,
    /// The cell and the number of its rows, cluster by cluster; those of cluster `c` end at `ends[c]`.
    cells: Vec<(usize, u64)>,
    ends: Vec<usize>,
    /// One entry per cluster and term, clusters together.
    sums: Vec<f64>,
    n_terms: usize,
}

impl ClusterSums {
    fn new(n_labels: usize, outcomes: &[Outcome], terms: &[&[f64]], clusters: &Clusters) -> Self {
        let shape = Confusion::empty(n_labels);
        let mut rows: Vec<(u32, usize)> =
            clusters.of_row().iter().zip(outcomes).map(|(&c, &o)| (c, shape.cell(o))).collect();
        rows.sort_unstable();
        let (mut cells, mut ends) = (Vec::new(), Vec::with_capacity(clusters.len()));
        for cluster in rows.chunk_by(|a, b| a.0 == b.0) {
            cells.extend(cluster.chunk_by(|a, b| a.1 == b.1).map(|same| (same[0].1, same.len() as u64)));
            ends.push(cells.len());
        }
        let mut sums = vec![0.0; clusters.len() * terms.len()];
        for (row, &cluster) in clusters.of_row().iter().enumerate() {
            for (number, term) in terms.iter().enumerate() {
                sums[cluster as usize * terms.len() + number] += term[row];
            }
        }
        Self { n_labels, cells, ends, sums, n_terms: terms.len() }
    }

    /// All statistics of the resample in which each cluster was drawn this often.
    fn statistics(&self, drawn: &[u32]) -> Vec<Option<f64>> {
        let (confusion, means) = self.resample(drawn);
        let mut values = Vec::with_capacity(3 * self.n_labels + 9 + self.n_terms);
        for class in confusion.classes() {
            values.extend([class.precision, class.recall, class.f1].map(Ratio::value));
        }
        for average in [confusion.macro_average(), confusion.weighted_average()] {
            values.extend([average.map(|a| a.precision), average.map(|a| a.recall), average.map(|a| a.f1)]);
        }
        values.extend([confusion.accuracy().value(), confusion.kappa(), confusion.mcc()]);
        values.extend(means.into_iter().map(Some));
        values
    }

    fn resample(&self, drawn: &[u32]) -> (Confusion, Vec<f64>) {
        let mut confusion = Confusion::empty(self.n_labels);
        let mut means = vec![0.0; self.n_terms];
        let mut start = 0;
        for (cluster, (&end, &times)) in self.ends.iter().zip(drawn).enumerate() {
            if times > 0 {
                for &(cell, count) in &self.cells[start..end] {
                    confusion.record_cell(cell, count * u64::from(times));
                }
                let sums = &self.sums[cluster * self.n_terms..(cluster + 1) * self.n_terms];
                means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum * f64::from(times));
            }
            start = end;
        }
        let rows = confusion.total() as f64;
        means.iter_mut().for_each(|mean| *mean /= rows);
        (confusion, means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (LabelSet, Vec<Outcome>) {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |i: usize| labels.id_at(i).unwrap();
        let outcome = |i: usize| Outcome { gold: id(i % 3), predicted: id((i % 3 + usize::from(i % 7 == 0)) % 3) };
        let outcomes = (0..90).map(outcome).collect();
        (labels, outcomes)
    }

    #[test]
    fn drawing_each_cluster_once_gives_the_data_themselves() {
        let (labels, outcomes) = rows();
        let documents: Vec<u32> = (0..90).map(|row| row % 11).collect();
        let clusters = Clusters::of_documents(&documents);
        let term: Vec<f64> = (0..90).map(f64::from).collect();
        let sums = ClusterSums::new(3, &outcomes, &[&term], &clusters);
        let (confusion, means) = sums.resample(&[1; 11]);
        assert_eq!(confusion, Confusion::from_outcomes(&labels, outcomes));
        assert!((means[0] - 44.5).abs() < 1e-12);
    }

    #[test]
    fn drawing_one_cluster_twice_counts_its_rows_twice() {
        let (labels, outcomes) = rows();
        let clusters = Clusters::of_documents(&(0..90).map(|row| row / 45).collect::<Vec<_>>());
        let (confusion, _) = ClusterSums::new(3, &outcomes, &[], &clusters).resample(&[0, 2]);
        let twice = outcomes[45..].iter().chain(&outcomes[45..]).copied();
        assert_eq!(confusion, Confusion::from_outcomes(&labels, twice));
    }

    #[test]
    fn every_interval_is_handed_to_its_own_score() {
        // With documents that are all alike every resample has the scores of the data, so each interval shrinks to
        // its score: a mix-up of two scores would show.
        let (labels, outcomes) = rows();
        let outcomes: Vec<Outcome> = (0..10).flat_map(|_| outcomes[..21].to_vec()).collect();
        let term: Vec<f64> = (0..10).flat_map(|_| (0..21).map(f64::from)).collect();
        let clusters = Clusters::of_documents(&(0..210).map(|row| row / 21).collect::<Vec<_>>());
        let params = BootstrapParams { replicates: 20, ..BootstrapParams::default() };
        let found = Estimates::new(&labels, &outcomes, &[&term], Some((&clusters, &params))).unwrap();
        let mut all = vec![found.accuracy.into(), found.kappa, found.mcc];
        all.push(Estimate { value: Some(10.0), interval: found.means[0] });
        for class in &found.classes {
            all.extend([class.precision, class.recall, class.f1].map(Estimate::from));
        }
        for average in [found.macro_average, found.weighted_average] {
            all.extend([average.precision, average.recall, average.f1]);
        }
        for (number, estimate) in all.iter().enumerate() {
            let (value, interval) = (estimate.value.unwrap(), estimate.interval.unwrap());
            assert!((value - interval.low).abs() < 1e-12, "score {number}: {estimate:?}");
            assert!((value - interval.high).abs() < 1e-12, "score {number}: {estimate:?}");
        }
    }

    #[test]
    fn sentences_of_few_documents_make_wider_intervals_than_rows_of_their_own() {
        let (labels, _) = rows();
        let id = |i: usize| labels.id_at(i).unwrap();
        // In every second document everything is wrong.
        let outcome = |row: usize| Outcome { gold: id(0), predicted: id(row / 10 % 2) };
        let outcomes: Vec<Outcome> = (0..200).map(outcome).collect();
        let documents: Vec<u32> = (0..200).map(|row| row / 10).collect();
        let width = |clusters: Clusters| {
            let params = BootstrapParams::default();
            let found = Estimates::new(&labels, &outcomes, &[], Some((&clusters, &params))).unwrap();
            found.accuracy.interval.map(|i| i.high - i.low).unwrap()
        };
        // √10 times as wide: 2·1.96·√(1/4/20) = 0.44 against 0.14.
        assert!((width(Clusters::of_documents(&documents)) - 0.44).abs() < 0.03);
        assert!((width(Clusters::of_rows(200)) - 0.14).abs() < 0.01);
    }
}
