//! Terms and their numbers.

use std::hash::Hasher;

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

/// Distinct strings, numbered in the order in which they came: one arena of text and an open hash table of numbers.
///
/// The hash decides where a number is stored, never in which order anything comes out.
#[derive(Debug, Clone, Default)]
pub(super) struct TermTable {
    text: String,
    ends: Vec<usize>,
    slots: Vec<u32>,
}

/// A slot without a number.
const FREE: u32 = u32::MAX;

impl TermTable {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, id: u32) -> &str {
        let at = id as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// All terms in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let term = &self.text[start..end];
            start = end;
            term
        })
    }

    pub(super) fn find(&self, term: &str) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let id = self.slots[self.slot_of(term)];
        (id != FREE).then_some(id)
    }

    /// The number of `term`, which gets the next one when it is new.
    pub(super) fn intern(&mut self, term: &str) -> u32 {
        if (self.ends.len() + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let slot = self.slot_of(term);
        if self.slots[slot] == FREE {
            self.slots[slot] = u32::try_from(self.ends.len()).unwrap_or(FREE);
            assert!(self.slots[slot] != FREE, "more than {} terms", FREE - 1);
            self.text.push_str(term);
            self.ends.push(self.text.len());
        }
        self.slots[slot]
    }

    /// The slot that holds `term`, or the free one where it belongs.
    fn slot_of(&self, term: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(term) & mask;
        loop {
            let id = self.slots[slot];
            if id == FREE || self.get(id) == term {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; (self.slots.len() * 2).max(16)];
        for id in 0..self.ends.len() {
            // `intern` keeps the count of terms below `u32::MAX`.
            #[allow(clippy::cast_possible_truncation)]
            let id = id as u32;
            let slot = self.slot_of(self.get(id));
            self.slots[slot] = id;
        }
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
/// The order makes column numbers independent of the order of documents; looking a term up is one hash.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    terms: TermTable,
}

impl Vocabulary {
    /// The vocabulary of `terms`, which must come sorted by their bytes and without repetition: the form in which a
    /// model stores them.
    ///
    /// # Errors
    /// [`ErrorKind::Model`] when they do not.
    pub fn from_sorted<S: AsRef<str>>(terms: impl IntoIterator<Item = S>) -> Result<Self> {
        let mut table = TermTable::default();
        for term in terms {
            let term = term.as_ref();
            if let Some(last) = table.len().checked_sub(1) {
                let last = table.get(u32::try_from(last).unwrap_or(FREE));
                if last >= term {
                    return Err(Error::new(
                        ErrorKind::Model,
                        format!(
                            "term \"{term}\" stands after \"{last}\"; expected terms in byte order, each once"
                        ),
                    ));
                }
            }
            table.intern(term);
        }
        Ok(Self { terms: table })
    }

    /// The id of `term`, if it is known.
    #[must_use]
    pub fn id(&self, term: &str) -> Option<TermId> {
        self.terms.find(term).map(TermId)
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
        let mut start = 0;
        self.terms.ends.iter().map(move |&end| {
            let term = &self.terms.text[start..end];
            start = end;
            term
        })
    }

    /// How many terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
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
        self.terms.text == other.terms.text && self.terms.ends == other.terms.ends
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
