//! The hot path: one walk over a sentence, from bytes to probabilities, without making a string.

use super::StanceModel;
use super::explain::{Contribution, Evidence};
use super::features::ExtractScratch;
use super::index::NONE;
use super::memo::Memo;
use crate::eval::Ratio;
use crate::features::{SparseRow, Tally, Tfidf, TokenAtomsView};
use crate::labels::LabelId;
use crate::text::{Places, tokens};

/// What to make of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The confidence reaches the threshold of the label.
    Ok,
    /// It does not: a person should look at the row.
    Review,
    /// The text has no word that the model knows; the label is a guess from the shares of the labels alone.
    Empty,
}

impl Status {
    /// The word in the `status` column: `ok`, `review` or `empty`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Review => "review",
            Self::Empty => "empty",
        }
    }
}

/// What a text was labelled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction<'s> {
    /// The most probable label; of equally probable ones the first.
    pub label: LabelId,
    /// Its calibrated probability.
    pub confidence: f64,
    /// The calibrated probability of each label, in the order of the labels; they sum to 1.
    pub probabilities: &'s [f64],
    /// Whether the label can be taken as it is.
    pub status: Status,
}

/// Labels sentences, one after the other. One scorer serves one thread.
///
/// It keeps its buffers and a bounded memo of the words it has met, so that a sentence costs no allocation and a word
/// is normalised, stemmed and held against the cue patterns once.
///
/// ```
/// use stancewire::model::StanceModel;
/// let model = StanceModel::embedded()?;
/// let mut scorer = model.scorer();
/// let prediction = scorer.predict("The foreign minister called for an immediate ceasefire in the city.");
/// assert_eq!(model.labels().name(prediction.label), "ceasefire-call");
/// # Ok::<(), stancewire::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Scorer<'m> {
    model: &'m StanceModel,
    memo: Memo,
    /// Token numbers and clauses of the present sentence.
    grams: Vec<(u32, u32)>,
    /// Where the memo keeps the atoms of each token of the present sentence.
    atom_places: Vec<(u32, u32)>,
    extract: ExtractScratch,
    word_tally: Tally,
    cue_tally: Tally,
    words: SparseRow,
    cues: SparseRow,
    row: SparseRow,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

impl<'m> Scorer<'m> {
    pub(super) fn new(model: &'m StanceModel) -> Self {
        let k = model.labels().len();
        Self {
            model,
            memo: Memo::default(),
            grams: Vec::new(),
            atom_places: Vec::new(),
            extract: ExtractScratch::default(),
            word_tally: Tally::new(model.blocks.words.n_features()),
            cue_tally: Tally::new(model.blocks.cues.as_ref().map_or(0, Tfidf::n_features)),
            words: SparseRow::new(),
            cues: SparseRow::new(),
            row: SparseRow::new(),
            scores: vec![0.0; k],
            probabilities: vec![0.0; k],
        }
    }

    /// Labels `text`, which is taken as one sentence.
    pub fn predict(&mut self, text: &str) -> Prediction<'_> {
        self.score(text);
        self.probabilities.copy_from_slice(&self.scores);
        self.model.to_probabilities(&mut self.probabilities);
        let label = self.model.most_probable(&self.probabilities);
        let confidence = self.probabilities[label.index()];
        let status = match () {
            () if self.words.nnz() == 0 => Status::Empty,
            () if self.model.thresholds().accepts(label, confidence) => Status::Ok,
            () => Status::Review,
        };
        Prediction { label, confidence, probabilities: &self.probabilities, status }
    }

    /// The scores of `text`, one per label, before calibration: `intercept + Σ weight · value`.
    pub fn score(&mut self, text: &str) -> &[f64] {
        let (coefficients, blocks) = (self.model.coefficients(), &self.model.blocks);
        if self.fill_blocks(text) {
            coefficients.decision_into(self.words.view(), &mut self.scores);
            self.cues.values_mut().iter_mut().for_each(|value| *value *= blocks.cue_weight);
            coefficients.add_decision(blocks.words.n_features(), self.cues.view(), &mut self.scores);
        } else {
            coefficients.decision_into(self.row.view(), &mut self.scores);
        }
        &self.scores
    }

    /// The features of `text`: columns and values of the word block and the cue block side by side.
    pub fn featurize(&mut self, text: &str) -> &SparseRow {
        if self.fill_blocks(text) {
            self.model.blocks.join(self.words.view(), Some(self.cues.view()), &mut self.row);
        }
        &self.row
    }

    /// Fills `words` and `cues` and gives true; or, with character n-grams, which are made as strings, fills `words` and
    /// `row` and gives false.
    fn fill_blocks(&mut self, text: &str) -> bool {
        let model = self.model;
        if model.extractor.params.analyzer.char_ngrams.is_some() {
            self.row = super::features::features_of(&model.extractor, &model.blocks, text);
            self.words = model.words_part(&self.row);
            return false;
        }
        self.walk(text);
        let tally = &mut self.word_tally;
        model.index.for_each_column(&self.grams, |column| tally.add(column));
        tally.take_into(&mut self.words);
        model.blocks.words.weigh(&mut self.words);
        self.cues.clear();
        if let Some(tfidf) = &model.blocks.cues {
            self.fill_cues(tfidf);
        }
        true
    }

    /// The `n` features that speak most for the predicted label of `text`, strongest first.
    pub fn evidence(&mut self, text: &str, n: usize) -> Vec<Evidence> {
        let label = self.predict(text).label;
        let contributions = self.contributions(text);
        super::explain::top_evidence(&contributions, label, n)
    }

    /// All features of `text` with what each adds to the score of each label.
    pub fn contributions(&mut self, text: &str) -> Vec<Contribution> {
        self.featurize(text);
        self.model.contributions_of(self.row.view())
    }

    /// The share of the words of `text` that the model has a weight for, alone or in an n-gram.
    pub fn known_words(&mut self, text: &str) -> Ratio {
        self.walk(text);
        let known = self.grams.iter().filter(|gram| gram.0 != NONE).count();
        Ratio::new(known as u64, self.grams.len() as u64)
    }

    /// Looks up the tokens of `text`: their numbers go to `grams`, their atoms to the cue matcher's input.
    fn walk(&mut self, text: &str) {
        let Self { model, memo, grams, atom_places, .. } = self;
        memo.make_room();
        grams.clear();
        atom_places.clear();
        let mut places = Places::of(text);
        let mut clause = 0;
        for token in tokens(text) {
            let place = places.next(&token);
            clause += u32::from(token.ends_clause());
            let known = memo.look_up(model, text, &token, place);
            if known.is_term {
                grams.push((known.token, clause));
            }
            atom_places.push(known.atoms);
        }
    }

    fn fill_cues(&mut self, tfidf: &Tfidf) {
        let Self { model, memo, extract, cues, cue_tally, atom_places, .. } = self;
        let tokens = TokenAtomsView { atoms: memo.atoms(), places: atom_places };
        let Some(set) = &model.extractor.cues else { return };
        set.matcher.starts(tokens, &mut extract.cue_scratch, &mut extract.starts);
        set.counter.for_each(&extract.starts, |id| {
            let column = model.index.cue_column(id);
            if column != NONE {
                cue_tally.add(column);
            }
        });
        cue_tally.take_into(cues);
        tfidf.weigh(cues);
    }
}
