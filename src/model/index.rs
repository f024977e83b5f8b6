//! Vocabularies as the scorer wants them: numbers in place of strings.

use rustc_hash::FxHashMap;

use super::features::{Blocks, Extractor};
use crate::features::{CueFeatureId, Vocabulary};

/// "There is none", for tokens, nodes and columns alike.
pub(super) const NONE: u32 = u32::MAX;

/// From tokens to columns without making a string.
///
/// The terms of the word vocabulary are n-grams of tokens. Each distinct token has a number; an n-gram is a path in a
/// tree whose first step is the token itself and whose further steps are looked up by (node, token). A node may have
/// a column, or merely lie on the way to one.
#[derive(Debug, Clone, Default)]
pub(super) struct WordIndex {
    tokens: FxHashMap<Box<str>, Node>,
    steps: FxHashMap<(u32, u32), Node>,
    /// Which steps there may be: most pairs of words that a text has are not in the vocabulary.
    filter: Filter,
    n_nodes: u32,
}

/// A node of the tree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Its number, or [`NONE`]. That of a token is the token's number.
    pub number: u32,
    /// Its column, or [`NONE`].
    pub column: u32,
}

impl Node {
    /// That of words which the vocabulary does not have.
    pub(super) const NONE: Self = Self { number: NONE, column: NONE };
    /// Marks a token that takes part in no n-gram at all.
    pub(super) const NOT_A_TERM: Self = Self { number: NONE, column: 0 };
}

/// A token of a sentence that takes part in n-grams.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gram {
    pub node: Node,
    /// How many clauses of the sentence have ended before it; an n-gram stays inside a clause.
    pub clause: u32,
}

impl WordIndex {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut index = Self::default();
        index.tokens.reserve(vocabulary.len() / 2);
        index.steps.reserve(vocabulary.len());
        // Terms are sorted, so that most begin with the token that the one before them began with.
        let mut before = ("", NONE);
        for (column, term) in (0..).zip(vocabulary.terms()) {
            let Some((first, rest)) = term.split_once(' ') else {
                before = (term, index.token_or_new(term));
                index.tokens.entry(term.into()).and_modify(|node| node.column = column);
                continue;
            };
            if before.1 == NONE || before.0 != first {
                before = (first, index.token_or_new(first));
            }
            let mut tokens = rest.split(' ').peekable();
            let mut node = before.1;
            while let Some(token) = tokens.next() {
                let column = if tokens.peek().is_none() { column } else { NONE };
                node = index.step_or_new(node, token, column);
            }
        }
        index.filter = Filter::new(index.steps.keys());
        index
    }

    fn token_or_new(&mut self, token: &str) -> u32 {
        if let Some(node) = self.tokens.get(token) {
            return node.number;
        }
        let number = self.new_node();
        self.tokens.insert(token.into(), Node { number, column: NONE });
        number
    }

    /// The node after `node` by `token`, which gets `column` if that is one.
    fn step_or_new(&mut self, node: u32, token: &str, column: u32) -> u32 {
        let step = (node, self.token_or_new(token));
        if let Some(next) = self.steps.get_mut(&step) {
            next.column = next.column.min(column);
            return next.number;
        }
        let number = self.new_node();
        self.steps.insert(step, Node { number, column });
        number
    }

    fn new_node(&mut self) -> u32 {
        // A vocabulary is numbered in u32, and a node costs more than a byte of the model file.
        let number = self.n_nodes;
        self.n_nodes += 1;
        number
    }

    /// The node of a token; that without a number when no n-gram of the vocabulary has it.
    pub(super) fn token(&self, token: &str) -> Node {
        self.tokens.get(token).copied().unwrap_or(Node::NONE)
    }

    /// The node after `node` by `token`.
    #[inline]
    fn step(&self, node: u32, token: u32) -> Node {
        let step = (node, token);
        if !self.filter.may_have(step) {
            return Node::NONE;
        }
        self.steps.get(&step).copied().unwrap_or(Node::NONE)
    }

    /// Calls `each` with the column of every n-gram that the vocabulary has.
    pub(super) fn for_each_column(&self, grams: &[Gram], mut each: impl FnMut(u32)) {
        for (i, gram) in grams.iter().enumerate() {
            let mut node = gram.node;
            let mut rest = grams[i + 1..].iter().take_while(|next| next.clause == gram.clause);
            while node.number != NONE {
                if node.column != NONE {
                    each(node.column);
                }
                // A path is no longer than the longest n-gram of the vocabulary.
                node = rest.next().map_or(Node::NONE, |next| self.step(node.number, next.node.number));
            }
        }
    }
}

/// Which pairs a set has; some that it does not have are taken for such.
#[derive(Debug, Clone)]
struct Filter {
    /// A power of two of bits.
    bits: Vec<u64>,
    shift: u32,
}

impl Default for Filter {
    fn default() -> Self {
        Self::new(std::iter::empty())
    }
}

impl Filter {
    fn new<'s>(steps: impl ExactSizeIterator<Item = &'s (u32, u32)>) -> Self {
        // Eight to sixteen bits for each, so that few are taken for what they are not.
        let n_bits = (8 * steps.len()).next_power_of_two().max(64);
        let mut filter = Self { bits: vec![0; n_bits / 64], shift: 64 - n_bits.trailing_zeros() };
        for &step in steps {
            let at = filter.place(step);
            filter.bits[at / 64] |= 1 << (at % 64);
        }
        filter
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // below the number of bits
    fn place(&self, (node, token): (u32, u32)) -> usize {
        // The golden ratio as a fraction of 2^64: the upper bits of the product hang on all bits.
        let mixed = (u64::from(node) << 32 | u64::from(token)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((mixed ^ mixed << 32) >> self.shift) as usize
    }

    #[inline]
    fn may_have(&self, step: (u32, u32)) -> bool {
        let at = self.place(step);
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }
}

/// From cue features to columns of the cue block. Most features, which are pairs of classes, have none.
#[derive(Debug, Clone, Default)]
pub(super) struct CueColumns(Vec<u32>);

impl CueColumns {
    /// Those of the cue features of `extractor`.
    pub(super) fn new(extractor: &Extractor, blocks: &Blocks) -> Self {
        let (Some(cues), Some(tfidf)) = (&extractor.cues, &blocks.cues) else { return Self::default() };
        let mut columns = vec![NONE; cues.counter.n_features()];
        for (column, term) in (0..).zip(tfidf.vocabulary().terms()) {
            if let Some(id) = cues.counter.id_of(term) {
                columns[id.index()] = column;
            }
        }
        Self(columns)
    }

    /// Puts the column of a feature at place `at` of `columns`, if it has one; returns the place after it.
    ///
    /// Without a branch, because which features have one cannot be foretold.
    #[inline]
    pub(super) fn put(&self, feature: CueFeatureId, columns: &mut Vec<u32>, at: usize) -> usize {
        let column = self.0[feature.index()];
        if at == columns.len() {
            columns.resize((2 * at).max(256), NONE);
        }
        columns[at] = column;
        at + usize::from(column != NONE)
    }
}
