//! The data matrix in the two orders that the solver walks it in.

use rayon::prelude::*;

use super::panel::{BLOCK, Lane, Panel, WIDTH, add_scaled};
use crate::features::CsrMatrix;

/// Compressed rows: the entries of row `i` are those at `ptr[i]..ptr[i + 1]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compressed {
    pub(super) ptr: Vec<usize>,
    pub(super) entries: Vec<(u32, f64)>,
}

impl Compressed {
    /// The entries of a matrix that are not zero, row by row.
    pub(super) fn from_rows(matrix: &CsrMatrix) -> Self {
        let mut out = Self { ptr: vec![0], entries: Vec::with_capacity(matrix.nnz()) };
        for row in matrix.rows() {
            let entries = row.indices().iter().copied().zip(row.values().iter().copied());
            out.entries.extend(entries.filter(|e| e.1 != 0.0));
            out.ptr.push(out.entries.len());
        }
        out
    }

    pub(super) fn len(&self) -> usize {
        self.ptr.len() - 1
    }

    pub(super) fn row(&self, i: usize) -> &[(u32, f64)] {
        &self.entries[self.ptr[i]..self.ptr[i + 1]]
    }

    /// The same matrix by columns, each with its rows ascending.
    pub(super) fn transposed(&self, n_cols: usize) -> Self {
        let mut ptr = vec![0; n_cols + 1];
        self.entries.iter().for_each(|&(j, _)| ptr[j as usize + 1] += 1);
        for j in 0..n_cols {
            ptr[j + 1] += ptr[j];
        }
        let mut next = ptr.clone();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for i in 0..self.len() {
            for &(j, value) in self.row(i) {
                let slot = &mut next[j as usize];
                // Rows are counted in u32: `CsrMatrix` columns are, and so are these.
                entries[*slot] = (u32::try_from(i).unwrap_or(u32::MAX), value);
                *slot += 1;
            }
        }
        Self { ptr, entries }
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
    pub(super) fn forward(&self, w: &Panel, out: &mut Panel) {
        let lanes = out.lanes;
        out.data.par_chunks_mut(BLOCK * lanes).enumerate().for_each(|(block, out)| {
            for (i, row) in (block * BLOCK..).zip(out.chunks_exact_mut(lanes)) {
                for (lane, out) in row.iter_mut().enumerate() {
                    *out = self.score(i, w, lane);
                }
            }
        });
    }

    #[inline]
    fn score(&self, i: usize, w: &Panel, lane: usize) -> Lane {
        let mut sum = w.data[self.n_cols() * w.lanes + lane];
        for &(j, value) in self.rows.row(i) {
            add_scaled(&mut sum, value, &w.data[j as usize * w.lanes + lane]);
        }
        sum
    }

    /// `Xᵀ · R` (d × k) and in the last row the column sums of `R` (n × k); each block of features is passed on to
    /// `then(number of the block, its rows)`, whose results are returned in order. The last row is a block of its own.
    pub(super) fn backward<T: Send>(
        &self,
        residuals: &Panel,
        out: &mut Panel,
        then: impl Fn(usize, &mut [Lane]) -> T + Sync,
    ) -> Vec<T> {
        let lanes = out.lanes;
        let (weights, intercepts) = out.data.split_at_mut(self.n_cols() * lanes);
        column_sums(residuals, intercepts);
        let mut results: Vec<T> = weights
            .par_chunks_mut(BLOCK * lanes)
            .enumerate()
            .map(|(block, out)| {
                for (j, row) in out.chunks_exact_mut(lanes).enumerate() {
                    for (lane, out) in row.iter_mut().enumerate() {
                        *out = self.feature_sum(block * BLOCK + j, residuals, lane);
                    }
                }
                then(block, out)
            })
            .collect();
        results.push(then(self.n_cols().div_ceil(BLOCK), intercepts));
        results
    }

    #[inline]
    fn feature_sum(&self, j: usize, residuals: &Panel, lane: usize) -> Lane {
        let mut sum = [0.0; WIDTH];
        for &(i, value) in self.cols.row(j) {
            add_scaled(&mut sum, value, &residuals.data[i as usize * residuals.lanes + lane]);
        }
        sum
    }

    /// `Σᵢ xᵢⱼ² vᵢ` for every feature and class, and `Σᵢ vᵢ` in the last row.
    pub(super) fn squares(&self, v: &Panel, out: &mut Panel) {
        let lanes = out.lanes;
        let (weights, intercepts) = out.data.split_at_mut(self.n_cols() * lanes);
        column_sums(v, intercepts);
        weights.par_chunks_mut(BLOCK * lanes).enumerate().for_each(|(block, out)| {
            for (j, row) in out.chunks_exact_mut(lanes).enumerate() {
                row.fill([0.0; WIDTH]);
                for &(i, value) in self.cols.row(block * BLOCK + j) {
                    let from = &v.data[i as usize * lanes..][..lanes];
                    row.iter_mut().zip(from).for_each(|(r, v)| add_scaled(r, value * value, v));
                }
            }
        });
    }
}

fn column_sums(panel: &Panel, out: &mut [Lane]) {
    out.fill([0.0; WIDTH]);
    for row in panel.data.chunks_exact(panel.lanes) {
        out.iter_mut().zip(row).for_each(|(o, r)| add_scaled(o, 1.0, r));
    }
}
