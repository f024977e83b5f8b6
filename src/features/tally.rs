//! Counting columns in any order and reading the counts in ascending order, without sorting.

use super::sparse::SparseRow;

/// Counts of columns below a fixed number.
///
/// Which columns have a count is kept in a bit set of two levels, so that reading costs a step per counted column and
/// not per column that there could be.
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
    /// A bit for each column with a count.
    counted: Vec<u64>,
    /// A bit for each word of `counted` that is not zero.
    occupied: Vec<u64>,
}

impl Tally {
    /// Nothing counted yet, of the columns below `n_columns`.
    #[must_use]
    pub fn new(n_columns: usize) -> Self {
        let words = n_columns.div_ceil(64);
        Self { counts: vec![0; n_columns], counted: vec![0; words], occupied: vec![0; words.div_ceil(64)] }
    }

    /// Counts `column` once more.
    ///
    /// # Panics
    /// When there is no such column.
    #[inline]
    pub fn add(&mut self, column: u32) {
        let at = column as usize;
        self.counts[at] += 1;
        self.counted[at / 64] |= 1 << (at % 64);
        self.occupied[at / 4096] |= 1 << (at / 64 % 64);
    }

    /// Moves all counts into `row`, whose entries are replaced, and begins anew.
    pub fn take_into(&mut self, row: &mut SparseRow) {
        row.clear();
        for (block, occupied) in self.occupied.iter_mut().enumerate() {
            for word in bits(std::mem::take(occupied)) {
                let word = block * 64 + word;
                for bit in bits(std::mem::take(&mut self.counted[word])) {
                    let column = word * 64 + bit;
                    // Columns are numbered in u32.
                    #[allow(clippy::cast_possible_truncation)]
                    row.push_next(column as u32, f64::from(std::mem::take(&mut self.counts[column])));
                }
            }
        }
    }
}

/// The positions of the ones in `word`, ascending.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            bit
        })
    })
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
