//! The best candidates of a pool of any size.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What a candidate is ordered by: the greater score first, then the lesser tie number, which comes from the seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Key {
    pub score: f64,
    pub tie: u64,
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    /// The better key is the lesser one.
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.tie.cmp(&other.tie))
    }
}

/// Keeps at most `capacity` candidates, the best, and of each document and of each text only so many.
#[derive(Debug)]
pub(super) struct Pool<T> {
    capacity: usize,
    per_document: usize,
    /// Of each document its keys.
    documents: BTreeMap<String, BTreeSet<Key>>,
    /// The texts that are in, by the hash of their words.
    texts: BTreeMap<u64, Key>,
    candidates: BTreeMap<Key, Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    document: String,
    text: u64,
    item: T,
}

impl<T> Pool<T> {
    pub fn new(capacity: usize, per_document: usize) -> Self {
        Self {
            capacity,
            per_document,
            documents: BTreeMap::new(),
            texts: BTreeMap::new(),
            candidates: BTreeMap::new(),
        }
    }

    /// Takes the candidate that `item` makes, if it is good enough. Keys must differ from one another.
    pub fn offer(&mut self, key: Key, document: &str, text: u64, item: impl FnOnce() -> T) {
        let is_full = self.candidates.len() >= self.capacity;
        if is_full && self.candidates.last_key_value().is_none_or(|(worst, _)| key > *worst) {
            return;
        }
        // The same words have the same score, but for the tie number: the better copy stays.
        if let Some(&copy) = self.texts.get(&text) {
            if key > copy {
                return;
            }
            self.remove(copy);
        }
        if let Some(keys) = self.documents.get(document).filter(|keys| keys.len() >= self.per_document) {
            match keys.last() {
                Some(&worst) if key < worst => self.remove(worst),
                _ => return,
            }
        }
        self.documents.entry(document.to_owned()).or_default().insert(key);
        self.texts.insert(text, key);
        self.candidates.insert(key, Entry { document: document.to_owned(), text, item: item() });
        if self.candidates.len() > self.capacity
            && let Some((&worst, _)) = self.candidates.last_key_value()
        {
            self.remove(worst);
        }
    }

    fn remove(&mut self, key: Key) {
        let Some(entry) = self.candidates.remove(&key) else { return };
        self.texts.remove(&entry.text);
        if let Some(keys) = self.documents.get_mut(&entry.document) {
            keys.remove(&key);
            if keys.is_empty() {
                self.documents.remove(&entry.document);
            }
        }
    }

    /// The candidates with their documents, the best first.
    pub fn into_sorted(self) -> Vec<(Key, String, T)> {
        self.candidates.into_iter().map(|(key, entry)| (key, entry.document, entry.item)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(capacity: usize, per_document: usize, offers: &[(f64, &str, u64)]) -> Vec<usize> {
        let mut pool = Pool::new(capacity, per_document);
        for (i, &(score, document, text)) in offers.iter().enumerate() {
            pool.offer(Key { score, tie: i as u64 }, document, text, || i);
        }
        assert_eq!(pool.texts.len(), pool.candidates.len());
        assert_eq!(pool.documents.values().map(BTreeSet::len).sum::<usize>(), pool.candidates.len());
        pool.into_sorted().into_iter().map(|(_, _, i)| i).collect()
    }

    #[test]
    fn the_best_are_kept_and_the_first_of_equals() {
        let offers = [(0.1, "a", 1), (0.9, "b", 2), (0.5, "c", 3), (0.5, "d", 4), (0.7, "e", 5)];
        assert_eq!(kept(3, 9, &offers), [1, 4, 2]);
        assert_eq!(kept(9, 9, &offers), [1, 4, 2, 3, 0]);
        assert_eq!(kept(0, 9, &offers), [0; 0]);
    }

    #[test]
    fn a_document_and_a_text_have_no_more_than_their_share() {
        let offers = [(0.1, "a", 1), (0.9, "a", 2), (0.5, "a", 3), (0.2, "b", 4)];
        assert_eq!(kept(9, 2, &offers), [1, 2, 3]);
        let copies = [(0.5, "a", 1), (0.5, "b", 1), (0.6, "c", 1), (0.4, "d", 2)];
        assert_eq!(kept(9, 2, &copies), [2, 3]);
    }
}
