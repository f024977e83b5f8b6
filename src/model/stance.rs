//! The model: everything that shapes an answer, in one value.

use super::card::ModelCard;
use super::explain::{Contribution, Explanation};
use super::features::{Blocks, Extractor, FeatureParams, features_of};
use super::format;
use super::index::CueColumns;
use super::scorer::{Scorer, Status};
use crate::classifier::{Calibration, Coefficients, PriorShift, Thresholds};
use crate::error::{Error, ErrorKind, Result};
use crate::features::{CueLexicon, RowView, SparseRow};
use crate::labels::{LabelId, LabelSet};

/// The model that the crate brings along, as a file.
static EMBEDDED: &[u8] = include_bytes!("../../models/stance.safetensors");

/// A trained model: analyzer, lexicon, TF-IDF blocks, classifier, calibration, thresholds, and where it all comes from.
///
/// Made by [`super::train`], or read from a file. It cannot be changed but for the [thresholds](Self::with_thresholds)
/// and the [prior](Self::with_prior), which are choices of the user of the labels.
#[derive(Debug, Clone)]
pub struct StanceModel {
    pub(super) labels: LabelSet,
    pub(super) extractor: Extractor,
    pub(super) blocks: Blocks,
    pub(super) coefficients: Coefficients,
    pub(super) calibration: Calibration,
    pub(super) thresholds: Thresholds,
    pub(super) card: ModelCard,
    /// The column of each cue feature within the cue block, or [`super::index::NONE`].
    pub(super) cue_columns: CueColumns,
    /// The shares that the labels are expected to have, and what they change; none for those of the training rows.
    prior: Option<(Vec<f64>, PriorShift)>,
}

/// The parts of a model, before they are put together.
pub(super) struct Parts {
    pub labels: LabelSet,
    pub extractor: Extractor,
    pub blocks: Blocks,
    pub coefficients: Coefficients,
    pub calibration: Calibration,
    pub thresholds: Thresholds,
    pub card: ModelCard,
}

impl StanceModel {
    pub(super) fn from_parts(parts: Parts) -> Self {
        let cue_columns = CueColumns::new(&parts.extractor, &parts.blocks);
        let Parts { labels, extractor, blocks, coefficients, calibration, thresholds, card } = parts;
        // What is labelled is running text, so its shares are expected; training and reading let only positive ones through.
        let natural = card.natural_shares.clone();
        let prior = natural.and_then(|shares| {
            Some((shares.clone(), PriorShift::new(&training_shares(&card), &shares).ok()?))
        });
        Self { labels, extractor, blocks, coefficients, calibration, thresholds, card, cue_columns, prior }
    }

    /// The model that is part of the program.
    ///
    /// # Errors
    /// None in a released program: a test reads it.
    pub fn embedded() -> Result<Self> {
        Self::from_bytes(EMBEDDED)
    }

    /// Reads a model from the bytes of a file; [the format](super::format) is described there.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Model`] for whatever is wrong with them. Nothing in the file is run, and no more memory
    /// is taken than a few times the size of the file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        format::read(bytes).map(Self::from_parts)
    }

    /// The bytes of the model's file: the same for the same model.
    ///
    /// # Errors
    /// None for a model that was trained or read; the signature is that of the serializer.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        format::write(self)
    }

    /// What tells this model from others whatever its thresholds are, which users choose: a SHA-256, in hexadecimal.
    ///
    /// # Errors
    /// As for [`StanceModel::to_bytes`].
    pub fn fingerprint(&self) -> Result<String> {
        format::fingerprint(self)
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &LabelSet {
        &self.labels
    }

    /// What the model tells about itself.
    #[must_use]
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// What the features are made of.
    #[must_use]
    pub fn feature_params(&self) -> &FeatureParams {
        &self.extractor.params
    }

    /// The cue lexicon, if the model has one.
    #[must_use]
    pub fn lexicon(&self) -> Option<&CueLexicon> {
        self.extractor.cues.as_ref().map(|cues| &cues.lexicon)
    }

    /// The number of word features and of cue features.
    #[must_use]
    pub fn n_features(&self) -> (usize, usize) {
        let words = self.blocks.words.n_features();
        (words, self.blocks.n_features() - words)
    }

    /// The weights.
    #[must_use]
    pub fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// How scores become probabilities.
    #[must_use]
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// From which confidence a label is taken without review.
    #[must_use]
    pub fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// The same model with other thresholds, one per label.
    ///
    /// # Panics
    /// When there is not one threshold per label.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        assert_eq!(thresholds.per_label().len(), self.labels.len(), "one threshold per label");
        self.thresholds = thresholds;
        self
    }

    /// The thresholds for a precision of at least `target` on the out-of-fold predictions, and the precision that they
    /// were stored for: the least stored one that is not below `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when `target` is above the highest stored one, or no number from 0 to 1.
    pub fn thresholds_for(&self, target: f64) -> Result<(f64, Thresholds)> {
        let rows = &self.card.precision_table;
        let row = rows.iter().find(|row| row.target >= target);
        row.filter(|_| target >= 0.0).map(|row| (row.target, row.thresholds.clone())).ok_or_else(|| {
            let highest = rows.last().map_or(0.0, |row| row.target);
            Error::new(ErrorKind::Settings, format!("a precision of {target} cannot be asked for"))
                .advise(format!("give a number from 0 to {highest}"))
        })
    }

    /// The same model for text in which the labels have the shares `target`, in the order of the labels.
    ///
    /// Without it the shares of running text are expected, [`ModelCard::natural_shares`], where the model knows them; else
    /// those of all training rows.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Settings`] when there is not one positive share per label.
    pub fn with_prior(mut self, target: &[f64]) -> Result<Self> {
        let shift = PriorShift::new(&training_shares(&self.card), target)?;
        self.prior = Some((shares_of(target), shift));
        Ok(self)
    }

    /// The same model for text in which the labels have the shares of all training rows.
    #[must_use]
    pub fn with_training_prior(mut self) -> Self {
        self.prior = None;
        self
    }

    /// The shares that the labels are expected to have in what is labelled, in the order of the labels; they sum to 1.
    #[must_use]
    pub fn expected_shares(&self) -> Vec<f64> {
        match &self.prior {
            Some((shares, _)) => shares.clone(),
            None => shares_of(&training_shares(&self.card)),
        }
    }

    /// A scorer, for one thread.
    #[must_use]
    pub fn scorer(&self) -> Scorer<'_> {
        Scorer::new(self)
    }

    /// The features of `text` the plain way: n-grams are made as strings, counted and looked up.
    ///
    /// [`Scorer::featurize`] gives the same bits without strings. For tests, and for whoever wants to see how it goes.
    #[must_use]
    pub fn features_of(&self, text: &str) -> SparseRow {
        features_of(&self.extractor, &self.blocks, text)
    }

    /// The name of feature number `column`.
    #[must_use]
    pub fn term(&self, column: usize) -> Option<&str> {
        self.blocks.term(column)
    }

    /// Label, scores and probabilities of `text`, with what each feature adds.
    #[must_use]
    pub fn explain(&self, text: &str) -> Explanation {
        self.scorer().explain(text)
    }

    /// Scores to probabilities, in place: calibration, then the shift of the prior.
    pub(super) fn to_probabilities(&self, scores: &mut [f64]) {
        self.calibration.apply(scores);
        if let Some((_, shift)) = &self.prior {
            shift.apply(scores);
        }
    }

    /// The label of the largest probability; of equal ones the first.
    pub(super) fn most_probable(&self, probabilities: &[f64]) -> LabelId {
        most_probable(&self.labels, probabilities)
    }

    pub(super) fn contributions_of(&self, row: RowView<'_>) -> Vec<Contribution> {
        let n_words = self.blocks.words.n_features();
        let contribution = |(column, value): (usize, f64)| Contribution {
            term: self.term(column).unwrap_or_default().to_owned(),
            is_cue: column >= n_words,
            value,
            per_label: self.coefficients.weights_of(column).iter().map(|w| w * value).collect(),
        };
        row.iter().map(contribution).collect()
    }

    /// Whether `row` has a feature of the word block.
    pub(super) fn has_words(&self, row: RowView<'_>) -> bool {
        row.iter().next().is_some_and(|(column, _)| column < self.blocks.words.n_features())
    }

    /// What to make of a label that has the probability `confidence`.
    pub(super) fn status(&self, label: LabelId, confidence: f64, has_words: bool) -> Status {
        match () {
            () if !has_words => Status::Empty,
            () if self.thresholds.accepts(label, confidence) => Status::Ok,
            () => Status::Review,
        }
    }
}

/// How many rows of each label the model was trained and calibrated on.
fn training_shares(card: &ModelCard) -> Vec<f64> {
    card.data.support.iter().map(|&n| n as f64).collect()
}

/// What part of their sum each of `counts` is.
fn shares_of(counts: &[f64]) -> Vec<f64> {
    let sum: f64 = counts.iter().sum();
    counts.iter().map(|count| count / sum).collect()
}

/// The label of the largest probability; of equal ones the first.
pub(super) fn most_probable(labels: &LabelSet, probabilities: &[f64]) -> LabelId {
    let mut ids = labels.ids();
    // A label set has at least two labels.
    let first = ids.next().unwrap_or_else(|| unreachable!("a label set is never empty"));
    ids.fold(
        first,
        |best, id| if probabilities[id.index()] > probabilities[best.index()] { id } else { best },
    )
}
