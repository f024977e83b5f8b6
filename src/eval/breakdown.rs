//! The same scores for parts of the data: by source, register, sample …

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{Confusion, Outcome, Ratio};

/// The scores of the rows that share a value in one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breakdown {
    /// The column's name.
    pub column: String,
    /// One entry per distinct value: most rows first, equal numbers by value.
    pub parts: Vec<BreakdownPart>,
}

/// The scores of the rows with one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakdownPart {
    /// The value that the rows share.
    pub value: String,
    /// The share of right labels. The denominator is the number of rows.
    pub accuracy: Ratio,
    /// The macro average of F1 over the labels that occur in these rows. Parts with different labels are not strictly
    /// comparable.
    pub macro_f1: Option<f64>,
}

impl Breakdown {
    /// Divides `outcomes` by `values`, one value per row, of the column called `column`.
    ///
    /// # Panics
    /// When the slices differ in length, or a label is not below `n_labels`.
    #[must_use]
    pub fn new(column: &str, values: &[String], outcomes: &[Outcome], n_labels: usize) -> Self {
        assert_eq!(values.len(), outcomes.len(), "values of \"{column}\" and outcomes");
        let mut position = FxHashMap::default();
        let mut tables: Vec<(&str, Confusion)> = Vec::new();
        for (value, &outcome) in values.iter().zip(outcomes) {
            let at = *position.entry(value.as_str()).or_insert(tables.len());
            if at == tables.len() {
                tables.push((value, Confusion::empty(n_labels)));
            }
            tables[at].1.record(outcome, 1);
        }
        tables.sort_by(|a, b| b.1.total().cmp(&a.1.total()).then(a.0.cmp(b.0)));
        Self { column: column.to_owned(), parts: tables.into_iter().map(BreakdownPart::new).collect() }
    }
}

impl BreakdownPart {
    fn new((value, table): (&str, Confusion)) -> Self {
        Self {
            value: value.to_owned(),
            accuracy: table.accuracy(),
            macro_f1: table.macro_average().map(|average| average.f1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;

    #[test]
    fn parts_stand_by_size_then_by_value() {
        let set = LabelSet::new(["a", "b"]).unwrap();
        let (a, b) = (set.id_at(0).unwrap(), set.id_at(1).unwrap());
        let (right, wrong) = (Outcome { gold: a, predicted: a }, Outcome { gold: b, predicted: a });
        let values = ["web", "un", "press", "web"].map(String::from);
        let found = Breakdown::new("source", &values, &[right, wrong, right, wrong], 2);
        // web: a right, b called a. F1 of a 2/3, of b 0: macro 1/3. un: only b, called a: both 0.
        let expected = [
            ("web", Ratio::new(1, 2), 1.0 / 3.0),
            ("press", Ratio::new(1, 1), 1.0),
            ("un", Ratio::new(0, 1), 0.0),
        ];
        for (part, (value, accuracy, macro_f1)) in found.parts.iter().zip(expected) {
            assert_eq!((part.value.as_str(), part.accuracy), (value, accuracy));
            assert!((part.macro_f1.unwrap() - macro_f1).abs() < 1e-12);
        }
        assert_eq!(found.parts.len(), 3);
    }
}
