//! Scores with their intervals, all from one bootstrap.

use serde::Serialize;

use super::cluster_sums::{ClusterSums, Spread};
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
///
/// Where the share is 0 or 1, every resample repeats it, and its bootstrap interval would be `[1.00, 1.00]` even from two
/// rows. There the interval is the exact binomial bound with documents as trials instead: 1 in each of `m` documents
/// gives `[((1 − level) / 2)^(1/m), 1]`, which is `[0.16, 1]` for `m = 2` and `[0.83, 1]` for `m = 20`.
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
        let mut intervals = Intervals::new(labels.len(), outcomes, terms, bootstrap)?;
        // In the order of `ClusterSums::statistics`.
        let class = |(number, metrics)| intervals.class(number, &labels.names()[number], metrics);
        let mut estimates = Self {
            classes: confusion.classes().enumerate().map(class).collect(),
            macro_average: intervals.average(confusion.macro_average()),
            weighted_average: intervals.average(confusion.weighted_average()),
            accuracy: intervals.ratio(confusion.accuracy(), |intervals| intervals.n_clusters),
            kappa: intervals.estimate(confusion.kappa()),
            mcc: intervals.estimate(confusion.mcc()),
            means: terms.iter().map(|_| intervals.next()).collect(),
        };
        if unanimous(confusion.accuracy()) {
            estimates.drop_collapsed();
        }
        Ok(estimates)
    }

    /// When all rows are right, or all wrong, every resample gives the same averages: their intervals would claim
    /// certainty, and there is no bound to put in their place.
    fn drop_collapsed(&mut self) {
        for average in [&mut self.macro_average, &mut self.weighted_average] {
            for estimate in [&mut average.precision, &mut average.recall, &mut average.f1] {
                estimate.interval = None;
            }
        }
        self.kappa.interval = None;
        self.mcc.interval = None;
    }
}

/// The intervals that are still to be handed out; nothing but `None` when there was no bootstrap.
struct Intervals {
    rest: std::vec::IntoIter<Option<Interval>>,
    level: f64,
    n_clusters: usize,
    spread: Vec<Spread>,
}

impl Intervals {
    fn new(
        n_labels: usize,
        outcomes: &[Outcome],
        terms: &[&[f64]],
        bootstrap: Option<(&Clusters, &BootstrapParams)>,
    ) -> Result<Self> {
        let Some((clusters, params)) = bootstrap else {
            let spread = vec![Spread::default(); n_labels];
            return Ok(Self { rest: Vec::new().into_iter(), level: 0.0, n_clusters: 0, spread });
        };
        let sums = ClusterSums::new(n_labels, outcomes, terms, clusters);
        let intervals = bootstrap_intervals(clusters.len(), params, |drawn| sums.statistics(drawn))?;
        Ok(Self {
            rest: intervals.into_iter(),
            level: params.level,
            n_clusters: clusters.len(),
            spread: sums.spread(),
        })
    }

    fn next(&mut self) -> Option<Interval> {
        self.rest.next().flatten()
    }

    fn estimate(&mut self, value: Option<f64>) -> Estimate {
        Estimate { value, interval: self.next() }
    }

    /// `clusters` tells in how many clusters there are rows of the ratio's denominator.
    fn ratio(&mut self, ratio: Ratio, clusters: impl Fn(&Self) -> usize) -> RatioEstimate {
        let mut interval = self.next();
        if unanimous(ratio) {
            interval = interval.map(|_| unanimous_interval(ratio, clusters(self), self.level));
        }
        RatioEstimate { ratio, interval }
    }

    fn class(&mut self, number: usize, label: &str, metrics: ClassMetrics) -> ClassEstimates {
        ClassEstimates {
            label: label.to_owned(),
            precision: self.ratio(metrics.precision, |intervals| intervals.spread[number].predicted),
            recall: self.ratio(metrics.recall, |intervals| intervals.spread[number].gold),
            f1: self.ratio(metrics.f1, |intervals| intervals.spread[number].either),
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

/// Whether a share is none or all of something.
pub(super) fn unanimous(ratio: Ratio) -> bool {
    ratio.den() > 0 && (ratio.num() == 0 || ratio.num() == ratio.den())
}

/// The interval of a share that is 0 or 1 in all of `clusters` clusters, where every resample repeats the same value
/// and a bootstrap would claim certainty.
///
/// The exact binomial (Clopper–Pearson) bound with whole clusters as trials: if all of `m` were all right, the share of
/// such clusters is at least `((1 − level) / 2)^(1/m)`; and the mirror image for none.
pub(super) fn unanimous_interval(ratio: Ratio, clusters: usize, level: f64) -> Interval {
    let bound = ((1.0 - level) / 2.0).powf(1.0 / clusters as f64);
    if ratio.num() == 0 {
        Interval { low: 0.0, high: 1.0 - bound }
    } else {
        Interval { low: bound, high: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> (LabelSet, Vec<Outcome>) {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |i: usize| labels.id_at(i).unwrap();
        // Lopsided, so that no two scores are equal: a third of the b and half of the c are called a.
        let outcome = |i: usize| match i % 21 {
            0..10 => Outcome { gold: id(0), predicted: id(0) },
            10..12 => Outcome { gold: id(1), predicted: id(0) },
            12..16 => Outcome { gold: id(1), predicted: id(1) },
            16..18 => Outcome { gold: id(2), predicted: id(0) },
            18 => Outcome { gold: id(2), predicted: id(2) },
            _ => Outcome { gold: id(0), predicted: id(1 + i % 2) },
        };
        let outcomes = (0..90).map(outcome).collect();
        (labels, outcomes)
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
    fn a_perfect_score_on_few_rows_is_not_certain() {
        let (labels, _) = rows();
        let id = |i: usize| labels.id_at(i).unwrap();
        // Label a: two rows, both right, and a b that was called a. Label b: eight rows, one called a, one called c.
        let outcome = |row: usize| match row {
            0 | 1 => Outcome { gold: id(0), predicted: id(0) },
            2 => Outcome { gold: id(1), predicted: id(2) },
            3 => Outcome { gold: id(1), predicted: id(0) },
            _ => Outcome { gold: id(1), predicted: id(1) },
        };
        let outcomes: Vec<Outcome> = (0..10).map(outcome).collect();
        let clusters = Clusters::of_rows(10);
        let bootstrap = BootstrapParams::default();
        let of = |outcomes: &[Outcome], clusters: &Clusters| {
            Estimates::new(&labels, outcomes, &[], Some((clusters, &bootstrap))).unwrap()
        };
        let found = of(&outcomes, &clusters);
        // √0.025 = 0.1581.
        let recall = found.classes[0].recall.interval.unwrap();
        assert!((recall.low - 0.158_113_883).abs() < 1e-9 && (recall.high - 1.0).abs() < 1e-12);
        // What was called b, is: in six documents at least 0.025^(1/6) = 0.5407.
        let precision = found.classes[1].precision.interval.unwrap();
        assert!((precision.low - 0.540_741_874).abs() < 1e-8);
        // Label c was predicted once, wrongly: its precision is 0 in one document, at most 1 − 0.025.
        let precision = found.classes[2].precision.interval.unwrap();
        assert!(precision.low.abs() < 1e-12 && (precision.high - 0.975).abs() < 1e-12);
        // All right: accuracy from ten documents at least 0.025^(1/10) = 0.6915; nothing is claimed of the averages.
        let right: Vec<Outcome> = outcomes.iter().map(|o| Outcome { predicted: o.gold, ..*o }).collect();
        let found = of(&right, &clusters);
        assert!((found.accuracy.interval.unwrap().low - 0.691_502_892).abs() < 1e-8);
        assert_eq!((found.macro_average.f1.interval, found.kappa.interval), (None, None));
        assert_eq!(of(&right[..1], &Clusters::of_rows(1)).accuracy.interval, None);
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
        // The middle 95 % of a binomial of 20 fair draws are 6 to 14, of 200 fair draws 86 to 114.
        assert!((width(Clusters::of_documents(&documents)) - 0.4).abs() < 1e-9);
        assert!((width(Clusters::of_rows(200)) - 0.14).abs() < 0.01);
    }
}
