//! The data matrix in the two orders that the solver walks it in.

use rayon::prelude::*;

use super::panel::{BLOCK, Lane, Panel, WIDTH, add_scaled};
use super::real::Real;
use crate::features::{CsrMatrix, RowView};

/// Compressed rows: the entries of row `i` are those at `ptr[i]..ptr[i + 1]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Compressed {
    pub(super) ptr: Vec<usize>,
    /// The column of each entry and its value.
    pub(super) index: Vec<u32>,
    pub(super) values: Vec<f64>,
    /// The values in single precision; in a [`Design`].
    pub(super) rounded: Vec<f32>,
}

impl Compressed {
    /// No rows yet, with room for so many entries.
    pub(super) fn with_capacity(entries: usize) -> Self {
        let (index, values) = (Vec::with_capacity(entries), Vec::with_capacity(entries));
        Self { ptr: vec![0], index, values, rounded: Vec::new() }
    }

    pub(super) fn push(&mut self, index: u32, value: f64) {
        self.index.push(index);
        self.values.push(value);
    }

    pub(super) fn end_row(&mut self) {
        self.ptr.push(self.index.len());
    }

    /// The entries of a matrix that are not zero, row by row.
    #[cfg(test)]
    pub(super) fn from_rows(matrix: &CsrMatrix) -> Self {
        let mut out = Self::with_capacity(matrix.nnz());
        for row in matrix.rows() {
            let entries = row.indices().iter().zip(row.values());
            entries.filter(|entry| *entry.1 != 0.0).for_each(|(&j, &value)| out.push(j, value));
            out.end_row();
        }
        out
    }

    pub(super) fn len(&self) -> usize {
        self.ptr.len() - 1
    }

    /// The columns of row `i` and its values.
    #[inline]
    pub(super) fn row<T: Real>(&self, i: usize) -> (&[u32], &[T]) {
        let (from, to) = (self.ptr[i], self.ptr[i + 1]);
        (&self.index[from..to], &T::values(self)[from..to])
    }

    /// The entries of a matrix that are not zero, column by column, each with its rows ascending.
    pub(super) fn from_columns(matrix: &CsrMatrix) -> Self {
        let mut ptr = vec![0; matrix.n_cols() + 1];
        matrix.rows().flat_map(nonzero).for_each(|(j, _)| ptr[j + 1] += 1);
        for j in 0..matrix.n_cols() {
            ptr[j + 1] += ptr[j];
        }
        let mut next = ptr.clone();
        let (mut index, mut values) = (vec![0; ptr[matrix.n_cols()]], vec![0.0; ptr[matrix.n_cols()]]);
        // Rows are counted in u32, as columns are.
        for (i, row) in (0..).zip(matrix.rows()) {
            for (j, value) in nonzero(row) {
                let slot = &mut next[j];
                index[*slot] = i;
                values[*slot] = value;
                *slot += 1;
            }
        }
        Self { ptr, index, values, rounded: Vec::new() }
    }

    fn round(&mut self) {
        self.rounded = self.values.iter().map(|&value| f32::of(value)).collect();
    }
}

/// A data matrix (n × d) by rows and by columns.
///
/// The gradient is summed feature by feature over the column form, each feature's rows in ascending order: parallel
/// over features, without a copy of the gradient per thread, and with the same bytes on any number of threads.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) rows: Compressed,
    pub(super) cols: Compressed,
}

impl Design {
    /// The matrix that `rows` and `cols` both are.
    pub(super) fn new(mut rows: Compressed, mut cols: Compressed) -> Self {
        rows.round();
        cols.round();
        Self { rows, cols }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn n_cols(&self) -> usize {
        self.cols.len()
    }

    /// Parameters of zero: one row per feature, and a last one for the intercepts.
    pub(super) fn parameters(&self, n_classes: usize) -> Panel {
        Panel::zeros(self.n_cols() + 1, n_classes)
    }

    /// `X · W + 1bᵀ` (n × k) for parameters `W` with the intercepts in their last row.
    pub(super) fn forward<T: Real>(&self, w: &Panel<T>, out: &mut Panel<T>) {
        let lanes = out.lanes;
        let last = &w.data[self.n_cols() * lanes..];
        out.data.par_chunks_mut(BLOCK * lanes).enumerate().for_each(|(block, out)| {
            for (i, row) in (block * BLOCK..).zip(out.chunks_exact_mut(lanes)) {
                row.copy_from_slice(last);
                add_rows(self.rows.row(i), &w.data, row);
            }
        });
    }

    /// `Xᵀ · R` (d × k) and in the last row the column sums of `R` (n × k); each block of features is passed on to
    /// `then(number of the block, its rows)`, whose results are returned in order. The last row is a block of its own.
    pub(super) fn backward<T: Real, U: Send>(
        &self,
        residuals: &Panel<T>,
        out: &mut Panel<T>,
        then: impl Fn(usize, &mut [Lane<T>]) -> U + Sync,
    ) -> Vec<U> {
        let lanes = out.lanes;
        let (weights, intercepts) = out.data.split_at_mut(self.n_cols() * lanes);
        column_sums(residuals, intercepts);
        let mut results: Vec<U> = weights
            .par_chunks_mut(BLOCK * lanes)
            .enumerate()
            .map(|(block, out)| {
                for (j, row) in (block * BLOCK..).zip(out.chunks_exact_mut(lanes)) {
                    row.fill([T::default(); WIDTH]);
                    add_rows(self.cols.row(j), &residuals.data, row);
                }
                then(block, out)
            })
            .collect();
        results.push(then(self.n_cols().div_ceil(BLOCK), intercepts));
        results
    }

    /// `Σᵢ xᵢⱼ² vᵢ` for every feature and class, and `Σᵢ vᵢ` in the last row.
    pub(super) fn squares<T: Real>(&self, v: &Panel<T>, out: &mut Panel<T>) {
        let lanes = out.lanes;
        let (weights, intercepts) = out.data.split_at_mut(self.n_cols() * lanes);
        column_sums(v, intercepts);
        weights.par_chunks_mut(BLOCK * lanes).enumerate().for_each(|(block, out)| {
            for (j, row) in (block * BLOCK..).zip(out.chunks_exact_mut(lanes)) {
                row.fill([T::default(); WIDTH]);
                let (index, values) = self.cols.row::<T>(j);
                for (&i, &value) in index.iter().zip(values) {
                    let from = &v.data[i as usize * lanes..][..lanes];
                    row.iter_mut().zip(from).for_each(|(r, v)| add_scaled(r, value * value, v));
                }
            }
        });
    }
}

/// The entries of a row that are not zero.
pub(super) fn nonzero(row: RowView<'_>) -> impl Iterator<Item = (usize, f64)> + use<'_> {
    row.iter().filter(|entry| entry.1 != 0.0)
}

/// Adds up the rows of `from` that the entries name, each times its value.
#[inline]
fn add_rows<T: Real>(entries: (&[u32], &[T]), from: &[Lane<T>], out: &mut [Lane<T>]) {
    if let [out] = out {
        *out = sum_of(entries, *out, |i| &from[i]);
        return;
    }
    let lanes = out.len();
    for (lane, out) in out.iter_mut().enumerate() {
        *out = sum_of(entries, *out, |i| &from[i * lanes + lane]);
    }
}

/// `start` and the lanes that the entries name, each times its value: four running sums, so that an addition need not wait
/// for the one before.
#[inline]
fn sum_of<'p, T: Real + 'p>(
    (index, values): (&[u32], &[T]),
    start: Lane<T>,
    lane: impl Fn(usize) -> &'p Lane<T>,
) -> Lane<T> {
    let zero = [T::default(); WIDTH];
    let (mut a, mut b, mut c, mut d) = (start, zero, zero, zero);
    let (fours, index) = index.as_chunks::<4>();
    let (values_of_fours, values) = values.as_chunks::<4>();
    for (i, value) in fours.iter().zip(values_of_fours) {
        add_scaled(&mut a, value[0], lane(i[0] as usize));
        add_scaled(&mut b, value[1], lane(i[1] as usize));
        add_scaled(&mut c, value[2], lane(i[2] as usize));
        add_scaled(&mut d, value[3], lane(i[3] as usize));
    }
    for (&i, &value) in index.iter().zip(values) {
        add_scaled(&mut a, value, lane(i as usize));
    }
    if fours.is_empty() {
        return a;
    }
    std::array::from_fn(|k| (a[k] + b[k]) + (c[k] + d[k]))
}

/// In double precision, whatever the precision of the panel.
fn column_sums<T: Real>(panel: &Panel<T>, out: &mut [Lane<T>]) {
    let mut sums = vec![[0.0; WIDTH]; out.len()];
    for row in panel.data.chunks_exact(panel.lanes) {
        for (sum, r) in sums.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
            *sum += r.wide();
        }
    }
    out.as_flattened_mut().iter_mut().zip(sums.as_flattened()).for_each(|(o, sum)| *o = T::of(*sum));
}
