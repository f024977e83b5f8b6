//! What a thread remembers of the words it has met.

use rustc_hash::FxHashMap;

use super::StanceModel;
use super::index::Node;
use crate::features::AtomId;
use crate::span::Span;
use crate::text::{Token, TokenKind, WordPlace};

/// The most words a memo holds before it starts anew.
const MEMO_WORDS: usize = 1 << 15;

/// The fewest and the most slots for short words; at most half of them are taken but for words of the present sentence.
/// The most are 2 MB.
const FEWEST_SLOTS: usize = 1 << 10;
const MOST_SLOTS: usize = 2 * MEMO_WORDS;

/// The longest word whose spelling is a [`Key`], in bytes.
const KEY_BYTES: usize = 15;

/// The longest word that is remembered, in bytes.
const MEMO_WORD_BYTES: usize = 40;

/// The most atoms it holds before it starts anew; words that are too long to be remembered leave theirs here as well.
const MEMO_ATOMS: usize = 1 << 22;

/// What is known of a token: where its atoms are kept, and where n-grams begin that it begins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    pub atoms: (u32, u32),
    node: Node,
}

impl Known {
    /// Where its n-grams begin, if it takes part in any.
    #[inline]
    pub fn node(&self) -> Option<Node> {
        (self.node != Node::NOT_A_TERM).then_some(self.node)
    }
}

/// The bytes of a short word, and in the last one its length, kind and place: a word's term can hang on where it stands.
/// Compared without looking anywhere else. No word has the key 0.
type Key = u128;

/// A token that is to be looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sought {
    key: Key,
    span: Span,
    kind: TokenKind,
    place: WordPlace,
    /// How many clauses of the sentence have ended before it.
    pub clause: u32,
}

impl Sought {
    /// `token`, which stands in `text` at `place`.
    #[inline]
    pub(super) fn new(text: &str, token: &Token<'_>, place: WordPlace, clause: u32) -> Self {
        let key = key(text.as_bytes(), token, place);
        Self { key, span: token.span, kind: token.kind, place, clause }
    }
}

/// One slot: half a cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    key: [u64; 2],
    known: Known,
}

/// What has been found out about words, by their spelling, kind and place.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// An open table of short words, with a power of two of slots; empty until the first.
    short: Vec<Slot>,
    long: FxHashMap<(Box<str>, u8), Known>,
    n_short: usize,
    atoms: Vec<AtomId>,
    /// Where the rows of atoms are kept that several words have: most words have no more than their nature.
    rows: FxHashMap<Box<[AtomId]>, (u32, u32)>,
}

impl Memo {
    /// To be called before each sentence: forgets everything when there is too much of it.
    pub(super) fn make_room(&mut self) {
        if self.n_short + self.long.len() >= MEMO_WORDS || self.atoms.len() >= MEMO_ATOMS {
            let mut short = std::mem::take(&mut self.short);
            short.fill(Slot::default());
            *self = Self { short, ..Self::default() };
        }
    }

    /// Where the atoms of all tokens of the present sentence are.
    pub(super) fn atoms(&self) -> &[AtomId] {
        &self.atoms
    }

    /// What is known of a token of `text`; it is found out where it is new.
    #[inline]
    pub(super) fn look_up(&mut self, model: &StanceModel, text: &str, sought: &Sought) -> Known {
        if sought.key != 0 && !self.short.is_empty() {
            let slot = &self.short[self.slot_of(sought.key)];
            if slot.key[1] != 0 {
                return slot.known;
            }
        }
        self.learn(model, text, sought)
    }

    /// The slot that holds `key`, or the free one where it belongs; half of them are free.
    #[inline]
    fn slot_of(&self, key: Key) -> usize {
        let halves = halves(key);
        let mut at = hash(halves, self.short.len());
        loop {
            let found = self.short[at].key;
            if found == halves || found[1] == 0 {
                return at;
            }
            at = (at + 1) & (self.short.len() - 1);
        }
    }

    #[cold]
    fn learn(&mut self, model: &StanceModel, text: &str, sought: &Sought) -> Known {
        let &Sought { key, span, kind, place, .. } = sought;
        let raw = span.of(text);
        let rare = (key == 0).then(|| (Box::from(raw), details(kind, place)));
        if let Some(known) = rare.as_ref().and_then(|rare| self.long.get(rare)) {
            return *known;
        }
        let (mut known, atoms) = find_out(model, raw, kind, place);
        known.atoms = self.keep(atoms);
        match rare {
            Some(rare) if raw.len() <= MEMO_WORD_BYTES => {
                self.long.insert(rare, known);
            }
            Some(_) => {}
            None => {
                // A sentence of more new words than there are slots left must not fill them all.
                if self.n_short < MOST_SLOTS - MOST_SLOTS / 4 {
                    self.remember(Slot { key: halves(key), known });
                }
            }
        }
        known
    }

    fn remember(&mut self, slot: Slot) {
        let n = self.short.len();
        if 2 * self.n_short >= n && n < MOST_SLOTS {
            let wider = vec![Slot::default(); (2 * n).max(FEWEST_SLOTS)];
            let taken = std::mem::replace(&mut self.short, wider);
            taken.into_iter().filter(|slot| slot.key[1] != 0).for_each(|slot| self.put(slot));
        }
        self.put(slot);
        self.n_short += 1;
    }

    fn put(&mut self, slot: Slot) {
        let at = self.slot_of(Key::from(slot.key[0]) | Key::from(slot.key[1]) << 64);
        self.short[at] = slot;
    }

    /// Where `atoms` are kept.
    fn keep(&mut self, atoms: Box<[AtomId]>) -> (u32, u32) {
        if let Some(&place) = self.rows.get(&atoms) {
            return place;
        }
        // `make_room` keeps the number of atoms far below u32 for any sentence that fits a record.
        let end = |atoms: &[AtomId]| u32::try_from(atoms.len()).unwrap_or(u32::MAX);
        let from = end(&self.atoms);
        self.atoms.extend_from_slice(&atoms);
        let place = (from, end(&self.atoms));
        self.rows.insert(atoms, place);
        place
    }
}

/// The key of a word of at most [`KEY_BYTES`] bytes, 0 for longer ones.
#[inline]
fn key(text: &[u8], token: &Token<'_>, place: WordPlace) -> Key {
    let (start, length) = (token.span.start(), token.raw.len());
    if length > KEY_BYTES {
        return 0;
    }
    // Reading beyond the word and taking the rest off again is faster than copying so many bytes.
    let bytes = match text[start..].first_chunk::<16>() {
        Some(chunk) => u128::from_le_bytes(*chunk) & ((1 << (8 * length)) - 1),
        None => text[start..start + length].iter().rev().fold(0, |all, &byte| (all << 8) | u128::from(byte)),
    };
    let last = (length as u128) << 4 | u128::from(details(token.kind, place));
    bytes | (last << (8 * KEY_BYTES))
}

/// Kind and place in four bits.
#[inline]
fn details(kind: TokenKind, place: WordPlace) -> u8 {
    let kind = match kind {
        TokenKind::Word => 0,
        TokenKind::Number => 1,
        TokenKind::Mark => 2,
    };
    kind | u8::from(place.initial) << 2 | u8::from(place.heading) << 3
}

#[allow(clippy::cast_possible_truncation)] // the two halves
fn halves(key: Key) -> [u64; 2] {
    [key as u64, (key >> 64) as u64]
}

/// The slot of `n`, a power of two, where a key is looked for first.
#[inline]
#[allow(clippy::cast_possible_truncation)] // below the number of slots
fn hash([low, high]: [u64; 2], n: usize) -> usize {
    // Two odd constants without a pattern (the golden ratio and √2, as fractions of 2^64).
    const FACTORS: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0x6A09_E667_F3BC_C909];
    let mixed = low.wrapping_mul(FACTORS[0]) ^ high.wrapping_mul(FACTORS[1]).rotate_left(32);
    (mixed.wrapping_mul(FACTORS[0]) >> 32) as usize & (n - 1)
}

fn find_out(model: &StanceModel, raw: &str, kind: TokenKind, place: WordPlace) -> (Known, Box<[AtomId]>) {
    let forms = model.extractor.analyzer.forms(raw, kind, place);
    let atoms = match &model.extractor.cues {
        Some(cues) => cues.matcher.atoms_of(&forms.word),
        None => Box::default(),
    };
    let node = forms.term.as_deref().map_or(Node::NOT_A_TERM, |term| model.blocks.index().token(term));
    (Known { node, atoms: (0, 0) }, atoms)
}
