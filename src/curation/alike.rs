//! Texts that are the same or nearly so, and what that means for their rows.

use std::collections::BTreeMap;

use super::FindingKind;
use crate::corpus::{near_duplicate_groups, near_duplicates};
use crate::error::Result;

/// What counts of a row here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    /// The label; none for an unlabelled row.
    pub label: Option<usize>,
    /// The part of the division that the row lies in.
    pub part: u32,
}

/// A row whose text is like that of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match {
    pub kind: FindingKind,
    pub row: usize,
    /// The row it is like.
    pub other: usize,
    pub similarity: f64,
    /// The label that most copies of the text have.
    pub majority: Option<usize>,
}

/// The groups of texts with the same words, in order of appearance, each with its rows in order.
pub(super) fn copies<S: AsRef<str>>(texts: &[S]) -> Result<Vec<Vec<usize>>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, &group) in near_duplicate_groups(texts, 1.0)?.iter().enumerate() {
        match groups.get_mut(group as usize) {
            Some(rows) => rows.push(row),
            None => groups.push(vec![row]),
        }
    }
    Ok(groups)
}

/// The matches among `texts`, of which the first `n` are under audit, by kind and then the most alike first. Each row has
/// at most one match of each kind: with the most similar row, the first of equals.
///
/// Copies are compared as one, so that a thousand of them cost no more than a few.
pub(super) fn matches<S: AsRef<str>>(
    texts: &[S],
    sides: &[Side],
    n: usize,
    similarity: f64,
) -> Result<Vec<Match>> {
    let groups = copies(texts)?;
    let mut found = Found { sides, n, best: BTreeMap::new() };
    for rows in groups.iter().filter(|rows| rows.len() > 1) {
        found.same(rows);
    }
    let first: Vec<&str> = groups.iter().map(|rows| texts[rows[0]].as_ref()).collect();
    for pair in near_duplicates(&first, similarity)? {
        for &a in &found.firsts(&groups[pair.first]) {
            for &b in &found.firsts(&groups[pair.second]) {
                found.meet(a.min(b), a.max(b), pair.similarity);
            }
        }
    }
    Ok(found.sorted())
}

struct Found<'a> {
    sides: &'a [Side],
    n: usize,
    best: BTreeMap<(FindingKind, usize), Match>,
}

impl Found<'_> {
    /// The first row of each part and label among `rows`.
    fn firsts(&self, rows: &[usize]) -> Vec<usize> {
        let mut firsts: Vec<usize> = Vec::new();
        for &row in rows {
            let same = |&first: &usize| {
                let (a, b) = (self.sides[first], self.sides[row]);
                a.part == b.part && a.label == b.label
            };
            if !firsts.iter().any(same) {
                firsts.push(row);
            }
        }
        firsts
    }

    /// Rows with the same words.
    fn same(&mut self, rows: &[usize]) {
        let firsts = self.firsts(rows);
        let mut parts: Vec<u32> = firsts.iter().map(|&row| self.sides[row].part).collect();
        parts.dedup();
        for part in parts {
            let inside: Vec<usize> =
                rows.iter().copied().filter(|&r| r < self.n && self.sides[r].part == part).collect();
            self.contradictions(&inside);
        }
        let n = self.n;
        for &row in rows {
            // An earlier row, or one of another table.
            let is_other = |first: usize| first < row || (first >= n && row < n);
            for &first in firsts.iter().filter(|&&first| is_other(first)) {
                let (a, b) = (self.sides[first], self.sides[row]);
                if a.part != b.part || a.label == b.label {
                    self.meet(first.min(row), first.max(row), 1.0);
                }
            }
        }
    }

    /// Of rows with the same words in the same part, those that contradict the majority, or the first row without one.
    fn contradictions(&mut self, rows: &[usize]) {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for label in rows.iter().filter_map(|&row| self.sides[row].label) {
            *counts.entry(label).or_insert(0) += 1;
        }
        let most = counts.values().copied().max().unwrap_or(0);
        let mut leaders = counts.iter().filter(|(_, n)| **n == most).map(|(label, _)| *label);
        let majority = leaders.next().filter(|_| leaders.next().is_none());
        let Some(right) = majority.or_else(|| self.sides[*rows.first()?].label) else { return };
        let Some(&other) = rows.iter().find(|&&row| self.sides[row].label == Some(right)) else { return };
        for &row in rows.iter().filter(|&&row| self.sides[row].label != Some(right)) {
            self.keep(Match { kind: FindingKind::Contradiction, row, other, similarity: 1.0, majority });
        }
    }

    /// An earlier and a later row that are alike.
    fn meet(&mut self, earlier: usize, later: usize, similarity: f64) {
        if earlier >= self.n {
            return;
        }
        let (a, b) = (self.sides[earlier], self.sides[later]);
        let kind = match () {
            () if a.part != b.part => FindingKind::TextLeak,
            () if a.label != b.label => FindingKind::Contradiction,
            () if similarity >= 1.0 => FindingKind::Duplicate,
            () => FindingKind::NearDuplicate,
        };
        let (row, other) = if later < self.n { (later, earlier) } else { (earlier, later) };
        self.keep(Match { kind, row, other, similarity, majority: None });
    }

    fn keep(&mut self, found: Match) {
        let best = self.best.entry((found.kind, found.row)).or_insert(found);
        if found.similarity > best.similarity {
            *best = found;
        }
    }

    /// A row that contradicts another is no mere duplicate; a copy is no mere near-duplicate.
    fn sorted(self) -> Vec<Match> {
        use FindingKind::{Contradiction, Duplicate, NearDuplicate};
        let has = |kind, row| self.best.contains_key(&(kind, row));
        let is_told = |found: &&Match| match found.kind {
            Duplicate => has(Contradiction, found.row),
            NearDuplicate => has(Contradiction, found.row) || has(Duplicate, found.row),
            _ => false,
        };
        let mut kept: Vec<Match> = self.best.values().filter(|found| !is_told(found)).copied().collect();
        let order = |a: &Match, b: &Match| {
            a.kind.cmp(&b.kind).then(b.similarity.total_cmp(&a.similarity)).then(a.row.cmp(&b.row))
        };
        kept.sort_by(order);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as (text, label, part), the last `others` of them not under audit.
    fn found(rows: &[(&str, usize, u32)], others: usize) -> Vec<(FindingKind, usize, usize, Option<usize>)> {
        let texts: Vec<&str> = rows.iter().map(|row| row.0).collect();
        let sides: Vec<Side> = rows.iter().map(|row| Side { label: Some(row.1), part: row.2 }).collect();
        let matches = matches(&texts, &sides, rows.len() - others, 0.6).unwrap();
        matches.iter().map(|m| (m.kind, m.row, m.other, m.majority)).collect()
    }

    #[test]
    fn the_minority_among_copies_contradicts_the_majority() {
        use FindingKind::{Contradiction, Duplicate};
        let rows = [("we strike", 1, 0), ("We strike!", 0, 0), ("we strike", 0, 0), ("rain", 1, 0)];
        assert_eq!(found(&rows, 0), [(Contradiction, 0, 1, Some(0)), (Duplicate, 2, 1, None)]);
        // One against one: the later row is shown, and no label is suggested.
        assert_eq!(found(&rows[..2], 0), [(Contradiction, 1, 0, None)]);
    }

    #[test]
    fn near_duplicates_are_told_by_their_labels() {
        use FindingKind::{Contradiction, NearDuplicate};
        // Shingles: abc bcd cde / abc bcd cde def: 3 of 4 shared.
        let rows = [("a b c d e", 0, 0), ("a b c d e f", 0, 0), ("a b c d e g", 1, 0)];
        assert_eq!(found(&rows, 0), [(Contradiction, 2, 0, None), (NearDuplicate, 1, 0, None)]);
    }

    #[test]
    fn what_lies_on_the_other_side_is_a_leak_of_the_audited_row() {
        use FindingKind::TextLeak;
        let rows = [("x y", 0, 0), ("other", 0, 0), ("X, y", 1, 1), ("x y", 0, 1)];
        assert_eq!(found(&rows, 2), [(TextLeak, 0, 2, None)]);
        // Both sides under audit: the later rows leak.
        let leaks = found(&rows[..3], 0);
        assert_eq!(leaks, [(TextLeak, 2, 0, None)]);
    }
}
