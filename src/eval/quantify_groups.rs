//! Groups of labelled rows, gathered row by row and then summed up.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{BootstrapParams, Correction, Estimate, Quantifier, Ratio, ResamplingUnit, Tally};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::LabelSet;

/// Groups with fewer rows than this are marked: their shares say little.
pub const SMALL_GROUP: u64 = 30;

/// Shares of fewer documents have no interval: resampling so few nearly repeats them, and would claim certainty.
pub const FEWEST_DOCUMENTS: u64 = 5;

/// What the group is called in which small groups are pooled.
pub const POOLED: &str = "(pooled)";

/// The groups of labelled rows as they are gathered.
#[derive(Debug, Clone)]
pub struct Groups {
    labels: Vec<String>,
    /// Labels are taken as they come, not looked up in a given set.
    is_open: bool,
    n_probabilities: usize,
    documents_known: bool,
    index: FxHashMap<Vec<String>, usize>,
    tallies: Vec<(Vec<String>, Tally)>,
}

impl Groups {
    /// No groups yet; the rows will have labels of `labels`, and a probability for each if `with_probabilities`.
    #[must_use]
    pub fn of_labels(labels: &LabelSet, with_probabilities: bool, documents_known: bool) -> Self {
        let n_probabilities = if with_probabilities { labels.len() } else { 0 };
        Self {
            labels: labels.names().to_vec(),
            is_open: false,
            n_probabilities,
            ..Self::of_any_labels(documents_known)
        }
    }

    /// No groups yet; the labels will be those of the rows.
    #[must_use]
    pub fn of_any_labels(documents_known: bool) -> Self {
        let (labels, groups) = (Vec::new(), Vec::new());
        Self {
            labels,
            is_open: true,
            n_probabilities: 0,
            documents_known,
            index: FxHashMap::default(),
            tallies: groups,
        }
    }

    /// Counts a row; see [`Tally::add`].
    ///
    /// # Errors
    /// [`ErrorKind::Label`] for a label that is not in the set, or for too many different ones.
    pub fn add(&mut self, group: &[String], label: &str, probabilities: &[f64], document: u64) -> Result<()> {
        let label = self.label(label)?;
        let number = if let Some(&number) = self.index.get(group) {
            number
        } else {
            self.index.insert(group.to_vec(), self.tallies.len());
            self.tallies.push((group.to_vec(), Tally::new(self.n_probabilities, self.documents_known)));
            self.tallies.len() - 1
        };
        self.tallies[number].1.add(label, probabilities, document);
        Ok(())
    }

    fn label(&mut self, label: &str) -> Result<u8> {
        let known = self.labels.iter().position(|known| known == label);
        let number = match known {
            Some(number) => number,
            None if self.is_open => {
                self.labels.push(label.to_owned());
                self.labels.len() - 1
            }
            None => {
                let what = format!("unknown label \"{label}\"; expected one of: {}", self.labels.join(", "));
                return Err(Error::new(ErrorKind::Label, what));
            }
        };
        u8::try_from(number).map_err(|_| {
            Error::new(ErrorKind::Label, "more than 256 different labels")
                .advise("is this the label column? name the right one with --label-column")
        })
    }

    /// How many different labels there are.
    #[must_use]
    pub fn n_labels(&self) -> usize {
        self.labels.len()
    }

    /// Puts the groups of fewer than `min_rows` rows into one, called [`POOLED`] in all columns; unless there is but one
    /// such group. Gives how many groups and rows that were.
    pub fn pool(&mut self, min_rows: u64) -> Option<SummaryNote> {
        let is_small = |(_, tally): &(Vec<String>, Tally)| tally.rows() < min_rows;
        if self.tallies.iter().filter(|group| is_small(group)).count() < 2 {
            return None;
        }
        let (small, large): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.tallies).into_iter().partition(is_small);
        self.tallies = large;
        let (count, columns) = (small.len() as u64, small[0].0.len());
        let mut pooled = Tally::new(self.n_probabilities, self.documents_known);
        for (_, tally) in small {
            pooled.merge(tally);
        }
        let note = SummaryNote::Pooled { groups: count, rows: pooled.rows(), min_rows };
        self.tallies.push((vec![POOLED.to_owned(); columns], pooled));
        Some(note)
    }

    /// The shares of all groups, estimated by `quantifier`. Groups are in the order of their names, those in parentheses
    /// (no date, empty, pooled) last.
    ///
    /// # Panics
    /// When `quantifier` is for another number of labels.
    #[must_use]
    pub fn summarize(mut self, quantifier: &Quantifier) -> Vec<GroupSummary> {
        assert_eq!(quantifier.n_labels(), self.labels.len(), "labels of the quantifier");
        let key = |name: &String| (name.starts_with('('), name.clone());
        self.tallies.sort_by_cached_key(|(names, _)| names.iter().map(key).collect::<Vec<_>>());
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.sort_by(|&a, &b| self.labels[a].cmp(&self.labels[b]));
        let labels = self.labels;
        let summary = |(values, mut tally): (Vec<String>, Tally)| {
            let (counts, shares) = (tally.counts(labels.len()), quantifier.shares(&mut tally));
            let label = |&number: &usize| LabelShare {
                label: labels[number].clone(),
                raw: Ratio::new(counts[number], tally.rows()),
                share: shares[number],
            };
            GroupSummary {
                values,
                rows: tally.rows(),
                documents: tally.documents(),
                is_small: tally.rows() < SMALL_GROUP,
                labels: order.iter().map(label).collect(),
            }
        };
        self.tallies.into_iter().map(summary).collect()
    }
}

/// The shares of the labels by groups, as plain data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// What was summed up.
    pub data: String,
    /// The columns that make the groups.
    pub columns: Vec<SummaryColumn>,
    /// The labels in order.
    pub labels: Vec<String>,
    /// The number of rows with a label.
    pub rows: u64,
    /// How shares were corrected.
    pub correction: Correction,
    /// Where the errors of the classifier were counted, if they were corrected for.
    pub errors_from: Option<String>,
    /// The label shares that the probabilities were made for, if they were used: as `--prior` has them.
    pub prior: Option<String>,
    /// How intervals were made.
    pub intervals: SummaryIntervals,
    /// The groups in order.
    pub groups: Vec<GroupSummary>,
    /// What one should know before trusting the numbers.
    #[serde(serialize_with = "with_text")]
    pub notes: Vec<SummaryNote>,
}

/// A column that makes groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SummaryColumn {
    /// Its name.
    pub name: String,
    /// The period by which its dates were put together.
    pub period: Option<String>,
}

impl SummaryColumn {
    /// The name of the column in tables: `date_month`.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.period {
            Some(period) => format!("{}_{period}", self.name),
            None => self.name.clone(),
        }
    }
}

/// How the intervals of shares were made.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SummaryIntervals {
    /// The share of resamples inside.
    pub level: f64,
    /// The number of resamples.
    pub replicates: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// What was drawn.
    pub unit: ResamplingUnit,
}

impl SummaryIntervals {
    /// Those of `params`.
    #[must_use]
    pub fn new(params: BootstrapParams, documents_known: bool) -> Self {
        let unit = if documents_known { ResamplingUnit::Document } else { ResamplingUnit::Row };
        let BootstrapParams { replicates, level, seed } = params;
        Self { level, replicates, seed, unit }
    }
}

/// A group and the shares of the labels in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupSummary {
    /// What the columns say, in their order.
    pub values: Vec<String>,
    /// Its rows.
    pub rows: u64,
    /// Its documents, if they are known.
    pub documents: Option<u64>,
    /// Whether it has fewer than [`SMALL_GROUP`] rows.
    pub is_small: bool,
    /// The shares, in the order of the labels.
    pub labels: Vec<LabelShare>,
}

/// The share of a label in a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelShare {
    /// The label.
    pub label: String,
    /// The rows that were given it, among all.
    pub raw: Ratio,
    /// The share, corrected for the error of the classifier.
    pub share: Estimate,
}

/// What one should know before trusting the numbers of a [`Summary`]. Serialised with the name of the variant as `code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SummaryNote {
    /// Dates could not be read; their rows are in a group of their own.
    Undated {
        /// The column.
        column: String,
        /// How many rows.
        rows: u64,
        /// Where the first one stands.
        first: String,
        /// What stands there.
        cell: String,
    },
    /// Rows had no label and are not counted.
    Unlabelled {
        /// How many.
        rows: u64,
    },
    /// Small groups were put together.
    Pooled {
        /// How many groups.
        groups: u64,
        /// Their rows.
        rows: u64,
        /// The least rows of a group that stands for itself.
        min_rows: u64,
    },
    /// Groups have fewer than [`SMALL_GROUP`] rows.
    SmallGroups {
        /// How many.
        groups: u64,
    },
    /// Groups have fewer than [`FEWEST_DOCUMENTS`] documents, and so no intervals.
    FewDocuments {
        /// How many.
        groups: u64,
    },
    /// Documents are not known, so rows were drawn one by one.
    NoDocuments,
    /// The errors were counted on other texts than these.
    ForeignErrors,
    /// The errors were counted on labels that were given under other label shares than these.
    ShiftedErrors,
}

impl fmt::Display for SummaryNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undated { column, rows, first, cell } => write!(
                f,
                "{} without a readable date in \"{column}\", the first at {first}: \"{}\"; see the group (no date)",
                counted(*rows, "row"),
                cell.chars().take(40).collect::<String>()
            ),
            Self::Unlabelled { rows } => write!(f, "{} without a label not counted", counted(*rows, "row")),
            Self::Pooled { groups, rows, min_rows } => write!(
                f,
                "{} of fewer than {min_rows} rows put together as {POOLED}: {}",
                counted(*groups, "group"),
                counted(*rows, "row")
            ),
            Self::SmallGroups { groups } => write!(
                f,
                "{} of fewer than {SMALL_GROUP} rows, marked *: the shares say little; a longer period or --min-rows \
                 puts them together",
                counted(*groups, "group")
            ),
            Self::FewDocuments { groups } => write!(
                f,
                "{} of fewer than {FEWEST_DOCUMENTS} documents: no interval, since so few say nothing about the next",
                counted(*groups, "group")
            ),
            Self::NoDocuments => f.write_str(
                "documents are not known, so rows were drawn one by one and intervals are too narrow; name the column \
                 with --group-column",
            ),
            Self::ForeignErrors => f.write_str(
                "the correction takes for granted that the model errs here as in its cross-validation; on texts of \
                 another kind it can make shares worse. Check some hundred rows by hand and pass them with --errors",
            ),
            Self::ShiftedErrors => f.write_str(
                "the model's own errors were counted on labels for the label shares of its training, not for those that \
                 label expects by default. For shares without this gap, label (and evaluate, for --errors) with --prior \
                 training and say --prior training here too",
            ),
        }
    }
}

fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Each note with its text beside its fields.
fn with_text<S: serde::Serializer>(
    notes: &[SummaryNote],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told<'a> {
        message: String,
        #[serde(flatten)]
        note: &'a SummaryNote,
    }
    serializer.collect_seq(notes.iter().map(|note| Told { message: note.to_string(), note }))
}
