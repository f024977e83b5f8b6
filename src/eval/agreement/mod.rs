//! How far do people who label the same rows agree?

mod coefficients;
mod counts;
#[cfg(test)]
mod tests;

use serde::Serialize;

use self::coefficients::{Score, scores};
use self::counts::{ClusterCounts, Counts, pairs};
use super::estimates::{unanimous, unanimous_interval};
use super::evaluation::with_text;
use super::{
    BootstrapParams, Clusters, Confusion, Interval, IntervalMethod, NamedConfusion, Ratio, RatioEstimate,
    Warning, bootstrap_intervals,
};
use crate::error::{Error, ErrorKind, Result};

pub use self::coefficients::Undefined;

/// The label that one annotator gave one row, as a position among the labels; `None` where none was given.
pub type Rating = Option<usize>;

/// What an [`Agreement`] is made from.
#[derive(Debug, Clone)]
pub struct AgreementInput<'a> {
    /// What the data are called in the report.
    pub data: &'a str,
    /// What each annotator is called; at least two.
    pub annotators: &'a [String],
    /// The names of the labels. One is enough: then the coefficients are undefined, and say so.
    pub labels: &'a [String],
    /// One list per row, with one rating per annotator.
    pub ratings: &'a [Vec<Rating>],
    /// The document of each row, where that is known; equal numbers are one document.
    pub documents: Option<&'a [u32]>,
    /// How intervals are made; `None` for none.
    pub bootstrap: Option<BootstrapParams>,
}

/// A coefficient with its interval, or the reason why it has no value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coefficient {
    /// The coefficient: 1 is perfect agreement, 0 what chance would give, less is worse than chance.
    pub value: Option<f64>,
    /// Its bootstrap interval; `None` where none can be made, and where all resamples give one value.
    pub interval: Option<Interval>,
    /// Why there is no value.
    pub undefined: Option<Undefined>,
}

/// What one annotator gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnnotatorCounts {
    /// The annotator.
    pub name: String,
    /// How many rows got a label.
    pub labelled: u64,
    /// How many rows got none.
    pub missing: u64,
    /// How often each label was given, in label order.
    pub given: Vec<u64>,
}

/// Two annotators on the rows that both labelled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairAgreement {
    /// The first annotator.
    pub a: String,
    /// The second annotator.
    pub b: String,
    /// The share of the rows with the same label.
    pub agreement: RatioEstimate,
    /// Cohen's κ; see [`Confusion::kappa`].
    pub kappa: Coefficient,
    /// Who gave what: one row per label of the first, one column per label of the second.
    pub table: NamedConfusion,
}

/// How far one label is agreed on, each other label counting as "not this one".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelAgreement {
    /// The label.
    pub label: String,
    /// How often all annotators together gave it.
    pub given: u64,
    /// Specific agreement: of the times that one of a pair gave the label, the share in which the other did too.
    pub specific: RatioEstimate,
    /// Cohen's κ of the label against the rest; with more than two annotators the mean of all pairs.
    pub kappa: Coefficient,
    /// Krippendorff's α of the label against the rest.
    pub alpha: Coefficient,
}

/// How far annotators agree: plain data, to be rendered by [`report`](crate::report).
///
/// All scores come with percentile-bootstrap intervals from resamples of documents. Rows that an annotator did not label
/// are left out where that annotator is needed: a pair's scores rest on the rows that both labelled, Fleiss' κ on those that
/// all did, Krippendorff's α on those with two labels or more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// What the data are called.
    pub data: String,
    /// The number of rows.
    pub rows: u64,
    /// The rows with at least two labels.
    pub shared_rows: u64,
    /// The rows with a label of every annotator.
    pub complete_rows: u64,
    /// The rows with two different labels or more.
    pub disagreed_rows: u64,
    /// The number of documents, if known.
    pub documents: Option<u64>,
    /// How the intervals were made; `None` when there are none.
    pub intervals: Option<IntervalMethod>,
    /// The annotators, in the order of the input.
    pub annotators: Vec<AnnotatorCounts>,
    /// Of all pairs of labels that a row got, the share that is equal.
    pub agreement: RatioEstimate,
    /// Of the complete rows, the share with one label only.
    pub unanimous: RatioEstimate,
    /// Cohen's κ, the mean of all pairs for which it is defined. Each pair weighs the same.
    pub mean_kappa: Coefficient,
    /// Fleiss' κ (1971) of the complete rows. Of two annotators it is Scott's π.
    pub fleiss_kappa: Coefficient,
    /// Krippendorff's α for nominal data.
    pub alpha: Coefficient,
    /// Each pair of annotators: first with second, first with third …
    pub pairs: Vec<PairAgreement>,
    /// Each label, in label order.
    pub labels: Vec<LabelAgreement>,
    /// What to know before trusting the scores.
    #[serde(serialize_with = "with_text")]
    pub warnings: Vec<Warning>,
}

impl Agreement {
    /// Counts and compares the labels in `input`.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] without rows or labels; [`ErrorKind::Settings`] with fewer than two annotators, when a row or the
    /// documents are of another length than announced, when a label has no name, or as [`BootstrapParams::check`].
    ///
    /// ```
    /// use stancewire::eval::{Agreement, AgreementInput};
    ///
    /// let (no, yes) = (Some(0), Some(1));
    /// // Both yes 20 times, both no 15 times, apart 5 and 10 times.
    /// let mut ratings = vec![vec![yes, yes]; 20];
    /// ratings.extend(vec![vec![no, no]; 15]);
    /// ratings.extend(vec![vec![yes, no]; 5]);
    /// ratings.extend(vec![vec![no, yes]; 10]);
    /// let found = Agreement::new(&AgreementInput {
    ///     data: "example",
    ///     annotators: &["a".to_owned(), "b".to_owned()],
    ///     labels: &["no".to_owned(), "yes".to_owned()],
    ///     ratings: &ratings,
    ///     documents: None,
    ///     bootstrap: None,
    /// })?;
    /// assert_eq!(found.agreement.ratio.value(), Some(0.7));
    /// assert!((found.pairs[0].kappa.value.unwrap() - 0.4).abs() < 1e-12);
    /// # Ok::<(), stancewire::error::Error>(())
    /// ```
    pub fn new(input: &AgreementInput<'_>) -> Result<Self> {
        check(input)?;
        let rows = input.ratings.len();
        let clusters = input.documents.map_or_else(|| Clusters::of_rows(rows), Clusters::of_documents);
        let counted =
            ClusterCounts::new(input.labels.len(), input.annotators.len(), input.ratings, &clusters);
        let all = counted.resample(&vec![1; clusters.len()]);
        let mut scored = Scored::new(input, &counted, &all, &clusters)?;
        let count = |is: fn(&[Rating]) -> bool| input.ratings.iter().filter(|row| is(row)).count() as u64;
        Ok(Self {
            data: input.data.to_owned(),
            rows: rows as u64,
            shared_rows: count(|row| row.iter().flatten().count() >= 2),
            complete_rows: all.complete_rows,
            disagreed_rows: count(|row| distinct_labels(row) >= 2),
            documents: input.documents.map(|_| clusters.len() as u64),
            intervals: input
                .bootstrap
                .map(|params| IntervalMethod::new(&params, input.documents.is_some(), &clusters)),
            annotators: annotators(input),
            // In the order of `scores`.
            agreement: scored.share(),
            unanimous: scored.share(),
            mean_kappa: scored.coefficient(),
            fleiss_kappa: scored.coefficient(),
            alpha: scored.coefficient(),
            pairs: pair_agreements(input, &all, &mut scored),
            labels: label_agreements(input, &mut scored),
            warnings: (input.bootstrap.is_some() && input.documents.is_none())
                .then_some(Warning::DocumentsUnknown)
                .into_iter()
                .collect(),
        })
    }
}

fn check(input: &AgreementInput<'_>) -> Result<()> {
    let settings = |what: String| Err(Error::new(ErrorKind::Settings, what));
    let (annotators, rows) = (input.annotators.len(), input.ratings.len());
    if annotators < 2 {
        return settings(format!("{annotators} annotator; expected at least two to compare"));
    }
    if let Some(row) = input.ratings.iter().position(|row| row.len() != annotators) {
        let found = input.ratings[row].len();
        return settings(format!(
            "row {} has {found} labels; expected {annotators}, one per annotator",
            row + 1
        ));
    }
    if let Some(label) = input.ratings.iter().flatten().flatten().find(|&&label| label >= input.labels.len())
    {
        return settings(format!("label number {label} among {} labels", input.labels.len()));
    }
    if let Some(documents) = input.documents.filter(|documents| documents.len() != rows) {
        return settings(format!("{} document numbers for {rows} rows; expected one each", documents.len()));
    }
    if rows == 0 || input.labels.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "there is no labelled row to compare annotators on"));
    }
    Ok(())
}

/// How many different labels a row got.
#[must_use]
pub fn distinct_labels(row: &[Rating]) -> usize {
    let mut given: Vec<usize> = row.iter().copied().flatten().collect();
    given.sort_unstable();
    given.dedup();
    given.len()
}

fn annotators(input: &AgreementInput<'_>) -> Vec<AnnotatorCounts> {
    let counts = |(number, name): (usize, &String)| {
        let mut given = vec![0; input.labels.len()];
        for label in input.ratings.iter().filter_map(|row| row[number]) {
            given[label] += 1;
        }
        let labelled = given.iter().sum();
        let missing = input.ratings.len() as u64 - labelled;
        AnnotatorCounts { name: name.clone(), labelled, missing, given }
    };
    input.annotators.iter().enumerate().map(counts).collect()
}

fn pair_agreements(input: &AgreementInput<'_>, all: &Counts, scored: &mut Scored) -> Vec<PairAgreement> {
    let mut pair = |((a, b), table): ((usize, usize), &Confusion)| PairAgreement {
        a: input.annotators[a].clone(),
        b: input.annotators[b].clone(),
        agreement: scored.share(),
        kappa: scored.coefficient(),
        table: NamedConfusion::new(input.labels, table),
    };
    pairs(input.annotators.len()).zip(&all.pairs).map(&mut pair).collect()
}

fn label_agreements(input: &AgreementInput<'_>, scored: &mut Scored) -> Vec<LabelAgreement> {
    let mut label = |(number, name): (usize, &String)| {
        let is_this = |label: &&usize| **label == number;
        LabelAgreement {
            label: name.clone(),
            given: input.ratings.iter().flatten().flatten().filter(is_this).count() as u64,
            specific: scored.share(),
            kappa: scored.coefficient(),
            alpha: scored.coefficient(),
        }
    };
    input.labels.iter().enumerate().map(&mut label).collect()
}

/// The scores that are still to be handed out, in the order of [`scores`].
struct Scored {
    scores: std::vec::IntoIter<Score>,
    intervals: std::vec::IntoIter<Option<Interval>>,
    /// In how many clusters the whole of each share is not empty.
    spread: std::vec::IntoIter<usize>,
    level: f64,
}

impl Scored {
    fn new(input: &AgreementInput<'_>, counted: &ClusterCounts, all: &Counts, of: &Clusters) -> Result<Self> {
        let n_labels = input.labels.len();
        let found = scores(all, n_labels);
        let mut spread = vec![0; found.len()];
        for cluster in counted.each() {
            for (number, score) in scores(&cluster, n_labels).into_iter().enumerate() {
                spread[number] += usize::from(matches!(score, Score::Share(ratio) if ratio.den() > 0));
            }
        }
        let values = |drawn: &[u32]| {
            scores(&counted.resample(drawn), n_labels).into_iter().map(Score::value).collect()
        };
        let intervals = match &input.bootstrap {
            Some(params) => bootstrap_intervals(of.len(), params, values)?,
            None => vec![None; found.len()],
        };
        Ok(Self {
            scores: found.into_iter(),
            intervals: intervals.into_iter(),
            spread: spread.into_iter(),
            level: input.bootstrap.map_or(0.0, |params| params.level),
        })
    }

    fn next(&mut self) -> (Option<Score>, Option<Interval>, usize) {
        let (score, interval) = (self.scores.next(), self.intervals.next().flatten());
        (score, interval, self.spread.next().unwrap_or(0))
    }

    fn share(&mut self) -> RatioEstimate {
        let (score, mut interval, clusters) = self.next();
        let Some(Score::Share(ratio)) = score else {
            debug_assert!(false, "a share was expected, not {score:?}");
            return RatioEstimate { ratio: Ratio::new(0, 0), interval: None };
        };
        if unanimous(ratio) {
            interval = interval.map(|_| unanimous_interval(ratio, clusters, self.level));
        }
        RatioEstimate { ratio, interval }
    }

    fn coefficient(&mut self) -> Coefficient {
        let (score, interval, _) = self.next();
        let Some(Score::Coefficient(value)) = score else {
            debug_assert!(false, "a coefficient was expected, not {score:?}");
            return Coefficient { value: None, interval: None, undefined: None };
        };
        // Where all resamples give one value, as with perfect agreement, an interval would claim certainty.
        let interval = interval.filter(|interval| value.is_ok() && interval.low < interval.high);
        Coefficient { value: value.ok(), interval, undefined: value.err() }
    }
}
