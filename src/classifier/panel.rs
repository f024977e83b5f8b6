//! Dense matrices with one row per data row or feature and one column per class, and sums that do not depend on threads.

use rayon::prelude::*;

use super::real::Real;

/// The classes are kept in groups of this many, the last one filled up with zeros: a group fits the vector registers.
pub(super) const WIDTH: usize = 4;

/// One group of classes of one row.
pub(super) type Lane<T = f64> = [T; WIDTH];

/// The rows of a matrix that one task works on. Blocks are fixed by the size of the data alone, and the sums of blocks
/// are added up in their order, so that results have the same bytes on any number of threads.
pub(super) const BLOCK: usize = 1024;

/// A dense matrix whose columns are classes. The columns that fill up the last lane are always zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel<T = f64> {
    pub(super) lanes: usize,
    pub(super) data: Vec<Lane<T>>,
}

impl<T: Real> Panel<T> {
    pub(super) fn zeros(n_rows: usize, n_classes: usize) -> Self {
        let lanes = n_classes.div_ceil(WIDTH);
        Self { lanes, data: vec![[T::default(); WIDTH]; n_rows * lanes] }
    }

    /// Zeros in the shape of `other`.
    pub(super) fn like<U>(other: &Panel<U>) -> Self {
        Self { lanes: other.lanes, data: vec![[T::default(); WIDTH]; other.data.len()] }
    }

    pub(super) fn row(&self, i: usize) -> &[T] {
        self.data[i * self.lanes..(i + 1) * self.lanes].as_flattened()
    }

    pub(super) fn row_mut(&mut self, i: usize) -> &mut [T] {
        self.data[i * self.lanes..(i + 1) * self.lanes].as_flattened_mut()
    }

    pub(super) fn flat(&self) -> &[T] {
        self.data.as_flattened()
    }

    pub(super) fn flat_mut(&mut self) -> &mut [T] {
        self.data.as_flattened_mut()
    }

    /// How many lanes a block of rows has.
    pub(super) fn block(&self) -> usize {
        BLOCK * self.lanes
    }
}

/// `lane += factor · other`.
#[inline]
pub(super) fn add_scaled<T: Real>(lane: &mut Lane<T>, factor: T, other: &Lane<T>) {
    for k in 0..WIDTH {
        lane[k] += factor * other[k];
    }
}

/// `to = each(from)`, number by number.
pub(super) fn map<T: Real, U: Real>(from: &[T], to: &mut [U], each: impl Fn(T) -> U + Sync) {
    let size = BLOCK * WIDTH;
    to.par_chunks_mut(size)
        .zip(from.par_chunks(size))
        .for_each(|(to, from)| to.iter_mut().zip(from).for_each(|(t, f)| *t = each(*f)));
}

/// The inner product.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let size = BLOCK * WIDTH;
    ordered_sum(a.par_chunks(size).zip(b.par_chunks(size)).map(|(a, b)| block_dot(a, b)))
}

/// `y += factor · x`.
pub(super) fn axpy(factor: f64, x: &[f64], y: &mut [f64]) {
    let size = BLOCK * WIDTH;
    y.par_chunks_mut(size)
        .zip(x.par_chunks(size))
        .for_each(|(y, x)| y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x));
}

/// The inner product of one block: four running sums, so that it need not wait for each addition.
pub(super) fn block_dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    let (a, a_rest) = a.as_chunks::<WIDTH>();
    let (b, b_rest) = b.as_chunks::<WIDTH>();
    let mut sums = [0.0; WIDTH];
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a.wide() * b.wide();
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a.wide() * b.wide()).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// The sum of the blocks' sums, in the order of the blocks.
pub(super) fn ordered_sum(blocks: impl IndexedParallelIterator<Item = f64>) -> f64 {
    blocks.collect::<Vec<f64>>().iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_number_of_threads() {
        let values: Vec<f64> = (0..100_000).map(|i| 1.0 / f64::from(i + 1)).collect();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let sum = ordered_sum(values.par_chunks(1000).map(|c| c.iter().sum()));
                (dot(&values, &values).to_bits(), sum.to_bits())
            })
        };
        assert_eq!(with(1), with(3));
        assert_eq!(with(1), with(8));
    }
}
