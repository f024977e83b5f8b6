//! Sets of token positions, a bit for each.

use std::ops::{BitAnd, BitOr};

/// A set of positions below `64 · W`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits<const W: usize>([u64; W]);

impl<const W: usize> Bits<W> {
    /// No position.
    pub const NONE: Self = Self([0; W]);
    /// Every position.
    pub const ALL: Self = Self([u64::MAX; W]);

    /// The set of one position.
    #[inline]
    pub fn at(position: usize) -> Self {
        let mut set = Self::NONE;
        set.insert(position);
        set
    }

    #[inline]
    pub fn insert(&mut self, position: usize) {
        self.0[position / 64] |= 1 << (position % 64);
    }

    /// Inserts `position` if `is_in`, without a branch.
    #[inline]
    pub fn insert_if(&mut self, position: usize, is_in: bool) {
        self.0[position / 64] |= u64::from(is_in) << (position % 64);
    }

    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// The positions that stand right before those of the set.
    #[inline]
    pub fn before(self) -> Self {
        let mut out = self.0;
        for (i, word) in out.iter_mut().enumerate() {
            let carry = if i + 1 < W { self.0[i + 1] << 63 } else { 0 };
            *word = (*word >> 1) | carry;
        }
        Self(out)
    }

    /// The set of the lowest position alone.
    #[inline]
    pub fn first(self) -> Self {
        let mut out = [0; W];
        if let Some(i) = self.0.iter().position(|&word| word != 0) {
            out[i] = self.0[i] & self.0[i].wrapping_neg();
        }
        Self(out)
    }

    /// How many positions of the set are below `position`.
    #[inline]
    pub fn count_below(self, position: usize) -> u32 {
        let (word, bit) = (position / 64, position % 64);
        let whole: u32 = self.0[..word].iter().map(|w| w.count_ones()).sum();
        whole + (self.0[word] & ((1 << bit) - 1)).count_ones()
    }

    /// How many positions there are.
    pub fn count(self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Calls `each` with the positions in ascending order.
    #[inline]
    pub fn for_each(self, mut each: impl FnMut(usize)) {
        for (i, mut word) in self.0.into_iter().enumerate() {
            while word != 0 {
                each(i * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }
}

impl<const W: usize> BitAnd for Bits<W> {
    type Output = Self;

    #[inline]
    fn bitand(mut self, other: Self) -> Self {
        for i in 0..W {
            self.0[i] &= other.0[i];
        }
        self
    }
}

impl<const W: usize> BitOr for Bits<W> {
    type Output = Self;

    #[inline]
    fn bitor(mut self, other: Self) -> Self {
        for i in 0..W {
            self.0[i] |= other.0[i];
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<const W: usize>(positions: &[usize]) -> Bits<W> {
        let mut bits = Bits::NONE;
        for &position in positions {
            bits.insert(position);
        }
        bits
    }

    fn listed<const W: usize>(bits: Bits<W>) -> Vec<usize> {
        let mut out = Vec::new();
        bits.for_each(|p| out.push(p));
        out
    }

    #[test]
    fn positions_move_across_the_words_of_a_set() {
        let bits = set::<2>(&[0, 3, 64, 127]);
        assert_eq!(listed(bits), [0, 3, 64, 127]);
        assert_eq!(listed(bits.before()), [2, 63, 126]);
        assert_eq!(listed(bits.first()), [0]);
        assert_eq!(listed(set::<2>(&[70, 99]).first()), [70]);
        assert_eq!([0, 1, 4, 64, 65, 127].map(|p| bits.count_below(p)), [0, 1, 2, 2, 3, 3]);
        assert!(Bits::<2>::NONE.is_empty() && !bits.is_empty());
        assert_eq!(listed(bits & set(&[3, 64, 80])), [3, 64]);
        assert_eq!(listed(set::<1>(&[1]) | set(&[5])), [1, 5]);
    }
}
