//! Corrected shares of one group, with their intervals.

use rayon::prelude::*;

use super::bootstrap::central;
use super::estimates::{unanimous, unanimous_interval};
use super::quantify::{adjusted_with, inverse_of_transposed, normalised};
use super::quantify_cells::Clustered;
use super::quantify_groups::FEWEST_DOCUMENTS;
use super::random::Random;
use super::{BootstrapParams, Correction, EmStop, ErrorRates, Estimate, Ratio, Tally, em_shares};
use crate::error::{Error, ErrorKind, Result};

/// Estimates the shares of labels of any number of groups in one and the same way.
///
/// Intervals are percentiles over resamples. In each, the clusters of documents of the group are drawn with replacement,
/// and the error rates are drawn anew from the Dirichlet distribution that the counted errors leave them (one row of prior
/// knowledge per label, shared evenly). So they tell of other documents of the same kind, and of the errors having been
/// counted on so many rows only. They do not tell of errors that are of another kind in these texts than where they were
/// counted.
///
/// With [`Correction::Em`] the error rates `M(predicted | gold)` come in like this: the density of a row in texts of a
/// label is the rate of its predicted label, times the density among rows of that predicted label. The probabilities of the
/// classifier stand for both factors with its own rates `M₀`; another draw or another count of the rates replaces the
/// first: `p(g) · M(predicted | g) / M₀(predicted | g)`.
#[derive(Debug, Clone)]
pub struct Quantifier {
    n_labels: usize,
    correction: Correction,
    bootstrap: BootstrapParams,
    prior: Vec<f64>,
    counted: Rates,
    draws: Vec<Rates>,
}

/// Error rates in the form that a correction needs.
#[derive(Debug, Clone)]
enum Rates {
    Unused,
    /// The inverse of the transposed rates, if there is one.
    Inverse(Option<Vec<Vec<f64>>>),
    /// By predicted label the factor on the probability of each label.
    Factors(Vec<Vec<f64>>),
}

/// Where the random numbers for error rates begin; those for documents are numbered from 0.
const RATE_STREAMS: u64 = 1 << 40;

/// In resamples a share needs no more digits than this.
const RESAMPLED: EmStop = EmStop { tolerance: 1e-5, rounds: 300 };

impl Quantifier {
    /// Counts labels as they are.
    ///
    /// # Errors
    /// As [`BootstrapParams::check`].
    pub fn counting(n_labels: usize, bootstrap: BootstrapParams) -> Result<Self> {
        Self::new(n_labels, Correction::None, bootstrap, Rates::Unused, |_| Rates::Unused)
    }

    /// Corrects by the adjusted count with `errors`.
    ///
    /// # Errors
    /// As [`BootstrapParams::check`]; [`ErrorKind::Settings`] when the errors say that labels cannot be told apart.
    pub fn adjusted(errors: &ErrorRates, bootstrap: BootstrapParams) -> Result<Self> {
        let inverse = inverse_of_transposed(&errors.rates()).ok_or_else(|| {
            let what =
                "the errors of the classifier cannot be undone: it treats texts of different labels alike";
            Error::new(ErrorKind::Settings, what).advise("count the labels as they are, with --correct none")
        })?;
        let parameters = errors.pseudo_counts();
        Self::new(
            errors.n_labels(),
            Correction::Adjusted,
            bootstrap,
            Rates::Inverse(Some(inverse)),
            |random| {
                let drawn: Vec<_> = parameters.iter().map(|row| random.dirichlet(row)).collect();
                Rates::Inverse(inverse_of_transposed(&drawn))
            },
        )
    }

    /// Corrects by expectation and maximisation, for probabilities under the shares `prior` of a classifier with the
    /// errors `model`. If the errors were counted again on texts like those at hand, they are `own`.
    ///
    /// # Errors
    /// As [`BootstrapParams::check`]; [`ErrorKind::Settings`] when a share of `prior` is not above 0.
    ///
    /// # Panics
    /// When the arguments have different numbers of labels.
    pub fn em(
        prior: &[f64],
        model: &ErrorRates,
        own: Option<&ErrorRates>,
        bootstrap: BootstrapParams,
    ) -> Result<Self> {
        let k = prior.len();
        assert!(model.n_labels() == k && own.is_none_or(|own| own.n_labels() == k), "the same labels");
        if let Some(share) = prior.iter().find(|share| !(share.is_finite() && **share > 0.0)) {
            let what = format!("the share of a label is {share}; expected a number greater than 0");
            return Err(Error::new(ErrorKind::Settings, what));
        }
        let base = model.smoothed();
        let factors = |rates: &[Vec<f64>]| {
            let column = |p: usize| (0..k).map(|g| rates[g][p] / base[g][p]).collect();
            Rates::Factors((0..k).map(column).collect())
        };
        let counted = own.map_or_else(|| base.clone(), ErrorRates::smoothed);
        let parameters = own.unwrap_or(model).pseudo_counts();
        let draw = |random: &mut Random| {
            factors(&parameters.iter().map(|row| random.dirichlet(row)).collect::<Vec<_>>())
        };
        let mut this = Self::new(k, Correction::Em, bootstrap, factors(&counted), draw)?;
        this.prior = normalised(prior.to_vec());
        Ok(this)
    }

    fn new(
        n_labels: usize,
        correction: Correction,
        bootstrap: BootstrapParams,
        counted: Rates,
        draw: impl Fn(&mut Random) -> Rates,
    ) -> Result<Self> {
        bootstrap.check()?;
        let one = |number: u64| draw(&mut Random::new(bootstrap.seed, RATE_STREAMS + number));
        let draws = (0..bootstrap.replicates as u64).map(one).collect();
        Ok(Self { n_labels, correction, bootstrap, prior: Vec::new(), counted, draws })
    }

    /// How shares are corrected.
    #[must_use]
    pub fn correction(&self) -> Correction {
        self.correction
    }

    /// How intervals are made.
    #[must_use]
    pub fn bootstrap(&self) -> BootstrapParams {
        self.bootstrap
    }

    /// The number of labels.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.n_labels
    }

    /// The share of each label among the rows of `tally`. No interval where there is but one document, or where the drawn
    /// error rates mostly cannot be undone.
    ///
    /// # Panics
    /// When the rows have no probabilities and the correction needs them, or have labels beyond those known here.
    #[must_use]
    pub fn shares(&self, tally: &mut Tally) -> Vec<Estimate> {
        let clustered = tally.clustered();
        let cells = Cells { labels: tally.labels().collect(), means: tally.means() };
        let start = vec![1.0 / self.n_labels as f64; self.n_labels];
        let value = self.estimate(&cells, &tally.weights(), &self.counted, &start, EmStop::default());
        let resampled = match &value {
            Some(value) if clustered.len() as u64 >= FEWEST_DOCUMENTS => {
                self.resampled(&cells, &clustered, value)
            }
            _ => Vec::new(),
        };
        let counts = tally.counts(self.n_labels);
        let enough = 2 * resampled.len() >= self.bootstrap.replicates;
        let estimate = |label: usize| {
            let mut values: Vec<f64> = resampled.iter().map(|shares| shares[label]).collect();
            let interval = (enough && !values.is_empty()).then(|| central(&mut values, self.bootstrap.level));
            let value = value.as_ref().map(|value| value[label]);
            let counted = Ratio::new(counts[label], tally.rows());
            if interval.is_some() && self.correction == Correction::None && unanimous(counted) {
                let exact = unanimous_interval(counted, clustered.len(), self.bootstrap.level);
                return Estimate { value, interval: Some(exact) };
            }
            Estimate { value, interval }
        };
        (0..self.n_labels).map(estimate).collect()
    }

    /// The shares of all resamples for which there are any, in order.
    fn resampled(&self, cells: &Cells, clustered: &Clustered, value: &[f64]) -> Vec<Vec<f64>> {
        // A share that is 0 here need not be 0 there.
        let start = normalised(value.iter().map(|share| share.max(1e-3)).collect());
        let buffers = || (vec![0_u32; clustered.len()], vec![0.0; cells.labels.len()]);
        let one = |(drawn, weights): &mut (Vec<u32>, Vec<f64>), (number, rates): (usize, &Rates)| {
            let mut random = Random::new(self.bootstrap.seed, number as u64);
            drawn.fill(0);
            (0..clustered.len()).for_each(|_| drawn[random.below(clustered.len())] += 1);
            clustered.resample(drawn, weights);
            self.estimate(cells, weights, rates, &start, RESAMPLED)
        };
        let all: Vec<Option<Vec<f64>>> =
            self.draws.par_iter().enumerate().map_init(buffers, |b, item| one(b, item)).collect();
        all.into_iter().flatten().collect()
    }

    fn estimate(
        &self,
        cells: &Cells,
        weights: &[f64],
        rates: &Rates,
        start: &[f64],
        stop: EmStop,
    ) -> Option<Vec<f64>> {
        match rates {
            Rates::Unused => Some(cells.counted(weights, self.n_labels)),
            Rates::Inverse(inverse) => {
                inverse.as_ref().map(|inverse| adjusted_with(inverse, &cells.counted(weights, self.n_labels)))
            }
            Rates::Factors(factors) => {
                let mut rows = cells.means.clone();
                for (row, &label) in rows.chunks_exact_mut(self.n_labels).zip(&cells.labels) {
                    row.iter_mut().zip(&factors[label]).for_each(|(p, factor)| *p *= factor);
                }
                Some(em_shares(&rows, weights, &self.prior, start, stop))
            }
        }
    }
}

/// The cells of a group without their rows.
struct Cells {
    labels: Vec<usize>,
    means: Vec<f64>,
}

impl Cells {
    /// The share of the rows that were given each label.
    fn counted(&self, weights: &[f64], n_labels: usize) -> Vec<f64> {
        let mut counts = vec![0.0; n_labels];
        self.labels.iter().zip(weights).for_each(|(&label, weight)| counts[label] += weight);
        normalised(counts)
    }
}

#[cfg(test)]
#[path = "quantify_tests.rs"]
mod tests;
