//! The objective and its gradient.

use rayon::prelude::*;

use super::design::Design;
use super::panel::{BLOCK, Panel, WIDTH, axpy, dot, ordered_sum};
use crate::labels::LabelId;

/// The objective on reduced data: `f(W, b) = −Σ wᵢ ln p(yᵢ | xᵢ) + α/2 ‖W‖²`.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    pub(super) design: &'a Design,
    pub(super) y: &'a [LabelId],
    pub(super) weights: &'a [f64],
    pub(super) n_classes: usize,
    pub(super) alpha: f64,
}

/// The point at which the objective is looked at, and all that is known there.
#[derive(Debug)]
pub(super) struct Point {
    /// The parameters: a row per feature, the intercepts in the last.
    pub(super) w: Panel,
    /// `X · W + 1bᵀ`.
    pub(super) scores: Panel,
    /// The probabilities of all rows.
    pub(super) probs: Panel,
    pub(super) gradient: Panel,
    pub(super) value: f64,
}

impl Objective<'_> {
    /// The objective at `w`.
    pub(super) fn at(&self, w: Panel) -> Point {
        let (n, k) = (self.design.n_rows(), self.n_classes);
        let mut scores = Panel::zeros(n, k);
        self.design.forward(&w, &mut scores);
        let gradient = Panel::like(&w);
        let mut point = Point { w, scores, probs: Panel::zeros(n, k), gradient, value: 0.0 };
        self.refresh(&mut point);
        point
    }

    /// Brings probabilities, gradient and value up to date with parameters and scores.
    pub(super) fn refresh(&self, point: &mut Point) {
        let (lanes, k) = (point.scores.lanes, self.n_classes);
        let mut residuals = point.scores.clone();
        let size = residuals.block();
        let probs = point.probs.data.par_chunks_mut(size);
        let blocks = residuals.data.par_chunks_mut(size).zip(probs).enumerate();
        let loss = ordered_sum(blocks.map(|(block, (residuals, probs))| {
            let rows = residuals.chunks_exact_mut(lanes).zip(probs.chunks_exact_mut(lanes));
            let mut loss = 0.0;
            for (i, (residual, prob)) in (block * BLOCK..).zip(rows) {
                let (y, weight) = (self.y[i].index(), self.weights[i]);
                let (residual, prob) = (residual.as_flattened_mut(), prob.as_flattened_mut());
                loss += weight * row_loss(&residual[..k], y, &mut prob[..k]);
                residual.iter_mut().zip(prob.iter()).for_each(|(r, p)| *r = weight * p);
                residual[y] -= weight;
            }
            loss
        }));
        self.design.backward(&residuals, &mut point.gradient, |_, _| ());
        let penalised = self.design.n_cols() * lanes * WIDTH;
        let w = &point.w.flat()[..penalised];
        axpy(self.alpha, w, &mut point.gradient.flat_mut()[..penalised]);
        point.value = loss + 0.5 * self.alpha * dot(w, w);
    }

    /// The loss of all rows for the scores `scores + step · change`.
    pub(super) fn loss_along(&self, scores: &Panel, change: &Panel, step: f64) -> f64 {
        let (size, k, wide) = (scores.block(), self.n_classes, scores.lanes * WIDTH);
        let blocks = scores.data.par_chunks(size).zip(change.data.par_chunks(size)).enumerate();
        ordered_sum(blocks.map(|(block, (scores, change))| {
            let mut moved = vec![0.0; wide];
            let rows = scores.as_flattened().chunks_exact(wide).zip(change.as_flattened().chunks_exact(wide));
            let mut loss = 0.0;
            for (i, (s, c)) in (block * BLOCK..).zip(rows) {
                moved.iter_mut().zip(s.iter().zip(c)).for_each(|(m, (s, c))| *m = s + step * c);
                loss += self.weights[i] * (log_sum_exp(&moved[..k]) - moved[self.y[i].index()]);
            }
            loss
        }))
    }
}

/// `−ln p(y)` of one row of scores; its probabilities go into `probs`.
fn row_loss(scores: &[f64], y: usize, probs: &mut [f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (p, s) in probs.iter_mut().zip(scores) {
        *p = (s - largest).exp();
        sum += *p;
    }
    for p in probs {
        *p /= sum;
    }
    sum.ln() + largest - scores[y]
}

/// `ln Σ exp(s)`, from the differences to the largest score.
fn log_sum_exp(scores: &[f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter().map(|s| (s - largest).exp()).sum::<f64>().ln() + largest
}
