//! Tests of the whole room, on a small model.

use proptest::prelude::*;

use super::features::Blocks;
use super::stance::Parts;
use super::*;
use crate::classifier::{Coefficients, Thresholds};
use crate::features::{CueLexicon, Tfidf};
use crate::labels::LabelSet;

const LEXICON: &str =
    "[CALL]\npatterns = [\"call* for\", \"urge*\"]\n\n[STOP]\npatterns = [\"stop*|halt*\", \"end .. war\"]\n";

/// Rows from which the words and the cues both learn something.
pub(super) fn rows() -> Vec<(&'static str, &'static str)> {
    let mut rows = Vec::new();
    for _ in 0..6 {
        rows.extend([
            ("We will strike their ports if they come.", "threat"),
            ("They will regret it and we will strike back.", "threat"),
            ("The envoy called for an end to the war.", "call"),
            ("She urged both sides to stop the fighting; they call for a halt.", "call"),
            ("The market opened at nine.", "none"),
            ("Prices rose by 3 percent in May, the bank said.", "none"),
        ]);
    }
    rows
}

/// Hands the rows, six to a document, to `then` as training data.
fn with_data<T>(then: impl FnOnce(&TrainingData<'_>) -> T) -> T {
    let rows = rows();
    let labels = LabelSet::new(rows.iter().map(|r| r.1)).unwrap();
    let gold: Vec<_> = rows.iter().map(|r| labels.require(r.1).unwrap()).collect();
    then(&TrainingData {
        name: "rows",
        texts: rows.iter().map(|r| r.0).collect(),
        gold: &gold,
        labels: &labels,
        groups: (0..u32::try_from(rows.len()).unwrap()).map(|i| i / 6).collect(),
        documents: Some(6),
    })
}

pub(super) fn trained(lexicon: Option<&str>) -> Trained {
    let lexicon = lexicon.map(|toml| CueLexicon::parse(toml).unwrap());
    let params = TrainingParams { folds: 3, ..TrainingParams::default() };
    with_data(|data| train(data, FeatureParams::default(), lexicon, &params)).unwrap()
}

#[test]
fn a_trained_model_knows_its_rows() {
    let model = trained(Some(LEXICON)).model;
    let mut scorer = model.scorer();
    for (text, label) in rows() {
        assert_eq!(model.labels().name(scorer.predict(text).label), label, "{text}");
    }
}

#[test]
fn the_fused_path_equals_the_plain_path() {
    for lexicon in [None, Some(LEXICON)] {
        let model = trained(lexicon).model;
        let mut scorer = model.scorer();
        for (text, _) in rows() {
            assert_eq!(*scorer.featurize(text), model.features_of(text), "{text}");
        }
    }
}

proptest! {
    #[test]
    fn the_fused_path_equals_the_plain_path_on_any_text(
        texts in prop::collection::vec(
            "(([Ss]trike|STOP|call|called|end|the|war|Urged|cease-fire|internationalisation|don't|12|é|\u{0}|ﬁ)( |, |\\. |; |“|\"| — |’)?){0,90}|\\PC{0,60}",
            1..4,
        )
    ) {
        static MODEL: std::sync::OnceLock<StanceModel> = std::sync::OnceLock::new();
        let model = MODEL.get_or_init(|| trained(Some(LEXICON)).model);
        let mut scorer = model.scorer();
        for text in &texts {
            let plain = model.features_of(text);
            prop_assert_eq!(scorer.featurize(text), &plain);
            let mut scores = vec![0.0; model.labels().len()];
            model.coefficients().decision_into(plain.view(), &mut scores);
            for (fused, plain) in scorer.score(text).iter().zip(scores) {
                prop_assert!((fused - plain).abs() < 1e-12, "{fused} {plain}");
            }
        }
    }
}

#[test]
fn contributions_add_up_to_the_scores_exactly() {
    let model = trained(Some(LEXICON)).model;
    for (text, _) in rows() {
        let found = model.explain(text);
        assert!(
            found.contributions.iter().any(|c| c.is_cue)
                || text.contains("nine")
                || text.contains("rice")
                || text.contains("strike")
        );
        for (label, score) in found.scores.iter().enumerate() {
            let sum = found.contributions.iter().fold(found.intercepts[label], |s, c| s + c.per_label[label]);
            assert_eq!(sum.to_bits(), score.to_bits(), "{text}");
        }
    }
}

#[test]
fn a_fingerprint_is_that_of_everything_but_the_thresholds() {
    type Change = fn(&mut StanceModel);
    let first = trained(Some(LEXICON)).model;
    let changed = |change: Change| {
        let mut model = first.clone();
        change(&mut model);
        model.fingerprint().unwrap()
    };
    let expected = first.fingerprint().unwrap();
    assert_eq!(StanceModel::from_bytes(&first.to_bytes().unwrap()).unwrap().fingerprint().unwrap(), expected);
    assert_eq!(changed(|model| model.thresholds = Thresholds::new(vec![None; 3])), expected);
    let scaled = |numbers: &[f64]| numbers.iter().map(|n| n * (1.0 + 1e-15)).collect::<Vec<f64>>();
    let mut weights = first.clone();
    let (d, coefficients) = (weights.coefficients.n_features(), &first.coefficients);
    weights.coefficients =
        Coefficients::from_parts(d, scaled(coefficients.weights()), coefficients.intercepts().to_vec())
            .unwrap();
    let mut found = vec![
        expected,
        weights.fingerprint().unwrap(),
        trained(None).model.fingerprint().unwrap(),
        changed(|model| model.card.data.rows += 1),
        changed(|model| model.extractor.params.cue_weight = 2.0),
        changed(|model| {
            let words = &model.blocks.words;
            let idf = words.idf().iter().map(|n| n + 1.0).collect();
            let words = Tfidf::from_parts(words.params().clone(), words.vocabulary().clone(), idf).unwrap();
            model.blocks = Blocks::new(words, model.blocks.cues.clone(), 1.0);
        }),
    ];
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 6);
}

#[test]
fn what_is_written_is_read_back() {
    for lexicon in [None, Some(LEXICON)] {
        let model = trained(lexicon).model;
        let bytes = model.to_bytes().unwrap();
        let back = StanceModel::from_bytes(&bytes).unwrap();
        assert!(back.to_bytes().unwrap() == bytes, "the bytes differ after reading");
        let text = "They urged a halt; we will strike.";
        assert_eq!(back.scorer().predict(text), model.scorer().predict(text));
    }
}

#[test]
fn a_text_without_known_words_is_empty() {
    let model = trained(Some(LEXICON)).model;
    for text in ["", "   ", "…", "zzxq"] {
        assert_eq!(model.scorer().predict(text).status, Status::Empty, "{text:?}");
    }
}

#[test]
fn the_prior_moves_probability_to_the_label_that_is_said_to_be_frequent() {
    let model = trained(None).model;
    let text = "They come at nine.";
    let before = model.scorer().predict(text).probabilities.to_vec();
    let shifted = model.with_prior(&[8.0, 1.0, 1.0]).unwrap();
    let after = shifted.scorer().predict(text).probabilities.to_vec();
    assert!(after[0] > before[0] && after[1] < before[1]);
    assert!((after.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn the_shares_of_whole_documents_are_expected_by_default() {
    let model = trained(None).model;
    // Every document has six rows, two of each label.
    let close =
        |found: Vec<f64>, wanted: [f64; 3]| found.iter().zip(wanted).all(|(f, w)| (f - w).abs() < 1e-12);
    assert!(close(model.expected_shares(), [1.0 / 3.0; 3]));
    let text = "They come at nine.";
    let probabilities = |model: &StanceModel| model.scorer().predict(text).probabilities.to_vec();
    let mut card = model.card().clone();
    card.natural_shares = Some(vec![0.1, 0.8, 0.1]);
    let natural = with_card(&model, card.clone());
    assert!(close(natural.expected_shares(), [0.1, 0.8, 0.1]));
    assert_eq!(probabilities(&natural), probabilities(&model.clone().with_prior(&[1.0, 8.0, 1.0]).unwrap()));
    assert!(probabilities(&natural)[1] > probabilities(&model)[1]);
    let plain = natural.with_training_prior();
    assert!(close(plain.expected_shares(), [1.0 / 3.0; 3]));
    // A share that no text can have does not pass.
    card.natural_shares = Some(vec![0.9, 0.0, 0.1]);
    let error = StanceModel::from_bytes(&with_card(&model, card).to_bytes().unwrap()).unwrap_err();
    assert!(error.to_string().contains("a natural share is 0; expected a number above 0"), "{error}");
}

fn with_card(model: &StanceModel, card: ModelCard) -> StanceModel {
    let StanceModel { labels, extractor, blocks, coefficients, calibration, thresholds, .. } = model.clone();
    StanceModel::from_parts(Parts { labels, extractor, blocks, coefficients, calibration, thresholds, card })
}

impl StanceModel {
    /// A small trained model with the given labels, for the tests of other rooms.
    pub(crate) fn stand_in(labels: &[&str]) -> crate::error::Result<Self> {
        let set = LabelSet::new(labels.iter().copied())?;
        let texts = ["Or they will strike back.", "Stop the war now, one said.", "So prices rose in May."];
        let gold: Vec<_> = set.ids().cycle().take(labels.len() * 6).collect();
        let data = TrainingData {
            name: "stand-in",
            texts: gold.iter().map(|g| texts[g.index() % texts.len()]).collect(),
            gold: &gold,
            labels: &set,
            groups: (0..u32::try_from(gold.len()).unwrap()).collect(),
            documents: None,
        };
        let params = TrainingParams { folds: 3, ..TrainingParams::default() };
        Ok(train(&data, FeatureParams::default(), None, &params)?.model)
    }
}

#[test]
fn a_search_takes_the_settings_that_scored_best() {
    let ngrams = crate::text::NgramRange::new(1, 1).unwrap();
    let space =
        SearchSpace { alpha: vec![100.0, 0.1], cue_weight: vec![1.0], min_df: vec![1], ngrams: vec![ngrams] };
    let params = TrainingParams { folds: 3, ..TrainingParams::default() };
    let mut told = 0;
    let search = |data: &TrainingData<'_>| {
        search_and_train(data, FeatureParams::default(), None, &params, &space, |_| told += 1)
    };
    let found = with_data(search).unwrap();
    // Both strengths find every row; the weaker penalty is the surer one.
    assert_eq!(found.model.card().training.alpha.to_bits(), 0.1_f64.to_bits());
    assert_eq!((found.model.card().search.len(), told), (3, 3));
    assert_eq!(found.model.feature_params().words.min_df, 1);
}
