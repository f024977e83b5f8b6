//! The source of randomness: `xoshiro256**` (Blackman & Vigna 2018) seeded by `SplitMix64`.
//!
//! Written here because its output is part of this crate's promise: the same seed gives the same folds and the same
//! intervals in every later version, which a dependency's generator need not keep. Not for secrets.

/// A stream of random numbers, determined by its seed and its number.
#[derive(Debug, Clone)]
pub(super) struct Random([u64; 4]);

impl Random {
    /// Stream number `stream` of `seed`. Streams are independent of each other for all purposes here, so work can be
    /// divided among threads by giving each piece a stream.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut state = seed;
        let mut state = split_mix(&mut state) ^ stream;
        Self(std::array::from_fn(|_| split_mix(&mut state)))
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number in `0..bound`, each equally likely (Lemire 2019: multiply, and draw again in the uneven rest).
    pub(super) fn below(&mut self, bound: usize) -> usize {
        debug_assert!(bound > 0, "nothing lies below 0");
        let bound = bound as u64;
        loop {
            let product = u128::from(self.next()) * u128::from(bound);
            // The low and the high half of the product; both fit by construction.
            #[allow(clippy::cast_possible_truncation)]
            let (low, high) = (product as u64, (product >> 64) as usize);
            // The remainder is dear and rarely needed: it is below `bound`.
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return high;
            }
        }
    }

    /// Puts `items` in random order (Fisher–Yates from the end).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// One step of `SplitMix64` (Steele, Lea & Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_give_the_published_numbers() {
        // The test vectors of the reference implementations: SplitMix64 from 1234567, xoshiro256** from 1, 2, 3, 4.
        let mut state = 1_234_567;
        assert_eq!(split_mix(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(split_mix(&mut state), 3_203_168_211_198_807_973);
        let mut random = Random([1, 2, 3, 4]);
        assert_eq!([random.next(), random.next(), random.next()], [11520, 0, 1_509_978_240]);
        assert_eq!(random.next(), 1_215_971_899_390_074_240);
    }

    #[test]
    fn every_number_below_the_bound_is_about_equally_frequent() {
        let mut random = Random::new(1, 0);
        let mut seen = [0_i32; 6];
        for _ in 0..60_000 {
            seen[random.below(6)] += 1;
        }
        // Standard deviation √(60000·1/6·5/6) ≈ 91.
        assert!(seen.iter().all(|count| (count - 10_000).abs() < 400), "{seen:?}");
    }

    #[test]
    fn a_shuffle_keeps_the_items_and_depends_on_seed_and_stream() {
        let order = |seed, stream| {
            let mut items: Vec<u32> = (0..20).collect();
            Random::new(seed, stream).shuffle(&mut items);
            items
        };
        let mut sorted = order(7, 0);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        assert_eq!(order(7, 0), order(7, 0));
        assert_ne!(order(7, 0), order(8, 0));
        assert_ne!(order(7, 0), order(7, 1));
    }
}
