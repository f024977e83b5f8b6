//! What a thread remembers of the words it has met.

use rustc_hash::FxHashMap;

use super::StanceModel;
use super::index::NONE;
use crate::features::AtomId;
use crate::text::{Token, TokenKind, WordPlace};

/// The most words a memo holds before it starts anew: some 10 MB.
const MEMO_WORDS: usize = 1 << 16;

/// The longest word that is remembered, in bytes.
const MEMO_WORD_BYTES: usize = 40;

/// The longest word whose spelling is a [`Key`], in bytes.
const KEY_BYTES: usize = 15;

/// What is known of a token: whether it takes part in n-grams, and its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub is_term: bool,
    pub token: u32,
    atoms: (u32, u32),
}

/// What has been found out about words, by their spelling, kind and place: a word's term can hang on where it stands.
#[derive(Debug, Default)]
pub(super) struct Memo {
    short: FxHashMap<Key, Slots>,
    long: FxHashMap<Box<str>, (TokenKind, Slots)>,
    known: Vec<Known>,
    atoms: Vec<AtomId>,
}

/// The bytes of a short word, its length and its kind: compared without looking anywhere else.
type Key = (u64, u64);

/// Positions in `known`, or [`NONE`], by place.
type Slots = [u32; 4];

const EMPTY: Slots = [NONE; 4];

impl Memo {
    /// Hands what is known of `token`, which stands in `text`, to `then`, finding it out first where it is new.
    pub(super) fn with(
        &mut self,
        model: &StanceModel,
        text: &str,
        token: &Token<'_>,
        place: WordPlace,
        then: impl FnOnce(Known, &[AtomId]),
    ) {
        let slot = usize::from(place.initial) + 2 * usize::from(place.heading);
        let key = key(text.as_bytes(), token);
        let at = match key {
            Some(key) => self.short.get(&key).map_or(NONE, |slots| slots[slot]),
            None => {
                self.long.get(token.raw).filter(|(kind, _)| *kind == token.kind).map_or(NONE, |s| s.1[slot])
            }
        };
        if let Some(&known) = self.known.get(at as usize) {
            return then(known, self.atoms_of(known));
        }
        let (known, atoms) = find_out(model, token, place);
        then(known, &atoms);
        if token.raw.len() <= MEMO_WORD_BYTES {
            self.learn(token, key, slot, known, &atoms);
        }
    }

    fn atoms_of(&self, known: Known) -> &[AtomId] {
        let (from, to) = known.atoms;
        &self.atoms[from as usize..to as usize]
    }

    // At most `MEMO_WORDS` words of four places with few atoms each: far below u32.
    #[allow(clippy::cast_possible_truncation)]
    fn learn(
        &mut self,
        token: &Token<'_>,
        key: Option<Key>,
        slot: usize,
        mut known: Known,
        atoms: &[AtomId],
    ) {
        if self.short.len() + self.long.len() >= MEMO_WORDS {
            *self = Self::default();
        }
        let from = self.atoms.len() as u32;
        self.atoms.extend_from_slice(atoms);
        known.atoms = (from, self.atoms.len() as u32);
        let slots = match key {
            Some(key) => self.short.entry(key).or_insert(EMPTY),
            None => {
                let fresh = (token.kind, EMPTY);
                let entry = self.long.entry(token.raw.into()).or_insert(fresh);
                if entry.0 != token.kind {
                    *entry = fresh;
                }
                &mut entry.1
            }
        };
        slots[slot] = self.known.len() as u32;
        self.known.push(known);
    }
}

/// The key of a word of at most [`KEY_BYTES`] bytes.
#[inline]
fn key(text: &[u8], token: &Token<'_>) -> Option<Key> {
    let (start, length) = (token.span.start(), token.raw.len());
    if length > KEY_BYTES {
        return None;
    }
    // Reading beyond the word and taking the rest off again is faster than copying so many bytes.
    let bytes = match text[start..].first_chunk::<16>() {
        Some(chunk) => u128::from_le_bytes(*chunk) & ((1 << (8 * length)) - 1),
        None => text[start..start + length].iter().rev().fold(0, |all, &byte| (all << 8) | u128::from(byte)),
    };
    let kind = match token.kind {
        TokenKind::Word => 0,
        TokenKind::Number => 1,
        TokenKind::Mark => 2,
    };
    let key = bytes | (((length as u128) << 2 | kind) << (8 * KEY_BYTES));
    #[allow(clippy::cast_possible_truncation)] // the two halves
    Some((key as u64, (key >> 64) as u64))
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
