//! Two models on the same rows, as one result.

use serde::Serialize;

use super::evaluation::with_text;
use super::{
    BootstrapParams, Clusters, Confusion, FEW_DOCUMENTS, IntervalMethod, McNemar, Metric, NamedConfusion,
    Outcome, PairedDifference, RARE_SUPPORT, Warning, mcnemar, paired_difference,
};
use crate::error::{Error, ErrorKind, Result};
use crate::labels::{LabelId, LabelSet};

/// What a [`Comparison`] is made from. All slices have one entry per row, in the same order.
#[derive(Debug, Clone)]
pub struct ComparisonInput<'a> {
    /// What the first model is called.
    pub a: &'a str,
    /// What the second model is called.
    pub b: &'a str,
    /// What the data are called.
    pub data: &'a str,
    /// The labels of gold and both models together.
    pub labels: &'a LabelSet,
    /// What each row is and what the first model said.
    pub a_outcomes: &'a [Outcome],
    /// What each row is and what the second model said.
    pub b_outcomes: &'a [Outcome],
    /// The document of each row, where that is known; equal numbers are one document.
    pub documents: Option<&'a [u32]>,
    /// How intervals are made.
    pub bootstrap: BootstrapParams,
}

/// One score of both models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedScore {
    /// `macro_f1`, `accuracy`, `kappa`, `mcc`, or `f1` of one label.
    pub metric: &'static str,
    /// The label of `f1`.
    pub label: Option<String>,
    /// The gold rows that the score is about.
    pub support: u64,
    /// Both values and their difference.
    #[serde(flatten)]
    pub paired: PairedDifference,
}

/// The rows by which of the two is right on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ComparedRows {
    /// Both gave the gold label.
    pub both_right: u64,
    /// Only the first did.
    pub only_a: u64,
    /// Only the second did.
    pub only_b: u64,
    /// Both gave the same wrong label.
    pub same_wrong: u64,
    /// Both are wrong, each in its own way.
    pub other_wrong: u64,
}

/// Two models, or two columns of labels, on the same rows: plain data, to be rendered by [`report`](crate::report).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What the first model is called.
    pub a: String,
    /// What the second model is called.
    pub b: String,
    /// What the data are called.
    pub data: String,
    /// The number of rows.
    pub rows: u64,
    /// The number of documents, if known.
    pub documents: Option<u64>,
    /// How the intervals were made.
    pub intervals: IntervalMethod,
    /// Macro-F1, accuracy, Cohen's κ and Matthews correlation, then the F1 of each label.
    pub scores: Vec<ComparedScore>,
    /// Which of the two is right how often.
    pub outcomes: ComparedRows,
    /// Whether accuracies differ; see [`mcnemar`].
    pub mcnemar: McNemar,
    /// The labels of both, whatever the gold label: one row per label of the first, one column per label of the second.
    pub table: NamedConfusion,
    /// What to know before trusting the differences.
    #[serde(serialize_with = "with_text")]
    pub warnings: Vec<Warning>,
}

impl Comparison {
    /// Compares the outcomes in `input`; see [`paired_difference`] for the intervals.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] without rows; [`ErrorKind::Settings`] when the lengths differ, when the two disagree about the
    /// gold label of a row, or as [`BootstrapParams::check`].
    ///
    /// # Panics
    /// When a label is not among the labels.
    pub fn new(input: &ComparisonInput<'_>) -> Result<Self> {
        let (a, b) = (input.a_outcomes, input.b_outcomes);
        let rows = a.len();
        if let Some(documents) = input.documents.filter(|documents| documents.len() != rows) {
            let what = format!("{} document numbers for {rows} rows; expected one each", documents.len());
            return Err(Error::new(ErrorKind::Settings, what));
        }
        let mcnemar = mcnemar(a, b)?;
        let clusters = input.documents.map_or_else(|| Clusters::of_rows(rows), Clusters::of_documents);
        let gold = Confusion::from_outcomes(input.labels, a.iter().copied());
        let between = a.iter().zip(b).map(|(a, b)| Outcome { gold: a.predicted, predicted: b.predicted });
        let table = Confusion::from_outcomes(input.labels, between);
        let documents = input.documents.map(|_| clusters.len() as u64);
        Ok(Self {
            a: input.a.to_owned(),
            b: input.b.to_owned(),
            data: input.data.to_owned(),
            rows: rows as u64,
            documents,
            intervals: IntervalMethod::new(&input.bootstrap, input.documents.is_some(), &clusters),
            scores: scores(input, &clusters, &gold)?,
            outcomes: ComparedRows::new(a, b, &mcnemar),
            mcnemar,
            table: NamedConfusion::new(input.labels.names(), &table),
            warnings: warnings(input.labels, &gold, documents),
        })
    }
}

fn scores(input: &ComparisonInput<'_>, clusters: &Clusters, gold: &Confusion) -> Result<Vec<ComparedScore>> {
    let whole = [
        ("macro_f1", Metric::MacroF1),
        ("accuracy", Metric::Accuracy),
        ("kappa", Metric::Kappa),
        ("mcc", Metric::Mcc),
    ];
    let whole = whole.map(|(name, metric)| (name, metric, None, gold.total()));
    let of_label = |id: LabelId| {
        ("f1", Metric::F1(id), Some(input.labels.name(id).to_owned()), gold.support(id.index()))
    };
    let score = |(metric, which, label, support)| {
        let (a, b, n) = (input.a_outcomes, input.b_outcomes, input.labels.len());
        let paired = paired_difference(n, a, b, clusters, which, &input.bootstrap)?;
        Ok(ComparedScore { metric, label, support, paired })
    };
    whole.into_iter().chain(input.labels.ids().map(of_label)).map(score).collect()
}

impl ComparedRows {
    fn new(a: &[Outcome], b: &[Outcome], test: &McNemar) -> Self {
        let count =
            |is: fn(&Outcome, &Outcome) -> bool| a.iter().zip(b).filter(|(a, b)| is(a, b)).count() as u64;
        let same_wrong = count(|a, b| !a.is_correct() && a.predicted == b.predicted);
        Self {
            both_right: count(|a, b| a.is_correct() && b.is_correct()),
            only_a: test.only_a,
            only_b: test.only_b,
            same_wrong,
            other_wrong: count(|a, b| !a.is_correct() && !b.is_correct()) - same_wrong,
        }
    }
}

fn warnings(labels: &LabelSet, gold: &Confusion, documents: Option<u64>) -> Vec<Warning> {
    let of_label = |id: LabelId| {
        let (label, support) = (labels.name(id).to_owned(), gold.support(id.index()));
        (support > 0 && support < RARE_SUPPORT).then_some(Warning::RareLabel { label, support })
    };
    let of_documents = match documents {
        None => Some(Warning::DocumentsUnknown),
        Some(documents) => (documents < FEW_DOCUMENTS).then_some(Warning::FewDocuments { documents }),
    };
    labels.ids().filter_map(of_label).chain(of_documents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(gold: &str, a: &str, b: &str, documents: Option<&[u32]>) -> Result<Comparison> {
        let labels = LabelSet::new(["a", "b", "c"]).unwrap();
        let id = |c: char| labels.require(&c.to_string()).unwrap();
        let outcomes = |predicted: &str| -> Vec<Outcome> {
            let rows = gold.chars().zip(predicted.chars());
            rows.map(|(gold, predicted)| Outcome { gold: id(gold), predicted: id(predicted) }).collect()
        };
        Comparison::new(&ComparisonInput {
            a: "first",
            b: "second",
            data: "gold.csv",
            labels: &labels,
            a_outcomes: &outcomes(a),
            b_outcomes: &outcomes(b),
            documents,
            bootstrap: BootstrapParams::default(),
        })
    }

    #[test]
    fn rows_are_counted_by_who_is_right() {
        // Row by row: both right, both right, only first, only second, only second, same wrong, other wrong.
        let found = compare("aabbcca", "aabcbbb", "aacbcbc", None).unwrap();
        let ComparedRows { both_right, only_a, only_b, same_wrong, other_wrong } = found.outcomes;
        assert_eq!((both_right, only_a, only_b, same_wrong, other_wrong), (2, 1, 2, 1, 1));
        // What the first calls b, the second calls c (rows 3, 5 and 7) and b (row 6).
        assert_eq!(found.table.counts[1], [0, 1, 3]);
        assert_eq!(found.warnings.last(), Some(&Warning::DocumentsUnknown));
    }

    #[test]
    fn scores_are_those_of_each_model_on_the_same_rows() {
        let found = compare("aabbcca", "aabcbbb", "aacbcbc", Some(&[1, 1, 2, 2, 3, 3, 4])).unwrap();
        let score = |metric: &str, label: Option<&str>| {
            let is = |score: &&ComparedScore| score.metric == metric && score.label.as_deref() == label;
            found.scores.iter().find(is).unwrap()
        };
        let accuracy = score("accuracy", None).paired;
        assert_eq!((accuracy.a, accuracy.b), (Some(3.0 / 7.0), Some(4.0 / 7.0)));
        // First: two a are called a, one is not: F1 = 4 / (3 + 2). c: never right.
        assert_eq!(score("f1", Some("a")).paired.a, Some(0.8));
        assert_eq!((score("f1", Some("c")).paired.a, score("f1", Some("c")).support), (Some(0.0), 2));
        assert_eq!((found.documents, found.intervals.units), (Some(4), 4));
    }

    #[test]
    fn no_rows_and_documents_of_other_rows_are_refused() {
        insta::assert_snapshot!(compare("", "", "", None).unwrap_err(), @"no rows to compare two models on");
        insta::assert_snapshot!(
            compare("ab", "ab", "ab", Some(&[1])).unwrap_err(),
            @"1 document numbers for 2 rows; expected one each"
        );
    }
}
