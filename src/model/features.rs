//! The two blocks of features that a model scores: word n-grams and speech-act cues.

use std::sync::OnceLock;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::index::WordIndex;
use super::limits;
use crate::error::Result;
use crate::features::{
    CountedDocs, CsrMatrix, CueCounter, CueFeatureId, CueLexicon, CueMatcher, CueParams, CueScratch,
    CueStart, RowView, SparseRow, TermCounts, Tfidf, TfidfParams, TokenAtoms,
};
use crate::text::{Analysis, Analyzer, AnalyzerParams};

/// What the features of a model are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureParams {
    /// From a sentence to word forms, terms and n-grams.
    pub analyzer: AnalyzerParams,
    /// The weighting of word n-grams.
    pub words: TfidfParams,
    /// Which features are made of the cues that are found; no effect without a lexicon.
    pub cues: CueParams,
    /// The weighting of cue features.
    pub cue_tfidf: TfidfParams,
    /// The factor on the rows of the cue block; those of the word block have 1.
    ///
    /// With L2-normalised rows and one penalty for all weights, a factor `a` makes the penalty on the cue weights `1/a²`
    /// of that on the word weights.
    pub cue_weight: f64,
}

impl Default for FeatureParams {
    /// What the shipped model uses.
    fn default() -> Self {
        let tfidf = |min_df| TfidfParams { min_df, sublinear_tf: true, ..TfidfParams::default() };
        Self {
            analyzer: AnalyzerParams::default(),
            words: tfidf(3),
            cues: CueParams::default(),
            cue_tfidf: tfidf(3),
            cue_weight: 1.0,
        }
    }
}

/// The lexicon with what is made of it for matching.
#[derive(Debug, Clone)]
pub(super) struct CueSet {
    pub lexicon: CueLexicon,
    pub matcher: CueMatcher,
    pub counter: CueCounter,
    /// The names of all features, made when they are first asked for: labelling needs none.
    names: OnceLock<Vec<String>>,
}

impl CueSet {
    fn new(lexicon: CueLexicon, params: &CueParams) -> Self {
        let matcher = CueMatcher::new(&lexicon);
        let counter = CueCounter::new(&lexicon, params.clone());
        Self { lexicon, matcher, counter, names: OnceLock::new() }
    }

    /// The name of a cue feature, as its vocabulary spells it.
    pub(super) fn name(&self, id: CueFeatureId) -> &str {
        let names = self.names.get_or_init(|| self.counter.ids().map(|id| self.counter.name(id)).collect());
        &names[id.index()]
    }
}

/// Analyzer and cue matcher: everything before the counting of documents.
#[derive(Debug, Clone)]
pub(super) struct Extractor {
    pub params: FeatureParams,
    pub analyzer: Analyzer,
    pub cues: Option<CueSet>,
}

/// Working memory for one thread.
#[derive(Debug, Default)]
pub(super) struct ExtractScratch {
    pub analysis: Analysis,
    pub atoms: TokenAtoms,
    pub cue_scratch: CueScratch,
    pub starts: Vec<CueStart>,
    pub counts: Vec<(CueFeatureId, u32)>,
}

impl Extractor {
    pub(super) fn new(params: FeatureParams, lexicon: Option<CueLexicon>) -> Result<Self> {
        let analyzer = Analyzer::new(params.analyzer.clone())?;
        lexicon.as_ref().map_or(Ok(()), limits::check_lexicon)?;
        let cues = lexicon.map(|lexicon| CueSet::new(lexicon, &params.cues));
        Ok(Self { params, analyzer, cues })
    }

    /// Analyses `text` and finds its cues; the results lie in `scratch`.
    fn run(&self, text: &str, scratch: &mut ExtractScratch) {
        self.analyzer.analyze_into(text, &mut scratch.analysis);
        scratch.counts.clear();
        let Some(cues) = &self.cues else { return };
        scratch.atoms.clear();
        for token in scratch.analysis.tokens() {
            scratch.atoms.push(&cues.matcher.atoms_of(token.word));
        }
        cues.matcher.starts(scratch.atoms.view(), &mut scratch.cue_scratch, &mut scratch.starts);
        cues.counter.count_into(&scratch.starts, &mut scratch.counts);
    }

    /// The counted n-grams and the counted cue features of one sentence.
    pub(super) fn count(&self, text: &str, scratch: &mut ExtractScratch) -> (TermCounts, TermCounts) {
        self.run(text, scratch);
        let mut terms: Vec<String> = Vec::new();
        self.analyzer.for_each_ngram(&scratch.analysis, |ngram| terms.push(ngram.to_owned()));
        let cues = match &self.cues {
            Some(cues) => TermCounts::from_counts(scratch.counts.iter().map(|&(id, n)| (cues.name(id), n))),
            None => TermCounts::default(),
        };
        (TermCounts::from_terms(terms), cues)
    }

    /// Counts all `texts`, in parallel, in their order.
    pub(super) fn count_all(&self, texts: &[&str]) -> Counted {
        let chunks: Vec<Counted> = texts.par_chunks(CHUNK).map(|chunk| self.count_chunk(chunk)).collect();
        let mut counted = Counted { words: CountedDocs::new(), cues: CountedDocs::new() };
        for chunk in chunks {
            counted.words.append(&chunk.words);
            counted.cues.append(&chunk.cues);
        }
        counted
    }

    fn count_chunk(&self, texts: &[&str]) -> Counted {
        let mut scratch = ExtractScratch::default();
        let mut counted = Counted { words: CountedDocs::new(), cues: CountedDocs::new() };
        for text in texts {
            self.run(text, &mut scratch);
            self.analyzer.for_each_ngram(&scratch.analysis, |ngram| counted.words.add(ngram));
            if let Some(cues) = &self.cues {
                scratch.counts.iter().for_each(|&(id, n)| counted.cues.add_count(cues.name(id), n));
            }
            counted.words.end_doc();
            counted.cues.end_doc();
        }
        counted
    }
}

/// The texts that one thread counts before the counts are put together: many, so that most terms of a chunk come more
/// than once in it and are looked up once when they are put together.
const CHUNK: usize = 2048;

/// The counted documents of both blocks.
pub(super) struct Counted {
    pub words: CountedDocs,
    pub cues: CountedDocs,
}

/// Vocabulary and idf of both blocks, fitted.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub words: Tfidf,
    pub cues: Option<Tfidf>,
    pub cue_weight: f64,
    /// Made when it is first asked for: fitting needs none.
    index: OnceLock<WordIndex>,
}

impl Blocks {
    pub(super) fn new(words: Tfidf, cues: Option<Tfidf>, cue_weight: f64) -> Self {
        Self { words, cues, cue_weight, index: OnceLock::new() }
    }

    /// For looking up words without making strings.
    pub(super) fn index(&self) -> &WordIndex {
        self.index.get_or_init(|| WordIndex::new(self.words.vocabulary()))
    }

    /// Fits both blocks on the documents `rows` of `counted`.
    pub(super) fn fit(extractor: &Extractor, counted: &Counted, rows: &[usize]) -> Result<Self> {
        let params = &extractor.params;
        let words = params.words.fit_rows(&counted.words, rows)?;
        // A lexicon of which nothing occurs often enough is the same as none.
        let cues = match &extractor.cues {
            Some(_) => params.cue_tfidf.fit_rows(&counted.cues, rows).ok(),
            None => None,
        };
        Ok(Self::new(words, cues, params.cue_weight))
    }

    /// The features of the documents `rows`, one row each: the word block, then the cue block.
    pub(super) fn transform_rows(&self, counted: &Counted, rows: &[usize]) -> CsrMatrix {
        let words = self.words.transform_rows(&counted.words, rows);
        let Some(tfidf) = &self.cues else { return words };
        let mut cues = tfidf.transform_rows(&counted.cues, rows);
        cues.scale(self.cue_weight);
        CsrMatrix::hstack(&[&words, &cues])
    }

    pub(super) fn n_features(&self) -> usize {
        self.words.n_features() + self.cues.as_ref().map_or(0, Tfidf::n_features)
    }

    /// The name of feature number `index`.
    pub(super) fn term(&self, index: usize) -> Option<&str> {
        let words = self.words.vocabulary();
        match index.checked_sub(words.len()) {
            None => words.id_at(index).map(|id| words.term(id)),
            Some(cue) => {
                let cues = self.cues.as_ref()?.vocabulary();
                cues.id_at(cue).map(|id| cues.term(id))
            }
        }
    }

    /// Puts the two blocks of one sentence side by side into `row`.
    pub(super) fn join(&self, words: RowView<'_>, cues: Option<RowView<'_>>, row: &mut SparseRow) {
        row.clear();
        words.iter().for_each(|(i, v)| row.push(column(i), v));
        if let Some(cues) = cues {
            self.append_cues(cues, row);
        }
    }

    /// Puts the cue block of a sentence after its word block.
    pub(super) fn append_cues(&self, cues: RowView<'_>, row: &mut SparseRow) {
        let offset = self.words.n_features();
        cues.iter().for_each(|(i, v)| row.push(column(offset + i), v * self.cue_weight));
    }
}

/// Vocabularies number their terms with u32.
fn column(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The features of one sentence, the plain way: strings are counted, then looked up.
///
/// [`super::Scorer`] gives the same row without making a string.
pub(super) fn features_of(extractor: &Extractor, blocks: &Blocks, text: &str) -> SparseRow {
    let (words, cues) = extractor.count(text, &mut ExtractScratch::default());
    let words = blocks.words.transform(&words);
    let cues = blocks.cues.as_ref().map(|tfidf| tfidf.transform(&cues));
    let mut row = SparseRow::new();
    blocks.join(words.view(), cues.as_ref().map(SparseRow::view), &mut row);
    row
}
