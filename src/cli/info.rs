//! `stancewire info`

use std::fmt::Write;

use clap::Args;
use serde::Serialize;
use stancewire::classifier::Threshold;
use stancewire::error::{Error, ErrorKind, Result};
use stancewire::features::{CueClass, CueLexicon};
use stancewire::labels::LabelId;
use stancewire::model::{FeatureParams, ModelCard, StanceModel, readable};

use super::model::open;
use super::terminal::Voice;
use super::{Ending, reporting};

/// Tell what a model knows about itself: labels, training data, settings, scores, thresholds
///
/// The scores are those of the cross-validation when it was trained: each row labelled by a model that has seen neither
/// its document nor a near-duplicate of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stancewire info
  stancewire info my.safetensors --terms 20
  stancewire info --lexicon > cues.toml    a lexicon to edit and to train with, by --cues cues.toml")]
pub struct InfoArgs {
    /// The model file [default: the model that is part of the program]
    #[arg(value_name = "MODEL")]
    model: Option<String>,
    /// Show the N strongest features of each label [default: none]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    terms: usize,
    /// Print the cue lexicon as TOML and nothing else [default: the model card]
    #[arg(long, conflicts_with_all = ["json", "terms"])]
    lexicon: bool,
    /// Print JSON [default: text]
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &InfoArgs, _: &Voice) -> Result<Ending> {
    let model = open(arguments.model.as_deref())?;
    let text = match arguments {
        InfoArgs { lexicon: true, .. } => lexicon(&model)?,
        InfoArgs { json: true, .. } => json(&model, arguments.terms)?,
        _ => text(&model, arguments.terms),
    };
    reporting::print(&text).map(|()| Ending::Done)
}

fn lexicon(model: &StanceModel) -> Result<String> {
    let lexicon = model.lexicon().map(CueLexicon::to_toml);
    lexicon.ok_or_else(|| Error::new(ErrorKind::Model, "the model has no cue lexicon"))
}

/// A feature and its weight for one label.
#[derive(Serialize)]
struct Weighted {
    term: String,
    weight: f64,
}

/// The `n` features with the largest weights for `label`, ties by name.
fn strongest(model: &StanceModel, label: LabelId, n: usize) -> Vec<Weighted> {
    let coefficients = model.coefficients();
    let weight = |feature: usize| coefficients.weights_of(feature)[label.index()];
    let mut features: Vec<usize> = (0..coefficients.n_features()).collect();
    features.sort_by(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    let weighted = |feature| {
        let term = readable(model.term(feature).unwrap_or_default()).into_owned();
        Weighted { term, weight: weight(feature) }
    };
    features.into_iter().take(n).map(weighted).collect()
}

fn text(model: &StanceModel, terms: usize) -> String {
    let card = model.card();
    let mut lines = String::new();
    for (name, value) in facts(model, card) {
        let _ = writeln!(lines, "{name:<18} {value}");
    }
    let _ = writeln!(lines, "\n{:<18} {:>6} {:>9} {:>10}", "label", "rows", "expected", "threshold");
    let expected = model.expected_shares();
    for id in model.labels().ids() {
        let threshold = model.thresholds().per_label()[id.index()];
        let threshold = threshold.map_or_else(|| "review all".to_owned(), |t| format!("{:.4}", t.get()));
        let rows = card.data.support[id.index()];
        let share = format!("{:.1} %", 100.0 * expected[id.index()]);
        let _ = writeln!(lines, "{:<18} {rows:>6} {share:>9} {threshold:>10}", model.labels().name(id));
    }
    for id in model.labels().ids().filter(|_| terms > 0) {
        let _ = writeln!(lines, "\nstrongest features of {}", model.labels().name(id));
        for Weighted { term, weight } in strongest(model, id, terms) {
            let _ = writeln!(lines, "  {weight:>+8.4}  {term}");
        }
    }
    lines
}

fn facts(model: &StanceModel, card: &ModelCard) -> Vec<(&'static str, String)> {
    let (words, cues) = model.n_features();
    let analyzer = &model.feature_params().analyzer;
    let (data, scores, fit) = (&card.data, &card.cross_validation, &card.fit);
    let documents = data.documents.map_or_else(String::new, |n| format!(" of {n} documents"));
    let classes = model.lexicon().map_or(0, |lexicon| lexicon.classes().len());
    let chars = analyzer.char_ngrams.map_or_else(String::new, |range| format!(", characters {range}"));
    vec![
        ("made by", card.made_by.clone()),
        ("trained on", format!("{}: {} rows{documents}", data.name, data.rows)),
        ("data SHA-256", data.sha256.clone()),
        ("features", format!("{words} word n-grams, {cues} of {classes} cue classes")),
        ("analyzer", format!("{}, n-grams {}{chars}", analyzer.language, analyzer.word_ngrams)),
        (
            "fit",
            format!(
                "{} solver, alpha {}, objective {:.6}, gradient norm {:.2e}, {}",
                fit.solver,
                card.training.alpha,
                fit.objective,
                fit.gradient_norm,
                if fit.converged { "converged" } else { "NOT converged" }
            ),
        ),
        (
            "cross-validation",
            format!(
                "{} folds: macro-F1 {:.3}, accuracy {:.3}, log loss {:.3}, calibration error {:.3}",
                scores.folds, scores.macro_f1, scores.accuracy, scores.log_loss, scores.ece
            ),
        ),
        (
            "thresholds",
            format!(
                "for a precision of {}: {:.1} % of the rows are kept, {:.1} % of those are right",
                card.training.thresholds.target_precision,
                100.0 * scores.coverage,
                100.0 * scores.accepted_accuracy
            ),
        ),
    ]
}

/// A model for programs. Lists with one entry per label are in the order of `labels`.
#[derive(Serialize)]
struct Json<'a> {
    labels: &'a [String],
    thresholds: Vec<Option<f64>>,
    word_features: usize,
    cue_features: usize,
    cue_classes: Vec<&'a str>,
    features: &'a FeatureParams,
    card: &'a ModelCard,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    strongest: Vec<Vec<Weighted>>,
}

fn json(model: &StanceModel, terms: usize) -> Result<String> {
    let (word_features, cue_features) = model.n_features();
    let json = Json {
        labels: model.labels().names(),
        thresholds: model.thresholds().per_label().iter().map(|t| t.map(Threshold::get)).collect(),
        word_features,
        cue_features,
        cue_classes: model.lexicon().iter().flat_map(|l| l.classes()).map(CueClass::name).collect(),
        features: model.feature_params(),
        card: model.card(),
        strongest: model.labels().ids().filter(|_| terms > 0).map(|id| strongest(model, id, terms)).collect(),
    };
    let text = serde_json::to_string_pretty(&json);
    text.map(|text| text + "\n").map_err(|error| Error::io("cannot write JSON", error.into()))
}
