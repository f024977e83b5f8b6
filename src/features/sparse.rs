//! Sparse rows and matrices in compressed row form.

/// One sparse row: column indices in ascending order, each at most once, and their values.
///
/// Also the caller's buffer of the `…_into` functions: [`SparseRow::clear`] keeps its memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseRow {
    pub(super) indices: Vec<u32>,
    pub(super) values: Vec<f64>,
}

impl SparseRow {
    /// A row without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `value` in column `index`.
    ///
    /// # Panics
    /// When `index` is not greater than the last one.
    pub fn push(&mut self, index: u32, value: f64) {
        if let Some(&last) = self.indices.last() {
            assert!(last < index, "column {index} does not come after column {last}");
        }
        self.indices.push(index);
        self.values.push(value);
    }

    /// [`SparseRow::push`] for callers that know the order.
    #[inline]
    pub(super) fn push_next(&mut self, index: u32, value: f64) {
        debug_assert!(self.indices.last().is_none_or(|&last| last < index));
        self.indices.push(index);
        self.values.push(value);
    }

    /// Takes all entries out and keeps the memory.
    pub fn clear(&mut self) {
        self.indices.clear();
        self.values.clear();
    }

    /// The row, borrowed.
    #[must_use]
    pub fn view(&self) -> RowView<'_> {
        RowView { indices: &self.indices, values: &self.values }
    }

    /// The column indices, ascending.
    #[must_use]
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// The values, in the order of the indices.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }

    /// How many entries are stored.
    #[must_use]
    pub fn nnz(&self) -> usize {
        self.indices.len()
    }
}

/// A borrowed sparse row: a [`SparseRow`], or one row of a [`CsrMatrix`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowView<'a> {
    indices: &'a [u32],
    values: &'a [f64],
}

impl<'a> RowView<'a> {
    /// The column indices, ascending.
    #[must_use]
    pub fn indices(self) -> &'a [u32] {
        self.indices
    }

    /// The values, in the order of the indices.
    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.values
    }

    /// Column and value of each entry, in order.
    #[must_use]
    pub fn iter(self) -> impl ExactSizeIterator<Item = (usize, f64)> + use<'a> {
        self.indices.iter().zip(self.values).map(|(&j, &v)| (j as usize, v))
    }

    /// The Euclidean norm.
    #[must_use]
    pub fn norm(self) -> f64 {
        self.values.iter().map(|v| v * v).sum::<f64>().sqrt()
    }
}

/// A sparse matrix in compressed row form (CSR): the rows' entries one after the other.
///
/// Each row's column indices ascend and are smaller than [`CsrMatrix::n_cols`].
///
/// ```
/// use stancewire::features::{CsrMatrix, SparseRow};
/// let mut row = SparseRow::new();
/// row.push(2, 0.5);
/// let mut matrix = CsrMatrix::new(3);
/// matrix.push_row(row.view());
/// assert_eq!((matrix.n_rows(), matrix.row(0).values()), (1, &[0.5][..]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CsrMatrix {
    n_cols: usize,
    indptr: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f64>,
}

impl CsrMatrix {
    /// A matrix of `n_cols` columns and no rows yet.
    ///
    /// # Panics
    /// When `n_cols` is greater than `u32::MAX`.
    #[must_use]
    pub fn new(n_cols: usize) -> Self {
        assert!(u32::try_from(n_cols).is_ok(), "{n_cols} columns; at most {} fit", u32::MAX);
        Self { n_cols, indptr: vec![0], indices: Vec::new(), values: Vec::new() }
    }

    /// How many rows there are.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// How many columns there are.
    #[must_use]
    pub fn n_cols(&self) -> usize {
        self.n_cols
    }

    /// How many entries are stored.
    #[must_use]
    pub fn nnz(&self) -> usize {
        self.indices.len()
    }

    /// Appends a row.
    ///
    /// # Panics
    /// When the row has a column that the matrix does not have.
    pub fn push_row(&mut self, row: RowView<'_>) {
        if let Some(&last) = row.indices.last() {
            assert!((last as usize) < self.n_cols, "column {last} of a matrix of {} columns", self.n_cols);
        }
        self.indices.extend_from_slice(row.indices);
        self.values.extend_from_slice(row.values);
        self.indptr.push(self.indices.len());
    }

    /// Row `i`.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, i: usize) -> RowView<'_> {
        let range = self.indptr[i]..self.indptr[i + 1];
        RowView { indices: &self.indices[range.clone()], values: &self.values[range] }
    }

    /// All rows in order.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowView<'_>> {
        (0..self.n_rows()).map(|i| self.row(i))
    }

    /// The matrix of the given rows, in the given order; a row may be taken more than once.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let mut out = Self::new(self.n_cols);
        for &i in rows {
            out.push_row(self.row(i));
        }
        out
    }

    /// Multiplies every value by `factor`: the weight of a block before [`CsrMatrix::hstack`].
    pub fn scale(&mut self, factor: f64) {
        self.values.iter_mut().for_each(|v| *v *= factor);
    }

    /// The matrices side by side: the columns of `blocks[0]`, then those of `blocks[1]`, and so on.
    ///
    /// # Panics
    /// When there is no block, or when the blocks differ in their number of rows.
    #[must_use]
    pub fn hstack(blocks: &[&Self]) -> Self {
        let n_rows = blocks.first().map_or(0, |b| b.n_rows());
        assert!(!blocks.is_empty(), "there is no block to stack");
        assert!(blocks.iter().all(|b| b.n_rows() == n_rows), "the blocks differ in their number of rows");
        let mut out = Self::new(blocks.iter().map(|b| b.n_cols).sum());
        for i in 0..n_rows {
            let mut offset = 0;
            for block in blocks {
                let row = block.row(i);
                out.indices.extend(row.indices.iter().map(|&j| j + offset));
                out.values.extend_from_slice(row.values);
                // `new` checked that the sum of all columns fits.
                offset += u32::try_from(block.n_cols).unwrap_or(u32::MAX);
            }
            out.indptr.push(out.indices.len());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entries: &[(u32, f64)]) -> SparseRow {
        let mut row = SparseRow::new();
        for &(j, v) in entries {
            row.push(j, v);
        }
        row
    }

    fn matrix(n_cols: usize, rows: &[&[(u32, f64)]]) -> CsrMatrix {
        let mut matrix = CsrMatrix::new(n_cols);
        for entries in rows {
            matrix.push_row(row(entries).view());
        }
        matrix
    }

    #[test]
    fn stacking_moves_the_columns_of_later_blocks() {
        let left = matrix(2, &[&[(1, 1.0)], &[]]);
        let right = matrix(3, &[&[(0, 2.0), (2, 3.0)], &[(1, 4.0)]]);
        let both = CsrMatrix::hstack(&[&left, &right]);
        assert_eq!(both, matrix(5, &[&[(1, 1.0), (2, 2.0), (4, 3.0)], &[(3, 4.0)]]));
    }

    #[test]
    fn rows_are_selected_in_the_order_asked_for() {
        let all = matrix(2, &[&[(0, 1.0)], &[], &[(1, 2.0)]]);
        assert_eq!(all.select_rows(&[2, 0, 2]), matrix(2, &[&[(1, 2.0)], &[(0, 1.0)], &[(1, 2.0)]]));
    }

    #[test]
    #[should_panic(expected = "column 1 does not come after column 1")]
    fn a_column_cannot_stand_twice_in_a_row() {
        row(&[(1, 1.0), (1, 2.0)]);
    }

    #[test]
    #[should_panic(expected = "column 2 of a matrix of 2 columns")]
    fn a_row_must_fit_the_matrix() {
        matrix(2, &[&[(2, 1.0)]]);
    }
}
