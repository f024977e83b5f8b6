//! The hot path: one walk over a sentence, from bytes to probabilities, without making a string.

use rustc_hash::FxHashMap;

use super::StanceModel;
use super::explain::{Contribution, Evidence};
use super::features::ExtractScratch;
use super::index::NONE;
use crate::eval::Ratio;
use crate::features::{AtomId, SparseRow, Tfidf};
use crate::labels::LabelId;
use crate::text::{Places, Token, TokenKind, WordPlace, tokens};

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

/// The most words a memo holds before it starts anew: some 10 MB.
const MEMO_WORDS: usize = 1 << 16;

/// The longest word that is remembered, in bytes.
const MEMO_WORD_BYTES: usize = 40;

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
    extract: ExtractScratch,
    columns: Vec<u32>,
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
            extract: ExtractScratch::default(),
            columns: Vec::new(),
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
        self.featurize(text);
        self.model.coefficients().decision_into(self.row.view(), &mut self.scores);
        &self.scores
    }

    /// The features of `text`: columns and values of the word block and the cue block side by side.
    pub fn featurize(&mut self, text: &str) -> &SparseRow {
        let model = self.model;
        if model.extractor.params.analyzer.char_ngrams.is_some() {
            self.row = super::features::features_of(&model.extractor, &model.blocks, text);
            self.words = model.words_part(&self.row);
            return &self.row;
        }
        self.walk(text);
        self.columns.clear();
        let columns = &mut self.columns;
        model.index.for_each_column(&self.grams, |column| columns.push(column));
        fill(&mut self.words, columns, &model.blocks.words);
        self.cues.clear();
        if let Some(tfidf) = &model.blocks.cues {
            self.fill_cues(tfidf);
        }
        model.blocks.join(self.words.view(), Some(self.cues.view()), &mut self.row);
        &self.row
    }

    /// The `n` features that speak most for the predicted label of `text`, strongest first.
    pub fn evidence(&mut self, text: &str, n: usize) -> Vec<Evidence> {
        let label = self.predict(text).label;
        let contributions = self.model.contributions_of(self.row.view());
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
        self.grams.clear();
        self.extract.atoms.clear();
        let mut places = Places::of(text);
        let mut clause = 0;
        for token in tokens(text) {
            let place = places.next(&token);
            clause += u32::from(token.ends_clause());
            let Self { model, memo, extract, grams, .. } = self;
            memo.with(model, &token, place, |known, atoms| {
                if known.is_term {
                    grams.push((known.token, clause));
                }
                extract.atoms.push(atoms);
            });
        }
    }

    fn fill_cues(&mut self, tfidf: &Tfidf) {
        let Self { model, extract, cues, .. } = self;
        let Some(set) = &model.extractor.cues else { return };
        set.matcher.find(&extract.atoms, &mut extract.cue_scratch, &mut extract.hits);
        set.counter.count_into(&extract.hits, &extract.atoms, &mut extract.counts);
        let known = extract.counts.iter().map(|&(id, n)| (model.index.cue_column(id), n));
        self.columns.clear();
        for (column, n) in known.filter(|&(column, _)| column != NONE) {
            self.columns.extend(std::iter::repeat_n(column, n as usize));
        }
        fill(cues, &mut self.columns, tfidf);
    }
}

/// Counts `columns`, which may come in any order, and weighs the counts.
fn fill(row: &mut SparseRow, columns: &mut [u32], tfidf: &Tfidf) {
    row.clear();
    columns.sort_unstable();
    for equal in columns.chunk_by(|a, b| a == b) {
        row.push(equal[0], equal.len() as f64);
    }
    tfidf.weigh(row);
}

/// What is known of a token: whether it takes part in n-grams, and its number.
#[derive(Debug, Clone, Copy)]
struct Known {
    is_term: bool,
    token: u32,
    atoms: (u32, u32),
}

/// What has been found out about words, by their spelling.
#[derive(Debug, Default)]
struct Memo {
    words: FxHashMap<Box<str>, Slots>,
    atoms: Vec<AtomId>,
}

#[derive(Debug, Clone, Copy)]
struct Slots {
    kind: TokenKind,
    /// By place: a word's term can hang on where it stands.
    by_place: [Option<Known>; 4],
}

impl Memo {
    /// Hands what is known of `token` to `then`, finding it out first where it is new.
    fn with(
        &mut self,
        model: &StanceModel,
        token: &Token<'_>,
        place: WordPlace,
        then: impl FnOnce(Known, &[AtomId]),
    ) {
        let slot = usize::from(place.initial) + 2 * usize::from(place.heading);
        let remembered = self.words.get(token.raw).filter(|slots| slots.kind == token.kind);
        if let Some(known) = remembered.and_then(|slots| slots.by_place[slot]) {
            return then(known, self.atoms_of(known));
        }
        if token.raw.len() > MEMO_WORD_BYTES {
            let (known, atoms) = find_out(model, token, place);
            return then(known, &atoms);
        }
        let known = self.learn(model, token, place, slot);
        then(known, self.atoms_of(known));
    }

    fn atoms_of(&self, known: Known) -> &[AtomId] {
        let (from, to) = known.atoms;
        &self.atoms[from as usize..to as usize]
    }

    fn learn(&mut self, model: &StanceModel, token: &Token<'_>, place: WordPlace, slot: usize) -> Known {
        if self.words.len() >= MEMO_WORDS {
            self.words.clear();
            self.atoms.clear();
        }
        let (mut known, atoms) = find_out(model, token, place);
        let from = self.atoms.len();
        self.atoms.extend_from_slice(&atoms);
        // At most `MEMO_WORDS` words of four places with few atoms each: far below u32.
        #[allow(clippy::cast_possible_truncation)]
        let range = (from as u32, self.atoms.len() as u32);
        known.atoms = range;
        let fresh = Slots { kind: token.kind, by_place: [None; 4] };
        let slots = self.words.entry(token.raw.into()).or_insert(fresh);
        if slots.kind != token.kind {
            *slots = fresh;
        }
        slots.by_place[slot] = Some(known);
        known
    }
}

fn find_out(model: &StanceModel, token: &Token<'_>, place: WordPlace) -> (Known, Box<[AtomId]>) {
    let forms = model.extractor.analyzer.forms(token.raw, token.kind, place);
    let atoms = match &model.extractor.cues {
        Some(cues) => cues.matcher.atoms_of(&forms.word),
        None => Box::default(),
    };
    let number = forms.term.as_deref().map(|term| model.index.token(term));
    let known = Known { is_term: number.is_some(), token: number.unwrap_or(NONE), atoms: (0, 0) };
    (known, atoms)
}
