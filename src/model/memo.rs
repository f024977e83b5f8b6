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

/// The most atoms it holds before it starts anew; words that are too long to be remembered leave theirs here as well.
const MEMO_ATOMS: usize = 1 << 22;

/// What is known of a token: whether it takes part in n-grams, its number, and where its atoms are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub atoms: (u32, u32),
    pub token: u32,
    pub is_term: bool,
}

/// What has been found out about words, by their spelling, kind and place: a word's term can hang on where it stands.
#[derive(Debug, Default)]
pub(super) struct Memo {
    short: FxHashMap<Key, Slots>,
    long: FxHashMap<Box<str>, (TokenKind, Slots)>,
    atoms: Vec<AtomId>,
}

/// The bytes of a short word, its length and its kind: compared without looking anywhere else.
type Key = (u64, u64);

/// What is known, by place.
type Slots = [Option<Known>; 4];

impl Memo {
    /// To be called before each sentence: forgets everything when there is too much of it.
    pub(super) fn make_room(&mut self) {
        if self.short.len() + self.long.len() >= MEMO_WORDS || self.atoms.len() >= MEMO_ATOMS {
            *self = Self::default();
        }
    }

    /// Where the atoms of all tokens of the present sentence are.
    pub(super) fn atoms(&self) -> &[AtomId] {
        &self.atoms
    }

    /// What is known of `token`, which stands in `text`; it is found out where it is new.
    #[inline]
    pub(super) fn look_up(
        &mut self,
        model: &StanceModel,
        text: &str,
        token: &Token<'_>,
        place: WordPlace,
    ) -> Known {
        let slot = usize::from(place.initial) + 2 * usize::from(place.heading);
        let key = key(text.as_bytes(), token);
        let remembered = match key {
            Some(key) => self.short.get(&key).and_then(|slots| slots[slot]),
            None => self.long.get(token.raw).filter(|(kind, _)| *kind == token.kind).and_then(|s| s.1[slot]),
        };
        remembered.unwrap_or_else(|| self.learn(model, token, place, key, slot))
    }

    #[cold]
    fn learn(
        &mut self,
        model: &StanceModel,
        token: &Token<'_>,
        place: WordPlace,
        key: Option<Key>,
        slot: usize,
    ) -> Known {
        let (mut known, atoms) = find_out(model, token, place);
        // `make_room` keeps the number of atoms far below u32 for any sentence that fits a record.
        let end = |atoms: &[AtomId]| u32::try_from(atoms.len()).unwrap_or(u32::MAX);
        let from = end(&self.atoms);
        self.atoms.extend_from_slice(&atoms);
        known.atoms = (from, end(&self.atoms));
        if token.raw.len() > MEMO_WORD_BYTES {
            return known;
        }
        let slots = if let Some(key) = key {
            self.short.entry(key).or_default()
        } else {
            let fresh = (token.kind, Slots::default());
            let entry = self.long.entry(token.raw.into()).or_insert(fresh);
            if entry.0 != token.kind {
                *entry = fresh;
            }
            &mut entry.1
        };
        slots[slot] = Some(known);
        known
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
