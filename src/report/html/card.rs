//! What a model tells about itself, on a page.

use super::super::format::{count, score, signed};
use super::{Block, Cell, Fact, Table};
use crate::labels::LabelId;
use crate::model::{StanceModel, readable};

/// How many labels stand beside each other in the table of the strongest terms.
const LABELS_BESIDE: usize = 4;

/// The model's card.
pub(super) fn facts(model: &StanceModel) -> Vec<Fact> {
    let card = model.card();
    let (words, cues) = model.n_features();
    let documents = card.data.documents.map(|n| format!(" of {}", count(n as u64, "document")));
    let rows = format!("{}{}", count(card.data.rows as u64, "row"), documents.unwrap_or_default());
    let support = model.labels().names().iter().zip(&card.data.support);
    let support: Vec<String> = support.map(|(label, rows)| format!("{label} {rows}")).collect();
    let scores = &card.cross_validation;
    let fit = &card.fit;
    let converged = if fit.converged { "converged" } else { "NOT converged" };
    vec![
        Fact::new("model made by", &card.made_by),
        Fact::new("trained on", format!("{}: {rows}", card.data.name)),
        Fact::new("training rows by label", support.join(", ")),
        Fact::new("SHA-256 of the training rows", &card.data.sha256),
        Fact::new("features", format!("{words} word n-grams, {cues} cues")),
        Fact::new("analyzer", {
            let analyzer = &model.feature_params().analyzer;
            format!("{}, n-grams {}", analyzer.language, analyzer.word_ngrams)
        }),
        Fact::new("fit", format!("{} solver, alpha {}, {converged}", fit.solver, card.training.alpha)),
        Fact::new(
            "its cross-validation",
            format!(
                "{} folds: macro F1 {}, accuracy {}, calibration error {}",
                scores.folds,
                score(Some(scores.macro_f1), 2),
                score(Some(scores.accuracy), 2),
                score(Some(scores.ece), 3)
            ),
        ),
        Fact::new("thresholds", thresholds(model)),
    ]
}

fn thresholds(model: &StanceModel) -> String {
    let all = model.labels().names().iter().zip(model.thresholds().per_label());
    let all = all.map(|(label, threshold)| match threshold {
        Some(threshold) => format!("{label} {}", score(Some(threshold.get()), 2)),
        None => format!("{label} review all"),
    });
    all.collect::<Vec<_>>().join(", ")
}

/// The `n` terms with the largest weights for each label.
pub(super) fn strongest(model: &StanceModel, n: usize) -> Vec<Block> {
    let intro = "What speaks most for each label, with its weight. Words are stems; CAPITALS are cues of the lexicon, and \
                 A→B is one cue after another.";
    let ids: Vec<LabelId> = model.labels().ids().collect();
    let tables = ids.chunks(LABELS_BESIDE).map(|labels| table(model, labels, n));
    std::iter::once(Block::Text(intro.into())).chain(tables).collect()
}

fn table(model: &StanceModel, labels: &[LabelId], n: usize) -> Block {
    let columns: Vec<Vec<Cell>> = labels.iter().map(|&label| column(model, label, n)).collect();
    let rank = |number: usize| {
        let cells = columns.iter().map(|column| column[number].clone());
        std::iter::once(Cell::new((number + 1).to_string())).chain(cells).collect()
    };
    let names = labels.iter().map(|&label| model.labels().name(label).into());
    Block::Table(Table {
        caption: "The terms with the largest weights".into(),
        heads: std::iter::once("no.".into()).chain(names).collect(),
        rows: (0..columns.first().map_or(0, Vec::len)).map(rank).collect(),
        text_columns: labels.len() + 1,
        ..Table::default()
    })
}

/// The terms of one label, ties in the order of the features.
fn column(model: &StanceModel, label: LabelId, n: usize) -> Vec<Cell> {
    let coefficients = model.coefficients();
    let weight = |feature: usize| coefficients.weights_of(feature)[label.index()];
    let mut features: Vec<usize> = (0..coefficients.n_features()).collect();
    features.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    let cell = |feature: usize| {
        let term = readable(model.term(feature).unwrap_or_default()).into_owned();
        Cell::new(term).with_detail(signed(weight(feature)))
    };
    features.into_iter().take(n).map(cell).collect()
}
