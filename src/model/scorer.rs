//! The hot path: one walk over a sentence, from bytes to probabilities, without making a string.

use super::StanceModel;
use super::explain::{Contribution, Evidence, Explanation};
use super::features::ExtractScratch;
use super::index::{Gram, NONE};
use super::memo::{Memo, Sought};
use crate::classifier::Coefficients;
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
    /// The tokens of the present sentence.
    sought: Vec<Sought>,
    /// Those of them that take part in n-grams.
    grams: Vec<Gram>,
    /// Where the memo keeps the atoms of each token of the present sentence.
    atom_places: Vec<(u32, u32)>,
    extract: ExtractScratch,
    /// The columns of the cues of the present sentence, as they come.
    cue_columns: Vec<u32>,
    /// The counts of the present sentence, in each block.
    words: Tally,
    cues: Tally,
    row: SparseRow,
    block: SparseRow,
    scores: Vec<f64>,
    /// What one block adds to the scores, before it is scaled.
    sums: Vec<f64>,
    probabilities: Vec<f64>,
    /// Whether the text that was scored last has a word that the model knows.
    has_words: bool,
}

impl<'m> Scorer<'m> {
    pub(super) fn new(model: &'m StanceModel) -> Self {
        let k = model.labels().len();
        Self {
            model,
            memo: Memo::default(),
            sought: Vec::new(),
            grams: Vec::new(),
            atom_places: Vec::new(),
            extract: ExtractScratch::default(),
            cue_columns: Vec::new(),
            words: Tally::new(model.blocks.words.n_features()),
            cues: Tally::new(model.blocks.cues.as_ref().map_or(0, Tfidf::n_features)),
            row: SparseRow::new(),
            block: SparseRow::new(),
            scores: vec![0.0; k],
            sums: vec![0.0; k],
            probabilities: vec![0.0; k],
            has_words: false,
        }
    }

    /// Labels `text`, which is taken as one sentence.
    pub fn predict(&mut self, text: &str) -> Prediction<'_> {
        self.score(text);
        self.probabilities.copy_from_slice(&self.scores);
        self.model.to_probabilities(&mut self.probabilities);
        let label = self.model.most_probable(&self.probabilities);
        let confidence = self.probabilities[label.index()];
        let status = self.model.status(label, confidence, self.has_words);
        Prediction { label, confidence, probabilities: &self.probabilities, status }
    }

    /// The scores of `text`, one per label, before calibration: `intercept + Σ weight · value`.
    ///
    /// The sum runs over the features in the order in which the text has them, so that the last bits can differ from
    /// those of an [`Explanation`], which adds them in the order of the model's columns.
    pub fn score(&mut self, text: &str) -> &[f64] {
        let model = self.model;
        let (coefficients, blocks) = (&model.coefficients, &model.blocks);
        if model.extractor.params.analyzer.char_ngrams.is_some() {
            self.featurize(text);
            coefficients.decision_into(self.row.view(), &mut self.scores);
            self.has_words = self.model.has_words(self.row.view());
            return &self.scores;
        }
        self.count(text);
        let Self { words, cues, scores, sums, .. } = self;
        self.has_words = !words.is_empty();
        scores.copy_from_slice(coefficients.intercepts());
        add_block(coefficients, &blocks.words, words, (0, 1.0), sums, scores);
        if let Some(tfidf) = &blocks.cues {
            let place = (blocks.words.n_features(), blocks.cue_weight);
            add_block(coefficients, tfidf, cues, place, sums, scores);
        }
        &self.scores
    }

    /// The features of `text`: columns and values of the word block and the cue block side by side.
    pub fn featurize(&mut self, text: &str) -> &SparseRow {
        let (extractor, blocks) = (&self.model.extractor, &self.model.blocks);
        if extractor.params.analyzer.char_ngrams.is_some() {
            // Made as strings.
            self.row = super::features::features_of(extractor, blocks, text);
            return &self.row;
        }
        self.count(text);
        self.row.clear();
        self.words.take_into(&mut self.row);
        blocks.words.weigh(&mut self.row);
        if let Some(tfidf) = &blocks.cues {
            self.cues.take_into(&mut self.block);
            tfidf.weigh(&mut self.block);
            blocks.append_cues(self.block.view(), &mut self.row);
        }
        &self.row
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

    /// Label, scores and probabilities of `text`, with what each feature adds.
    pub fn explain(&mut self, text: &str) -> Explanation {
        let contributions = self.contributions(text);
        let mut scores = vec![0.0; self.scores.len()];
        self.model.coefficients.decision_into(self.row.view(), &mut scores);
        let mut probabilities = scores.clone();
        self.model.to_probabilities(&mut probabilities);
        let label = self.model.most_probable(&probabilities);
        let has_words = self.model.has_words(self.row.view());
        Explanation {
            intercepts: self.model.coefficients.intercepts().to_vec(),
            contributions,
            status: self.model.status(label, probabilities[label.index()], has_words),
            scores,
            probabilities,
            label,
        }
    }

    /// The share of the words of `text` that the model has a weight for, alone or in an n-gram.
    pub fn known_words(&mut self, text: &str) -> Ratio {
        self.walk(text);
        let known = self.grams.iter().filter(|gram| gram.node.number != NONE).count();
        Ratio::new(known as u64, self.grams.len() as u64)
    }

    /// Counts the n-grams and the cues of `text`.
    fn count(&mut self, text: &str) {
        self.walk(text);
        let Self { model, memo, grams, extract, words, cues, cue_columns, atom_places, .. } = self;
        model.blocks.index().for_each_column(grams, |column| words.add(column));
        let (Some(set), Some(_)) = (&model.extractor.cues, &model.blocks.cues) else { return };
        let tokens = TokenAtomsView { atoms: memo.atoms(), places: atom_places };
        set.matcher.starts(tokens, &mut extract.cue_scratch, &mut extract.starts);
        let mut n = 0;
        set.counter.for_each(&extract.starts, |id| n = model.cue_columns.put(id, cue_columns, n));
        cue_columns[..n].iter().for_each(|&column| cues.add(column));
    }

    /// Looks up the tokens of `text`: those of n-grams go to `grams`, their atoms to the cue matcher's input.
    fn walk(&mut self, text: &str) {
        let Self { model, memo, sought, grams, atom_places, .. } = self;
        memo.make_room();
        sought.clear();
        grams.clear();
        atom_places.clear();
        let mut places = Places::of(text);
        let mut clause = 0;
        for token in tokens(text) {
            let place = places.next(&token);
            sought.push(Sought::new(text, &token, place, clause));
            clause += u32::from(token.ends_clause());
        }
        // By themselves, so that the processor can wait for several of them at a time.
        for token in sought {
            let known = memo.look_up(model, text, token);
            if let Some(node) = known.node() {
                grams.push(Gram { node, clause: token.clause });
            }
            atom_places.push(known.atoms);
        }
    }
}

/// Adds to `scores` what the counts of one block say, whose first feature and factor are at `place`, and empties them.
fn add_block(
    coefficients: &Coefficients,
    tfidf: &Tfidf,
    counts: &mut Tally,
    (offset, factor): (usize, f64),
    sums: &mut [f64],
    scores: &mut [f64],
) {
    sums.fill(0.0);
    let mut squares = 0.0;
    counts.drain(|column, count| {
        let value = tfidf.weight(column, f64::from(count));
        squares += value * value;
        coefficients.add_feature(offset + column as usize, value, sums);
    });
    let scale = factor / tfidf.norm(squares);
    scores.iter_mut().zip(sums).for_each(|(score, sum)| *score += *sum * scale);
}
