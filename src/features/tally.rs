//! Counting columns in any order.

use super::sparse::SparseRow;

/// Counts of columns below a fixed number.
///
/// ```
/// use stancewire::features::{SparseRow, Tally};
/// let mut tally = Tally::new(5000);
/// [4711, 3, 4711].into_iter().for_each(|column| tally.add(column));
/// let mut row = SparseRow::new();
/// tally.take_into(&mut row);
/// assert_eq!((row.indices(), row.values()), (&[3, 4711][..], &[1.0, 2.0][..]));
/// ```
#[derive(Debug, Clone)]
pub struct Tally {
    counts: Vec<u32>,
    /// The first `n_counted` are the columns with a count, in the order in which they were met.
    counted: Vec<u32>,
    n_counted: usize,
}

impl Tally {
    /// Nothing counted yet, of the columns below `n_columns`.
    #[must_use]
    pub fn new(n_columns: usize) -> Self {
        Self { counts: vec![0; n_columns], counted: Vec::new(), n_counted: 0 }
    }

    /// Counts `column` once more.
    ///
    /// # Panics
    /// When there is no such column.
    #[inline]
    pub fn add(&mut self, column: u32) {
        let count = &mut self.counts[column as usize];
        if self.n_counted == self.counted.len() {
            self.counted.resize((2 * self.n_counted).max(256), 0);
        }
        // Written in any case and kept if it is new: which of them are new cannot be foretold.
        self.counted[self.n_counted] = column;
        self.n_counted += usize::from(*count == 0);
        *count += 1;
    }

    /// Whether nothing has been counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n_counted == 0
    }

    /// Calls `each` with the columns and their counts, in the order in which the columns were met, and begins anew.
    #[inline]
    pub fn drain(&mut self, mut each: impl FnMut(u32, u32)) {
        for &column in &self.counted[..std::mem::take(&mut self.n_counted)] {
            each(column, std::mem::take(&mut self.counts[column as usize]));
        }
    }

    /// Moves all counts into `row`, whose entries are replaced, and begins anew.
    pub fn take_into(&mut self, row: &mut SparseRow) {
        row.clear();
        self.counted[..self.n_counted].sort_unstable();
        self.drain(|column, count| row.push_next(column, f64::from(count)));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_a_sorted_map(rounds in prop::collection::vec(prop::collection::vec(0_u32..9000, 0..60), 1..4)) {
            let mut tally = Tally::new(9000);
            let mut row = SparseRow::new();
            for columns in rounds {
                let mut expected = BTreeMap::new();
                for column in columns {
                    tally.add(column);
                    *expected.entry(column).or_insert(0.0) += 1.0;
                }
                tally.take_into(&mut row);
                let found: Vec<_> = row.indices().iter().copied().zip(row.values().iter().copied()).collect();
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
