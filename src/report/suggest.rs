//! Suggested sentences as a table to fill in.

use crate::curation::Suggestions;
use crate::labels::LabelSet;

/// The suggestions as CSV, ready to be filled in and passed to `train --add`: `id`, `doc_id`, `text`, an empty `label`,
/// `choices` (the labels there are, with ` | ` between them), `model_label`, `model_confidence`, `uncertainty`, and the
/// probability of each label under the names `probabilities`.
///
/// Cells are as they are in the pool, so that what comes back is what went out.
///
/// # Panics
/// When there is not one name per label.
#[must_use]
pub fn suggestions_csv(found: &Suggestions, labels: &LabelSet, probabilities: &[String]) -> String {
    assert_eq!(labels.len(), probabilities.len(), "one column per label");
    let mut table = csv::Writer::from_writer(Vec::new());
    let fixed =
        ["id", "doc_id", "text", "label", "choices", "model_label", "model_confidence", "uncertainty"];
    let header = fixed.into_iter().chain(probabilities.iter().map(String::as_str));
    table.write_record(header).expect("a write to memory");
    let choices = labels.names().join(" | ");
    for row in &found.chosen {
        let name = &labels.names()[row.label];
        let confidence = format!("{:.4}", row.probabilities[row.label]);
        let uncertainty = format!("{:.4}", row.uncertainty);
        let fixed = [&row.id, &row.document, &row.text, "", &choices, name, &confidence, &uncertainty];
        let each: Vec<String> = row.probabilities.iter().map(|p| format!("{p:.4}")).collect();
        let cells = fixed.into_iter().chain(each.iter().map(String::as_str));
        table.write_record(cells).expect("a write to memory");
    }
    let bytes = table.into_inner().expect("memory can be flushed");
    String::from_utf8(bytes).expect("only text was written")
}
