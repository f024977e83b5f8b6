//! The coefficients of agreement as functions of counts.

use std::fmt;

use serde::Serialize;

use super::counts::{Coincidences, Counts};
use crate::eval::{Confusion, Ratio};

/// Why a coefficient of agreement has no value: it would be 0/0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// No row has labels of two annotators.
    NoSharedRows,
    /// No row has a label of every annotator.
    NoCompleteRows,
    /// Every label that counts is the same, so that chance would agree as well.
    OneLabel,
    /// The label was given on none of the rows that count.
    LabelNotGiven,
}

impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSharedRows => "no row has labels of two annotators",
            Self::NoCompleteRows => "no row has a label of every annotator",
            Self::OneLabel => "only one label was given, so that chance would agree as well",
            Self::LabelNotGiven => "the label was given on no row that two annotators labelled",
        })
    }
}

/// A coefficient, or why there is none.
pub(super) type Value = std::result::Result<f64, Undefined>;

/// One number of the result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Score {
    Share(Ratio),
    Coefficient(Value),
}

impl Score {
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Share(ratio) => ratio.value(),
            Self::Coefficient(value) => value.ok(),
        }
    }
}

/// All scores of `counts`: of the whole, then of each pair, then of each label.
pub(super) fn scores(counts: &Counts, n_labels: usize) -> Vec<Score> {
    use Score::{Coefficient, Share};
    let kappas = counts.pairs.iter().map(cohen);
    let mut scores = vec![
        Share(sum(counts.pairs.iter().map(Confusion::accuracy))),
        Share(Ratio::new(counts.unanimous_rows, counts.complete_rows)),
        Coefficient(mean(kappas)),
        Coefficient(fleiss(&counts.complete)),
        Coefficient(alpha(&counts.shared)),
    ];
    for pair in &counts.pairs {
        scores.extend([Share(pair.accuracy()), Coefficient(cohen(pair))]);
    }
    for label in 0..n_labels {
        scores.extend([
            Share(specific(&counts.pairs, label)),
            Coefficient(mean(counts.pairs.iter().map(|pair| cohen_of_label(pair, label)))),
            Coefficient(alpha_of_label(&counts.shared, label)),
        ]);
    }
    scores
}

/// Parts and wholes added up.
fn sum(ratios: impl Iterator<Item = Ratio>) -> Ratio {
    let (num, den) = ratios.fold((0, 0), |(num, den), ratio| (num + ratio.num(), den + ratio.den()));
    Ratio::new(num, den)
}

/// The mean of the values that exist; without any, the reason of the first.
fn mean(values: impl Iterator<Item = Value>) -> Value {
    let (mut sum, mut known, mut reason) = (0.0, 0, Undefined::NoSharedRows);
    for value in values {
        match value {
            Ok(value) => (sum, known) = (sum + value, known + 1),
            Err(Undefined::NoSharedRows) => {}
            Err(other) => reason = other,
        }
    }
    if known > 0 { Ok(sum / f64::from(known)) } else { Err(reason) }
}

/// Cohen's κ of a pair: see [`Confusion::kappa`].
fn cohen(pair: &Confusion) -> Value {
    let reason = if pair.total() == 0 { Undefined::NoSharedRows } else { Undefined::OneLabel };
    pair.kappa().ok_or(reason)
}

/// Cohen's κ of `label` against all others: `2 (N·n_cc − a·b) / (N (a + b) − 2·a·b)`, where the two gave the label `a` and
/// `b` times in `N` rows, and `n_cc` times both.
fn cohen_of_label(pair: &Confusion, label: usize) -> Value {
    let wide = u128::from;
    let (n, both) = (wide(pair.total()), wide(pair.row(label)[label]));
    let (a, b) = (wide(pair.support(label)), wide(pair.predicted(label)));
    // a, b <= N, so this is at least 0.
    let scale = n * (a + b) - 2 * a * b;
    match (n, a + b) {
        (0, _) => Err(Undefined::NoSharedRows),
        (_, 0) => Err(Undefined::LabelNotGiven),
        _ if scale == 0 => Err(Undefined::OneLabel),
        _ => Ok(2.0 * ((n * both) as f64 - (a * b) as f64) / scale as f64),
    }
}

/// Fleiss' κ (1971): `(P̄ − P_e) / (1 − P_e)` with `P̄ = Σ equal / n` and `P_e = Σ (given / n)²`.
fn fleiss(rows: &Coincidences) -> Value {
    let n = rows.total();
    if n < 2.0 {
        return Err(Undefined::NoCompleteRows);
    }
    if rows.given.iter().filter(|given| **given > 0.0).count() < 2 {
        return Err(Undefined::OneLabel);
    }
    let chance: f64 = rows.given.iter().map(|given| (given / n).powi(2)).sum();
    Ok((rows.equal.iter().sum::<f64>() / n - chance) / (1.0 - chance))
}

/// Krippendorff's α for nominal data (2011): `1 − (n − 1) (n − Σ equal) / (n² − Σ given²)`.
fn alpha(rows: &Coincidences) -> Value {
    let n = rows.total();
    if n < 2.0 {
        return Err(Undefined::NoSharedRows);
    }
    if rows.given.iter().filter(|given| **given > 0.0).count() < 2 {
        return Err(Undefined::OneLabel);
    }
    let unlike = n * n - rows.given.iter().map(|given| given * given).sum::<f64>();
    Ok(1.0 - (n - 1.0) * (n - rows.equal.iter().sum::<f64>()) / unlike)
}

/// α of `label` against all others: `1 − (n − 1) (given − equal) / (given (n − given))`, for a label and its complement
/// disagree equally often.
fn alpha_of_label(rows: &Coincidences, label: usize) -> Value {
    let (n, given) = (rows.total(), rows.given[label]);
    if n < 2.0 {
        return Err(Undefined::NoSharedRows);
    }
    // Whole numbers: every label counts 1.
    if given < 1.0 {
        return Err(Undefined::LabelNotGiven);
    }
    if n - given < 1.0 {
        return Err(Undefined::OneLabel);
    }
    Ok(1.0 - (n - 1.0) * (given - rows.equal[label]) / (given * (n - given)))
}

/// Specific agreement (Dice; Cicchetti & Feinstein 1990): of all times that one of a pair gave `label`, the share in which
/// the other did too.
fn specific(pairs: &[Confusion], label: usize) -> Ratio {
    let of_pair = |pair: &Confusion| {
        Ratio::new(2 * pair.row(label)[label], pair.support(label) + pair.predicted(label))
    };
    sum(pairs.iter().map(of_pair))
}
