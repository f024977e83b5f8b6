//! Counted terms: of one document, and of many.

use super::vocabulary::TermTable;

/// The terms of one document with their counts, sorted by term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermCounts {
    entries: Vec<(String, u32)>,
}

impl TermCounts {
    /// Counts `terms`, which may come in any order and any number of times.
    ///
    /// ```
    /// use stancewire::features::TermCounts;
    /// let counts = TermCounts::from_terms(["war", "end", "war"]);
    /// assert!(counts.iter().eq([("end", 1), ("war", 2)]));
    /// ```
    #[must_use]
    pub fn from_terms<S: Into<String>>(terms: impl IntoIterator<Item = S>) -> Self {
        Self::from_counts(terms.into_iter().map(|t| (t, 1)))
    }

    /// Adds up `counts`; a term may come more than once, and one that adds up to 0 is left out.
    #[must_use]
    pub fn from_counts<S: Into<String>>(counts: impl IntoIterator<Item = (S, u32)>) -> Self {
        let mut entries: Vec<(String, u32)> = counts.into_iter().map(|(t, n)| (t.into(), n)).collect();
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0 };
            same
        });
        entries.retain(|e| e.1 > 0);
        Self { entries }
    }

    /// Each distinct term with its count, in byte order of the terms.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, u32)> {
        self.entries.iter().map(|(t, n)| (t.as_str(), *n))
    }

    /// How many distinct terms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no term.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The counted terms of many documents; each distinct term is kept once.
///
/// What a vocabulary is fitted on. Terms go in by [`CountedDocs::add`], a document is closed by
/// [`CountedDocs::end_doc`]; cross-validation analyses its documents once and fits on selections of them
/// ([`super::TfidfParams::fit_rows`]).
///
/// ```
/// use stancewire::features::CountedDocs;
/// let mut docs = CountedDocs::new();
/// for text in ["end the war", "war"] {
///     text.split(' ').for_each(|term| docs.add(term));
///     docs.end_doc();
/// }
/// assert_eq!((docs.len(), docs.n_terms()), (2, 3));
/// ```
#[derive(Debug, Clone)]
pub struct CountedDocs {
    terms: TermTable,
    /// Provisional term number and count, the closed documents one after the other.
    entries: Vec<(u32, u32)>,
    ends: Vec<usize>,
    /// The open document's terms as they came.
    open: Vec<(u32, u32)>,
}

impl CountedDocs {
    /// No documents yet.
    #[must_use]
    pub fn new() -> Self {
        Self { terms: TermTable::default(), entries: Vec::new(), ends: Vec::new(), open: Vec::new() }
    }

    /// Counts `term` once in the open document.
    pub fn add(&mut self, term: &str) {
        self.add_count(term, 1);
    }

    /// Counts `term` `count` times in the open document; a count of 0 is nothing.
    pub fn add_count(&mut self, term: &str, count: u32) {
        if count > 0 {
            let id = self.terms.intern(term);
            self.open.push((id, count));
        }
    }

    /// Closes the open document, which may be empty; the next term opens another.
    pub fn end_doc(&mut self) {
        self.open.sort_unstable();
        let from = self.entries.len();
        for &(id, count) in &self.open {
            match self.entries[from..].last_mut() {
                Some(last) if last.0 == id => last.1 += count,
                _ => self.entries.push((id, count)),
            }
        }
        self.ends.push(self.entries.len());
        self.open.clear();
    }

    /// Appends a document that has been counted already.
    pub fn push(&mut self, doc: &TermCounts) {
        doc.iter().for_each(|(term, count)| self.add_count(term, count));
        self.end_doc();
    }

    /// Appends all closed documents of `other`.
    pub fn append(&mut self, other: &Self) {
        let ids: Vec<u32> = other.terms.iter().map(|term| self.terms.intern(term)).collect();
        for i in 0..other.len() {
            let from = self.entries.len();
            self.entries.extend(other.doc(i).iter().map(|&(id, count)| (ids[id as usize], count)));
            self.entries[from..].sort_unstable();
            self.ends.push(self.entries.len());
        }
    }

    /// How many closed documents there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no closed document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many distinct terms the documents have.
    #[must_use]
    pub fn n_terms(&self) -> usize {
        self.terms.len()
    }

    /// The provisional numbers and counts of document `i`, by number.
    pub(super) fn doc(&self, i: usize) -> &[(u32, u32)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.entries[start..self.ends[i]]
    }

    pub(super) fn term(&self, id: u32) -> &str {
        self.terms.get(id)
    }
}

impl Default for CountedDocs {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> FromIterator<&'a TermCounts> for CountedDocs {
    fn from_iter<I: IntoIterator<Item = &'a TermCounts>>(docs: I) -> Self {
        let mut out = Self::new();
        docs.into_iter().for_each(|doc| out.push(doc));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_whatever_the_order() {
        let counts = TermCounts::from_counts([("b", 2), ("a", 1), ("b", 3), ("c", 0)]);
        assert!(counts.iter().eq([("a", 1), ("b", 5)]));
    }

    #[test]
    fn documents_keep_their_own_counts() {
        let mut docs = CountedDocs::new();
        for term in ["x", "y", "x"] {
            docs.add(term);
        }
        docs.end_doc();
        docs.end_doc();
        docs.push(&TermCounts::from_counts([("y", 4)]));
        assert_eq!(docs.doc(0), [(0, 2), (1, 1)]);
        assert_eq!(docs.doc(1), []);
        assert_eq!(docs.doc(2), [(1, 4)]);
        assert_eq!(docs.term(1), "y");
    }
}
