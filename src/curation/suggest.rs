//! Which sentences of an unlabelled pool to label next.

use std::collections::BTreeMap;
use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::{FxHashSet, FxHasher};
use serde::Serialize;

use super::alike::copies;
use super::pool::{Key, Pool};
use crate::corpus::{Block, ColumnChoice, OnBadRow, Record, Role, SkippedRows, Source, near_duplicates};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Scorer, StanceModel, Status};
use crate::text::Segmenter;

/// How the uncertainty of a sentence is measured, on its calibrated probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Uncertainty {
    /// 1 − (greatest − second greatest probability).
    #[default]
    Margin,
    /// −Σ p ln p / ln K, from 0 to 1.
    Entropy,
    /// Not at all: every sentence has the same chance.
    Random,
}

impl Uncertainty {
    /// The uncertainty of a row of probabilities, from 0 to 1; 0 for [`Uncertainty::Random`].
    ///
    /// ```
    /// use stancewire::curation::Uncertainty;
    /// assert_eq!(Uncertainty::Margin.of(&[0.5, 0.25, 0.25]), 0.75);
    /// assert_eq!(Uncertainty::Entropy.of(&[0.5, 0.5]), 1.0);
    /// ```
    #[must_use]
    pub fn of(self, probabilities: &[f64]) -> f64 {
        match self {
            Self::Random => 0.0,
            Self::Margin => {
                let (first, second) = probabilities.iter().fold((0.0_f64, 0.0_f64), |(first, second), &p| {
                    if p > first { (p, first) } else { (first, second.max(p)) }
                });
                1.0 - (first - second)
            }
            Self::Entropy => {
                let sum: f64 = probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
                sum / (probabilities.len() as f64).ln()
            }
        }
    }
}

/// How to choose.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestParams {
    /// How many sentences.
    pub number: usize,
    /// How uncertainty is measured.
    pub by: Uncertainty,
    /// The most sentences of one document.
    pub per_document: usize,
    /// Sentences at least this alike (Jaccard similarity of word 3-shingles) to a chosen or a labelled one are passed over.
    pub similarity: f64,
    /// Whether documents are split into sentences.
    pub split: bool,
    /// Decides between sentences of equal uncertainty, and so all of a random choice.
    pub seed: u64,
    /// What to do about bad rows of the pool.
    pub on_bad_row: OnBadRow,
}

impl Default for SuggestParams {
    fn default() -> Self {
        Self {
            number: 50,
            by: Uncertainty::Margin,
            per_document: 3,
            similarity: 0.5,
            split: true,
            seed: 0,
            on_bad_row: OnBadRow::Stop,
        }
    }
}

/// A sentence to label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suggestion {
    /// What it is called: the id of its row, or `FILE:LINE` (for a text file, the file), with the number of the sentence.
    pub id: String,
    /// The document it stands in.
    pub document: String,
    /// The sentence.
    pub text: String,
    /// The position in the label set of the label that the model gives it.
    pub label: usize,
    /// The probability of each label.
    pub probabilities: Vec<f64>,
    /// How unsure the model is, from 0 to 1; 0 for a random choice.
    pub uncertainty: f64,
}

/// What was chosen, and from what.
#[derive(Debug)]
pub struct Suggestions {
    /// The sentences, the most uncertain first.
    pub chosen: Vec<Suggestion>,
    /// How many sentences the pool has.
    pub sentences: u64,
    /// How many documents (rows, text files) it has.
    pub documents: u64,
    /// Sentences that were passed over because they are labelled already.
    pub known: u64,
    /// Sentences without any word that the model knows; they are never chosen.
    pub empty: u64,
    /// Bad rows that were left out.
    pub skipped: SkippedRows,
}

/// How many candidates are kept for each sentence that is asked for.
const CANDIDATES: usize = 50;

/// How many candidates of a document are kept for each that may be chosen, as some turn out to be near-duplicates.
const PER_DOCUMENT: usize = 4;

/// How many blocks are labelled at a time.
const BLOCKS: usize = 16;

/// Chooses from all sentences of `source`, passing over those that are `labelled` already.
///
/// Each sentence is labelled by `model`. The most uncertain ones are taken one after the other, unless their document has
/// given its share or a text much like theirs is chosen or labelled. Memory holds 50 candidates for each sentence asked
/// for, whatever the size of the pool. The same pool, model and settings give the same choice on any number of threads.
///
/// # Errors
/// [`ErrorKind::Column`] when the text column cannot be found, [`ErrorKind::Settings`] for a similarity that is not above 0
/// and at most 1, or for no sentences or none per document; whatever is wrong with the input.
pub fn suggest(
    mut source: Source,
    columns: &ColumnChoice,
    model: &StanceModel,
    labelled: &[&str],
    params: &SuggestParams,
) -> Result<Suggestions> {
    check(params)?;
    let text = source.text_column()?.index;
    let id = source.header().find(Role::Id, columns)?.map(|column| column.index);
    let group = source.header().find(Role::Group, columns)?.map(|column| column.index);
    let segmenter = Segmenter::new(model.feature_params().analyzer.language);
    let reader = Reader { segmenter: &segmenter, params, text, id, group };
    let known: FxHashSet<u64> = labelled.iter().map(|text| words_hash(text)).collect();
    let mut gathered = Gathered::new(params, known);
    loop {
        let mut blocks = Vec::new();
        while blocks.len() < BLOCKS
            && let Some(block) = source.next_block()?
        {
            blocks.push(block);
        }
        if blocks.is_empty() {
            break;
        }
        let read: Vec<Result<ReadBlock>> = blocks
            .par_iter()
            .map_init(|| model.scorer(), |scorer, block| reader.read(block, scorer))
            .collect();
        for block in read {
            gathered.add(block?);
        }
    }
    gathered.choose(labelled)
}

fn check(params: &SuggestParams) -> Result<()> {
    if params.number > 0 && params.per_document > 0 {
        return Ok(());
    }
    let what = match params.number {
        0 => "0 sentences asked for; expected at least 1",
        _ => "0 sentences per document; expected at least 1",
    };
    Err(Error::new(ErrorKind::Settings, what))
}

/// The hash of the words and numbers of `text`, case and marks apart.
fn words_hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    let lower = text.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        hasher.write(word.as_bytes());
        hasher.write_u8(0xFF);
    }
    hasher.finish()
}

/// Reads and labels the rows of a block.
struct Reader<'a> {
    segmenter: &'a Segmenter,
    params: &'a SuggestParams,
    text: usize,
    id: Option<usize>,
    group: Option<usize>,
}

/// A block, labelled.
#[derive(Default)]
struct ReadBlock {
    sentences: Vec<Suggestion>,
    hashes: Vec<u64>,
    documents: u64,
    empty: u64,
    skipped: SkippedRows,
}

impl Reader<'_> {
    fn read(&self, block: &Block, scorer: &mut Scorer<'_>) -> Result<ReadBlock> {
        let mut found = ReadBlock::default();
        let mut records = block.records();
        while let Some(record) = records.next_record() {
            match record {
                Ok(record) => self.document(record, scorer, &mut found),
                Err(error) => found.skipped.meet(error, self.params.on_bad_row)?,
            }
        }
        Ok(found)
    }

    fn document(&self, record: &Record, scorer: &mut Scorer<'_>, found: &mut ReadBlock) {
        found.documents += 1;
        let (name, document) = self.names(record);
        let text = record.get(self.text);
        if !self.params.split {
            return sentence(&name, &document, text, scorer, found);
        }
        for (number, span) in (1..).zip(self.segmenter.segment(text)) {
            sentence(&format!("{name}:{number}"), &document, span.of(text), scorer, found);
        }
    }

    /// What the row is called, and its document.
    fn names(&self, record: &Record) -> (String, String) {
        let cell =
            |column: Option<usize>| column.map(|c| record.get(c).trim()).filter(|cell| !cell.is_empty());
        let place = || record.place().to_string();
        let group = cell(self.group);
        // The path of a text file is its document and its name.
        let name = cell(self.id).or(group.filter(|_| self.params.split)).map_or_else(place, String::from);
        let document = group.map_or_else(|| name.clone(), String::from);
        (name, document)
    }
}

fn sentence(id: &str, document: &str, text: &str, scorer: &mut Scorer<'_>, found: &mut ReadBlock) {
    let prediction = scorer.predict(text);
    if prediction.status == Status::Empty {
        found.empty += 1;
        return;
    }
    found.hashes.push(words_hash(text));
    found.sentences.push(Suggestion {
        id: id.to_owned(),
        document: document.to_owned(),
        text: text.to_owned(),
        label: prediction.label.index(),
        probabilities: prediction.probabilities.to_vec(),
        uncertainty: 0.0,
    });
}

/// What has been read so far.
struct Gathered<'a> {
    params: &'a SuggestParams,
    known: FxHashSet<u64>,
    pool: Pool<Suggestion>,
    result: Suggestions,
}

impl<'a> Gathered<'a> {
    fn new(params: &'a SuggestParams, known: FxHashSet<u64>) -> Self {
        let capacity = params.number.saturating_mul(CANDIDATES);
        let per_document = params.per_document.saturating_mul(PER_DOCUMENT);
        let skipped = SkippedRows::default();
        let result =
            Suggestions { chosen: Vec::new(), sentences: 0, documents: 0, known: 0, empty: 0, skipped };
        Self { params, known, pool: Pool::new(capacity, per_document), result }
    }

    fn add(&mut self, block: ReadBlock) {
        self.result.documents += block.documents;
        self.result.empty += block.empty;
        self.result.sentences += block.sentences.len() as u64 + block.empty;
        self.result.skipped.append(block.skipped);
        let first = self.result.sentences;
        for (number, (mut found, hash)) in (first..).zip(block.sentences.into_iter().zip(block.hashes)) {
            if self.known.contains(&hash) {
                self.result.known += 1;
                continue;
            }
            found.uncertainty = self.params.by.of(&found.probabilities);
            let key = Key { score: found.uncertainty, tie: mix(self.params.seed, number) };
            let document = found.document.clone();
            self.pool.offer(key, &document, hash, || found);
        }
    }

    /// Takes the best candidates that are not like each other nor like what is labelled.
    fn choose(mut self, labelled: &[&str]) -> Result<Suggestions> {
        let candidates = self.pool.into_sorted();
        // Copies among the labelled texts would only cost time.
        let mut texts: Vec<&str> = copies(labelled)?.iter().map(|rows| labelled[rows[0]]).collect();
        let n_labelled = texts.len();
        texts.extend(candidates.iter().map(|(_, _, found)| found.text.as_str()));
        let mut alike: Vec<Vec<usize>> = vec![Vec::new(); candidates.len()];
        let mut is_known = vec![false; candidates.len()];
        for pair in near_duplicates(&texts, self.params.similarity)? {
            let Some(later) = pair.second.checked_sub(n_labelled) else { continue };
            match pair.first.checked_sub(n_labelled) {
                Some(earlier) => alike[later].push(earlier),
                None => is_known[later] = true,
            }
        }
        let mut is_chosen = vec![false; candidates.len()];
        let mut per_document: BTreeMap<String, usize> = BTreeMap::new();
        for (position, (_, document, found)) in candidates.into_iter().enumerate() {
            if self.result.chosen.len() >= self.params.number {
                break;
            }
            let taken = per_document.entry(document).or_insert(0);
            let repeats = alike[position].iter().any(|&earlier| is_chosen[earlier]);
            self.result.known += u64::from(is_known[position]);
            if *taken < self.params.per_document && !is_known[position] && !repeats {
                *taken += 1;
                is_chosen[position] = true;
                self.result.chosen.push(found);
            }
        }
        Ok(self.result)
    }
}

/// A number for sentence `number` that depends on the seed and is different for each (`SplitMix64`, a bijection).
fn mix(seed: u64, number: u64) -> u64 {
    let mut z =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
