//! Terms and their numbers.

use std::hash::Hasher;
use std::sync::OnceLock;

use crate::error::{Error, ErrorKind, Result};

/// The number of a term in its [`Vocabulary`], and of its column in a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(u32);

impl TermId {
    /// The term's position in the vocabulary.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The same as the column number of a sparse row.
    #[must_use]
    pub fn column(self) -> u32 {
        self.0
    }
}

/// Strings one after the other, numbered in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Arena {
    text: String,
    ends: Vec<usize>,
}

impl Arena {
    fn get(&self, id: u32) -> &str {
        let at = id as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    fn push(&mut self, term: &str) {
        assert!(self.ends.len() < FREE as usize, "more than {} terms", FREE - 1);
        self.text.push_str(term);
        self.ends.push(self.text.len());
    }

    /// All strings in the order of their numbers.
    fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let term = &self.text[start..end];
            start = end;
            term
        })
    }

    /// The place in `slots` that holds the number of `term`, or the free one where it belongs.
    fn slot_of(&self, slots: &[u32], term: &str) -> usize {
        let mask = slots.len() - 1;
        let mut slot = hash(term) & mask;
        loop {
            let id = slots[slot];
            if id == FREE || self.get(id) == term {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The number of `term`, by the table that [`Self::slots`] made.
    fn find(&self, slots: &[u32], term: &str) -> Option<u32> {
        let id = slots[self.slot_of(slots, term)];
        (id != FREE).then_some(id)
    }

    /// An open hash table of all numbers, with `n` slots, a power of two above the number of strings.
    ///
    /// The hash decides where a number is stored, never in which order anything comes out.
    fn slots(&self, n: usize) -> Vec<u32> {
        let mut slots = vec![FREE; n];
        for (id, term) in (0..).zip(self.iter()) {
            let slot = self.slot_of(&slots, term);
            slots[slot] = id;
        }
        slots
    }
}

/// Distinct strings, numbered in the order in which they came, that can be looked up while more are added.
#[derive(Debug, Clone, Default)]
pub(super) struct TermTable {
    terms: Arena,
    slots: Vec<u32>,
}

/// A slot without a number.
const FREE: u32 = u32::MAX;

impl TermTable {
    pub(super) fn len(&self) -> usize {
        self.terms.ends.len()
    }

    pub(super) fn get(&self, id: u32) -> &str {
        self.terms.get(id)
    }

    /// All terms in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.terms.iter()
    }

    /// The number of `term`, which gets the next one when it is new.
    pub(super) fn intern(&mut self, term: &str) -> u32 {
        if (self.len() + 1) * 4 > self.slots.len() * 3 {
            self.slots = self.terms.slots((self.slots.len() * 2).max(16));
        }
        let slot = self.terms.slot_of(&self.slots, term);
        if self.slots[slot] == FREE {
            // `push` bounds the number of terms.
            self.slots[slot] = u32::try_from(self.len()).unwrap_or(FREE);
            self.terms.push(term);
        }
        self.slots[slot]
    }
}

fn hash(term: &str) -> usize {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(term.as_bytes());
    // The table never has more than 2^32 slots; the low bits are as good as the high ones.
    #[allow(clippy::cast_possible_truncation)]
    let bits = hasher.finish() as usize;
    bits
}

/// The distinct terms of a fitted block, sorted by their bytes.
///
/// The order makes column numbers independent of the order of documents; looking a term up is one hash. The table for it
/// is made when the first term is looked up: labelling looks none up.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    terms: Arena,
    slots: OnceLock<Vec<u32>>,
}

impl Vocabulary {
    /// The vocabulary of `terms`, which must come sorted by their bytes and without repetition: the form in which a
    /// model stores them.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when they do not.
    pub fn from_sorted<S: AsRef<str>>(terms: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut arena = Arena::default();
        let mut start = 0;
        for term in terms {
            let term = term.as_ref();
            let last = &arena.text[start..];
            if last >= term && !arena.ends.is_empty() {
                return Err(Error::new(
                    ErrorKind::Model,
                    format!(
                        "term \"{term}\" stands after \"{last}\"; expected terms in byte order, each once"
                    ),
                ));
            }
            start = arena.text.len();
            arena.push(term);
        }
        Ok(Self { terms: arena, slots: OnceLock::new() })
    }

    /// The id of `term`, if it is known.
    #[must_use]
    pub fn id(&self, term: &str) -> Option<TermId> {
        // Three quarters full at most.
        let slots = self.slots.get_or_init(|| self.terms.slots((self.len() * 4 / 3 + 1).next_power_of_two()));
        self.terms.find(slots, term).map(TermId)
    }

    /// The id at position `index`, if there is one.
    #[must_use]
    pub fn id_at(&self, index: usize) -> Option<TermId> {
        if index < self.len() { u32::try_from(index).ok().map(TermId) } else { None }
    }

    /// The term of `id`.
    ///
    /// # Panics
    /// When `id` comes from a larger vocabulary.
    #[must_use]
    pub fn term(&self, id: TermId) -> &str {
        self.terms.get(id.0)
    }

    /// All terms in order.
    #[must_use]
    pub fn terms(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.terms.iter()
    }

    /// How many terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.ends.len()
    }

    /// Whether there is no term.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Equal when they have the same terms.
impl PartialEq for Vocabulary {
    fn eq(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

impl Eq for Vocabulary {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_finds_its_own_number() {
        let names: Vec<String> = (0..5000).map(|i| format!("{i:05}")).collect();
        let vocabulary = Vocabulary::from_sorted(&names).unwrap();
        assert_eq!(vocabulary.len(), 5000);
        for (i, name) in names.iter().enumerate() {
            let id = vocabulary.id(name).unwrap();
            assert_eq!((id.index(), vocabulary.term(id)), (i, name.as_str()));
            assert_eq!(vocabulary.id_at(i), Some(id));
        }
        assert_eq!(vocabulary.id("5000"), None);
        assert_eq!(vocabulary.id(""), None);
        assert_eq!(vocabulary.id_at(5000), None);
        assert!(vocabulary.terms().eq(names.iter().map(String::as_str)));
    }

    #[test]
    fn an_empty_vocabulary_knows_nothing() {
        let vocabulary = Vocabulary::default();
        assert!(vocabulary.is_empty());
        assert_eq!(vocabulary.id("war"), None);
    }

    #[test]
    fn terms_out_of_order_or_twice_are_refused() {
        for (terms, text) in [
            (["b", "a"], "term \"a\" stands after \"b\"; expected terms in byte order, each once"),
            (["a", "a"], "term \"a\" stands after \"a\"; expected terms in byte order, each once"),
        ] {
            assert_eq!(Vocabulary::from_sorted(terms).unwrap_err().to_string(), text);
        }
    }
}
