//! Newton's method with conjugate gradients.
//!
//! Each step solves `H s = −g` approximately, by conjugate gradients preconditioned with the diagonal of `H`, to a
//! residual of `η ‖g‖` with `η` shrinking along with the gradient (Dembo, Eisenstat and Steihaug 1982; for logistic
//! regression: Lin, Weng and Keerthi, JMLR 9, 2008). Then it goes along `s` as far as the objective falls enough
//! (Armijo). A conjugate-gradient iteration walks the data twice, as an L-BFGS iteration does, but without the
//! twenty long vectors that L-BFGS goes through each time.
//!
//! The steps are solved in single precision: they are approximate anyway, and half the memory is walked through. Where
//! the next step begins – parameters, gradient, objective – is known in double precision, so the result is as exact.

use rayon::prelude::*;

use super::curvature::Curvature;
use super::objective::{Objective, Point};
use super::panel::{BLOCK, Panel, WIDTH, add_scaled, axpy, dot, map};
use super::real::Real;

/// The most conjugate-gradient iterations of one step.
const MAX_INNER: usize = 250;
/// How exactly a step is solved at least: residual over gradient.
const LOOSEST: f64 = 0.2;
/// The share of the predicted fall that a step must reach.
const ARMIJO: f64 = 1e-4;
/// The halvings of a step before it is given up.
const MAX_HALVINGS: u32 = 30;

/// Where the method ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) point: Point,
    pub(super) iterations: usize,
    pub(super) gradient_norm: f64,
}

/// Minimises the objective from `start` until the norm of the gradient is at most `target`, for at most
/// `max_iterations` steps.
pub(super) fn minimise(
    objective: &Objective<'_>,
    start: Panel,
    target: f64,
    max_iterations: usize,
) -> Outcome {
    let mut point = objective.at(start);
    let mut gradient_norm = norm(&point.gradient);
    let first_norm = gradient_norm;
    let mut step = Step::new(&point);
    let mut quick = Some(StepSolver::<f32>::new(objective, &point));
    let mut exact = None;
    let mut iterations = 0;
    while gradient_norm > target && iterations < max_iterations {
        let exactness = LOOSEST.min((gradient_norm / first_norm).sqrt()).max(0.5 * target / gradient_norm);
        let mut length = None;
        if let Some(solver) = &mut quick {
            solver.solve(&point, gradient_norm, exactness, &mut step);
            length = step.length(objective, &point);
        }
        if length.is_none() {
            // What is beyond single precision, by its size or because so little is left to gain, stays so.
            quick = None;
            let solver = exact.get_or_insert_with(|| StepSolver::<f64>::new(objective, &point));
            solver.solve(&point, gradient_norm, exactness, &mut step);
            length = step.length(objective, &point);
        }
        let Some(length) = length else { break };
        axpy(length, step.direction.flat(), point.w.flat_mut());
        axpy(length, step.scores.flat(), point.scores.flat_mut());
        objective.refresh(&mut point);
        gradient_norm = norm(&point.gradient);
        iterations += 1;
    }
    Outcome { point, iterations, gradient_norm }
}

fn norm(panel: &Panel) -> f64 {
    dot(panel.flat(), panel.flat()).sqrt()
}

/// A step, and what it changes in the scores.
struct Step {
    direction: Panel,
    scores: Panel,
}

impl Step {
    fn new(point: &Point) -> Self {
        Self { direction: Panel::like(&point.w), scores: Panel::like(&point.scores) }
    }

    /// How far to go along the step: 1, or a half as often as needed. `None` when nothing helps.
    fn length(&mut self, objective: &Objective<'_>, point: &Point) -> Option<f64> {
        let slope = dot(point.gradient.flat(), self.direction.flat());
        if slope.is_nan() || slope >= 0.0 {
            return None;
        }
        objective.design.forward(&self.direction, &mut self.scores);
        let penalised = objective.design.n_cols() * point.w.lanes * WIDTH;
        let (w, s) = (&point.w.flat()[..penalised], &self.direction.flat()[..penalised]);
        let (ws, ss, ww) = (dot(w, s), dot(s, s), dot(w, w));
        // Near the minimum the fall drowns in the rounding of the sum.
        let rounding = 1e-13 * point.value.abs();
        (0..MAX_HALVINGS).map(|halvings| 0.5f64.powi(halvings.cast_signed())).find(|&t| {
            let penalty = 0.5 * objective.alpha * (ww + 2.0 * t * ws + t * t * ss);
            let value = objective.loss_along(&point.scores, &self.scores, t) + penalty;
            value <= point.value + ARMIJO * t * slope + rounding
        })
    }
}

/// The conjugate-gradient solver of Newton steps, and its memory.
struct StepSolver<'a, T> {
    curvature: Curvature<'a, T>,
    /// One over the diagonal of `H`.
    inverse: Panel<T>,
    /// The step so far, and what is left of the gradient.
    direction: Panel<T>,
    residual: Panel<T>,
    search: Panel<T>,
    /// `H · search`.
    curved: Panel<T>,
}

impl<'a, T: Real> StepSolver<'a, T> {
    fn new(objective: &'a Objective<'a>, point: &Point) -> Self {
        Self {
            curvature: Curvature::new(objective),
            inverse: Panel::like(&point.w),
            direction: Panel::like(&point.w),
            residual: Panel::like(&point.w),
            search: Panel::like(&point.w),
            curved: Panel::like(&point.w),
        }
    }

    /// Solves `H s = −g` until the norm of the residual is at most `exactness` times that of `g`, which is `norm`.
    fn solve(&mut self, point: &Point, norm: f64, exactness: f64, step: &mut Step) {
        self.curvature.move_to(point);
        self.curvature.diagonal(&mut self.inverse);
        let chunks = self.inverse.flat_mut().par_chunks_mut(BLOCK * WIDTH);
        chunks.flatten_iter().for_each(|v| *v = T::of(1.0 / v.wide()));
        // Scaled, so that no precision is too small for a gradient.
        map(point.gradient.flat(), self.residual.flat_mut(), |g| T::of(-g / norm));
        self.direction.data.fill([T::default(); WIDTH]);
        self.search.data.fill([T::default(); WIDTH]);
        self.curved.data.fill([T::default(); WIDTH]);
        let mut along = self.advance(0.0).0;
        self.turn(0.0);
        for _ in 0..MAX_INNER {
            let curvature = self.curvature.times(&self.search, &mut self.curved);
            // Not positive, or not a number: nothing but rounding is left to gain.
            if curvature.is_nan() || curvature <= 0.0 {
                break;
            }
            let (next, squared) = self.advance(along / curvature);
            if squared.sqrt() <= exactness {
                break;
            }
            self.turn(next / along);
            along = next;
        }
        map(self.direction.flat(), step.direction.flat_mut(), |s| norm * s.wide());
    }

    /// Goes so far along `search`; returns `rᵀ M⁻¹ r` and `rᵀ r` for the residual `r` there and the diagonal `M`.
    fn advance(&mut self, length: f64) -> (f64, f64) {
        let length = T::of(length);
        let along = self.search.data.par_chunks(BLOCK).zip(self.curved.data.par_chunks(BLOCK));
        let blocks: Vec<(f64, f64)> = self
            .direction
            .data
            .par_chunks_mut(BLOCK)
            .zip(self.residual.data.par_chunks_mut(BLOCK))
            .zip(self.inverse.data.par_chunks(BLOCK).zip(along))
            .map(|((direction, residual), (inverse, (search, curved)))| {
                let moving = direction.iter_mut().zip(residual);
                let along = inverse.iter().zip(search.iter().zip(curved));
                // A running sum for each place of a lane, so that all of them go together.
                let mut sums = [[0.0; WIDTH]; 2];
                for ((direction, r), (inverse, (search, curved))) in moving.zip(along) {
                    add_scaled(direction, length, search);
                    add_scaled(r, T::default() - length, curved);
                    for k in 0..WIDTH {
                        let square = r[k].wide() * r[k].wide();
                        sums[0][k] += square * inverse[k].wide();
                        sums[1][k] += square;
                    }
                }
                let [p, s] = sums.map(|s| (s[0] + s[1]) + (s[2] + s[3]));
                (p, s)
            })
            .collect();
        blocks.iter().fold((0.0, 0.0), |sum, block| (sum.0 + block.0, sum.1 + block.1))
    }

    /// The next search direction: `M⁻¹ r + factor · search`.
    fn turn(&mut self, factor: f64) {
        let size = BLOCK * WIDTH;
        let factor = T::of(factor);
        let pairs = self.residual.flat().par_chunks(size).zip(self.inverse.flat().par_chunks(size));
        self.search.flat_mut().par_chunks_mut(size).zip(pairs).for_each(|(search, (r, inverse))| {
            search.iter_mut().zip(r.iter().zip(inverse)).for_each(|(d, (r, m))| *d = *r * *m + factor * *d);
        });
    }
}
