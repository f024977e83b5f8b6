//! Small fixed evaluations for the snapshots.

use crate::eval::{BootstrapParams, Evaluation, EvaluationInput, Outcome, Probabilities, RowStatus};
use crate::labels::LabelSet;

fn labels() -> LabelSet {
    LabelSet::new(["ceasefire-call", "none", "restraint", "threat"]).unwrap()
}

/// Twelve rows: no row is called restraint, so its precision is 0/0.
const GOLD: &str = "cnnrtnnctnrn";
const PREDICTED: &str = "cnntttnctnnc";

fn outcomes() -> Vec<Outcome> {
    let id = |letter: char| {
        let set = labels();
        let found = set.names().iter().position(|name| name.starts_with(letter)).unwrap();
        set.id_at(found).unwrap()
    };
    GOLD.chars().zip(PREDICTED.chars()).map(|(g, p)| Outcome { gold: id(g), predicted: id(p) }).collect()
}

fn params() -> BootstrapParams {
    BootstrapParams { replicates: 200, ..BootstrapParams::default() }
}

/// Everything is known.
pub(super) fn full() -> Evaluation {
    let (labels, outcomes) = (labels(), outcomes());
    let row = |(number, outcome): (usize, &Outcome)| {
        // Sixteenths, so that no digits differ between machines.
        let confident = (7 + number % 3 * 3) as f64 / 16.0;
        let mut row = [(1.0 - confident) / 3.0; 4];
        row[outcome.predicted.index()] = confident;
        row
    };
    let rows: Vec<[f64; 4]> = outcomes.iter().enumerate().map(row).collect();
    let table = Probabilities::from_rows(4, &rows).unwrap();
    let status: Vec<RowStatus> =
        (0..12).map(|row| if row % 3 == 0 { RowStatus::Review } else { RowStatus::Ok }).collect();
    let source = (0..12).map(|row| if row < 7 { "agency" } else { "state|media" }.to_owned()).collect();
    let columns = [("source".to_owned(), source)];
    Evaluation::new(EvaluationInput {
        documents: Some(&[0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]),
        probabilities: Some(&table),
        status: Some(&status),
        columns: &columns,
        bootstrap: Some(params()),
        ..EvaluationInput::new("stance-en", "gold.csv", &labels, &outcomes)
    })
    .unwrap()
}

/// Nothing is known but gold and predicted labels.
pub(super) fn bare() -> Evaluation {
    let (labels, outcomes) = (labels(), outcomes());
    let input = EvaluationInput::new("stance-en", "gold.csv", &labels, &outcomes);
    Evaluation::new(EvaluationInput { bootstrap: None, ..input }).unwrap()
}

/// Thirty labels with long names.
pub(super) fn with_many_labels() -> Evaluation {
    let names = (0..30).map(|number| format!("label with a rather long name, number {number:02}"));
    let labels = LabelSet::new(names).unwrap();
    let outcomes: Vec<Outcome> = labels.ids().map(|id| Outcome { gold: id, predicted: id }).collect();
    let data = "a file with a name/that is quite long/and goes on/".repeat(4);
    let input = EvaluationInput::new("stance-en", &data, &labels, &outcomes);
    Evaluation::new(EvaluationInput { bootstrap: Some(params()), ..input }).unwrap()
}
