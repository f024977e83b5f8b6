//! Vocabularies as the scorer wants them: numbers in place of strings.

use rustc_hash::FxHashMap;

use super::features::{Blocks, Extractor};
use crate::features::Vocabulary;

/// "There is none", for tokens, nodes and columns alike.
pub(super) const NONE: u32 = u32::MAX;

/// From tokens to columns without making a string.
///
/// The terms of the word vocabulary are n-grams of tokens. Each distinct token has a number; an n-gram is a path in a
/// tree whose first step is the token itself and whose further steps are looked up by (node, token). A node may have
/// a column, or merely lie on the way to one.
#[derive(Debug, Clone, Default)]
pub(super) struct WordIndex {
    tokens: FxHashMap<Box<str>, u32>,
    steps: FxHashMap<(u32, u32), u32>,
    /// The column of each node, or [`NONE`].
    columns: Vec<u32>,
}

impl WordIndex {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut index = Self::default();
        index.tokens.reserve(vocabulary.len() / 2);
        index.steps.reserve(vocabulary.len());
        // Terms are sorted, so that most begin with the token that the one before them began with.
        let mut before = ("", NONE);
        for (column, term) in (0..).zip(vocabulary.terms()) {
            let (first, rest) =
                term.split_once(' ').map_or((term, None), |(first, rest)| (first, Some(rest)));
            if before.1 == NONE || before.0 != first {
                before = (first, index.token_or_new(first));
            }
            let node = rest
                .into_iter()
                .flat_map(|rest| rest.split(' '))
                .fold(before.1, |node, token| index.step_or_new(node, token));
            index.columns[node as usize] = column;
        }
        index
    }

    fn token_or_new(&mut self, token: &str) -> u32 {
        if let Some(&id) = self.tokens.get(token) {
            return id;
        }
        let id = self.new_node();
        self.tokens.insert(token.into(), id);
        id
    }

    fn step_or_new(&mut self, node: u32, token: &str) -> u32 {
        let step = (node, self.token_or_new(token));
        if let Some(&next) = self.steps.get(&step) {
            return next;
        }
        let next = self.new_node();
        self.steps.insert(step, next);
        next
    }

    fn new_node(&mut self) -> u32 {
        // A vocabulary is numbered in u32, and a node costs more than a byte of the model file.
        let id = u32::try_from(self.columns.len()).unwrap_or(NONE);
        self.columns.push(NONE);
        id
    }

    /// The number of a token, or [`NONE`] when no n-gram of the vocabulary has it.
    pub(super) fn token(&self, token: &str) -> u32 {
        self.tokens.get(token).copied().unwrap_or(NONE)
    }

    /// Calls `each` with the column of every n-gram that the vocabulary has.
    ///
    /// `grams` are token numbers with the number of their clause; an n-gram stays inside a clause.
    pub(super) fn for_each_column(&self, grams: &[(u32, u32)], mut each: impl FnMut(u32)) {
        for (i, &(token, clause)) in grams.iter().enumerate() {
            let mut node = token;
            let mut rest = grams[i + 1..].iter().take_while(|gram| gram.1 == clause);
            while node != NONE {
                let column = self.columns[node as usize];
                if column != NONE {
                    each(column);
                }
                // A path is no longer than the longest n-gram of the vocabulary.
                node = rest.next().and_then(|next| self.steps.get(&(node, next.0)).copied()).unwrap_or(NONE);
            }
        }
    }
}

/// The column of each cue feature of `extractor` within the cue block, or [`NONE`].
pub(super) fn cue_columns(extractor: &Extractor, blocks: &Blocks) -> Vec<u32> {
    let (Some(cues), Some(tfidf)) = (&extractor.cues, &blocks.cues) else { return Vec::new() };
    let mut columns = vec![NONE; cues.counter.n_features()];
    for (column, term) in (0..).zip(tfidf.vocabulary().terms()) {
        if let Some(id) = cues.counter.id_of(term) {
            columns[id.index()] = column;
        }
    }
    columns
}
