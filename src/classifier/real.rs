//! The two precisions that the solver works in.

use std::ops::{Add, AddAssign, Mul, Sub};

use super::design::Compressed;

/// A number of single or double precision.
pub(super) trait Real:
    Copy + Default + Send + Sync + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + AddAssign
{
    /// The nearest one to `number`.
    fn of(number: f64) -> Self;
    /// The same number in double precision.
    fn wide(self) -> f64;
    /// The values of `matrix`, in the order of its entries.
    fn values(matrix: &Compressed) -> &[Self];
}

impl Real for f64 {
    #[inline]
    fn of(number: f64) -> Self {
        number
    }

    #[inline]
    fn wide(self) -> f64 {
        self
    }

    #[inline]
    fn values(matrix: &Compressed) -> &[Self] {
        &matrix.values
    }
}

impl Real for f32 {
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // to the nearest
    fn of(number: f64) -> Self {
        number as f32
    }

    #[inline]
    fn wide(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn values(matrix: &Compressed) -> &[Self] {
        &matrix.rounded
    }
}
