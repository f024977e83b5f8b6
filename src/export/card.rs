//! The model card as rows of two cells.

use crate::model::StanceModel;

/// The right cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum CardValue {
    /// Words.
    Text(String),
    /// A count.
    Count(u64),
    /// A share or a score from 0 to 1.
    Share(f64),
}

/// A row of the model card: what it tells, and the answer.
pub type CardRow = (String, CardValue);

/// What a reader of labelled rows should know of `model`, which the user calls `name`: where it comes from, how right it
/// is, and from which probability on a label counts as sure.
#[must_use]
pub fn card_rows(model: &StanceModel, name: &str) -> Vec<CardRow> {
    let card = model.card();
    let (scores, data) = (&card.cross_validation, &card.data);
    let text = |text: &str| CardValue::Text(text.to_owned());
    let mut rows: Vec<CardRow> = vec![
        ("model".into(), text(name)),
        ("made by".into(), text(&card.made_by)),
        ("labelled by".into(), text(concat!("stancewire ", env!("CARGO_PKG_VERSION")))),
        ("training data".into(), text(&data.name)),
        ("training data, SHA-256".into(), text(&data.sha256)),
        ("training rows".into(), CardValue::Count(data.rows as u64)),
    ];
    rows.extend(
        data.documents.map(|documents| ("training documents".into(), CardValue::Count(documents as u64))),
    );
    for (label, &support) in model.labels().names().iter().zip(&data.support) {
        rows.push((format!("training rows: {label}"), CardValue::Count(support as u64)));
    }
    rows.push(("folds of the cross-validation".into(), CardValue::Count(scores.folds as u64)));
    for (what, share) in [
        ("macro-F1, cross-validated", scores.macro_f1),
        ("accuracy, cross-validated", scores.accuracy),
        ("calibration error (ECE)", scores.ece),
        ("share of rows with status ok", scores.coverage),
        ("share of right labels among these", scores.accepted_accuracy),
    ] {
        rows.push((what.to_owned(), CardValue::Share(share)));
    }
    for (label, threshold) in model.labels().names().iter().zip(model.thresholds().per_label()) {
        let value =
            threshold.map_or_else(|| text("review all"), |threshold| CardValue::Share(threshold.get()));
        rows.push((format!("threshold: {label}"), value));
    }
    let status = "ok: at or above the threshold of the label; review: below it, look at it; empty: nothing that the model knows";
    rows.push(("status".into(), text(status)));
    rows.push((
        "start, end".into(),
        text("characters of the document before the sentence, and up to its end"),
    ));
    rows
}
