//! Texts that are nearly the same.
//!
//! Two texts are alike to the degree in which they share word 3-shingles: J(A, B) = |A ∩ B| / |A ∪ B|, the Jaccard index
//! of their sets of three consecutive words (letters and digits, lower case; marks do not count). All pairs at or
//! above a threshold are found, none by chance: where MinHash and `SimHash` estimate, the prefix filter of Chaudhuri, Ganti
//! and Kaushik (2006) only passes over pairs that cannot reach the threshold. With the shingles of each text sorted
//! from rare to frequent, two sets with J ≥ t share a shingle among the first |A| − ⌈t·|A|⌉ + 1 of each.

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

use crate::error::{Error, ErrorKind, Result};

/// Two texts that are nearly the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearDuplicate {
    /// The earlier one, by its position.
    pub first: usize,
    /// The later one.
    pub second: usize,
    /// Their Jaccard index, from the threshold to 1.
    pub similarity: f64,
}

/// All pairs of `texts` whose similarity is at least `threshold`, in order of position.
///
/// The time grows with the number of such pairs: a thousand copies of one text make half a million pairs. For groups,
/// [`near_duplicate_groups`] treats copies as one.
///
/// # Errors
/// [`ErrorKind::Settings`] when `threshold` is not above 0 and at most 1.
///
/// ```
/// use stancewire::corpus::near_duplicates;
/// let texts = ["They vowed to strike back hard.", "They vowed to strike back hard!", "Rain fell."];
/// let pairs = near_duplicates(&texts, 0.8)?;
/// assert_eq!((pairs.len(), pairs[0].first, pairs[0].second, pairs[0].similarity), (1, 0, 1, 1.0));
/// # Ok::<(), stancewire::error::Error>(())
/// ```
pub fn near_duplicates<S: AsRef<str>>(texts: &[S], threshold: f64) -> Result<Vec<NearDuplicate>> {
    check(threshold)?;
    let sets: Vec<Vec<u64>> = texts.iter().map(|text| shingles(text.as_ref())).collect();
    let mut pairs = similar_pairs(&sets, threshold);
    pairs.sort_unstable_by_key(|pair| (pair.first, pair.second));
    Ok(pairs)
}

/// A group number for each text, such that texts with a similarity of at least `threshold` are in one group, directly or
/// through others. Groups are numbered in order of appearance; a text without words is alone.
///
/// # Errors
/// [`ErrorKind::Settings`] when `threshold` is not above 0 and at most 1.
pub fn near_duplicate_groups<S: AsRef<str>>(texts: &[S], threshold: f64) -> Result<Vec<u32>> {
    check(threshold)?;
    let mut forest = Forest::new(texts.len());
    let mut first_with: FxHashMap<Vec<u64>, usize> = FxHashMap::default();
    let (mut sets, mut positions) = (Vec::new(), Vec::new());
    for (position, text) in texts.iter().enumerate() {
        let set = shingles(text.as_ref());
        if set.is_empty() {
            continue;
        }
        match first_with.get(&set) {
            Some(&copy) => forest.join(copy, position),
            None => {
                first_with.insert(set.clone(), position);
                sets.push(set);
                positions.push(position);
            }
        }
    }
    for pair in similar_pairs(&sets, threshold) {
        forest.join(positions[pair.first], positions[pair.second]);
    }
    Ok(forest.numbers())
}

/// The finest groups that keep together what `a` or `b` keeps together, numbered in order of appearance.
///
/// # Panics
/// When `a` and `b` differ in length.
///
/// ```
/// use stancewire::corpus::join_groups;
/// assert_eq!(join_groups(&[0, 0, 1, 2], &[0, 1, 1, 2]), [0, 0, 0, 1]);
/// ```
#[must_use]
pub fn join_groups(a: &[u32], b: &[u32]) -> Vec<u32> {
    assert_eq!(a.len(), b.len(), "two groupings of the same rows have the same length");
    let mut forest = Forest::new(a.len());
    for groups in [a, b] {
        let mut first_of: FxHashMap<u32, usize> = FxHashMap::default();
        for (row, &group) in groups.iter().enumerate() {
            let first = *first_of.entry(group).or_insert(row);
            forest.join(first, row);
        }
    }
    forest.numbers()
}

fn check(threshold: f64) -> Result<()> {
    if threshold > 0.0 && threshold <= 1.0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Settings,
        format!("a similarity of {threshold} is out of range; expected a number above 0 and at most 1"),
    ))
}

/// The hashes of the distinct 3-shingles of `text`, sorted. A text of one or two words is one shingle.
fn shingles(text: &str) -> Vec<u64> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let hash = |window: &[&str]| {
        let mut hasher = FxHasher::default();
        for word in window {
            hasher.write(word.as_bytes());
            hasher.write_u8(0xFF);
        }
        hasher.finish()
    };
    let mut set: Vec<u64> = match words.len() {
        0 => Vec::new(),
        1 | 2 => vec![hash(&words)],
        _ => words.windows(3).map(hash).collect(),
    };
    set.sort_unstable();
    set.dedup();
    set
}

/// All pairs of `sets` (each sorted) with a Jaccard index of at least `threshold`; empty sets are like nothing.
fn similar_pairs(sets: &[Vec<u64>], threshold: f64) -> Vec<NearDuplicate> {
    let mut df: FxHashMap<u64, u32> = FxHashMap::default();
    for &shingle in sets.iter().flatten() {
        *df.entry(shingle).or_insert(0) += 1;
    }
    let mut holders: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    let mut pairs = Vec::new();
    for (second, set) in sets.iter().enumerate() {
        let mut rare_first = set.clone();
        rare_first.sort_unstable_by_key(|shingle| (df[shingle], *shingle));
        rare_first.truncate(prefix(set.len(), threshold));
        let mut candidates: Vec<usize> =
            rare_first.iter().filter_map(|shingle| holders.get(shingle)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        for first in candidates {
            let similarity = jaccard(&sets[first], set);
            if similarity >= threshold {
                pairs.push(NearDuplicate { first, second, similarity });
            }
        }
        for shingle in rare_first {
            holders.entry(shingle).or_default().push(second);
        }
    }
    pairs
}

/// How many of a set's rarest shingles must be looked at: `size − ⌈threshold · size⌉ + 1`. The product is rounded up only
/// when it is clearly above a whole number, so that a rounding error never shortens the prefix.
fn prefix(size: usize, threshold: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and `size`
    let shared = (threshold * size as f64 - 1e-9).ceil() as usize;
    size - shared.clamp(size.min(1), size) + size.min(1)
}

/// The Jaccard index of two sorted sets, not both empty.
fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0_usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    shared as f64 / (a.len() + b.len() - shared) as f64
}

/// Disjoint sets of positions (union–find).
struct Forest {
    parent: Vec<usize>,
}

impl Forest {
    fn new(len: usize) -> Self {
        Self { parent: (0..len).collect() }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    /// The smaller root wins, so that the result does not hang on the order of the joins.
    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }

    fn numbers(mut self) -> Vec<u32> {
        let mut number_of = vec![u32::MAX; self.parent.len()];
        let mut next = 0;
        (0..self.parent.len())
            .map(|at| {
                let root = self.root(at);
                if number_of[root] == u32::MAX {
                    number_of[root] = next;
                    next += 1;
                }
                number_of[root]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn similarity_is_the_share_of_common_shingles() {
        // shingles: {abc, bcd, cde} and {abc, bcd, cdx}: 2 shared of 4.
        let pairs = near_duplicates(&["A b, c d e", "a b c d x", "a b"], 0.5).unwrap();
        assert_eq!(pairs, [NearDuplicate { first: 0, second: 1, similarity: 0.5 }]);
        assert!(near_duplicates(&["a b c d e", "a b c d x"], 0.51).unwrap().is_empty());
    }

    #[test]
    fn case_marks_and_repeats_do_not_count_and_short_texts_are_compared_whole() {
        let cases = [
            ("We warn you: leave!", "we WARN you, leave", true),
            ("Leave now", "leave NOW.", true),
            ("Leave now", "now leave", false),
            ("…", "!", false),
            ("", "", false),
        ];
        for (a, b, expected) in cases {
            let groups = near_duplicate_groups(&[a, b], 1.0).unwrap();
            assert_eq!(groups[0] == groups[1], expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn groups_are_numbered_in_order_of_appearance() {
        let texts = ["one two three", "x", "one two three", "", "x", ""];
        assert_eq!(near_duplicate_groups(&texts, 0.9).unwrap(), [0, 1, 0, 2, 1, 3]);
    }

    #[test]
    fn a_threshold_out_of_range_is_refused() {
        for threshold in [0.0, -0.1, 1.1, f64::NAN] {
            assert_eq!(near_duplicates(&["a"], threshold).unwrap_err().kind(), ErrorKind::Settings);
        }
        insta::assert_snapshot!(near_duplicate_groups(&["a"], 1.5).unwrap_err(), @"a similarity of 1.5 is out of range; expected a number above 0 and at most 1");
    }

    proptest! {
        #[test]
        fn every_pair_above_the_threshold_is_found(
            texts in prop::collection::vec("([abc] ){0,12}", 0..12),
            percent in 1_u32..=100,
        ) {
            let threshold = f64::from(percent) / 100.0;
            let sets: Vec<_> = texts.iter().map(|text| shingles(text)).collect();
            let mut expected = Vec::new();
            for second in 0..sets.len() {
                for first in 0..second {
                    if !sets[first].is_empty() && !sets[second].is_empty()
                        && jaccard(&sets[first], &sets[second]) >= threshold {
                        expected.push((first, second));
                    }
                }
            }
            expected.sort_unstable();
            let found: Vec<_> = near_duplicates(&texts, threshold).unwrap()
                .iter().map(|pair| (pair.first, pair.second)).collect();
            prop_assert_eq!(&found, &expected);
            let mut forest = Forest::new(texts.len());
            for (a, b) in found {
                forest.join(a, b);
            }
            prop_assert_eq!(near_duplicate_groups(&texts, threshold).unwrap(), forest.numbers());
        }
    }
}
