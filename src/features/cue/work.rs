//! What the matcher knows of one sentence while it looks for classes in it.

use super::atoms::{AtomId, Nature, TokenAtomsView};
use super::bits::Bits;

/// The atom that every word has.
pub(super) const WORD: u32 = AtomId::WORD.number();

/// Emptying so many sets that lie side by side takes no longer than going through the atoms of one token.
const AT_ONCE: usize = 128;

/// A run of tokens to look at.
pub(super) struct Piece<'a> {
    pub tokens: TokenAtomsView<'a>,
    pub from: usize,
    pub to: usize,
    /// How many words of the sentence stand before it.
    pub words_before: u32,
}

/// Working memory for sentences of fewer than `64 · W` tokens. Between two sentences all sets are empty.
#[derive(Debug, Clone)]
pub(super) struct Work<const W: usize> {
    /// The positions of each atom, then those where each class begins, then all positions.
    pub sets: Vec<Bits<W>>,
    pub soft_marks: Bits<W>,
    /// The first word of the sentence, if it is among the tokens.
    pub first_word: Bits<W>,
    /// Which classes have a position.
    pub classes_met: Vec<u32>,
    /// The patterns whose rarest element has been met, a bit for each, and those that have been found.
    pub due: Vec<u64>,
    pub matched: Vec<u64>,
    pub found: Vec<u32>,
}

impl<const W: usize> Default for Work<W> {
    fn default() -> Self {
        Self {
            sets: Vec::new(),
            soft_marks: Bits::NONE,
            first_word: Bits::NONE,
            classes_met: Vec::new(),
            due: Vec::new(),
            matched: Vec::new(),
            found: Vec::new(),
        }
    }
}

impl<const W: usize> Work<W> {
    /// Notes what stands in `piece`, for a program of `n_patterns` whose full set is at `full_set`; `by_word` are the patterns
    /// that any word makes due.
    pub fn begin(&mut self, full_set: usize, n_patterns: usize, by_word: &[u32], piece: &Piece<'_>) {
        if self.sets.len() != full_set + 1 {
            // New, or from another lexicon, whose full set stands elsewhere.
            self.sets.clear();
            self.sets.resize(full_set, Bits::NONE);
            self.sets.push(Bits::ALL);
        }
        let blocks = n_patterns.div_ceil(64);
        self.due.resize(blocks, 0);
        self.matched.clear();
        self.matched.resize(blocks, 0);
        let (mut words, mut soft_marks) = (Bits::NONE, Bits::NONE);
        for (position, token) in piece.tokens.of(piece.from, piece.to).enumerate() {
            words.insert_if(position, token.is(Nature::Word));
            soft_marks.insert_if(position, token.is(Nature::SoftMark));
            token.atoms.iter().for_each(|atom| self.sets[atom.index()].insert(position));
            token.due.iter().for_each(|pattern| set(&mut self.due, pattern.number()));
        }
        if !words.is_empty() {
            for &pattern in by_word {
                set(&mut self.due, pattern);
            }
        }
        self.first_word = if piece.words_before == 0 { words.first() } else { Bits::NONE };
        self.soft_marks = soft_marks;
        self.sets[WORD as usize] = words;
    }

    /// Empties all sets; returns how many words there were.
    pub fn end(&mut self, n_atoms: usize, piece: &Piece<'_>) -> u32 {
        let Self { sets, classes_met, .. } = self;
        let words = sets[WORD as usize].count();
        let atoms = &mut sets[..n_atoms];
        if atoms.len() <= AT_ONCE * (piece.to - piece.from) {
            atoms.fill(Bits::NONE);
        } else {
            atoms[WORD as usize] = Bits::NONE;
            for token in piece.tokens.of(piece.from, piece.to) {
                token.atoms.iter().for_each(|atom| atoms[atom.index()] = Bits::NONE);
            }
        }
        classes_met.drain(..).for_each(|class| sets[n_atoms + class as usize] = Bits::NONE);
        words
    }

    /// Calls `each` with those of the patterns `from..to` that have been found.
    #[inline]
    pub fn matched_in(&self, from: usize, to: usize, mut each: impl FnMut(usize)) {
        for word in from / 64..to.div_ceil(64) {
            let mut left = self.matched[word];
            while left != 0 {
                let pattern = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                if (from..to).contains(&pattern) {
                    each(pattern);
                }
            }
        }
    }

    /// Where up to `words` words can stand before `rest`.
    pub fn gap_before(&self, words: u8, rest: Bits<W>) -> Bits<W> {
        let mut reached = rest;
        for _ in 0..words {
            let word = self.sets[WORD as usize] & reached.before();
            let more = reached | self.with_soft_marks_before(word);
            if more == reached {
                break;
            }
            reached = more;
        }
        reached
    }

    /// `at`, and the commas and quotation marks that stand right before.
    #[inline]
    pub fn with_soft_marks_before(&self, at: Bits<W>) -> Bits<W> {
        let soft = self.soft_marks;
        let mut reached = at;
        if soft.is_empty() {
            return reached;
        }
        loop {
            let more = reached | (soft & reached.before());
            if more == reached {
                return reached;
            }
            reached = more;
        }
    }
}

/// Puts `at` into a set of bits.
#[inline]
pub(super) fn set(bits: &mut [u64], at: u32) {
    bits[at as usize / 64] |= 1 << (at % 64);
}
