//! Settings chosen by cross-validation.

use super::card::{CrossValidationSummary, SearchTrial, TrainingParams};
use super::features::FeatureParams;
use super::training::{Trained, TrainingData, cross_validate_model, train};
use crate::error::{Error, ErrorKind, Result};
use crate::features::CueLexicon;
use crate::text::NgramRange;

/// What a search may choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchSpace {
    /// Strengths of the penalty.
    pub alpha: Vec<f64>,
    /// Factors on the cue block; without a lexicon only the first counts.
    pub cue_weight: Vec<f64>,
    /// Terms and cues of fewer rows are left out.
    pub min_df: Vec<u32>,
    /// Lengths of word n-grams.
    pub ngrams: Vec<NgramRange>,
}

/// Macro-F1 values closer than this count as equal, and the log loss decides: it is about the spread between seeds.
const SEARCH_TIE: f64 = 0.002;

/// Searches `space` by cross-validation on the same folds, and trains with what scored best.
///
/// Coordinate by coordinate rather than every combination: first `ngrams` and `min_df` together, then `alpha` and
/// `cue_weight` together. Best is the highest macro-F1; of settings within 0.002 of it, that with the least log loss. All
/// trials are recorded in [`ModelCard::search`](super::ModelCard::search).
///
/// # Errors
/// Those of [`train`]; and [`ErrorKind::Settings`] when a list of the space is empty.
pub fn search_and_train(
    data: &TrainingData<'_>,
    features: FeatureParams,
    lexicon: Option<CueLexicon>,
    params: &TrainingParams,
    space: &SearchSpace,
    mut told: impl FnMut(&SearchTrial),
) -> Result<Trained> {
    if space.alpha.is_empty()
        || space.cue_weight.is_empty()
        || space.min_df.is_empty()
        || space.ngrams.is_empty()
    {
        return Err(Error::new(
            ErrorKind::Settings,
            "the search has nothing to choose from for one of its settings",
        ));
    }
    let mut trials = Vec::new();
    let mut best = (features, params.clone());
    let mut try_all = |best: &mut (FeatureParams, TrainingParams),
                       candidates: Vec<(FeatureParams, TrainingParams)>| {
        let from = trials.len();
        for (features, params) in &candidates {
            let found = cross_validate_model(data, features.clone(), lexicon.clone(), params)?;
            let trial = trial_of(features, params, &found.summary);
            told(&trial);
            trials.push(trial);
        }
        if let Some(chosen) = best_trial(&trials[from..]) {
            *best = candidates[chosen].clone();
        }
        Ok::<(), Error>(())
    };
    let terms = vary(&best, &space.ngrams, &space.min_df, |(features, _), &ngrams, &min_df| {
        features.analyzer.word_ngrams = ngrams;
        features.words.min_df = min_df;
        features.cue_tfidf.min_df = min_df;
    });
    try_all(&mut best, terms)?;
    let weights = if lexicon.is_some() { &space.cue_weight[..] } else { &space.cue_weight[..1] };
    let strengths = vary(&best, &space.alpha, weights, |(features, params), &alpha, &cue_weight| {
        params.alpha = alpha;
        features.cue_weight = cue_weight;
    });
    try_all(&mut best, strengths)?;
    let mut trained = train(data, best.0, lexicon, &best.1)?;
    trained.model.card.search = trials;
    Ok(trained)
}

/// A copy of `base` for each pair from `a` and `b`, changed by `change`.
fn vary<T: Clone, A, B>(base: &T, a: &[A], b: &[B], change: impl Fn(&mut T, &A, &B)) -> Vec<T> {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| (x, y)));
    pairs
        .map(|(x, y)| {
            let mut copy = base.clone();
            change(&mut copy, x, y);
            copy
        })
        .collect()
}

fn trial_of(
    features: &FeatureParams,
    params: &TrainingParams,
    found: &CrossValidationSummary,
) -> SearchTrial {
    SearchTrial {
        alpha: params.alpha,
        cue_weight: features.cue_weight,
        min_df: features.words.min_df,
        ngrams: features.analyzer.word_ngrams,
        macro_f1: found.macro_f1,
        log_loss: found.log_loss,
    }
}

/// The position of the best trial: highest macro-F1, and among those about as high the least log loss.
fn best_trial(trials: &[SearchTrial]) -> Option<usize> {
    let top = trials.iter().map(|t| t.macro_f1).max_by(f64::total_cmp)?;
    let near = (0..trials.len()).filter(|&i| trials[i].macro_f1 >= top - SEARCH_TIE);
    near.min_by(|&a, &b| trials[a].log_loss.total_cmp(&trials[b].log_loss))
}
