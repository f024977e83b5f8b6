//! The second derivative of the objective, in the precision of whoever asks.

use rayon::prelude::*;

use super::objective::{Objective, Point};
use super::panel::{BLOCK, Panel, WIDTH, add_scaled, block_dot, map};
use super::real::Real;

/// The second derivative at one point.
#[derive(Debug)]
pub(super) struct Curvature<'a, T> {
    objective: &'a Objective<'a>,
    weights: Vec<T>,
    /// The probabilities of all rows there.
    probs: Panel<T>,
    /// Working memory of the same shape.
    scores: Panel<T>,
}

impl<'a, T: Real> Curvature<'a, T> {
    /// That of `objective`, at no point yet.
    pub(super) fn new(objective: &'a Objective<'a>) -> Self {
        let probs = Panel::zeros(objective.design.n_rows(), objective.n_classes);
        let weights = objective.weights.iter().map(|&weight| T::of(weight)).collect();
        Self { objective, weights, scores: Panel::like(&probs), probs }
    }

    /// Goes to `point`.
    pub(super) fn move_to(&mut self, point: &Point) {
        map(point.probs.flat(), self.probs.flat_mut(), T::of);
    }

    /// The diagonal.
    pub(super) fn diagonal(&mut self, out: &mut Panel<T>) {
        let (size, lanes) = (self.probs.block(), self.probs.lanes);
        let rows = self.scores.data.par_chunks_mut(size).zip(self.probs.data.par_chunks(size));
        rows.enumerate().for_each(|(block, (variances, probs))| {
            let rows = variances.chunks_exact_mut(lanes).zip(probs.chunks_exact(lanes));
            for (weight, (variances, probs)) in self.weights[block * BLOCK..].iter().zip(rows) {
                for (v, p) in variances.as_flattened_mut().iter_mut().zip(probs.as_flattened()) {
                    *v = *weight * *p * (T::of(1.0) - *p);
                }
            }
        });
        self.objective.design.squares(&self.scores, out);
        let penalised = self.objective.design.n_cols() * lanes * WIDTH;
        let alpha = T::of(self.objective.alpha);
        let (weights, intercepts) = out.flat_mut().split_at_mut(penalised);
        weights.par_chunks_mut(BLOCK * WIDTH).for_each(|c| c.iter_mut().for_each(|v| *v += alpha));
        // A class that is certain everywhere has no curvature left; and the filling-up columns never have any.
        for v in intercepts {
            *v = T::of(v.wide().max(LEAST));
        }
    }

    /// The second derivative times `direction`, into `out`; returns `directionᵀ · out`.
    pub(super) fn times(&mut self, direction: &Panel<T>, out: &mut Panel<T>) -> f64 {
        let design = self.objective.design;
        design.forward(direction, &mut self.scores);
        let (size, lanes) = (self.probs.block(), self.probs.lanes);
        let rows = self.scores.data.par_chunks_mut(size).zip(self.probs.data.par_chunks(size));
        rows.enumerate().for_each(|(block, (scores, probs))| {
            let rows = scores.chunks_exact_mut(lanes).zip(probs.chunks_exact(lanes));
            for (weight, (scores, probs)) in self.weights[block * BLOCK..].iter().zip(rows) {
                spread(probs.as_flattened(), *weight, scores.as_flattened_mut());
            }
        });
        let weight_blocks = design.n_cols().div_ceil(BLOCK);
        let alpha = T::of(self.objective.alpha);
        let sums = design.backward(&self.scores, out, |block, rows| {
            let start = (block * BLOCK).min(design.n_cols()) * lanes;
            let along = &direction.data[start..][..rows.len()];
            if block < weight_blocks {
                rows.iter_mut().zip(along).for_each(|(r, d)| add_scaled(r, alpha, d));
            }
            block_dot(rows.as_flattened(), along.as_flattened())
        });
        sums.iter().sum()
    }
}

/// The least curvature of an intercept that is not taken for none.
const LEAST: f64 = 1e-30;

/// The change of scores `u` of one row becomes `w (diag(p) − p pᵀ) u` for its probabilities `p`.
#[inline]
fn spread<T: Real>(probs: &[T], weight: T, change: &mut [T]) {
    let mean = probs.iter().zip(change.iter()).fold(T::default(), |sum, (p, u)| sum + *p * *u);
    for (u, p) in change.iter_mut().zip(probs) {
        *u = weight * *p * (*u - mean);
    }
}
