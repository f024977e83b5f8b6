//! The solver for sparse rows.

use super::coefficients::Coefficients;
use super::collapse::Collapse;
use super::newton;
use super::objective::Objective;
use super::panel::Panel;
use super::problem::{Problem, SolverParams};
use super::report::{Fit, FitReport, FitWarning, Solver};
use crate::error::{Error, ErrorKind, Result};

/// Fits by Newton's method with conjugate gradients on the sparse rows, in parallel.
///
/// `warm` is where to start, for instance the solution for the next larger α; it changes the time, not the result
/// (beyond the tolerance). Of the parameters that give the same probabilities, the result has those whose intercepts
/// sum to 0, as its weights do feature by feature.
///
/// ```
/// use stancewire::classifier::{ClassWeights, Problem, SolverParams, fit_sparse};
/// use stancewire::features::{CsrMatrix, SparseRow};
/// use stancewire::labels::LabelSet;
/// let labels = LabelSet::new(["none", "threat"])?;
/// let y: Vec<_> = labels.ids().collect();
/// let mut x = CsrMatrix::new(2);
/// for column in 0..2 {
///     let mut row = SparseRow::new();
///     row.push(column, 1.0);
///     x.push_row(row.view());
/// }
/// let problem = Problem {
///     x: &x, y: &y, n_classes: 2, sample_weight: None, class_weight: ClassWeights::Uniform, alpha: 1.0,
/// };
/// let fit = fit_sparse(&problem, &SolverParams::default(), None)?;
/// assert!(fit.report.converged && fit.warnings.is_empty());
/// assert!(fit.coefficients.weights_of(0)[0] > 0.0);
/// # Ok::<(), stancewire::error::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Training`] when rows, labels and weights do not fit each other, when a value is not finite, or when a
/// class has no rows; [`ErrorKind::Settings`] for an α or tolerance that is not greater than 0, for class weights that do
/// not fit, and for a warm start of another shape. That the solver did not converge is a warning in the result.
pub fn fit_sparse(problem: &Problem<'_>, params: &SolverParams, warm: Option<&Coefficients>) -> Result<Fit> {
    params.check()?;
    let weights = problem.row_weights()?;
    let (collapse, design) = Collapse::new(problem.x);
    let objective = Objective {
        design: &design,
        y: problem.y,
        weights: &weights,
        n_classes: problem.n_classes,
        alpha: problem.alpha,
    };
    let mut start = design.parameters(problem.n_classes);
    match warm {
        Some(warm) => {
            check_shape(problem, warm)?;
            collapse.project(warm, &mut start);
        }
        None => start_from_shares(&objective, &mut start),
    }
    let target = params.gradient_tolerance * weights.iter().sum::<f64>();
    // On a thread of the pool: else this one and those would wake each other up several times an iteration.
    let outcome = rayon::scope(|_| newton::minimise(&objective, start, target, params.max_iterations));
    let converged = outcome.gradient_norm <= target;
    let warnings =
        if converged { Vec::new() } else { vec![not_converged(params, outcome.gradient_norm, target)] };
    Ok(Fit {
        coefficients: collapse.expand(&outcome.point.w, problem.n_classes),
        report: FitReport {
            solver: Solver::Sparse,
            iterations: Some(outcome.iterations),
            gradient_norm: outcome.gradient_norm,
            objective: outcome.point.value,
            converged,
        },
        warnings,
    })
}

fn not_converged(params: &SolverParams, gradient_norm: f64, target: f64) -> FitWarning {
    let max_iterations = params.max_iterations;
    FitWarning::NotConverged { solver: Solver::Sparse, max_iterations, gradient_norm, target }
}

fn check_shape(problem: &Problem<'_>, warm: &Coefficients) -> Result<()> {
    if (warm.n_features(), warm.n_classes()) == (problem.x.n_cols(), problem.n_classes) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Settings,
        format!(
            "the warm start has {} features × {} classes; expected {} × {}",
            warm.n_features(),
            warm.n_classes(),
            problem.x.n_cols(),
            problem.n_classes
        ),
    )
    .advise("start from a fit on the same features, or without a warm start"))
}

/// The best parameters without features: the logarithms of the classes' shares as intercepts.
fn start_from_shares(objective: &Objective<'_>, start: &mut Panel) {
    let intercepts =
        log_shares(objective.y.iter().map(|y| y.index()).zip(objective.weights), objective.n_classes);
    let last = objective.design.n_cols();
    start.row_mut(last)[..objective.n_classes].copy_from_slice(&intercepts);
}

/// The logarithms of the classes' shares of the weight, shifted to sum 0.
pub(super) fn log_shares<'w>(rows: impl Iterator<Item = (usize, &'w f64)>, n_classes: usize) -> Vec<f64> {
    let mut totals = vec![0.0; n_classes];
    rows.for_each(|(class, weight)| totals[class] += weight);
    for total in &mut totals {
        *total = total.ln();
    }
    let mean = totals.iter().sum::<f64>() / n_classes as f64;
    for total in &mut totals {
        *total -= mean;
    }
    totals
}
